"""The arrows of docs/architecture.md put together: configuration to report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import config, findings, verdict
from wizard.config.installation import linked
from wizard.engine.selection import select
from wizard.fix.decide import temporary_exceptions
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Configuration, HttpdInfo, Route, SourceFile, TlsPolicy
from wizard.model.diagnosis import Case, Diagnosis, Report
from wizard.model.plan import FixChoice, FixPlan, Repair
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.model.route_id import RouteId
from wizard.model.scope import Scope
from wizard.reference import tls_settings
from wizard.reference.release import Release
from wizard.verdict import start_up
from wizard.x509 import trust_material

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wizard.probe.observer import Watch
    from wizard.probe.resolve import Resolver

_files = attrgetter(
    *("ca_certificate_file", "ca_certificate_path", "ca_revocation_file", "ca_revocation_path"),
    *("machine_certificate_file", "machine_certificate_path", "machine_certificate_chain_file"),
)
"""Every setting of a policy that names a file or directory."""
_LOOK_UP = 5.0
"""Seconds for a name of a backend's certificate."""


def check(
    scope: Scope,
    *,
    now: datetime | None = None,
    resolver: Resolver | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
) -> Report:
    """Load, probe and diagnose.

    Args:
        scope: what to check.
        now: the moment to judge dates by, with timezone; None: the present.
        resolver: how names are resolved; None: the system's resolver.
        progress: called with (done, total) after each probe.
        watch: sees each stage of each probe, and can stop them all.

    Returns:
        The report; routes stand in the order of the configuration.

    Raises:
        ConfigError: the configuration cannot be read.
        UsageError: no such virtual host or route, nothing is proxied, or no such httpd.
        StoppedError: ``watch`` stopped it.
    """
    began = time.monotonic()
    return diagnose(
        load(scope),
        scope,
        began=began,
        now=now,
        resolver=resolver,
        progress=progress,
        watch=watch,
    )


