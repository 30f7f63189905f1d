"""The time that httpd is given for one thing, and who is told that it takes it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

_FIRST, _NEXT = 2.0, 10.0
"""Seconds until whoever waits is told of it, and from then on between two words."""
_TICK = 0.02


class Budget:
    """A number of seconds that everything done with it takes together.

    Args:
        seconds: in all, from now on.
        tell: called while they pass, with the whole seconds that it will take at most from then on.
    """

    def __init__(self, seconds: float, tell: Callable[[int], None] = lambda _: None) -> None:
        self.seconds = seconds
        self._tell = tell
        begun = time.monotonic()
        self._end = begun + seconds
        self._told = begun + _FIRST

    @property
    def left(self) -> float:
        """Seconds; 0 when they are over."""
        return max(0.0, self._end - time.monotonic())

    @property
    def patience(self) -> float:
        """Seconds until somebody has to be told, or they are over."""
        return min(self.left, max(0.0, self._told - time.monotonic()))

    def pause(self, seconds: float = _TICK) -> None:
        """Wait a moment, at most until they are over, and tell if it is time."""
        time.sleep(min(seconds, self.left))
        self.tell()

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Tell in another thread, while this one waits for something that does not."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(self.patience) and self.left:
                self.tell()

        watcher = threading.Thread(target=watch, name="budget")
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def tell(self) -> None:
        """Tell how long it takes at most, if it is time."""
        if time.monotonic() >= self._told and self.left:
            self._told = time.monotonic() + _NEXT
            self._tell(round(self.left))
