"""What a balancer does with a member because of what became of a request."""

from __future__ import annotations

from wizard.model.diagnosis import LogLine, Verdict
from wizard.reference.worker_status import disabled, status_flags
from wizard.verdict import http
from wizard.verdict.exchange import Exchange


def forced_out(exchange: Exchange, verdict: Verdict) -> tuple[LogLine, ...]:
    """What is logged when a balancer puts the member into the error state.

    The status that the client gets is compared, httpd's own errors as well as the backend's. After
    a 503 of its own httpd goes on to another member, and what comes of that one counts.

    Source: httpd 2.4, modules/proxy/mod_proxy.c, proxy_handler; mod_proxy_balancer.c,
    proxy_balancer_post_request.

    Args:
        exchange: with a member.
        verdict: on it.
    """
    route = exchange.route
    status = route.worker.parameters.get("status")
    if status is not None and "I" in status_flags(status.value):
        return ()
    result = exchange.probe.http if exchange.probe is not None else None
    failure = http.failure_of(exchange, result) if result is not None else None
    answered = result is not None and failure is None and result.status == verdict.status
    others = sum(not disabled(one) for one in route.balancer_statuses) > 1
    balancer = {key: setting.value.lower() for key, setting in route.balancer_parameters.items()}
    statuses = balancer.get("failonstatus", "").replace(",", " ").split()
    name, url, lines = route.balancer, exchange.backend.url, []
    if str(verdict.status) in statuses and (answered or verdict.status != 503 or not others):
        lines.append(exchange.line("AH01174", name=name, url=url, status=verdict.status))
    # only where no first line came in time does mod_proxy_http note that
    late = failure == "timeout" and "AH01102" in verdict.ah_codes
    if late and balancer.get("failontimeout") == "on":
        lines.append(exchange.line("AH02460", name=name, url=url))
    return tuple(lines)
