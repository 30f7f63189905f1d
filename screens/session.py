"""What the operator has loaded, asked and chosen so far. It holds; it decides nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import FixChoice, FixPlan, Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope


@dataclass
class Session:
    """The state of one walk through the steps.

    Args:
        scope: where the configuration is, and how to probe.
        configuration: once it was read.
        load_error: why it could not be read.
        seen: routes found so far while it is read; the worker adds to it.
        probe_error: why the current route's backend has no answers here.
        stops: by the name of each work under way that can be ended: what ends it.
        current: the route that the steps are about, by its position in the configuration.
        diagnoses: what was found out about each route, by its position.
        left: findings of the current route that the backend's side is to repair.
        choice: the operator's row of the best-practice table and trust; None: not asked yet.
        repair: the planned change, and what it was planned from.
        patch: the plan as a unified diff.
        plan_error: why there is no plan.
        rehearsals: before and after the plan, in a throw-away httpd: of each route that it can
            touch.
        rehearsal_error: why there is none.
    """

    scope: Scope
    configuration: Configuration | None = None
    load_error: str = ""
    seen: list[Route] = field(default_factory=list)
    probe_error: str = ""
    stops: dict[str, threading.Event] = field(default_factory=dict)
    current: int = 0
    diagnoses: dict[int, Diagnosis] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    choice: FixChoice | None = None
    repair: Repair | None = None
    patch: bytes = b""
    plan_error: str = ""
    rehearsals: tuple[Rehearsal, ...] = ()
    rehearsal_error: str = ""

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route of the configuration."""
        return self.configuration.routes if self.configuration else ()

    @property
    def route(self) -> Route | None:
        """The route that the steps are about."""
        return self.routes[self.current] if self.current < len(self.routes) else None

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found out about the current route."""
        return self.diagnoses.get(self.current)

    @property
    def unprobed(self) -> str:
        """Why nothing is known of the current route, and what to do."""
        if self.route is None:
            return "Load a configuration with a proxied route first: press 1."
        if "probe" in self.stops:
            return "The backend is being probed; press 2 to see how far that is."
        return "This route was not probed yet: press 2."

    @property
    def plan(self) -> FixPlan | None:
        """The planned change."""
        return self.repair.plan if self.repair else None

    @property
    def rehearsal(self) -> Rehearsal | None:
        """Of the current route."""
        route = self.route
        return next((one for one in self.rehearsals if route and one.route == route.id), None)

    def choose(self, index: int) -> None:
        """Make another route the one that the steps are about."""
        if index != self.current:
            self.current = index
            self.probe_error = ""
            self.left = frozenset()
            self.forget_plan()

    def put(self, route: Route) -> None:
        """Have the current route with another request; what was found out about it is void."""
        if self.configuration is not None:
            routes = list(self.configuration.routes)
            routes[self.current] = route
            self.configuration = replace(self.configuration, routes=tuple(routes))
        self.forget()

    def forget(self) -> None:
        """What was found out about the current route is void."""
        self.diagnoses.pop(self.current, None)
        self.probe_error = ""
        self.forget_plan()

    def begin(self, work: str) -> threading.Event:
        """Begin a work; what is under way of the same name ends.

        Returns:
            What is set to end it.
        """
        self.stop(work)
        self.stops[work] = threading.Event()
        return self.stops[work]

    def stop(self, *works: str) -> bool:
        """End works within a moment; without names all of them.

        Returns:
            Whether any was under way.
        """
        found = [self.stops.pop(work) for work in works or tuple(self.stops) if work in self.stops]
        for stop in found:
            stop.set()
        return bool(found)

    def is_over(self, work: str, stop: threading.Event) -> bool:
        """A work is done: whether its outcome counts no more, as it was ended or begun anew."""
        if self.stops.get(work) is not stop:
            return True
        del self.stops[work]
        return False

    def forget_plan(self) -> None:
        """A plan is about one state of things; what comes after it goes with it."""
        self.stop("plan", "rehearsal")
        self.repair = None
        self.patch = b""
        self.plan_error = ""
        self.rehearsals = ()
        self.rehearsal_error = ""
