"""What the operator has loaded, asked and chosen so far. It holds; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model.plan import FixChoice

if TYPE_CHECKING:
    from wizard.model.config import Configuration, Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import FixPlan, Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope


@dataclass
class Session:
    """The state of one walk through the steps.

    Args:
        scope: where the configuration is, and how to probe.
        configuration: once it was read.
        load_error: why it could not be read.
        current: the route that the steps are about, by its position in the configuration.
        diagnoses: what was found out about each route, by its position.
        choice: the operator's row of the best-practice table and trust.
        repair: the planned change, and what it was planned from.
        plan_error: why there is no plan.
        rehearsal: before and after the plan, in a throw-away httpd.
        rehearsal_error: why there is none.
    """

    scope: Scope
    configuration: Configuration | None = None
    load_error: str = ""
    current: int = 0
    diagnoses: dict[int, Diagnosis] = field(default_factory=dict)
    choice: FixChoice = field(default_factory=FixChoice)
    repair: Repair | None = None
    plan_error: str = ""
    rehearsal: Rehearsal | None = None
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
    def plan(self) -> FixPlan | None:
        """The planned change."""
        return self.repair.plan if self.repair else None

    def forget_plan(self) -> None:
        """A plan is about one state of things; what comes after it goes with it."""
        self.repair = None
        self.plan_error = ""
        self.rehearsal = None
        self.rehearsal_error = ""
