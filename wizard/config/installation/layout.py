"""Find the configuration and what belongs to it: ServerRoot, environment, program."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from wizard.config.installation import identity, launch
from wizard.config.installation.distributions import DEBIAN, FAMILIES, RHEL, UPSTREAM, Family
from wizard.config.installation.filesystem import (
    entries,
    exists,
    is_directory,
    is_file,
    merge_path,
    missing,
    read_file,
)
from wizard.config.installation.identity import HttpdIdentity, Place
from wizard.config.installation.program import is_executable
from wizard.config.syntax.logical_lines import split
from wizard.errors import ConfigError
from wizard.model.config import LayoutKind
from wizard.model.httpd_info import HttpdInfo
from wizard.model.scope import HttpdChoice
from wizard.record import record
from wizard.reference import directives
from wizard.reference.release import Release

_MAIN_ONLY = re.compile(
    r"(?:ServerRoot|LoadModule|PidFile|DefaultRuntimeDir|Include|IncludeOptional|Listen)\s",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"<(/?)(?!If(?:Module|Define|Version|File|Directive|Section)\b)\w", re.IGNORECASE
)


@record
class Layout:
    """What to read, and for which httpd.

    Args:
        kind: ``debian``, ``rhel``, ``upstream``, or ``file`` for anything else.
        main_file: the main configuration file; of a lone virtual host file that file itself; of a
            directory of such files the first.
        server_root: before any ServerRoot directive, without a trailing slash.
        environment: of the httpd process, for ``${NAME}``.
        binary: httpd's program, None if it is not on this machine.
        version: of that program, ``2.4.x``.
        openssl: version of the OpenSSL that its mod_ssl loads; None: not known.
        module_directory: where its modules are; None: not known.
        libssl: path of the libssl that its mod_ssl loads; None: not here, or linked in.
        openssl_conf: OPENSSL_CONF of the service; None: how httpd is started is not known, or is
            not followed: that file can name code to run.
        found: how this httpd was found, a relative clause.
        unasked: why no program was asked, one sentence.
        backports: see ``Release``.
        static_modules: identifiers of what is compiled in.
        defines: names that httpd is started with (``-D``).
        partial: only virtual host files: the server level is unknown.
        hint: what the operator may want to do instead; ``""`` if nothing.
        whole: of a lone virtual host file: the main file of the configuration around it; ``""``
            if there is none.
        files: what is read, in order; usually ``main_file`` alone. httpd's command line names the
            others (``-C``, ``-c``).
        pid_file: what the command line gives as PidFile; ``""`` if nothing.
        native: this is the configuration of the httpd that is installed here.
        copy_of: the directory that this one is a copy of, if it is one.
    """

    kind: LayoutKind
    main_file: str
    server_root: str
    environment: Mapping[str, str] = field(default_factory=dict)
    binary: str | None = None
    version: str | None = None
    openssl: str | None = None
    module_directory: str | None = None
    libssl: str | None = None
    openssl_conf: str | None = None
    found: str = ""
    unasked: str = ""
    backports: bool = False
    static_modules: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    partial: bool = False
    hint: str = ""
    whole: str = ""
    files: tuple[str, ...] = ()
    pid_file: str = ""
    native: bool = False
    copy_of: str | None = None

    @property
    def modules(self) -> tuple[str, ...]:
        """Identifiers of the modules that are there before the first line.

        For a lone virtual host file they are not known: every module of httpd counts as loaded,
        so that ``<IfModule mod_ssl.c>`` is taken.
        """
        return directives.known_modules() if self.partial else self.static_modules

    @property
    def assumed_version(self) -> str:
        """The version that ``<IfVersion>`` compares with."""
        return self.version or directives.version()

    @property
    def release(self) -> Release:
        """Whose rules the reader follows; where a number is not known, the newest known one's."""
        return self.httpd().release

    def httpd(self, modules: tuple[str, ...] = ()) -> HttpdInfo:
        """The httpd that is meant.

        Args:
            modules: identifiers of what it has, once the configuration is read.
        """
        return HttpdInfo(
            self.version,
            self.binary,
            modules,
            self.openssl,
            found=self.found,
            unasked=self.unasked,
            backports=self.backports,
            module_directory=self.module_directory,
            libssl=self.libssl,
            openssl_conf=self.openssl_conf,
        )

    def relocate(self, path: str) -> str:
        """Where a copy of the configuration has a file that is named by an absolute path."""
        if self.copy_of and (path == self.copy_of or path.startswith(f"{self.copy_of}/")):
            return self.server_root + path[len(self.copy_of) :]
        return path


