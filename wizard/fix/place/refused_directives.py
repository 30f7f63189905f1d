"""Directives that httpd refuses: misspelt ones, and SSLProxy* in a place that may not hold them.

They are repaired first, and their intended values count as set when the rest of the plan is made,
so that the plan does not add a line that is already there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from wizard.config.preprocess.exec_on_read import HANDLERS
from wizard.config.servers import tls_policy
from wizard.config.syntax.words import argument
from wizard.fix import policy_order
from wizard.fix.decide import best_practice
from wizard.fix.place import permitted, positions
from wizard.fix.place.positions import Unit
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.fix.trust.stores import SYSTEM
from wizard.model.config import Configuration, Problem, Route, Setting, Source, TlsPolicy
from wizard.model.route_id import RouteId
from wizard.reference import directives, misspelt
from wizard.reference.release import Release
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown

_LEAST_RATIO, _LEAST_LEAD = 0.9, 0.02
"""Likeness (difflib's ratio) that a correction needs, and its lead over the second candidate."""
_MORE = "was never in force here, and would let more in than before"
_BY_HAND = (
    "Correct it by hand and run this again: httpd acts on it while it reads, so that other lines "
    "may come in or change their meaning."
)
_OPENS = {
    "proxyrequests": "Correct it by hand: with it, httpd is a forward proxy for everybody whom its "
    "access control lets in."
}
"""Directives by which strangers may come in once their name is right, and what to say of them."""


@dataclass(slots=True)
class Repaired:
    """The configuration as it will be read once its refused directives are repaired.

    Args:
        configuration: with the routes' policies as they were meant.
        pending: directives that were taken out of a section and must be written where they count
            for the route.
        routes: those that change, as they will be.
        left: problems that stay, by ``FILE:LINE``.
        anywhere: directives whose name is corrected where it is not known for which routes they
            count: in a macro, a file of their own, a section, or at server level.
    """

    configuration: Configuration
    pending: dict[RouteId, dict[str, str]] = field(default_factory=dict)
    routes: dict[RouteId, Route] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    anywhere: set[str] = field(default_factory=set)

    def route(self, old: Route) -> Route:
        """The route as it will be."""
        return self.routes.get(old.id, old)


def repair(configuration: Configuration, draft: Draft) -> Repaired:
    """Repairs what can be repaired of the refused directives.

    Args:
        configuration: its problems are looked at.
        draft: takes the changes.
    """
    everywhere = list({id(route.tls): route for route in configuration.routes}.values())
    units = positions.units(configuration, draft)
    repairer = _Repairer(draft, units, everywhere, configuration.server_root)
    left: dict[str, str] = {}
    release = configuration.httpd.release
    for problem in configuration.problems:
        statement = draft.statement(problem.file, problem.line)
        reason = problem.hint or problem.message
        if problem.slug == "unknown-directive":
            meant = None if statement is None else _meant_by(problem, statement, release)
            done = (
                statement is not None
                and meant is not None
                and repairer.respell(problem, statement, meant)
            )
            if statement is not None and meant is not None and not done:
                reason += _why_by_hand(statement, meant)
        elif problem.slug == "directive-not-allowed-here":
            done = statement is not None and repairer.move(problem, statement)
        else:
            if statement is not None and _says_its_path_again(statement):
                _without_path(draft, problem, statement)
            continue
        if not done:
            left[f"{problem.file}:{problem.line}"] = reason
    outside = not release.backports and bool(
        permitted.refused_in_section(best_practice.FIELDS, release)
    )
    policies = repairer.policies
    routes = {
        old.id: _meant(old, policies.get(old.id, {}), outside=outside)
        for old in configuration.routes
        if old.id in policies or (outside and old.policy_section is not None)
    }
    changed = tuple(routes.get(r.id, r) for r in configuration.routes)
    as_meant = replace(configuration, routes=changed)
    return Repaired(as_meant, repairer.pending, routes, left, repairer.anywhere)


def _why_by_hand(statement: Statement, meant: str) -> str:
    """Why only the operator may correct the name of a directive; empty if a plan may."""
    name = meant.lower()
    if name in HANDLERS:
        return f" {_BY_HAND}"
    off = [word.value.lower() for word in statement.words] == ["off"]
    return f" {_OPENS[name]}" if name in _OPENS and not off else ""


def _says_its_path_again(statement: Statement) -> bool:
    """Whether a ProxyPass of two arguments stands in the <Location> of the same path, where httpd
    takes the URL alone (mod_proxy.c, add_pass)."""
    inner = positions.inner_sections(statement)
    return (
        statement.name == "proxypass"
        and len(statement.words) > 1
        and bool(inner)
        and inner[-1].name == "location"
        and [word.value for word in inner[-1].words] == [statement.words[0].value]
    )


def _without_path(draft: Draft, problem: Problem, statement: Statement) -> None:
    words = [statement.written_name.value, *(argument(w.value) for w in statement.words[1:])]
    reason = "the path is that of the section"
    draft.replace(problem.file, problem.line, [" ".join(words)], reason)


def _meant_by(problem: Problem, statement: Statement, release: Release) -> str | None:
    """What a name is misspelt for: as the reader says, or where only httpd refused it, the nearest;
    none that another release of httpd knows is misspelt."""
    if not problem.by_httpd:
        return problem.meant or None
    name = f"<{statement.name}" if statement.tag else statement.name
    return None if directives.lookup(name) else misspelt.nearest(statement.name, release)


@dataclass(slots=True)
class _Repairer:
    """Repairs single directives.

    Args:
        draft: takes the changes.
        units: every virtual host.
        everywhere: a route of each policy that there is.
        server_root: for relative paths.
        policies: settings of each route as they were meant.
        pending: as in ``Repaired``.
        anywhere: as in ``Repaired``.
    """

    draft: Draft
    units: Sequence[Unit]
    everywhere: Sequence[Route]
    server_root: str
    policies: dict[RouteId, dict[str, Setting[object]]] = field(default_factory=dict)
    pending: dict[RouteId, dict[str, str]] = field(default_factory=dict)
    anywhere: set[str] = field(default_factory=set)

    def respell(self, problem: Problem, statement: Statement, meant: str) -> bool:
        """Corrects a name when only one directive can be meant."""
        if statement.tag or not _certain(statement.name, meant):
            return False
        if meant.startswith("<") or _why_by_hand(statement, meant):
            return False  # a section's end would be missing
        reason = f"{statement.written_name.value} is no directive of httpd"
        name = best_practice.CANONICAL.get(meant.lower())
        source = Source(problem.file, statement.last)
        setting, routes, units = {}, [], []
        if name is not None:
            setting = _setting(statement, name, source, self.server_root)
            if not setting:  # httpd refuses the value too, or only a variable or a macro gives it
                return False
            units = [u for u in self.units if positions.within(u, self.draft, source)]
            if units and not positions.inner_sections(statement):
                routes = [route for unit in units for route in unit.routes]
        # virtual hosts inherit it; whom it reaches from a section, a macro, a file is not known
        anywhere = not routes or any(u.is_main for u in units)
        reached = self.everywhere if anywhere else routes
        if setting and _lets_more_in(reached, setting):
            reason += f", so {name} {_MORE}"
            return self.draft.replace(problem.file, problem.line, [], reason)
        if not self.draft.set_words(problem.file, problem.line, {-1: meant}, reason):
            return False
        if name is not None and anywhere:
            self.anywhere.add(name)
        for route in routes:
            self.policies.setdefault(route.id, {}).update(setting)
        return True

    def move(self, problem: Problem, statement: Statement) -> bool:
        """Takes an SSLProxy* directive out of a section; what it says is pending for its routes."""
        name = best_practice.CANONICAL.get(statement.name)
        inner = positions.inner_sections(statement)
        if name is None or not inner or not _setting(statement, name, None, self.server_root):
            return False
        source = Source(problem.file, statement.last)
        for unit in self.units:
            if not positions.within(unit, self.draft, source):
                continue
            routes = _of_section(unit, self.draft, inner[-1])
            reason = f"httpd refuses {name} in a {inner[-1].written_name.value}> section"
            more = _lets_more_in(unit.routes, _setting(statement, name, source, self.server_root))
            reason += f"; it {_MORE}" if more else ""
            if not routes or not self.draft.replace(problem.file, problem.line, [], reason):
                return False
            if more:
                return True
            # what moves out overrides the unit's own
            own = positions.certain(unit, self.draft, statement.name)
            there_already = Source(unit.file, own[-1].last) if own else None
            settings = _setting(statement, name, there_already, self.server_root)
            written = {DIRECTIVES[name]: shown(new.value) for name, new in settings.items()}
            for route in routes:
                self.policies.setdefault(route.id, {}).update(settings)
                self.pending.setdefault(route.id, {}).update(written)
            return True
        return False


def _lets_more_in(routes: Sequence[Route], setting: Mapping[str, Setting[object]]) -> bool:
    """Whether a line that httpd refused, and that was never in force, would weaken a route."""
    return any(
        policy_order.weaker(route.tls, _with(route.tls, setting))
        or _trusts_others(route.tls, setting)
        for route in routes
    )


def _trusts_others(policy: TlsPolicy, setting: Mapping[str, Setting[object]]) -> bool:
    """Whether a line names other CAs than those that somebody chose for a route."""
    fields = [best_practice.FIELDS[name] for name in (best_practice.CA_FILE, best_practice.CA_PATH)]
    chosen = {getattr(policy, field).value for field in fields} - {None, *SYSTEM.bundles}
    named = {setting[field].value for field in fields if field in setting}
    return bool(chosen) and not named <= chosen


def _certain(written: str, meant: str) -> bool:
    """Whether no other SSLProxy* directive is nearly as close as the nearest one."""
    best = SequenceMatcher(None, written, meant.lower()).ratio()
    others = (n for n in best_practice.CANONICAL if n != meant.lower())
    second = max(SequenceMatcher(None, written, other).ratio() for other in others)
    return best >= _LEAST_RATIO and best - second >= _LEAST_LEAD


def _of_section(unit: Unit, draft: Draft, section: Statement) -> list[Route]:
    """The routes of a section: those written in it, else those of its path or URL, else all."""
    inside = [
        r
        for r in unit.routes
        if positions.within(unit, draft, r.source) and section.first < r.source.line < section.end
    ]
    words = section.words
    path = words[0].value if words else ""
    if section.name == "proxy":
        below = [r for r in unit.routes if path and _proxies_to(r, path)]
    else:
        below = [r for r in unit.routes if path and r.path.startswith(path)]
    return inside or below or list(unit.routes)


def _proxies_to(route: Route, url: str) -> bool:
    """Whether a ``<Proxy URL>`` section is about a route; globs are about all."""
    if any(char in url for char in "*?["):
        return True
    pool = f"balancer://{route.balancer}/" if route.balancer else ""
    return pool.startswith(url) or route.backend.url.startswith(url)


def _setting(
    statement: Statement, name: str, source: Source | None, server_root: str
) -> dict[str, Setting[object]]:
    """The field that the directive sets, as the reader says; none for what httpd refuses."""
    words = [w.value for w in statement.words]
    resolve = PurePosixPath(server_root).joinpath
    field_name, value = tls_policy.read(name.lower(), words, lambda path: str(resolve(path)))
    return {field_name: Setting(value, source)} if field_name else {}


def _meant(route: Route, values: Mapping[str, Setting[object]], *, outside: bool) -> Route:
    """A route as it was meant; where no section may hold its settings, its server's are its own."""
    if outside:
        route = replace(route, policy_section=None, policy_in_main_section=False)
    return replace(route, tls=_with(route.tls, values))


def _with(policy: TlsPolicy, values: Mapping[str, Setting[object]]) -> TlsPolicy:
    return replace(policy, **values)  # type: ignore[arg-type]  # fields of one Setting type each
