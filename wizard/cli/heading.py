"""How every report begins: the configuration, and whose rules hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.text import printable
from wizard.wording import installed
from wizard.wording.fold import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.model.config import Configuration


def lines(configuration: Configuration, *, whole: bool = False) -> Iterator[str]:
    """The first line of a report, and the notes that belong to it.

    Args:
        configuration: that was read.
        whole: also its layout, how httpd was found, and what is uncertain of it.
    """
    if whole:
        yield installed.headline(configuration)
    else:
        yield f"{printable(configuration.root)}: {installed.short(configuration.httpd)}"
    for note in installed.notes(configuration.httpd, whole=whole):
        yield wrap(note, "  note: ", "        ")
