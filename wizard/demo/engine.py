"""The engine of the demo: what the ticket of a lesson says was given counts as found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wizard.engine.engine import Engine

if TYPE_CHECKING:
    from wizard.demo.lab import Lab
    from wizard.model.config import Configuration
    from wizard.model.diagnosis import Case
    from wizard.model.plan import Authorities


class LabEngine(Engine):
    """An engine on a lab: with its names, its journal, and the files that lessons give.

    Args:
        lab: running.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__(resolver=lab.resolver, state=lab.state)
        self._lab = lab

    def authorities(self, case: Case, configuration: Configuration) -> Authorities:
        """Those of this machine; first what the CA's owner gave, wherever it lies.

        The lab lies in a directory that others may write, mostly: nothing is found there, and that
        is no affair of the operator's.
        """
        from wizard.fix.trust import candidates

        lesson = Path(configuration.root).parent.name
        given = [one.file for one in self._lab.given(lesson)]
        found = candidates.found(case, configuration, given=given)
        return replace(found, passed_over=())
