"""The installed httpd as a program: how it is called for a configuration, and ``configtest``."""

from __future__ import annotations

import os
import re
import subprocess  # nosec B404 # argument lists only, no shell
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wizard import scratch
from wizard.config.installation import program
from wizard.config.installation.layout import Layout
from wizard.errors import WizardError
from wizard.model.config import SourceFile

SECONDS = 60.0
"""For one call; ``-t`` of 5,000 virtual hosts takes half a second, host names may take longer."""
MOST_OUTPUT = 1 << 20
"""Bytes of its output that are kept."""
_USUAL_PID_FILE = "logs/httpd.pid"
"""Compiled into what upstream's build makes."""
_OF_ONE = (
    *("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "WATCHDOG_USEC"),
    "SSLKEYLOGFILE",
)
"""Variables not meant for a second httpd: by them a service talks to its manager, and mod_ssl
writes down the keys of its connections (modules/ssl/mod_ssl.c)."""
_PASSED = re.compile(
    r"(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|TMPDIR|LANG|LANGUAGE|LC_.*|LD_.*|NSS_WRAPPER_.*"
    r"|OPENSSL_.*|SSL_CERT_.*|APACHE_.*|HTTPD|XDG_RUNTIME_DIR|DBUS_.*)\Z"
)
"""Variables of the caller that a call passes on: what programs need to run, to find names, and to
reach the service manager. Whatever else the operator's shell holds (tokens, passwords) stays there,
unless httpd is of the kind that inherits its environment (``Layout.environment``) and names it."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a call ended.

    Args:
        ok: exit status 0.
        text: stderr and stdout, as httpd wrote them.
    """

    ok: bool
    text: str


def binary(layout: Layout) -> str:
    """The program.

    Raises:
        WizardError: there is none on this machine, or none that may be run.
    """
    if layout.binary is None:
        raise WizardError(
            layout.unasked or "httpd is not installed on this machine.",
            hint="Run proxy-wizard where httpd runs, or start it with --httpd FILE.",
        )
    return layout.binary


def environment(layout: Layout, files: Iterable[SourceFile] | None = None) -> dict[str, str]:
    """The environment for a call: little of the caller's, and what the layout's own start sets.

    Args:
        layout: of an httpd that is started by hand it has all of the caller's variables.
        files: of the configuration: of those variables only the ones that it names are passed on
            (``${NAME}``, ``PassEnv``, ``osenv('NAME')``); None: all.
    """
    passed = {k: v for k, v in os.environ.items() if _PASSED.match(k)}
    own = {k: v for k, v in layout.environment.items() if k not in _OF_ONE}
    if files is not None:
        text = b"\n".join(file.data for file in files)
        own = {k: v for k, v in own.items() if os.environ.get(k) != v or os.fsencode(k) in text}
    return {**passed, **own}


def command(layout: Layout, defines: Iterable[str] = ()) -> list[str]:
    """The command line that names this configuration, without an action."""
    words = [binary(layout), "-d", layout.server_root]
    if layout.pid_file:
        words += ["-C", f"PidFile {layout.pid_file}"]
    option = "-C"
    for path in layout.files:
        if path == layout.main_file:
            words += ["-f", path]
            option = "-c"
        else:
            words += [option, f'Include "{path}"']
    for name in dict.fromkeys((*layout.defines, *defines)):
        words += ["-D", name]
    return words


def default_pid_file(layout: Layout) -> str:
    """The PID file of a configuration that names none; relative to ServerRoot, if it is."""
    asked = program.ask(binary(layout))
    return (asked.pid_file if asked else "") or _USUAL_PID_FILE


def call(words: Iterable[str], env: Mapping[str, str], seconds: float = SECONDS) -> CommandResult:
    """Run a program that ends by itself, and keep what it says.

    Raises:
        WizardError: it did not end in time, or could not be run.
    """
    argv = list(words)
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # an argument list, no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise WizardError(f"{' '.join(argv)} did not end within {seconds:.0f} s.") from None
    except OSError as error:
        raise WizardError(f"{argv[0]} could not be run: {error.strerror}.") from None
    text = done.stdout[:MOST_OUTPUT].decode("utf-8", "surrogateescape")
    return CommandResult(done.returncode == 0, text.strip())


def configtest(layout: Layout, defines: Iterable[str] = ()) -> CommandResult:
    """``httpd -t`` of the real configuration; opens no port and asks no backend.

    A configuration that passes may still end the server at start-up or reload: rehearse it first.

    Raises:
        WizardError: there is no httpd here, the layout is a lone virtual host file, or the call
            did not end.
    """
    if layout.partial:
        raise WizardError(
            "a lone virtual host file cannot be tested by httpd.",
            file=layout.main_file,
            hint="Name the server's main configuration file.",
        )
    words, variables = [*command(layout, defines), "-t"], environment(layout)
    run = variables.get("APACHE_RUN_DIR")
    if layout.kind != "debian" or not run or Path(run).is_dir():
        return call(words, variables)
    # apache2ctl makes it before httpd reads a line, and nothing else does after a boot
    with scratch.directory("run") as place:
        return call(words, {**variables, "APACHE_RUN_DIR": str(place)})
