"""The ways to repair what was found, to choose among."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from screens.texts import fix
from wizard import findings

if TYPE_CHECKING:
    from wizard.findings.rule import Alternative, Take
    from wizard.model.plan import FixPolicy

NO_PLAN = "No plan can do that: it is for whoever is named there, or done by hand."


class AlternativeList(OptionList):
    """For each finding its ways, with what speaks for and against each; Enter takes one."""

    class Taken(Message):
        """A way was chosen.

        Args:
            slug: of the finding.
            take: how the plan is to change.
        """

        def __init__(self, slug: str, take: Take) -> None:
            super().__init__()
            self.slug = slug
            self.take = take

    def __init__(self) -> None:
        super().__init__(id="ways")
        self._shown: tuple[tuple[str, ...], frozenset[str], bool] | None = None
        self._ways: dict[str, tuple[str, Alternative]] = {}

    def show(self, slugs: Sequence[str], left: frozenset[str], policy: FixPolicy) -> None:
        """List the ways.

        Args:
            slugs: the findings, the cause first.
            left: those that the backend's side is to repair.
            policy: the chosen row of the best-practice table.
        """
        state = (tuple(slugs), left, policy == "temporary")
        if state == self._shown:
            return  # whoever reads keeps their place
        again = self._shown is not None and self._shown[0] == state[0]
        place = self.highlighted if again else None
        self._shown = state
        self._ways = {}
        self.clear_options()
        for slug in dict.fromkeys(slugs):
            for number, way in enumerate(findings.CATALOGUE[slug].alternatives):
                if not number:
                    self.add_option(Option(Text(slug, "underline"), disabled=True))
                self._ways[f"{slug}/{number}"] = slug, way
                taken = way.take == _taken(slug, left, policy)
                self.add_option(Option(fix.way(way, taken=taken), id=f"{slug}/{number}"))
        if not self._ways:
            only = "There is one way only for what was found here."
            self.add_option(Option(only, disabled=True))
        self.highlighted = place

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the way, if it is one that the plan can take."""
        event.stop()
        slug, way = self._ways[event.option_id or ""]
        if way.take:
            self.post_message(self.Taken(slug, way.take))
        else:
            self.notify(NO_PLAN)


def _taken(slug: str, left: frozenset[str], policy: FixPolicy) -> Take:
    if slug in left:
        return "leave"
    return "temporary" if policy == "temporary" else "plan"
