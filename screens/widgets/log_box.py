"""The field for a pasted log."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.widgets import TextArea

MOST: Final = 256 << 10
"""Characters that it takes: 1,500 lines of httpd's error log. A longer log is a file (key l)."""

_CUT = (
    f"Only the first {MOST >> 10} KiB were taken: save the log to a file and open that with l.\n\n"
)


class LogBox(TextArea):
    """Takes lines of a log, up to a bound.

    Args:
        placeholder: what stands in it while it is empty.
        name: its id.
    """

    def __init__(self, placeholder: str, name: str) -> None:
        super().__init__(id=name, soft_wrap=False, placeholder=placeholder, compact=True)
        self._is_cut = False

    @property
    def note(self) -> str:
        """That there was more than it takes; empty: there was not."""
        return _CUT if self._is_cut and self._length() >= MOST else ""

    def on_paste(self, event: events.Paste) -> None:
        """Take what there is room for, before the base puts it in."""
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        room = max(0, MOST - self._length())
        self._is_cut = len(text) > room
        event.text = text[:room]
        if not event.text:
            event.prevent_default()

    def on_key(self, event: events.Key) -> None:
        """Take no letter for which there is no room."""
        if (event.is_printable or event.key == "enter") and self._length() >= MOST:
            event.prevent_default()
            event.stop()
            self._is_cut = True

    def _length(self) -> int:
        return sum(map(len, self.document.lines)) + self.document.line_count
