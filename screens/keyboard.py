"""The order of keys: each finds the screen and the field that the one before it has opened.

Textual hands a key to whatever has the focus when it comes. A key that opens a dialogue or a field
takes a moment, and letters that come meanwhile (typed ahead, sent by a program, pasted into a
terminal that does not mark a paste) would be commands of the screen below. So a key waits until the
one before it has done its work, and letters for a field go into it in one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakSet

from textual import events
from textual.app import App, ScreenStackError
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from screens.steps.base import StepScreen
from screens.terminal.parser import Parser, Typed
from screens.widgets import keys

LONGEST_LINE: Final = 4096
"""Characters of a field of one line: of a path, as the kernel has it (PATH_MAX)."""
_BEHIND = 64
"""Keys that wait; then no more are read from the terminal."""
_MOMENT = 2.0
"""Seconds that a key waits for the one before it."""
_HELD = 0.15
"""Seconds between the repeats of a key that is held down, at most: 0.09 on Linux's console."""
_LOOK = 0.005
"""Seconds between two looks."""
_MOST_COMMANDS = 32
"""Letters in one go that may be commands; more are a text that was pasted beside a field."""
_SAME_TEXT = 0.5
"""Seconds within which what comes belongs to the text before it."""
_EDITING = frozenset({"ctrl+", "left", "right", "home", "end", "backs", "delet"})
"""How keys begin that change what stands in a field, and where: no message follows from them."""
_LEAVE = "ctrl+q"
"""Leaves from everywhere: Textual's own, and an answer to no question."""
_BESIDE = "Text came where no field is. To explain a log, go to step 3 and press e first."
_BLANK = re.compile(r"[\t\r\n]")
_ROUNDS = 3
"""How often a key's way is gone along: a command of a widget may be a message to the next."""


class Keyboard:
    """Hands keys, letters and pastes on, one after another.

    Args:
        app: whose they are.
        deliver: hands one event to what has the focus: Textual's own way.
    """

    def __init__(self, app: App[None], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[events.Event] = deque()
        self._is_working = False
        self._beside = -_SAME_TEXT
        self._opened: WeakSet[Screen[Any]] = WeakSet()
        self._opener: tuple[Screen[Any], str, float] | None = None
        self._parser = Parser()

    @property
    def is_behind(self) -> bool:
        """Whether no more is to be read for now."""
        return len(self._waiting) > _BEHIND

    @property
    def has_more(self) -> bool:
        """Whether keys wait for the one that is being handed on."""
        return bool(self._waiting)

    async def take(self, event: events.Event) -> None:
        """Take a key, letters or a paste that came from the terminal."""
        is_letter = isinstance(event, events.Key) and event.is_printable
        if is_letter and not self._is_working and self._field() is not None:
            await self._deliver(event)
            return
        self._waiting.append(event)
        if not self._is_working:
            self._is_working = True
            self._app.run_worker(self._work(), group="keyboard", exit_on_error=False)

    async def _work(self) -> None:
        try:
            await self._settled()
            while self._waiting:
                event = self._waiting.popleft()
                if self._is_held(event):
                    continue
                if isinstance(event, Typed):
                    await self._type(event.text)
                else:
                    await self._press(event)
        finally:
            self._is_working = False

    def _is_held(self, event: events.Event) -> bool:
        """Whether a key is the one that opened the question in view, and was not let go since: a
        ``y`` that is held down answers one question, not the next."""
        if self._opener is None:
            return False
        screen, key, moment = self._opener
        if isinstance(event, Typed) and len(set(event.text)) == 1:
            pressed = self._key(event.text[0]).key
        else:
            pressed = getattr(event, "key", "")
        same = pressed == key and event.time - moment < _HELD
        if not same or self._app.screen is not screen:
            self._opener = None
            return False
        self._opener = screen, key, event.time
        return True

    async def _type(self, text: str) -> None:
        """Letters that came in one go: into the field that has the focus, as far as there is one.

        The first goes in as a key does: a field may have its own way with it.
        """
        commands = 0
        while text:
            field = self._field()
            if field is None and time.monotonic() - self._beside < _SAME_TEXT:
                self._beside = time.monotonic()  # still the same text
                return
            if isinstance(field, TextArea):
                await self._deliver(events.Paste(text))
                return
            line = _BLANK.split(text, maxsplit=1)[0] if field is not None else ""
            if isinstance(field, Input) and line:
                await self._deliver(self._key(line[0]))
                field.call_later(_insert, field, line[1:])
                text = text[len(line) :]
                continue
            commands += 1
            if commands > _MOST_COMMANDS:
                self._beside = time.monotonic()
                self._app.notify(_BESIDE, severity="warning")
                return
            if not await self._press(self._key(text[0])):
                return
            text = text[1:]

    async def _press(self, event: events.Event) -> bool:
        """Hand an event on, and wait until it has done its work.

        Returns:
            Whether what came after it may be handed on, too: it is no answer to a question that
            nobody had seen yet.
        """
        screen = self._app.screen
        target = screen.focused or screen
        if isinstance(event, events.Paste) and isinstance(target, Input):
            line = event.text.strip("\r\n")[:LONGEST_LINE].splitlines()
            event.text = "".join(filter(str.isprintable, line[0])) if line else ""
        if isinstance(event, events.Key) and (reason := keys.why_not(screen, event.key)):
            self._app.notify(reason, markup=False)
        await self._deliver(event)
        is_edit = self._field() is not None and getattr(event, "key", "")[:5] in _EDITING
        opened = math.inf
        for _ in range(1 if is_edit else _ROUNDS):
            for pump in target.ancestors_with_self:
                passed = asyncio.Event()
                if pump.call_later(passed.set):
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(passed.wait(), _MOMENT)
                if self._app.screen is not screen:
                    opened = min(opened, time.monotonic())
        opened = min(opened, time.monotonic())
        await self._settled()
        now = self._app.screen
        if now is screen or not isinstance(now, ModalScreen) or self._field() is not None:
            return True
        self._opener = now, getattr(event, "key", ""), event.time
        self._waiting = deque(
            each
            for each in self._waiting
            if each.time > opened or getattr(each, "key", "") == _LEAVE
        )
        return False

    async def _settled(self) -> None:
        """Wait until the screen in view has drawn itself, and what is to have the focus has it."""
        end = time.monotonic() + _MOMENT
        while not self._is_settled() and time.monotonic() < end:
            await asyncio.sleep(_LOOK)
        with contextlib.suppress(ScreenStackError):
            self._opened.add(self._app.screen)  # where nothing can have the focus: waited for once
            self._forget_due(self._app.screen)

    def _is_settled(self) -> bool:
        try:
            screen = self._app.screen
        except ScreenStackError:
            return False
        if isinstance(screen, StepScreen) and screen.focus_due is not None:
            if screen.focused is not screen.focus_due:
                return False
            self._forget_due(screen)
        if screen.focused is not None:
            self._opened.add(screen)
        return screen in self._opened

    def _forget_due(self, screen: Screen[Any]) -> None:
        if isinstance(screen, StepScreen):
            screen.focus_due = None

    def _field(self) -> Widget | None:
        """What takes letters as text just now."""
        with contextlib.suppress(ScreenStackError):
            focused = self._app.screen.focused
            if isinstance(focused, Input | TextArea) and not focused.disabled:
                return focused
        return None

    def _key(self, character: str) -> events.Key:
        return self._parser.keys(character)[0]


def _insert(field: Input, text: str) -> None:
    room = (field.max_length or LONGEST_LINE) - len(field.value)
    if text[:room]:
        field.insert_text_at_cursor(text[:room])
