"""Bounds that a slow machine moves are bounds."""

from __future__ import annotations

import time

import pytest

from tests.support import yardstick


def spin(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_what_takes_longer_fails() -> None:
    with pytest.raises(AssertionError), yardstick.bounded(0.005):
        spin(1.0)


def test_so_does_what_ends_with_an_error() -> None:
    def late() -> None:
        spin(1.0)
        raise ValueError

    with pytest.raises(AssertionError), yardstick.bounded(0.005):
        late()


def test_what_does_not_passes_and_its_error_comes_through() -> None:
    with yardstick.bounded(60):
        spin(0.01)
    with pytest.raises(ValueError), yardstick.bounded(60):
        raise ValueError


def test_a_slow_machine_moves_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yardstick, "slowness", lambda: 1000.0)
    with yardstick.bounded(0.005):
        spin(1.0)
