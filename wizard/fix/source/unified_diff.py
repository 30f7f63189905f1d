"""The plan as a unified diff that both ``patch -p1 -d /`` and ``git apply`` take.

Written from the edits themselves, not found again by comparison. Format: GNU diffutils manual,
"Detailed Description of Unified Format", and the git-diff manual, "Generating patch text with -p"
(header, quoting of paths).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import chain

from wizard.fix.source.edits import Segment, by_real_file, patched, split_lines
from wizard.model.config import SourceFile
from wizard.model.plan import FixPlan, NewFile

CONTEXT = 3
"""Lines of context, as diff -u shows by default."""

_NAMED_ESCAPES = {
    0x07: b"\\a",
    0x08: b"\\b",
    0x09: b"\\t",
    0x0A: b"\\n",
    0x0B: b"\\v",
    0x0C: b"\\f",
    0x0D: b"\\r",
    0x22: b'\\"',
    0x5C: b"\\\\",
}


def unified(plan: FixPlan, files: Mapping[str, SourceFile]) -> bytes:
    """The plan as one diff.

    Args:
        plan: edits and new files.
        files: ``Configuration.files``: what the edits are made against.

    Returns:
        Changed files first, by path, each under the name of the real file (a link is neither
        followed by patch nor taken by git apply); then the files to create. Empty for a plan
        that changes nothing.

    Raises:
        ValueError: an edit names a file that was not read, or two edits contradict.
    """
    pieces: list[bytes] = []
    for path, (lines, parts) in by_real_file(plan, files).items():
        pieces += _header(path)
        pieces += _hunks(lines, parts)
    for file in plan.new_files:
        pieces += _created(file)
    return b"".join(pieces)


def between(path: str, before: bytes, after: bytes) -> bytes:
    """The diff of one file that is there before and afterwards, in the same format.

    Args:
        path: of the real file.
        before, after: what it holds; lines are compared, which takes long for thousands of them.

    Returns:
        Empty if both are the same.
    """
    old, new = split_lines(before), split_lines(after)
    codes = SequenceMatcher(None, old, new).get_opcodes()
    parts = [
        Segment(start, stop, tuple(new[first:last]))
        for tag, start, stop, first, last in codes
        if tag != "equal"
    ]
    return b"".join(chain(_header(path), _hunks(old, parts))) if parts else b""


def apply_to(plan: FixPlan, files: Mapping[str, SourceFile]) -> dict[str, bytes]:
    """Contents after the plan: of every changed file by its real path, and of every new file.

    Raises:
        ValueError: as :func:`unified`.
    """
    after = {
        path: patched(lines, parts) for path, (lines, parts) in by_real_file(plan, files).items()
    }
    after.update((file.path, file.data) for file in plan.new_files)
    return after


def quoted(path: bytes) -> bytes:
    """A path as git writes it: in C quotes if it holds control bytes, quotes or non-ASCII.

    Also if it ends with a blank, which patch would cut off (git reads quoted names as well).
    """
    escaped = b"".join(
        _NAMED_ESCAPES.get(byte) or (b"%c" % byte if 0x20 <= byte < 0x7F else b"\\%03o" % byte)
        for byte in path
    )
    return path if escaped == path and not path.endswith(b" ") else b'"' + escaped + b'"'


def _name(path: bytes) -> bytes:
    """A path in a ``---`` or ``+++`` line; a tab ends one with blanks, as git writes it."""
    return quoted(path) + (b"\t" if b" " in path else b"")


def _header(path: str) -> Iterator[bytes]:
    raw = _bytes(path)
    yield b"diff --git %s %s\n" % (quoted(b"a" + raw), quoted(b"b" + raw))
    yield b"--- %s\n+++ %s\n" % (_name(b"a" + raw), _name(b"b" + raw))


def _created(file: NewFile) -> Iterator[bytes]:
    raw = _bytes(file.path)
    yield b"diff --git %s %s\n" % (quoted(b"a" + raw), quoted(b"b" + raw))
    yield b"new file mode 100644\n"
    lines = split_lines(file.data)
    if lines:
        yield b"--- /dev/null\n+++ %s\n" % _name(b"b" + raw)
        yield from _hunks([], (Segment(0, 0, tuple(lines)),))


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _hunks(lines: Sequence[bytes], parts: Sequence[Segment]) -> Iterator[bytes]:
    shift = 0
    group: list[Segment] = []
    for part in parts:
        if group and part.start - group[-1].stop > 2 * CONTEXT:
            yield from _hunk(lines, group, shift)
            shift += _growth(group)
            group = []
        group.append(part)
    if group:
        yield from _hunk(lines, group, shift)


def _growth(group: Sequence[Segment]) -> int:
    return sum(len(part.new) - (part.stop - part.start) for part in group)


def _hunk(lines: Sequence[bytes], group: Sequence[Segment], shift: int) -> Iterator[bytes]:
    first = max(0, group[0].start - CONTEXT)
    last = min(len(lines), group[-1].stop + CONTEXT)
    old, new = last - first, last - first + _growth(group)
    yield b"@@ -%s +%s @@\n" % (_range(first, old), _range(first + shift, new))
    position = first
    for part in group:
        yield from _prefixed(b" ", lines[position : part.start])
        yield from _prefixed(b"-", lines[part.start : part.stop])
        yield from _prefixed(b"+", part.new)
        position = part.stop
    yield from _prefixed(b" ", lines[position:last])


def _range(start: int, count: int) -> bytes:
    """``START,COUNT``: from 1, but the line before when no line is meant."""
    begin = start + 1 if count else start
    return b"%d" % begin if count == 1 else b"%d,%d" % (begin, count)


def _prefixed(prefix: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    return chain.from_iterable(
        (prefix, line, b"" if line.endswith(b"\n") else b"\n\\ No newline at end of file\n")
        for line in lines
    )
