"""What several tests of words stand on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

Zone = Callable[[str], None]


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    """Sets the time zone of this process, as TZ does for a program; afterwards it is as before."""

    def set_to(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()
