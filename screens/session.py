"""What the operator has loaded, asked and chosen so far: data, no decisions."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from screens.decisions import Decisions
from wizard.wording import refused

if TYPE_CHECKING:
    from datetime import datetime

    from screens.ended import Ended
    from wizard.model.change import Deployed
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import Authorities, FixPlan, Repair
    from wizard.model.probe import ProbeReport
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.route_id import RouteId
    from wizard.model.scope import Scope
    from wizard.wording.patch import Changed

EVERY_STEP = 5
"""The number of the last step."""


@dataclass(frozen=True, slots=True)
class Done:
    """The last change that was made or taken back here.

    Args:
        ended: what came of it.
        route: that it was made for.
        at: when it ended, with timezone.
        deployed: the change; None: it was not made.
        changed: what it did to each file.
        was: the status that a client got before; None: none, or it is not known.
        undone: it was taken back.
    """

    ended: Ended
    route: RouteId | None
    at: datetime
    deployed: Deployed | None = None
    changed: tuple[Changed, ...] = ()
    was: int | None = None
    undone: bool = False


@dataclass
class Planned:
    """A plan for one route, and what a throw-away httpd did with it.

    Args:
        decisions: that it was made with.
        repair: the planned change, and what it was planned from.
        patch: the plan as a unified diff.
        error: why there is no plan.
        rehearsals: before and after the plan, in a throw-away httpd: of each route that it can
            touch.
        rehearsal_error: why there is none.
        seconds: that the rehearsal took.
    """

    decisions: Decisions = field(default_factory=Decisions)
    repair: Repair | None = None
    patch: bytes = b""
    error: str = ""
    rehearsals: tuple[Rehearsal, ...] = ()
    rehearsal_error: str = ""
    seconds: float = 0.0


@dataclass
class Session:
    """The state of one walk.

    Args:
        scope: where the configuration is, and how to probe.
        reach: the furthest step that runs by itself; each step opens the next.
        configuration: once it was read.
        load_error: why it could not be read.
        is_refused: because httpd would refuse it too.
        seen: routes found so far while it is read; the worker adds to it.
        probe_error: why the current route's backend has no answers here.
        probing: what is known by now of the current route's backend.
        asked: backends asked so far and how many there are to ask; None: not all are asked.
        stops: the event that ends each work under way, by its name.
        current: the route that the steps are about; None: none was read yet.
        is_chosen: the operator went to it, or stays on it.
        diagnoses: what was found out about each route.
        authorities: CAs on this machine, for the current route; None: they were not looked for.
        search_error: why they could not be looked for.
        planned: the plan for the current route.
        preview: the plan as it would be with the marked CA file; None: none was made.
        rehearsing: virtual hosts rehearsed so far, and of how many.
        done: the last change here.
        is_wanted: the operator wants the plan applied as soon as it is rehearsed.
    """

    scope: Scope
    reach: int = EVERY_STEP
    configuration: Configuration | None = None
    load_error: str = ""
    is_refused: bool = False
    seen: list[Route] = field(default_factory=list)
    probe_error: str = ""
    probing: ProbeReport | None = None
    asked: tuple[int, int] | None = None
    stops: dict[str, threading.Event] = field(default_factory=dict)
    current: RouteId | None = None
    is_chosen: bool = False
    diagnoses: dict[RouteId, Diagnosis] = field(default_factory=dict)
    authorities: Authorities | None = None
    search_error: str = ""
    planned: Planned = field(default_factory=Planned)
    preview: Planned | None = None
    rehearsing: tuple[int, int] | None = None
    done: Done | None = None
    is_wanted: bool = False
    _kept: dict[RouteId, Planned] = field(default_factory=dict)
    _places: dict[RouteId, int] = field(default_factory=dict)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route of the configuration."""
        return self.configuration.routes if self.configuration else ()

    @property
    def route(self) -> Route | None:
        """The route that the steps are about."""
        place = self.place
        return self.routes[place] if place is not None else None

    @property
    def place(self) -> int | None:
        """Where the current route stands in the configuration, from 0."""
        return self._places.get(self.current) if self.current is not None else None

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What was found out about the current route."""
        return self.diagnoses.get(self.current) if self.current else None

    @property
    def unprobed(self) -> str:
        """Why nothing is known of the current route, and what to do."""
        if self.load_error:
            return self.load_error
        if self.configuration is None:
            return "The configuration is being read …"
        if self.route is None:
            return f"{self.nothing_proxied}."
        if self.probe_error:
            return self.probe_error
        if "probe" in self.stops:
            return "The backend is being asked …"
        return "This backend was not asked yet: r asks it."

    @property
    def nothing_proxied(self) -> str:
        """Why there is no route in a configuration that was read, without a stop at its end: what
        httpd refuses comes first, since it may be the line that proxies."""
        problems = self.configuration.problems if self.configuration is not None else ()
        none = "Nothing is proxied in this configuration: o opens another one"
        return refused.headline(problems) or none

    @property
    def decisions(self) -> Decisions:
        """The operator's decisions about the current route."""
        return self.planned.decisions

    @property
    def repair(self) -> Repair | None:
        """The planned change, and what it was planned from."""
        return self.planned.repair

    @property
    def patch(self) -> bytes:
        """The plan as a unified diff."""
        return self.planned.patch

    @property
    def plan_error(self) -> str:
        """Why there is no plan."""
        return self.planned.error

    @property
    def plan(self) -> FixPlan | None:
        """The planned change."""
        return self.repair.plan if self.repair else None

    @property
    def rehearsals(self) -> tuple[Rehearsal, ...]:
        """Of each route that the plan can touch."""
        return self.planned.rehearsals

    @property
    def rehearsal_error(self) -> str:
        """Why there is no rehearsal."""
        return self.planned.rehearsal_error

    @property
    def rehearsal(self) -> Rehearsal | None:
        """Of the current route."""
        return next((one for one in self.rehearsals if one.route == self.current), None)

    @property
    def is_on_its_way(self) -> bool:
        """Whether a plan, or its rehearsal, is being made."""
        return "rehearsal" in self.stops or "plan" in self.stops

    def load(self, configuration: Configuration) -> None:
        """Have the configuration; the current route stays, or is the first if it is gone."""
        places = {route.id: number for number, route in enumerate(configuration.routes)}
        if self.current not in places:
            self.current = next(iter(places), None)
            self.is_chosen = self.done is not None
            if self.done is not None:  # what came of it is told, wherever its route has gone
                self.done = replace(self.done, route=self.current)
        self.configuration = configuration
        self._places = places

    def choose(self, route: RouteId) -> None:
        """Make another route the one that the steps are about: it begins with the safe row."""
        if route == self.current:
            return
        self.stop("plan", "rehearsal", "search", "preview")
        if self.current is not None and self.repair and self.decisions.is_safe:
            self._kept[self.current] = self.planned
        self.current = route
        self.probe_error = ""
        self.probing = None
        self.authorities = None
        self.search_error = ""
        self.rehearsing = None
        self.is_wanted = False
        self.preview = None
        self.planned = self._kept.pop(route) if route in self._kept else Planned()

    def decide(self, decisions: Decisions) -> None:
        """Have other decisions about the current route; the plan is that of the preview, if it was
        made with the same, or is to be made anew."""
        seen = self.preview
        self.forget_plan()
        self.planned = Planned(decisions)
        if seen is not None and seen.decisions == decisions and seen.repair is not None:
            self.planned = seen

    def put(self, route: Route) -> None:
        """Give the current route another request; its results are discarded."""
        if self.configuration is not None:
            routes = tuple(route if old.id == route.id else old for old in self.routes)
            self.configuration = replace(self.configuration, routes=routes)
        self.forget()

    def forget(self) -> None:
        """Discard the results of the current route, not the decisions about it."""
        if self.current is not None:
            self.diagnoses.pop(self.current, None)
            self._kept.pop(self.current, None)
        self.probe_error = ""
        self.probing = None
        self.authorities = None
        self.search_error = ""
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
        self.stop("plan", "rehearsal", "preview")
        self.rehearsing = None
        self.is_wanted = False
        self.preview = None
        self.planned = Planned(self.decisions)
