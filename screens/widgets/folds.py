"""Lines that unfold, one of them marked; and a labelled part of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from screens.terminal.glyphs import Glyphs


class Line(Protocol):
    """A line that unfolds."""

    @property
    def key(self) -> str:
        """What it is; the same as long as it is about the same."""

    @property
    def head(self) -> Text:
        """The line."""

    @property
    def body(self) -> Text | None:
        """What is below it when it is unfolded; None: it opens a view of its own."""


class FoldLine(Vertical):
    """A line, and below it what it unfolds to."""

    DEFAULT_CSS = """
    FoldLine { height: auto; }
    FoldLine > Static { height: auto; width: 100%; }
    FoldLine > .fold-body { padding: 0 0 0 4; max-width: 104; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._head = Static("", markup=False)
        self._body = Static("", markup=False, classes="fold-body")

    def compose(self) -> ComposeResult:
        """Both."""
        yield self._head
        yield self._body

    def put(self, line: Line, sign: str, *, marked: str, is_open: bool) -> None:
        """Show a line.

        Args:
            line: it.
            sign: whether it is unfolded.
            marked: the mark before it; a blank: it is another that is marked.
            is_open: whether it is unfolded.
        """
        style = "bold" if marked.strip() else ""
        self._head.update(Text.assemble((f"{marked} {sign} ", style), line.head))
        self._body.update(line.body if is_open and line.body is not None else Text(""))
        self._body.display = is_open and line.body is not None


class Folds(Vertical):
    """The lines of a page that unfold; the keys go to the page, which moves the mark.

    Args:
        name: its id.
        glyphs: the signs of this terminal.
    """

    DEFAULT_CSS = "Folds { height: auto; padding: 0 1; }"

    def __init__(self, name: str, glyphs: Glyphs) -> None:
        super().__init__(id=name, classes="frame")
        self._glyphs = glyphs
        self._signs = glyphs.folded, glyphs.unfolded
        self._lines: tuple[Line, ...] = ()
        self._widgets: list[FoldLine] = []
        self._open: set[str] = set()
        self._marked = 0

    def forget(self) -> None:
        """Fold everything, and mark the first line: the page is about something else."""
        self._open.clear()
        self._marked = 0

    def put(self, lines: Sequence[Line]) -> None:
        """Show lines; what is unfolded stays so.

        Args:
            lines: from top to bottom.
        """
        self._lines = tuple(lines)
        self._marked = min(self._marked, max(0, len(self._lines) - 1))
        more = [FoldLine() for _ in range(len(self._lines) - len(self._widgets))]
        if more:
            self._widgets += more
            self.mount_all(more)
        for widget in self._widgets[len(self._lines) :]:
            widget.display = False
        self._draw()

    def _draw(self) -> None:
        for number, (line, widget) in enumerate(zip(self._lines, self._widgets, strict=False)):
            is_open = line.key in self._open
            mark = self._glyphs.mark if number == self._marked else " "
            widget.display = True
            widget.put(line, self._signs[is_open], marked=mark, is_open=is_open)

    @property
    def marked(self) -> Line | None:
        """The line that Enter is about; None: there is none."""
        return self._lines[self._marked] if self._lines else None

    @property
    def is_unfolded(self) -> bool:
        """Whether the marked line is unfolded."""
        return self.marked is not None and self.marked.key in self._open

    def line(self, by: int = 0) -> FoldLine | None:
        """What shows the marked line.

        Args:
            by: so many lines below it.

        Returns:
            None: there is no line.
        """
        place = self._marked + by
        return self._widgets[place] if 0 <= place < len(self._lines) else None

    def move(self, by: int) -> None:
        """Mark another line.

        Args:
            by: how many lines further down.
        """
        self._marked = max(0, min(self._marked + by, len(self._lines) - 1))
        self._draw()

    def toggle(self) -> None:
        """Unfold the marked line, or fold it."""
        if self.marked is not None:
            self._open ^= {self.marked.key}
            self._draw()


class Labelled(Horizontal):
    """A label, and what it is about beside it; gone when it has no text.

    Args:
        name: its id.
    """

    DEFAULT_CSS = """
    Labelled { height: auto; max-width: 104; }
    Labelled > .label { width: 15; height: auto; color: $text-muted; }
    Labelled > .place { height: auto; color: $text-muted; }
    Labelled > .text { width: 1fr; height: auto; }
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self._label = Static("", markup=False, classes="label")
        self._place = Static("", markup=False, classes="place")
        self._text = Static("", markup=False, classes="text")
        self.text = Text("")

    def compose(self) -> ComposeResult:
        """Side by side."""
        yield self._label
        yield self._place
        yield self._text

    def put(self, label: Text, text: Text, place: str = "", wide: int = 0) -> None:
        """Show a text; an empty one: nothing.

        Args:
            label: on its left.
            text: safe to print.
            place: where it stands, between them; safe to print.
            wide: columns of ``place``.
        """
        self._place.display = bool(wide)
        self._place.styles.width = wide
        self._place.update(place)
        self.display = bool(text.plain.strip())
        self.text = text
        self._label.update(label)
        self._text.update(text)
