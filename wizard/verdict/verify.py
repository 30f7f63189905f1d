"""Certificate verification as mod_ssl's callback decides it.

Source: httpd 2.4, modules/ssl/ssl_engine_kernel.c, ssl_callback_SSLVerify.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.model.diagnosis import LogLine, OpenSSLError, Verdict
from wizard.model.probe import VerifyEvent
from wizard.reference import openssl
from wizard.verdict import ocsp
from wizard.verdict.exchange import Exchange

#: Errors that ``optional_no_ca`` forgives: 18 and 19 self-signed, 20, 21 and 27 no trusted issuer.
NO_ISSUER = frozenset({18, 19, 20, 21, 27})
_NO_CRL = 3
_NOT_YET_VALID = 9
_INVALID_CA = 79
_INVALID_CA_OF_OLD = 24


def decide(exchange: Exchange) -> Verdict | None:
    """The verdict if mod_ssl refuses the certificate; None: it accepts it."""
    tls = exchange.probe.tls if exchange.probe is not None else None
    policy = exchange.route.tls
    if tls is None or policy.verify.value == "none":
        return None
    checks = ocsp.Checks(exchange.case)
    for event in tls.events:
        error = _error(exchange, event)
        causes: tuple[LogLine, ...] = ()
        if error is None and checks.concerns(event):
            error, causes = _by_ocsp(exchange, checks, event)
        depth = policy.verify_depth.value
        if error is None and event.depth <= depth:
            continue
        return _refused(exchange, event, error, depth, causes)
    if tls.completed and tls.chain and not tls.events:
        return Verdict("unknown", reason="How OpenSSL verifies the certificate was not observed.")
    return None


def _by_ocsp(
    exchange: Exchange, checks: ocsp.Checks, event: VerifyEvent
) -> tuple[OpenSSLError | None, tuple[LogLine, ...]]:
    """The error if OCSP ends the handshake whatever a responder says, and its log lines."""
    if not event.ok and event.code in NO_ISSUER:  # optional_no_ca: an OCSP request needs the issuer
        return ocsp.REFUSED, (exchange.line("AH02038"),)
    return (ocsp.REFUSED, ()) if checks.refuses(event) else (None, ())


def _error(exchange: Exchange, event: VerifyEvent) -> OpenSSLError | None:
    """The error with which mod_ssl refuses the certificate of an event, if it does."""
    policy = exchange.route.tls
    if event.ok:
        return None
    if policy.verify.value == "optional_no_ca" and event.code in NO_ISSUER:
        return None
    if event.code == _NO_CRL and "no_crl_for_cert_ok" in policy.ca_revocation_check.value.lower():
        return None
    code = event.code
    if code == _INVALID_CA and exchange.holds("invalid-ca-is-24"):
        code = _INVALID_CA_OF_OLD
    text = openssl.verify_text(code, old=exchange.holds("openssl-1-words"))
    if code == _NOT_YET_VALID and exchange.holds("error-9-names-the-clock"):
        text += " or the system clock is incorrect"
    return OpenSSLError(code, text)


def _refused(
    exchange: Exchange,
    event: VerifyEvent,
    error: OpenSSLError | None,
    depth: int,
    before: tuple[LogLine, ...] = (),
) -> Verdict:
    causes = [*before]
    reasons: list[str] = []
    if error is not None:
        causes.append(_error_line(exchange, event, error))
        reasons.append(
            f"certificate verification fails with error {error.code} ({error.text}) at depth "
            f"{event.depth}"
        )
    if event.depth > depth:
        causes.append(exchange.line("AH02040", depth=event.depth, allowed=depth))
        reasons.append(
            f"the chain has {event.depth} certificates above the backend's own, and "
            f"SSLProxyVerifyDepth allows {depth}"
        )
    return exchange.handshake_failed(
        "verify",
        f"httpd refuses the backend: {', and '.join(reasons)}.",
        *causes,
        exchange.line("AH02003"),
        *exchange.library("verify"),
        openssl=error,
    )


def _error_line(exchange: Exchange, event: VerifyEvent, error: OpenSSLError) -> LogLine:
    subject = f" [subject: {event.subject}]" if event.subject else ""
    line = exchange.line("AH02276", error=error.code, text=error.text, subject=subject)
    if line.shown:
        return line
    loud = exchange.line("AH02039", error=error.code, text=error.text)
    return replace(loud, instead_of="AH02276")
