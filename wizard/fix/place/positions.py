"""Where in a virtual host a directive counts, and where a new one is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace

from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import CONDITIONALS, TRANSPARENT, SourceText, Statement
from wizard.model.config import Configuration, Route, Source
from wizard.record import record

INDENT = b"    "


@record
class Unit:
    """A virtual host as it stands in a file; several, if a macro or an Include repeats it.

    Args:
        file: its file.
        first: last line of the opening tag; 0 for the main server.
        last: line of the closing tag; one after the last line for the main server.
        routes: every route of it.
        handed_down: the main server's routes, each as one server or another uses it.
    """

    file: str
    first: int
    last: int
    routes: tuple[Route, ...]
    handed_down: tuple[Route, ...]

    @property
    def is_main(self) -> bool:
        """Whether this is the main server's level."""
        return self.first == 0


@record
class Spot:
    """A place for new lines: before line ``before``, indented like its neighbours."""

    before: int
    indent: bytes


def units(configuration: Configuration, draft: Draft) -> list[Unit]:
    """The virtual hosts that proxy anything, in the order of their routes."""
    grouped: dict[tuple[str, int, int], list[Route]] = {}
    for route in configuration.routes:
        vhost = route.vhost
        if vhost.is_main:
            file = draft.canonical(route.source.file)
            text = draft.text(file)
            key = (file, 0, len(text.lines) + 1 if text else 1)
        else:
            file = draft.canonical(vhost.source.file)
            tag = draft.statement(file, vhost.source.line)
            key = (file, vhost.source.line, vhost.end_line or (tag.end if tag else 0))
        grouped.setdefault(key, []).append(route)
    main: dict[tuple[str, str, int], Route] = {}
    for route in configuration.routes:
        if route.id.of_main:
            main.setdefault(route.id.of_main, route)
    handed_down = tuple(main.values())
    return [Unit(*key, tuple(routes), handed_down) for key, routes in grouped.items()]


def used_here(unit: Unit, like: Route) -> Iterator[Route]:
    """The main server's routes as a virtual host uses them, where they are no routes of its own.

    They become such once the virtual host has settings that no other one has.

    Args:
        unit: the virtual host.
        like: a route of the virtual host that no ``<Proxy>`` section governs: its settings are
            those of the virtual host.
    """
    if not unit.is_main and not any(route.id.inherited for route in unit.routes):
        for route in unit.handed_down:
            yield replace(route, tls=like.tls, preserve_host=like.preserve_host)


def within(unit: Unit, draft: Draft, source: Source) -> bool:
    """Whether a directive stands in the unit's own lines (not in a file that it includes)."""
    return draft.canonical(source.file) == unit.file and unit.first < source.line < unit.last


def at_server_level(draft: Draft, source: Source) -> bool:
    """Whether a line stands in no virtual host: later ones of that level may override it."""
    for step in (f"{source.file}:{source.line}", *source.via):
        file, _, line = step.rpartition(":")
        statement = draft.statement(file, int(line)) if line.isdigit() else None
        inside = {s.name for s in statement.sections} if statement is not None else {"macro"}
        if inside & {"virtualhost", "macro"}:
            return False
    return True


def same_place(draft: Draft, one: Source | None, other: Source | None) -> bool:
    """Whether two sources are the same line of the same file."""
    if one is None or other is None:
        return False
    return (draft.canonical(one.file), one.line) == (draft.canonical(other.file), other.line)


def inner_sections(statement: Statement) -> list[Statement]:
    """The sections below the virtual host that a statement stands in; conditionals are none."""
    return [s for s in statement.sections if s.name not in TRANSPARENT and s.name != "virtualhost"]


def entered_at(unit: Unit, draft: Draft, source: Source | None) -> int:
    """The unit's line whose Include or Use leads to a source; 0 if none does."""
    for step in source.via if source else ():
        file, _, line = step.rpartition(":")
        if line.isdigit() and within(unit, draft, Source(file, int(line))):
            return int(line)
    return 0


def active_lines(draft: Draft, routes: Iterable[Route], file: str) -> set[int]:
    """Lines of a file that httpd is known to read: a setting or a route comes from there."""
    lines = set()
    for route in routes:
        policy = route.tls
        settings = [getattr(policy, one.name) for one in fields(policy)]
        for source in [route.source, *(setting.source for setting in settings)]:
            if source is not None and draft.canonical(source.file) == file:
                lines.add(source.line)
    return lines


