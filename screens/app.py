"""The application: modes, keys, commands. Each step is a screen of its own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from screens.keyboard import Keyboard
from screens.lifetime import Lifetime
from screens.session import Session
from screens.steps.base import StepScreen
from screens.steps.load import LoadScreen
from screens.terminal import glyphs
from screens.terminal.contrast import Contrast
from screens.terminal.parser import Typed
from screens.terminal.sanitize import Sanitizer
from screens.texts.steps import STEPS
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.model.scope import Assumed, Scope
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from textual.filter import LineFilter

    from wizard.model.change import Change


def _load() -> Screen[None]:
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


class WizardApp(Lifetime):
    """The terminal wizard.

    Args:
        scope: the configuration to open, and how to probe.
        encoding: of the terminal; None: the locale's.
        engine: what does the work.
    """

    TITLE = "proxy-wizard"
    CSS_PATH = "styles/wizard.tcss"
    #: Each screen is imported when its step is first gone to: the first one is painted sooner.
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "load": _load,
        "probe": _probe,
        "diagnose": _diagnose,
        "fix": _fix,
        "prove": _prove,
    }
    DEFAULT_MODE = "load"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(s.number), f"step('{s.key}')", s.title, show=False, id=f"step.{s.key}")
            for s in STEPS
        ),
        Binding("n", "move(1)", "Next", id="step.next", tooltip="The next step"),
        Binding("b", "move(-1)", "Back", show=False, id="step.back", tooltip="The step before"),
        Binding("y", "copy", "Copy", id="copy", tooltip="Copy what this step shows"),
        Binding("s", "save", "Save", id="save", tooltip="Save what this step shows to a file"),
        Binding("question_mark", "help", "Help", id="help", key_display="?"),
        Binding("f1", "help", "Help", id="help.f1"),  # in a field ? is text
        Binding("d", "theme_toggle", "Dark or light", show=False, id="theme"),
        Binding("q", "quit", "Quit", id="quit", tooltip="Nothing is written by leaving"),
    ]

    def __init__(
        self, scope: Scope, *, encoding: str | None = None, engine: Engine | None = None
    ) -> None:
        super().__init__()
        self.session = Session(scope)
        self.engine = engine or Engine()
        self.glyphs = glyphs.for_encoding(encoding)
        #: What the operator wants done with an interrupted change; step 5 does it.
        self.settling: tuple[str, Change] | None = None
        #: The order of keys.
        self.keyboard = Keyboard(self, super().on_event)
        self._sanitizer = Sanitizer(ascii_only=self.glyphs is glyphs.ASCII)

    def on_load(self) -> None:
        """Let a task begin when its turn comes, on every Python, before the first screen is made.

        ``App.run`` makes tasks eager from Python 3.12 on, ``App.run_test`` never does. A screen
        then composes inside the call that makes it: before it is on the stack (for the one of
        DEFAULT_MODE: ScreenStackError, the wizard does not start), or below the screen of the mode
        that is about to be left. Reported to Textual as issue 6444, with pull request 6492, open;
        8.2.8 has it. To be removed when a release puts a screen on its stack before it composes it.
        """
        asyncio.get_running_loop().set_task_factory(None)

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

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then legible colours and no control characters."""
        contrast = [Contrast()] if self.no_color else []
        return [*super().get_line_filters(), *contrast, self._sanitizer]

    @property
    def step(self) -> StepScreen | None:
        """The step screen in view (below whatever dialogue is open)."""
        return next((s for s in reversed(self.screen_stack) if isinstance(s, StepScreen)), None)

    def refresh_step(self) -> None:
        """The session changed: redraw the step in view."""
        if self.step is not None and self.step.is_mounted:
            self.step.show()

    def narrowed_scope(self) -> Scope:
        """The scope, narrowed to the current route."""
        route = self.session.route
        return replace(self.session.scope, target=route)

    def read_again(
        self,
        *,
        path: str | None = None,
        host: str | None = None,
        resolve: tuple[Assumed, ...] | None = None,
    ) -> None:
        """Read the configuration; all earlier results are discarded.

        Args:
            path: another configuration, empty for the installed httpd's; None: the same.
            host: another Host header of the imagined client, empty for the virtual host's own
                name; None: the same.
            resolve: names that are taken to lead to an address; None: the same.
        """
        self.session.stop()
        scope = self.session.scope
        if path is not None:
            scope = replace(scope, path=path or None)
        if host is not None:
            scope = replace(scope, host=host or None)
        if resolve is not None:
            scope = replace(scope, resolve=resolve)
        current = self.session.current if path is None else None
        self.session = Session(scope, current=current)
        self.refresh_step()
        self._read(self.session)

    @work(thread=True, group="load", description="load", exit_on_error=False)
    def _read(self, session: Session) -> None:
        try:
            configuration = self.engine.about(session.scope).load(session.seen.append)
        except (WizardError, OSError) as problem:
            session.load_error = describe(problem, wizard=True)
        else:
            session.load(configuration)
        if session is self.session:
            self.call_from_thread(self.refresh_step)

    def on_ready(self) -> None:
        """The first screen is there: complete it once its footer, which comes later, is painted."""
        self.call_after_refresh(self.call_after_refresh, self._begin)

    async def _begin(self) -> None:
        if not gc.isenabled():  # the command line has it off until here
            gc.freeze()  # a collection over all imported modules would delay painting
            gc.enable()
        if isinstance(self.step, LoadScreen):
            await self.step.complete()
        self.read_again()
        self._look_for_interrupted()

    @work(thread=True, group="changes", description="changes", exit_on_error=False)
    def _look_for_interrupted(self) -> None:
        try:
            found = self.engine.interrupted()
        except (WizardError, OSError):
            return  # the list of changes in step 5 says why it cannot be read
        if found is not None:
            self.call_from_thread(self._offer, found)

    def _offer(self, change: Change) -> None:
        from screens.dialogues.interrupted import InterruptedDialogue

        def answered(answer: str | None) -> None:
            if answer is not None:
                self.settling = answer, change
                self.switch_mode("prove")
                self.refresh_step()

        self.push_screen(InterruptedDialogue(change), answered)

    def action_step(self, key: str) -> None:
        """Go to a step; nothing that was entered in another is lost."""
        self.switch_mode(key)

    def action_move(self, by: int) -> None:
        """Go to the next or the previous step."""
        keys = [step.key for step in STEPS]
        place = keys.index(self.current_mode) + by
        if 0 <= place < len(keys):
            self.switch_mode(keys[place])

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
        """Dark or light."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key, in the command palette too."""
        yield SystemCommand("Theme", "Dark or light", self.action_theme_toggle)
        seen = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.system or not binding.description or binding.action in seen:
                continue
            if binding.id is None:  # a widget's own key (cursor movement …)
                continue
            seen.add(binding.action)
            node, action = active.node, binding.action
            yield SystemCommand(
                binding.description,
                binding.tooltip or f"Key {self.get_key_display(binding)}",
                lambda node=node, action=action: self.call_later(self.run_action, action, node),
            )
