"""Edits on physical lines, put together per real file; bytes that no edit names stay as they are.

A physical line ends with a line feed; a carriage return before it belongs to the line (httpd
drops it when it reads). The last line of a file may lack its line feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wizard.model.config import SourceFile
from wizard.model.plan import Edit, FixPlan
from wizard.record import record


@record
class Segment:
    """Lines ``start``..``stop`` (from 0, ``stop`` excluded) of the old file become ``new``."""

    start: int
    stop: int
    new: tuple[bytes, ...]


def split_lines(data: bytes) -> list[bytes]:
    """The physical lines of a file, each with its line end; only a line feed ends one."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def line_end(lines: Sequence[bytes]) -> bytes:
    """The line end that new lines of this file take: CRLF when its first line has it."""
    return b"\r\n" if lines and lines[0].endswith(b"\r\n") else b"\n"


def segments(lines: Sequence[bytes], edits: Iterable[Edit]) -> tuple[Segment, ...]:
    """The edits of one file, in order, without overlap and without lines that do not change.

    Args:
        lines: the file before, from :func:`split_lines`.
        edits: all of this file. Insertions at one place keep their order; identical
            replacements count once.

    Raises:
        ValueError: two edits change the same line in different ways, or a line does not exist.
    """
    merged: list[Segment] = []
    for edit in sorted(dict.fromkeys(edits), key=lambda e: (e.first_line, e.last_line)):
        start, stop = edit.first_line - 1, edit.last_line
        if not 0 <= start <= stop <= len(lines):
            raise ValueError(f"{edit.file} has no lines {edit.first_line} to {edit.last_line}")
        previous = merged[-1] if merged else None
        if previous is not None and start < previous.stop:
            if (start, stop, edit.new_lines) == (previous.start, previous.stop, previous.new):
                continue
            raise ValueError(f"two changes of {edit.file} line {edit.first_line} contradict")
        merged.append(Segment(start, stop, edit.new_lines))
    joined: list[Segment] = []
    for part in merged:
        if joined and joined[-1].stop == part.start:
            before = joined.pop()
            part = Segment(before.start, part.stop, before.new + part.new)
        joined.append(part)
    shaped = (_trimmed(lines, _terminated(lines, part)) for part in joined)
    return tuple(part for part in shaped if part.start < part.stop or part.new)


def _terminated(lines: Sequence[bytes], part: Segment) -> Segment:
    """The segment with a line feed wherever another line follows."""
    start, new = part.start, list(part.new)
    if new and start == len(lines) and start and not lines[-1].endswith(b"\n"):
        start -= 1  # an appended line: the last one needs its line end first
        new.insert(0, lines[-1])
    last = len(new) if part.stop < len(lines) else len(new) - 1
    end = line_end(lines)
    new[:last] = [line if line.endswith(b"\n") else line + end for line in new[:last]]
    return Segment(start, part.stop, tuple(new))


def _trimmed(lines: Sequence[bytes], part: Segment) -> Segment:
    """The segment without equal lines at its beginning and end."""
    start, stop, new = part.start, part.stop, part.new
    while start < stop and new and lines[start] == new[0]:
        start, new = start + 1, new[1:]
    while start < stop and new and lines[stop - 1] == new[-1]:
        stop, new = stop - 1, new[:-1]
    return Segment(start, stop, new)


def by_real_file(
    plan: FixPlan, files: Mapping[str, SourceFile]
) -> dict[str, tuple[list[bytes], tuple[Segment, ...]]]:
    """Lines and segments of each file that the plan changes, by the path without links.

    Args:
        plan: its edits name files as httpd does.
        files: ``Configuration.files``.

    Raises:
        ValueError: an edit names a file that was not read, or two edits contradict.
    """
    edits: dict[str, list[Edit]] = {}
    data: dict[str, bytes] = {}
    for edit in plan.edits:
        file = files.get(edit.file)
        if file is None:
            raise ValueError(f"{edit.file} is no file of this configuration")
        edits.setdefault(file.real_path, []).append(edit)
        data[file.real_path] = file.data
    result = {}
    for real_path in sorted(edits):
        lines = split_lines(data[real_path])
        parts = segments(lines, edits[real_path])
        if parts:
            result[real_path] = lines, parts
    return result


def patched(lines: Sequence[bytes], parts: Iterable[Segment]) -> bytes:
    """The file after its segments."""
    out: list[bytes] = []
    position = 0
    for part in parts:
        out += lines[position : part.start]
        out += part.new
        position = part.stop
    out += lines[position:]
    return b"".join(out)
