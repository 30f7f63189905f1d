"""The engine's values: compared by what they hold, and silent about what may be secret."""

from __future__ import annotations

import pickle
from dataclasses import field, replace

import pytest

from wizard.record import record


@record
class Point:
    x: int
    y: int = 0
    secret: bytes = field(default=b"", repr=False)


@record
class Other:
    x: int
    y: int = 0
    secret: bytes = b""


def test_values_of_one_class_are_compared_by_their_fields() -> None:
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Point(1, 2, b"k")
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert len({Point(1), Point(1), Point(2)}) == 2


def test_values_of_two_classes_are_never_equal() -> None:
    point: object = Point(1)
    assert point != Other(1)
    assert point != (1, 0, b"")


def test_a_field_that_is_not_to_be_shown_is_not_shown() -> None:
    assert repr(Point(1, 2, b"key")) == "Point(x=1, y=2)"


def test_it_has_no_room_for_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 3  # type: ignore[attr-defined]  # that is what is tested


def test_it_can_be_changed_into_another_value_and_copied() -> None:
    assert replace(Point(1, 2), y=5) == Point(1, 5)
    assert pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)
