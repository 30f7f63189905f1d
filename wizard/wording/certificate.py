"""A certificate in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from wizard.model.certificate import Certificate, common_name
from wizard.text import fingerprint, printable
from wizard.wording.pieces import Piece, Role

_MOST_NAMES = 8
DIGEST = re.compile(r" ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$")
"""A fingerprint at the end of a sentence."""


def called(subject: str) -> str:
    """What people call it: the common name of a subject, else the whole of it."""
    return printable(common_name(subject) or subject, 200)


def identity(certificate: Certificate, label: str = "") -> Iterator[Piece]:
    """Whose it is, its dates and its key, without anything that would vouch for it."""
    yield Piece("heading", printable(certificate.subject, 200), label)
    yield Piece("quote", f"{_valid(certificate)}, {printable(certificate.key, 40)}")


def digest(sha256: str) -> Iterator[Piece]:
    """A fingerprint in two rows of 16 bytes: together they are wider than a terminal.

    Args:
        sha256: in hexadecimal, with colons or without.
    """
    whole = fingerprint(sha256.replace(":", ""))
    half = len(whole) // 2 + 1
    yield Piece("quote", f"SHA-256 {whole[:half]}")
    yield Piece("quote", f"        {whole[half:]}")


def paragraph(role: Role, text: str, label: str = "") -> Iterator[Piece]:
    """Prose; a fingerprint at its end stands in rows of its own, which a terminal shows whole."""
    found = DIGEST.search(text)
    yield Piece(role, text[: found.start()] if found else text, label)
    if found:
        yield from digest(found[1])


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
