"""Where certificates of authorities lie on this machine, and how such files are read.

Files are read only if they are plain files of bounded size, and, unless the operator names them,
only where nobody but root can have laid them (``guarded``). Private keys that stand in the same
file are neither decoded nor kept.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm

from wizard import plain_file
from wizard.fix.source.statements import SourceText
from wizard.fix.trust import guarded, own_names
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, Route
from wizard.plain_file import NOT_PLAIN, NotPlainError
from wizard.record import record
from wizard.x509 import parse_der

LARGEST = 8 << 20
"""Bytes of one file; the Mozilla bundle has a quarter of a megabyte."""
_TOO_LARGE = f"is larger than {LARGEST >> 20} MiB"
MOST_CERTIFICATES = 2000
"""Certificates taken from one file."""

_BOUNDARY = re.compile(rb"^-----(BEGIN|END) (?:X509 )?CERTIFICATE-----[ \t\r]*$", re.MULTILINE)


@record
class Places:
    """Where to look besides the configuration.

    Args:
        local: directories into which administrators and packages put CAs for the whole system.
        bundles: the CAs that this system trusts, in one file each: the public ones, and what the
            system's own tools added of ``local``.
        loose: directories that are looked through last, for what administrators put there.
        names: where this machine says what it and its backends are called.
        packaged: directories of public CAs that ``bundles`` are made of; those need not be read a
            second time.
    """

    local: tuple[str, ...]
    bundles: tuple[str, ...]
    loose: tuple[str, ...]
    names: own_names.Files = field(default_factory=own_names.Files)
    packaged: tuple[str, ...] = ()


SYSTEM = Places(
    local=(
        "/usr/local/share/ca-certificates",
        "/etc/pki/ca-trust/source/anchors",
        "/usr/share/pki/ca-trust-source/anchors",
        "/etc/pki/trust/anchors",
        "/usr/share/pki/trust/anchors",
        "/etc/ca-certificates/trust-source/anchors",
    ),
    bundles=(
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ),
    loose=(
        "/etc/apache2",
        "/etc/httpd",
        "/etc/ssl",
        "/etc/pki/tls",
        "/usr/share/ca-certificates",
    ),
    packaged=("/usr/share/ca-certificates/mozilla",),
)
"""Debian and Ubuntu (update-ca-certificates(8)), RHEL and Fedora (update-ca-trust(8)), SUSE, Arch,
Alpine."""


@record
class Store:
    """Certificates of one file.

    Args:
        path: the file.
        certificates: those that decode, in order.
        problem: why there are none, in words that follow the file's name; empty otherwise.
    """

    path: str
    certificates: tuple[Certificate, ...]
    problem: str = ""


def read(path: str) -> Store:
    """The certificates of one file that was found, in PEM, DER or PKCS#7.

    Args:
        path: file to read.

    Raises:
        NotGuardedError: somebody else could have laid it there, or could change it.
    """
    try:
        with guarded.opened(path) as descriptor:
            status = os.fstat(descriptor)
            plain_file.refuse(status, path)
            if status.st_size > LARGEST:  # a thousand of them would take long to read
                return Store(path, (), _TOO_LARGE)
            return _of(path, plain_file.contents(guarded.for_reading(descriptor), LARGEST + 1))
    except (OSError, ValueError) as error:
        return _unreadable(path, error)


def read_named(path: str) -> Store:
    """The certificates of one file that the operator names, wherever it lies."""
    try:
        return _of(path, plain_file.read(path, LARGEST + 1))
    except (OSError, ValueError) as error:
        return _unreadable(path, error)


def _unreadable(path: str, error: OSError | ValueError) -> Store:
    if isinstance(error, NotPlainError):
        return Store(path, (), NOT_PLAIN)
    reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
    return Store(path, (), f"cannot be read: {reason}")


def _of(path: str, data: bytes) -> Store:
    """The certificates of a file's first bytes."""
    if len(data) > LARGEST:
        return Store(path, (), _TOO_LARGE)
    certificates, problem = parse(data)
    return Store(path, certificates, problem)


def parse(data: bytes) -> tuple[tuple[Certificate, ...], str]:
    """Certificates in PEM, DER or PKCS#7 (PEM or DER); what it holds instead, if none."""
    found = _pem(data) or _single(data) or _pkcs7(data)
    if found:
        return found, ""
    if not data.strip():
        return (), "is empty"
    if b"PRIVATE KEY-----" in data:
        return (), "holds a private key and no certificate"
    if b"-----BEGIN X509 CRL-----" in data:
        return (), "holds a revocation list and no certificate"
    if b"-----BEGIN CERTIFICATE REQUEST-----" in data:
        return (), "holds a certificate request, not a certificate"
    if b"-----BEGIN" in data:
        return (), "holds no certificate that can be decoded"
    return (), "is no certificate in PEM, DER or PKCS#7"


def _pem(data: bytes) -> tuple[Certificate, ...]:
    found: list[Certificate] = []
    begin = 0
    for boundary in _BOUNDARY.finditer(data):
        if boundary[1] == b"BEGIN":
            begin = boundary.end()
            continue
        body, begin = data[begin : boundary.start()] if begin else b"", 0
        try:
            certificate = parse_der(base64.b64decode(b"".join(body.split()), validate=True))
        except binascii.Error:
            continue
        if not certificate.error:
            found.append(certificate)
        if len(found) == MOST_CERTIFICATES:
            break
    return tuple(found)


def _single(data: bytes) -> tuple[Certificate, ...]:
    if not data.startswith(b"\x30"):  # SEQUENCE
        return ()
    certificate = parse_der(data)
    return () if certificate.error else (certificate,)


def _pkcs7(data: bytes) -> tuple[Certificate, ...]:
    # few files need it, and it brings half of the standard library's email
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    try:
        if b"-----BEGIN PKCS7-----" in data:
            found = pkcs7.load_pem_pkcs7_certificates(data)
        elif data.startswith(b"\x30"):
            found = pkcs7.load_der_pkcs7_certificates(data)
        else:
            return ()
    except (ValueError, UnsupportedAlgorithm):
        return ()
    parsed = (parse_der(c.public_bytes(Encoding.DER)) for c in found[:MOST_CERTIFICATES])
    return tuple(c for c in parsed if not c.error)


def named_by(configuration: Configuration) -> tuple[str, ...]:
    """Certificate files and directories that the configuration names, in its order.

    Also those of directives that httpd refuses (misspelt, or in the wrong place).
    """
    found: dict[str, None] = {}
    for route in configuration.routes:
        for path in _of_route(route):
            found.setdefault(path)
    for file in configuration.files.values():
        if b"cert" not in file.data.lower():
            continue
        for statement in SourceText(file.data).statements:
            name = statement.name
            if not name.startswith("ssl") or "cert" not in name or "key" in name:
                continue
            for word in statement.words[:1]:
                path = word.value
                if path and "${" not in path and "\0" not in path:
                    found.setdefault(str(Path(configuration.server_root, path)))
    return tuple(found)


def _of_route(route: Route) -> Iterator[str]:
    for path in (
        route.tls.ca_certificate_file.value,
        route.tls.ca_certificate_path.value,
        route.vhost.certificate_file.value,
    ):
        if path:
            yield path
