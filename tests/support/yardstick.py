"""Bounds on processor time that a slow machine moves.

A bound in seconds fails on a machine at half the speed of the one that it was written on. These are
so many times what a fixed piece of work takes in the same process, when it comes to that.
"""

from __future__ import annotations

import gc
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

REFERENCE = 0.030
"""Seconds of processor time of :func:`_work` where the bounds were written (measured, idle)."""
_WORDS = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\s"]+')
_LINE = b'ProxyPassMatch "^/(.*)$" https://backend.internal:8443/$1 retry=0 timeout=30\n' * 40


def _work() -> int:
    """What the product does most: expressions, slices, small objects, dictionaries."""
    seen: dict[bytes, int] = {}
    for _ in range(100):
        for found in _WORDS.finditer(_LINE):
            word = found[0].lower()
            seen[word[:20]] = seen.get(word[:20], 0) + len(word)
    return len(seen)


def slowness() -> float:
    """How many times slower this machine is now than the one of the bounds; at least 1."""

    def once() -> float:
        began = time.thread_time()
        _work()
        return time.thread_time() - began

    return max(1.0, statistics.median(once() for _ in range(9)) / REFERENCE)


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Fails if its body takes longer.

    Args:
        seconds: of processor time, all threads of this process together, on the machine on which
            the bounds were written. Python's collector does not look through what the tests before
            have left behind, which takes as long again.
    """
    gc.freeze()
    began = time.process_time()
    try:
        yield
    finally:
        gc.unfreeze()
        spent = time.process_time() - began
        if spent >= seconds:  # asked only then: the yardstick costs a third of a second
            assert spent < seconds * slowness()
