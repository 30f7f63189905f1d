"""Which finding explains a failure: for each stage the rules that can, the most telling first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from wizard.model.diagnosis import Stage, Verdict

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
_NO_ISSUER = (
    "ca-not-configured",
    "ca-file-holds-server-certificate",
    "ca-file-without-root",
    "ca-rekeyed",
    "ca-path-not-hashed",
    "missing-intermediate",
    "ca-not-trusted",
)
_BY_ERROR: Final[Mapping[int, tuple[str, ...]]] = {
    3: ("crl-missing",),
    9: ("certificate-not-yet-valid",),
    10: ("ca-expired", "certificate-expired"),  # OpenSSL goes from the root down
    11: ("crl-expired",),
    12: ("crl-expired",),
    18: ("self-signed-certificate",),
    22: ("chain-too-deep",),
    23: ("certificate-revoked",),
    24: ("issuer-not-a-ca",),
    25: ("path-length-exceeded",),
    26: ("wrong-purpose",),
    32: ("issuer-not-a-ca",),
    33: ("crl-missing",),
    37: ("issuer-not-a-ca",),
    **dict.fromkeys((47, 48, 49, 51, 52, 53, 54), ("name-constraint-violated",)),
    50: ("ocsp-for-backend",),
    66: ("weak-key",),
    67: ("weak-key",),
    68: ("weak-signature",),
    79: ("issuer-not-a-ca",),
}
"""X509_V_ERR_* to slugs; the others mean that no trusted issuer was found."""
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

_BY_STAGE: Final[Mapping[Stage | None, tuple[str, ...]]] = {
    "config": (*_FILES, *_ROUTE),
    "start": (*_FILES, *_ROUTE),
    "route": (*_ROUTE, "dns-failure"),
    "dns": ("missing-trailing-slash", "dns-failure"),
    "connect": ("missing-trailing-slash", *_NETWORK, *_ROUTE),
    "tls": (*_HANDSHAKE, *_NETWORK),
    "verify": ("chain-too-deep", *_NO_ISSUER),
    "name": _NAMES,
    "expiry": _DATES,
    "http": (*_ANSWER, *_NETWORK, *_HANDSHAKE),
    None: (),
}

WITH_ANSWER: Final = ("backend-speaks-tls", "sni-rejected", "backend-error-status")
"""What explains an answer that arrived and is an error."""


def candidates(verdict: Verdict) -> tuple[str, ...]:
    """The slugs that can explain a failing verdict, in the order in which they are asked."""
    if verdict.openssl is not None:
        return (*_BY_ERROR.get(verdict.openssl.code, ()), *_NO_ISSUER)
    return _BY_STAGE[verdict.stage]
