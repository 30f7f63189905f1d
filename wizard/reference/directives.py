"""Every directive of httpd 2.4: its module, where it may stand, its kind of arguments.

The table (directives.json) was made from the modules of httpd 2.4.71 themselves and from its
manual by tests/reference/directive_table.py; a test compares it with the installed httpd.
`wizard.reference.config_releases` says what is different in earlier releases.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from wizard.record import record
from wizard.reference import tables
from wizard.reference.config_releases import form, lack
from wizard.reference.release import NEWEST, Release

EXEC_ON_READ = 256
"""Bit of ``DirectiveInfo.override``: it takes effect while httpd reads."""
_PROXY_CONF = 2048
"""Bit of ``DirectiveInfo.override``: it may stand in ``<Proxy>``."""


@record
class DirectiveInfo:
    """A directive or section of httpd 2.4.

    Args:
        name: canonical spelling, without ``<``.
        modules: identifiers of the modules that have it; any one of them is enough.
        contexts: where it may stand, in the manual's words: ``server config``, ``virtual host``,
            ``directory``, ``.htaccess``, ``proxy section``.
        kind: RAW_ARGS, TAKE1, TAKE2, TAKE12, TAKE3, TAKE23, TAKE123, TAKE13, ITERATE, ITERATE2,
            FLAG, NO_ARGS or TAKE_ARGV; ``""`` for the few that Debian's httpd is built without.
        section: whether it is written ``<Name …>``.
        override: httpd's req_override bits (http_config.h); 0 where ``kind`` is ``""``.
        message: what httpd adds to ``takes one argument`` and the like.
    """

    name: str
    modules: tuple[str, ...]
    contexts: tuple[str, ...]
    kind: str
    section: bool
    override: int = 0
    message: str = ""


def _table() -> dict[str, Any]:
    return tables.load("directives.json")


@cache
def index() -> dict[str, str]:
    """Every name in lower case, of a section with its ``<``, to its canonical spelling."""
    return {name.lower(): name for name in _table()["directives"]}


def lookup(name: str, release: Release = NEWEST) -> DirectiveInfo | None:
    """The directive of that name, in the form of a release.

    Args:
        name: any case; a section with or without its ``<``.
        release: that reads it; `lacking` says whether it knows the directive.

    Returns:
        The directive; None if no httpd 2.4 has it.
    """
    lowered = name.lower()
    canonical = index().get(lowered) or index().get("<" + lowered)
    if canonical is None:
        return None
    modules, contexts, kind, override, message = _table()["directives"][canonical]
    earlier = form(canonical, release)
    if earlier is not None:
        kind = earlier.kind or kind
        override = override if earlier.override is None else earlier.override
        message = message if earlier.message is None else earlier.message
        if not override & _PROXY_CONF:
            contexts = [place for place in contexts if place != "proxy section"]
    return DirectiveInfo(
        canonical.removeprefix("<"),
        tuple(modules),
        tuple(contexts),
        kind=kind,
        section=canonical.startswith("<"),
        override=override,
        message=message,
    )


def lacking(info: DirectiveInfo, release: Release) -> str | None:
    """Why a release does not know a directive.

    Returns:
        A sentence, without its dot; None if it knows it.
    """
    name = f"<{info.name}" if info.section else info.name
    reason = lack("directive", name, release)
    return reason and f"{name}{'>' if info.section else ''} {reason}"


def source_name(identifier: str) -> str:
    """The source file name of a module, which ``<IfModule>`` takes as well.

    Args:
        identifier: ``ssl_module``.

    Returns:
        ``mod_ssl.c``; for a module that is not httpd's own the customary ``mod_NAME.c``.
    """
    known: str | None = _table()["modules"].get(identifier)
    return known or f"mod_{identifier.removesuffix('_module')}.c"


def known_modules() -> tuple[str, ...]:
    """Identifiers of every module of httpd 2.4."""
    return tuple(_table()["modules"])


def version() -> str:
    """The httpd that the table was made from, ``2.4.x``."""
    return str(_table()["version"])


def identifier(source: str) -> str:
    """The module identifier that belongs to a source file name, as ``httpd -l`` lists it.

    Args:
        source: ``mod_ssl.c``.

    Returns:
        ``ssl_module``; for a file that is not httpd's own the customary name.
    """
    for module, name in _table()["modules"].items():
        if name == source:
            return str(module)
    return source.removeprefix("mod_").removesuffix(".c") + "_module"