@record
class _Caller:
    """Who asks: the environment that httpd inherits, and which httpd is meant."""

    environ: Mapping[str, str] | None
    httpd: HttpdChoice


def locate(
    path: str | None, *, environ: Mapping[str, str] | None = None, httpd: HttpdChoice | None = None
) -> Layout:
    """Find out what a path is, and which httpd is meant by it.

    Args:
        path: a main configuration file, a virtual host file, or a directory (a copy of an
            httpd's configuration, or virtual host files); None: the installed httpd's own.
        environ: what httpd inherits from its parent. None: nothing for a distribution's service,
            this process's environment for anything started by hand.
        httpd: which httpd the operator says is meant; None: it is looked for.

    Returns:
        The layout. Only files are read, and httpd's program is asked
        (`wizard.config.installation.identity`); no server is.

    Raises:
        ConfigError: there is nothing to read.
        UsageError: what the operator names is no httpd.
    """
    caller = _Caller(environ, httpd or HttpdChoice())
    if path is None and caller.httpd.program is not None:
        path = identity.own_configuration(caller.httpd)
    if path is None:
        return _installed(caller)
    if not path:  # an unset shell variable, say; it does not mean the current directory
        raise ConfigError("CONFIG is empty", hint="Name a configuration file or directory.")
    full = str(Path(path).absolute())
    if is_directory(full):
        return _directory(full, caller)
    if missing(full) and not Path(full).is_symlink():
        raise ConfigError(
            "No such file or directory",
            file=path,
            hint="Name a configuration file or directory, or nothing for the installed httpd's.",
        )
    return _file(full, caller)


def _installed(caller: _Caller) -> Layout:
    chosen = (caller.environ or os.environ).get("APACHE_CONFDIR", "")
    if chosen and is_file(merge_path(chosen, DEBIAN.main_file)):
        return _layout(DEBIAN, chosen.rstrip("/"), caller)
    for family in FAMILIES:
        if is_file(merge_path(family.server_root, family.main_file)):
            return _layout(family, family.server_root, caller)
    main = identity.own_configuration(caller.httpd)
    if main is not None and is_file(main):
        return _file(main, caller)
    raise ConfigError(
        "No installed httpd was found",
        hint="Name its main configuration file.",
    )


def _directory(full: str, caller: _Caller) -> Layout:
    for family in FAMILIES:
        if is_file(merge_path(full, family.main_file)) and _marked(family, full):
            return _layout(family, full, caller)
    try:
        names = entries(full)
    except OSError as error:
        raise ConfigError(error.strerror or str(error), file=full) from None
    for name in dict.fromkeys(Path(family.main_file).name for family in FAMILIES):
        if name in names and _is_main(main := merge_path(full, name)):
            return _file(main, caller)  # it includes the other files
    files = tuple(merge_path(full, name) for name in names if name.endswith(".conf"))
    if not files:
        raise ConfigError(
            "The directory holds neither httpd's main file nor any *.conf",
            file=full,
            hint="Name /etc/apache2, /etc/httpd, a copy of one, or a directory of *.conf files.",
        )
    return replace(_lone(files[0], caller), files=files)


def _file(full: str, caller: _Caller) -> Layout:
    owner = _owner(full)
    if owner is not None and merge_path(owner[1], owner[0].main_file) == full:
        return _layout(owner[0], owner[1], caller)
    if (owner is not None and _in_sites(owner, full)) or not _is_main(full):
        return _lone(full, caller)
    environment = dict(os.environ if caller.environ is None else caller.environ)
    found = identity.identify(Place(full), caller.httpd, environment)
    asked = found.program
    base = Layout(
        kind="file",
        main_file=full,
        files=(full,),
        server_root=asked.root if asked and asked.root else str(Path(full).parent),
        environment=environment,
        static_modules=UPSTREAM.static_modules,
    )
    return _with_httpd(base, found)


