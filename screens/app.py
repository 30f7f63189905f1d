"""The application: modes, keys, commands. Each step is a screen of its own."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.screen import Screen

from screens import order, preferences
from screens.course.changing import Changing
from screens.course.planning import Planning
from screens.course.probing import Probing
from screens.course.rehearsing import Rehearsing
from screens.decisions import digits
from screens.keyboard import Keyboard
from screens.session import EVERY_STEP, Session
from screens.steps.base import StepScreen
from screens.steps.case import CaseScreen
from screens.terminal import glyphs, palette
from screens.terminal.line_filter import chained
from screens.terminal.parser import Typed
from screens.terminal.stylesheet import ParsedOnce
from screens.texts.steps import STEPS
from wizard.engine.engine import Engine
from wizard.errors import ConfigError, UnreadableError, WizardError
from wizard.model.scope import Assumed, Scope
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from wizard.model.change import Change
    from wizard.model.route_id import RouteId

_DIGEST = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[:\s]{0,20}){31}[0-9A-Fa-f]{2}")
"""A SHA-256 fingerprint, on one line or folded."""


def _case() -> Screen[None]:
    return CaseScreen()


def _load() -> Screen[None]:
    from screens.steps.load import LoadScreen

    return LoadScreen()


def _probe() -> Screen[None]:
    from screens.steps.probe import ProbeScreen

    return ProbeScreen()


def _diagnose() -> Screen[None]:
    from screens.steps.diagnose import DiagnoseScreen

    return DiagnoseScreen()


def _fix() -> Screen[None]:
    from screens.steps.fix import FixScreen

    return FixScreen()


def _prove() -> Screen[None]:
    from screens.steps.prove import ProveScreen

    return ProveScreen()


class WizardApp(Probing, Planning, Rehearsing, Changing):
    """The terminal wizard.

    Args:
        scope: the configuration to open, and how to probe.
        encoding: of the terminal; None: the locale's.
        engine: what does the work.
        step_by_step: begin with step 1, and do nothing before its step is opened.
    """

    TITLE = "proxy-wizard"
    CSS_PATH = [  # noqa: RUF012  # Textual's own
        f"styles/{part}.tcss"
        for part in ("frames", "lists", "steps", "case", "dialogues", "notices")
    ]
    #: Each screen is imported when its step is first gone to: the first one is painted sooner.
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "case": _case,
        "load": _load,
        "probe": _probe,
        "diagnose": _diagnose,
        "fix": _fix,
        "prove": _prove,
    }
    DEFAULT_MODE = "case"
    ansi_theme_dark = Reactive(palette.ON_DARK, init=False)
    ansi_theme_light = Reactive(palette.ON_LIGHT, init=False)
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(s.number), f"step('{s.key}')", s.title, show=False, id=f"step.{s.key}",
                    tooltip=f"Step {s.number} in full")
            for s in STEPS
        ),
        Binding("0", "step('case')", "Case", show=False, id="step.case", tooltip="The case"),
        Binding("c", "copy", "Copy", show=False, id="copy", tooltip="Copy what is shown"),
        Binding("s", "save", "Save", id="save", tooltip="Save what is shown to a file"),
        Binding("question_mark", "help", "Keys", id="help", key_display="?",
                tooltip="The keys of what is shown, then all others"),
        Binding("f1", "help", "Keys", show=False, id="help.f1"),  # in a field ? is text
        Binding("d", "theme_toggle", "Dark or light", show=False, id="theme",
                tooltip="Dark or light colours; kept for the next start"),
        Binding("q", "quit", "Quit", id="quit", tooltip="Nothing is written by leaving"),
    ]  # fmt: skip

    def __init__(
        self,
        scope: Scope,
        *,
        encoding: str | None = None,
        engine: Engine | None = None,
        step_by_step: bool = False,
    ) -> None:
        super().__init__()
        self.stylesheet = ParsedOnce(self.get_css_variables())
        theme = preferences.load()
        if theme in self.available_themes:
            self.theme = theme
        self._first_reach = 1 if step_by_step else EVERY_STEP
        self.set_class(step_by_step, "-step-by-step")
        self.session = Session(scope, self._first_reach)
        self.engine = engine or Engine()
        self.glyphs = glyphs.for_encoding(encoding)
        #: The order of keys.
        self.keyboard = Keyboard(self, super().on_event)
        self._copied: set[str] = set()
        self._is_ready = False

    def on_load(self) -> None:
        """Let a task begin when its turn comes, on every Python, before the first screen is made.

        ``App.run`` makes tasks eager from Python 3.12 on, ``App.run_test`` never does. A screen
        then composes inside the call that makes it: before it is on the stack (for the one of
        DEFAULT_MODE: ScreenStackError, the wizard does not start), or below the screen of the mode
        that is about to be left. Reported to Textual as issue 6444, with pull request 6492, open;
        8.2.8 has it. To be removed when a release puts a screen on its stack before it composes it.
        """
        asyncio.get_running_loop().set_task_factory(None)

    def on_mount(self) -> None:
        """With 16 colours or none the styles tell more by lines and letters."""
        if not self.is_headless:
            self.set_class(self.console.color_system in (None, "standard"), "-few-colours")

    async def on_event(self, event: events.Event) -> None:
        """What comes from the terminal goes on in its order (``screens.keyboard``)."""
        if isinstance(event, events.Key | events.Paste | Typed) and not event.is_forwarded:
            await self.keyboard.take(event)
        else:
            await super().on_event(event)

    @property
    def is_behind(self) -> bool:
        """Whether the terminal's driver is to read no more for now."""
        return self.keyboard.is_behind

    def get_css_variables(self) -> dict[str, str]:
        """The theme's, and ``$marked``, in which what has the keys is drawn."""
        variables = super().get_css_variables()
        marked = "text-accent" if self.current_theme.dark else "primary"
        return {**variables, "marked": variables[marked]}

    @property
    def has_more_keys(self) -> bool:
        """Whether keys wait for the one that is being dealt with."""
        return self.keyboard.has_more

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own and those of ``screens.terminal.line_filter``, as one."""
        is_plain = self.no_color or self.has_class("-few-colours")
        is_ascii = self.glyphs is glyphs.ASCII
        textuals = tuple(super().get_line_filters())
        return [chained(self.ansi_theme, textuals, is_plain=is_plain, ascii_only=is_ascii)]

    @property
    def step(self) -> StepScreen | None:
        """The step screen in view (below whatever dialogue is open)."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, StepScreen)), None)

    def refresh_step(self) -> None:
        """The session changed: go on with what comes next, and redraw the screen in view."""
        if self._is_ready:
            self._go_on()
        self.show_step()

    def show_step(self) -> None:
        """Redraw the screen in view."""
        if self.step is not None and self.step.is_mounted and self._is_ready:
            self.step.redraw()

    def _go_on(self) -> None:
        """Do what comes next by itself."""
        work = order.next_work(self.session)
        if work == "probe":
            self.first_probe()
        elif work == "plan":
            self.begin_plan()
        elif work == "search":
            self.search()
        elif work == "rehearse":
            self.begin_rehearsal()
        elif self.session.is_wanted and not self.session.stops:
            self.session.is_wanted = False
            self.apply()

    def choose(self, route: RouteId) -> None:
        """Go to another route: the operator did."""
        session = self.session
        session.is_chosen = True
        if route != session.current:
            session.choose(route)
            session.done = None
            self.refresh_step()

    def narrowed_scope(self) -> Scope:
        """The scope, narrowed to the current route."""
        return replace(self.session.scope, target=self.session.route)

    def cancel(self) -> bool:
        """End what is under way, one work at a time.

        Returns:
            Whether anything was.
        """
        self.session.is_wanted = False
        return self.cancel_wait() or self.cancel_rehearsal() or self.cancel_probe()

    def read_again(
        self,
        *,
        path: str | None = None,
        host: str | None = None,
        resolve: tuple[Assumed, ...] | None = None,
        keep: bool = False,
    ) -> None:
        """Read the configuration; all earlier results are discarded.

        Args:
            path: another configuration, empty for the installed httpd's; None: the same.
            host: another Host header of the imagined client, empty for the virtual host's own
                name; None: the same.
            resolve: names that are taken to lead to an address; None: the same.
            keep: what came of the last change stays.
        """
        old = self.session
        old.stop()
        scope = old.scope
        if path is not None:
            scope = replace(scope, path=path or None)
        if host is not None:
            scope = replace(scope, host=host or None)
        if resolve is not None:
            scope = replace(scope, resolve=resolve)
        if path is None:
            self.session = Session(
                scope, old.reach, current=old.current, is_chosen=keep or old.is_chosen,
                done=old.done if keep else None,
            )  # fmt: skip
        else:
            self.session = Session(scope, self._first_reach)
        self.refresh_step()
        self._read(self.session)

    @work(thread=True, group="load", description="load", exit_on_error=False)
    def _read(self, session: Session) -> None:
        try:
            configuration = self.engine.about(session.scope).load(session.seen.append)
        except (WizardError, OSError) as problem:
            session.load_error = describe(problem, wizard=True)
            is_users = isinstance(problem, UnreadableError)  # httpd may read it
            refused = isinstance(problem, ConfigError) and problem.line > 0
            session.is_refused = refused and not is_users
        else:
            session.load(configuration)
        if session is self.session:
            self.post(self.refresh_step)

    def on_ready(self) -> None:
        """The first screen is there: begin once its footer, which comes later, is painted."""
        self.call_after_refresh(self.call_after_refresh, self._begin)

    async def _begin(self) -> None:
        if not gc.isenabled():  # the command line has it off until here
            gc.freeze()  # a collection over all imported modules would delay painting
            gc.enable()
            gc.set_threshold(20_000)  # each screen makes as many; of 700, a third of its time
        self._is_ready = True
        if self._first_reach < EVERY_STEP:
            self.switch_mode("load")
        self.read_again()
        self.read_changes()
        self._look_for_interrupted()

    @work(thread=True, group="changes", description="changes", exit_on_error=False)
    def _look_for_interrupted(self) -> None:
        try:
            found = self.engine.interrupted()
        except (WizardError, OSError):
            return  # the list of changes in step 5 says why it cannot be read
        if found is not None:
            self.post(self._offer, found)

    def _offer(self, change: Change) -> None:
        from screens.dialogues.interrupted import InterruptedDialogue

        def answered(answer: str | None) -> None:
            if answer == "undo":
                self.take_back(change)
            elif answer is not None:
                self.complete(change)

        self.push_screen(InterruptedDialogue(change), answered)

    def action_step(self, key: str) -> None:
        """Go to a step; ``case``: to the case. Nothing that was entered in another is lost."""
        number = next((step.number for step in STEPS if step.key == key), 0)
        self.session.reach = max(self.session.reach, number)
        if key != self.current_mode:
            self.switch_mode(key)
        self.refresh_step()

    def copy_to_clipboard(self, text: str) -> None:
        """Hand text to the terminal's clipboard; which fingerprints it holds is remembered."""
        self._copied.update(digits(found) for found in _DIGEST.findall(text))
        super().copy_to_clipboard(text)

    def was_copied(self, text: str) -> bool:
        """Whether a fingerprint was handed to the clipboard by this program."""
        return digits(text) in self._copied

    def action_copy(self) -> None:
        """Hand what this step shows to the terminal's clipboard (OSC 52)."""
        if self.step is None:
            return
        _, text = self.step.readable()
        self.copy_to_clipboard(text)
        # A terminal gives no answer to OSC 52: more than "sent" would be a guess.
        self.notify("Sent to the terminal's clipboard. If it does not arrive, save it with s.")

    def action_save(self) -> None:
        """Ask for a file and save what this step shows."""
        if self.step is None:
            return
        from screens.dialogues.save import SaveDialogue

        self.push_screen(SaveDialogue(*self.step.saved(), private=self.step.is_private()))

    def action_help(self) -> None:
        """Keys and hints."""
        from screens.dialogues.help import HelpDialogue

        self.push_screen(HelpDialogue())

    def action_theme_toggle(self) -> None:
        """Dark or light; kept for the next start."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"
        preferences.keep(self.theme)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action that has a key, in the command palette too."""
        from screens.commands import system_commands

        return system_commands(self, screen)
