"""OCSP for backends: until 2.4.41 mod_ssl checks their certificates as it does clients'.

From 2.4.34 on it does so by mistake if neither SSLOCSPEnable nor ``SSLEngine on`` is set
(modules/ssl/ssl_engine_kernel.c, ssl_callback_SSLVerify: an unset mask has all bits). The responder
that a certificate names is never asked from here: only httpd can say whether it reaches the
responder, and what that answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, OpenSSLError, Verdict
from wizard.model.probe import VerifyEvent
from wizard.reference.behaviours import holds

REFUSED: Final = OpenSSLError(50, "application verification failure")
"""X509_V_ERR_APPLICATION_VERIFICATION: mod_ssl's error for every answer but "revoked" (23)."""


class Checks:
    """The OCSP checks of a case's backend.

    Args:
        case: the route with what was read and observed.
    """

    def __init__(self, case: Case) -> None:
        vhost, release = case.route.vhost, case.httpd.release
        words = (vhost.ocsp.value or "").split()
        self.by_default = False
        if not holds("ocsp-for-backends", release):
            self._mode = "off"
        elif words:
            self._mode = words[0]
        else:
            self.by_default = holds("ocsp-by-default", release) and not vhost.front_tls.value
            self._mode = "on" if self.by_default else "off"
        self._lenient = self.by_default or "no_ocsp_for_cert_ok" in words
        tls = case.probe.tls if case.probe is not None else None
        shown = (*tls.chain, *tls.verified_chain) if tls is not None else ()
        self._known = {one.sha256: one for one in (*shown, *case.trust.anchors)}

    def concerns(self, event: VerifyEvent) -> bool:
        """Whether mod_ssl checks the certificate of an event that OpenSSL accepts."""
        return self._mode == "on" or (self._mode == "leaf" and event.depth == 0)

    def refuses(self, event: VerifyEvent) -> bool:
        """Whether it is refused without a request, because no responder is known for it."""
        one = self._certificate(event)
        return one is not None and _http(one.ocsp) is None and not self._lenient

    def responder(self, event: VerifyEvent) -> str | None:
        """The responder for its certificate."""
        one = self._certificate(event)
        return _http(one.ocsp) if one is not None else None

    def _certificate(self, event: VerifyEvent) -> Certificate | None:
        """The certificate, unless it is self-signed: those are not checked."""
        one = self._known.get(event.sha256)
        return None if one is None or one.self_issued else one


def _http(uri: str | None) -> str | None:
    """The URI, if mod_ssl can use it."""
    try:
        parts = urlsplit(uri or "")
        return uri if parts.scheme.lower() == "http" and parts.hostname else None
    except ValueError:
        return None


def responders(case: Case) -> tuple[str, ...]:
    """The responders that httpd asks about a backend that OpenSSL accepts, from the top down."""
    tls = case.probe.tls if case.probe is not None else None
    if tls is None or case.route.tls.verify.value == "none":
        return ()
    checks = Checks(case)
    found = (checks.responder(e) for e in tls.events if e.ok and checks.concerns(e))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def doubted(case: Case, verdict: Verdict) -> Verdict:
    """The verdict; ``unknown`` if it depends on a responder's answer."""
    if verdict.outcome != "ok":
        return verdict
    asked = responders(case)
    if not asked:
        return verdict
    return replace(
        verdict,
        outcome="unknown",
        status=None,
        reason=f"This release of httpd asks {asked[0]} whether the backend's certificate is "
        "revoked, and refuses the backend (error 50) unless the answer is good. It was not asked "
        "from here; everything else is in order.",
    )
