"""The calls into the engine that screens make; each imports what it needs when it is first made.

One narrow place: a test puts another object here, and the first screen is painted before OpenSSL,
cryptography and asyncio's servers are loaded. Every call may block and is made in a worker thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.change import Change, Deployed
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Case, Diagnosis, Report
    from wizard.model.explanation import Explanation
    from wizard.model.plan import Candidate, FixChoice, Repair
    from wizard.model.probe import ProbeReport
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope
    from wizard.probe.resolve import Resolver


class Engine:
    """The real engine.

    Args:
        resolver: how names are resolved; None: the system's resolver.
    """

    def __init__(self, resolver: Resolver | None = None) -> None:
        self._resolver = resolver

    def load(self, scope: Scope, seen: Callable[[Route], None] | None = None) -> Configuration:
        """Read the configuration, as ``wizard.engine.pipeline.load``."""
        from wizard.engine import pipeline

        return pipeline.load(scope, seen)

    def diagnose(
        self,
        configuration: Configuration,
        scope: Scope,
        routes: Sequence[Route],
        progress: Callable[[int, int], None] | None = None,
        observe: Callable[[ProbeReport], None] | None = None,
        stop: threading.Event | None = None,
        found: Callable[[int, Diagnosis], None] | None = None,
    ) -> Report:
        """Probe and diagnose some routes, as ``pipeline.diagnose``; ``stop`` ends it."""
        from wizard.engine import pipeline
        from wizard.probe.observer import Watch

        return pipeline.diagnose(
            configuration,
            scope,
            routes=routes,
            resolver=self._resolver,
            progress=progress,
            watch=Watch(observe, stop=stop or threading.Event()),
            found=found,
        )

    def at(self, route: Route, path: str) -> Route | None:
        """The route with another request, as ``wizard.probe.request.at``."""
        from wizard.probe import request

        return request.at(route, path)

    def page(self, slug: str) -> str:
        """The page of a finding, as ``proxy-wizard rules SLUG`` prints it."""
        from wizard.findings import pages

        return pages.text(slug)

    def explain(self, text: str) -> Explanation:
        """What pasted lines mean, as ``wizard.logs.explain``."""
        from wizard import logs

        return logs.explain(text.splitlines())

    def explain_file(self, path: str, stop: threading.Event) -> Explanation:
        """What a log file means; it is read line by line, however long it is, until ``stop``."""
        from wizard.logs import explain
        from wizard.logs import log_files as files

        return explain(takewhile(lambda _: not stop.is_set(), files.lines(path, pipes=False)))

    def repair(self, scope: Scope, choice: FixChoice, stop: threading.Event) -> Repair:
        """Check and plan, as ``wizard.engine.pipeline.fix``; ``stop`` ends it."""
        from wizard.engine import pipeline
        from wizard.probe.observer import Watch

        return pipeline.fix(scope, choice, resolver=self._resolver, watch=Watch(stop=stop))

    def authorities(self, case: Case, configuration: Configuration) -> tuple[Candidate, ...]:
        """The authorities on this machine, as ``wizard.fix.trust.candidates.found``."""
        from wizard.fix.trust import candidates

        return candidates.found(case, configuration)

    def patch(self, repair: Repair) -> bytes:
        """The plan as a unified diff that ``patch -p1 -d /`` takes."""
        from wizard.fix.source import unified_diff

        return unified_diff.unified(repair.plan, repair.report.configuration.files)

    def rehearse(self, scope: Scope, route: Route, repair: Repair) -> Rehearsal:
        """Before and after the plan, as ``wizard.httpd.rehearse``."""
        from wizard.fix.source.unified_diff import apply_to
        from wizard.httpd.rehearse import rehearse

        files = repair.report.configuration.files
        return rehearse(scope, [route], apply_to(repair.plan, files))[0]

    def deploy(
        self, scope: Scope, route: Route, repair: Repair, progress: Callable[[str], None]
    ) -> Deployed:
        """Write, test, reload and look, as ``wizard.change.deploy``."""
        from wizard.change.deploy import deploy
        from wizard.change.journal import Store
        from wizard.fix.source.unified_diff import apply_to

        files = repair.report.configuration.files
        return deploy(
            Store(),
            scope,
            apply_to(repair.plan, files),
            files,
            [route],
            reasons=repair.plan.repairs,
            progress=progress,
        )

    def changes(self) -> tuple[Change, ...]:
        """Every change that was made here, the last one first."""
        from wizard.change.journal import Store

        return tuple(reversed(Store().changes()))

    def interrupted(self) -> Change | None:
        """The change that was begun and is neither done nor undone, if there is one."""
        from wizard.change.journal import Store

        return Store().unfinished()

    def take_back(self, change: Change) -> tuple[str, ...]:
        """Undo a change and reload, as ``wizard.change.deploy.take_back``."""
        from wizard.change.deploy import take_back
        from wizard.change.journal import Store

        return take_back(Store(), change)

    def finish(self, change: Change) -> Deployed:
        """Finish an interrupted change and reload, as ``wizard.change.deploy.finish``."""
        from wizard.change.deploy import finish
        from wizard.change.journal import Store

        return finish(Store(), change)
