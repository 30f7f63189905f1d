"""What httpd would have to offer for a backend to go on that ends the handshake at once.

The alert does not say it (RFC 8446, 6.2: handshake_failure stands for ciphers, groups, signatures
alike), so the backend is offered one thing more at a time. Only what it answers first counts; no
such handshake is used for a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from wizard.model.probe import Lack, LackKind, ProbeRequest, TlsResult
from wizard.probe import tls_context
from wizard.probe.channel import Edit
from wizard.probe.client_hello import GROUPS, SIGNATURES
from wizard.probe.system_tls import USUAL_LEVEL
from wizard.probe.tls_context import Settings
from wizard.record import record
from wizard.reference import tls_settings
from wizard.x509.certificate import NIST_CURVES

_ALERTS = frozenset({40, 47, 70, 71, 80})
"""handshake_failure, illegal_parameter, protocol_version, insufficient_security, internal_error:
servers of different makers answer an offer that does not suit them with these."""
_SAFE = ("TLSv1.2", "TLSv1.3")
_BRAINPOOL = tuple(name for name in GROUPS.values() if name.startswith("brainpool"))
_KEPT = ("secp256r1", "secp384r1")
_REPLACED = ("X25519", "X448", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
_NIST = {nist: name for name, nist in NIST_CURVES.items()}
_WORDS = re.compile(r"[\w-]+")
_ECDSA = "ECDSA "


@record
class Attempt:
    """One handshake.

    Args:
        kind: what is offered besides.
        settings: with it.
        edit: changes the ClientHello; None: it stays.
    """

    kind: LackKind
    settings: Settings
    edit: Edit | None = None


def attempts(request: ProbeRequest, result: TlsResult) -> Iterator[Attempt]:
    """The handshakes to try, the likeliest cause first.

    Args:
        request: what httpd offers.
        result: how that ended.
    """
    versions = tuple(v for v in _SAFE if request.protocols is None or v in request.protocols)
    if result.completed or result.alert not in _ALERTS or result.client_certificate_requested:
        return
    if result.chain or not versions:
        return
    own = replace(tls_context.unverified(request), protocols=versions, first_only=False)
    if own.level > USUAL_LEVEL:
        yield Attempt("level", replace(own, level=USUAL_LEVEL))
    more = replace(own, groups=_with(own.groups, _BRAINPOOL))
    if "TLSv1.2" in versions:
        yield Attempt("group", replace(more, protocols=("TLSv1.2",)))
        kept = replace(own, groups=":".join(_KEPT + _REPLACED), protocols=("TLSv1.2",))
        yield Attempt("group", kept, _old_groups)
    if "TLSv1.3" in versions:
        newer = [n for n in SIGNATURES.values() if n.startswith("ecdsa_brainpool")]
        both = replace(more, signatures=_with(own.signatures, newer), protocols=("TLSv1.3",))
        yield Attempt("group", both)
    signed = replace(more, signatures=":".join(SIGNATURES.values()), level=0)
    every = replace(
        signed,
        cipher_suite="ALL:COMPLEMENTOFALL",
        cipher_suite_tls13=":".join(tls_settings.TLS13_CIPHERS.values()),
    )
    for version in versions:
        yield Attempt("signature", replace(signed, protocols=(version,)))
    for version in versions:
        yield Attempt("cipher", replace(every, protocols=(version,)))


def lack(request: ProbeRequest, attempt: Attempt, result: TlsResult) -> Lack | None:
    """What httpd would have to offer, if a handshake got further than httpd's own did.

    Args:
        request: what httpd offers.
        attempt: the handshake.
        result: how it ended. With a group that it does not know, OpenSSL ends it itself, after the
            backend's certificate.
    """
    if not (result.completed or result.chain):
        return None
    key = result.leaf.key if result.leaf is not None else ""
    curve = key.removeprefix(_ECDSA) if key.startswith(_ECDSA) else ""
    offered = {_name(group) for group in _WORDS.findall(tls_context.settings(request).groups)}
    used = dict.fromkeys(name for name in (result.group, curve) if name)
    versions = attempt.settings.protocols or ("",)
    return Lack(
        attempt.kind,
        result.version or versions[-1],
        tuple(name for name in used if _name(name) not in offered),
        result.cipher or "",
        key,
    )


def _name(group: str) -> str:
    """A group's name, to be compared: OpenSSL has several for one."""
    return _NIST.get(group, group).casefold()


def _with(listed: str, names: Iterable[str]) -> str:
    """A list with those names added that it does not have; OpenSSL refuses a name twice."""
    known = set(_WORDS.findall(listed))
    return ":".join((listed, *(name for name in names if name not in known)))


def _old_groups(hello: bytes) -> bytes:
    """The ClientHello with old groups in the place of those that httpd's was refused with."""
    numbers = {name: number for number, name in GROUPS.items()}
    kept, before = ([numbers[name] for name in names] for names in (_KEPT, _REPLACED))
    return hello.replace(_packed(*kept, *before), _packed(*kept, *tls_settings.OLD_GROUPS), 1)


def _packed(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)
