"""What mod_ssl checks after the handshake: dates, name, ALPN.

Source: httpd 2.4, modules/ssl/ssl_engine_io.c, ssl_io_filter_handshake.
"""

from __future__ import annotations

from wizard.model.certificate import Certificate
from wizard.model.diagnosis import LogLine, Stage, Verdict
from wizard.verdict.exchange import Exchange
from wizard.x509 import peer_names


def decide(exchange: Exchange) -> Verdict | None:
    """The checks that fail, each logged; None: the backend is accepted."""
    tls = exchange.probe.tls if exchange.probe is not None else None
    if tls is None or not tls.completed:
        return None
    leaf = tls.leaf
    if leaf is None or leaf.error is not None:
        return Verdict("unknown", reason="The backend's certificate could not be read.")
    faults = [
        fault
        for fault in (_dates(exchange, leaf), _name(exchange, leaf), _alpn(exchange, tls.alpn))
        if fault is not None
    ]
    if not faults:
        return None
    return exchange.handshake_failed(
        faults[0][0],
        f"httpd refuses the backend: {', and '.join(reason for _, reason, _ in faults)}.",
        *exchange.client_certificate_missing,
        *(line for _, _, line in faults),
        stood=True,
    )


Fault = tuple[Stage, str, LogLine]


def _dates(exchange: Exchange, leaf: Certificate) -> Fault | None:
    now = exchange.case.now
    if not exchange.route.tls.check_peer_expire.value:
        return None
    if leaf.not_before > now:
        reason = f"its certificate is not valid before {leaf.not_before:%Y-%m-%d %H:%M} UTC"
    elif leaf.not_after <= now:
        reason = f"its certificate expired on {leaf.not_after:%Y-%m-%d %H:%M} UTC"
    else:
        return None
    return "expiry", reason, exchange.line("AH02004")


def _name(exchange: Exchange, leaf: Certificate) -> Fault | None:
    policy, wanted = exchange.route.tls, exchange.backend.check_name
    unchecked = exchange.backend.scheme == "wss" and exchange.holds("wss-without-name")
    if not wanted or unchecked:
        return None
    reason = f"its certificate does not cover the name {wanted}"
    if policy.checks_name:
        if peer_names.covers(leaf, wanted):
            return None
        return "name", reason, exchange.line("AH02411", name=wanted)
    if policy.checks_cn_only:
        if peer_names.covers_by_common_name(leaf, wanted):
            return None
        first = leaf.common_names[0] if leaf.common_names else ""
        return "name", reason, exchange.line("AH02005", cn=first, name=wanted)
    return None


def _alpn(exchange: Exchange, selected: str | None) -> Fault | None:
    if exchange.backend.scheme != "h2" or selected == "h2" or exchange.holds("alpn-unchecked"):
        return None
    return "tls", "it does not offer h2 by ALPN", exchange.line("AH10273", protocols="h2")
