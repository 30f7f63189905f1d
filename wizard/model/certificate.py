"""Certificates and what the trust files of a policy hold."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from wizard.record import record

_COMMON_NAME = re.compile(r"(?:(?:[^,+\\]|\\.)*[,+])*?CN=((?:[^,+\\]|\\.)+)", re.DOTALL)
"""In a name as RFC 4514 writes it; what is escaped before it is none."""


@record
class Certificate:
    """An X.509 certificate (RFC 5280), read without judging it.

    Every text is the certificate's own and may be hostile: it has to be escaped when shown.
    If the bytes do not parse, ``error`` is set and the fields are empty.
    """

    der: bytes
    subject: str
    """RFC 4514."""
    issuer: str
    common_names: tuple[str, ...]
    serial: str
    """Hexadecimal, without prefix."""
    sha256: str
    """Hexadecimal, lower case, no colons: of the DER."""
    not_before: datetime
    """UTC, with timezone."""
    not_after: datetime
    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    is_ca: bool = False
    """BasicConstraints CA:TRUE."""
    path_length: int | None = None
    key: str = ""
    """``RSA 2048``, ``ECDSA P-256``, ``Ed25519`` …"""
    key_bits: int = 0
    signature: str = ""
    """``sha256WithRSAEncryption`` …"""
    subject_key_id: str | None = None
    authority_key_id: str | None = None
    key_usage: tuple[str, ...] | None = None
    """OpenSSL's short names (``digitalSignature``, ``keyCertSign`` …); None: no extension."""
    extended_key_usage: tuple[str, ...] | None = None
    """``serverAuth``, ``clientAuth`` …, or dotted OIDs; None: no extension."""
    name_constraints: str | None = None
    """Permitted and excluded subtrees in words; None: no extension."""
    subject_der: bytes = b""
    issuer_der: bytes = b""
    ocsp: str | None = None
    """URI of the OCSP responder (authorityInfoAccess, RFC 5280, 4.2.2.1); None: it names none."""
    error: str | None = None

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name (RFC 5280, 3.2)."""
        return self.subject_der == self.issuer_der


FileState = Literal[
    "ok",
    "missing",
    "empty",
    "directory",
    "not-a-directory",
    "unreadable",
    "der",
    "pkcs12",
    "no-certificate",
    "broken-pem",
    "unhashed",
    "unset",
]
"""``der``: one certificate in DER; ``no-certificate``: PEM of something else, or no PEM at all;
``broken-pem``: a CERTIFICATE block that does not decode; ``unhashed``: a directory with
certificates but without OpenSSL's hashed names."""


def common_name(name: str) -> str:
    """The first common name of a subject or issuer, which may be hostile; empty: it has none.

    Args:
        name: as ``Certificate.subject`` has it.
    """
    found = _COMMON_NAME.match(name)
    return re.sub(r"\\(\W)", r"\1", found[1]) if found else ""


@record
class TrustFile:
    """The contents of a file or directory that the policy names."""

    path: str | None = None
    state: FileState = "unset"
    detail: str = ""
    certificates: tuple[Certificate, ...] = ()
    crl_issuers: tuple[str, ...] = ()
    crl_next_updates: tuple[datetime, ...] = ()
    """nextUpdate of each CRL, UTC, in the order of ``crl_issuers``."""
    unhashed_lists: tuple[tuple[str, str], ...] = ()
    """(file, issuer) of each CRL in a directory that OpenSSL does not find by a hashed name."""
    trusted_certificate_count: int = 0
    """Blocks ``TRUSTED CERTIFICATE``, which httpd's list of CAs leaves out."""
    loads: bool = True
    """Whether OpenSSL's SSL_CTX_load_verify_locations can load it."""


@record
class ClientCertificate:
    """SSLProxyMachineCertificateFile or -Path: never holds the key itself."""

    path: str | None = None
    state: Literal[
        "unset",
        "ok",
        "missing",
        "empty",
        "unreadable",
        "no-key",
        "wrong-key",
        "encrypted-key",
        "incomplete",
        "invalid",
    ] = "unset"
    """``incomplete``: one of several certificates has no key, or one of several keys no
    certificate, and this httpd does not start with such a file."""
    detail: str = ""
    certificates: tuple[Certificate, ...] = ()
    files: tuple[str, ...] = ()
    """If ok, the file of each certificate and its key; ``path`` may be a directory."""
    non_leaf: tuple[Certificate, ...] = ()
    """Certificates without a key beside them: httpd trusts them and builds its chain of them."""


@record
class TrustMaterial:
    """The contents of every file that a TlsPolicy names, as found on this machine."""

    ca_file: TrustFile = TrustFile()
    ca_path: TrustFile = TrustFile()
    crl_file: TrustFile = TrustFile()
    crl_path: TrustFile = TrustFile()
    client_certificate: ClientCertificate = ClientCertificate()
    machine_chain: TrustFile = TrustFile()

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        """Every certificate that the CA file and the hashed CA path offer."""
        path = self.ca_path.certificates if self.ca_path.state == "ok" else ()
        return (self.ca_file.certificates if self.ca_file.state == "ok" else ()) + path
