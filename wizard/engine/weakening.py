"""Which checks a plan weakens: values in, values out. The screens draw them in red, with the word.

Compared is what is in force for each route before and after, not what is written: a line that says
what counted already weakens nothing, and a directive that goes may. What a route is to trust is
asked about elsewhere (``wizard.engine.gate``); a greater SSLProxyVerifyDepth lets nobody in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wizard.fix import policy_order
from wizard.model.config import Configuration, Route, Setting, Source, TlsPolicy
from wizard.model.plan import Repair
from wizard.model.route_id import RouteId
from wizard.record import record
from wizard.reference import tls_settings
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown

Mark = tuple[str, str, int]
"""A line of a patch: the real path of its file, ``+`` or ``-``, and its number: of a removed line
that before the change, else that afterwards."""
_ENCRYPTION = "encryption"
"""What is gone with ``https://``."""
_CHECKS = {
    "SSLProxyVerify": "chain check",
    "SSLProxyCheckPeerName": "name check",
    "SSLProxyCheckPeerExpire": "date check",
    "SSLProxyCARevocationCheck": "revocation check",
    "SSLProxyCARevocationFile": "revocation check",
    "SSLProxyCARevocationPath": "revocation check",
    "SSLProxyProtocol": "choice of TLS versions",
    "SSLProxyCipherSuite": "choice of ciphers",
    "SSLProxyCipherSuite TLSv1.3": "choice of ciphers",
    "SSLProxyEngine": _ENCRYPTION,
}
"""Directive to what it makes, in a word or two."""
_WHAT = {
    "SSLProxyVerify": "nobody asks who issued the backend's certificate: any passes",
    "SSLProxyCheckPeerName": "any certificate of a trusted CA passes, whatever name it holds",
    "SSLProxyCheckPeerExpire": "certificates that are out of date pass",
    "SSLProxyCARevocationCheck": "certificates that were revoked pass",
    "SSLProxyCARevocationFile": "certificates are looked for in another list of revoked ones",
    "SSLProxyCARevocationPath": "certificates are looked for in another list of revoked ones",
    "SSLProxyEngine": "httpd speaks no TLS",
}
_NO_TLS = "httpd speaks no TLS: whoever is on the way reads and changes everything"
_FIELDS = {"SSLProxyCheckPeerName": ("check_peer_name", "check_peer_cn")}
"""Directive to the fields that decide together, where there are several."""
_OF_LISTS = ("protocol", "cipher_suite", "cipher_suite_tls13")
"""Fields that are judged here: what was missing for a handshake need not be weak."""


@record
class Weakening:
    """A check that httpd makes of a route's backend now, and no more, or less, with the plan.

    Args:
        route: whose backend it is.
        check: in a word or two (``name check``).
        what: what passes then, in words.
        directive: as it is in force then (``SSLProxyCheckPeerName off``), or the backend's URL.
        until: last day of the exception that it is; None: it has no end.
        added: where what weakens is written, in the patched files.
        removed: where what is taken away for it stands now.
    """

    route: RouteId
    check: str
    what: str
    directive: str
    until: date | None = None
    added: tuple[Source, ...] = ()
    removed: tuple[Source, ...] = ()


def weakened(repair: Repair) -> tuple[Weakening, ...]:
    """Which checks a plan weakens, route by route.

    Args:
        repair: holds the plan, and the routes before and after.

    Returns:
        Empty: none is weakened.
    """
    before = {route.id: route for route in repair.report.configuration.routes}
    handed_down: dict[object, Route] = {
        route.id.of_main: route for route in before.values() if route.id.of_main
    }
    found: list[Weakening] = []
    for new in repair.planned:
        old = before.get(new.id) or handed_down.get(new.id.of_main)
        if old is not None and new.shadowed_by is None and old.backend.uses_tls:
            found += _of_route(old, new)
    return tuple(found)


def marks(repair: Repair) -> frozenset[Mark]:
    """The lines of a plan's patch that weaken a check.

    Args:
        repair: holds the plan.
    """
    found: set[Mark] = set()
    for one in weakened(repair):
        after = repair.after.configuration if repair.after else repair.report.configuration
        found |= {_mark(after, "+", source) for source in one.added}
        found |= {_mark(repair.report.configuration, "-", source) for source in one.removed}
    return frozenset(found)


def _mark(configuration: Configuration, sign: str, source: Source) -> Mark:
    file = configuration.files.get(source.file)
    return (source.file if file is None else file.real_path, sign, source.line)


