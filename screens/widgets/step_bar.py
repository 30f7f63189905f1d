"""Line 1: the five steps with a sign each, the one in view marked; on the right the route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from screens.texts import strip
from screens.texts.route import shortened
from screens.texts.steps import STEPS, Step
from wizard.text import printable

if TYPE_CHECKING:
    from screens.host import Host

_LEAST = 8
"""Columns of a route's name below which it is left out."""
_WIDE = 100
"""Columns from which the route stands elsewhere, too."""
_WITH_TITLES = 70
"""Columns from which every step has its title."""


class StepBar(Widget):
    """`` 1 Load ✓  [2 Probe ✗]  3 Diagnose ✓ …     www.corp.test/  3/12``

    Args:
        current: the step that this screen is; none of the five: the case.
        host: has the session and the signs.
    """

    def __init__(self, current: Step, host: Host) -> None:
        super().__init__(id="steps")
        self._current = current
        self._host = host

    def render(self) -> Text:
        """The line; the present step is in brackets too, for a terminal without colour."""
        session, glyphs = self._host.session, self._host.glyphs
        line = Text(no_wrap=True, overflow="crop")
        wide = self.size.width >= _WITH_TITLES
        for step, state in zip(STEPS, strip.states(session), strict=True):
            here = step is self._current
            title = f" {step.title}" if wide or here else ""
            style = "bold reverse" if here else ""
            line.append(f"{'[' if here else ' '}{step.number}{title} ", style)
            line.append(strip.sign(state, glyphs), style or strip.STYLES[state])
            line.append("]" if here else " ", style)
        room = self.size.width - line.cell_len - 1
        right = self._file(room) if self.size.width >= _WIDE else self._route(room)
        line.append(" " * max(1, self.size.width - line.cell_len - cell_len(right)))
        return line.append(right, "bold")

    def _file(self, room: int) -> str:
        """The configuration and whose rules hold: the route stands in a frame of its own."""
        configuration = self._host.session.configuration
        if configuration is None:
            return ""
        version = configuration.httpd.version
        httpd = f"   httpd {printable(version, 20)}" if version else ""
        place = f"   {strip.place(self._host.session)}"
        return (
            f"{shortened(configuration.root, room - len(httpd) - len(place)).plain}{httpd}{place}"
        )

    def _route(self, room: int) -> str:
        """The route's name and its place, as far as there is room."""
        session = self._host.session
        if session.current is None:
            return ""
        place = strip.place(session)
        room -= len(place) + 2
        label = session.current.label.replace(" /", "/", 1)
        return f"{shortened(label, room).plain}  {place}" if room >= _LEAST else place
