"""Which routes a directive counts for, and whether they can live with another value of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from wizard.fix.decide import best_practice
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place import positions
from wizard.fix.place.groups import Group
from wizard.fix.place.positions import Unit
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.model.config import Configuration, Route, Source
from wizard.model.route_id import RouteId

Key = tuple[str, int] | None
"""The ``<Proxy>`` section that governs a route: file and line; None: its virtual host does."""


@dataclass(slots=True)
class Reach:
    """The routes of a configuration, asked by the lines that set something for them.

    Args:
        draft: gives the statements.
        configuration: its routes.
        desired: the settings that routes are to have: what a change for one must not spoil for
            another. Each route's CA file is added once it is chosen.
    """

    draft: Draft
    configuration: Configuration
    desired: dict[RouteId, Mapping[str, str]]
    _users: dict[str, dict[tuple[str, int], dict[int, list[Route]]]] = field(default_factory=dict)
    """Directive to the line that sets it to the virtual hosts' numbers to their routes."""

    def key(self, repair: RouteRepair) -> Key:
        """The level at which a route's settings count."""
        source = repair.route.policy_section
        if source is None or set(repair.settings) == {best_practice.PRESERVE_HOST}:
            return None
        return self.draft.canonical(source.file), source.line

    def own_section(self, unit: Unit, key: Key) -> Statement | None:
        """The governing section, if it stands in the virtual host's own lines."""
        if key is None or not positions.within(unit, self.draft, Source(*key)):
            return None
        statement = self.draft.statement(*key)
        return statement if statement is not None and statement.end else None

    def alone(self, unit: Unit, key: Key, group: Group) -> bool:
        """Whether a change at the level of ``key`` leaves every other route what it needs."""
        members = {r.id for r in group.routes}
        pool = self.configuration.routes if unit.is_main else unit.routes
        others = positions.used_here(unit, group.routes[0]) if key is None else ()
        for route in chain(pool, others):
            if route.id in members:
                continue
            desired = self.desired.get(route.id, {})
            for name, text in group.settings.items():
                counts = name not in group.broken and self._reaches(unit, key, route, name)
                if counts and not group.suits(route, desired.get(name), name, text):
                    return False
        return True

    def _reaches(self, unit: Unit, key: Key, route: Route, name: str) -> bool:
        """Whether a directive at the level of ``key`` would count for a route."""
        section = route.policy_section
        source = best_practice.setting_of(route, name).source
        if key is not None:
            return section is not None and (self.draft.canonical(section.file), section.line) == key
        if name == best_practice.PRESERVE_HOST:
            statement = self.draft.statement(source.file, source.line) if source else None
            return statement is None or not positions.inner_sections(statement)
        if section is not None and (
            route.policy_in_main_section or (source and self._stands_in(section, source))
        ):
            return False
        if unit.is_main and not route.vhost.is_main:
            return source is None or not self._in_any_vhost(source)
        return True

    def _stands_in(self, section: Source, source: Source) -> bool:
        statement = self.draft.statement(section.file, section.line)
        same = self.draft.canonical(section.file) == self.draft.canonical(source.file)
        return statement is not None and same and statement.first <= source.line <= statement.end

    def _in_any_vhost(self, source: Source) -> bool:
        statement = self.draft.statement(source.file, source.line)
        return statement is None or any(s.name == "virtualhost" for s in statement.sections)

    def foreign_users(self, unit: Unit, name: str, source: Source) -> list[Route]:
        """The routes of other virtual hosts that have a directive from the same line."""
        if name not in self._users:
            users: dict[tuple[str, int], dict[int, list[Route]]] = {}
            for route in self.configuration.routes:
                theirs = best_practice.setting_of(route, name).source
                if theirs is not None:
                    place = self.draft.canonical(theirs.file), theirs.line
                    users.setdefault(place, {}).setdefault(route.id.vhost, []).append(route)
            self._users[name] = users
        own = {r.id.vhost for r in unit.routes}
        there = self._users[name].get((self.draft.canonical(source.file), source.line), {})
        return [route for vhost, routes in there.items() if vhost not in own for route in routes]

    def exclusive(self, unit: Unit, source: Source, foreign: Sequence[Route]) -> bool:
        """Whether a line counts for one virtual host only; foreign: its :meth:`foreign_users`."""
        if foreign:
            return False
        file = self.configuration.files.get(source.file)
        shared = file is not None and len(file.included_by) > 1
        return not shared or positions.within(unit, self.draft, source)

    def inheriting(self, unit: Unit) -> tuple[str, ...]:
        """Labels of the TLS routes outside a unit, which inherit what the main server sets."""
        own = {r.id for r in unit.routes}
        others = (r for r in self.configuration.routes if r.id not in own and r.backend.uses_tls)
        return tuple(dict.fromkeys(r.id.label for r in others))
