"""A throw-away PKI: certificates with every fault that a proxy meets.

Keys are made for the moment and protect nothing. `cryptography` refuses to sign with SHA-1, as it
should; that fault is put in by hand.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
KeyKind = Literal["ecdsa", "ecdsa-p384", "ed25519", "rsa", "rsa-1024", "rsa-3072"]
Purpose = Literal["serverAuth", "clientAuth"]

_PURPOSES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
}
_USAGES = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}
_CA_USAGE = ("keyCertSign", "cRLSign")
_SHA256_WITH_RSA = bytes.fromhex("2a864886f70d01010b")  # 1.2.840.113549.1.1.11, RFC 8017
_SHA1_WITH_RSA = bytes.fromhex("2a864886f70d010105")  # 1.2.840.113549.1.1.5, as long as that


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        """The key in PEM (PKCS #8), not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def traditional_key_pem(self) -> bytes:
        """The key in PEM in OpenSSL's own form (BEGIN EC PRIVATE KEY …), not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )

    def encrypted_key_pem(self, password: bytes) -> bytes:
        """The key in PEM (PKCS #8), encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )


@functools.cache
def _shared_rsa(bits: int, number: int) -> rsa.RSAPrivateKey:
    del number  # only tells the keys apart
    return rsa.generate_private_key(65537, bits)


def new_key(kind: KeyKind = "ecdsa", *, shared: int = -1) -> PrivateKey:
    """A private key.

    Args:
        kind: algorithm and size.
        shared: RSA keys cost tenths of a second: with a number >= 0, that one of the process's
            keys is used again.
    """
    match kind:
        case "ecdsa":
            return ec.generate_private_key(ec.SECP256R1())
        case "ecdsa-p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    bits = {"rsa": 2048, "rsa-1024": 1024, "rsa-3072": 3072}[kind]
    return rsa.generate_private_key(65537, bits) if shared < 0 else _shared_rsa(bits, shared)


def issue(
    name: str | None,
    issuer: Issued | None = None,
    *,
    dns: Sequence[str] = (),
    ip: Sequence[str] = (),
    ca: bool | None = False,
    path_length: int | None = None,
    days: tuple[float, float] = (-1, 365),
    now: datetime | None = None,
    key: KeyKind | PrivateKey = "ecdsa",
    purposes: Sequence[Purpose] = (),
    usage: Sequence[str] | None = None,
    permitted: Sequence[str] = (),
    excluded: Sequence[str] = (),
    sha1: bool = False,
    key_ids: bool = True,
    organisation: str | None = None,
    ocsp: str | None = None,
    crl_at: str | None = None,
    ca_issuers: str | None = None,
) -> Issued:
    """A certificate for a subject ``CN=name``; self-signed without an issuer.

    Args:
        name: common name; None for an empty subject.
        issuer: who signs; its certificate need not be a CA's (that is one of the faults).
        dns: DNS names of the subjectAltName, as they are (also ``*.x``, also wrong ones).
        ip: IP addresses of the subjectAltName.
        ca: BasicConstraints; None leaves the extension out.
        path_length: pathLenConstraint of a CA.
        days: not before and not after, in days from now.
        now: the moment that ``days`` counts from; None for the present.
        key: kind of a new key, or the key to use (a CA's, for a cross-signed certificate).
        purposes: extendedKeyUsage; empty leaves the extension out.
        usage: keyUsage in OpenSSL's short names, an empty one leaves the extension out; None: what
            a CA that is no server as well has, without which Python 3.13 does not accept it (its
            ``VERIFY_X509_STRICT``, RFC 5280 4.2.1.3); for others as an empty one.
        permitted: DNS names that a CA may sign for (nameConstraints).
        excluded: DNS names that a CA may not sign for (nameConstraints).
        sha1: signed with SHA-1; the issuer's key must be RSA.
        key_ids: whether subject and authority key identifiers are written.
        organisation: O of the subject, before CN.
        ocsp: URI of the OCSP responder (authorityInfoAccess).
        crl_at: URI of the issuer's revocation list (cRLDistributionPoints).
        ca_issuers: URI of the issuer's certificate (authorityInfoAccess).
    """
    own = new_key(key) if isinstance(key, str) else key
    parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, name))
    subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text is not None])
    signer = issuer.key if issuer else own
    now = now or datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    names: list[x509.GeneralName] = [x509.DNSName(n) for n in dns]
    names += [x509.IPAddress(ipaddress.ip_address(a)) for a in ip]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if purposes:
        eku = x509.ExtendedKeyUsage([_PURPOSES[p] for p in purposes])
        builder = builder.add_extension(eku, critical=False)
    if usage is None and ca and not names:
        usage = _CA_USAGE
    if usage:
        builder = builder.add_extension(_key_usage(usage), critical=True)
    if permitted or excluded:
        builder = builder.add_extension(_constraints(permitted, excluded), critical=True)
    accesses = [
        x509.AccessDescription(kind, x509.UniformResourceIdentifier(uri))
        for kind, uri in (
            (AuthorityInformationAccessOID.OCSP, ocsp),
            (AuthorityInformationAccessOID.CA_ISSUERS, ca_issuers),
        )
        if uri is not None
    ]
    if accesses:
        builder = builder.add_extension(x509.AuthorityInformationAccess(accesses), critical=False)
    if crl_at is not None:
        place = x509.UniformResourceIdentifier(crl_at)
        point = x509.DistributionPoint([place], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if key_ids:
        ski = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
        aki = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(ski, critical=False).add_extension(aki, critical=False)
    algorithm = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(signer, algorithm)
    return Issued(_resigned_with_sha1(certificate, signer) if sha1 else certificate, own)


def crl(
    issuer: Issued,
    revoked: Sequence[Issued] = (),
    *,
    days: tuple[float, float] = (-1, 30),
) -> bytes:
    """A certificate revocation list in PEM.

    Args:
        issuer: the CA.
        revoked: what it revokes.
        days: thisUpdate and nextUpdate, in days from now.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now + timedelta(days=days[0]))
        .next_update(now + timedelta(days=days[1]))
    )
    for one in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(now + timedelta(days=days[0]))
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    algorithm = None if isinstance(issuer.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(issuer.key, algorithm).public_bytes(serialization.Encoding.PEM)


def trusted_pem(issued: Issued) -> bytes:
    """The certificate as a block ``TRUSTED CERTIFICATE`` (openssl x509 -trustout), no trust set."""
    return issued.pem.replace(b" CERTIFICATE-", b" TRUSTED CERTIFICATE-")


def _key_usage(usage: Sequence[str]) -> x509.KeyUsage:
    flags = {field: short in usage for short, field in _USAGES.items()}
    return x509.KeyUsage(**flags, encipher_only=False, decipher_only=False)


def _constraints(permitted: Sequence[str], excluded: Sequence[str]) -> x509.NameConstraints:
    return x509.NameConstraints(
        [x509.DNSName(n) for n in permitted] or None,
        [x509.DNSName(n) for n in excluded] or None,
    )


def _resigned_with_sha1(certificate: x509.Certificate, signer: PrivateKey) -> x509.Certificate:
    """The same certificate, its signature algorithm replaced by sha1WithRSAEncryption."""
    if not isinstance(signer, rsa.RSAPrivateKey):
        raise ValueError("a SHA-1 signature needs an RSA key")
    old = certificate.tbs_certificate_bytes
    tbs = old.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA, 1)
    signature = signer.sign(tbs, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 # nosec B303 # the fault wanted
    der = certificate.public_bytes(serialization.Encoding.DER)
    head, _, tail = der.partition(old)
    tail = tail.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA, 1)
    return x509.load_der_x509_certificate(head + tbs + tail[: -len(signature)] + signature)
