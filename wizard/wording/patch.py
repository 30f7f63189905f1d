"""The changed lines of a patch, without context, without secrets and without base64."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import groupby, pairwise

from wizard.masking import lines as masking
from wizard.record import record
from wizard.text import printable

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_LONGEST = 500
"""Characters of a line that are shown."""


@record
class Line:
    """One changed line.

    Args:
        number: of the file before the change; of an added line, that of the line it comes before.
        sign: ``+`` or ``-``.
        text: without its indentation; safe to print.
    """

    number: int
    sign: str
    text: str


@record
class Changed:
    """What a patch does to one file.

    Args:
        path: safe to print.
        new: the patch creates it.
        added, removed: how many lines.
        pem: how many of the added lines are PEM.
        lines: those to show: of a new file no comments and no PEM, of another a run of PEM as one.
    """

    path: str
    new: bool
    added: int
    removed: int
    pem: int
    lines: tuple[Line, ...] = field(default=())


def files(patch: bytes, sources: Mapping[str, bytes]) -> tuple[Changed, ...]:
    """What a patch does to each of its files.

    Args:
        patch: as ``wizard.fix.source.unified_diff.unified`` writes it.
        sources: what the files hold before it, by path.
    """
    text = patch.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    lines = masking.diff(text, sources)
    starts = [*_starts(text), len(lines)]
    return tuple(_file(lines[start:stop]) for start, stop in pairwise(starts))


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Where files begin; no line of a hunk does, since a sign or a blank stands before it."""
    for at, line in enumerate(lines):
        if line.startswith("diff --git "):
            yield at


def _file(lines: Sequence[str]) -> Changed:
    path, new, first = "", False, 0
    for first, line in enumerate(lines):  # noqa: B007  # the head ends at the first hunk
        new = new or line.startswith("new file ")
        if line.startswith("+++ "):
            path = line[4:].removesuffix("\t")
        if _HUNK.match(line):
            break
    found = tuple(_changed(lines[first:]))
    pem = _pem(found)
    return Changed(
        printable(path.replace("b/", "/", 1)),
        new,
        sum(each.sign == "+" for each in found),
        sum(each.sign == "-" for each in found),
        sum(found[at].sign == "+" for at in pem),
        tuple(_shown(found, pem, new)),
    )


def _changed(lines: Sequence[str]) -> Iterator[Line]:
    old = new = number = 0
    for line in lines:
        head = None if old > 0 or new > 0 else _HUNK.match(line)
        if head is not None:
            number, old, new = int(head[1]), int(head[2] or 1), int(head[3] or 1)
            number += old == 0  # then the line before is named
            continue
        sign = line[:1] or " "
        if sign in "+-":
            shown = printable(line[1:].rstrip("\r").expandtabs(), _LONGEST)
            yield Line(number, sign, shown.rstrip())
        number += sign in "- "
        old -= sign in "- "
        new -= sign in "+ "


def _pem(lines: Sequence[Line]) -> frozenset[int]:
    """Which of the lines are PEM, from BEGIN to END."""
    found = set()
    inside = False
    for at, line in enumerate(lines):
        mark = line.text.strip()
        inside = inside or mark.startswith("-----BEGIN ")
        if inside:
            found.add(at)
        inside = inside and not mark.startswith("-----END ")
    return frozenset(found)


def _shown(lines: Sequence[Line], pem: frozenset[int], new: bool) -> Iterator[Line]:
    for (is_pem, sign), group in groupby(
        enumerate(lines), lambda each: (each[0] in pem, each[1].sign)
    ):
        run = [line for _, line in group]
        if is_pem and not new:
            yield Line(run[0].number, sign, f"({len(run)} lines of PEM)")
        elif not is_pem:
            yield from (line for line in run if not (new and _is_comment(line.text)))


def _is_comment(text: str) -> bool:
    return not text.strip() or text.lstrip().startswith("#")
