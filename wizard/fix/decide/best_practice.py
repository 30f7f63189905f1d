"""The best-practice table: which settings each kind of proxying should have.

==============  =====================================================================
internal-ca     trust the authority that signed the backend's chain; keep verification
production      strict verification: chain, name, dates
temporary       disable only the check that fails, with a comment that says until when
long-term       never disable a check for good: no policy of this module does
==============  =====================================================================

Defaults and effects of the directives: httpd's mod_ssl documentation and docs/ of this project.
"""

from __future__ import annotations

from collections.abc import Mapping

from wizard.config.syntax.words import argument
from wizard.model.config import Route, Setting, TlsPolicy
from wizard.model.plan import Addition
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.reference.tls_settings import names_profile, without_dhe

FIELDS: Mapping[str, str] = {directive: field for field, directive in DIRECTIVES.items()}
"""Directive, with what makes two of one name differ, to the field of TlsPolicy that it sets."""

CANONICAL: Mapping[str, str] = {name.lower(): name for name in FIELDS}
CA_FILE = "SSLProxyCACertificateFile"
CA_PATH = "SSLProxyCACertificatePath"
DEPTH = "SSLProxyVerifyDepth"
CHECK_CN = "SSLProxyCheckPeerCN"
NAME_CHECK = ("SSLProxyCheckPeerName", CHECK_CN)
OFF: Mapping[str, str] = {
    "SSLProxyVerify": "verification-off",
    "SSLProxyCheckPeerName": "name-check-off",
    "SSLProxyCheckPeerCN": "name-check-off",
    "SSLProxyCheckPeerExpire": "expiry-check-off",
}
"""Directive of each check to the finding that it is off."""
REVOCATION = "SSLProxyCARevocationCheck"
CRL_FILE = "SSLProxyCARevocationFile"
PRESERVE_HOST = "ProxyPreserveHost"
PROTOCOL = "SSLProxyProtocol"
CIPHERS = "SSLProxyCipherSuite"
CIPHERS_13 = f"{CIPHERS} TLSv1.3"
SEVERAL_WORDS = (REVOCATION, PROTOCOL, CIPHERS, CIPHERS_13)
"""Directives whose value is written as it is, not as one argument."""

WRITTEN_OUT: Mapping[str, str] = {
    "SSLProxyEngine": "on",
    "SSLProxyVerify": "require",
    DEPTH: "1",
    "SSLProxyCheckPeerName": "on",
    "SSLProxyCheckPeerExpire": "on",
}
"""The strict set, with the least that is strict: production writes it out."""
LEFTOVERS: Mapping[str, frozenset[str]] = {
    "SSLProxyEngine": frozenset({"off"}),
    "SSLProxyVerify": frozenset({"none", "optional", "optional_no_ca"}),
    "SSLProxyCheckPeerName": frozenset({"off"}),
    CHECK_CN: frozenset({"off"}),
    "SSLProxyCheckPeerExpire": frozenset({"off"}),
}
"""Directive to the values with which no line of it is to stay, though another one counts."""

WITHOUT_CA: Mapping[str, str] = {
    "SSLProxyEngine": "engine-off",
    "SSLProxyCheckPeerName": "name-check-off",
    "SSLProxyCheckPeerCN": "name-check-off",
    "SSLProxyCheckPeerExpire": "expiry-check-off",
    PRESERVE_HOST: "preserve-host-changes-name",
}
"""What can be set whatever CA is to be trusted, to the finding that it repairs."""

REASONS: Mapping[str, str] = {
    "SSLProxyEngine": "httpd speaks TLS to a backend only with SSLProxyEngine on",
    "SSLProxyVerify": "without require, any certificate is accepted",
    DEPTH: "certificates above the backend's own in this chain: {depth} (httpd's default is 1)",
    CA_FILE: "httpd trusts no CA for backends unless this file names it",
    CA_PATH: "a directory without hashed names is of no use to OpenSSL",
    "SSLProxyCheckPeerName": "the name check keeps another server's certificate out",
    "SSLProxyCheckPeerCN": "off here switches the name check off",
    "SSLProxyCheckPeerExpire": "an expired certificate must not be accepted",
    REVOCATION: "the temporary exception is over, and there is a list to look in",
    PROTOCOL: "the versions that it allowed are not enough for a handshake with this backend",
    CIPHERS: "the ciphers that it allowed are not enough for a handshake with this backend",
    CIPHERS_13: "the ciphers that it allowed are not enough for a handshake with this backend",
    PRESERVE_HOST: "On makes httpd check the certificate for the client's Host, "
    "which the backend's certificate does not cover",
}
"""Why the strict value is set, for the reason of an edit."""


def value(route: Route, directive: str) -> str:
    """The value in force, as an argument (``on``, ``require``, ``2`` …); empty if there is none."""
    found = setting_of(route, directive).value
    return "" if found is None else shown(found)


