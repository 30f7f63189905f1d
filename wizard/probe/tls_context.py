"""OpenSSL contexts with mod_ssl's settings for proxying, shared by requests with equal settings.

Source: httpd 2.4, modules/ssl/ssl_engine_init.c (ssl_init_proxy_ctx and what it calls). The verify
callback records every error and lets OpenSSL go on: the first is the one at which httpd stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography import x509
from OpenSSL import SSL, crypto

from wizard.model.certificate import Certificate
from wizard.model.probe import OwnCertificate, ProbeRequest, VerifyEvent
from wizard.probe import system_tls
from wizard.probe.client_hello import SIGNATURES, Offered
from wizard.record import record
from wizard.reference import behaviours, tls_settings
from wizard.reference.release import Release, Version, parse
from wizard.x509 import client_certificate as clientcert
from wizard.x509 import parse_der

MOST_EVENTS = 1000
"""Most verify events that are kept of one handshake."""
_VERSIONS = {
    "TLSv1": SSL.TLS1_VERSION,
    "TLSv1.1": SSL.TLS1_1_VERSION,
    "TLSv1.2": SSL.TLS1_2_VERSION,
    "TLSv1.3": SSL.TLS1_3_VERSION,
}
_READ_ALERT = SSL.SSL_CB_READ_ALERT
_FATAL = 2
_FINITE_FIELDS = ":ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192"
_POST_QUANTUM = (
    "?*X25519MLKEM768 / ?*X25519:?secp256r1 / ?X448:?secp384r1:?secp521r1 / ?ffdhe2048:?ffdhe3072"
)
_NEW_SIGNATURES: Mapping[str, behaviours.Behaviour] = {
    "ecdsa_brainpool": "brainpool-signatures",
    "mldsa": "post-quantum-signatures",
}
_CERTIFICATE_REQUEST = b"certificate request"
_SERVER_HELLO = b"read server hello"
_REPAIRS_SINCE = 3
"""First number of an OpenSSL whose third one counts repairs."""


@dataclass(slots=True)
class Observed:
    """What the callbacks of one connection saw.

    Args:
        first_only: stop at the first certificate (``leaf``): nothing else is observed.
        strict: the context to switch to once the protocol version is agreed.
    """

    first_only: bool = False
    strict: SSL.Context | None = None
    events: list[VerifyEvent] = field(default_factory=list)
    leaf: Certificate | None = None
    alert: int | None = None
    client_certificate_requested: bool = False


@record
class Settings:
    """What distinguishes one context from another."""

    protocols: tuple[str, ...] | None
    cipher_suite: str | None
    cipher_suite_tls13: str | None
    ca_file: str | None
    ca_path: str | None
    crl_file: str | None
    crl_path: str | None
    crl_check: str
    client_certificate: OwnCertificate | None
    client_chain: tuple[bytes, ...]
    client_chain_file: str | None
    alpn: tuple[str, ...]
    groups: str
    """For key exchange (SSL_CTX_set1_groups_list(3))."""
    signatures: str
    """Signature algorithms (SSL_CTX_set1_sigalgs_list(3))."""
    level: int
    """The security level."""
    legacy_servers: bool = False
    """Servers without secure renegotiation (RFC 5746) are accepted."""
    legacy: bool = False
    """Security level 0, the only one at which OpenSSL 4 offers TLS 1.0 and 1.1."""
    first_only: bool = False
    """For ``Observed.first_only``: nothing else is observed."""


def settings(request: ProbeRequest) -> Settings:
    """The settings of a request."""
    system, suites = system_tls.of(request), request.cipher_suite_tls13
    asked = offered(request)
    old = behaviours.holds("legacy-servers-accepted", request.release)
    return Settings(
        protocols=request.protocols,
        cipher_suite=request.cipher_suite,
        cipher_suite_tls13=asked.suites if suites is None and asked else suites,
        ca_file=request.ca_file,
        ca_path=request.ca_path,
        crl_file=request.crl_file,
        crl_path=request.crl_path,
        crl_check=request.crl_check,
        client_certificate=request.presented(()),
        client_chain=request.client_chain,
        client_chain_file=request.client_chain_file,
        alpn=request.alpn,
        groups=asked.groups if asked else groups(request.release),
        signatures=asked.signatures if asked else signatures(request.release),
        level=security_level(request),
        legacy_servers=system.legacy_servers if asked else old,
    )


def offered(request: ProbeRequest) -> Offered | None:
    """What httpd's OpenSSL says that it offers; None: it was not asked, or is another release."""
    system = system_tls.of(request)
    version = parse(system.version)
    same = version is not None and _series(version) == _series(request.release.openssl)
    return system.offered if same else None


