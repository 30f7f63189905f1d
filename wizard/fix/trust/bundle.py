"""The trust bundle that a plan creates: what it holds and what it is called."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from wizard.model.certificate import Certificate
from wizard.model.plan import TrustChoice
from wizard.text import fingerprint, printable
from wizard.wording import remarks

PREFIX = "proxy-trust-"
_COMMENT_BYTES = 200
"""OpenSSL's PEM reader takes lines in pieces of 254 bytes (crypto/pem/pem_lib.c): a longer
comment could smuggle a BEGIN line to the start of a piece."""


def text(choices: Iterable[TrustChoice], hosts: Sequence[str]) -> bytes:
    """The bundle: every certificate once, each under comments that say what it is.

    Args:
        choices: whose certificates to write; order is kept.
        hosts: backends it is for.

    Returns:
        PEM that OpenSSL's SSL_CTX_load_verify_locations and mod_ssl's list of CA names take.
    """
    lines = [
        f"Trust for HTTPS backends: {', '.join(dict.fromkeys(hosts))}. Written by proxy-wizard."
    ]
    blocks: list[bytes] = []
    seen: set[str] = set()
    for choice in choices:
        new = [c for c in choice.certificates if c.sha256 not in seen]
        if new:
            lines_of_choice = [f"Trusted because: {remarks.sentence(choice.basis)}"]
        for certificate in new:
            seen.add(certificate.sha256)
            about = [*lines_of_choice, *_about(certificate)]
            lines_of_choice = []
            blocks.append(_comments(about) + pem(certificate))
    return _comments(lines) + b"".join(b"\n" + block for block in blocks)


def pem(certificate: Certificate) -> bytes:
    """One certificate as a PEM block (RFC 7468)."""
    return ssl.DER_cert_to_PEM_cert(certificate.der).encode("ascii")


def file_name(host: str, number: int = 1, *, named: str | None = None) -> str:
    """The name of the bundle for a backend host: always the same for the same host.

    Args:
        host: as in the URL; characters that are unfit for a file name become ``_``.
        number: from 2 where an older file of that name has other contents, or a further bundle
            needs it.
        named: the name that the operator gave the first one; None: none.
    """
    begin, end = pattern(named)
    safe = re.sub(r"[^a-z0-9.-]", "_", host.lower())[:100].strip(".-") or "backend"
    return f"{begin}{'' if named else safe}{f'-{number}' if number > 1 else ''}{end}"


def pattern(named: str | None) -> tuple[str, str]:
    """With what the names of all bundles begin and end.

    Args:
        named: as for ``file_name``.
    """
    if named is None:
        return PREFIX, ".pem"
    path = PurePosixPath(named)
    return path.stem, path.suffix


def _about(certificate: Certificate) -> list[str]:
    return [
        f"Subject: {certificate.subject}",
        f"Issuer: {certificate.issuer}",
        f"SHA-256: {fingerprint(certificate.sha256)}",
        f"Expires: {certificate.not_after:%Y-%m-%d %H:%M:%S} UTC",
    ]


def _comments(lines: Iterable[str]) -> bytes:
    return b"".join(b"# " + _cut(printable(line)) + b"\n" for line in lines)


def _cut(line: str) -> bytes:
    raw = line.encode("utf-8")
    if len(raw) <= _COMMENT_BYTES:
        return raw
    return raw[: _COMMENT_BYTES - 3].decode("utf-8", "ignore").encode("utf-8") + "…".encode()
