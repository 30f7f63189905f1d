"""The wizard on the embedded lab: a list of lessons, each a broken proxy with a ticket."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from screens.app import WizardApp
from screens.dialogues.base import Dialogue
from screens.terminal.glyphs import Glyphs
from screens.widgets.key_bar import KeyBar
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.engine.engine import Engine


class DemoApp(WizardApp):
    """The wizard, its configurations taken from the lab.

    Args:
        lab: running.
        lesson: to open first; None: the list of lessons.
        encoding: of the terminal; None: the locale's.
        step_by_step: begin with step 1, and do nothing before its step is opened.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "lessons", "Lessons", id="demo.lessons", tooltip="Ticket, hint, other lessons")
    ]

    def __init__(
        self,
        lab: Lab,
        lesson: str | None = None,
        *,
        encoding: str | None = None,
        step_by_step: bool = False,
    ) -> None:
        self._lab = lab
        self._lesson = next((each for each in LESSONS if each.name == lesson), LESSONS[0])
        self._ask_first = lesson is None
        self._solved: set[str] = set()
        super().__init__(
            lab.scope(self._lesson),
            encoding=encoding,
            engine=Engine(resolver=lab.resolver, state=lab.state),
            step_by_step=step_by_step,
        )

    def on_ready(self) -> None:
        """Begin with the list, unless a lesson was named; Textual calls the wizard's own too."""
        if self._ask_first:
            self.action_lessons()

    def action_lessons(self) -> None:
        """Ticket and hint of the present lesson, and the list of the others."""

        def chosen(name: str | None) -> None:
            found = next((each for each in LESSONS if each.name == name), None)
            if found is not None:
                self._lesson = found
                self.read_again(path=self._lab.scope(found).path)
                self.action_step("case")

        self.push_screen(
            LessonsDialogue(self._lab, self._lesson, self._solved, self.glyphs), chosen
        )

    def refresh_step(self) -> None:
        """See whether the lesson is solved, too."""
        super().refresh_step()
        if self._lesson.name not in self._solved and self._is_solved():
            self._solved.add(self._lesson.name)
            self.notify(f"Lesson solved: {self._lesson.title}. Press t for the next one.")

    def _is_solved(self) -> bool:
        """By a rehearsal, without httpd by the verdict; or nothing can be repaired here."""
        session = self.session
        if session.repair is None:
            return False
        if session.repair.plan.is_empty:
            return self._lesson.repair == "backend"
        if session.rehearsal is not None:
            return session.rehearsal.last.proxied and not session.rehearsal.last.lets_in
        after = session.repair.after
        return bool(session.rehearsal_error) and (
            after is not None and all(d.verdict.outcome == "ok" for d in after.diagnoses)
        )


class LessonsDialogue(Dialogue):
    """The list of lessons with the ticket of each.

    Args:
        lab: for the names of its files.
        current: the lesson that is open.
        solved: names of those that are done.
        glyphs: the signs of this terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="lessons.close"),
        Binding("h", "hint", "Hint", id="lessons.hint"),
        Binding("q", "app.quit", "Quit", id="lessons.quit"),
    ]

    def __init__(self, lab: Lab, current: Lesson, solved: set[str], glyphs: Glyphs) -> None:
        super().__init__()
        self._lab = lab
        self._current = current
        self._solved = solved
        self._glyphs = glyphs
        self._described = ""

    def compose(self) -> ComposeResult:
        """The list above, the ticket below."""
        with Vertical(classes="dialogue tall"):
            yield Label("Lessons: Enter opens one, h gives a hint", classes="title")
            yield OptionList(*(Option(self._line(lesson)) for lesson in LESSONS), id="lessons")
            with VerticalScroll(id="ticket"):
                yield Static("", id="ticket-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """The present lesson first."""
        self.query_one(OptionList).highlighted = LESSONS.index(self._current)

    def _line(self, lesson: Lesson) -> Table:
        line = Table.grid(padding=(0, 1))  # a title that has no room goes on below itself
        line.add_column(style="green", width=1)
        line.add_column(style="bold", width=20)
        line.add_row(self._glyphs.good if lesson.name in self._solved else "", lesson.name,
                     lesson.title)  # fmt: skip
        return line

    @property
    def _lesson(self) -> Lesson:
        return LESSONS[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        if self._lesson.name != self._described:  # a hint that was asked for meanwhile stays
            self._show(hint=False)

    def _show(self, *, hint: bool) -> None:
        lesson = self._lesson
        self._described = lesson.name
        text = Text()
        if hint:
            text.append_text(Text.assemble(("Hint: ", "bold"), f"{lesson.hint}\n\n"))
        text.append(f"“{lesson.ticket}”\n\n")
        text.append_text(Text.assemble(("Look at: ", "bold"), f"{lesson.look_at}\n"))
        for given in self._lab.ca_files(lesson):
            text.append_text(Text.assemble(("The CA's owner gave you: ", "bold"), f"{given}\n"))
        self.query_one("#ticket-text", Static).update(text)

    def action_hint(self) -> None:
        """Show the hint above the ticket, where a small screen shows it too."""
        self._show(hint=True)
        self.query_one("#ticket", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.dismiss(self._lesson.name)
