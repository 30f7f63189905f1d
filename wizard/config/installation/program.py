"""An httpd program, asked what it is: ``-v``, ``-l``, and ``-V`` with an empty configuration."""
# ruff: noqa: PTH113, PTH118, PTH120
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import os
import re
import subprocess  # nosec B404 # argument lists only, no shell
from collections.abc import Iterator
from functools import lru_cache

from wizard import plain_file
from wizard.config.installation import environment, ownership
from wizard.config.installation.filesystem import merge_path, stamp
from wizard.record import record
from wizard.reference import directives

NAMES = ("apache2", "httpd", "httpd2", "httpd-prefork", "httpd-worker", "httpd-event")
"""What its program is called: by Debian, by httpd itself, and by SUSE."""
_SECONDS = 5.0
"""For one answer; it only prints what is compiled in."""
_MOST_OUTPUT = 64 << 10
"""Bytes of an answer that are looked at."""
_DESCRIBED = re.compile(
    r"^Server version: (Apache/(\d{1,4}\.\d{1,4}\.\d{1,4})[^\r\n]{0,200})", re.MULTILINE
)
_COMPILED = re.compile(
    r'^ -D (HTTPD_ROOT|SERVER_CONFIG_FILE|DEFAULT_PIDLOG)="([^"\n]*)"', re.MULTILINE
)
_PCRE = re.compile(r"^Server loaded:.{0,200}\bPCRE (\d{1,3})\.(\d{1,3})", re.MULTILINE)
_SOURCE = re.compile(r"^ +(\w+\.c)\s*$", re.MULTILINE)
_SYSTEM = ("/usr/local/sbin", "/usr/sbin", "/sbin")
"""Where a service's program may be that is not in every user's PATH."""

_DEPTH = 4
"""Directories from a module's up to the prefix: /usr/lib/x86_64-linux-gnu/apache2/modules."""
_DEBIAN = "lib/apache2/modules"
_MODULES = (
    *("modules", "lib64/httpd/modules", "lib/httpd/modules"),
    *("lib64/apache2", "lib/apache2", "lib64/apache2-prefork", "libexec", "libexec/apache24"),
)
"""Where modules are below the prefix: httpd's own layout, Fedora's, SUSE's, GNU's and FreeBSD's."""


@record
class Program:
    """What an httpd says about itself.

    Args:
        path: of its file.
        description: ``Apache/2.4.71 (Debian)``.
        version: ``2.4.71``.
        static_modules: identifiers of what is compiled in.
    """

    path: str
    description: str
    version: str
    static_modules: tuple[str, ...]

    @property
    def root(self) -> str:
        """Its compiled-in ServerRoot; ``""`` if it does not say."""
        return self._compiled_in("HTTPD_ROOT").rstrip("/")

    @property
    def main_file(self) -> str:
        """Its compiled-in main configuration file, absolute; ``""`` if it does not say."""
        path = self._compiled_in("SERVER_CONFIG_FILE")
        return merge_path(self.root, path) if path else ""

    @property
    def pid_file(self) -> str:
        """Its compiled-in PidFile, absolute or relative to the ServerRoot in force; ``""`` if it
        does not say."""
        return self._compiled_in("DEFAULT_PIDLOG")

    @property
    def pcre(self) -> tuple[int, int] | None:
        """Major and minor version of the PCRE that it loads; None if it does not say (before
        2.4.53)."""
        found = _PCRE.search(_described(self.path, *(stamp(self.path) or ())))
        return (int(found[1]), int(found[2])) if found is not None else None

    def _compiled_in(self, name: str) -> str:
        found: list[tuple[str, str]] = _COMPILED.findall(
            _described(self.path, *(stamp(self.path) or ()))
        )
        return dict(found).get(name, "")


def ask(path: str) -> Program | None:
    """Ask a program; the answers of one that has not changed are kept.

    Args:
        path: absolute. The caller has made sure that it may be run.

    Returns:
        None if it is no httpd, or does not answer.
    """
    state = stamp(path)
    return None if state is None else _asked(path, *state)


@lru_cache(maxsize=64)
def _asked(path: str, *_state: int) -> Program | None:
    described = _DESCRIBED.search(_output(path, "-v"))
    if described is None:
        return None
    sources = _SOURCE.findall(_output(path, "-l"))
    modules = tuple(directives.identifier(source) for source in sources)
    return Program(path, described[1].strip(), described[2], modules)


@lru_cache(maxsize=64)
def _described(path: str, *_state: int) -> str:
    """What it was built with; asked only if ``-v`` showed that it is an httpd."""
    # With an empty configuration: without -f, -V reads the program's own, modules and all. It then
    # ends with an error (no MPM), but has printed everything before.
    return _output(path, "-f", "/dev/null", "-V")


def _output(path: str, *options: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # an argument list, no shell
            [path, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            start_new_session=True,  # Ctrl-C of the terminal is for this process only
            check=False,
            env=_environment(path),
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout[:_MOST_OUTPUT].decode("utf-8", "replace")


def _environment(path: str) -> dict[str, str]:
    """Where the program finds its libraries, as its own ``envvars`` and the caller say."""
    found = {k: v for k, v in os.environ.items() if k == "LD_LIBRARY_PATH"}
    beside = os.path.join(os.path.dirname(os.path.realpath(path)), "envvars")
    if os.path.isfile(beside) and not ownership.objection(beside):
        text = plain_file.read(beside, _MOST_OUTPUT).decode("utf-8", "replace")
        found["LD_LIBRARY_PATH"] = environment.parse_shell(text, found).get("LD_LIBRARY_PATH", "")
    return {"LC_ALL": "C", **found}


def is_executable(path: str) -> bool:
    """Whether it is a plain file that this user may run."""
    return os.path.isfile(path) and os.access(path, os.X_OK)


def in_path() -> Iterator[str]:
    """Programs with httpd's names in PATH, then in the directories of services."""
    directories = os.environ.get("PATH", "").split(":")
    for directory in dict.fromkeys((*directories, *_SYSTEM)):
        if not directory.startswith("/"):  # it depends on the current directory
            continue
        for name in NAMES:
            if is_executable(candidate := os.path.join(directory, name)):
                yield candidate


def with_modules(directory: str) -> str | None:
    """The program of the installation that a directory of modules belongs to.

    Args:
        directory: real path: ``/usr/lib/apache2/modules``, ``/usr/local/apache2/modules`` …
    """
    # Of two that share a prefix, Debian's keeps its modules in a directory named apache2.
    names = sorted(NAMES, key=lambda name: f"/{name}/" not in f"{directory}/")
    parent = directory
    for _ in range(_DEPTH):
        parent = os.path.dirname(parent)
        for place in ("bin", "sbin"):
            for name in names:
                candidate = os.path.join(parent, place, name)
                if is_executable(candidate) and module_directory(candidate) == directory:
                    return candidate
    return None


def module_directory(path: str) -> str | None:
    """Where a program's modules are.

    Args:
        path: of the program.

    Returns:
        The directory; None if it is in none of the usual places.
    """
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(path)))
    debian = path.endswith("/apache2")
    for place in (_DEBIAN, *_MODULES) if debian else (*_MODULES, _DEBIAN):
        directory = os.path.join(prefix, place)
        if _holds_modules(directory):
            return directory
    return None


def _holds_modules(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(entry.name.startswith("mod_") for entry in entries)
    except OSError:
        return False