def _lone(full: str, caller: _Caller) -> Layout:
    owner = _owner(full)
    base = _layout(*owner, caller) if owner else _here(caller)
    hint = ""
    if owner:
        hint = (
            f"Only this file is read; {base.main_file} reads it together with the server's own "
            f"settings: name {base.main_file} to have them counted."
        )
    return replace(
        base,
        kind="file",
        main_file=full,
        files=(full,),
        server_root=base.server_root if owner or base.binary else str(Path(full).parent),
        partial=True,
        hint=hint,
        whole=base.main_file if owner else "",
        native=False,
        copy_of=None,
    )


def _here(caller: _Caller) -> Layout:
    """The installed httpd's layout, or an empty one."""
    try:
        return _installed(caller)
    except ConfigError:
        base = Layout("file", "", "/", static_modules=DEBIAN.static_modules)
        return _with_httpd(base, identity.identify(Place(""), caller.httpd, {}))


def _owner(full: str) -> tuple[Family, str] | None:
    """The family and ServerRoot of the full configuration that a file belongs to."""
    for parent in list(Path(full).parents)[:3]:
        root = str(parent)
        for family in FAMILIES:
            if is_file(merge_path(root, family.main_file)) and _marked(family, root):
                return family, root
    return None


def _in_sites(owner: tuple[Family, str], full: str) -> bool:
    family, root = owner
    return any(full.startswith(merge_path(root, name) + "/") for name in family.site_directories)


def _marked(family: Family, root: str) -> bool:
    return any(exists(merge_path(root, mark)) for mark in family.marks)


def _is_main(full: str) -> bool:
    """Whether a file outside any layout sets up a server, not only virtual hosts."""
    depth = 0
    try:
        data = read_file(full)
    except ConfigError as error:
        raise ConfigError(error.message, file=full, hint=error.hint) from None
    for line in split(data).texts:
        section = _SECTION.match(line)
        if section:
            depth += -1 if section[1] else 1
        elif depth <= 0 and _MAIN_ONLY.match(line):
            return True
    return False


def _layout(family: Family, root: str, caller: _Caller) -> Layout:
    """The layout of a full configuration."""
    main = merge_path(root, family.main_file)
    # /etc/apache2-NAME is a second instance of the same Debian httpd; a prefix that has a program
    # of its own is no copy of another.
    installed = root == family.server_root or (
        family is DEBIAN and root.startswith(f"{family.server_root}-")
    )
    own = installed or (family is UPSTREAM and is_executable(merge_path(root, "bin/httpd")))
    followed = installed or (own and caller.httpd.ask)
    environment = dict(
        (os.environ if family.inherits else {}) if caller.environ is None else caller.environ
    )
    if family is DEBIAN:
        environment["APACHE_CONFDIR"] = root if own else family.server_root
    started = launch.of(family, root, environment, own=own)
    place = Place(main, root, family.binaries, own, backports=family is RHEL)
    found = identity.identify(place, caller.httpd, started.environment)
    base = Layout(
        kind=family.kind,
        main_file=main,
        server_root=root,
        environment=started.environment,
        openssl_conf=started.environment.get("OPENSSL_CONF", "") if followed else None,
        static_modules=family.static_modules,
        defines=started.defines,
        files=(*started.first, main, *started.last),
        pid_file=started.pid_file,
        native=own and found.program is not None and not found.foreign,
        copy_of=None if own else family.server_root,
    )
    return _with_httpd(base, found)


def _with_httpd(base: Layout, found: HttpdIdentity) -> Layout:
    """A layout, with the httpd that is meant by it."""
    asked = found.program
    return replace(
        base,
        binary=None if asked is None else asked.path,
        version=found.version,
        openssl=found.openssl,
        module_directory=found.module_directory,
        libssl=found.libssl,
        found=found.found,
        unasked=found.unasked,
        backports=found.backports,
        static_modules=(asked.static_modules if asked else ()) or base.static_modules,
    )
