"""How every report begins: the configuration, and whose rules hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.text import printable
from wizard.wording import installed
from wizard.wording.fold import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wizard.model.config import Configuration
    from wizard.model.scope import Assumed


def lines(
    configuration: Configuration, assumed: Sequence[Assumed] = (), *, whole: bool = False
) -> Iterator[str]:
    """The first lines of a report, and the notes that belong to them.

    Args:
        configuration: that was read.
        assumed: names that were looked up as if they led to these addresses.
        whole: also its layout, how httpd was found, and what is uncertain of it.
    """
    if whole:
        yield installed.headline(configuration)
    else:
        yield f"{printable(configuration.root)}: {installed.short(configuration.httpd)}"
    for one in assumed:
        yield f"assumed: {printable(one.name)} is {printable(one.address)} (--resolve)"
    for note in installed.notes(configuration.httpd, whole=whole):
        yield wrap(note, "  note: ", "        ")
