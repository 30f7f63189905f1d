"""What the operator has loaded, asked and chosen so far: data, no decisions."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import FixChoice, FixPlan, Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.route_id import RouteId
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
        stops: the event that ends each work under way, by its name.
        current: the route that the steps are about; None: none was read yet.
        diagnoses: what was found out about each route.
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
    current: RouteId | None = None
    diagnoses: dict[RouteId, Diagnosis] = field(default_factory=dict)
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
        return next((route for route in self.routes if route.id == self.current), None)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found out about the current route."""
        return self.diagnoses.get(self.current) if self.current else None

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
        return next((one for one in self.rehearsals if one.route == self.current), None)

    def load(self, configuration: Configuration) -> None:
        """Have the configuration; the current route stays, or is the first if it is gone."""
        routes = [route.id for route in configuration.routes]
        if self.current not in routes:
            self.current = routes[0] if routes else None
        self.configuration = configuration

    def choose(self, route: RouteId) -> None:
        """Make another route the one that the steps are about."""
        if route != self.current:
            self.current = route
            self.probe_error = ""
            self.left = frozenset()
            self.forget_plan()

    def put(self, route: Route) -> None:
        """Give the current route another request; its results are discarded."""
        if self.configuration is not None:
            routes = tuple(route if old.id == route.id else old for old in self.routes)
            self.configuration = replace(self.configuration, routes=routes)
        self.forget()

    def forget(self) -> None:
        """Discard the results of the current route."""
        if self.current is not None:
            self.diagnoses.pop(self.current, None)
        self.probe_error = ""
        self.forget_plan()

    def begin(self, work: str) -> threading.Event:
        """Begin a work; one of the same name that is under way ends.

        Returns:
            The event that ends it.
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
        """Note that a work is done; true if it was ended or begun anew: its outcome is void."""
        if self.stops.get(work) is not stop:
            return True
        del self.stops[work]
        return False

    def forget_plan(self) -> None:
        """Discard the plan and its rehearsals, which are about one state of things."""
        self.stop("plan", "rehearsal")
        self.repair = None
        self.patch = b""
        self.plan_error = ""
        self.rehearsals = ()
        self.rehearsal_error = ""
