"""The order of ProxyPass lines: httpd takes the first that fits, not the longest.

Source: mod_proxy.c, proxy_trans: the entries are tried in the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from wizard.fix.decide.route_repair import SHADOWED, RouteRepair
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import CONDITIONALS, Statement
from wizard.model.config import Route, Source, SourceFile
from wizard.model.plan import Unresolved
from wizard.model.remark import Point, Remark, remark

_LINES = frozenset({"proxypass", "proxypassmatch"})
_ROUND_THEM = CONDITIONALS | {"virtualhost"}


def put_in_order(draft: Draft, files: Mapping[str, SourceFile], repair: RouteRepair) -> RouteRepair:
    """Moves a route's ProxyPass line before the one that takes its requests.

    Args:
        draft: takes the move.
        files: ``Configuration.files``.
        repair: of the route.

    Returns:
        The repair; the finding is left, with the reason, where the line cannot be moved.
    """
    if not any(f.slug == SHADOWED for f in repair.resolved):
        return repair
    reason = _move(draft, files, repair.route)
    if reason is None:
        return repair
    stays = [f for f in repair.resolved if f.slug == SHADOWED]
    left = (Unresolved(repair.route.id, finding, reason) for finding in stays)
    kept = tuple(f for f in repair.resolved if f not in stays)
    return replace(repair, resolved=kept, unresolved=(*repair.unresolved, *left))


def _move(draft: Draft, files: Mapping[str, SourceFile], route: Route) -> Remark | None:
    """Moves the line; or says why not."""
    own, other = route.balanced_by or route.source, route.shadowed_by
    if other is None:
        return None
    late, early = draft.statement(own.file, own.line), draft.statement(other.file, other.line)
    places = {"own": str(own), "other": str(other)}
    if late is None or early is None or not _side_by_side(draft, files, own, other):
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.NOT_SIDE_BY_SIDE, **places))
    if early.words[0].value == late.words[0].value:
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.SAME_PATH_TWICE, **places))
    if any(_excepts(one, route.path) for one in _between(draft, own.file, early, late)):
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.EXCEPTION_BETWEEN, **places))
    draft.move(own.file, own.line, other.line, _rank(route), "httpd takes the first line that fits")
    return None


def _side_by_side(
    draft: Draft, files: Mapping[str, SourceFile], own: Source, other: Source
) -> bool:
    """Whether two lines are ProxyPass of one file and section, which is read once."""
    late, early = draft.statement(own.file, own.line), draft.statement(other.file, other.line)
    file = files.get(own.file)
    return (
        late is not None
        and early is not None
        and file is not None
        and len(file.included_by) < 2
        and draft.canonical(own.file) == draft.canonical(other.file)
        and late.parent is early.parent
        and early.first < late.first
        and {late.name, early.name} <= _LINES
        and {section.name for section in late.sections} <= _ROUND_THEM
        and bool(late.words and early.words)
    )


def _between(draft: Draft, file: str, early: Statement, late: Statement) -> Iterator[Statement]:
    text = draft.text(file)
    return text.between(early.last + 1, late.first - 1) if text is not None else iter(())


def _excepts(statement: Statement, path: str) -> bool:
    """Whether a line takes a part of a path out (``ProxyPass /path/part !``)."""
    words = [word.value for word in statement.words]
    return statement.name in _LINES and words[1:2] == ["!"] and words[0].startswith(path)


def _rank(route: Route) -> int:
    """Lines that are moved to one place: the longest path first."""
    return -len(route.path)
