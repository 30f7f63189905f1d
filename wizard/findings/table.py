"""What each finding is called, where it belongs and how bad it is: the table of all findings.

A module of its own so that listing them loads no rule. The order is the one in which they are
shown; a slug that was ever released is never given another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from wizard.model.diagnosis import BestPractice, Severity

Family = Literal["configuration", "trust", "names and dates", "handshake", "network and HTTP"]


class Entry(NamedTuple):
    """One finding.

    Args:
        family: what it is about.
        severity: unless the rule says otherwise for a case; on a route that works nothing is
            worse than a warning.
        best_practice: row of the best-practice table that it is measured by.
        title: one line, no full stop.
    """

    family: Family
    severity: Severity
    best_practice: BestPractice | None
    title: str


_ENTRIES: Final[Mapping[Family, Mapping[str, tuple[Severity, BestPractice | None, str]]]] = {
    "configuration": {
        "engine-off": (
            "critical",
            "production",
            "httpd may not speak TLS to backends here: SSLProxyEngine is off",
        ),
        "module-missing": ("critical", None, "A module that this route needs is not loaded"),
        "directive-not-allowed-here": (
            "critical",
            None,
            "A directive stands where httpd does not allow it",
        ),
        "unknown-directive": ("critical", None, "httpd does not know a directive"),
        "configuration-refused": ("critical", None, "httpd does not accept the configuration"),
        "ca-file-missing": ("critical", None, "The file with the trusted authorities is not there"),
        "ca-file-invalid": (
            "critical",
            None,
            "The file with the trusted authorities cannot be loaded",
        ),
        "ca-path-not-hashed": (
            "critical",
            "internal-ca",
            "The directory of trusted authorities lacks OpenSSL's hashed names",
        ),
        "ca-not-configured": ("critical", "internal-ca", "No authority is trusted for backends"),
        "crl-check-without-crl": (
            "critical",
            None,
            "Revocation is to be checked, but no revocation list is given",
        ),
        "client-certificate-without-key": (
            "critical",
            None,
            "httpd's own certificate for backends cannot be used",
        ),
        "route-shadowed": ("warning", None, "No request ever takes this route"),
        "missing-trailing-slash": ("critical", None, "The backend's URL lacks its final slash"),
        "balancer-member-disabled": ("info", None, "The balancer does not use this member"),
        "ip-address-backend": (
            "critical",
            "production",
            "The backend's URL holds an IP address instead of a name",
        ),
        "preserve-host-changes-name": (
            "critical",
            "production",
            "ProxyPreserveHost makes httpd check the certificate for the client's Host",
        ),
        "temporary-exception-expired": (
            "critical",
            "temporary",
            "A temporary exception is over, and the check is still off",
        ),
        "temporary-exception": ("warning", "temporary", "A check is off for a while, on purpose"),
        "verification-off": (
            "warning",
            "long-term",
            "Any certificate is accepted: SSLProxyVerify is none",
        ),
        "verification-optional": (
            "warning",
            "long-term",
            "The backend's certificate need not be trusted: SSLProxyVerify is optional",
        ),
        "name-check-off": (
            "warning",
            "long-term",
            "The name in the backend's certificate is not checked",
        ),
        "expiry-check-off": (
            "warning",
            "long-term",
            "The dates of the backend's certificate are not checked",
        ),
        "unencrypted-backend": (
            "warning",
            "production",
            "The traffic to the backend is not encrypted",
        ),
        "crl-not-checked": ("info", None, "A revocation list is given, but not used"),
        "log-level-hides-cause": (
            "info",
            None,
            "The error log does not show the cause: it is below LogLevel",
        ),
    },
    "trust": {
        "ca-not-trusted": (
            "critical",
            "internal-ca",
            "The authority that signed the backend's certificate is not trusted",
        ),
        "self-signed-certificate": (
            "critical",
            "internal-ca",
            "The backend's certificate is self-signed and not trusted",
        ),
        "missing-intermediate": (
            "critical",
            "production",
            "The backend does not send its intermediate certificate",
        ),
        "ca-file-holds-server-certificate": (
            "critical",
            "internal-ca",
            "The CA file holds the backend's certificate instead of its authority's",
        ),
        "ca-file-without-root": (
            "critical",
            "internal-ca",
            "The CA file holds an intermediate, but not the root above it",
        ),
        "ca-rekeyed": (
            "critical",
            "internal-ca",
            "The trusted authority has the right name, but another key",
        ),
        "chain-too-deep": (
            "critical",
            "internal-ca",
            "The chain is longer than SSLProxyVerifyDepth allows",
        ),
        "ca-expired": (
            "critical",
            "internal-ca",
            "An authority of the backend's chain has expired",
        ),
        "wrong-purpose": (
            "critical",
            "production",
            "The backend's certificate is not meant for a server",
        ),
        "path-length-exceeded": (
            "critical",
            "production",
            "An authority of the chain may not have so many authorities below it",
        ),
        "name-constraint-violated": (
            "critical",
            "production",
            "The authority may not issue certificates for this name",
        ),
        "weak-key": ("critical", "production", "A key of the backend's chain is too short"),
        "weak-signature": (
            "critical",
            "production",
            "A certificate of the backend's chain is signed with a broken hash",
        ),
        "issuer-not-a-ca": (
            "critical",
            "production",
            "A certificate that signed another one is not an authority's",
        ),
        "certificate-revoked": (
            "critical",
            "production",
            "The backend's certificate has been revoked",
        ),
        "crl-expired": ("critical", "production", "The revocation list has expired"),
        "ocsp-for-backend": (
            "critical",
            None,
            "httpd asks an OCSP responder about the backend's certificate",
        ),
        "crl-missing": (
            "critical",
            "production",
            "The revocation list of an authority of the chain is missing",
        ),
    },
    "names and dates": {
        "name-mismatch": (
            "critical",
            "production",
            "The backend's certificate is for another name",
        ),
        "wrong-virtual-host-certificate": (
            "critical",
            "production",
            "The backend shows another site's certificate",
        ),
        "wildcard-too-deep": (
            "critical",
            "production",
            "The certificate's wildcard stands for one label only",
        ),
        "certificate-expired": ("critical", "production", "The backend's certificate has expired"),
        "certificate-not-yet-valid": (
            "critical",
            "production",
            "The backend's certificate is not valid yet",
        ),
        "certificate-expires-soon": (
            "warning",
            "production",
            "A certificate of the backend's chain expires soon",
        ),
    },
    "handshake": {
        "protocol-mismatch": (
            "critical",
            None,
            "httpd and the backend have no TLS version in common",
        ),
        "cipher-mismatch": ("critical", None, "httpd and the backend have no cipher in common"),
        "client-certificate-required": ("critical", None, "The backend wants a client certificate"),
        "sni-rejected": (
            "critical",
            None,
            "The backend has no site for the name that httpd asks for",
        ),
        "backend-speaks-plain-http": ("critical", None, "The backend's port does not speak TLS"),
        "backend-speaks-tls": (
            "critical",
            None,
            "The backend's port speaks TLS, the URL says http",
        ),
        "alpn-missing": ("critical", None, "The backend does not offer HTTP/2"),
    },
    "network and HTTP": {
        "dns-failure": ("critical", None, "The backend's name does not resolve"),
        "connection-refused": ("critical", None, "Nothing listens on the backend's port"),
        "connection-timeout": ("critical", None, "The backend does not answer in time"),
        "connection-reset": (
            "critical",
            None,
            "The backend closes the connection without an answer",
        ),
        "connection-not-permitted": (
            "critical",
            None,
            "This machine does not let httpd connect to the backend",
        ),
        "stale-pooled-connection": (
            "info",
            None,
            "httpd may reuse a connection that the backend has just closed",
        ),
        "stale-backend-address": (
            "warning",
            None,
            "The backend's name leads to an address where nothing answers",
        ),
        "backend-error-status": ("warning", None, "The backend itself answers with an error"),
    },
}

TABLE: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        slug: Entry(family, *facts)
        for family, entries in _ENTRIES.items()
        for slug, facts in entries.items()
    }
)
"""Slug to what is fixed about it."""
