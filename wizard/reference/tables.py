"""Tables that are read from their file on first use."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

Key = TypeVar("Key")
Row = TypeVar("Row")


@cache
def load(name: str) -> dict[str, Any]:
    """The JSON object in a file of ``wizard/reference/data``, read once.

    Args:
        name: of the file.
    """
    # pkgutil, unlike importlib.resources, imports next to nothing
    table: dict[str, Any] = json.loads(
        pkgutil.get_data("wizard.reference", f"data/{name}") or b"{}"
    )
    return table


class LazyTable(Mapping[Key, Row]):
    """A mapping whose rows are made from a data file on first use.

    Args:
        name: of the file in ``wizard/reference/data``, a JSON object.
        key: makes the mapping's key from the file's.
        row: makes a row from its key and the file's value.
    """

    def __init__(self, name: str, key: Callable[[str], Key], row: Callable[[Key, Any], Row]):
        self._name = name
        self._key = key
        self._row = row
        self._rows: dict[Key, Row] | None = None

    def _table(self) -> dict[Key, Row]:
        if self._rows is None:
            made = ((self._key(word), value) for word, value in load(self._name).items())
            self._rows = {key: self._row(key, value) for key, value in made}
        return self._rows

    def __getitem__(self, key: Key) -> Row:
        return self._table()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())
