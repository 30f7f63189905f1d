"""The keys that are active, in the last line; a click on one presses it.

Textual's own Footer is a widget for each key, mounted anew whenever the focus moves: a third of the
time to the first paint. This draws one line.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.events import Click
from textual.widget import Widget

from screens.widgets import keys
from screens.widgets.in_view import InView
from screens.widgets.keys import ShownKey

_GAPS = (3, 2)
"""Blanks between two keys: as many as there is room for."""


class KeyBar(Widget):
    """``a Apply…   w Other ways (1)   ? Keys   q Quit``; keys without room are in the help."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-bar--key", "key-bar--dim"}  # noqa: RUF012  # Textual's own
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    KeyBar .key-bar--key { color: $marked; text-style: bold; }
    KeyBar .key-bar--dim { color: $text-muted; }
    """

    def on_mount(self) -> None:
        """Follow the focus, each widget may have keys of its own; and keep it in view."""
        self._places: list[tuple[range, str]] = []
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())
        in_view = InView(self.screen)
        self.screen.screen_layout_refresh_signal.subscribe(self, lambda _: in_view.look())

    def render(self) -> Text:
        """The line; a key that can do nothing just now is dim, its name too."""
        bright = self.get_component_rich_style("key-bar--key", partial=True)
        dim = self.get_component_rich_style("key-bar--dim", partial=True)
        line = Text(no_wrap=True, overflow="ellipsis")
        self._places = []
        found, gap = fitting(keys.shown(self.screen), self.content_size.width)
        for number, one in enumerate(found):
            line.append(" " * gap if number else "")
            start = line.cell_len
            line.append(one.name, bright if one.enabled else dim)
            line.append(f" {one.label}", "" if one.enabled else dim)
            if one.key:
                self._places.append((range(start, line.cell_len), one.key))
        return line

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        place = event.get_content_offset(self)
        if place is None:
            return
        for columns, key in self._places:
            if place.x in columns:
                self.app.simulate_key(key)


def fitting(found: Sequence[ShownKey], room: int) -> tuple[list[ShownKey], int]:
    """The keys that there is room for, and the blanks between them.

    What every step can do gives way first, then the blanks, then the screen's own keys, the least
    important ones before the others.

    Args:
        found: from left to right.
        room: columns.
    """
    own = [one for one in found if not one.is_general]
    gap = next((each for each in _GAPS if _width(own, each) <= room), _GAPS[-1])
    kept = own
    while len(kept) > 1 and _width(kept, gap) > room:
        least = max(kept, key=lambda one: one.importance)
        kept = [one for one in kept if one is not least]
    if kept != own or gap != _GAPS[0]:
        return kept, gap
    for more in sorted(found, key=lambda one: one.importance):
        if more.is_general and _width([*kept, more], gap) <= room:
            kept = [one for one in found if one in kept or one is more]
    return kept, gap


def _width(found: Sequence[ShownKey], gap: int) -> int:
    names = sum(cell_len(f"{one.name} {one.label}") for one in found)
    return names + gap * max(0, len(found) - 1)
