"""One framed question: which CA httpd may trust, the best answer marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.terminal.glyphs import Glyphs
from screens.texts import question as texts

if TYPE_CHECKING:
    from screens.session import Session
    from screens.texts.question import Answer

_LABELS = {
    "file": "Trust it", "refused": "Why not", "other": "Choose it", "fingerprint": "Compare it",
    "owner": "Show it",
}  # fmt: skip

_FOLLOWS = {
    "file": "Enter trusts the marked one for this proxy only; nothing is written yet.",
    "refused": "Enter says why this one would not help; nothing is written yet.",
    "other": "Enter asks for the file; nothing is written yet.",
    "fingerprint": "Enter asks for the fingerprint that its owner tells; nothing is written yet.",
    "owner": "Enter shows the text for the owner; nothing is written yet.",
}
"""What Enter does with an answer."""
_FRAME, _MARK = 6, 4
"""Columns of the frame with the scroll bar, and of the mark before an answer."""
_LEAST, _MOST = 4, 12
"""Rows of the answers; more are scrolled."""


class Question(Vertical):
    """The answers as a list; Enter takes the marked one.

    Args:
        glyphs: the signs of this terminal.
    """

    class Answered(Message):
        """An answer was taken.

        Args:
            answer: which.
        """

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    class Marked(Message):
        """Another answer is marked.

        Args:
            file: of the CA that it trusts; empty: it trusts none.
        """

        def __init__(self, file: str) -> None:
            super().__init__()
            self.file = file

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="question", classes="question")
        self._glyphs = glyphs
        self._answers: tuple[Answer, ...] = ()
        self._problem = ""
        self._notes: list[str] = []
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """The list; below it what follows from an answer."""
        yield OptionList(id="answers", markup=False)
        yield Static("", id="question-notes", markup=False)

    def show(self, session: Session, width: int, *, asks: bool) -> None:
        """Show the answers of the present question.

        Args:
            session: has the CAs that were found.
            width: columns of the question with its frame.
            asks: whether there is a question.
        """
        self.display = asks
        if not asks:
            self._shown = None
            return
        self.border_title = Text(texts.title(session))
        looking = session.authorities is None and not session.search_error
        state = (
            session.current, session.authorities, session.search_error, width,
            session.plan_error, session.decisions.trust,
        )  # fmt: skip
        if looking:
            self._forget()
            self.query_one("#question-notes", Static).update("Looking for it on this machine …")
            return
        if state == self._shown:
            return
        self._shown = state
        self._fill(session, width)

    def _forget(self) -> None:
        """No answer: those of an earlier question answer none that comes."""
        self._shown = None
        if self._answers:
            self._answers = ()
            self.query_one(OptionList).clear_options()

    def _fill(self, session: Session, width: int) -> None:
        options = self.query_one(OptionList)
        self._answers = texts.answers(session, self._glyphs, max(40, width - _FRAME) - _MARK)
        options.clear_options()
        options.add_options(
            Option(self._row(answer, 0, at)) for at, answer in enumerate(self._answers)
        )
        options.highlighted = 0
        self._problem = texts.problem(session)
        none = "" if self._answers[0].kind == "file" else "None was found on this machine."
        self._notes = [none, session.search_error, *texts.passed_over(session)]
        self._tell()

    def _tell(self) -> None:
        """What follows from the marked answer, and what is to be known of all."""
        follows = _FOLLOWS[self.marked.kind] if self.marked else ""
        told = Text("\n".join(filter(None, [*self._notes[:1], follows, *self._notes[1:]])))
        if self._problem:
            told = Text.assemble((f"{self._glyphs.warn} {self._problem}\n", "yellow"), told)
        self.query_one("#question-notes", Static).update(told)

    def _row(self, answer: Answer, marked: int, at: int) -> Table:
        """An answer in the list, with the mark in a column of its own."""
        row = Table.grid(padding=(0, 1))
        row.add_column(width=1, style="bold")
        row.add_column()
        row.add_row(self._glyphs.mark if at == marked else "", answer.text)
        return row

    def fit(self, room: int) -> None:
        """Show as many answers as there is room for: the frame and what follows stay in view.

        Args:
            room: rows for the whole.
        """
        options = self.query_one(OptionList)
        beside = self.outer_size.height - options.outer_size.height
        options.styles.max_height = max(_LEAST, min(_MOST, room - beside))

    @property
    def marked(self) -> Answer | None:
        """The answer that Enter takes."""
        at = self.query_one(OptionList).highlighted
        return self._answers[at] if at is not None and at < len(self._answers) else None

    @property
    def enter_label(self) -> str:
        """What Enter does."""
        return _LABELS[self.marked.kind] if self.marked else ""

    def take(self) -> None:
        """Take the marked answer."""
        if self.marked is not None:
            self.post_message(self.Answered(self.marked))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter in the list."""
        event.stop()
        self.take()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Enter may do something else now: move the mark."""
        event.stop()
        options = self.query_one(OptionList)
        for at, answer in enumerate(self._answers):
            if at < options.option_count:
                row = self._row(answer, event.option_index, at)
                options.replace_option_prompt_at_index(at, row)
        self._tell()
        self.screen.refresh_bindings()
        marked = self.marked
        file = marked.file if marked is not None and marked.kind == "file" else ""
        self.post_message(self.Marked(file))