def spot(unit: Unit, draft: Draft, *, after: int = 0) -> Spot:
    """Where a new directive of the virtual host's level is written.

    Beside the SSLProxy* directives that stand there; else before the first proxied route; else
    at the end.

    Args:
        unit: the virtual host.
        draft: gives the statements.
        after: a line that it must follow (an Include whose settings it overrides); 0: none.
    """
    text = draft.text(unit.file)
    if text is None:
        return Spot(1, b"")
    active = active_lines(draft, unit.routes, unit.file)
    level = [s for s in _level(text, unit) if s.tag == ""]
    related = [s for s in level if s.name.startswith("sslproxy") and s.last in active]
    if related:
        found = Spot(related[-1].last + 1, related[-1].indent)
    else:
        found = _before_routes(unit, text, active) or _at_end(unit, text)
    if found.before <= after:
        entry = text.at(after)
        found = Spot(
            entry.last + 1 if entry else after + 1, entry.indent if entry else found.indent
        )
    return found


def section_spot(unit: Unit, draft: Draft, *, after: int = 0) -> Spot:
    """Where a new ``<Proxy>`` section is written: after all others, for the last one counts."""
    found = spot(unit, draft, after=after)
    text = draft.text(unit.file)
    others = sections(unit, text) if text else []
    last = max((s.end for s in others), default=0)
    if found.before <= last:
        return Spot(last + 1, others[-1].indent)
    return found


def sections(unit: Unit, text: SourceText) -> list[Statement]:
    """The ``<Proxy>`` and ``<ProxyMatch>`` sections in the unit's own lines, closed ones only."""
    return [
        s
        for s in _level(text, unit)
        if s.tag == "<" and s.name in ("proxy", "proxymatch") and s.end
    ]


def certain(unit: Unit, draft: Draft, name: str) -> list[Statement]:
    """The directives of a name on the unit's own level that httpd reads for sure."""
    return [s for s in level(unit, draft) if s.name == name]


def level(unit: Unit, draft: Draft) -> list[Statement]:
    """The directives on the unit's own level that httpd reads for sure.

    Those in a conditional are left out: whether it is taken is not known here.
    """
    text = draft.text(unit.file)
    return [
        s
        for s in (_level(text, unit) if text else ())
        if not s.tag and not any(p.name in CONDITIONALS for p in s.sections)
    ]


def inside(section: Statement, text: SourceText) -> Spot:
    """Where a new directive of a section is written: beside its SSLProxy*, else at its end."""
    children = [s for s in text.between(section.last + 1, section.end - 1) if s.parent is section]
    related = [s for s in children if not s.tag and s.name.startswith("sslproxy")]
    if related:
        return Spot(related[-1].last + 1, related[-1].indent)
    return Spot(section.end, children[-1].indent if children else section.indent + INDENT)


def _level(text: SourceText, unit: Unit) -> Iterator[Statement]:
    """The statements of the unit's own level, conditionals looked through."""
    for statement in text.between(unit.first + 1, unit.last - 1):
        inner = inner_sections(statement)
        if not inner and not (unit.is_main and _in_vhost(statement)):
            yield statement


def _in_vhost(statement: Statement) -> bool:
    return any(s.name == "virtualhost" for s in statement.sections)


def _before_routes(unit: Unit, text: SourceText, active: set[int]) -> Spot | None:
    lines = sorted(
        r.source.line
        for r in unit.routes
        if r.source.line in active and unit.first < r.source.line < unit.last
    )
    for line in lines:
        statement = text.at(line)
        if statement is None or (unit.is_main and _in_vhost(statement)):
            continue
        inner = inner_sections(statement)
        target = inner[0] if inner else statement
        return Spot(text.with_comments(target.first), target.indent)
    return None


def _at_end(unit: Unit, text: SourceText) -> Spot:
    if unit.is_main:
        return Spot(len(text.lines) + 1, b"")
    level: Sequence[Statement] = [s for s in _level(text, unit) if s.tag != "/"]
    closing = text.at(unit.last)
    indent = level[-1].indent if level else (closing.indent if closing else b"") + INDENT
    return Spot(unit.last, indent)
