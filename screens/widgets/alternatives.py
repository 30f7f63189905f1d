"""The alternative repairs of the findings, to choose among."""

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

NO_PLAN = "No plan can do that: it is done by the party named there, or by hand."


class AlternativeList(OptionList):
    """For each finding its alternatives, with their pros and cons; Enter takes one."""

    class Taken(Message):
        """An alternative was chosen.

        Args:
            slug: of the finding.
            take: how the plan is to change.
        """

        def __init__(self, slug: str, take: Take) -> None:
            super().__init__()
            self.slug = slug
            self.take = take

    def __init__(self) -> None:
        super().__init__(id="alternatives")
        self._shown: tuple[tuple[str, ...], frozenset[str], bool] | None = None
        self._alternatives: dict[str, tuple[str, Alternative]] = {}

    def show(self, slugs: Sequence[str], left: frozenset[str], policy: FixPolicy) -> None:
        """List the alternatives.

        Args:
            slugs: the findings, the cause first.
            left: those that the backend's side is to repair.
            policy: the chosen row of the best-practice table.
        """
        state = (tuple(slugs), left, policy == "temporary")
        if state == self._shown:
            return  # the reader keeps their place
        again = self._shown is not None and self._shown[0] == state[0]
        place = self.highlighted if again else None
        self._shown = state
        self._alternatives = {}
        self.clear_options()
        for slug in dict.fromkeys(slugs):
            for number, alternative in enumerate(findings.CATALOGUE[slug].alternatives):
                if not number:
                    self.add_option(Option(Text(slug, "underline"), disabled=True))
                self._alternatives[f"{slug}/{number}"] = slug, alternative
                taken = alternative.take == _taken(slug, left, policy)
                self.add_option(Option(fix.way(alternative, taken=taken), id=f"{slug}/{number}"))
        if not self._alternatives:
            only = "There is one way only for what was found here."
            self.add_option(Option(only, disabled=True))
        self.highlighted = place

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the alternative, if it is one that the plan can take."""
        event.stop()
        slug, alternative = self._alternatives[event.option_id or ""]
        if alternative.take:
            self.post_message(self.Taken(slug, alternative.take))
        else:
            self.notify(NO_PLAN)


def _taken(slug: str, left: frozenset[str], policy: FixPolicy) -> Take:
    if slug in left:
        return "leave"
    return "temporary" if policy == "temporary" else "plan"
