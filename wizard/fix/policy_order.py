"""Whether one TLS policy lets more in than another: a partial order. Pure.

Policies are compared setting by setting, so that two may be incomparable: one verifies less, the
other allows more ciphers. What is trusted (CA files, fingerprints) is decided elsewhere and no part
of it. Sources: httpd 2.4, mod_ssl documentation and modules/ssl/ssl_engine_init.c; OpenSSL's
SSL_CTX_set_cipher_list(3) and SSL_CTX_set_security_level(3).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from wizard.model.config import TlsPolicy
from wizard.model.probe import TlsResult
from wizard.record import record
from wizard.reference import tls_settings
from wizard.reference.ssl_proxy_directives import DIRECTIVES

_VERIFY = ("none", "optional_no_ca", "optional", "require")
"""Values of SSLProxyVerify, the weakest first."""
_REVOCATION = ("none", "leaf", "chain")
"""The first word of SSLProxyCARevocationCheck, the weakest first."""
_WEAKENS_REVOCATION = "no_crl_for_cert_ok"
_LEVEL_TO_KEEP, _LEVEL_TO_COUNT_ON = 2, 1
"""Security levels that an OpenSSL may have by itself: what a policy without one may have had, and
what one may get that has none any more."""


@record
class Need:
    """What a connection takes: so much a policy may allow in addition, and no more.

    Args:
        depth: certificates above the backend's own in its chain.
        protocol: TLS version that was agreed on (``TLSv1.2``); None: not known.
        cipher: that was agreed on, as OpenSSL calls it; None: not known.
    """

    depth: int = 0
    protocol: str | None = None
    cipher: str | None = None


NOTHING = Need()


def need(seen: TlsResult | None) -> Need:
    """What a connection that was observed takes.

    Args:
        seen: the handshake; None: there was none.
    """
    if seen is None or not seen.completed:
        return NOTHING
    above = seen.verified_chain or seen.chain
    return Need(max(len(above) - 1, 0), seen.version, seen.cipher)


def weaker(before: TlsPolicy, after: TlsPolicy, needed: Need = NOTHING) -> tuple[str, ...]:
    """The settings with which a policy lets more in than another one.

    Args:
        before: in force now.
        after: in force afterwards.
        needed: what may be allowed in addition.

    Returns:
        Directives, in the order in which a policy is shown; empty if ``after`` is at least as
        strict.
    """
    found = {field for field, check in _CHECKS.items() if check(before, after, needed)}
    return tuple(name for field, name in DIRECTIVES.items() if field in found)


def _engine(before: TlsPolicy, after: TlsPolicy, _: Need) -> bool:
    return before.engine.value and not after.engine.value


def _verify(before: TlsPolicy, after: TlsPolicy, _: Need) -> bool:
    return _VERIFY.index(after.verify.value) < _VERIFY.index(before.verify.value)


def _depth(before: TlsPolicy, after: TlsPolicy, needed: Need) -> bool:
    return after.verify_depth.value > max(before.verify_depth.value, needed.depth)


def _name(before: TlsPolicy, after: TlsPolicy, _: Need) -> bool:
    """Comparing the CN alone counts as much as comparing all names: one name is asked for."""
    compares = [policy.checks_name or policy.checks_cn_only for policy in (before, after)]
    return compares == [True, False]


def _expiry(before: TlsPolicy, after: TlsPolicy, _: Need) -> bool:
    return before.check_peer_expire.value and not after.check_peer_expire.value


def _revocation(before: TlsPolicy, after: TlsPolicy, _: Need) -> bool:
    if not before.checks_revocation:
        return False
    (old, *old_flags), (new, *new_flags) = (
        (policy.ca_revocation_check.value or "none").split() for policy in (before, after)
    )
    rank = {mode: place for place, mode in enumerate(_REVOCATION)}
    lenient = _WEAKENS_REVOCATION in new_flags and _WEAKENS_REVOCATION not in old_flags
    return lenient or rank.get(new, 0) < rank.get(old, 0)


def _lists(before: TlsPolicy, after: TlsPolicy, _: Need, *, field: str) -> bool:
    """A list that a check looks in is gone, or is another one."""
    old, new = getattr(before, field).value, getattr(after, field).value
    return before.checks_revocation and old is not None and old != new


def _protocol(before: TlsPolicy, after: TlsPolicy, needed: Need) -> bool:
    old, new = before.protocol.value, after.protocol.value
    if old is None or old == new:
        return False
    added = set(tls_settings.protocols("all" if new is None else new))
    return bool(added - set(tls_settings.protocols(old)) - {needed.protocol})


def _ciphers(before: TlsPolicy, after: TlsPolicy, needed: Need) -> bool:
    old, new = before.cipher_suite.value, after.cipher_suite.value
    if old == new:
        return False
    levels = [tls_settings.security_level(suite or "") for suite in (old, new)]
    kept = _LEVEL_TO_KEEP if levels[0] is None else levels[0]
    got = _LEVEL_TO_COUNT_ON if levels[1] is None else levels[1]
    if levels != [None, None] and got < kept:
        return True
    allowed, listed = (tls_settings.ciphers(suite or "DEFAULT") for suite in (old, new))
    if listed is None:
        return True
    added = listed - (allowed or frozenset()) - {needed.cipher}
    if not allowed:  # httpd did not start with it: OpenSSL found none, or knows no such policy
        return any(
            not (tls_settings.forward_secret(each) and tls_settings.authenticated(each))
            for each in added
        )
    return bool(added)


def _ciphers_13(before: TlsPolicy, after: TlsPolicy, needed: Need) -> bool:
    old, new = before.cipher_suite_tls13.value, after.cipher_suite_tls13.value
    if old is None or old == new:
        return False
    return new is None or bool(set(new.split(":")) - set(old.split(":")) - {needed.cipher})


_CHECKS: dict[str, Callable[[TlsPolicy, TlsPolicy, Need], bool]] = {
    "engine": _engine,
    "verify": _verify,
    "verify_depth": _depth,
    "check_peer_name": _name,
    "check_peer_expire": _expiry,
    "ca_revocation_check": _revocation,
    "ca_revocation_file": partial(_lists, field="ca_revocation_file"),
    "ca_revocation_path": partial(_lists, field="ca_revocation_path"),
    "protocol": _protocol,
    "cipher_suite": _ciphers,
    "cipher_suite_tls13": _ciphers_13,
}
"""Field of TlsPolicy to whether it lets more in afterwards."""
