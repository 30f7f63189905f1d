"""The wizard on the embedded lab: a list of lessons, each a broken proxy with a ticket."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Label, OptionList, Static
from textual.widgets.option_list import Option

from screens.app import WizardApp
from screens.dialogues.base import Dialogue
from screens.session import EVERY_STEP
from screens.terminal.glyphs import Glyphs
from screens.texts.ticket import ticket
from screens.widgets.key_bar import KeyBar
from wizard.demo.engine import LabEngine
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.exit_codes import ExitCode


class DemoApp(WizardApp):
    """The wizard, its configurations taken from the lab.

    Args:
        lab: running.
        lesson: to open first; None: the list of lessons.
        encoding: of the terminal; None: the locale's.
        step_by_step: begin with step 1, and do nothing before its step is opened.
    """

    CSS = """
    TicketDialogue #ticket { height: auto; min-height: 1; max-height: 75vh; }
    LessonsDialogue #ticket { height: 3fr; border-bottom: solid $surface-lighten-2; }
    LessonsDialogue #lessons { height: 2fr; }
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
        self._is_named = lesson is not None
        self._solved: set[str] = set()
        self._handed_on = ""
        super().__init__(
            lab.scope(self._lesson),
            encoding=encoding,
            engine=LabEngine(lab),
            step_by_step=step_by_step,
        )

    async def _begin(self) -> None:
        """Begin with the ticket of the lesson that was named, or with the list; above the screen
        with which the wizard begins."""
        await super()._begin()
        if self._is_named:
            self.push_screen(TicketDialogue(self._lab, self._lesson))
        else:
            self.action_lessons()

    def action_lessons(self) -> None:
        """Ticket and hint of the present lesson, and the list of the others."""

        def chosen(name: str | None) -> None:
            found = next((each for each in LESSONS if each.name == name), None)
            if found is not None:
                self._lesson = found
                self.read_again(path=self._lab.scope(found).path)
                self.action_step("case" if self.session.reach == EVERY_STEP else "load")

        self.push_screen(
            LessonsDialogue(self._lab, self._lesson, self._solved, self.glyphs), chosen
        )

    def action_copy(self) -> None:
        """Hand what is shown on; that may be what a lesson is about."""
        super().action_copy()
        self._hand_on()

    def action_save(self) -> None:
        """Hand what is shown on; that may be what a lesson is about."""
        super().action_save()
        self._hand_on()

    def _hand_on(self) -> None:
        self._handed_on = self._lesson.name
        self._look_whether_solved()

    def refresh_step(self) -> None:
        """See whether the lesson is solved, too."""
        super().refresh_step()
        self._look_whether_solved()

    def _look_whether_solved(self) -> None:
        if self._lesson.name not in self._solved and self._is_solved():
            self._solved.add(self._lesson.name)
            self.notify(f"Lesson solved: {self._lesson.title}. t lists the next one.")

    def _is_solved(self) -> bool:
        """By a change, or a look at its rehearsal in step 5. What the configuration cannot repair
        is solved by handing it on, or by a look at step 4."""
        session = self.session
        done = session.done
        if done is not None and done.deployed is not None and not done.undone:
            return done.ended.code is ExitCode.OK
        if session.plan is not None and session.plan.is_empty:
            seen = self._handed_on == self._lesson.name or self.current_mode == "fix"
            return self._lesson.repair == "backend" and seen
        if session.rehearsal is None or self.current_mode != "prove":
            return False
        last = session.rehearsal.last
        return last.proxied and not last.lets_in and not self._has_cause()

    def _has_cause(self) -> bool:
        """Whether what the lesson is about stays after the plan."""
        repair, current = self.session.repair, self.session.current
        after = repair.after.by_route if repair is not None and repair.after is not None else {}
        found = after[current].findings if current in after else ()
        return self._lesson.cause in {each.slug for each in found}


