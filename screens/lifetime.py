"""How the application ends: left, by a signal, by a fault; and the change that it then makes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.app import App
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerState

from screens.ended import Ended
from screens.terminal.driver import Driver, TerminalGone
from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.change import DeployStep, Waiting

    Observer = Callable[[DeployStep | Waiting], None]

_LEAVING = (
    "A change is being written and will be finished first: the wizard leaves when that is done, "
    "and says on the terminal what came of it."
)
_BROKEN = (
    "The change was ended by a fault of proxy-wizard. How far it got says: "
    "proxy-wizard rollback --list\n"
)
_SECONDS: dict[SeverityLevel, float] = {"information": 4, "warning": 8, "error": 12}
"""That a notice stays: what only confirms a key is read at a glance."""
_WHOLE_CHANGE = 3600.0
"""Seconds that a notice stays at most: no change takes as long."""


class Making:
    """A change that is being made or was made; it needs no screen."""

    def __init__(self) -> None:
        self.steps: tuple[DeployStep | Waiting, ...] = ()
        self._ended: Future[Ended] = Future()

    @property
    def ended(self) -> Ended | None:
        """What came of it; None: it is being made."""
        return self._ended.result() if self._ended.done() else None

    def wait(self) -> Ended:
        """What came of it, once it is over."""
        return self._ended.result()

    def run(self, make: Callable[[Observer], Ended], told: Callable[[], None]) -> None:
        """Make it, in a thread of its own.

        Args:
            make: makes it, and calls its argument before each step and while it waits.
            told: called after each of these calls and at the end; neither waits nor raises.
        """

        def step(reached: DeployStep | Waiting) -> None:
            is_on = bool(self.steps) and not isinstance(reached, str)
            waits_on = is_on and not isinstance(self.steps[-1], str)  # one line counts down
            self.steps = (*(self.steps[:-1] if waits_on else self.steps), reached)
            told()

        try:
            self._ended.set_result(make(step))
        except BaseException:
            self._ended.set_result(Ended(Text(_BROKEN), ExitCode.UNKNOWN, leaves=True))
            raise
        finally:
            told()


class Lifetime(App[None]):
    """An application that is not left while it writes, and leaves the terminal as it was."""

    session: Session

    def __init__(self) -> None:
        super().__init__(driver_class=Driver)
        #: The last change that was begun here.
        self.change: Making | None = None
        #: The signal that told the application to end.
        self.signal: int | None = None
        #: The first fault of the application itself.
        self.fault: Exception | None = None
        self._turns: asyncio.AbstractEventLoop | None = None
        self._is_leaving = False

    def on_load(self) -> None:
        """Before the terminal is taken: a signal may have come already."""
        if self.signal is not None:
            self.exit()

    def on_ready(self) -> None:
        """The first screen is there: now a signal can end what it began."""
        self._turns = asyncio.get_running_loop()
        if self.signal is not None:
            self.leave()

    def end(self, number: int) -> None:
        """Leave because of a signal; called by its handler.

        Args:
            number: of the signal.
        """
        self.signal = self.signal or number
        if self._turns is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._turns.call_soon_threadsafe(self.leave)

    def on_terminal_gone(self, _: TerminalGone) -> None:
        """Leave as for SIGHUP, which may be ignored (nohup(1))."""
        self.signal = self.signal or signal.SIGHUP
        self.leave()

    def leave(self) -> None:
        """Leave; only a change that is being made is waited for."""
        self.session.stop()
        if not self.is_making:
            self.exit()
        elif not self._is_leaving:
            self._is_leaving = True
            self.notify(_LEAVING, severity="warning", timeout=_WHOLE_CHANGE)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice, as long as it takes to read.

        Args:
            message: what it says.
            title: above it.
            severity: how grave it is.
            timeout: seconds that it stays; None: as its severity needs.
            markup: whether the message is Textual's markup.
        """
        seconds = _SECONDS[severity] if timeout is None else timeout
        super().notify(message, title=title, severity=severity, timeout=seconds, markup=markup)

    def action_help_quit(self) -> None:
        """Ctrl+C ends nothing: it may have been meant for a copy of what is marked."""
        self.notify("q leaves the wizard; Ctrl+Q does so in a field, too.")

    async def action_quit(self) -> None:
        """Leave."""
        self.leave()

    def post(self, callback: Callable[..., None], *arguments: object) -> None:
        """From another thread: have something called in the application's, if it is there still.

        Not ``call_from_thread``: that waits for an application which may be closing, and raises.
        """
        with contextlib.suppress(RuntimeError):  # its loop is closed
            self.call_later(callback, *arguments)

    @property
    def is_making(self) -> bool:
        """Whether a change is being made."""
        return self.change is not None and self.change.ended is None

    def make_change(
        self, make: Callable[[Observer], Ended], show: Callable[[Making], None]
    ) -> None:
        """Begin to make a change, while no other is being made.

        Args:
            make: makes it, in a thread; it calls its argument before each step.
            show: called after each step and at the end, in the application's thread.
        """
        self.change = Making()
        self._make_change(self.change, make, show)

    @work(thread=True, group="deploy", description="deploy", exit_on_error=False)
    def _make_change(
        self, making: Making, make: Callable[[Observer], Ended], show: Callable[[Making], None]
    ) -> None:
        making.run(make, lambda: self.post(self._show_change, making, show))

    def _show_change(self, making: Making, show: Callable[[Making], None]) -> None:
        if making.ended and self._is_leaving:
            self.exit()
        else:
            show(making)

    def _handle_exception(self, error: Exception) -> None:
        """Every fault in a handler, a widget, a timer, Textual's reader: end, with our own report.

        Textual's would hold the value of every variable, the configuration's passwords too.
        """
        if self.fault is None and not self._exit:  # what is closed half drawn is none
            self.fault = self._exception = error
            self._exception_event.set()  # for Textual's own tests
            self._return_code = ExitCode.UNKNOWN
        self._close_messages_no_wait()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A worker's fault is one of the application: nobody waits for what failed."""
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self._handle_exception(event.worker.error)
