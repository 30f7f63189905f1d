"""What mod_ssl's directives refuse.

Source: httpd 2.4, modules/ssl/ssl_engine_config.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from wizard.config.checks import Check, Checker, Refusal
from wizard.config.policy import VERIFY
from wizard.config.tree import Node
from wizard.config.words import first_word, split_words

_ATOI = re.compile(r"\s*([+-]?[0-9]{1,9})")


def _file(name: str) -> Check:
    """A file that must be there and not empty."""
    slug = "ca-file-missing" if name == "SSLProxyCACertificateFile" else None

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        path = checker.resolve(first_word(node.args)[0])
        if checker.state(path) in ("file", "unknown"):
            return None
        return Refusal(
            f"{name}: file '{path}' does not exist or is empty",
            slug,
            "httpd does not start without it, even where it is not used.",
        )

    return check


def _directory(name: str) -> Check:
    slug = "ca-file-missing" if name == "SSLProxyCACertificatePath" else None

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        path = checker.resolve(first_word(node.args)[0])
        if checker.state(path) in ("directory", "unknown"):
            return None
        return Refusal(f"{name}: directory '{path}' does not exist", slug)

    return check


def _verify(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        if word.lower() in VERIFY:
            return None
        return Refusal(
            f"{name}: Invalid argument '{word}'",
            hint="It takes none, optional, require or optional_no_ca.",
        )

    return check


def _depth(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        match = _ATOI.match(word)
        if match is None or int(match[1]) >= 0:
            return None
        return Refusal(f"{name}: Invalid argument '{word}'")

    return check


_PROTOCOLS = frozenset({"all", "tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"})


def _protocol(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        for word in split_words(node.args):
            sign = word[:1] if word[:1] in ("+", "-") else ""
            protocol = word[len(sign) :].lower()
            if protocol == "sslv2" and sign != "-":
                return Refusal("SSLProtocol: SSLv2 is no longer supported")
            if protocol == "sslv3" and sign != "-":
                return Refusal("SSLv3 not supported by this version of OpenSSL")
            if protocol not in _PROTOCOLS and protocol not in ("sslv2", "sslv3"):
                return Refusal(
                    f"{name}: Illegal protocol '{word[len(sign) :]}'",
                    hint="It takes all, TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3, with + or -.",
                )
        return None

    return check


def _revocation(name: str) -> Check:
    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        words = split_words(node.args) or [""]
        if words[0].lower() not in ("none", "leaf", "chain"):
            return Refusal(f"{name}: Invalid argument '{words[0]}'")
        for word in words[1:]:
            if word.lower() != "no_crl_for_cert_ok":
                return Refusal(f"{name}: Invalid argument '{word}'")
        return None

    return check


def _cipher_suite(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    words = [word for word in split_words(node.args) if word]
    if len(words) > 1 and words[0].lower() not in ("ssl", "tlsv1.3"):
        return Refusal(f"protocol '{words[0]}' not supported")
    return None


def _ssl_engine(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
    if first_word(node.args)[0].lower() in ("on", "off", "optional"):
        return None
    return Refusal("Argument must be On or Off")


def _session_cache(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
    name = first_word(node.args)[0].partition(":")[0].lower()
    known = [m.removeprefix("socache_") for m in checker.modules_named("socache_")]
    if name in ("none", "nonenotnull", "default" if known else "", *known):
        return None
    return Refusal(
        f"SSLSessionCache: '{name}' session cache not supported (known names: "
        f"{','.join([*known, 'default']) if 'shmcb' in known else ','.join(known)}). Maybe you "
        f"need to load the appropriate socache module (mod_socache_{name}?).",
        "module-missing",
    )


_FILES = (
    "SSLProxyCACertificateFile",
    "SSLProxyCARevocationFile",
    "SSLProxyMachineCertificateFile",
    "SSLProxyMachineCertificateChainFile",
    "SSLCertificateFile",
    "SSLCertificateKeyFile",
    "SSLCACertificateFile",
    "SSLCARevocationFile",
    "SSLCertificateChainFile",
)
_DIRECTORIES = (
    "SSLProxyCACertificatePath",
    "SSLProxyCARevocationPath",
    "SSLProxyMachineCertificatePath",
    "SSLCACertificatePath",
    "SSLCARevocationPath",
)

SSL_CHECKS: Mapping[str, Check] = {
    **{name.lower(): _file(name) for name in _FILES},
    **{name.lower(): _directory(name) for name in _DIRECTORIES},
    "sslproxyverify": _verify("SSLProxyVerify"),
    "sslverifyclient": _verify("SSLVerifyClient"),
    "sslproxyverifydepth": _depth("SSLProxyVerifyDepth"),
    "sslverifydepth": _depth("SSLVerifyDepth"),
    "sslproxyprotocol": _protocol("SSLProxyProtocol"),
    "sslprotocol": _protocol("SSLProtocol"),
    "sslproxycarevocationcheck": _revocation("SSLProxyCARevocationCheck"),
    "sslcarevocationcheck": _revocation("SSLCARevocationCheck"),
    "sslproxyciphersuite": _cipher_suite,
    "sslciphersuite": _cipher_suite,
    "sslengine": _ssl_engine,
    "sslsessioncache": _session_cache,
}
"""Directive of mod_ssl in lower case to what its own function checks."""
