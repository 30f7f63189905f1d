"""Certificates, PEM files, who signed whom; ``trust_material`` reads a policy's trust files.

Importing this package is cheap: cryptography is loaded by the first call that needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.certificate import Certificate
    from wizard.x509.pem import PemContents


def parse_der(der: bytes) -> Certificate:
    """Read a certificate (RFC 5280) without judging it.

    Args:
        der: any bytes, hostile ones included.

    Returns:
        The certificate; if the bytes are none, ``error`` is set and the fields are empty. Never
        raises.
    """
    from wizard.x509 import certificate

    return certificate.parse(der)


def load_pem(data: bytes) -> PemContents:
    """What a PEM file holds, read as OpenSSL's PEM_X509_INFO_read_bio does; never raises."""
    from wizard.x509 import pem

    return pem.load(data)


def issued(issuer: Certificate, certificate: Certificate) -> bool:
    """Whether ``issuer`` signed ``certificate``: the names match and the signature verifies.

    Dates, key usage and CA:TRUE do not count. Never raises.
    """
    from wizard.x509 import certificate as reading

    return reading.issued(issuer, certificate)
