"""Where httpd's OpenSSL is not like this program's, so that a handshake can end otherwise."""

from __future__ import annotations

from wizard.model.probe import ProbeRequest, TlsResult
from wizard.probe import system_tls, tls_context
from wizard.reference import behaviours

_PROTOCOL_VERSION = 70
"""The alert with which a server refuses every version that it is offered (RFC 8446, 6.2)."""


def not_asked(request: ProbeRequest) -> str | None:
    """What is assumed where httpd's OpenSSL could not be asked; None: nothing is."""
    system = system_tls.of(request) if request.tls else None
    if system is None or system.version is not None:
        return None
    level = system.security_level
    return f"httpd's OpenSSL could not be asked; security level {level} is assumed for it"


def differs(request: ProbeRequest) -> str:
    """Why httpd's handshake can end otherwise than the probe's; empty: it does not."""
    system = system_tls.of(request)
    if system.objection:
        return (
            f"OPENSSL_CONF of httpd's service names {request.openssl_conf}, which is not read "
            f"because it {system.objection}."
        )
    offered = tls_context.offered(request)
    if offered is None or not offered.unknown_groups:
        return ""
    numbers = ", ".join(map(str, offered.unknown_groups))
    return (
        "httpd's OpenSSL is set to offer groups for key exchange that this program does not know "
        f"(IANA's numbers: {numbers})."
    )


def may_be_old_version(request: ProbeRequest, result: TlsResult) -> bool:
    """Whether the backend may only speak a version that httpd's OpenSSL offers, unlike this one.

    At levels 1 and 2, OpenSSL 1.1.1 and 3.0 begin with TLS 1.0 and 1.1 and fail at a signature
    (1.1.1 only at level 2); at level 0 all speak them, above level 2 none offers them, and 3.5
    offers them at level 0 only (measured).
    """
    if request.protocols is not None and {"TLSv1", "TLSv1.1"}.isdisjoint(request.protocols):
        return False
    if tls_context.security_level(request) not in (1, 2):
        return False
    if not behaviours.holds("old-versions-offered", request.release):
        return False
    return result.alert == _PROTOCOL_VERSION or (
        result.failure == "protocol" and not result.chain and "protocol" in (result.error or "")
    )
