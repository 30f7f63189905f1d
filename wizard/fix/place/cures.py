"""Writes the lines that repair what a client gets of an answer: of one finding all or none.

Pure but for the draft. Equal lines of one level are written once; what contradicts is not written.
Source of the contexts: httpd 2.4's documentation (ProxyPassReverse, Header, RequestHeader and
ProxyPreserveHost may stand in a virtual host and in ``<Location>``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from wizard.config.syntax.logical_lines import encode
from wizard.config.syntax.words import ascii_lower
from wizard.findings import shell
from wizard.fix.decide import best_practice, handover
from wizard.fix.decide.route_repair import is_about_answer, leaf_of
from wizard.fix.place import permitted
from wizard.fix.place.cure_places import CurePlaces, NoPlaceError, Place, anchor_of, labels
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import SourceText, Statement
from wizard.model.config import Configuration, Route
from wizard.model.cure import Cure
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import Because, Intended, Resolved, Unresolved
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.record import record
from wizard.reference import directives

_ONE_VALUE = frozenset({"FLAG", "TAKE1"})
_BY_FIRST_WORD = frozenset({"proxypassreversecookiedomain", "proxypassreversecookiepath"})
_HEADERS = frozenset({"header", "requestheader"})
_IN_LINE = frozenset({"parameter", "url"})


@record
class Cured:
    """What was written for the findings of answers.

    Args:
        resolved: those that it resolves.
        unresolved: those that it leaves, with the reason.
        intended: settings that change with it.
    """

    resolved: tuple[Resolved, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    intended: Mapping[RouteId, Mapping[str, str]] | None = None

    def merged(self, intended: Mapping[RouteId, Intended]) -> dict[RouteId, Intended]:
        """What is to change for each route, with these settings."""
        made = dict(intended)
        for key, settings in (self.intended or {}).items():
            old = made.get(key, Intended())
            made[key] = replace(old, settings={**old.settings, **settings})
        return made


@record
class _Wanted:
    route: Route
    finding: Finding

    @property
    def key(self) -> tuple[RouteId, str]:
        return self.route.id, self.finding.slug


def write(
    draft: Draft,
    configuration: Configuration,
    diagnoses: Sequence[Diagnosis],
    uncured: Mapping[tuple[RouteId, str], Remark],
) -> Cured:
    """Write the cures of every finding of answers; those of one finding together or not at all.

    Args:
        draft: takes the changes; the other repairs are in it already.
        configuration: as it is.
        diagnoses: of its routes.
        uncured: findings, by route and slug, whose cures were tried and would not help, and why.
    """
    wanted = []
    unresolved: list[Unresolved] = []
    for diagnosis in diagnoses:
        case = diagnosis.case
        for finding in filter(is_about_answer, diagnosis.findings):
            if finding.cures:
                wanted.append(_Wanted(case.route, finding))
            else:
                told = handover.explained(finding, case, case.route, leaf_of(case), None)
                unresolved.append(told)
    tried = [one for one in wanted if one.key not in uncured]
    failed = {**uncured, **_Writer(draft, configuration).write(tried)} if wanted else {}
    resolved: list[Resolved] = []
    intended: dict[RouteId, dict[str, str]] = {}
    for one in wanted:
        if one.key in failed:
            unresolved.append(Unresolved(one.route.id, one.finding, failed[one.key]))
            continue
        resolved.append(Resolved(*one.key))
        for key, settings in _changed(configuration, one.route, one.finding):
            intended.setdefault(key, {}).update(settings)
    return Cured(tuple(resolved), tuple(unresolved), intended)


@dataclass(slots=True)
class _Writer:
    draft: Draft
    configuration: Configuration
    _failed: dict[tuple[RouteId, str], Remark] = field(default_factory=dict)

    def write(self, wanted: Sequence[_Wanted]) -> dict[tuple[RouteId, str], Remark]:
        """Writes what can be written.

        Returns:
            Why the cures of some findings are not.
        """
        places = CurePlaces(self.draft, self.configuration)
        hosts = self._hosts(wanted)
        found: dict[tuple[RouteId, str], list[Place]] = {}
        for one in wanted:
            try:
                found[one.key] = [
                    self._place(places, one.route, cure, hosts) for cure in one.finding.cures
                ]
            except NoPlaceError as error:
                self._failed[one.key] = error.why
        self._drop_contradictions(found)
        kept = [places for key, places in found.items() if key not in self._failed]
        for place in _once([place for places in kept for place in places]):
            self._apply(place)
        return self._failed

    def _hosts(self, wanted: Sequence[_Wanted]) -> dict[object, set[int]]:
        """The virtual hosts whose routes need a line at one place of the files."""
        hosts: dict[object, set[int]] = {}
        for one in wanted:
            for cure in one.finding.cures:
                hosts.setdefault(self._same(one.route, cure), set()).add(one.route.id.vhost)
        return hosts

    def _same(self, route: Route, cure: Cure) -> object:
        source = route.vhost.source if cure.where == "server" else anchor_of(route)
        return self.draft.canonical(source.file), source.line, cure.where, cure.line

    def _place(
        self, places: CurePlaces, route: Route, cure: Cure, hosts: Mapping[object, set[int]]
    ) -> Place:
        place = places.place(route, cure, hosts[self._same(route, cure)])
        taken = self.draft.is_replaced if cure.where == "parameter" else self.draft.is_changed
        if place.indent is None and taken(place.file, place.line):
            where = f"{place.file}:{place.line}"
            raise NoPlaceError(remark(Point.CURE_PLACE_CHANGES, place=where))
        if cure.where not in _IN_LINE:
            for one in _directives(cure):
                self._allowed(place, one)
        return place

    def _allowed(self, place: Place, new: Statement) -> None:
        """Refuses a directive that httpd does not have, or not at this place."""
        httpd = self.configuration.httpd
        info = directives.lookup(new.name)
        if info is not None and httpd.modules and not set(info.modules) & set(httpd.modules):
            module = info.modules[0]
            remedy = shell.load_modules(httpd, (module,))[0]
            line, command = place.cure.line, remedy.command or ""
            why = remark(Point.CURE_NEEDS_MODULE, line=line, module=module, command=command)
            raise NoPlaceError(why)
        sections = place.sections
        if place.indent is None:
            statement = self.draft.statement(place.file, place.line)
            sections = statement.sections if statement is not None else ()
        reason = permitted.refused_at(new.flat, (*sections, *new.sections), httpd.release)
        if reason is not None:
            raise NoPlaceError(reason)

    def _drop_contradictions(self, found: Mapping[tuple[RouteId, str], Sequence[Place]]) -> None:
        wanting: dict[object, dict[str, None]] = {}
        for places in found.values():
            for place in places:
                wanting.setdefault(_subject(place), {})[place.cure.line] = None
        for key, places in found.items():
            for place in places:
                lines = tuple(wanting[_subject(place)])
                if len(lines) > 1:
                    self._failed[key] = remark(Point.CURES_CONTRADICT, lines=lines)

    def _apply(self, place: Place) -> None:
        cure, draft = place.cure, self.draft
        affects = labels(self.configuration.routes, place.shared)
        if cure.where == "parameter":
            draft.append(place.file, place.line, cure.line, cure.reason, affects)
        elif cure.where == "url":
            words = {place.word: cure.line}
            draft.set_words(place.file, place.line, words, cure.reason, affects)
        elif place.indent is None:
            bodies = [cure.line] if cure.line else []
            draft.replace(place.file, place.line, bodies, cure.reason, affects)
        else:
            step = "\t" if place.indent.startswith(b"\t") else "    "
            bodies = [one.replace("    ", step, 1) for one in cure.line.split("\n")]
            names = tuple(one.written_name.value for one in _directives(cure))
            parts = (Because(names, cure.reason),)
            draft.insert(place.file, place.line, place.indent, bodies, parts, affects)


def _directives(cure: Cure) -> list[Statement]:
    """The directives of a line, or of the section that it is."""
    return [one for one in SourceText(encode(cure.line)).statements if not one.tag]


def _subject(place: Place) -> object:
    """What only one value can be given to: other lines about the same contradict."""
    cure = place.cure
    if cure.where == "parameter":
        return place.level, "parameter", ascii_lower(cure.line.partition("=")[0])
    if place.indent is None:
        return place.level
    statement = next(iter(_directives(cure)), None)
    if statement is None:
        return place.level, cure.line
    level = place.level, tuple(section.flat for section in statement.sections)
    name, words = statement.name, [word.value for word in statement.words]
    info = directives.lookup(name)
    if info is not None and info.kind in _ONE_VALUE:
        return level, name
    if name in _BY_FIRST_WORD and len(words) > 1:
        return level, name, words[0]
    if name in _HEADERS and len(words) > 2 and words[0].lower() == "set":
        return level, name, words[1].lower().rstrip(":"), tuple(words[3:])
    return level, cure.line


def _once(places: Sequence[Place]) -> list[Place]:
    """The places, of equal lines of one level only the first in the file."""
    first: dict[object, Place] = {}
    for place in places:
        key = place.level, place.cure.where in _IN_LINE, place.cure.line, place.indent is None
        kept = first.setdefault(key, place)
        if place.file == kept.file and place.line < kept.line:
            first[key] = place
    return list(first.values())


def _changed(
    configuration: Configuration, route: Route, finding: Finding
) -> Iterator[tuple[RouteId, Mapping[str, str]]]:
    """The routes whose ProxyPreserveHost changes with a finding's cures, and to what."""
    for cure in finding.cures:
        words = cure.line.split()
        if best_practice.PRESERVE_HOST not in words:
            continue
        value = words[words.index(best_practice.PRESERVE_HOST) + 1]
        for one in configuration.routes:
            beside = one.vhost.source == route.vhost.source
            same = one.path == route.path
            if cure.where == "instead":
                same = same or one.preserve_host.source == cure.replaced
            if beside and same:
                yield one.id, {best_practice.PRESERVE_HOST: value}
