"""What somebody did to a file meanwhile: who, and the difference."""

from __future__ import annotations

import contextlib
from difflib import unified_diff

from wizard.change.atomic_file import Snapshot, digest
from wizard.change.journal import Store
from wizard.errors import Advice, ChangeError, EditedError
from wizard.fix.source.unified_diff import between
from wizard.model.change import Change

_LONGEST = 5000
"""Lines of a file that is compared line by line. Measured with difflib of Python 3.11: two such
files take 0.8 s at worst (150 different lines, in the opposite order), of twice the length 5 s."""
_SHOWN = 200  # lines of a difference


def edited(
    store: Store,
    path: str,
    expected: bytes,
    now: Snapshot | None,
    *,
    since: str,
    advice: Advice,
) -> EditedError:
    """The error about a file that is not what it should be.

    Args:
        store: knows the changes that were made here: what one of them did nobody edited.
        path: of the file.
        expected: its bytes as they should be.
        now: as it is; None: there is none.
        since: since when, as the end of a sentence.
        advice: what to do if somebody edited it.
    """
    maker = _maker(store, path, None if now is None else digest(now.data))
    if maker is not None:
        done = "was taken back" if maker.state == "undone" else "wrote this file"
        message, advice = f"the change {maker.id} {done} {since}.", Advice("plan")
    else:
        message = f"this file {'was deleted' if now is None else 'was edited'} {since}."
    diff, more = _difference(path, expected, b"" if now is None else now.data)
    return EditedError(message, file=path, diff=diff, more=more, hint=advice)


def restoring(store: Store, change: Change) -> tuple[bytes, dict[str, bytes]]:
    """What undoing a change does to the files that it edited.

    Args:
        store: has the change.
        change: to undo.

    Returns:
        A patch, as ``wizard.fix.source.unified_diff``, and what its files hold before it, by path;
        without those that are too long to compare, and those whose backup is missing or damaged.
    """
    patch, sources = b"", {}
    for number, file in enumerate(change.files):
        with contextlib.suppress(ChangeError, OSError):
            if file.before is not None:
                then, now = store.old(change, number), store.new(change, number)
                if max(then.count(b"\n"), now.count(b"\n")) < _LONGEST:
                    patch += between(file.path, now, then)
                    sources[file.path] = now
    return patch, sources


def _maker(store: Store, path: str, found: str | None) -> Change | None:
    """The last change of this file, if the file is what that made it, or what it was before."""
    with contextlib.suppress(ChangeError):  # a damaged journal says nothing
        for change in reversed(store.changes()):
            for file in change.files:
                if file.path == path:
                    made = file.before if change.state == "undone" else file.after
                    return change if found == made else None
    return None


def _difference(path: str, expected: bytes, found: bytes) -> tuple[tuple[str, ...], int]:
    """The beginning of a unified diff, and how many lines follow; -1: the files are too long."""
    old, new = _lines(expected), _lines(found)
    if max(len(old), len(new)) > _LONGEST:
        return (), -1
    lines = [
        line.removesuffix("\n")
        for line in unified_diff(old, new, f"expected {path}", f"found {path}", lineterm="")
    ]
    return tuple(lines[:_SHOWN]), max(0, len(lines) - _SHOWN)


def _lines(data: bytes) -> list[str]:
    text = data.decode("utf-8", "surrogateescape")
    return text.removesuffix("\n").split("\n") if text else []