def load(scope: Scope, seen: Callable[[Route], None] | None = None) -> Configuration:
    """The configuration of a scope; its routes know the temporary exceptions made for them.

    Args:
        scope: names it.
        seen: called with each route as it is found, in their order.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    configuration = config.load(
        scope.path,
        defines=scope.defines,
        host=scope.host,
        overlay=scope.overlay,
        seen=seen,
        httpd=scope.httpd,
    )
    return temporary_exceptions.annotated(configuration)


def diagnose(
    configuration: Configuration,
    scope: Scope,
    *,
    routes: Sequence[Route] | None = None,
    began: float | None = None,
    now: datetime | None = None,
    resolver: Resolver | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
    found: Callable[[int, Diagnosis], None] | None = None,
) -> Report:
    """Probe and diagnose the routes of a configuration that is already read; see ``check``.

    Args:
        configuration: as ``wizard.config.load`` gives it.
        scope: how to probe, and which routes.
        routes: these routes, whatever the scope says; None: those of the scope.
        began: when the work began (``time.monotonic``); None: now.
        now: see ``check``.
        resolver: see ``check``.
        progress: see ``check``.
        watch: see ``check``.
        found: called with the position of each route and its diagnosis as soon as its backend was
            probed, in the thread that probes.
    """
    began = time.monotonic() if began is None else began
    now = now or datetime.now(UTC)
    routes = select(configuration, scope.vhost, scope.route) if routes is None else routes
    trust = _Trust(configuration.httpd.release)
    policies = [one for one in configuration.policies if one.engine.value]
    problems = configuration.problems + start_up.problems(
        [(policy, trust.of(policy)) for policy in policies],
        configuration.virtual_hosts,
        profiles=_profiles(configuration, policies),
    )
    probes = _requests(routes, trust, scope.timeout, configuration.httpd) if scope.probe else {}

    concluded: dict[RouteId, Diagnosis] = {}

    def conclude(route: Route, report: ProbeReport | None) -> Diagnosis:
        if route.id in concluded:  # it was told as its probe ended
            return concluded[route.id]
        case = Case(
            route=route,
            trust=trust.of(route.tls),
            probe=report,
            now=now,
            httpd=configuration.httpd,
            problems=problems,
            partial=configuration.partial,
            config=scope.path,
            defines=scope.defines,
            choice=scope.httpd,
        )
        outcome = verdict.predict(case)
        concluded[route.id] = Diagnosis(case, outcome, findings.diagnose(case, outcome))
        return concluded[route.id]

    if found is not None:
        from wizard.probe.observer import Watch

        watch = _telling(watch or Watch(), routes, probes, conclude, found)
    reports = _probe(list(probes.values()), scope.jobs, resolver, progress, watch)
    diagnoses = []
    for route in routes:
        request = probes.get(route.id)
        diagnoses.append(conclude(route, reports.get(request) if request is not None else None))
    return Report(
        configuration=replace(configuration, problems=problems),
        diagnoses=tuple(diagnoses),
        seconds=time.monotonic() - began,
        probed=scope.probe,
    )


def _telling(
    watch: Watch,
    routes: Sequence[Route],
    probes: Mapping[RouteId, ProbeRequest],
    conclude: Callable[[Route, ProbeReport | None], Diagnosis],
    found: Callable[[int, Diagnosis], None],
) -> Watch:
    """A watch that also tells what each probe means for the routes that share it."""
    waiting: dict[ProbeRequest, list[int]] = {}
    for index, route in enumerate(routes):
        request = probes.get(route.id)
        if request is not None:
            waiting.setdefault(request, []).append(index)

    def done(request: ProbeRequest, report: ProbeReport) -> None:
        for index in waiting[request]:
            found(index, conclude(routes[index], report))

    return replace(watch, done=done)


def fix(
    scope: Scope,
    choice: FixChoice,
    *,
    now: datetime | None = None,
    resolver: Resolver | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
) -> Repair:
    """Check, and plan the repair of all that was found.

    Args:
        scope: what to repair; its backends are probed whatever ``scope.probe`` says.
        choice: the operator's.
        now: see ``check``.
        resolver: see ``check``.
        progress: see ``check``.
        watch: see ``check``.

    Returns:
        The plan, of which every repair was found to work by reading, probing and diagnosing the
        patched configuration once more.

    Raises:
        ConfigError: as ``check``.
        UsageError: as ``check``; or ``choice`` is not possible (an exception without its last
            day, a file that is no CA, a fingerprint that no backend presents).
    """
    from wizard.fix.plan import check_choice

    now = now or datetime.now(UTC)
    check_choice(choice, now.date())
    scope = replace(scope, probe=True)
    report = check(scope, now=now, resolver=resolver, progress=progress, watch=watch)
    return repair(report, scope, choice, now=now, resolver=resolver, progress=progress, watch=watch)


def repair(
    report: Report,
    scope: Scope,
    choice: FixChoice,
    *,
    now: datetime | None = None,
    resolver: Resolver | None = None,
    progress: Callable[[int, int], None] | None = None,
    watch: Watch | None = None,
) -> Repair:
    """Plan the repair of what a report says; see ``fix``.

    Args:
        report: probed, of this very scope.
        scope: what the report is about.
        choice: see ``fix``.
        now: see ``check``.
        resolver: see ``check``.
        progress: see ``check``.
        watch: see ``check``.
    """
    from wizard.fix import confirm  # cryptography and OpenSSL
    from wizard.fix.trust import select as trust

    def patched(overlay: Mapping[str, bytes]) -> Report:
        return check(
            replace(scope, overlay=overlay),
            now=now,
            resolver=resolver,
            progress=progress,
            watch=watch,
        )

    resolve = None if resolver is None else _look_up(resolver)
    plan, after = confirm.confirm(
        report, choice, lambda r: trust.find(r, choice, resolve=resolve), patched
    )
    plan = replace(plan, notes=plan.notes + _other_names(plan, report.configuration.files))
    return Repair(report, plan, after)


def _other_names(plan: FixPlan, files: Mapping[str, SourceFile]) -> tuple[str, ...]:
    """Files to edit that have hard links: a file that is replaced leaves those as they were."""
    notes = []
    for path in dict.fromkeys(edit.file for edit in plan.edits):
        try:
            links = Path(files[path].real_path if path in files else path).stat().st_nlink
        except OSError:  # gone, or out of reach: whoever writes it will say so
            continue
        if links > 1:
            notes.append(
                f"{path} has {links} names (hard links): `apply` and `patch` replace it under "
                "this name only; the others keep the old contents."
            )
    return tuple(notes)


def _look_up(resolver: Resolver) -> Callable[[str], frozenset[str]]:
    """A resolver for those who cannot wait in a loop of their own."""
    import asyncio

    def addresses(name: str) -> frozenset[str]:
        return frozenset(asyncio.run(resolver.resolve(name, 0, _LOOK_UP)).addresses)

    return addresses


def _profiles(configuration: Configuration, policies: Iterable[TlsPolicy]) -> bool:
    """Whether httpd's OpenSSL knows PROFILE=SYSTEM, should a policy name it; where that library is
    not known, the configuration is taken at its word."""
    library = configuration.httpd.libssl
    named = any(tls_settings.names_profile(one.cipher_suite.value or "") for one in policies)
    return not named or library is None or linked.knows_profiles(library)


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


def _requests(
    routes: Sequence[Route],
    trust: _Trust,
    timeout: float,
    httpd: HttpdInfo,
) -> dict[RouteId, ProbeRequest]:
    from wizard.probe import request

    found = {}
    for route in routes:
        wanted = request.for_route(route, trust.of(route.tls), timeout, httpd)
        if wanted is not None:
            found[route.id] = wanted
    return found


def _probe(
    requests: Sequence[ProbeRequest],
    jobs: int,
    resolver: Resolver | None,
    progress: Callable[[int, int], None] | None,
    watch: Watch | None,
) -> Mapping[ProbeRequest, ProbeReport]:
    if not requests:
        return {}
    from wizard import probe  # asyncio and OpenSSL are loaded only when something is probed

    options = {} if resolver is None else {"resolver": resolver}
    return probe.probe_all(requests, jobs=jobs, progress=progress, watch=watch, **options)
