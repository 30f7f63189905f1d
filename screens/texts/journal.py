"""The changes that were made to the configuration in view, in a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from screens.texts.route import shortened
from wizard.text import printable
from wizard.wording import change as wording
from wizard.wording.moment import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.model.change import Change, Holder

SETTLED: Final = frozenset({"applied", "undone"})
"""States of a change with which nothing is left to do."""
_STATE: Final = 12
_WHEN: Final = 22
_STYLES: Final = {"applied": "green", "undone": "dim"}

Listed = tuple[tuple["Change", "Holder | None"], ...]


class Journal(NamedTuple):
    """The changes to show.

    Args:
        here: those of the configuration in view, the last first, and one that was interrupted,
            whose ever: until it is settled, nothing can be changed.
        elsewhere: how many others there are.
    """

    here: Listed
    elsewhere: int


def of(session: Session, changes: Listed) -> Journal:
    """The changes that belong to the configuration in view."""
    here = tuple(
        (change, maker)
        for change, maker in changes
        if change.state not in SETTLED or _is_here(session, change)
    )
    return Journal(here, len(changes) - len(here))


def _is_here(session: Session, change: Change) -> bool:
    """Whether it was made for the configuration in view, or to a file of a lone virtual host."""
    configuration = session.configuration
    if configuration is None:  # it cannot be read, maybe because of a change
        opened = session.scope.path
        return opened is None or Path(change.config).is_relative_to(Path(opened).resolve())
    if change.config and Path(change.config).resolve() == Path(configuration.root).resolve():
        return True
    if change.config and not configuration.partial:
        return False
    files = {file.real_path for file in configuration.files.values()}
    return any(file.path in files for file in change.files)


def is_open(change: Change, maker: Holder | None) -> bool:
    """Whether it was interrupted: it waits to be finished or undone."""
    return maker is None and change.state not in SETTLED


def title(journal: Journal) -> str:
    """The head of the list."""
    count = journal.elsewhere
    more = f" · {count} of other configuration{'s' * (count != 1)}" if count else ""
    return f"Changes to this configuration{more}"


def rows(
    session: Session, journal: Journal, marked: str, opened: set[str], glyphs: Glyphs, width: int
) -> tuple[Text, dict[str, range]]:
    """The list.

    Args:
        session: whose configuration it is.
        journal: what is listed.
        marked: id of the change with the mark; empty: none.
        opened: ids of those that are unfolded.
        glyphs: the signs of this terminal.
        width: columns.

    Returns:
        The text, and which lines each change has.
    """
    text, places, at = Text(no_wrap=True, overflow="ellipsis"), {}, 0
    for change, maker in journal.here:
        block = _row(session, change, maker, width, glyphs.mark if change.id == marked else " ")
        if change.id in opened:
            block.append("\n").append_text(_details(session, change, maker, width))
        lines = block.plain.count("\n") + 1
        places[change.id] = range(at, at + lines)
        at += lines
        text.append_text(block).append("\n")
    text.rstrip()
    return text, places


def _row(session: Session, change: Change, maker: Holder | None, width: int, mark: str) -> Text:
    word = "being made" if maker else change.state if change.state in SETTLED else "interrupted"
    style = "yellow" if maker else _STYLES.get(change.state, "bold red")
    row = Text(f"{mark} ", "bold")
    row.append(f"{word:<{_STATE}}", style)
    row.append(f"{moment(change.created):<{_WHEN}}", "dim")
    room = width - 2 - _STATE - _WHEN
    names = _names(change)
    slugs = ", ".join(dict.fromkeys(reason.rpartition(": ")[2] for reason in change.reasons))
    half = room if room < 36 else max(18, min(room // 2, len(names) + 2))
    files = shortened(names, half - 2 * (half < room))
    if change.state not in SETTLED and not _is_here(session, change):
        slugs = f"of {change.config}"
    row.append_text(files)
    if half < room:
        row.append(" " * (half - files.cell_len))
        row.append_text(shortened(slugs, room - half))
    return row if mark.strip() == "" else _bold(row)


def _bold(row: Text) -> Text:
    row.stylize("bold")
    return row


def _names(change: Change) -> str:
    """The files by their names; of several the first, and how many more."""
    names = [Path(file.path).name for file in change.files]
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{names[0]}{more}" if names else ""


def _details(session: Session, change: Change, maker: Holder | None, width: int) -> Text:
    """Everything that the journal has of a change."""
    told = [f"change    {change.id}"]
    if maker is not None:
        told.append(wording.under_way(maker, wizard=True))
    root = session.configuration.root if session.configuration else ""
    if change.config and Path(change.config).resolve() != Path(root).resolve():
        told.append(f"of        {change.config}")
    told += [
        f"{'new file' if file.before is None else 'changed '}  {file.path}" for file in change.files
    ]
    told += [f"repaired  {reason}" for reason in change.reasons]
    lines = (shortened(line, max(20, width - 4)).plain for line in map(printable, told))
    return Text("\n".join(f"    {line}" for line in lines), "dim")


def plain(journal: Journal) -> str:
    """The list to be saved; empty: there are none."""
    lines = [
        f"{change.state}  {moment(change.created)}  "
        f"{', '.join(file.path for file in change.files)}  {'; '.join(change.reasons)}"
        for change, _ in journal.here
    ]
    return "\n".join([title(journal), *map(printable, lines)]) if lines else ""


def newest(changes: Sequence[tuple[Change, Holder | None]]) -> Change | None:
    """The last change that is not undone."""
    return next((change for change, _ in changes if change.state != "undone"), None)
