"""Classes of values that are never changed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots, compared and hashed by its values, that costs little time.

    The type checker keeps its fields from being set; at run time nothing does.
    ``dataclass(frozen=True, slots=True)`` sets each field through ``object.__setattr__``, and
    compiles six methods a class at every start. Measured with it on Python 3.11 (processor time
    of ``check --no-probe``): a start takes 198 ms instead of 168, and 5,000 virtual hosts take
    0.91 s instead of 0.82, start included.

    Args:
        cls: with annotated fields, as for a dataclass.
    """
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    names = tuple(one.name for one in fields(made))
    public = tuple(one.name for one in fields(made) if one.repr)  # what may be secret is not shown
    values = attrgetter(*names, "__class__")

    def equal(self: object, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is made else NotImplemented

    def digest(self: object) -> int:
        return hash(values(self))

    def shown(self: object) -> str:
        written = [f"{name}={getattr(self, name)!r}" for name in public]
        return f"{made.__qualname__}({', '.join(written)})"

    made.__eq__, made.__hash__, made.__repr__ = equal, digest, shown
    found: type[T] = made
    return found
