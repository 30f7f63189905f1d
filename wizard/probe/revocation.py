"""Where revocation checks of httpd's OpenSSL and of the wheel's OpenSSL 4.0 differ.

Until 3.5 OpenSSL looks for a CRL of every certificate of the chain, including the trusted
self-signed one at its end; from 3.6 on without that one (measured). The difference shows only if
nothing else is in the chain: a self-signed certificate that is trusted itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.model.probe import ProbeRequest, TlsResult, VerifyEvent
from wizard.reference import behaviours
from wizard.x509 import disk, load_pem, name_hash

if TYPE_CHECKING:
    from wizard.model.certificate import Certificate

UNABLE_TO_GET_CRL = 3
"""X509_V_ERR_UNABLE_TO_GET_CRL."""
_OF_INTERNAL_VERIFY = frozenset({0, 6, 7, 9, 10, 13, 14})
"""Codes of OpenSSL's internal_verify, which runs after the check of revocation."""


def events(request: ProbeRequest, result: TlsResult) -> tuple[VerifyEvent, ...]:
    """The verify events as httpd's OpenSSL would have raised them."""
    if not (request.crl_file or request.crl_path) or not _checks(request.crl_check):
        return result.events
    if not behaviours.holds("self-signed-needs-crl", request.release):
        return result.events
    leaf = result.leaf
    if leaf is None or not leaf.self_issued or any(e.depth > 0 for e in result.events):
        return result.events
    if UNABLE_TO_GET_CRL in (e.code for e in result.events) or _has_list(request, leaf):
        return result.events
    missing = VerifyEvent(False, UNABLE_TO_GET_CRL, 0, leaf.subject, leaf.sha256)
    at = _first_of_internal_verify(result.events)
    return (*result.events[:at], missing, *result.events[at:])


def _checks(words: str) -> bool:
    return not {"leaf", "chain"}.isdisjoint(words.lower().split())


def _first_of_internal_verify(seen: Sequence[VerifyEvent]) -> int:
    found = (n for n, event in enumerate(seen) if event.code in _OF_INTERNAL_VERIFY)
    return next(found, len(seen))


def _has_list(request: ProbeRequest, issuer: Certificate) -> bool:
    """Whether the policy's lists include one of this certificate."""
    if request.crl_path is not None:
        name = f"{name_hash.name_hash(issuer.subject_der)}.r0"
        if Path(request.crl_path, name).exists():
            return True
    if request.crl_file is None:
        return False
    data = disk.content(request.crl_file)
    return isinstance(data, bytes) and any(
        crl.issuer_der == issuer.subject_der for crl in load_pem(data).crls
    )
