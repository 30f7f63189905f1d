"""What httpd does in some releases only: one table, with since and until.

Reader, verdict, findings, probe and ``explain`` use it; none of them compares version numbers.

Source: measured on httpd 2.4.29 to 2.4.71 with OpenSSL 1.1.1, 3.0, 3.5 and 3.6; the change and its
release are those of httpd's history and CHANGES.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from wizard.reference.release import NEWEST, Release, Span

Behaviour = Literal[
    "handshake-failure-is-502",
    "dns-failure-is-502",
    "ocsp-for-backends",
    "ocsp-by-default",
    "machine-file-needs-keys",
    "alpn-unchecked",
    "http2-retries-any-failure",
    "http2-without-engine-is-503",
    "http2-tries-five-times",
    "websocket-tunnel-only",
    "wss-without-name",
    "broken-head-unlogged",
    "httpd-without-tls-1.3",
    "openssl-without-tls-1.3",
    "pkcs8-key-unread",
    "openssl-1-words",
    "invalid-ca-is-24",
    "old-signatures-accepted",
    "old-versions-offered",
    "legacy-servers-accepted",
    "self-signed-needs-crl",
    "alerts-of-ssl-and-tls",
    "error-9-names-the-clock",
    "finite-field-groups",
    "post-quantum-groups",
    "brainpool-signatures",
    "post-quantum-signatures",
]


_OPENSSL_1 = (1, 1, 1)

BEHAVIOURS: Final[Mapping[Behaviour, Span]] = {
    "handshake-failure-is-502": Span(
        "a failed handshake gives 502 with AH01102", until=(2, 4, 37), change="8a323b509b"
    ),
    "dns-failure-is-502": Span(
        "a backend name without address gives 502", until=(2, 4, 58), change="fd4338eca8"
    ),
    "ocsp-for-backends": Span(
        "SSLOCSPEnable counts for backends' certificates", until=(2, 4, 41), change="c11b1cd3b1"
    ),
    "ocsp-by-default": Span(
        "OCSP is asked about backends' certificates unless SSLEngine is on",
        since=(2, 4, 34),
        until=(2, 4, 41),
        change="c11b1cd3b1",
    ),
    "machine-file-needs-keys": Span(
        "a certificate without its key in SSLProxyMachineCertificateFile ends the start",
        until=(2, 4, 58),
        change="4e29445936",
    ),
    "alpn-unchecked": Span(
        "an h2:// backend that does not choose h2 by ALPN is spoken to nevertheless",
        until=(2, 4, 48),
        change="7e2e41a421",
    ),
    "http2-retries-any-failure": Span(
        "mod_proxy_http2 tries again what cannot be set up", until=(2, 4, 38), change="2228c692a4"
    ),
    # it ended between 2.4.63 (source of October 2024) and 2.4.69 (measured)
    "http2-without-engine-is-503": Span(
        "an h2:// backend without SSLProxyEngine gives 503",
        since=(2, 4, 58),
        until=(2, 4, 63),
        change="c18c18161b",
    ),
    "http2-tries-five-times": Span(
        "mod_proxy_http2 tries five times", until=(2, 4, 46), change="060dd8c1f9"
    ),
    "websocket-tunnel-only": Span(
        "ws:// and wss:// take nothing but upgrades, and only with mod_proxy_wstunnel",
        until=(2, 4, 46),
        change="fa22b50457",
    ),
    "wss-without-name": Span(
        "wss:// backends get no server name (SNI), and their name is not checked",
        until=(2, 4, 39),
        change="7d272e2628",
    ),
    "broken-head-unlogged": Span(
        "nothing is logged of an answer that ends in its head",
        until=(2, 4, 54),
        change="8b6d55f6a0",
    ),
    "httpd-without-tls-1.3": Span("TLS 1.3 is not known", until=(2, 4, 35), change="223f607038"),
    "openssl-without-tls-1.3": Span("TLS 1.3 is not known", until=(1, 1, 0), of="openssl"),
    "pkcs8-key-unread": Span(
        "a client key in PKCS #8 (BEGIN PRIVATE KEY) is not found", until=_OPENSSL_1, of="openssl"
    ),
    "openssl-1-words": Span(
        "errors have the numbers and words of OpenSSL 1", until=_OPENSSL_1, of="openssl"
    ),
    "invalid-ca-is-24": Span(
        "an issuer that is no CA is error 24, not 79", until=_OPENSSL_1, of="openssl"
    ),
    "old-signatures-accepted": Span(
        "TLS 1.0 and 1.1 are spoken at the usual security level", until=_OPENSSL_1, of="openssl"
    ),
    # SSL_CTX_set_options(3): SSL_OP_LEGACY_SERVER_CONNECT was set by default before 3.0
    "legacy-servers-accepted": Span(
        "servers without secure renegotiation (RFC 5746) are accepted",
        until=_OPENSSL_1,
        of="openssl",
    ),
    # measured on 3.0 (yes) and 3.5 (no)
    "old-versions-offered": Span(
        "TLS 1.0 and 1.1 are offered at the usual security level, and fail later",
        until=(3, 4, 99),
        of="openssl",
    ),
    # measured on 3.5 (yes) and 3.6 (no)
    "self-signed-needs-crl": Span(
        "a trusted self-signed certificate needs a revocation list, where they are checked",
        until=(3, 5, 99),
        of="openssl",
    ),
    "alerts-of-ssl-and-tls": Span(
        "alerts are called ssl/tls, not sslv3", since=(3, 2, 0), of="openssl"
    ),
    "error-9-names-the-clock": Span(
        "error 9 names the system clock", since=(3, 6, 0), of="openssl"
    ),
    "finite-field-groups": Span(
        "key exchange in finite fields is offered for TLS 1.3", since=(3, 0, 0), of="openssl"
    ),
    "post-quantum-groups": Span(
        "post-quantum key exchange is offered first", since=(3, 5, 0), of="openssl"
    ),
    # CHANGES.md of OpenSSL 3.2 and 3.5
    "brainpool-signatures": Span(
        "certificates with a key on a Brainpool curve are accepted in TLS 1.3",
        since=(3, 2, 0),
        of="openssl",
    ),
    "post-quantum-signatures": Span(
        "certificates with a key for ML-DSA are accepted", since=(3, 5, 0), of="openssl"
    ),
}
"""What httpd does in some releases only."""


def otherwise(release: Release) -> tuple[Span, ...]:
    """What a release does differently from the newest httpd with the assumed OpenSSL."""
    return tuple(
        row for row in BEHAVIOURS.values() if row.covers(release) and not row.covers(NEWEST)
    )


def holds(behaviour: Behaviour, release: Release) -> bool:
    """Whether a release has a behaviour."""
    return BEHAVIOURS[behaviour].covers(release)
