"""Certificate revocation lists (RFC 5280, 5): what the verdict and the findings need."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from wizard.model.certificate import Certificate
from wizard.record import record
from wizard.x509.silence_warnings import quiet

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""nextUpdate of a list that names none."""


@record
class Crl:
    """One list.

    Args:
        issuer: RFC 4514.
        next_update: UTC; ``FOREVER`` if the list names none.
        der: the list itself.
        issuer_der: DER of the issuer's name.
    """

    issuer: str
    next_update: datetime
    der: bytes
    issuer_der: bytes


def parse(der: bytes) -> Crl | None:
    """Read a list; None if the bytes are no list."""
    with quiet():
        try:
            found = x509.load_der_x509_crl(der)
            return Crl(
                issuer=found.issuer.rfc4514_string(),
                next_update=found.next_update_utc or FOREVER,
                der=der,
                issuer_der=found.issuer.public_bytes(),
            )
        except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion):
            return None


def addresses(certificate: Certificate) -> tuple[str, ...]:
    """Where a certificate says that its issuer's list lies (RFC 5280, 4.2.1.13); may be empty."""
    with quiet():
        try:
            loaded = x509.load_der_x509_certificate(certificate.der)
            points = loaded.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension):
            return ()
    return tuple(
        name.value
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    )
