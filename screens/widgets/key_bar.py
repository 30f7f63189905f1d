"""The keys that are active, in the last line; a click on one presses it.

Textual's own Footer is a widget for each key, mounted anew whenever the focus moves: a third of the
time to the first paint. This draws one line.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.events import Click
from textual.widget import Widget

_ALWAYS = ("help", "help.f1", "quit")
"""Ids of the keys that lead to all others, and out."""


class KeyBar(Widget):
    """``o Open  / Search  r Reload …``; keys without room are in the help."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-bar--key"}  # noqa: RUF012  # Textual's own
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    KeyBar .key-bar--key { color: $footer-key-foreground; text-style: bold; }
    """

    def on_mount(self) -> None:
        """Follow the focus: each widget may have keys of its own."""
        self._places: list[tuple[range, str]] = []
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Text:
        """The line; a key that can do nothing just now is dim."""
        style = self.get_component_rich_style("key-bar--key", partial=True)
        line = Text(no_wrap=True, overflow="ellipsis")
        self._places = []
        for binding, enabled in self._shown():
            start = line.cell_len
            line.append(self.app.get_key_display(binding), style if enabled else "dim")
            line.append(f" {binding.description} ", "" if enabled else "dim")
            self._places.append((range(start, line.cell_len), binding.key))
        line.right_crop(1)
        return line

    def _shown(self) -> list[tuple[Binding, bool]]:
        """The keys for which there is room, the most general ones always."""
        by_action: dict[str, tuple[Binding, bool]] = {}
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show:
                by_action.setdefault(binding.action, (binding, enabled))
        shown = list(by_action.values())
        room = self.content_size.width + 1
        for each in [pair for pair in reversed(shown) if pair[0].id not in _ALWAYS]:
            if sum(self._width(binding) for binding, _ in shown) <= room:
                break
            shown.remove(each)
        return shown

    def _width(self, binding: Binding) -> int:
        return cell_len(f"{self.app.get_key_display(binding)} {binding.description} ")

    def on_click(self, event: Click) -> None:
        """Press the key under the pointer."""
        place = event.get_content_offset(self)
        if place is None:
            return
        for columns, key in self._places:
            if place.x in columns:
                self.app.simulate_key(key)