def renewed(repair: Repair) -> date | None:
    """The day until which a plan lets exceptions go on that end earlier now; None: it does not."""
    ends = {route.id: _end(route) for route in repair.report.configuration.routes}
    later = [
        end
        for route in repair.planned
        if (was := ends.get(route.id)) and (end := _end(route)) and end > was
    ]
    return max(later, default=None)


def _end(route: Route) -> date | None:
    return max((one.until for one in route.exceptions), default=None)


def _of_route(old: Route, new: Route) -> Iterator[Weakening]:
    if not new.backend.uses_tls:
        yield Weakening(new.id, _ENCRYPTION, _NO_TLS, new.backend.url, added=(new.source,))
        return
    for name in policy_order.weaker(old.tls, new.tls):
        field = _field(name)
        what = _lists(field, old.tls, new.tls) if field in _OF_LISTS else _WHAT.get(name, "")
        if what:
            yield _weakening(name, what, old, new)


def _weakening(name: str, what: str, old: Route, new: Route) -> Weakening:
    fields = _FIELDS.get(name) or (_field(name),)
    pairs = [(field, getattr(old.tls, field), getattr(new.tls, field)) for field in fields]
    changed = [pair for pair in pairs if _differs(pair[1], pair[2])] or pairs[:1]
    field, _, now = min(pairs, key=lambda pair: (bool(pair[2].value), pair[2].is_default))
    return Weakening(
        new.id,
        _CHECKS[name],
        what,
        _written(DIRECTIVES[field], now),
        _until(new, [DIRECTIVES[field] for field, _, _ in changed]),
        tuple(now.source for _, _, now in changed if now.source is not None),
        tuple(was.source for _, was, now in changed if now.source is None and was.source),
    )


def _differs(old: Setting[object], new: Setting[object]) -> bool:
    return old.value != new.value or old.is_default is not new.is_default


def _field(name: str) -> str:
    return next(field for field, directive in DIRECTIVES.items() if directive == name)


def _written(name: str, now: Setting[object]) -> str:
    if now.is_default:
        return f"no {name}" if now.value is None else f"{name} {shown(now.value)}, the default"
    return f"{name} {shown(now.value)}"


def _until(route: Route, names: list[str]) -> date | None:
    ends = [
        one.until
        for one in route.exceptions
        if any(text.partition(" ")[0] in names for text in one.settings)
    ]
    return min(ends, default=None)


def _lists(field: str, old: TlsPolicy, new: TlsPolicy) -> str:
    """What a wider list of versions or ciphers lets in that is weak; empty: nothing."""
    if field == "protocol":
        return _older(old.protocol.value, new.protocol.value)
    if field == "cipher_suite_tls13":
        now = (new.cipher_suite_tls13.value or "").split(":")
        was = (old.cipher_suite_tls13.value or "").split(":")
        weak = [each for each in now if each and each not in was and "CCM_8" in each]
        return f"{weak[0]} is offered, whose tags are short" if weak else ""
    return _weaker_ciphers(old.cipher_suite.value or "DEFAULT", new.cipher_suite.value or "DEFAULT")


def _older(old: str | None, new: str | None) -> str:
    was = tls_settings.protocols("all" if old is None else old)
    now = tls_settings.protocols("all" if new is None else new)
    order = tls_settings.PROTOCOLS
    added = [each for each in now if not was or order.index(each) < order.index(was[0])]
    return f"{' and '.join(added)} may be spoken, which is older" if was and added else ""


def _weaker_ciphers(old: str, new: str) -> str:
    levels = [tls_settings.security_level(suite) for suite in (old, new)]
    if levels[1] is not None and levels[1] < (2 if levels[0] is None else levels[0]):
        return f"OpenSSL's security level {levels[1]} lets weak keys, ciphers and signatures pass"
    if levels[0] is not None and levels[0] > 1 and levels[1] is None:
        return f"OpenSSL's security level {levels[0]} is demanded no more"
    was, now = (tls_settings.ciphers(suite) for suite in (old, new))
    if not was or now is None:  # httpd did not start with it, or a policy of the system decides
        return ""
    weak = sorted(each for each in now - was if not _is_sound(each))
    return f"{weak[0]} is offered, which is weak" if weak else ""


def _is_sound(cipher: str) -> bool:
    return tls_settings.forward_secret(cipher) and tls_settings.authenticated(cipher)
