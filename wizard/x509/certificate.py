"""DER to ``Certificate``. Each field is read by itself: a malformed one does not spoil the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from wizard.model.certificate import Certificate
from wizard.x509 import der_names
from wizard.x509.silence_warnings import quiet

LARGEST = 16 << 20
"""Bytes of DER that are looked at; OpenSSL's default for a whole chain is 100 KiB."""
_CACHED_SIZE = 1 << 16
_MOST_ISSUERS = 256
_ISSUERS: dict[bytes, str] = {}
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_MALFORMED = (
    ValueError,
    TypeError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What cryptography raises for bytes that violate RFC 5280."""

_T = TypeVar("_T")

NIST_CURVES = {
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
    "secp224r1": "P-224",
}
"""Names of curves (SEC 2) and what NIST calls them, as ``Certificate.key`` does."""
_SIGNATURES = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "rsassaPss",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-SHA1",
    "2.16.840.1.101.3.4.3.2": "dsa_with_SHA256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "ED25519",
    "1.3.101.113": "ED448",
}
"""OpenSSL's names (obj_mac.h), as ``openssl x509 -text`` prints them."""
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
_USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def parse(der: bytes) -> Certificate:
    """See ``wizard.x509.parse_der``. A certificate seen before is not read again."""
    return _cached(der) if len(der) <= _CACHED_SIZE else _parse(der)


def _parse(der: bytes) -> Certificate:
    if len(der) > LARGEST:
        return _broken(der, f"larger than {LARGEST >> 20} MiB")
    with quiet():
        try:
            return _read(der, x509.load_der_x509_certificate(der))
        except _MALFORMED as error:
            # the rest of the message is about the parser's own state
            reason = str(error).partition(": ParseError")[0]
            return _broken(der, f"not a certificate in DER: {reason}")


_cached = lru_cache(maxsize=4096)(_parse)


def _read(der: bytes, source: x509.Certificate) -> Certificate:
    subject_der, issuer_der = der_names.subject_and_issuer(der)
    extensions = _Extensions(source)
    alternative = extensions.get(x509.SubjectAlternativeName)
    constraints = extensions.get(x509.BasicConstraints)
    key, bits = _key(source)
    own_id = extensions.get(x509.SubjectKeyIdentifier)
    issuer_id = extensions.get(x509.AuthorityKeyIdentifier)
    subject, common_names = _subject(source, subject_der)
    return Certificate(
        der=der,
        subject=subject,
        issuer=_issuer(source, issuer_der),
        common_names=common_names,
        serial=_or(lambda: f"{source.serial_number:x}", ""),
        sha256=hashlib.sha256(der).hexdigest(),
        not_before=_or(lambda: source.not_valid_before_utc, _NEVER),
        not_after=_or(lambda: source.not_valid_after_utc, _NEVER),
        dns_names=_values(alternative, x509.DNSName),
        ip_addresses=_values(alternative, x509.IPAddress),
        is_ca=bool(constraints and constraints.ca),
        path_length=constraints.path_length if constraints else None,
        key=key,
        key_bits=bits,
        signature=_signature(source),
        subject_key_id=own_id.digest.hex() if own_id else None,
        authority_key_id=(
            issuer_id.key_identifier.hex() if issuer_id and issuer_id.key_identifier else None
        ),
        key_usage=_key_usage(extensions.get(x509.KeyUsage)),
        extended_key_usage=_purposes(extensions.get(x509.ExtendedKeyUsage)),
        name_constraints=_constraints(extensions.get(x509.NameConstraints)),
        subject_der=subject_der,
        issuer_der=issuer_der,
        ocsp=_responder(extensions.get(x509.AuthorityInformationAccess)),
    )


def _broken(der: bytes, why: str) -> Certificate:
    return Certificate(
        der=der,
        subject="",
        issuer="",
        common_names=(),
        serial="",
        sha256=hashlib.sha256(der).hexdigest(),
        not_before=_NEVER,
        not_after=_NEVER,
        error=why,
    )


def _or(read: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return read()
    except _MALFORMED:
        return otherwise


_E = TypeVar("_E", bound=x509.ExtensionType)


class _Extensions:
    """The extensions; cryptography reads all or none, so a malformed one hides the rest."""

    def __init__(self, source: x509.Certificate) -> None:
        nothing: dict[type[x509.ExtensionType], x509.ExtensionType] = {}
        self._found = _or(lambda: {type(e.value): e.value for e in source.extensions}, nothing)

    def get(self, kind: type[_E]) -> _E | None:
        value = self._found.get(kind)
        return value if isinstance(value, kind) else None


def _subject(source: x509.Certificate, der: bytes) -> tuple[str, tuple[str, ...]]:
    """The subject and its common names."""
    try:
        name = source.subject
        shown = name.rfc4514_string()
        found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    except _MALFORMED:
        return der_names.text(der), der_names.common_names(der)
    values = (attribute.value for attribute in found)
    return shown, tuple(v if isinstance(v, str) else v.decode("latin-1") for v in values)


def _issuer(source: x509.Certificate, der: bytes) -> str:
    """The issuer; few authorities issue many certificates, so their names are cached."""
    known = _ISSUERS.get(der)
    if known is None:
        try:
            known = source.issuer.rfc4514_string()
        except _MALFORMED:
            known = der_names.text(der)
        if len(_ISSUERS) >= _MOST_ISSUERS:
            _ISSUERS.clear()
        if der:
            _ISSUERS[der] = known
    return known


def _values(
    extension: x509.SubjectAlternativeName | None, kind: type[x509.DNSName] | type[x509.IPAddress]
) -> tuple[str, ...]:
    if extension is None:
        return ()
    return tuple(str(n.value) for n in extension if isinstance(n, kind))


def _responder(extension: x509.AuthorityInformationAccess | None) -> str | None:
    """The first OCSP responder, as mod_ssl reads it (ssl_engine_ocsp.c, extract_responder_uri)."""
    places = (
        one.access_location
        for one in extension or ()
        if one.access_method == AuthorityInformationAccessOID.OCSP
    )
    return next((p.value for p in places if isinstance(p, x509.UniformResourceIdentifier)), None)


def _key(source: x509.Certificate) -> tuple[str, int]:
    try:
        key = source.public_key()
    except _MALFORMED:
        return "unknown", 0
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"ECDSA {NIST_CURVES.get(key.curve.name, key.curve.name)}", key.curve.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return f"DSA {key.key_size}", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", 256
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", 456
    return type(key).__name__.strip("_").removesuffix("PublicKey"), 0


def _signature(source: x509.Certificate) -> str:
    oid = _or(lambda: source.signature_algorithm_oid.dotted_string, "")
    return _SIGNATURES.get(oid, oid)


def _key_usage(extension: x509.KeyUsage | None) -> tuple[str, ...] | None:
    if extension is None:
        return None
    found = [short for field, short in _USAGES.items() if getattr(extension, field)]
    if extension.key_agreement:  # the last two have a meaning only then
        found += ["encipherOnly"] * extension.encipher_only
        found += ["decipherOnly"] * extension.decipher_only
    return tuple(found)


def _purposes(extension: x509.ExtendedKeyUsage | None) -> tuple[str, ...] | None:
    if extension is None:
        return None
    return tuple(_PURPOSES.get(p.dotted_string, p.dotted_string) for p in extension)


def _constraints(extension: x509.NameConstraints | None) -> str | None:
    if extension is None:
        return None
    parts = [
        f"{word} {_subtrees(trees)}"
        for word, trees in (
            ("permitted", extension.permitted_subtrees),
            ("excluded", extension.excluded_subtrees),
        )
        if trees
    ]
    return "; ".join(parts) or "none"


def _subtrees(trees: Iterable[x509.GeneralName]) -> str:
    return ", ".join(_general_name(t) for t in trees)


def _general_name(name: x509.GeneralName) -> str:
    if isinstance(name, x509.DNSName):
        return f"DNS:{name.value}"
    if isinstance(name, x509.IPAddress):
        return f"IP:{name.value}"
    if isinstance(name, x509.DirectoryName):
        return f"DirName:{name.value.rfc4514_string()}"
    return f"{type(name).__name__}:{name.value}"


def issued(issuer: Certificate, certificate: Certificate) -> bool:
    """See ``wizard.x509.issued``. A signature is verified once."""
    if issuer.error or certificate.error or issuer.subject_der != certificate.issuer_der:
        return False
    return _verified(issuer.der, certificate.der)


@lru_cache(maxsize=4096)
def _verified(issuer: bytes, certificate: bytes) -> bool:
    with quiet():
        try:
            signer = x509.load_der_x509_certificate(issuer)
            signed = x509.load_der_x509_certificate(certificate)
            if isinstance(signed.signature_hash_algorithm, hashes.SHA1):
                _verify_sha1(signer, signed)
            else:
                signed.verify_directly_issued_by(signer)
        except (InvalidSignature, *_MALFORMED):
            return False
    return True


def _verify_sha1(signer: x509.Certificate, signed: x509.Certificate) -> None:
    """Check a SHA-1 signature, which ``verify_directly_issued_by`` no longer knows.

    SHA-1 is too weak to be trusted, but the question here is only who signed.

    Raises:
        InvalidSignature: another key signed.
        TypeError: the key cannot sign so.
    """
    key, sha1 = signer.public_key(), hashes.SHA1()  # noqa: S303 # nosec B303 # the certificate's choice
    signature, data = signed.signature, signed.tbs_certificate_bytes
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), sha1)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(sha1))
    else:
        raise TypeError("no RSA or ECDSA key")
