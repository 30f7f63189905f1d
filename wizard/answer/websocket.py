"""Whether httpd passes on an upgrade to WebSocket.

Source: httpd 2.4, modules/proxy/mod_proxy_http.c (proxy_http_handler: the worker's ``upgrade=``
since 2.4.47; ws and wss take ``WebSocket`` by default), mod_proxy_wstunnel.c before.
"""

from __future__ import annotations

from wizard.model.config import Route
from wizard.model.diagnosis import Case
from wizard.model.further import Further, Question
from wizard.reference.behaviours import holds

SWITCHING = 101
_TAKING = frozenset({"websocket", "any"})


def passes(route: Route) -> bool:
    """Whether requests of a route may become WebSockets."""
    wanted = route.worker.parameters.get("upgrade")
    if wanted is not None:
        return wanted.value.lower() in _TAKING
    return route.backend.uses_websocket


def refused(case: Case) -> Further | None:
    """The further answer that shows a WebSocket of the backend which httpd does not pass on.

    Args:
        case: with what ``--websocket`` asked for.
    """
    if passes(case.route):
        return None
    for one in case.further:
        http = one.report.http
        if one.question is Question.UPGRADE and http is not None and http.status == SWITCHING:
            return one
    return None


def takes_parameter(case: Case) -> bool:
    """Whether ``upgrade=`` at the end of the route's line helps in this httpd."""
    by_line = case.route.kind.startswith("ProxyPass") or case.route.kind == "BalancerMember"
    return by_line and not holds("websocket-tunnel-only", case.httpd.release)
