"""The order of ProxyPass lines: httpd takes the first that fits, not the longest.

Source: mod_proxy.c, proxy_trans: the entries are tried in the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from wizard.fix.decide.route_repair import SHADOWED, RouteRepair
from wizard.fix.source.draft import Draft
from wizard.fix.source.statements import CONDITIONALS, Statement
from wizard.model.config import Configuration, Route, Source, SourceFile
from wizard.model.plan import Unresolved
from wizard.model.remark import Point, Remark, remark
from wizard.reference.behaviours import holds

_LINES = frozenset({"proxypass", "proxypassmatch"})
_UPGRADE = "upgrade=websocket"
_SAME_WITHOUT_UPGRADE = {"ws": "http", "wss": "https"}
_ROUND_THEM = CONDITIONALS | {"virtualhost"}


def put_in_order(draft: Draft, configuration: Configuration, repair: RouteRepair) -> RouteRepair:
    """Moves a route's ProxyPass line before the one that takes its requests.

    Args:
        draft: takes the move.
        configuration: with the files that are read, and all routes.
        repair: of the route.

    Returns:
        The repair; the finding is left, with the reason, where the line cannot be moved.
    """
    if not any(f.slug == SHADOWED for f in repair.resolved):
        return repair
    reason = _move(draft, configuration, repair.route)
    if reason is None:
        return repair
    stays = [f for f in repair.resolved if f.slug == SHADOWED]
    left = (Unresolved(repair.route.id, finding, reason) for finding in stays)
    kept = tuple(f for f in repair.resolved if f not in stays)
    return replace(repair, resolved=kept, unresolved=(*repair.unresolved, *left))


def _move(draft: Draft, configuration: Configuration, route: Route) -> Remark | None:
    """Moves the line; or says why not."""
    own, other = route.balanced_by or route.source, route.shadowed_by
    if other is None:
        return None
    late, early = draft.statement(own.file, own.line), draft.statement(other.file, other.line)
    places = {"own": str(own), "other": str(other)}
    if late is None or early is None or not _side_by_side(draft, configuration.files, own, other):
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.NOT_SIDE_BY_SIDE, **places))
    if early.words[1].value == "!":
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.EXCEPTED, **places))
    if early.words[0].value == late.words[0].value:
        if _is_its_websocket(configuration, route, early, late):
            draft.append(other.file, other.line, _UPGRADE, "one line takes both kinds of requests")
            draft.replace(own.file, own.line, [], f"{other} takes its requests with {_UPGRADE}")
            return None
        if route.superfluous and _are_two(configuration, route):
            draft.replace(own.file, own.line, [], f"{other} leads to the same backend")
            return None
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.SAME_PATH_TWICE, **places))
    if any(_excepts(one, route.path) for one in _between(draft, own.file, early, late)):
        return remark(Point.ORDER_IS_YOURS, why=remark(Point.EXCEPTION_BETWEEN, **places))
    draft.move(own.file, own.line, other.line, _rank(route), "httpd takes the first line that fits")
    return None


def _is_its_websocket(
    configuration: Configuration, route: Route, early: Statement, late: Statement
) -> bool:
    """Whether the later line of a path is the earlier one's backend, for WebSocket.

    One line then serves both, with ``upgrade=websocket`` (mod_proxy_http since 2.4.47).
    """
    if holds("websocket-tunnel-only", configuration.httpd.release) or route.balancer:
        return False
    first, second = ([word.value for word in one.words] for one in (early, late))
    if not _are_two(configuration, route) or early.name != late.name or second[2:]:
        return False
    scheme, _, rest = second[1].partition("://")
    parameters = [word.partition("=")[0].lower() for word in first[2:]]
    same = f"{_SAME_WITHOUT_UPGRADE.get(scheme.lower())}://{rest}" == first[1]
    return same and "upgrade" not in parameters


def _are_two(configuration: Configuration, route: Route) -> bool:
    """Whether a path has two lines: of more, none is taken away, since later routes are told apart
    by their number."""
    own = replace(route.id, number=0)
    return [o.id.number for o in configuration.routes if replace(o.id, number=0) == own] == [0, 1]


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
        and min(len(late.words), len(early.words)) > 1
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
