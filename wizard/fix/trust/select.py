"""Which authority may be trusted for each backend, and why. Nothing is trusted silently.

Sources, in this order: the files that the operator names; what the backend itself presents, when
the operator confirmed its fingerprint; else what the policy trusts already, then the system's trust
store and what its administrator added to it. A CA that is found elsewhere (in a file that the
configuration names for something else, beside the site's certificates) is an offer: somebody has to
be asked. Whatever is found counts only if it really signed the presented chain, and if nobody but
root could have laid it there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from wizard.fix.trust import bundle_place, name_lookup, own_names, path_building, stores
from wizard.fix.trust import offers as ask
from wizard.fix.trust.path_building import presented
from wizard.fix.trust.search import Search, Source
from wizard.fix.trust.stores import SYSTEM, Places, Store
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, Report
from wizard.model.plan import FixChoice, RouteTrust, TrustChoice, TrustFound
from wizard.model.remark import ChoiceError, Point, Remark, remark
from wizard.model.route_id import RouteId
from wizard.text import fingerprint
from wizard.x509.issuer_urls import issuer_urls

_NO_ISSUER_OF_TRUSTED = 2
"""X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: the CA file has a certificate, and not the next one."""


def find(
    report: Report,
    choice: FixChoice,
    *,
    places: Places = SYSTEM,
    resolve: name_lookup.Resolve | None = None,
) -> TrustFound:
    """Search the trust that each route of a report needs.

    Args:
        report: probed; the chains that the backends presented are what trust must cover.
        choice: ``ca_files``, ``accept_fingerprint`` and ``trust_file`` of the operator, and whether
            there may be ``offers``.
        places: directories and bundles of this machine.
        resolve: how names are looked up; None: the system's resolver.

    Returns:
        What each route can trust, and where that can be written.

    Raises:
        UsageError: a named file cannot be read, holds no usable certificate or signed none of
            the chains; the fingerprint is malformed, or no backend presents it; or the trust file
            must not lie where it is named.
    """
    search = Search(report.configuration, places)
    given = tuple(_given(path) for path in dict.fromkeys(choice.ca_files))
    accepted = normalised(choice.accept_fingerprint)
    found: dict[RouteId, RouteTrust] = {}
    own: own_names.OwnNames | None = None
    claims = name_lookup.Claims(report)
    for route, diagnosis in report.by_route.items():
        if all(f.severity == "info" for f in diagnosis.findings):
            found[route] = RouteTrust()  # nothing to repair
            continue
        trust = _for_case(diagnosis.case, search, given, accepted, choice.offers)
        if name_lookup.is_needed(diagnosis.case):
            own = own or own_names.read(report.configuration, places.names, report.scope.resolve)
            trust = name_lookup.with_names(
                trust, diagnosis.case, resolve or name_lookup.system_resolver, own, claims
            )
        found[route] = ask.alone(trust, diagnosis.case, search, choice)
    _refuse_useless(report, found, given, search)
    _refuse_unpresented(report, found, accepted)
    return TrustFound(found, bundle_place.find(report.configuration, choice.trust_file))


def normalised(given: str | None) -> str | None:
    """A SHA-256 fingerprint as 64 lower-case hexadecimal digits.

    Raises:
        UsageError: it is none.
    """
    if given is None:
        return None
    digits = given.rpartition("=")[2].replace(":", "").replace(" ", "").lower()
    if len(digits) != 64 or set(digits) - set("0123456789abcdef"):
        raise ChoiceError(remark(Point.NO_FINGERPRINT, given=given))
    return digits


def _given(path: str) -> Store:
    store = stores.read_named(path)
    if store.problem:
        raise ChoiceError(remark(Point.UNUSABLE_FILE, problem=store.problem), file=path)
    return store


def _for_case(
    case: Case, search: Search, given: Sequence[Store], accepted: str | None, offers: bool
) -> RouteTrust:
    shown = presented(case)
    if not case.route.backend.uses_tls and not shown:
        return RouteTrust()
    if not shown:
        return RouteTrust(error=remark(Point.CERTIFICATE_NOT_SEEN))
    in_force = _in_force(case, shown)
    confirmed = next((c for c in shown if c.sha256 == accepted), None)
    if given:
        tried = [_from_given(case, store, given, search, offers=offers) for store in given]
        named = next((trust for trust in tried if trust.choice), in_force or tried[0])
    elif confirmed is not None:
        named = ask.named(_from_backend(shown, confirmed, search, case.now), case, search)
    else:
        return in_force or _from_machine(case, search, offers)
    return in_force if in_force and _same_anchor(in_force, named) else named


def _same_anchor(one: RouteTrust, other: RouteTrust) -> bool:
    """Whether two choices trust the same CA with the same result: then the old lines may stay."""
    if one.choice is None or other.choice is None or one.openssl != other.openssl:
        return False
    return one.choice.certificates[0] == other.choice.certificates[0]


def _from_given(
    case: Case, given: Store, named: Sequence[Store], search: Search, *, offers: bool
) -> RouteTrust:
    """What one of the named files gives; the others may hold the intermediates, or the root."""
    shown, now = presented(case), case.now
    others = [store for store in named if store is not given]
    named_too = tuple(c for store in others for c in store.certificates)
    path = path_building.build(shown, given.certificates, now, (*search.intermediates, *named_too))
    path = path or path_building.build(
        shown, given.certificates, now, (*search.all_intermediates, *named_too)
    )
    if path:
        basis = remark(Point.NAMED_BY_OPERATOR, file=given.path)
        return ask.named(_judged(shown, path, given.path, basis, now), case, search)
    own = {c.sha256 for c in given.certificates}
    for source in chain([Source("", others)], search.sources(case.route.tls)):
        for store in source.stores:
            path = path_building.build(shown, (*given.certificates, *store.certificates), now)
            if path and any(c.sha256 in own for c in path[1:]):
                basis = remark(Point.INTERMEDIATE_NAMED, file=given.path, root=store.path)
                trust = _judged(shown, path, given.path, basis, now)
                if store in others:
                    return ask.named(trust, case, search)
                return ask.found(trust, case, source, store, search, wanted=offers)
    return RouteTrust(error=_why_not(shown, given), notes=_addresses(shown))


def _why_not(shown: Sequence[Certificate], given: Store, *, others_do: bool = False) -> Remark:
    """Why the operator's file does not help; ``others_do``: another file of the operator's does."""
    file, own = given.path, given.certificates
    end = path_building.missing_issuer((*shown, *own)) or shown[-1]
    if any(c.sha256 == shown[0].sha256 for c in own) and not any(c.is_ca for c in own):
        return remark(Point.FILE_HOLDS_LEAF, file=file, issuer=shown[0].issuer)
    if not any(c.is_ca or c.self_issued for c in own):
        return remark(Point.FILE_HOLDS_NO_CA, file=file)
    if any(c.sha256 == end.sha256 for c in own) and not end.self_issued:
        return remark(Point.FILE_HOLDS_INTERMEDIATE, file=file, issuer=end.issuer)
    same = next((c for c in own if c.subject_der == end.issuer_der), None)
    if same is not None:
        return remark(Point.FILE_HOLDS_OTHER_KEY, file=file, sha256=same.sha256)
    root = next((c for c in own if path_building.self_signed(c)), None)
    unseen = not end.self_issued and not any(c.subject_der == end.issuer_der for c in shown)
    if root is not None and unseen and not others_do:
        found = {"file": file, "subject": root.subject, "issuer": end.issuer}
        if urls := issuer_urls(end):
            return remark(Point.ISSUER_BETWEEN_LIES_AT, **found, url=urls[0])
        return remark(Point.ISSUER_BETWEEN_MISSING, **found)
    return remark(Point.FILE_DID_NOT_SIGN, file=file, subject=own[0].subject, issuer=end.issuer)


def _from_backend(
    shown: Sequence[Certificate], accepted: Certificate, search: Search, now: datetime
) -> RouteTrust:
    path = path_building.build(shown, (accepted,), now, search.intermediates)
    if path:
        return _judged(shown, path, "backend", remark(Point.CONFIRMED_BY_OPERATOR), now)
    error = remark(Point.ACCEPTED_IS_NO_ROOT, subject=accepted.subject)
    return RouteTrust(error=error, notes=_addresses(shown))


def _in_force(case: Case, shown: Sequence[Certificate]) -> RouteTrust | None:
    """What the configuration trusts already, if that leads to the backend's certificate."""
    current = case.trust.anchors
    path = path_building.build(shown, current, case.now)
    if not path:
        return None
    file = case.route.tls.ca_certificate_file.value
    place = file if path[-1] in case.trust.ca_file.certificates and file else None
    place = place or case.route.tls.ca_certificate_path.value
    choice = TrustChoice((path[-1],), place or "", remark(Point.TRUSTED_ALREADY))
    code, text, _ = path_building.openssl_verdict(shown, current, case.now)
    if code == _NO_ISSUER_OF_TRUSTED:
        return None
    return RouteTrust(choice, path, True, openssl=code, openssl_text=text)