class _TicketDialogue(Dialogue):
    """Shows the ticket of a lesson, and its hint on demand.

    Args:
        lab: knows what was given.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "Hint", id="lessons.hint"),
        Binding("pagedown", "page(1)", "Ticket", id="lessons.page-down", priority=True,
                tooltip="Scroll the ticket down"),
        Binding("pageup", "page(-1)", "Ticket", show=False, id="lessons.page-up", priority=True,
                tooltip="Scroll the ticket up"),
        # a ticket that has room: these keys go to nobody else
        Binding("pagedown,pageup", "stay", show=False, priority=True),
        Binding("q", "app.quit", "Quit", id="lessons.quit"),
    ]  # fmt: skip

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab

    @property
    def lesson(self) -> Lesson:
        """Whose ticket is shown."""
        raise NotImplementedError

    def compose_ticket(self) -> ComposeResult:
        """The ticket, which scrolls."""
        with VerticalScroll(id="ticket"):
            yield Static("", id="ticket-text", markup=False)

    def show_ticket(self, *, hint: bool = False) -> None:
        """Show it from its beginning."""
        given = self._lab.given(self.lesson.name)
        self.query_one("#ticket-text", Static).update(ticket(self.lesson, given, hint=hint))
        self.query_one("#ticket", VerticalScroll).scroll_home(animate=False)
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is more only where not everything has room."""
        if action == "page":
            return self.query_one("#ticket", VerticalScroll).max_scroll_y > 0
        return super().check_action(action, parameters)

    def on_resize(self) -> None:
        """Another size has room for more or less."""
        self.call_after_refresh(self.refresh_bindings)

    def action_hint(self) -> None:
        """Show the hint above the ticket, where a small screen shows it too."""
        self.show_ticket(hint=True)

    def action_stay(self) -> None:
        """Nothing is to be scrolled."""

    def action_page(self, pages: int) -> None:
        """Scroll the ticket, wherever the focus is."""
        shown = self.query_one("#ticket", VerticalScroll)
        shown.scroll_relative(y=pages * max(1, shown.size.height - 1), animate=False)


class TicketDialogue(_TicketDialogue):
    """The ticket of the lesson that was named; Enter begins.

    Args:
        lab: knows what was given.
        lesson: whose ticket it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Begin", id="ticket.begin"),
        Binding("escape", "leave", "Close", show=False, id="ticket.close"),
    ]

    def __init__(self, lab: Lab, lesson: Lesson) -> None:
        super().__init__(lab)
        self._lesson = lesson

    @property
    def lesson(self) -> Lesson:
        """Whose ticket is shown."""
        return self._lesson

    def compose(self) -> ComposeResult:
        """The ticket alone."""
        with Vertical(classes="dialogue"):
            yield Label(f"Ticket: {self._lesson.title}", classes="title", markup=False)
            yield from self.compose_ticket()
        yield KeyBar()

    def on_mount(self) -> None:
        """The ticket."""
        self.show_ticket()


class LessonsDialogue(_TicketDialogue):
    """The list of lessons, below the ticket of the marked one.

    Args:
        lab: knows what was given.
        current: the lesson that is open.
        solved: names of those that are done.
        glyphs: the signs of this terminal.
    """

    AUTO_FOCUS = "#lessons"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="lessons.close"),
    ]

    def __init__(self, lab: Lab, current: Lesson, solved: set[str], glyphs: Glyphs) -> None:
        super().__init__(lab)
        self._current = current
        self._solved = solved
        self._glyphs = glyphs
        self._described = ""
        self._marked = current

    def compose(self) -> ComposeResult:
        """The ticket above, the list below."""
        done = f" · {len(self._solved)} of {len(LESSONS)} solved" if self._solved else ""
        with Vertical(classes="dialogue high"):
            yield Label(f"Lessons: Enter opens the marked one{done}", classes="title")
            yield from self.compose_ticket()
            yield OptionList(*(Option(self._line(lesson)) for lesson in LESSONS), id="lessons")
        yield KeyBar()

    def on_mount(self) -> None:
        """The present lesson first."""
        self.query_one(OptionList).highlighted = LESSONS.index(self._current)

    def _line(self, lesson: Lesson, *, marked: bool = False) -> Table:
        line = Table.grid(padding=(0, 1))  # a title that has no room goes on below itself
        line.add_column(width=1)
        line.add_column(style="green", width=1)
        line.add_column(style="bold", width=20)
        done = self._glyphs.good if lesson.name in self._solved else ""
        line.add_row(self._glyphs.mark if marked else "", done, lesson.name, lesson.title)
        return line

    @property
    def lesson(self) -> Lesson:
        """The marked one."""
        return LESSONS[self.query_one(OptionList).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        options = self.query_one(OptionList)
        for lesson in {self._marked, self.lesson}:  # seen without colour, too
            at, marked = LESSONS.index(lesson), lesson == self.lesson
            options.replace_option_prompt_at_index(at, self._line(lesson, marked=marked))
        self._marked = self.lesson
        if self.lesson.name != self._described:  # a hint that was asked for meanwhile stays
            self._describe(hint=False)

    def _describe(self, *, hint: bool) -> None:
        self._described = self.lesson.name
        self.show_ticket(hint=hint)

    def action_hint(self) -> None:
        """Show the hint above the ticket."""
        self._describe(hint=True)

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.dismiss(self.lesson.name)
