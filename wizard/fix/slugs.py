"""Findings by what repairs them."""

from __future__ import annotations

TRUST_SLUGS = frozenset(
    {
        "engine-off",
        "verification-off",
        "verification-optional",
        "name-check-off",
        "expiry-check-off",
        "ca-not-configured",
        "ca-file-missing",
        "ca-file-invalid",
        "ca-path-not-hashed",
        "temporary-exception",
        "temporary-exception-expired",
        "ca-not-trusted",
        "self-signed-certificate",
        "missing-intermediate",
        "ca-file-holds-server-certificate",
        "ca-file-without-root",
        "ca-rekeyed",
        "chain-too-deep",
        "ca-expired",
        "crl-check-without-crl",
    }
)
"""Gone once the policy is strict, the CA is trusted and OpenSSL accepts the chain."""
WEAK_SLUGS = frozenset(
    {
        "verification-off",
        "verification-optional",
        "name-check-off",
        "expiry-check-off",
        "temporary-exception",
        "temporary-exception-expired",
    }
)
"""Of ``TRUST_SLUGS``, checks that are off: a temporary exception makes such, and repairs none."""
NAME_SLUGS = frozenset(
    {
        "preserve-host-changes-name",
        "ip-address-backend",
        "name-mismatch",
        "wrong-virtual-host-certificate",
        "wildcard-too-deep",
        "sni-rejected",
    }
)
"""Gone once httpd compares the certificate with a name that it covers."""
LEAVABLE = frozenset(
    {
        "alpn-missing",
        "cipher-mismatch",
        "missing-intermediate",
        "preserve-host-changes-name",
        "protocol-mismatch",
        "self-signed-certificate",
    }
)
"""Repaired by configuration, unless the operator would rather have the backend repaired."""
UNSENT = "missing-intermediate"
UNSENT_SLUGS = frozenset({UNSENT, "ca-not-trusted"})
"""What an intermediate that the backend does not send is diagnosed as: as long as nobody has seen
it, another authority may have signed the chain just as well."""
UNVERIFIED_SLUGS = frozenset(
    {"engine-off", "name-check-off", "expiry-check-off", "crl-check-without-crl"}
)
"""Of ``TRUST_SLUGS``, those that settings repair which have nothing to do with the chain."""
STRUCTURE_SLUGS = frozenset({"directive-not-allowed-here", "unknown-directive"})
"""Repaired where the directive stands, whatever the backend is like."""
STOPPING = frozenset(
    {
        "wrong-purpose",
        "path-length-exceeded",
        "name-constraint-violated",
        "weak-key",
        "weak-signature",
        "issuer-not-a-ca",
        "certificate-revoked",
        "certificate-expired",
        "certificate-not-yet-valid",
        "crl-expired",
        "crl-missing",
        "ocsp-for-backend",
    }
)
"""Faults of the other side that strict verification would trip over."""
CRL_SLUGS = frozenset({"crl-expired", "crl-missing", "certificate-revoked"})
"""Faults that have to do with revocation lists: an exception cannot switch them off."""
