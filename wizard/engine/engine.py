"""The one door to the engine: what the command line and the screens ask for.

Each call imports what it needs when it is made: ``explain`` starts without a reader of
configurations, and the first screen is painted before OpenSSL, cryptography and asyncio's servers
are loaded. Every call may block; screens make it in a worker thread.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import IO, TYPE_CHECKING

from wizard.engine.changes import Changes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from wizard.change.journal import Held
    from wizard.model.change import Deployed, DeployStep, Waiting
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Case, Diagnosis, Report
    from wizard.model.explanation import Explanation
    from wizard.model.permission import Allowed
    from wizard.model.plan import Authorities, FixChoice, Repair
    from wizard.model.probe import ProbeReport
    from wizard.model.progress import Progress
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Assumed, Scope
    from wizard.probe.known import Known
    from wizard.probe.resolve import Resolver


class Engine(Changes):
    """What one run is about, and who looks on.

    Args:
        scope: the configuration, the httpd that is meant, which routes, and how to probe; None:
            the installed httpd's own, every route.
        now: the moment to judge dates by, with timezone; None: the present.
        resolver: how names are resolved; None: the system's resolver.
        progress: called as probes begin, go on and end; and as virtual hosts are rehearsed.
        observe: called with what is known of a backend whenever a stage of its probe ends, in the
            thread that probes.
        stop: ends a probe, the reading of a log, a rehearsal or the wait for another command within
            a moment once it is set; a change that was begun, it does not.
        state: directory of the journal of changes; None: this user's own.
    """

    def __init__(
        self,
        scope: Scope | None = None,
        *,
        now: datetime | None = None,
        resolver: Resolver | None = None,
        progress: Callable[[Progress], None] | None = None,
        observe: Callable[[ProbeReport], None] | None = None,
        stop: threading.Event | None = None,
        state: Path | None = None,
    ) -> None:
        self._scope = scope
        self.now = now
        self.resolver = resolver
        self.progress = progress
        self.observe = observe
        self.stop = stop or threading.Event()
        self.state = state
        self._before: Configuration | None = None
        self._known: Known | None = None

    @property
    def scope(self) -> Scope:
        """The configuration, the httpd that is meant, which routes, and how to probe."""
        if self._scope is None:
            from wizard.model.scope import Scope

            self._scope = Scope()
        return self._scope

    def about(
        self,
        scope: Scope | None = None,
        *,
        progress: Callable[[Progress], None] | None = None,
        observe: Callable[[ProbeReport], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Engine:
        """The same clock, resolver and journal for another run; the rest as for a new engine.

        Args:
            scope: what it is about; None: the same.
            progress, observe, stop: see the class.
        """
        other = copy.copy(self)
        other._scope = scope or self._scope
        other.progress, other.observe, other.stop = progress, observe, stop or threading.Event()
        return other

    # What is wrong

    def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
        """The configuration; its routes know the temporary exceptions made for them.

        Args:
            seen: called with each route as it is found, in their order.

        Raises:
            ConfigError: the configuration cannot be read.
            UsageError: there is no such httpd.
            StoppedError: ``stop`` was set while httpd was asked.
        """
        from wizard import config
        from wizard.engine.config_test import ConfigTest
        from wizard.fix.decide import temporary_exceptions
        from wizard.model.imagined import Imagined

        scope = self.scope
        with ConfigTest(scope, self.stop) as test:
            configuration = config.load(
                scope.path, defines=scope.defines, host=scope.host, overlay=scope.overlay,
                seen=seen, httpd=scope.httpd, at_reload=test.at_reload,
                imagined=Imagined(scope.client, (*scope.paths, *scope.websocket)),
            )  # fmt: skip
            configuration = test.heard(configuration, self._before)
        return temporary_exceptions.annotated(configuration)

    def check(self) -> Report:
        """Load, probe and diagnose.

        Returns:
            The report; routes stand in the order of the configuration.

        Raises:
            ConfigError: the configuration cannot be read.
            UsageError: no such virtual host or route, nothing is proxied, or no such httpd.
            StoppedError: ``stop`` was set.
        """
        began = time.monotonic()
        return self.diagnose(self.load(), began=began)

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        *,
        found: Callable[[int, Diagnosis], None] | None = None,
        began: float | None = None,
    ) -> Report:
        """Probe and diagnose routes of a configuration that is already read.

        Args:
            configuration: as ``load`` gives it.
            routes: these routes, whatever the scope says; None: those of the scope.
            found: called with the position of each route and its diagnosis as soon as its backend
                was probed, in the thread that probes.
            began: when the work began (``time.monotonic``); None: now.

        Raises:
            UsageError: as ``check``.
            StoppedError: as ``check``.
        """
        from wizard.engine.conclusions import Conclusions
        from wizard.engine.selection import select
        from wizard.model.diagnosis import Report
        from wizard.verdict import balancer

        began = time.monotonic() if began is None else began
        scope = self.scope
        if routes is None:
            routes = select(configuration, scope)
        first = routes[0].id if routes else None
        conclusions = Conclusions(configuration, scope, self.now, first)
        reports = {}
        if scope.probe and (requests := conclusions.requests(routes)):
            from wizard import probe  # asyncio and OpenSSL are loaded only when there is one
            from wizard.probe.observer import Observer
            from wizard.probe.resolve import assuming

            plain = Observer(self.observe, stop=self.stop)
            watch = plain if found is None else conclusions.telling(plain, routes, found)
            ask = partial(
                probe.probe_all, jobs=scope.jobs, progress=self.progress, known=self._known,
                resolver=assuming(scope.resolve, self.resolver),
            )  # fmt: skip
            reports = ask(requests, watch=watch)
            if further := conclusions.further(routes, reports):
                reports |= ask(further, watch=plain)
            if found is not None:
                conclusions.tell_others(routes, reports, found)
        diagnoses = tuple(conclusions.diagnosis(route, reports) for route in routes)
        return Report(
            configuration=conclusions.configuration,
            diagnoses=diagnoses,
            balancers=balancer.verdicts(diagnoses),
            seconds=time.monotonic() - began,
            probed=scope.probe,
            scope=scope,
        )

    def at(self, route: Route, path: str) -> Route | None:
        """The route with another request, as ``wizard.probe.request.at``."""
        from wizard.probe import request

        return request.at(route, path)

    def explain(self, lines: Iterable[str]) -> Explanation:
        """What log lines or other programs' output mean; they are read until ``stop`` is set."""
        from wizard.logs.explainer import explain

        return explain(takewhile(lambda _: not self.stop.is_set(), lines))

    def log(self, source: str | IO[bytes], *, waiting: bool = True) -> Iterator[str]:
        """The lines of a log, however long it is, until ``stop`` is set.

        Args:
            source: path of a file, or standard input.
            waiting: whether a pipe or a terminal is read, which waits for what somebody writes.

        Raises:
            UsageError: it is no log: a directory, a device, a file of the kernel's; or compressed
                and damaged.
            OSError: it cannot be read.
        """
        from wizard.logs import log_files

        if isinstance(source, str):
            return log_files.lines(source, self.stop.is_set, waiting=waiting)
        log_files.refuse(source.fileno(), "standard input")
        return log_files.decoded(source, self.stop.is_set)

    # How to repair it

    def repair(self, choice: FixChoice) -> Repair:
        """Check, and plan the repair of all that was found; every backend is probed.

        Args:
            choice: the operator's.

        Returns:
            The plan, of which every repair was found to work by reading, probing and diagnosing
            the patched configuration; a backend is asked nothing twice.

        Raises:
            ConfigError: as ``check``.
            UsageError: as ``check``; or ``choice`` is not possible (an exception without its last
                day, a file that is no CA, a fingerprint that no backend presents).
            StoppedError: as ``check``.
        """
        from dataclasses import replace
        from datetime import UTC, datetime

        from wizard.engine import planning
        from wizard.engine.additions import Additions
        from wizard.fix import confirm
        from wizard.fix.plan import check_choice
        from wizard.fix.trust import select as trust
        from wizard.model.plan import Repair
        from wizard.probe.known import Known

        now = self.now or datetime.now(UTC)
        check_choice(choice, now.date())

        def checked(overlay: Mapping[str, bytes] | None, assumed: Sequence[Assumed] = ()) -> Report:
            engine = copy.copy(self)
            engine.now, engine._before, engine._known = now, before, known.where(assumed)
            engine._scope = replace(self.scope, probe=True, overlay=overlay).assuming(assumed)
            return engine.check()

        before: Configuration | None = None
        known = Known()
        report = checked(self.scope.overlay)
        before = report.configuration
        resolve = planning.look_up(self.resolver, self.scope.resolve)
        additions = Additions(self.scope, self.resolver, self.stop)
        plan, after = confirm.confirm(
            report, choice, check=checked,
            search=lambda found: additions.to(trust.find(found, choice, resolve=resolve), found),
        )  # fmt: skip
        return planning.completed(Repair(report, plan, after), self.resolver)

    def authorities(self, case: Case, configuration: Configuration) -> Authorities:
        """The authorities on this machine, as ``wizard.fix.trust.candidates.found``."""
        from wizard.fix.trust import candidates

        return candidates.found(case, configuration)

    def patch(self, repair: Repair) -> bytes:
        """The plan as a unified diff that ``patch -p1 -d /`` takes."""
        from wizard.fix.source import unified_diff

        return unified_diff.unified(repair.plan, repair.report.configuration.files)

    def save(self, path: str, data: bytes, *, private: bool = False) -> None:
        """Write a file that the operator names, as ``wizard.change.save_file.save``."""
        from wizard.change.save_file import save

        save(path, data, private=private)

    def is_private(self, repair: Repair) -> bool:
        """Whether a plan changes a file that not everybody may read; the patch holds its lines."""
        from wizard.change.save_file import is_private

        files = repair.report.configuration.files
        return any(is_private(files[edit.file].real_path) for edit in repair.plan.edits)

    # Whether it works

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        """Ask a throw-away httpd before and after a plan, for each route that it can touch.

        Args:
            repair: holds the plan.
            asked: the route of its report that is asked for with this very request.

        Returns:
            The routes of the report in order, then others of the configuration.

        Raises:
            ConfigError: the configuration, or the planned one, cannot be read.
            WizardError: there is no httpd here, or it could not be run at all.
            StoppedError: ``stop`` was set.
        """
        from wizard.engine import planning
        from wizard.fix.source.unified_diff import apply_to
        from wizard.httpd.rehearse import rehearse

        configuration = repair.report.configuration
        routes = planning.routes(repair, asked)
        neighbours = [route for route in configuration.routes if route.id not in routes]
        after = apply_to(repair.plan, configuration.files)
        asked_for = list(routes.values())
        return rehearse(
            self.scope.assuming(repair.plan.assumed), asked_for, after, neighbours,
            planned=repair.planned, progress=self.progress, stop=self.stop,
        )  # fmt: skip

    def rehearse_present(self, configuration: Configuration) -> tuple[Rehearsal, ...]:
        """Ask a throw-away httpd for the routes of the scope as they are; see ``rehearse``.

        Raises:
            UsageError: as ``check``.
        """
        from wizard.engine.selection import select
        from wizard.httpd.rehearse import rehearse

        routes = select(configuration, self.scope)
        chosen = {route.id for route in routes}
        others = [route for route in configuration.routes if route.id not in chosen]
        return rehearse(self.scope, routes, None, others, progress=self.progress, stop=self.stop)

    # To change it, and back

    def deploy(
        self,
        held: Held,
        repair: Repair,
        allowed: Allowed,
        *,
        asked: Route | None = None,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        """Write a plan, test it, reload httpd and look; a failure takes it back.

        Args:
            held: from ``locked``.
            repair: holds the plan.
            allowed: as ``wizard.engine.gate.decide`` gave it for this plan.
            asked: as for ``rehearse``.
            graceful: reload the running server.
            step: called before each step, and while httpd is waited for; what it raises stops
                nothing.

        Raises:
            WizardError: as ``wizard.change.deploy.deploy``, and what is on disk then (``left``).
            ValueError: another plan was allowed.
        """
        from wizard.change.deploy import deploy
        from wizard.change.left import telling
        from wizard.engine import planning
        from wizard.fix.source.unified_diff import apply_to

        if allowed.plan is not repair.plan:
            raise ValueError("another plan was allowed")
        routes = planning.routes(repair, asked)
        files = repair.report.configuration.files
        with telling(held):
            return deploy(
                held, self.scope, apply_to(repair.plan, files), files,
                [routes[route] for route in allowed.routes],
                reasons=repair.plan.repairs, graceful=graceful, progress=step,
            )  # fmt: skip
