"""What httpd does with a route: one pure function a stage, in httpd's own order.

Rules and log lines are as measured: see docs/reference/verdict.md. ``wizard.reference.behaviours``
says what differs between releases of httpd and OpenSSL.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.model.diagnosis import Case, Verdict
from wizard.verdict import (
    balancer_member,
    before_backend,
    handshake,
    http,
    network,
    ocsp,
    peer_checks,
    refused_configuration,
    route,
    unreadable_files,
    verify,
)
from wizard.verdict.exchange import Exchange

__all__ = ["predict"]

_BACKEND_STAGES = (
    network.dns,
    network.connect,
    network.tunnel,
    network.engine,
    unreadable_files.decide,
    verify.decide,
    handshake.decide,
    peer_checks.decide,
)
_NOT_PROBED = Verdict(
    "unknown", reason="The backend was not asked, and the configuration alone does not decide."
)


def predict(case: Case) -> Verdict:
    """What httpd does with a request to a route.

    Args:
        case: the route, the contents of its trust files, what was observed of the backend, and
            the moment; nothing else counts.

    Returns:
        Outcome, failing stage, the client's status, the lines of the log, and the reason. Without
        a probe: what the configuration alone decides, else outcome ``unknown``.
    """
    refused = refused_configuration.decide(case)
    if refused is not None:
        return refused
    behind = _behind(case)
    return before_backend.decide(case, behind) or behind


def _behind(case: Case) -> Verdict:
    """What httpd does with a request that nothing keeps from the backend."""
    verdict = route.decide(case)
    if verdict is not None:
        return verdict
    if case.probe is None:
        if case.route.backend.uses_tls and not case.route.tls.engine.value:
            return route.engine_off(Exchange(case))
        return _NOT_PROBED
    exchange = Exchange(case)
    verdict = _at_backend(exchange)
    forced = balancer_member.forced_out(exchange, verdict)
    return replace(verdict, log=(*verdict.log, *forced)) if forced else verdict


def _at_backend(exchange: Exchange) -> Verdict:
    for stage in _BACKEND_STAGES:
        verdict = stage(exchange)
        if verdict is not None:
            return verdict
    return ocsp.doubted(exchange.case, http.decide(exchange))
