"""Look up the values whose text is a prefix of another text, without trying them all.

Sites with thousands of sections, workers or mappings stay linear: a look-up tries one slice for
each distinct length, and there are few of those.
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class PrefixIndex(Generic[T]):
    """Values, each for the texts that begin with its prefix."""

    def __init__(self) -> None:
        self._values: dict[str, list[tuple[int, T]]] = {}
        self._lengths: list[int] = []
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, prefix: str, value: T, order: int | None = None) -> None:
        """Add a value.

        Args:
            prefix: what a text must begin with.
            value: anything.
            order: its place among the values; None: after those added before.
        """
        if prefix not in self._values:
            self._values[prefix] = []
            if len(prefix) not in self._lengths:
                self._lengths.append(len(prefix))
                self._lengths.sort(reverse=True)
        self._values[prefix].append((self._count if order is None else order, value))
        self._count += 1

    def of(self, text: str) -> list[tuple[int, T]]:
        """Every value whose prefix the text begins with, with its order, the longest first."""
        found: list[tuple[int, T]] = []
        size = len(text)
        for length in self._lengths:
            if length <= size:
                values = self._values.get(text[:length])
                if values is not None:
                    found += values
        return found

    def longest(self, text: str) -> T | None:
        """The value with the longest prefix; of several equal ones the first added."""
        size = len(text)
        for length in self._lengths:
            if length <= size:
                values = self._values.get(text[:length])
                if values is not None:
                    return values[0][1]
        return None
