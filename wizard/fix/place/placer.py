"""Writes the settings of each route where they count for it, and nowhere else.

A directive is changed where it stands if that line sets nothing for another route. Else it is
overridden in the virtual host; and where another route of the virtual host needs another value, in
a ``<Proxy>`` section of the route's own; so does a temporary exception for which the section that
governs it reaches further than its worker. httpd takes one set of mod_ssl settings for a request:
that of the last matching ``<Proxy>`` section that has any, its gaps filled from the server that it
stands in (mod_ssl, ssl_engine_config.c: ssl_config_proxy_merge; mod_proxy, proxy_section).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from wizard.fix.decide import best_practice
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.place import permitted, positions, proxy_sections, written_out
from wizard.fix.place.bundle_files import Bundles
from wizard.fix.place.exception_comments import REASON, ExceptionComments
from wizard.fix.place.groups import Group, gather
from wizard.fix.place.positions import Spot, Unit
from wizard.fix.place.proxy_sections import Opening
from wizard.fix.place.reach import Key, Reach
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.model.config import Source
from wizard.model.plan import Because
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.reference.release import Release

Placed = tuple[Key, Group]
"""Routes that share settings, and the level at which those count."""
_ORDER = (*best_practice.FIELDS, best_practice.PRESERVE_HOST)


@dataclass(slots=True)
class Placer:
    """Writes the settings of every unit into one draft.

    Args:
        draft: takes the changes.
        reach: says which other routes a line counts for.
        bundles: gives the CA file of a group.
        release: the httpd that the plan is for.
    """

    draft: Draft
    reach: Reach
    bundles: Bundles
    release: Release
    _comments: ExceptionComments = field(init=False)

    def groups(self, repairs: Sequence[RouteRepair]) -> list[Placed]:
        """The routes of one virtual host that share settings, each group with its CA file.

        All virtual hosts' are to be known before the first is placed: what is written for one may
        count for another.
        """
        by_place: dict[Key, list[RouteRepair]] = {}
        for repair in repairs:
            if repair.changes_policy:
                by_place.setdefault(self.reach.key(repair), []).append(repair)
        found = [(key, group) for key, alike in by_place.items() for group in gather(alike)]
        for _, group in found:
            self._choose_ca_file(group)
        return found

    def place(self, unit: Unit, groups: Sequence[Placed]) -> dict[RouteId, Remark]:
        """Writes what the routes of one virtual host need.

        Args:
            unit: the virtual host.
            groups: of its routes.

        Returns:
            Why some of them get nothing: httpd has no place where it would count for them alone.
        """
        failed: dict[RouteId, Remark] = {}
        for key, group in groups:
            self._comments = ExceptionComments(self.draft, group)
            section = self.reach.own_section(unit, key)
            alone = self.reach.alone(unit, key, group)
            if alone and section is not None and self._exact_enough(section, group):
                settings = written_out.needed(unit, self.draft, group)
                self._in_section(unit, section, group, settings)
            elif alone and key is None:
                self._in_vhost(unit, group)
            elif reason := self._no_section(group):
                failed |= {route.id: reason for route in group.routes}
                continue
            else:
                self._in_new_sections(unit, key, group)
            self._comments.write()
        if not failed:
            written_out.take_dead(self.draft, unit, [group for _, group in groups])
        return failed

    def _choose_ca_file(self, group: Group) -> None:
        ca_file = self.bundles.file_for(group)
        if ca_file is None:
            return
        group.settings[best_practice.CA_FILE] = ca_file
        desired = self.reach.desired
        for route in group.routes:
            desired[route.id] = {**desired[route.id], best_practice.CA_FILE: ca_file}

    def _no_section(self, group: Group) -> Remark | None:
        """Why a group can have no sections of its own."""
        changed_first = sorted(group.settings, key=partial(written_out.is_in_force, group))
        settings = {name: group.settings[name] for name in changed_first}
        reason = permitted.refused_in_section(settings, self.release)
        if reason is not None:
            return remark(Point.NO_SECTION_FOR_IT, why=reason)
        for repair in group.repairs:
            source, kind = repair.route.source, repair.route.kind
            if not proxy_sections.counts_for(kind):
                return remark(Point.NO_SECTION_COUNTS, kind=kind, place=str(source))
            if proxy_sections.opening(repair) is None:
                url = repair.route.backend.url
                return remark(Point.URL_FROM_VARIABLES, url=url, place=str(source))
        return None

    @staticmethod
    def _exact_enough(section: Statement, group: Group) -> bool:
        """Whether a section may hold the settings of a group: an exception ends with its worker."""
        if group.new_exception is None:
            return True
        return all(_is(section, proxy_sections.opening(repair)) for repair in group.repairs)

    def _in_vhost(self, unit: Unit, group: Group) -> None:
        settings = written_out.needed(unit, self.draft, group)
        self._remove(unit, group, settings)
        written_out.take_leftovers(self.draft, unit, group, positions.level(unit, self.draft))
        inserted: dict[str, str] = {}
        after = 0
        for name in sorted(settings, key=_ORDER.index):
            sources = self._sources(group, name)
            left = [s for s in sources if not self._in_place(unit, group, name, settings[name], s)]
            if left:
                inserted[name] = settings[name]
                after = max(after, *(positions.entered_at(unit, self.draft, s) for s in left))
        if inserted:
            self._insert(unit, positions.spot(unit, self.draft, after=after), group, inserted)

    def _sources(self, group: Group, name: str) -> list[Source | None]:
        """The places where a directive is set for the routes that need it changed."""
        found: list[Source | None] = []
        for repair in group.repairs:
            source = best_practice.setting_of(repair.route, name).source
            known = any(s == source or positions.same_place(self.draft, s, source) for s in found)
            if not known and (name in repair.settings or name == best_practice.CA_FILE):
                found.append(source)
        return found

    def _in_place(
        self, unit: Unit, group: Group, name: str, text: str, source: Source | None
    ) -> bool:
        """Changes a directive where it stands; False if it must be overridden instead."""
        directive = name.lower().partition(" ")[0]  # the source tells two of one name apart
        if source is None or self.draft.name_of(source.file, source.line) != directive:
            return False
        foreign = self.reach.foreign_users(unit, name, source)
        if name not in group.broken and not self.reach.exclusive(unit, source, foreign):
            return False
        reason = self._reason(group, name)
        affects = tuple(dict.fromkeys(r.id.label for r in foreign))
        statement = self.draft.statement(source.file, source.line)
        if name in best_practice.SEVERAL_WORDS or statement is None or not statement.words:
            bodies = [best_practice.written(name, text)]
            done = self.draft.replace(source.file, source.line, bodies, reason, affects)
        else:
            done = self.draft.set_words(source.file, source.line, {0: text}, reason, affects)
        if done:
            self._comments.changed(source.file, source.line, name)
        return done

    def _remove(
        self,
        unit: Unit,
        group: Group,
        settings: dict[str, str],
        *,
        reuse: bool = True,
        of_host: bool = True,
    ) -> None:
        """Deletes the directives that a group says must not stay.

        Args:
            unit: the virtual host.
            group: names them.
            settings: loses the CA file if that is written here.
            reuse: a new CA file may take the place of a useless path.
            of_host: the virtual host's own checks may change.
        """
        for name in sorted(group.remove - (set() if of_host else {best_practice.CHECK_CN})):
            source = next((s for s in self._sources_of(group, name) if s), None)
            if source is None or self.draft.name_of(source.file, source.line) != name.lower():
                continue
            foreign = self.reach.foreign_users(unit, name, source)
            if name not in group.broken and not self.reach.exclusive(unit, source, foreign):
                continue
            ca_file = settings.get(best_practice.CA_FILE)
            instead = []
            unset = self._sources_of(group, best_practice.CA_FILE) == [None]
            if name == best_practice.CA_PATH and reuse and ca_file and not foreign and unset:
                instead = [best_practice.written(best_practice.CA_FILE, ca_file)]
            reason = best_practice.REASONS.get(name, "no longer needed")
            if name in group.broken:
                reason = "httpd does not start with what it names"
            affects = tuple(dict.fromkeys(r.id.label for r in foreign))
            done = self.draft.replace(source.file, source.line, instead, reason, affects)
            if instead and done:
                del settings[best_practice.CA_FILE]
            if not foreign and positions.within(unit, self.draft, source):
                # an earlier one that this one overrode must not count instead
                for other in positions.certain(unit, self.draft, name.lower()):
                    if other.last != source.line:
                        self.draft.replace(unit.file, other.last, [], reason)

    def _sources_of(self, group: Group, name: str) -> list[Source | None]:
        found = (best_practice.setting_of(w.route, name).source for w in group.repairs)
        return list(dict.fromkeys(found))

    def _in_section(
        self, unit: Unit, section: Statement, group: Group, settings: Mapping[str, str]
    ) -> None:
        """Writes settings into an existing ``<Proxy>`` section of the virtual host."""
        text = self.draft.text(unit.file)
        if text is None:
            return
        left = dict(settings)
        self._remove(unit, group, left, reuse=False)
        inside = [s for s in text.between(section.last + 1, section.end - 1) if not s.tag]
        written_out.take_leftovers(self.draft, unit, group, inside)
        there = {_key(s): s for s in inside}
        inserted = {}
        for name in sorted(left, key=_ORDER.index):
            statement = there.get(name.lower())
            source = Source(unit.file, statement.last) if statement else None
            if not self._in_place(unit, group, name, left[name], source):
                inserted[name] = left[name]
        if inserted:
            self._insert(unit, positions.inside(section, text), group, inserted)

    def _in_new_sections(self, unit: Unit, key: Key, group: Group) -> None:
        """Gives the routes of a group sections of their own."""
        settings = written_out.needed(unit, self.draft, group)
        for name in group.broken & set(settings):
            for source in self._sources(group, name):
                self._in_place(unit, group, name, settings[name], source)
        self._remove(unit, group, settings, reuse=False, of_host=False)
        first = group.routes[0]
        if key is not None:
            settings = best_practice.explicit(first, settings)
        sections = [route.policy_section for route in group.routes]
        after = max(positions.entered_at(unit, self.draft, section) for section in sections)
        governed = key is not None
        for opening in self._openings(group):
            section = self._existing(unit, opening)
            if section is not None:
                self._in_section(unit, section, group, settings)
            else:
                self._new_section(unit, opening, settings, after, governed=governed)

    @staticmethod
    def _openings(group: Group) -> list[Opening]:
        """The sections of a group, none within another."""
        found = [one for one in map(proxy_sections.opening, group.repairs) if one is not None]
        widest = sorted(dict.fromkeys(found), key=lambda one: len(one.url))
        return [
            one
            for i, one in enumerate(widest)
            if not any(one.within(other) for other in widest[:i])
        ]

    def _existing(self, unit: Unit, opening: Opening) -> Statement | None:
        """A section of the virtual host that takes exactly the same."""
        text = self.draft.text(unit.file)
        for section in reversed(positions.sections(unit, text)) if text else ():
            plain = not any(s.name != "virtualhost" for s in section.sections)
            if plain and _is(section, opening):
                return section
        return None

    def _new_section(
        self,
        unit: Unit,
        opening: Opening,
        settings: Mapping[str, str],
        after: int,
        *,
        governed: bool,
    ) -> None:
        where = positions.section_spot(unit, self.draft, after=after)
        group = self._comments.group
        step = "\t" if where.indent.startswith(b"\t") else positions.INDENT.decode()
        # what an exception excuses stands within reach of its comment
        excused = group.excuses
        names = sorted(settings, key=lambda name: (not excused(name), _ORDER.index(name)))
        inner = [step + best_practice.written(name, settings[name]) for name in names]
        comment = self._comments.above(unit.file, where.before, settings)
        bodies = [*comment, str(opening), *inner, f"</{opening.name}>"]
        why = (
            "the section that governs it also counts elsewhere"
            if governed
            else "other routes here need other values"
        )
        section = Because((f"<{opening.name}> for {opening.url}",), why)
        parts = (section, *self._parts(group, names))
        self.draft.insert(unit.file, where.before, where.indent, bodies, parts)

    def _insert(self, unit: Unit, where: Spot, group: Group, settings: Mapping[str, str]) -> None:
        names = sorted(settings, key=_ORDER.index)
        comment = self._comments.above(unit.file, where.before, settings)
        bodies = [*comment, *(best_practice.written(name, settings[name]) for name in names)]
        affects = self.reach.inheriting(unit) if unit.is_main else ()
        parts = self._parts(group, names)
        self.draft.insert(unit.file, where.before, where.indent, bodies, parts, affects=affects)

    def _parts(self, group: Group, names: Sequence[str]) -> tuple[Because, ...]:
        """Why lines are written, each of them: what changes, then what is only written out."""
        found: dict[str, list[str]] = {}
        for name in sorted(names, key=lambda name: written_out.is_in_force(group, name)):
            same = written_out.is_in_force(group, name)
            why = written_out.WHY if same else self._reason(group, name)
            found.setdefault(why, []).append(name)
        return tuple(Because(tuple(told), why) for why, told in found.items())

    def _reason(self, group: Group, name: str) -> str:
        if group.excuses(name):
            return REASON
        old = best_practice.value(group.routes[0], name) if name == best_practice.CA_FILE else ""
        if old:
            kept = any(repair.pinned for repair in group.repairs)
            where = f"beside what {old} holds" if kept else f"in place of {old}"
            return f"the CA that signed this backend's chain, {where}"
        reason = best_practice.REASONS.get(name, "needed for this backend")
        return reason.format(depth=group.settings.get(best_practice.DEPTH, ""))


def _is(section: Statement, opening: Opening | None) -> bool:
    """Whether a section of the file has this opening tag."""
    words = section.words
    return (
        opening is not None
        and section.name == opening.name.lower()
        and bool(words)
        and words[0].value == opening.pattern
    )


def _key(statement: Statement) -> str:
    """A directive's name in lower case; with the first word where that makes it another setting."""
    words = statement.words
    if statement.name == "sslproxyciphersuite" and len(words) > 1:
        first = words[0].value.lower()
        return f"{statement.name} {first}" if first == "tlsv1.3" else statement.name
    return statement.name