def _series(version: Version) -> tuple[int, ...]:
    """The releases of one series offer the same: since 3.0 the third number counts repairs
    (OpenSSL, Versioning Policy)."""
    return version[:2] if version[0] >= _REPAIRS_SINCE else version


def unverified(request: ProbeRequest) -> Settings:
    """The settings of a request without what takes time or decides: trust, own certificate."""
    return replace(
        settings(request),
        ca_file=None,
        ca_path=None,
        crl_file=None,
        crl_path=None,
        client_certificate=None,
        client_chain=(),
        client_chain_file=None,
        first_only=True,
    )


class Contexts:
    """Contexts of one run, made on first use."""

    def __init__(self) -> None:
        self._made: dict[Settings, SSL.Context] = {}

    def get(self, wanted: Settings) -> SSL.Context:
        """The context for some settings.

        Raises:
            SSL.Error: OpenSSL refuses them (no cipher left, a file that does not load).
            ValueError: no protocol is left.
        """
        context = self._made.get(wanted)
        if context is None:
            context = self._made[wanted] = build(wanted)
        return context


def build(wanted: Settings) -> SSL.Context:
    """A new context; raises as ``Contexts.get``."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    _set_versions(context, wanted.protocols)
    _set_lists(context, wanted)
    # as ssl_init_proxy_certs: a backend may ask for a certificate once it has the request
    SSL._lib.SSL_CTX_set_post_handshake_auth(context._context, 1)  # type: ignore[attr-defined] # no method
    level = 0 if wanted.legacy else wanted.level
    context.set_cipher_list(_ciphers(wanted.cipher_suite, level).encode())
    if wanted.cipher_suite_tls13 is not None:
        context.set_tls13_ciphersuites(wanted.cipher_suite_tls13.encode())
    if wanted.ca_file or wanted.ca_path:
        context.load_verify_locations(wanted.ca_file, wanted.ca_path)
    _set_revocation(context, wanted)
    _add_client_chain(context, wanted)
    if wanted.client_certificate:
        _present(context, wanted.client_certificate)
    if wanted.alpn:
        context.set_alpn_protos([name.encode() for name in wanted.alpn])
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
    if wanted.legacy_servers:
        context.set_options(system_tls.LEGACY_SERVER_CONNECT)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_verify(SSL.VERIFY_PEER, _verify)
    if not wanted.first_only:
        context.set_info_callback(_inform)
    return context


def _set_lists(context: SSL.Context, wanted: Settings) -> None:
    """What a ClientHello offers besides ciphers: pyOpenSSL has no methods for it."""
    library = SSL._lib  # type: ignore[attr-defined] # private, hence without types
    library.SSL_CTX_set1_curves_list(context._context, wanted.groups.encode())
    library.SSL_CTX_set1_sigalgs_list(context._context, wanted.signatures.encode())


def _present(context: SSL.Context, wanted: OwnCertificate) -> None:
    own, key = clientcert.load(wanted.file, wanted.sha256)
    try:
        context.use_certificate(own)
    except SSL.Error:
        return  # ``refusal``: httpd then answers that it has none
    context.use_privatekey(key)


def refusal(wanted: OwnCertificate, level: int) -> SSL.Error | None:
    """Why OpenSSL does not let a certificate be presented; None: it does.

    Args:
        wanted: it.
        level: the security level in force (SSL_CTX_set_security_level(3)).
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_cipher_list(_ciphers(None, level).encode())
    try:
        context.use_certificate(clientcert.load(wanted.file, wanted.sha256)[0])
    except SSL.Error as error:
        return error
    return None


