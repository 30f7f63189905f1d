"""Reading hostile certificates without cryptography's warnings on standard error."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Without cryptography's warnings about what RFC 5280 forbids (lengths, serial numbers).

    Warning filters belong to the process: two threads that change and restore them at the same
    time would leave the wrong ones.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
