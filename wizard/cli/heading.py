"""How every report begins: the configuration, and whose rules hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.wording import installed
from wizard.wording.fold import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.config import Configuration


def lines(configuration: Configuration) -> Iterator[str]:
    """The first line of a report, and the notes that belong to it."""
    yield installed.headline(configuration)
    for note in installed.notes(configuration.httpd):
        yield wrap(note, "  note: ", "        ")