def _set_versions(context: SSL.Context, protocols: Sequence[str] | None) -> None:
    """mod_ssl sets a lowest and a highest version: it allows no gap (ssl_init_ctx_protocol)."""
    if protocols is None:
        protocols = tuple(_VERSIONS)
    if not protocols:
        raise ValueError("SSLProxyProtocol leaves no protocol version")
    versions = [_VERSIONS[name] for name in protocols]
    context.set_max_proto_version(versions[-1])
    lowest = versions[-1]
    for version in reversed(versions):
        if version < lowest - 1:
            break
        lowest = version
    context.set_min_proto_version(lowest)


def groups(release: Release) -> str:
    """The groups that an OpenSSL offers for key exchange where it is not asked.

    Post-quantum groups make the ClientHello longer, at which some backends fail, and the handshake
    half as long again.
    """
    if behaviours.holds("post-quantum-groups", release):
        return _POST_QUANTUM
    more = _FINITE_FIELDS if behaviours.holds("finite-field-groups", release) else ""
    return tls_settings.USUAL_GROUPS + more


def signatures(release: Release) -> str:
    """The signature algorithms that it offers, so far as its security level lets it."""
    lacking = {
        prefix
        for prefix, behaviour in _NEW_SIGNATURES.items()
        if not behaviours.holds(behaviour, release)
    }
    return ":".join(n for n in SIGNATURES.values() if not n.startswith(tuple(lacking)))


def security_level(request: ProbeRequest) -> int:
    """The level in force with a cipher list: its own, else that of httpd's OpenSSL."""
    own = tls_settings.security_level(system_tls.ciphers(request.cipher_suite or ""))
    return system_tls.of(request).security_level if own is None else own


def _ciphers(suite: str | None, level: int) -> str:
    listed = "DEFAULT" if suite is None else tls_settings.without_level(system_tls.ciphers(suite))
    listed = listed or "DEFAULT"
    return f"{listed}:!aNULL:!eNULL:!EXP:@SECLEVEL={level}"  # the exclusions are mod_ssl's


def _store(context: SSL.Context) -> crypto.X509Store:
    store = context.get_cert_store()
    if store is None:
        raise ValueError("the context has no certificate store")
    return store


def _add_client_chain(context: SSL.Context, wanted: Settings) -> None:
    """As ssl_init_proxy_certs: they join the store of trust, from which OpenSSL builds the chain
    that a client presents (SSL_CTX_set_mode(3), SSL_MODE_NO_AUTO_CHAIN is off)."""
    for der in wanted.client_chain:
        added = x509.load_der_x509_certificate(der)
        _store(context).add_cert(crypto.X509.from_cryptography(added))
    if wanted.client_chain_file:
        _store(context).load_locations(wanted.client_chain_file)


def _set_revocation(context: SSL.Context, wanted: Settings) -> None:
    if not (wanted.crl_file or wanted.crl_path):
        return
    store = _store(context)
    store.load_locations(wanted.crl_file, wanted.crl_path)
    mode = wanted.crl_check.split()[0].lower() if wanted.crl_check.split() else "none"
    if mode == "chain":
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL)
    elif mode == "leaf":
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK)


def _verify(connection: SSL.Connection, shown: crypto.X509, code: int, depth: int, ok: int) -> bool:
    observed: Observed = connection.get_app_data()
    certificate = parse_der(crypto.dump_certificate(crypto.FILETYPE_ASN1, shown))
    if observed.first_only:
        if depth == 0:
            observed.leaf = certificate
        return depth != 0
    if len(observed.events) < MOST_EVENTS:
        observed.events.append(
            VerifyEvent(bool(ok), 0 if ok else code, depth, certificate.subject, certificate.sha256)
        )
    return True


def _inform(connection: SSL.Connection, where: int, value: int) -> None:
    observed: Observed = connection.get_app_data()
    if where == _READ_ALERT:
        if value >> 8 == _FATAL:
            observed.alert = value & 0xFF
        return
    if not where & SSL.SSL_CB_LOOP:
        return  # beginning or end of a step: the step itself is reported separately
    state = connection.get_state_string()
    if _CERTIFICATE_REQUEST in state:
        observed.client_certificate_requested = True
    elif observed.strict is not None and _SERVER_HELLO in state:
        connection.set_context(observed.strict)
        observed.strict = None