def _from_machine(case: Case, search: Search, offers: bool) -> RouteTrust:
    trust = _with_gaps(case, search.intermediates, search, offers)
    if trust is None and len(search.all_intermediates) > len(search.intermediates):
        trust = _with_gaps(case, search.all_intermediates, search, offers)
    trust = trust or _not_found(case, search)
    return replace(trust, notes=(*trust.notes, *search.passed_over))


def _with_gaps(
    case: Case, intermediates: Sequence[Certificate], search: Search, offers: bool
) -> RouteTrust | None:
    """What is found where the backend forgets to send some intermediates."""
    shown, current = presented(case), case.trust.anchors
    gaps = (*intermediates, *current)
    own = path_building.build(shown, current, case.now, gaps)
    if own:  # only what the backend forgets to send is missing
        basis = remark(Point.ROOT_TRUSTED_ALREADY)
        return _judged(shown, own, case.route.tls.ca_certificate_file.value or "", basis, case.now)
    return _found(case, shown, gaps, search, offers)


def _found(
    case: Case,
    shown: Sequence[Certificate],
    gaps: Sequence[Certificate],
    search: Search,
    offers: bool,
) -> RouteTrust | None:
    for source in search.sources(case.route.tls):
        for store in source.stores:
            path = path_building.build(shown, store.certificates, case.now, gaps)
            if path:
                basis = remark(Point.FOUND_HERE, where=source.where, file=store.path)
                trust = _judged(shown, path, store.path, basis, case.now)
                return ask.found(trust, case, source, store, search, wanted=offers)
    return None


