"""Writes the lines that repair what a client gets of an answer, beside the line of the route.

Source of the contexts: httpd 2.4's documentation (ProxyPassReverse, Header, RequestHeader and
ProxyPreserveHost may stand in a virtual host and in ``<Location>``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from wizard.findings.table import ANSWER_SLUGS
from wizard.fix.decide import best_practice, handover
from wizard.fix.decide.route_repair import leaf_of
from wizard.fix.place.positions import inner_sections
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.model.config import Configuration, Route, Source
from wizard.model.cure import Cure
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import Because, Intended, Resolved, Unresolved
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.record import record

_MODULES = {"header": "headers_module", "requestheader": "headers_module"}
"""Directive in lower case to the module that knows it, where mod_proxy itself does not."""
_Write = Callable[[], object]


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


def write(
    draft: Draft,
    configuration: Configuration,
    diagnoses: Sequence[Diagnosis],
    uncured: Mapping[RouteId, Remark],
) -> Cured:
    """Write the cures of every finding of answers; those of one finding together or not at all.

    Args:
        draft: takes the changes.
        configuration: as it is.
        diagnoses: of its routes.
        uncured: routes whose cures were tried and would not help, and why.
    """
    resolved: list[Resolved] = []
    unresolved: list[Unresolved] = []
    intended: dict[RouteId, dict[str, str]] = {}
    written: set[object] = set()
    for diagnosis in diagnoses:
        case = diagnosis.case
        for finding in diagnosis.findings:
            if finding.slug not in ANSWER_SLUGS or finding.severity == "info":
                continue
            if not finding.cures:
                left = handover.explained(finding, case, case.route, leaf_of(case), None)
                unresolved.append(left)
                continue
            reason = uncured.get(case.route.id) or _problem(configuration, finding)
            steps = None if reason else _steps(draft, configuration, case.route, finding, written)
            if steps is None:
                line = next((one.line for one in finding.cures if one.line), "")
                why = reason or remark(Point.CURE_BY_HAND, line=line, place=str(case.route.source))
                unresolved.append(Unresolved(case.route.id, finding, why))
                continue
            for step in steps:
                step()
            resolved.append(Resolved(case.route.id, finding.slug))
            for key, settings in _changed(configuration, case.route, finding):
                intended.setdefault(key, {}).update(settings)
    return Cured(tuple(resolved), tuple(unresolved), intended)


def _problem(configuration: Configuration, finding: Finding) -> Remark | None:
    """What keeps httpd from reading a line."""
    loaded = configuration.httpd.modules
    for cure in finding.cures:
        for name in _names(cure.line):
            module = _MODULES.get(name.lower())
            if module is not None and loaded and module not in loaded:
                return remark(Point.CURE_NEEDS_MODULE, module=module, line=cure.line)
    return None


def _names(line: str) -> list[str]:
    """The directives of a line, or of the section that it is."""
    words = (one.split() for one in line.splitlines())
    return [one[0] for one in words if one and not one[0].startswith("<")]


def _steps(
    draft: Draft,
    configuration: Configuration,
    route: Route,
    finding: Finding,
    written: set[object],
) -> list[_Write] | None:
    """What writes every cure of a finding; None: one of them cannot be written."""
    found = []
    for cure in finding.cures:
        step = _step(draft, configuration, route, cure, written)
        if step is None:
            return None
        found.append(step)
    return found


def _step(
    draft: Draft, configuration: Configuration, route: Route, cure: Cure, written: set[object]
) -> _Write | None:
    own = cure.where in ("parameter", "url")
    anchor = cure.replaced or (not own and route.balanced_by) or route.source
    statement = draft.statement(anchor.file, anchor.line)
    if statement is None or not _is_own(draft, configuration, route, anchor, statement):
        return None
    line = anchor.line
    if cure.where == "instead":
        bodies = [cure.line] if cure.line else []
        return partial(draft.replace, anchor.file, line, bodies, cure.reason)
    if cure.where == "parameter":
        return partial(draft.append, anchor.file, line, cure.line, cure.reason)
    if cure.where == "url":
        words = [word.value for word in statement.words]
        if route.backend.url not in words:
            return None
        index = words.index(route.backend.url)
        return partial(draft.set_words, anchor.file, line, {index: cure.line}, cure.reason)
    before, indent = _spot(draft, anchor, statement, cure)
    key = draft.canonical(anchor.file), route.vhost.source, _section_of(statement), cure.line
    if key in written:
        return lambda: None
    written.add(key)
    bodies = cure.line.split("\n")
    step = b"\t" if indent.startswith(b"\t") else b"    "
    bodies = [one.replace("    ", step.decode(), 1) for one in bodies]
    parts = (Because(tuple(_names(cure.line)), cure.reason),)
    return partial(draft.insert, anchor.file, before, indent, bodies, parts)


def _section_of(statement: Statement) -> int:
    """The line of the section in which a statement stands; 0: in none of its own."""
    inner = inner_sections(statement)
    return inner[-1].first if inner else 0


def _spot(draft: Draft, anchor: Source, statement: Statement, cure: Cure) -> tuple[int, bytes]:
    inner = inner_sections(statement)
    if cure.where == "before-route":
        text = draft.text(anchor.file)
        target = inner[0] if inner else statement
        first = text.with_comments(target.first) if text is not None else target.first
        return first, target.indent
    if cure.where == "server" and inner:
        return inner[0].end + 1, inner[0].indent
    return statement.last + 1, statement.indent


def _is_own(
    draft: Draft, configuration: Configuration, route: Route, anchor: Source, statement: Statement
) -> bool:
    """Whether a line counts for the route's virtual host alone, and is written as it reads."""
    if any(section.name == "macro" for section in statement.sections):
        return False
    if statement.tag or any(not section.end for section in statement.sections):
        return False
    name = draft.canonical(anchor.file)
    hosts = {
        one.vhost.source
        for one in configuration.routes
        if one.source.line == anchor.line and draft.canonical(one.source.file) == name
    }
    return hosts <= {route.vhost.source}


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
