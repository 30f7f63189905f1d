"""What follows for each route, once its configuration is read and its backend is probed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import findings, verdict
from wizard.config.installation import linked
from wizard.engine import requested
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Configuration, Problem, Route, Source, TlsPolicy
from wizard.model.diagnosis import Case, Diagnosis, Site, Verdict
from wizard.model.further import Further, Question
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.model.route_id import RouteId
from wizard.model.scope import Scope
from wizard.reference.release import Release
from wizard.verdict import start_up
from wizard.x509 import trust_material

if TYPE_CHECKING:
    from wizard.probe.observer import Observer

_files = attrgetter(
    *("ca_certificate_file", "ca_certificate_path", "ca_revocation_file", "ca_revocation_path"),
    *("machine_certificate_file", "machine_certificate_path", "machine_certificate_chain_file"),
)
"""Every setting of a policy that names a file or directory."""


class Conclusions:
    """The diagnoses of the routes of one configuration; each is made once.

    Args:
        configuration: as it was read; ``configuration`` has what its start would complain about.
        scope: how to probe, and what a diagnosis says of the run.
        now: the moment to judge dates by; None: the present.
        first: the route that is told what ends the server that runs; None: none is.
    """

    def __init__(
        self,
        configuration: Configuration,
        scope: Scope,
        now: datetime | None,
        first: RouteId | None = None,
    ) -> None:
        self._trust = _Trust(configuration.httpd.release)
        policies = [one for one in configuration.policies if one.engine.value]
        problems = configuration.problems + start_up.problems(
            [(policy, self._trust.of(policy)) for policy in policies],
            configuration.virtual_hosts,
            profiles=partial(
                linked.knows_profiles, configuration.httpd.libssl, configuration.layout
            ),
        )
        self.configuration = replace(configuration, problems=problems)
        self._beside: dict[Source, list[Route]] = {}
        for route in configuration.routes:
            self._beside.setdefault(route.vhost.source, []).append(route)
        self._sites: dict[Source, Site] = {}
        self._first = first if configuration.running else None
        self._scope = scope
        self._now = now or datetime.now(UTC)
        self._requests: dict[RouteId, ProbeRequest] = {}
        self._upgrades: dict[RouteId, tuple[tuple[Question, ProbeRequest], ...]] = {}
        self._asked: dict[RouteId, tuple[tuple[Question, ProbeRequest], ...]] = {}
        self._diagnoses: dict[RouteId, Diagnosis] = {}

    def requests(self, routes: Sequence[Route]) -> list[ProbeRequest]:
        """What to probe for routes; nothing for one that no backend can be told for."""
        from wizard.probe import request

        def asked(route: Route) -> ProbeRequest | None:
            return request.for_route(
                route,
                self._trust.of(route.tls),
                self._scope.timeout,
                self.configuration.httpd,
                self._scope.client,
            )

        for route in routes:
            wanted = asked(route)
            if wanted is not None:
                self._requests[route.id] = wanted
        for path in self._scope.websocket:
            for route in requested.upgrading(routes, path, self.configuration.asked):
                upgrade = asked(route)
                if upgrade is not None and upgrade.http:
                    told = Question.UPGRADE, replace(upgrade, upgrade=True)
                    self._upgrades[route.id] = (*self._upgrades.get(route.id, ()), told)
        return list(self._requests.values())

    def further(
        self, routes: Sequence[Route], reports: Mapping[ProbeRequest, ProbeReport]
    ) -> list[ProbeRequest]:
        """What to ask further, where the first answers leave something open.

        Args:
            routes: that are diagnosed.
            reports: of the first requests.
        """
        from wizard.answer import questions

        asked: dict[ProbeRequest, None] = {}
        for route in routes:
            if route.id in self._diagnoses:
                continue
            case = self._case(route, reports)
            wanted = (*questions.wanted(case), *self._upgrades.get(route.id, ()))
            if wanted and _is_answered(verdict.predict(case)):
                self._asked[route.id] = wanted
                asked |= dict.fromkeys(request for _, request in wanted)
        return list(asked)

    def diagnosis(self, route: Route, reports: Mapping[ProbeRequest, ProbeReport]) -> Diagnosis:
        """What httpd does with a route, and why, after the probes."""
        known = self._diagnoses.get(route.id)  # told as its probe ended
        if known is not None:
            return known
        case = self._case(route, reports)
        further = tuple(
            Further(question, request.path, reports[request])
            for question, request in self._asked.get(route.id, ())
            if request in reports
        )
        case = replace(case, further=further)
        outcome = verdict.predict(case)
        made = Diagnosis(case, outcome, findings.diagnose(case, outcome))
        self._diagnoses[route.id] = made
        return made

    def _site(self, route: Route) -> Site:
        """What else is served where the route is: its virtual host's routes, and the main one's."""
        source, hosts = route.vhost.source, self.configuration.virtual_hosts
        known = self._sites.get(source)
        if known is None:
            own = self._beside.get(source, [])
            main = next((one.source for one in hosts if one.is_main), None)
            handed = self._beside.get(main, []) if main is not None and main != source else []
            known = self._sites[source] = Site(hosts, (*own, *handed))
        return known

    def _case(self, route: Route, reports: Mapping[ProbeRequest, ProbeReport]) -> Case:
        request = self._requests.get(route.id)
        configuration = self.configuration
        case = Case(
            route=route,
            trust=self._trust.of(route.tls),
            probe=reports.get(request) if request is not None else None,
            now=self._now,
            httpd=configuration.httpd,
            problems=configuration.problems,
            partial=configuration.partial,
            config=self._scope.path,
            defines=self._scope.defines,
            choice=self._scope.httpd,
            assumed=self._scope.resolve,
            fatal=self._fatal() if route.id == self._first else (),
            site=self._site(route),
        )
        return replace(case, leads_to_file=True) if _leads_to_file(case) else case

    def tell_others(
        self,
        routes: Sequence[Route],
        reports: Mapping[ProbeRequest, ProbeReport],
        found: Callable[[int, Diagnosis], None],
    ) -> None:
        """Tell of the routes that were asked further."""
        for index, route in enumerate(routes):
            if route.id in self._asked:
                found(index, self.diagnosis(route, reports))

    def _fatal(self) -> tuple[Problem, ...]:
        """What ends the server that runs at its next reload."""
        ends = ("start", "reload")
        return tuple(one for one in self.configuration.problems if one.phase in ends)

    def telling(
        self, watch: Observer, routes: Sequence[Route], found: Callable[[int, Diagnosis], None]
    ) -> Observer:
        """A watch that also tells what each probe means for the routes that share it; what has
        to be asked further is told later."""
        waiting: dict[ProbeRequest, list[int]] = {}
        for index, route in enumerate(routes):
            request = self._requests.get(route.id)
            if request is not None:
                waiting.setdefault(request, []).append(index)

        def done(request: ProbeRequest, report: ProbeReport) -> None:
            own = {request: report}
            for index in waiting[request]:
                if not self.further([routes[index]], own):
                    found(index, self.diagnosis(routes[index], own))

        return replace(watch, done=done)


def _is_answered(found: Verdict) -> bool:
    """Whether the backend's answer comes through, whatever httpd answers itself."""
    reached = found.behind or found
    return reached.outcome == "ok" or reached.stage == "http"


def _leads_to_file(case: Case) -> bool:
    """Whether a redirect out of the mount leads to a file of httpd's own."""
    from wizard.answer import questions

    file = questions.local_file(case)
    try:
        return file is not None and Path(file).exists()
    except (OSError, ValueError):  # no name of a file, or not to be seen
        return False


class _Trust:
    """What the files of policies hold; those of policies that name the same are read once.

    Args:
        release: whose rules are followed.
    """

    def __init__(self, release: Release) -> None:
        self._release = release
        self._read: dict[tuple[object, ...], TrustMaterial] = {}

    def of(self, policy: TlsPolicy) -> TrustMaterial:
        """What the files of a policy hold."""
        named = tuple([setting.value for setting in _files(policy)])
        if named not in self._read:
            self._read[named] = trust_material.read(policy, self._release)
        return self._read[named]
