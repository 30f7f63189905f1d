"""What a signal does to a command: it ends it in order, or waits until a change is whole."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""A service manager, a closed terminal, Ctrl-\\. Python would end at once, past every
``finally``."""


def end_in_order() -> None:
    """From now on SIGTERM, SIGHUP and SIGQUIT end the process as an exception does: whatever is
    open is closed, what is temporary is removed. Ignored signals stay ignored (nohup(1))."""
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)  # the shell's own code for it


@contextlib.contextmanager
def answered(answer: Callable[[int], None]) -> Iterator[None]:
    """SIGINT, SIGTERM, SIGHUP and SIGQUIT call a function meanwhile, and do nothing else.

    Ignored signals stay ignored (nohup(1)).

    Args:
        answer: called with the signal's number, in the main thread, between any two steps of it.
    """
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, *_ENDING)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda came, _: answer(came))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def held(tell: Callable[[], None]) -> Iterator[None]:
    """Nothing interrupts what is done within; a signal that came takes effect afterwards.

    If what is done within fails, its exception counts, and no signal.

    Args:
        tell: called for each signal that comes meanwhile; as ``answer`` of ``answered``.

    Raises:
        KeyboardInterrupt: afterwards, for SIGINT.
        SystemExit: afterwards, for SIGTERM, SIGHUP and SIGQUIT.
    """
    came: list[int] = []

    def note(number: int) -> None:
        came.append(number)
        tell()

    with answered(note):
        yield
    if came:
        signal.raise_signal(came[0])
