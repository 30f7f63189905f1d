"""What OpenSSL 1.1.1 accepts at security level 1, and later ones do not: SHA-1.

For 1.1.1 SHA-1 is worth 80 bits, as level 1 requires, for 3.0 only 63. At that level 1.1.1 speaks
TLS 1.0 and 1.1, whose key exchange is signed with SHA-1, and accepts certificates signed with it
(measured on httpd 2.4.37 at each level). OpenSSL's own builds have level 1 until 3.1; those of
Debian, Ubuntu and RHEL have level 2.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.model.probe import ProbeRequest, TlsResult
from wizard.probe import tls_context
from wizard.reference import behaviours

_CA_MD_TOO_WEAK = 68
"""X509_V_ERR_CA_MD_TOO_WEAK."""
_LEVEL = 1


def apply(request: ProbeRequest) -> bool:
    """Whether httpd would follow them."""
    old = behaviours.holds("old-signatures-accepted", request.release)
    return old and tls_context.security_level(request) == _LEVEL


def accepted(request: ProbeRequest, result: TlsResult) -> TlsResult:
    """The result without the errors that httpd's OpenSSL would not have raised."""
    if not any(event.code == _CA_MD_TOO_WEAK for event in result.events) or not apply(request):
        return result
    shown = (*result.chain, *result.verified_chain)
    signed = {c.sha256 for c in shown if "sha1" in c.signature.lower()}
    events = tuple(
        event
        for event in result.events
        if event.code != _CA_MD_TOO_WEAK or event.sha256 not in signed
    )
    return replace(result, events=events)
