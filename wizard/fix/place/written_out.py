"""The strict set written out in full: which lines are missing for that, and which are leftovers.

What a virtual host does not say itself, httpd fills from its server level (mod_ssl,
ssl_engine_config.c: ssl_config_proxy_merge), where a later edit for somebody else may change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wizard.fix.decide import best_practice
from wizard.fix.place import positions
from wizard.fix.place.groups import Group
from wizard.fix.place.positions import Unit
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import Statement
from wizard.model.config import Source

WHY = "in force already; written out so that no other line changes it"
_LEFTOVER = "another line counts in its place; it would switch the check off once that one is gone"


def needed(unit: Unit, draft: Draft, group: Group) -> dict[str, str]:
    """The settings of a group without those that a line of its virtual host's own gives already.

    Args:
        unit: the virtual host.
        draft: gives the statements.
        group: of its routes.
    """
    return {
        name: text
        for name, text in group.settings.items()
        if not is_in_force(group, name)
        or not all(
            _is_own(unit, draft, best_practice.setting_of(route, name).source)
            for route in group.routes
        )
    }


def is_in_force(group: Group, name: str) -> bool:
    """Whether each route of a group has a setting already as it is to be."""
    copied = name not in group.settings
    return copied or all(name in repair.unchanged for repair in group.repairs)


def take_leftovers(draft: Draft, unit: Unit, group: Group, level: Iterable[Statement]) -> None:
    """Deletes the lines of a level that switch a check off and do not count.

    Args:
        draft: takes the changes.
        unit: the virtual host.
        group: of its routes; nothing is deleted unless it has the strict set in full.
        level: directives of the virtual host, or of a section, that httpd reads for sure.
    """
    if not _is_full(group):
        return
    for statement in level:
        name = best_practice.CANONICAL.get(statement.name, "")
        sources = [best_practice.setting_of(route, name).source for route in group.routes if name]
        here = Source(unit.file, statement.last)
        counts = any(positions.same_place(draft, here, source) for source in sources)
        if not counts and _is_weak(statement):
            draft.replace(unit.file, statement.last, [], _LEFTOVER)


def take_dead(draft: Draft, unit: Unit, groups: Sequence[Group]) -> None:
    """Deletes the lines of a virtual host that switch a check off and count for nobody any more.

    That is so once each of its routes has what is strict from elsewhere: a section of its own, or
    another line. Without them no check is weaker, and none is switched off when that one goes.

    Args:
        draft: takes the changes.
        unit: the virtual host; the main server's lines may count for others.
        groups: of its routes, which have been written.
    """
    settled = {route.id for group in groups for route in group.routes if _is_full(group)}
    over_tls = [r for r in unit.routes if best_practice.counts(r, "SSLProxyVerify")]
    alone = not unit.is_main and not unit.handed_down
    if not alone or any(route.id not in settled for route in over_tls):
        return
    for statement in positions.level(unit, draft):
        if _is_weak(statement) and not draft.is_changed(unit.file, statement.last):
            draft.replace(unit.file, statement.last, [], _LEFTOVER)


def _is_full(group: Group) -> bool:
    return all(repair.in_full for repair in group.repairs)


def _is_weak(statement: Statement) -> bool:
    weak = best_practice.LEFTOVERS.get(best_practice.CANONICAL.get(statement.name, ""), ())
    return bool(statement.words) and statement.words[0].value.lower() in weak


def _is_own(unit: Unit, draft: Draft, source: Source | None) -> bool:
    """Whether a line counts for the virtual host whatever server level comes to say."""
    if source is None:
        return False
    return unit.is_main or not positions.at_server_level(draft, source)
