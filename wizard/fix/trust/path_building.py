"""From a backend's certificate to an anchor: who signed whom, and what OpenSSL says of the result.

Building: RFC 5280, 6.1, and OpenSSL's x509_vfy.c (issuers among the trusted certificates are tried
first). The verdict is OpenSSL's own, but for purpose and security level, which pyOpenSSL's store
cannot set: those are seen when the backend is probed again with the new bundle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from OpenSSL import crypto

from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case
from wizard.x509 import issued

LONGEST = 12
"""Certificates in a path; longer ones do not occur, and every signature costs time."""
WIDEST = 200
"""Signatures tried for one leaf, so that a hostile chain cannot hold the search up."""


def presented(case: Case) -> tuple[Certificate, ...]:
    """The chain that the backend of a case presented, the leaf first; empty if none was seen."""
    tls = case.probe.tls if case.probe else None
    return tls.chain if tls and tls.chain and not tls.chain[0].error else ()


def build(
    presented: Sequence[Certificate],
    anchors: Iterable[Certificate],
    now: datetime,
    extra: Iterable[Certificate] = (),
) -> tuple[Certificate, ...]:
    """The shortest chain from the leaf to a self-signed certificate among the anchors.

    Args:
        presented: what the backend sends, the leaf first; its certificates may serve as
            intermediates, never as the anchor.
        anchors: certificates that may be trusted; self-signed ones may end the chain.
        now: certificates that are valid at this moment are preferred.
        extra: further intermediates, known from elsewhere.

    Returns:
        The leaf first, the anchor last; the leaf alone when it is itself among the anchors and
        self-signed. Empty when there is no such chain. Each signature is verified.
    """
    trusted = {c.sha256: c for c in anchors if not c.error}
    if not presented or presented[0].error:
        return ()
    leaf = presented[0]
    if leaf.sha256 in trusted and self_signed(leaf):
        return (leaf,)
    candidates = trusted | {c.sha256: c for c in (*presented[1:], *extra) if not c.error}
    by_subject: dict[bytes, list[Certificate]] = {}
    for certificate in sorted(
        candidates.values(),
        key=lambda c: (not c.not_before <= now <= c.not_after, c.sha256 not in trusted),
    ):
        by_subject.setdefault(certificate.subject_der, []).append(certificate)
    tries = 0
    queue: deque[tuple[Certificate, ...]] = deque([(leaf,)])
    while queue:
        path = queue.popleft()
        seen = {c.sha256 for c in path}
        for issuer in by_subject.get(path[-1].issuer_der, ()):
            if issuer.sha256 in seen or tries >= WIDEST:
                continue
            tries += 1
            if not issued(issuer, path[-1]):
                continue
            longer = (*path, issuer)
            if issuer.sha256 in trusted and self_signed(issuer):
                return longer
            if len(longer) < LONGEST:
                queue.append(longer)
    return ()


def self_signed(certificate: Certificate) -> bool:
    """Whether a certificate carries a valid signature by its own key."""
    return certificate.self_issued and issued(certificate, certificate)


def missing_issuer(presented: Sequence[Certificate]) -> Certificate | None:
    """The last certificate that the presented chain leads to; None for an empty chain.

    Its issuer is what has to be found.
    """
    if not presented or presented[0].error:
        return None
    current, rest, left = presented[0], [c for c in presented[1:] if not c.error], WIDEST
    while not current.self_issued:
        named = [c for c in rest if c.subject_der == current.issuer_der][:left]
        left -= len(named)
        issuer = next((c for c in named if issued(c, current)), None)
        if issuer is None:
            break
        rest.remove(issuer)
        current = issuer
    return current


def openssl_verdict(
    presented: Sequence[Certificate], bundle: Iterable[Certificate], now: datetime
) -> tuple[int, str, int]:
    """What OpenSSL says of the presented chain when a bundle is trusted.

    Args:
        presented: the leaf first.
        bundle: contents of the CA file.
        now: moment of the check.

    Returns:
        Error code (X509_V_ERR_*, 0 when it verifies), OpenSSL's text, and the number of
        certificates above the leaf, which SSLProxyVerifyDepth must allow.
    """
    store = crypto.X509Store()
    for certificate in {c.sha256: c for c in bundle}.values():
        store.add_cert(_x509(certificate))
    store.set_time(now)
    context = crypto.X509StoreContext(
        store, _x509(presented[0]), [_x509(c) for c in presented[1:] if not c.error]
    )
    try:
        verified = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        code, _, text = error.errors
        return int(code), str(text), 0
    return 0, "", len(verified) - 1


def _x509(certificate: Certificate) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, certificate.der)
