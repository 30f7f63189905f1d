"""What the lists of a TLS policy allow: protocols and ciphers.

Source: httpd 2.4, modules/ssl/ssl_engine_config.c, ssl_cmd_protocol_parse; OpenSSL's
SSL_CTX_set_cipher_list and SSL_CTX_set_ciphersuites.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from wizard.reference import behaviours
from wizard.reference.release import Release

_LEVEL = re.compile(r"[:, ]?@SECLEVEL=([0-5])", re.IGNORECASE)
OLD_GROUPS = {
    22: "secp256k1",
    21: "secp224r1",
    19: "prime192v1",
    20: "secp224k1",
    9: "sect283k1",
    10: "sect283r1",
}
"""Groups that RFC 8422 deprecates, the most used first: IANA's number, and the name in
openssl-ecparam(1)."""
PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_BY_WORD = {name.lower(): name for name in PROTOCOLS}
TLS13_CIPHERS: Final = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0x1304: "TLS_AES_128_CCM_SHA256",
    0x1305: "TLS_AES_128_CCM_8_SHA256",
}
"""Ciphers of TLS 1.3 (RFC 8446, B.4), by number."""
USUAL_TLS13_CIPHERS: Final = (TLS13_CIPHERS[0x1302], TLS13_CIPHERS[0x1303], TLS13_CIPHERS[0x1301])
"""Those that OpenSSL offers by default, in its order (SSL_CTX_set_ciphersuites(3))."""
USUAL_GROUPS: Final = "X25519:P-256:X448:P-521:P-384"
"""The curves that OpenSSL offers by default, in its order (SSL_CTX_set1_groups_list(3))."""


def known_protocols(release: Release) -> tuple[str, ...]:
    """The TLS versions that httpd and its OpenSSL speak, the oldest first."""
    old = behaviours.holds("httpd-without-tls-1.3", release)
    old = old or behaviours.holds("openssl-without-tls-1.3", release)
    return PROTOCOLS[:-1] if old else PROTOCOLS


def protocols(words: str, known: Sequence[str] = PROTOCOLS) -> tuple[str, ...]:
    """The TLS versions that SSLProxyProtocol allows, the oldest first.

    A word without sign replaces everything before it: ``TLSv1.2 TLSv1.3`` is TLS 1.3 alone.

    Args:
        words: the directive's arguments as written; unknown ones are ignored (``-t`` refuses
            them).
        known: see ``known_protocols``.
    """
    chosen: set[str] = set()
    for word in words.split():
        sign = word[0] if word[0] in "+-" else ""
        name = word[len(sign) :].lower()
        meant = set(PROTOCOLS) if name == "all" else {_BY_WORD[name]} if name in _BY_WORD else set()
        if sign == "-":
            chosen -= meant
        elif sign == "+":
            chosen |= meant
        elif meant:
            chosen = meant
    return tuple(name for name in known if name in chosen)


def security_level(suite: str) -> int | None:
    """The security level that a cipher list sets; None: it sets none."""
    found = _LEVEL.findall(suite)
    return int(found[-1]) if found else None


def without_level(suite: str) -> str:
    """A cipher list without the security level that it sets."""
    return _LEVEL.sub("", suite).strip(":")


@lru_cache(maxsize=64)
def ciphers(suite: str) -> frozenset[str] | None:
    """The ciphers for TLS up to 1.2 that a list allows, as Python's OpenSSL knows them.

    Args:
        suite: as for SSLProxyCipherSuite.

    Returns:
        Their names, with mod_ssl's exclusions; None for a policy of the system, whose ciphers are
        not known here.
    """
    if names_profile(suite):
        return None
    import ssl  # rarely needed, and slow to load

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(f"{suite}:!aNULL:!eNULL:!EXP")
    except (ssl.SSLError, ValueError):
        return frozenset()
    return frozenset(c["name"] for c in context.get_ciphers() if c["protocol"] != "TLSv1.3")


def forward_secret(cipher: str) -> bool:
    """Whether a recorded connection stays secret when the server's key becomes known (RFC 9325)."""
    return cipher.startswith(("ECDHE-", "DHE-", "TLS_"))


def authenticated(cipher: str) -> bool:
    """Whether a cipher encrypts and authenticates in one (AEAD, RFC 5116)."""
    return any(mode in cipher for mode in ("GCM", "CCM", "CHACHA20"))


def without_dhe(suite: str | None) -> str:
    """A cipher list without DHE, else as it is.

    Args:
        suite: as for SSLProxyCipherSuite, and no policy of the system; None: it is not set.
    """
    return f"{(suite or '').rstrip(':') or 'DEFAULT'}:!DHE"


def at_level_2(suite: str | None) -> str:
    """A cipher list at security level 2, else as it is; None: it is not set."""
    return f"{without_level(suite or '') or 'DEFAULT'}:@SECLEVEL=2"


def is_strong(cipher: str) -> bool:
    """Whether OpenSSL counts a cipher as HIGH, apart from short tags (CCM8) and DSA."""
    weak = any(word in cipher for word in ("CCM8", "CCM_8", "DSS"))
    return not weak and (cipher in TLS13_CIPHERS.values() or cipher in (ciphers("HIGH") or ()))


def with_cipher(cipher: str) -> str:
    """The line that offers a cipher besides usual ones.

    After ``DEFAULT`` none can be added that it excludes (openssl-ciphers(1): COMPLEMENTOFDEFAULT).
    """
    if cipher in TLS13_CIPHERS.values():
        return f"SSLProxyCipherSuite TLSv1.3 {':'.join((*USUAL_TLS13_CIPHERS, cipher))}"
    return f"SSLProxyCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20:{cipher}"


def names_profile(suite: str) -> bool:
    """Whether a cipher list is the name of a policy of the system (crypto-policies(7))."""
    return suite.upper().startswith("PROFILE=")


def ciphers_match(suite: str) -> bool:
    """Whether OpenSSL finds any cipher for a list of SSLProxyCipherSuite.

    Python's OpenSSL gets the list with the exclusions that mod_ssl appends (``DEFAULT`` is only
    valid at the beginning). ``PROFILE=SYSTEM``, which only some distributions' OpenSSL knows,
    passes (see ``names_profile``).
    """
    return ciphers(suite) != frozenset()


def tls13_ciphers_match(suite: str) -> bool:
    """Whether OpenSSL knows any cipher of a list for TLS 1.3; an empty list means none."""
    return not suite or not set(suite.split(":")).isdisjoint(TLS13_CIPHERS.values())