def counts(route: Route, directive: str) -> bool:
    """Whether a directive of :data:`FIELDS`, or ProxyPreserveHost, may have an effect on a route.

    Those of mod_ssl have none on ``http://``; but what only a request, or a balancer without
    members, will tell may be ``https://``.
    """
    known = route.unknown is None and route.backend.scheme != "balancer"
    return directive == PRESERVE_HOST or route.backend.uses_tls or not known


def setting_of(route: Route, directive: str) -> Setting[object]:
    """The Setting behind a directive of :data:`FIELDS`, or ProxyPreserveHost."""
    if directive == PRESERVE_HOST:
        return Setting(route.preserve_host.value, route.preserve_host.source)
    setting = getattr(route.tls, FIELDS[directive])
    return Setting(setting.value, setting.source)


def strict(policy: TlsPolicy, depth: int) -> dict[str, str]:
    """What strict verification needs and a policy lacks, apart from the CA file.

    Args:
        policy: in force.
        depth: certificates above the leaf in the chain that will be verified.
    """
    settings: dict[str, str] = {}
    if not policy.engine.value:
        settings["SSLProxyEngine"] = "on"
    if policy.verify.value != "require":
        settings["SSLProxyVerify"] = "require"
    if policy.verify_depth.value < depth:
        settings[DEPTH] = str(depth)
    settings.update(_name_check(policy))
    if not policy.check_peer_expire.value:
        settings["SSLProxyCheckPeerExpire"] = "on"
    return settings


def in_full(policy: TlsPolicy, changes: Mapping[str, str]) -> dict[str, str]:
    """The strict set, written out: what changes, and what is in force already.

    Args:
        policy: in force.
        changes: from :func:`strict`.
    """
    settings = {name: shown(getattr(policy, FIELDS[name]).value) for name in WRITTEN_OUT}
    settings |= {name: text for name, text in changes.items() if name != CHECK_CN}
    return settings | {"SSLProxyCheckPeerName": "on"}


def _name_check(policy: TlsPolicy) -> dict[str, str]:
    if policy.checks_name:
        return {}
    if not policy.check_peer_name.is_default:
        return {"SSLProxyCheckPeerName": "on"}
    return {"SSLProxyCheckPeerCN": "on"}


def widened(policy: TlsPolicy, addition: Addition) -> dict[str, str]:
    """The lists of versions and ciphers with what a backend needs, at their end.

    Args:
        policy: in force; only a list that it has is too narrow.
        addition: to these lists.
    """
    settings: dict[str, str] = {}
    if addition.protocol:
        settings[PROTOCOL] = f"{policy.protocol.value} +{addition.protocol}"
    for name, listed, cipher in (
        (CIPHERS, policy.cipher_suite.value, addition.cipher),
        (CIPHERS_13, policy.cipher_suite_tls13.value, addition.cipher_tls13),
    ):
        if cipher:  # a system's policy gets one only where OpenSSL does not know it
            kept = "" if listed is None or names_profile(listed) else listed.rstrip(":")
            settings[name] = f"{kept}:{cipher}".lstrip(":")
    if addition.without_dhe:
        settings[CIPHERS] = without_dhe(policy.cipher_suite.value)
    return settings


def has_list(policy: TlsPolicy) -> bool:
    """Whether there is a list that a revocation check can look in: else httpd does not start."""
    return bool(policy.ca_revocation_file.value or policy.ca_revocation_path.value)


def exception(
    policy: TlsPolicy, *, untrusted: bool, wrong_name: bool, expired: bool
) -> dict[str, str]:
    """The checks to disable so that a failing route passes for a while: those that fail, no more.

    Args:
        policy: in force.
        untrusted: OpenSSL refuses the chain (expired certificates included).
        wrong_name: the certificate does not cover the name.
        expired: the backend's own certificate is outside its dates.
    """
    settings: dict[str, str] = {}
    if untrusted and policy.verify.value not in ("none", "optional_no_ca"):
        settings["SSLProxyVerify"] = "none"
    if wrong_name:
        if policy.check_peer_name.is_default or policy.check_peer_name.value:
            settings["SSLProxyCheckPeerName"] = "off"
        if not policy.check_peer_cn.is_default and policy.check_peer_cn.value:
            settings["SSLProxyCheckPeerCN"] = "off"
    if expired and policy.check_peer_expire.value:
        settings["SSLProxyCheckPeerExpire"] = "off"
    if policy.checks_revocation and not has_list(policy):
        settings[REVOCATION] = "none"
    return settings


def explicit(route: Route, changes: Mapping[str, str]) -> dict[str, str]:
    """Every setting of a route written out, with changes: for a section that must stand alone.

    Settings that are httpd's default stay out, but for those that strictness rests on: the
    section's gaps are filled from its server, which may say otherwise.
    """
    settings = {
        name: value(route, name)
        for name in FIELDS
        if name in WRITTEN_OUT or not setting_of(route, name).is_default
    }
    settings.update(changes)
    return {name: text for name, text in settings.items() if text}


def written(name: str, text: str) -> str:
    """A directive with its argument, as it is written; lists of words as they are."""
    if name in SEVERAL_WORDS:
        return f"{name} {text}"
    return f"{name} {argument(text)}"
