"""WebSockets that httpd does not pass on."""

from __future__ import annotations

from wizard.answer import websocket
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding, Remedy


class WebSocketNotPassed(Rule):
    """The backend answers an upgrade, and httpd passes none on."""

    slug = "websocket-not-passed"
    family = "answers"
    order = 120
    severity = "warning"
    scope = "probe"
    title = "The backend speaks WebSocket, and httpd does not pass it on"

    def _check(self, facts: Facts) -> Finding | None:
        seen = websocket.refused(facts.case)
        if seen is None:
            return None
        cures: tuple[Cure, ...] = ()
        if websocket.takes_parameter(facts.case):
            reason = "the backend's WebSockets are passed on"
            cures = (Cure("parameter", "upgrade=websocket", reason),)
        shown = [f"asked for an upgrade, the backend answers {seen.path} with 101"]
        url = facts.backend.url.replace("http", "ws", 1)
        own = Remedy(
            "config",
            "Give the WebSocket's path a route of its own before this one (mod_proxy_wstunnel).",
            f"ProxyPass {seen.path} {url}",
        )
        return self.found(
            facts,
            "httpd takes Connection and Upgrade out of a request before it sends it on, unless the "
            "route's worker has upgrade= or its URL is ws:// or wss://. The backend gets a plain "
            "request for the WebSocket's path and refuses it.",
            [*shown, evidence.route(facts.route)],
            lines(cures) or (own,),
            at=facts.route.source,
            proof=[*shown, evidence.route(facts.route)],
            why="httpd takes the upgrade out of a request unless the route has upgrade= or its URL "
            "is ws:// or wss://. The backend gets a plain request and refuses it.",
            cures=cures,
        )
