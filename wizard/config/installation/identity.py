"""Which httpd is meant by a configuration: decided here, and nowhere else.

In this order: the one that the operator names; the one that runs with the configuration; the one
beside it (``bin/httpd`` of its prefix); the one whose modules it loads; the one that its layout
has; for a file that belongs to no layout, the one in PATH.

A program that a configuration or a process points to is run only if nobody but root and this user
can have put it there (:mod:`ownership`). A layout's program is where the distribution installs it,
and PATH is the operator's own.
"""
# ruff: noqa: PTH113, PTH120
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from wizard.config.installation import linked, ownership, processes, program
from wizard.config.installation.distributions import FAMILIES
from wizard.config.installation.filesystem import merge_path, read_file
from wizard.config.installation.processes import RunningHttpd
from wizard.config.installation.program import Program
from wizard.config.syntax.logical_lines import decode
from wizard.config.syntax.words import split_words
from wizard.errors import ConfigError, UsageError
from wizard.model.scope import HttpdChoice
from wizard.record import record
from wizard.reference import backports

_LINE = re.compile(
    rb"^[ \t]*(ServerRoot|LoadModule)[ \t]+([^\r\n]{1,4096})", re.IGNORECASE | re.MULTILINE
)
_INSTALLED = frozenset(path for family in FAMILIES for path in family.binaries)
"""Where distributions put the program: it may be run, since root starts it from there anyway."""
_SSL = "ssl_module"


@record
class Place:
    """What is known of a configuration before it is read.

    Args:
        main_file: absolute.
        root: the prefix or directory that it is installed in; None: it belongs to no layout.
        programs: where its layout has the program, the likeliest first.
        own: it is where its layout puts it, not a copy of one.
        backports: its layout is that of distributions that keep a release's number (``Release``).
    """

    main_file: str
    root: str | None = None
    programs: tuple[str, ...] = ()
    own: bool = False
    backports: bool = False


@record
class HttpdIdentity:
    """The httpd that is meant.

    Args:
        program: asked; None: none could be, or none is here.
        version: whose rules hold; None: not known.
        openssl: version that its mod_ssl loads; None: not known.
        libssl: path of the libssl that its mod_ssl loads.
        module_directory: where its modules are.
        found: how it was found, a relative clause.
        unasked: why no program was asked, one sentence.
        backports: see ``Release``.
        foreign: it is not the one that the layout has, nor the one of its prefix.
    """

    program: Program | None = None
    version: str | None = None
    openssl: str | None = None
    libssl: str | None = None
    module_directory: str | None = None
    found: str = ""
    unasked: str = ""
    backports: bool = False
    foreign: bool = False


def identify(place: Place, choice: HttpdChoice, environment: Mapping[str, str]) -> HttpdIdentity:
    """Find the httpd that is meant by a configuration, and ask it.

    Args:
        place: what the configuration is.
        choice: what the operator says.
        environment: that httpd is started with.

    Raises:
        UsageError: what the operator names is no httpd.
    """
    lines = _ModuleLines(place.main_file)
    found = _meant(place, choice, lines)
    asked = found.program
    if asked is not None:
        theirs = (*place.programs, f"{place.root}/bin/httpd")
        foreign = not any(_same(asked.path, path) for path in theirs)
        found = _linked(replace(found, foreign=foreign), asked, lines, environment)
    return _as_told(found, place, choice)


def named(path: str) -> Program:
    """The program that the operator names.

    Raises:
        UsageError: it is none, or no httpd.
    """
    hint = "Name the program that runs the server: /usr/sbin/apache2, /usr/local/apache2/bin/httpd."
    full = os.path.abspath(path)  # noqa: PTH100
    if not path or not os.path.exists(full):  # noqa: PTH110
        raise UsageError("there is no such program.", file=path, hint=hint)
    if not program.is_executable(full):
        raise UsageError("this is no program that may be run here.", file=path, hint=hint)
    found = program.ask(full)
    if found is None:
        raise UsageError("this is no httpd, by its answer to -v.", file=path, hint=hint)
    return found


def own_configuration(choice: HttpdChoice) -> str | None:
    """The configuration of the httpd that is meant, where no layout has one: what the program that
    the operator names is compiled for, else what one runs with, else what one in PATH is for.

    Raises:
        UsageError: see :func:`named`.
    """
    if choice.program is not None:
        return named(choice.program).main_file or None
    if not choice.ask:
        return None
    for server in processes.servers():
        main = main_file(server)
        if main is not None and processes.sees(server, main):
            return main
    for path in program.in_path():
        asked = _vouched(path)
        if asked is not None and os.path.isfile(asked.main_file):
            return asked.main_file
    return None


