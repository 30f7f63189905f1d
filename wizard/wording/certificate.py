"""A certificate in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from wizard.model.certificate import Certificate, common_name
from wizard.text import printable
from wizard.wording.pieces import Piece

_MOST_NAMES = 8


def called(subject: str) -> str:
    """What people call it: the common name of a subject, else the whole of it."""
    return printable(common_name(subject) or subject, 200)


def identity(certificate: Certificate, label: str = "") -> Iterator[Piece]:
    """Whose it is, its dates and its key, without anything that would vouch for it."""
    yield Piece("heading", printable(certificate.subject, 200), label)
    yield Piece("quote", f"{_valid(certificate)}, {printable(certificate.key, 40)}")


def facts(certificate: Certificate, now: datetime) -> Iterator[str]:
    """Key and signature, dates and how they stand now, names and fingerprint, a line each."""
    yield printable(f"{certificate.key}, {certificate.signature}", 100)
    left = (certificate.not_after - now).days
    stands = f"{left} day{'s' * (left != 1)} left"
    if now > certificate.not_after:
        stands = "EXPIRED"
    if now < certificate.not_before:
        stands = "not yet valid"
    yield f"{_valid(certificate)} ({stands})"
    if certificate.dns_names or certificate.ip_addresses:
        yield names(certificate.dns_names + certificate.ip_addresses)
    yield f"SHA-256 {certificate.sha256}"


def names(found: tuple[str, ...]) -> str:
    """The first of its names, and how many more there are."""
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return f"names {printable(', '.join(found[:_MOST_NAMES]), 400)}{more}"


def _valid(certificate: Certificate) -> str:
    return f"valid {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
