"""Waiting for what other processes do; nothing tells this one."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(
    condition: Callable[[], object], seconds: float = 30.0, said: Callable[[], str] = str
) -> None:
    """Wait until something is so; the test fails with what is ``said`` if it never is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, said()
        time.sleep(0.02)
