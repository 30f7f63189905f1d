"""Faults that can be repaired in several ways: each way with what speaks for and against it. Data.

Left to itself the plan takes the way that needs no one else and weakens no check; what an operator
may prefer for reasons that no configuration shows stands here, and can be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Take = Literal["plan", "leave", "temporary", ""]


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Args:
        title: what is done.
        good: what speaks for it.
        bad: what speaks against it.
        take: how it is chosen: ``plan`` the way that a plan takes where it can, ``leave`` have the
            backend's side repair it, ``temporary`` the row of the table for tests; empty: nothing
            that the wizard can do.
    """

    title: str
    good: str
    bad: str
    take: Take = ""


_REISSUE = Way(
    "Have the backend's certificate reissued with the name that httpd checks",
    "Every client of the backend gains, and the proxy's configuration stays as it is.",
    "Needs the backend's owner and the CA, and time.",
)
_NAME_OFF = Way(
    "A temporary exception: SSLProxyCheckPeerName off",
    "Works at once.",
    "Any certificate of the trusted CA is accepted: with a public CA, anybody's. "
    "Until a day that you name.",
    take="temporary",
)
_VERIFY_OFF = Way(
    "A temporary exception: SSLProxyVerify none",
    "Works at once.",
    "Whoever stands between httpd and the backend reads and changes everything. "
    "Until a day that you name.",
    take="temporary",
)
_OWN_FILE = Way(
    "Put that CA into a file of this proxy's own",
    "Only this proxy trusts it, and every check stays on.",
    "The file is to be renewed when the CA is.",
    take="plan",
)
_SYSTEM_STORE = Way(
    "Put the CA into the system's store, and name that as SSLProxyCACertificateFile",
    "One place for all programs of this machine.",
    "Then every program trusts it, and httpd trusts every public CA for this backend too.",
)
_CHAIN = Way(
    "Let the backend send its whole chain",
    "The right place: every client needs it, and a renewed intermediate needs no change here.",
    "Needs the backend's owner.",
    take="leave",
)
_BUNDLE = Way(
    "Put root and intermediate into httpd's CA file",
    "Can be done here and now.",
    "The intermediate is to be replaced by hand when the CA changes it.",
    take="plan",
)

WAYS: dict[str, tuple[Way, ...]] = {
    "preserve-host-changes-name": (
        Way(
            "ProxyPreserveHost Off",
            "httpd asks for the backend's own name, which its certificate has.",
            "An application that builds links from the Host header has to read X-Forwarded-Host.",
            take="plan",
        ),
        Way(
            "Have the certificate reissued with every public name too",
            "The application goes on seeing the client's Host.",
            "Needs the backend's owner and the CA; again for each new public name.",
            take="leave",
        ),
        _NAME_OFF,
    ),
    "name-mismatch": (
        Way(
            "Write a name that the certificate covers into ProxyPass",
            "Can be done here, if such a name resolves to this backend.",
            "The Host header changes with it, unless ProxyPreserveHost is on.",
            take="plan",
        ),
        _REISSUE,
        _NAME_OFF,
    ),
    "ip-address-backend": (
        Way(
            "Write a name that the certificate covers into ProxyPass",
            "httpd then sends SNI and can compare the name.",
            "The name must resolve on this machine: DNS, or a line in /etc/hosts.",
            take="plan",
        ),
        _NAME_OFF,
    ),
    "wildcard-too-deep": (_REISSUE, _NAME_OFF),
    "wrong-virtual-host-certificate": (_REISSUE, _NAME_OFF),
    "ca-not-trusted": (_OWN_FILE, _SYSTEM_STORE, _VERIFY_OFF),
    "ca-not-configured": (_OWN_FILE, _SYSTEM_STORE, _VERIFY_OFF),
    "self-signed-certificate": (
        Way(
            "Have a CA sign a certificate for the backend",
            "It can be renewed without touching the proxy.",
            "Needs a CA and the backend's owner.",
            take="leave",
        ),
        Way(
            "Trust this one certificate, after its fingerprint was compared",
            "Can be done here, and every check stays on.",
            "Each renewal breaks the proxy until the new one is trusted.",
            take="plan",
        ),
        _VERIFY_OFF,
    ),
    "missing-intermediate": (_CHAIN, _BUNDLE),
    "chain-too-deep": (
        Way(
            "Raise SSLProxyVerifyDepth to the length of the chain",
            "No check is lost: depth only limits how far httpd follows the chain.",
            "None that matters.",
            take="plan",
        ),
        Way(
            "Trust the intermediate alone",
            "Only certificates of that one CA are accepted.",
            "OpenSSL as httpd uses it still wants the root in the same file.",
        ),
    ),
    "certificate-expired": (
        Way(
            "Have the backend's certificate renewed",
            "The only repair that lasts.",
            "Needs the backend's owner.",
        ),
        Way(
            "A temporary exception: SSLProxyCheckPeerExpire off",
            "Works until the new certificate is there.",
            "httpd then takes expired certificates; where SSLProxyVerify is require, OpenSSL "
            "refuses them all the same. Until a day that you name.",
            take="temporary",
        ),
    ),
    "protocol-mismatch": (
        Way(
            "Let httpd offer TLS 1.2 and later",
            "Can be done here and now.",
            "Helps only where the backend speaks one of these.",
            take="plan",
        ),
        Way(
            "Have the backend speak a current protocol",
            "Every client of the backend gains.",
            "Needs the backend's owner.",
            take="leave",
        ),
    ),
    "ca-rekeyed": (
        Way(
            "Add the CA's new certificate and keep the old one for now",
            "Backends of both generations work.",
            "The old one is to be removed once no backend uses it.",
            take="plan",
        ),
        _VERIFY_OFF,
    ),
    "unencrypted-backend": (
        Way(
            "Let the backend offer TLS, and write https:// here",
            "Nobody on the way can read or change anything.",
            "Needs the backend's owner.",
        ),
        Way(
            "Leave it, where the way is private (the same machine, a tunnel)",
            "Nothing is to be done.",
            "It holds only as long as the way is private.",
        ),
    ),
}
"""Slug of a finding to its ways, the one to prefer first."""
