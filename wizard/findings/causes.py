"""Which finding explains a failure: for each stage the rules that can, the most telling first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.model.diagnosis import Stage

_ROUTE = (
    "route-shadowed",
    "module-missing",
    "missing-trailing-slash",
    "balancer-member-disabled",
    "engine-off",
)
_FILES = (
    "ca-file-missing",
    "ca-file-invalid",
    "ca-path-not-hashed",
    "crl-check-without-crl",
    "client-certificate-without-key",
    "protocol-mismatch",
    "cipher-mismatch",
)
_NETWORK = (
    "connection-not-permitted",
    "connection-refused",
    "connection-timeout",
    "connection-reset",
)
_NAMES = (
    "ip-address-backend",
    "wildcard-too-deep",
    "preserve-host-changes-name",
    "wrong-virtual-host-certificate",
    "name-mismatch",
)
_DATES = ("certificate-expired", "certificate-not-yet-valid")
_VERIFY = (
    # one OpenSSL error each
    "self-signed-certificate",
    "chain-too-deep",
    "ca-expired",
    *_DATES,
    "wrong-purpose",
    "path-length-exceeded",
    "name-constraint-violated",
    "weak-key",
    "weak-signature",
    "issuer-not-a-ca",
    "certificate-revoked",
    "crl-expired",
    "crl-missing",
    # no trusted issuer: why not
    "ca-not-configured",
    "ca-file-holds-server-certificate",
    "ca-file-without-root",
    "ca-rekeyed",
    "ca-path-not-hashed",
    "missing-intermediate",
    "ca-not-trusted",
)
_HANDSHAKE = (
    "engine-off",
    "backend-speaks-plain-http",
    "alpn-missing",
    "protocol-mismatch",
    "preserve-host-changes-name",
    "sni-rejected",
    "client-certificate-without-key",
    "client-certificate-required",
    "cipher-mismatch",
)
_ANSWER = (
    "backend-speaks-tls",
    "sni-rejected",
    "client-certificate-without-key",
    "client-certificate-required",
    "alpn-missing",
    "backend-error-status",
)

CAUSES: Final[Mapping[Stage | None, tuple[str, ...]]] = {
    "config": (*_FILES, *_ROUTE),
    "start": (*_FILES, *_ROUTE),
    "route": (*_ROUTE, "dns-failure"),
    "dns": ("missing-trailing-slash", "dns-failure"),
    "connect": ("missing-trailing-slash", *_NETWORK, *_ROUTE),
    "tls": (*_HANDSHAKE, *_NETWORK, *_VERIFY, *_NAMES),
    "verify": _VERIFY,
    "name": _NAMES,
    "expiry": _DATES,
    "http": (*_ANSWER, *_NETWORK, *_HANDSHAKE),
    None: (),
}
"""Stage of the verdict to slugs."""

WITH_ANSWER: Final = ("backend-speaks-tls", "sni-rejected", "backend-error-status")
"""What explains an answer that arrived and is an error."""
