"""A handshake that fails, before or after the certificate."""

from __future__ import annotations

from wizard.model.diagnosis import Verdict
from wizard.model.probe import TlsResult
from wizard.reference.openssl import ALERTS, ALERTS_ABOUT_CERTIFICATE, ssl_reason_number
from wizard.verdict.exchange import Exchange

_WORDS = {
    "not-tls": "{host}:{port} does not speak TLS",
    "closed": "{host}:{port} closes the connection in the middle of the handshake",
    "reset": "{host}:{port} resets the connection in the middle of the handshake",
    "timeout": "{host}:{port} stays silent when httpd begins the handshake",
    "protocol": "{host}:{port} chooses a TLS version or parameters that httpd does not accept",
}
_BY_REASON = {
    "unsupported protocol": "protocol",
    "legacy sigalg disallowed": "signature",
    "no protocols available": "no-protocol",
    "no ciphers available": "no-cipher",
    "dh key too small": "dh",
    "unsafe legacy renegotiation disabled": "renegotiation",
}
"""OpenSSL's reason to the failure's name in ``wizard.verdict.library_errors``."""


def decide(exchange: Exchange) -> Verdict | None:
    """How the handshake fails; None: it was completed, or not tried."""
    tls = exchange.probe.tls if exchange.probe is not None else None
    if tls is None or tls.completed:
        return None
    failure = tls.failure or "closed"
    if failure == "too-much":
        return Verdict("unknown", reason="The backend sent more than the probe reads.")
    if tls.unlike and failure in ("alert", "protocol"):
        return Verdict("unknown", reason=f"The handshake fails here. {tls.unlike}")
    if failure == "local":
        why = tls.error or "OpenSSL refuses the settings"
        return Verdict("unknown", reason=f"The handshake could not be tried from here: {why}.")
    return exchange.handshake_failed(
        "tls",
        _reason(exchange, tls, failure),
        *exchange.client_certificate_missing,
        exchange.line("AH02003"),
        *exchange.library(_words(tls, failure), tls.alert),
    )


def _words(tls: TlsResult, failure: str) -> str:
    """OpenSSL's name for the failure."""
    if failure != "protocol":
        return failure
    first = (tls.error or "").partition(";")[0]
    named = next((name for reason, name in _BY_REASON.items() if reason in first), None)
    if named is None and ssl_reason_number(first) is not None:
        return first
    return named or ("signature" if tls.chain else failure)


def _reason(exchange: Exchange, tls: TlsResult, failure: str) -> str:
    host, port = exchange.backend.host, exchange.backend.port
    if failure == "alert":
        known = ALERTS.get(tls.alert) if tls.alert is not None else None
        name = f" ({known.text})" if known is not None else ""
        asked = "; it asked for a client certificate" if tls.client_certificate_requested else ""
        own = exchange.case.trust.client_certificate
        if asked and own.state == "ok" and tls.alert in ALERTS_ABOUT_CERTIFICATE:
            asked = "; it refuses httpd's client certificate"
        return f"{host}:{port} ends the TLS handshake with alert {tls.alert}{name}{asked}."
    words = _WORDS.get(failure, "the TLS handshake with {host}:{port} fails")
    sentence = words.format(host=host, port=port)
    if failure == "timeout":
        return f"{sentence}; {exchange.given_up}."
    return f"{sentence}."
