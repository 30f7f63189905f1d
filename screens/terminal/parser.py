"""What a terminal sends, in as few messages as it has meanings.

Textual's parser makes an event of each letter, and keeps a paste letter by letter: a megabyte that
arrives in one go costs minutes and gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

MOST_PASTED: Final = 1 << 20
"""Characters of one paste that are kept."""
_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]{2,}")


class Typed(events.Event, bubble=False):
    """Letters, tabs and ends of lines that came in one go: typed ahead, or pasted into a terminal
    that does not mark a paste.

    Args:
        text: two characters at least.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Parser(XTermParser):
    """Textual's, with two shortcuts: runs of letters, and what a terminal marks as pasted."""

    def __init__(self) -> None:
        super().__init__()
        self._recent = ""
        self._pasted: str | None = None
        self._kept = 0
        self._pieces: list[str] = []

    def feed(self, data: str) -> Iterator[Message]:
        """The messages that a text means.

        Args:
            data: of any length; nothing: the end.
        """
        if not data:
            yield from super().feed(data)
        at = 0
        while at < len(data):
            if self._pasted is not None:
                at = self._take(data, at)
                if self._pasted is None:
                    yield from self._end_of_paste()
                continue
            is_at_rest = self._awaiting.timeout is None  # not within a sequence
            if is_at_rest and (run := _TEXT.match(data, at)):
                yield Typed(run[0])
                at = run.end()
                continue
            yield from super().feed(data[at])
            self._recent = (self._recent + data[at])[-len(_BEGIN) :]
            at += 1
            if self._recent == _BEGIN:
                self._pasted = ""

    def _take(self, data: str, at: int) -> int:
        """Take what was pasted; where it ends, if it does."""
        seen = (self._pasted or "") + data[at:]  # the mark of its end may come in two parts
        end = seen.find(_END)
        self._pasted = None if end >= 0 else seen[max(0, len(seen) - len(_END)) :]
        text = seen[: end if end >= 0 else -len(_END)]
        if room := MOST_PASTED - self._kept:
            self._pieces.append(text[:room])
            self._kept += len(self._pieces[-1])
        return len(data) if end < 0 else len(data) - (len(seen) - end - len(_END))

    def _end_of_paste(self) -> Iterator[Message]:
        # Textual's parser knows of the beginning, and has kept nothing
        for _ in super().feed(_END):
            pass
        text = "".join(self._pieces).replace("\0", "")
        self._pieces, self._kept, self._recent = [], 0, ""
        yield events.Paste(text)

    def keys(self, character: str) -> list[events.Key]:
        """What a letter of ``Typed`` is as a key."""
        return list(self._sequence_to_key_events(character))