def _not_found(case: Case, search: Search) -> RouteTrust:
    """No CA of this machine signed the chain."""
    shown = presented(case)
    end = path_building.missing_issuer(shown) or shown[-1]
    point = Point.SELF_SIGNED_UNKNOWN if end.self_issued else Point.NO_CA_FOUND
    return RouteTrust(
        error=remark(point, issuer=end.issuer, places=search.looked_in, files=search.files),
        notes=(*_fingerprints(shown), *_addresses(shown)),
    )


def _judged(
    shown: Sequence[Certificate],
    path: Sequence[Certificate],
    origin: str,
    basis: Remark,
    now: datetime,
) -> RouteTrust:
    """The choice for a chain that was found: its anchor, and what the backend does not send.

    Above a certificate from the CA file OpenSSL looks nowhere else (x509_vfy.c, build_chain): from
    the first one that is not sent upwards, all must be in it.
    """
    sent = {c.sha256 for c in shown}
    gap = next((i for i, c in enumerate(path) if i and c.sha256 not in sent), len(path))
    missing = tuple(reversed(path[gap:-1]))
    certificates = (path[-1], *missing)
    code, text, above = path_building.openssl_verdict(shown, certificates, now)
    if above and above != len(path) - 1:  # OpenSSL found another way to the same anchor
        path = (*path[:above], path[-1])
    return RouteTrust(
        TrustChoice(certificates, origin, basis),
        tuple(path),
        openssl=code,
        openssl_text=text,
        notes=_addresses(shown) if missing else (),
    )


def _fingerprints(shown: Sequence[Certificate]) -> tuple[Remark, ...]:
    """What the backend presents and the operator could confirm."""
    return tuple(
        remark(Point.PRESENTED_BY_BACKEND, subject=c.subject, sha256=c.sha256)
        for c in shown
        if path_building.self_signed(c)
    )


def _addresses(shown: Sequence[Certificate]) -> tuple[Remark, ...]:
    """Where the certificates say that their issuers can be had; named, never fetched."""
    urls = dict.fromkeys(url for c in shown if not c.self_issued for url in issuer_urls(c))
    return tuple(remark(Point.ISSUER_LIES_AT, url=url) for url in list(urls)[:5])


def _chains(report: Report, found: Mapping[RouteId, RouteTrust]) -> list[tuple[Certificate, ...]]:
    """What the backends presented whose routes need trust; first those for which none was found."""
    of = report.by_route
    needing = [key for key, t in found.items() if t.choice or t.error]
    needing.sort(key=lambda key: found[key].choice is not None)
    return [shown for key in needing if (shown := presented(of[key].case))]


def _refuse_useless(
    report: Report,
    found: Mapping[RouteId, RouteTrust],
    given: Sequence[Store],
    search: Search,
) -> None:
    """A named file that signed no chain at all ends the command, where trust is needed.

    One beside it that did may go on: the other file may be for a backend that is away just now.
    """
    needed = _chains(report, found)
    if not needed:
        return
    cases = [d.case for d in report.diagnoses if presented(d.case)]
    useless = [
        store
        for store in given
        if not any(_from_given(c, store, given, search, offers=True).choice for c in cases)
    ]
    away = any(t.error == remark(Point.CERTIFICATE_NOT_SEEN) for t in found.values())
    if useless and not (away and len(useless) < len(given)):
        why = _why_not(needed[0], useless[0], others_do=len(useless) < len(given))
        raise ChoiceError(remark(Point.USELESS_FILE, why=why))


def _refuse_unpresented(
    report: Report, found: Mapping[RouteId, RouteTrust], accepted: str | None
) -> None:
    """A fingerprint that no backend presents ends the command, where trust is needed."""
    shown = _chains(report, found)
    if shown and accepted is not None and not any(c.sha256 == accepted for s in shown for c in s):
        seen = dict.fromkeys(c for s in shown for c in s if path_building.self_signed(c) or c.is_ca)
        listed = tuple(f"{fingerprint(c.sha256)} ({c.subject})" for c in list(seen)[:5])
        none = ("no CA and no self-signed certificate",)
        raise ChoiceError(remark(Point.NOT_PRESENTED, sha256=accepted, presented=listed or none))