def _meant(place: Place, choice: HttpdChoice, lines: _ModuleLines) -> HttpdIdentity:
    """The program alone."""
    if choice.program is not None:
        told = named(choice.program)
        return HttpdIdentity(told, found=f"which the operator names ({told.path})")
    if not choice.ask:
        return HttpdIdentity(unasked="No program was asked, as the operator wishes.")
    running = _running(place)
    if running is not None:
        return running
    for path, how in _pointed_to(place, lines):
        real = path if path in _INSTALLED else os.path.realpath(path)
        objection = "" if path in _INSTALLED else ownership.objection(real)
        if objection:
            return HttpdIdentity(unasked=f"{path} was not asked which httpd it is: it {objection}.")
        if (asked := program.ask(real)) is not None:
            return HttpdIdentity(asked, found=f"{how} ({path})")
    of_layout = map(program.ask, filter(program.is_executable, place.programs))
    if (asked := next(filter(None, of_layout), None)) is not None:
        return HttpdIdentity(asked, found=f"which its layout has ({asked.path})")
    for path in program.in_path() if place.root is None or place.own else ():
        if (asked := _vouched(path)) is not None:
            return HttpdIdentity(asked, found=f"which PATH has ({path})")
    return HttpdIdentity(unasked="No httpd for it was found on this machine.")


def _running(place: Place) -> HttpdIdentity | None:
    for server in processes.servers():
        main = main_file(server)
        if main is None or not _same(main, place.main_file) or not processes.sees(server, main):
            continue
        if (asked := _vouched(server.program)) is not None:
            # By the layout's name for it, which may be a link.
            names = [one for one in place.programs if _same(one, server.program)]
            asked = replace(asked, path=(*names, asked.path)[0])
            return HttpdIdentity(asked, found=f"which runs with it (pid {server.pid})")
    return None


def main_file(server: RunningHttpd) -> str | None:
    """The configuration that a server was started with, as far as it is known.

    Args:
        server: its program is asked only if nobody but root and this user can have put it there.
    """

    def compiled_in() -> tuple[str, str]:
        asked = _vouched(server.program) if server.program else None
        return ("", "") if asked is None else (asked.root, asked.main_file)

    return server.main_file(compiled_in)


def _pointed_to(place: Place, lines: _ModuleLines) -> Iterator[tuple[str, str]]:
    """Programs that the configuration points to, and how."""
    if place.root is not None and place.main_file == f"{place.root}/conf/httpd.conf":
        beside = f"{place.root}/bin/httpd"
        if program.is_executable(beside) and beside not in place.programs:
            yield beside, "which belongs to its prefix"
    for directory in lines.module_directories:
        path = program.with_modules(directory)
        if path is not None and path not in place.programs:
            yield path, "whose modules it loads"
        if path is not None:
            return


def _vouched(path: str) -> Program | None:
    """The program, if only root or this user can have put it there."""
    if path in _INSTALLED:
        return program.ask(path)
    real = os.path.realpath(path)
    return None if ownership.objection(real) else program.ask(real)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121
    except (OSError, ValueError):
        return False


def _linked(
    found: HttpdIdentity, asked: Program, lines: _ModuleLines, environment: Mapping[str, str]
) -> HttpdIdentity:
    """With its version, its modules and the OpenSSL that they load."""
    directory = program.module_directory(asked.path)
    path = lines.ssl or (f"{directory}/mod_ssl.so" if directory else None)
    if _SSL in asked.static_modules:
        path = asked.path
    libraries = environment.get("LD_LIBRARY_PATH", "")
    loads = linked.openssl(path, asked.path, libraries) if path else linked.OpenSsl()
    return replace(
        found,
        version=asked.version,
        openssl=loads.version,
        libssl=loads.library,
        module_directory=directory,
        backports=backports.known(asked.description),
    )


def _as_told(found: HttpdIdentity, place: Place, choice: HttpdChoice) -> HttpdIdentity:
    """With the numbers that the operator gives."""
    if choice.openssl is not None:
        found = replace(found, openssl=choice.openssl, libssl=None)
    if choice.version is not None:
        told = "as the operator says"
        found = replace(
            found, version=choice.version, found=told, unasked="", backports=place.backports
        )
    return found


class _ModuleLines:
    """What the main file says of modules: a quick look, only to find the program."""

    def __init__(self, main_file: str) -> None:
        self.ssl: str | None = None
        """Path of the file of mod_ssl; None: the main file does not load it."""
        self.module_directories: tuple[str, ...] = ()
        """Real paths of those from which it loads modules, in order."""
        try:
            data = read_file(main_file)
        except ConfigError:  # reported when the configuration is read
            return
        root = ""
        found: dict[str, None] = {}
        for directive, arguments in _LINE.findall(data):
            words = split_words(decode(arguments))
            if directive.lower() == b"serverroot":
                root = words[0] if words and words[0].startswith("/") else root
            elif len(words) > 1 and (root or words[1].startswith("/")):
                path = merge_path(root, words[1])
                if os.path.isfile(path):
                    found.setdefault(os.path.dirname(os.path.realpath(path)))
                    self.ssl = path if words[0] == _SSL else self.ssl
        self.module_directories = tuple(found)
