"""Which TLS version or cipher a backend accepts beyond what httpd offers it: the nearest one.

Where a handshake fails because the configured lists are too narrow, the backend is asked again with
one thing more, the best first, until it accepts. What it then chooses is all that a plan adds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from wizard import probe
from wizard.findings.table import LIST_SLUGS, UNFIT_DHE
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import Addition, TrustFound
from wizard.model.probe import ProbeRequest, TlsResult
from wizard.model.scope import Scope
from wizard.probe import request as probe_request
from wizard.probe.observer import Observer
from wizard.probe.resolve import Resolver, assuming
from wizard.reference import tls_settings

_SAFE = ("TLSv1.2", "TLSv1.3")
"""Versions that are ever added (RFC 8996 deprecates the older ones)."""
_GROUPS = (
    "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AESCCM",
    "DHE+AESGCM:DHE+CHACHA20:DHE+AESCCM",
    "ECDHE+AES",
    "DHE+AES",
    "kRSA+AESGCM:kRSA+AESCCM",
    "kRSA+AES",
    "HIGH",
)
"""Ciphers for TLS up to 1.2, as openssl-ciphers(1) names them: first those with forward secrecy and
authenticated encryption, at last those with neither (RFC 9325, 4.1 and 4.2)."""
_NO_CIPHER = "cipher-mismatch"
"""At start: httpd's OpenSSL finds no cipher for the list; it knows no policies of the system."""


class Additions:
    """What the backends of one run accept; each is asked once.

    Args:
        scope: how to probe.
        resolver: how names are resolved besides; None: the system's resolver.
        stop: ends a probe.
    """

    def __init__(self, scope: Scope, resolver: Resolver | None, stop: threading.Event) -> None:
        self._ask = partial(
            probe.probe_all,
            resolver=assuming(scope.resolve, resolver),
            watch=Observer(None, stop=stop),
            jobs=scope.jobs,
        )
        self._known: dict[ProbeRequest, Addition] = {}

    def to(self, found: TrustFound, report: Report) -> TrustFound:
        """With the addition for each route whose lists are too narrow; an empty one if none helps.

        Args:
            found: gets them.
            report: of the routes; what httpd offers their backends is taken from its policies.

        Raises:
            StoppedError: ``stop`` was set.
        """
        wanted = {
            route: request
            for route, diagnosis in report.by_route.items()
            if LIST_SLUGS & {f.slug for f in diagnosis.findings}
            and (request := _as_configured(diagnosis)) is not None
        }
        unfit = {
            request
            for route, request in wanted.items()
            if UNFIT_DHE in {f.slug for f in report.by_route[route].findings}
        }
        for batch in (_one_list, _both_lists):
            asked = {
                r: tuple((_without_dhe if r in unfit else batch)(r))
                for r in set(wanted.values())
                if r not in self._known
            }
            reports = self._ask([c for several in asked.values() for c in several])
            for request, several in asked.items():
                shown = (reports[candidate].tls for candidate in several)
                accepted = next((tls for tls in shown if tls and tls.completed), None)
                if accepted is not None:
                    self._known[request] = (
                        Addition(without_dhe=True)
                        if request in unfit
                        else _difference(request, accepted)
                    )
        of = {route: self._known.get(request, Addition()) for route, request in wanted.items()}
        return replace(found, additions=of)


def _as_configured(diagnosis: Diagnosis) -> ProbeRequest | None:
    """The handshake that httpd makes with the lists as they are; nothing is asked for."""
    case = diagnosis.case
    if case.probe is None:
        return None
    seconds = case.probe.request.timeout
    asked = probe_request.for_route(case.route, case.trust, seconds, case.httpd)
    if asked is None or not asked.tls:
        return None
    unknown = any(p.slug == _NO_CIPHER and p.phase == "start" for p in case.problems)
    if unknown and tls_settings.names_profile(asked.cipher_suite or ""):
        asked = replace(asked, cipher_suite="")
    return replace(asked, http=False)


def _is_void(request: ProbeRequest) -> bool:
    """Whether httpd does not even start with the list of ciphers."""
    return request.cipher_suite is not None and not tls_settings.ciphers_match(request.cipher_suite)


def _one_list(request: ProbeRequest) -> Iterator[ProbeRequest]:
    """Candidates with one list widened, the nearest first: none of them weakens it more."""
    if _is_void(request):  # also with a backend that would take a cipher of TLS 1.3
        yield from _with_ciphers(replace(request, protocols=("TLSv1.2",)))
        return
    if request.cipher_suite_tls13 is not None:
        suites = ":".join(
            filter(None, (request.cipher_suite_tls13, *tls_settings.USUAL_TLS13_CIPHERS))
        )
        yield replace(request, cipher_suite_tls13=suites)
    if request.protocols is not None:
        yield _with_versions(request)
    yield from _with_ciphers(request)


def _without_dhe(request: ProbeRequest) -> Iterator[ProbeRequest]:
    if not tls_settings.names_profile(request.cipher_suite or ""):
        yield replace(request, cipher_suite=tls_settings.without_dhe(request.cipher_suite))


def _both_lists(request: ProbeRequest) -> Iterator[ProbeRequest]:
    if request.protocols is not None and not _is_void(request):
        yield from _with_ciphers(_with_versions(request))


def _with_versions(request: ProbeRequest) -> ProbeRequest:
    known = tls_settings.known_protocols(request.release)
    offered = {*(request.protocols or ()), *_SAFE}
    return replace(request, protocols=tuple(version for version in known if version in offered))


def _with_ciphers(request: ProbeRequest) -> Iterator[ProbeRequest]:
    """What the list excludes for good (``!``) stays excluded, and its security level stays."""
    listed = request.cipher_suite
    if listed is not None and not tls_settings.names_profile(listed):
        for group in _GROUPS:
            yield replace(request, cipher_suite=f"{listed.rstrip(':')}:{group}".lstrip(":"))


def _difference(request: ProbeRequest, accepted: TlsResult) -> Addition:
    version, cipher = accepted.version or "", accepted.cipher or ""
    new_version = request.protocols is not None and version not in request.protocols
    suites, old = request.cipher_suite_tls13, request.cipher_suite
    if version == "TLSv1.3":
        new_suite = suites is not None and cipher not in suites.split(":")
        new_cipher = False
    else:
        new_suite = False
        new_cipher = old is not None and cipher not in (tls_settings.ciphers(old) or ())
    return Addition(
        protocol=version if new_version else "",
        cipher=cipher if new_cipher else "",
        cipher_tls13=cipher if new_suite else "",
    )
