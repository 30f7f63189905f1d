"""Where certificates of authorities lie on this machine, and how such files are read.

Files are read only if they are plain files of bounded size; a file that anybody may write is no
source of trust. Private keys that stand in the same file are neither decoded nor kept.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from wizard.fix.statements import SourceText
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, Route
from wizard.x509 import parse_der

LARGEST = 8 << 20
"""Bytes of one file; the Mozilla bundle has a quarter of a megabyte."""
MOST_FILES = 1000
"""Files looked at in one directory."""
MOST_CERTIFICATES = 2000
"""Certificates taken from one file."""
SUFFIXES = (".pem", ".crt", ".cer", ".der", ".p7b", ".p7c")

_MARK = re.compile(rb"^-----(BEGIN|END) (?:X509 )?CERTIFICATE-----[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look besides the configuration.

    Args:
        local: directories into which administrators put their own authorities.
        bundles: the system's public authorities, each one file that httpd can use as it is.
        loose: directories whose single files are looked at last.
    """

    local: tuple[str, ...]
    bundles: tuple[str, ...]
    loose: tuple[str, ...]


SYSTEM = Places(
    local=(
        "/usr/local/share/ca-certificates",
        "/etc/pki/ca-trust/source/anchors",
        "/etc/pki/trust/anchors",
    ),
    bundles=(
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
    ),
    loose=("/etc/ssl/certs", "/etc/pki/tls/certs"),
)
"""Debian and Ubuntu (update-ca-certificates(8)), RHEL and Fedora (update-ca-trust(8)), SUSE."""


@dataclass(frozen=True, slots=True)
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


def read(path: str, *, anybody: bool = False) -> Store:
    """The certificates of one file, in PEM, DER or PKCS#7.

    Args:
        path: file to read.
        anybody: take the file even if anybody may write it (the operator named it).
    """
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115  # closed below
    except OSError as error:
        return Store(path, (), f"cannot be read: {error.strerror}")
    with file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            return Store(path, (), "is not a plain file")
        if state.st_mode & stat.S_IWOTH and not anybody:
            return Store(path, (), "can be written by anybody")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        return Store(path, (), f"is larger than {LARGEST >> 20} MiB")
    certificates, problem = parse(data)
    return Store(path, certificates, problem)


def _without_waiting(path: str, flags: int) -> int:
    """Opens a file; a FIFO that nobody writes to holds nothing up."""
    return os.open(path, flags | os.O_NONBLOCK)


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
    for mark in _MARK.finditer(data):
        if mark[1] == b"BEGIN":
            begin = mark.end()
            continue
        body, begin = data[begin : mark.start()] if begin else b"", 0
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


def in_directory(path: str) -> Iterator[Store]:
    """The files of a directory (and of those one below) that hold certificates, by name."""
    seen: set[str] = set()
    try:
        entries = sorted(Path(path).iterdir())[:MOST_FILES]
    except OSError:
        return
    for entry in entries:
        below = sorted(entry.glob("*"))[:MOST_FILES] if _plain_directory(entry) else [entry]
        for file in below:
            real = os.path.realpath(file)
            if file.suffix.lower() not in SUFFIXES or real in seen:
                continue
            seen.add(real)
            store = read(str(file))
            if store.certificates:
                yield store


def _plain_directory(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink() and entry.name not in ("private", "keys")


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
                path = word.value.decode("utf-8", "surrogateescape")
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
