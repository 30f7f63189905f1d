"""httpd's own certificate for backends, as mod_ssl reads it (ssl_engine_init.c,
ssl_init_proxy_certs; measured on 2.4.37 to 2.4.71).

A certificate without a key beside it is trusted and serves as a part of the chain (since 2.4.59);
a file that holds nothing else gives AH02206 and
no client certificate. An encrypted key (AH02252) or one that belongs to another certificate
(AH02326) ends httpd's start; in older releases one certificate without its key does (AH02252).
OpenSSL 1.1.1 skips keys in PKCS #8. A key is decoded only to compare it, and not kept.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from wizard.model.certificate import Certificate, ClientCertificate
from wizard.reference.behaviours import holds
from wizard.reference.release import NEWEST, Release
from wizard.x509 import certificate, disk, pem, trust_file

PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | dsa.DSAPrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)


_PKCS8_UNREAD = "OpenSSL 1.1.1 finds no key in PKCS #8 (BEGIN PRIVATE KEY)"


@dataclass(slots=True)
class _Pair:
    """A certificate, a key, or both: adjacent blocks, as PEM_X509_INFO_read_bio pairs them."""

    file: str
    certificate: Certificate | None = None
    key: pem.Block | None = None


def read(path: str, release: Release = NEWEST) -> ClientCertificate:
    """A file or directory that is known to exist.

    Args:
        path: of it.
        release: the httpd and the OpenSSL that read it.
    """
    pairs: list[_Pair] = []
    problem, passed_over = "", False
    unread = pem.PKCS8_KEYS if holds("pkcs8-key-unread", release) else frozenset[str]()
    try:
        found = list(_files(path))
    except OSError as error:
        return ClientCertificate(path, "unreadable", error.strerror or "cannot be read")
    for name, data in found:
        if isinstance(data, str):
            return ClientCertificate(path, "unreadable", data)
        try:
            pairs += _pairs(name, data, unread)
            passed_over |= any(block.label in unread for block in pem.blocks(data))
        except pem.PemError as error:
            problem = problem or str(error)  # OpenSSL returns nothing of such a file
    certificates = tuple(p.certificate for p in pairs if p.certificate)
    strict = holds("machine-file-needs-keys", release)
    usable = [p for p in pairs if p.key or strict]
    lone = () if strict else tuple(p.certificate for p in pairs if p.certificate and not p.key)
    for pair in usable:
        wrong = _wrong(pair, passed_over, strict=strict)
        if wrong is not None:
            return replace(wrong, path=path, certificates=certificates)
    if usable:
        own = tuple((p.certificate, p.file) for p in usable if p.certificate)
        shown, files = tuple(c for c, _ in own), tuple(f for _, f in own)
        return ClientCertificate(path, "ok", "", shown, files, lone)
    if certificates:
        detail = _PKCS8_UNREAD if passed_over else "no private key"
        return ClientCertificate(path, "no-key", detail, certificates, non_leaf=lone)
    formats = [
        trust_file.other_format(data, pem.load(data))[1]
        for _, data in found
        if isinstance(data, bytes)
    ]
    return ClientCertificate(path, "invalid", problem or next(iter(formats), "no PEM file"))


def load(path: str, sha256: str) -> tuple[x509.Certificate, PrivateKey]:
    """A certificate and its key of a file that ``read`` found to be ok, for a handshake.

    Args:
        path: of the file.
        sha256: of the certificate, hexadecimal.

    Raises:
        ValueError: the file does not hold them (any more).
    """
    data = disk.content(path)
    pairs = _pairs(path, data) if isinstance(data, bytes) else []
    for pair in pairs:
        shown = pair.certificate
        if shown and shown.sha256 == sha256 and pair.key and _belong(pair):
            return x509.load_der_x509_certificate(shown.der), _key(pair.key)
    raise ValueError(f"{path}: no certificate with its key")


def _files(path: str) -> Iterable[tuple[str, bytes | str]]:
    """Path of each file with its bytes or why it cannot be read, in the file system's order: httpd
    does not sort them either (ssl_util_ssl.c, SSL_X509_INFO_load_path)."""
    if not os.path.isdir(path):  # noqa: PTH112  # a plain string all the way
        return [(path, disk.content(path))]
    files = disk.pem_files(path, disk.names(path))
    return ((os.path.join(path, name), data) for name, data in files)  # noqa: PTH118  # as above


def _wrong(pair: _Pair, pkcs8: bool, *, strict: bool) -> ClientCertificate | None:
    """Why httpd refuses a file for one of its pairs."""
    if pair.key and pair.key.encrypted:
        return ClientCertificate("", "encrypted-key", "the private key is encrypted")
    if strict and not (pair.key and pair.certificate):
        return ClientCertificate("", "incomplete", _lacking(pair, pkcs8))
    if pair.certificate is None:
        return ClientCertificate("", "wrong-key", _lacking(pair, pkcs8))
    if not _belong(pair):
        detail = "the private key belongs to another certificate"
        return ClientCertificate("", "wrong-key", detail)
    return None


def _lacking(pair: _Pair, pkcs8: bool) -> str:
    """What a pair lacks, in words."""
    if pair.certificate is None:
        return "a private key without its certificate"
    if pkcs8:
        return _PKCS8_UNREAD
    return f"the certificate {pair.certificate.subject} without its private key"


def _pairs(file: str, data: bytes, unread: Collection[str] = ()) -> list[_Pair]:
    pairs = [_Pair(file)]
    for block in pem.blocks(data):
        if block.label in unread:
            continue
        current = pairs[-1]
        if block.label in pem.CERTIFICATES or block.label == pem.TRUSTED:
            one = certificate.parse(pem.outer(block.data))
            if one.error:
                raise pem.PemError(f"the block {block.label} is no certificate")
            if current.certificate:
                pairs.append(_Pair(file, one))
            else:
                current.certificate = one
        elif block.label in pem.KEYS:
            if current.key:
                pairs.append(_Pair(file, key=block))
            else:
                current.key = block
    return [p for p in pairs if p.certificate or p.key]


def _key(block: pem.Block) -> PrivateKey:
    key = load_pem_private_key(block.text, None)
    if not isinstance(key, PrivateKey):
        raise ValueError("not a key that TLS knows")
    return key


def _belong(pair: _Pair) -> bool:
    if pair.certificate is None or pair.key is None:
        return False
    try:
        own = _key(pair.key).public_key()
        shown = x509.load_der_x509_certificate(pair.certificate.der).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    how = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return own.public_bytes(*how) == shown.public_bytes(*how)
