"""Where the line of a cure stands: beside the route, in its virtual host, in place of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wizard.fix.place import positions
from wizard.fix.place.positions import Unit
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import SourceText, Statement
from wizard.model.config import Configuration, Route, Source
from wizard.model.cure import Cure
from wizard.model.remark import Point, Remark, remark
from wizard.record import record

_WITH_PARAMETERS = frozenset({"proxypass", "proxypassmatch", "balancermember", "proxyset"})
_IN_SECTION = re.compile(r"<(\w+) [^\n]*>\n[^\n]+\n</\1>")
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@record
class Place:
    """What a cure does to a file.

    Args:
        cure: it.
        file: by its canonical name.
        line: before which a line is inserted (``indent`` is not None); else the first line of the
            statement that is changed.
        indent: of the new line; None: a statement is changed.
        level: where the new line counts: equal ones of one level are one.
        sections: that a new line stands in, the outermost first.
        shared: virtual hosts, by number, that read this line too.
        word: which argument is changed, where one is.
    """

    cure: Cure
    file: str
    line: int
    indent: bytes | None
    level: object
    sections: tuple[Statement, ...] = ()
    shared: frozenset[int] = frozenset()
    word: int = 0


class NoPlaceError(Exception):
    """There is no place for a cure: ``why`` says it."""

    def __init__(self, why: Remark) -> None:
        super().__init__()
        self.why = why


@dataclass(slots=True)
class CurePlaces:
    """Finds the places of cures in a configuration.

    Args:
        draft: gives the statements.
        configuration: its routes and files.
    """

    draft: Draft
    configuration: Configuration
    _units: Mapping[object, Unit] = field(init=False)
    _readers: Mapping[tuple[str, int], frozenset[int]] = field(init=False)
    """The virtual hosts, by number, that read the line of a route."""

    def __post_init__(self) -> None:
        units = positions.units(self.configuration, self.draft)
        self._units = {route.id: unit for unit in units for route in unit.routes}
        readers: dict[tuple[str, int], set[int]] = {}
        for route in self.configuration.routes:
            source = anchor_of(route)
            key = self.draft.canonical(source.file), source.line
            readers.setdefault(key, set()).add(route.id.vhost)
        self._readers = {key: frozenset(numbers) for key, numbers in readers.items()}

    def place(self, route: Route, cure: Cure, wanting: Iterable[int]) -> Place:
        """Where a cure of a route is written.

        Args:
            route: it.
            cure: to be written.
            wanting: the virtual hosts, by number, of the routes that need the same.

        Raises:
            NoPlaceError: nowhere.
        """
        if cure.where == "instead":
            return self._changed(route, cure, cure.replaced)
        if cure.where in ("parameter", "url"):
            return self._in_line(route, cure)
        if cure.where == "server":
            return self._in_server(route, cure, wanting)
        return self._beside(route, cure, wanting)

    def _changed(self, route: Route, cure: Cure, source: Source | None) -> Place:
        statement = self.draft.statement(source.file, source.line) if source else None
        if source is None or statement is None or statement.tag:
            raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=str(source or "")))
        _check(cure.line, statement.flat)
        file = self.draft.canonical(source.file)
        level = file, statement.first
        shared = self._sharing(statement, file) - {route.id.vhost}
        return Place(cure, file, statement.first, None, level, shared=shared)

    def _in_line(self, route: Route, cure: Cure) -> Place:
        """A parameter, or another URL, in the line that makes the route."""
        statement = self._statement(route.source)
        words = [word.value for word in statement.words]
        if cure.where == "url":
            fits = route.backend.url in words
        else:
            fits = statement.name in _WITH_PARAMETERS
        if not fits:
            raise NoPlaceError(remark(Point.CURE_NO_PARAMETER, place=str(route.source)))
        _check(cure.line, statement.flat)
        file = self.draft.canonical(route.source.file)
        shared = self._readers.get((file, route.source.line), frozenset())
        level = file, statement.first
        shared -= {route.id.vhost}
        index = words.index(route.backend.url) if cure.where == "url" else 0
        return Place(cure, file, statement.first, None, level, shared=shared, word=index)

    def _sharing(self, statement: Statement, file: str) -> frozenset[int]:
        """The virtual hosts, by number, that may read a line which is not theirs alone."""
        around = {section.name for section in statement.sections}
        found = self.configuration.files.get(file)
        once = found is None or len(found.included_by) < 2
        if "virtualhost" in around and "macro" not in around and once:
            return frozenset()
        return frozenset(route.id.vhost for route in self.configuration.routes)

    def _beside(self, route: Route, cure: Cure, wanting: Iterable[int]) -> Place:
        source = anchor_of(route)
        statement = self._statement(source)
        _check(cure.line, statement.flat)
        file, unit = self.draft.canonical(source.file), self._unit(route)
        inner = positions.inner_sections(statement)
        others = self._readers.get((file, source.line), frozenset()) - set(wanting)
        if not others:
            level = (file, inner[-1].first) if inner else _level(unit, file)
            return self._at(cure, file, statement, level)
        entry = positions.entered_at(unit, self.draft, source) if unit is not None else 0
        entering = self.draft.statement(unit.file, entry) if unit is not None and entry else None
        if unit is None or inner or unit.is_main or self._repeats(unit, wanting):
            raise _by_hand(cure, source)
        if entering is not None and not positions.inner_sections(entering):
            return self._at(cure, unit.file, entering, _level(unit, file))
        return self._at_end(cure, unit)

    def _at(self, cure: Cure, file: str, statement: Statement, level: object) -> Place:
        text = self.draft.text(file)
        if text is None:
            raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=file))
        if cure.where != "before-route":
            before = _after(text, statement, file)
            return Place(cure, file, before, statement.indent, level, statement.sections)
        inner = positions.inner_sections(statement)
        target = inner[0] if inner else statement  # it takes a path of its own, in no section
        before = text.with_comments(target.first)
        return Place(cure, file, before, target.indent, level, target.sections)

    def _in_server(self, route: Route, cure: Cure, wanting: Iterable[int]) -> Place:
        source, unit = anchor_of(route), self._unit(route)
        _check(cure.line, self._statement(source).flat)
        if unit is None or self._repeats(unit, wanting):
            raise _by_hand(cure, route.vhost.source)
        if not unit.is_main and not positions.within(unit, self.draft, source):
            return self._at_end(cure, unit)
        statement = self._statement(source)
        inner = positions.inner_sections(statement)
        if not inner:
            return self._at(cure, unit.file, statement, _level(unit, unit.file))
        if not unit.is_main:
            return self._at_end(cure, unit)
        section, text = inner[0], self.draft.text(unit.file)
        if not section.end or text is None:
            raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=str(source)))
        level = _level(unit, unit.file)
        return Place(cure, unit.file, section.end + 1, section.indent, level, section.sections)

    def _at_end(self, cure: Cure, unit: Unit) -> Place:
        """Before the closing tag of a virtual host."""
        closing, text = self.draft.statement(unit.file, unit.last), self.draft.text(unit.file)
        if closing is None or text is None or closing.name != "virtualhost":
            raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=f"{unit.file}:{unit.first}"))
        inside = [s for s in text.between(unit.first + 1, unit.last - 1) if not s.tag]
        plain = [s for s in inside if not positions.inner_sections(s)]
        indent = plain[-1].indent if plain else closing.indent + positions.INDENT
        opening = text.at(unit.first)
        around = (*opening.sections, opening) if opening is not None else ()
        return Place(cure, unit.file, closing.first, indent, _level(unit, unit.file), around)

    def _repeats(self, unit: Unit, wanting: Iterable[int]) -> bool:
        """Whether a macro or an Include makes other virtual hosts of the same lines."""
        numbers = {route.id.vhost for route in unit.routes}
        return not unit.is_main and not numbers <= set(wanting)

    def _unit(self, route: Route) -> Unit | None:
        """The virtual host of a route, whichever of its requests was asked for."""
        return self._units.get(replace(route.id, asked=""))

    def _statement(self, source: Source) -> Statement:
        statement = self.draft.statement(source.file, source.line)
        if statement is None:
            raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=str(source)))
        return statement


def anchor_of(route: Route) -> Source:
    """The line that sends requests to a route; of a balancer's member not the member's own."""
    return route.balanced_by or route.source


def labels(routes: Sequence[Route], numbers: frozenset[int]) -> tuple[str, ...]:
    """The routes of virtual hosts, by number, as they are called."""
    return tuple(dict.fromkeys(route.id.label for route in routes if route.id.vhost in numbers))


def _level(unit: Unit | None, file: str) -> object:
    return (unit.file, unit.first) if unit is not None else (file, 0)


def _after(text: SourceText, statement: Statement, file: str) -> int:
    """The line after a statement, which must not go on at the end of its file."""
    if text.lines[statement.last - 1].rstrip(b"\r\n").endswith(b"\\"):
        raise NoPlaceError(remark(Point.CURE_NOT_IN_FILES, place=f"{file}:{statement.last}"))
    return statement.last + 1


def _by_hand(cure: Cure, source: Source) -> NoPlaceError:
    return NoPlaceError(remark(Point.CURE_BY_HAND, line=cure.line, place=str(source)))


def _check(text: str, beside: str) -> None:
    """Refuses what is no directive or section with one, or names a variable that is new there."""
    lines = text.split("\n")
    unknown = set(_VARIABLE.findall(text)) - set(_VARIABLE.findall(beside))
    broken = any((ord(c) < 32 and c != "\t") or ord(c) == 127 for line in lines for c in line)
    ends = [line for line in lines if line.endswith("\\") or line.lstrip().startswith("#")]
    inner = lines[1:-1] if _IN_SECTION.fullmatch(text) else lines
    opens = len(inner) > 1 or any(line.lstrip().startswith("<") for line in inner)
    if unknown or broken or ends or opens:
        raise NoPlaceError(remark(Point.CURE_NOT_A_LINE))
