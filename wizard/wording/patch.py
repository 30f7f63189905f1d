"""A patch read line by line, without secrets; its changed lines without base64."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from itertools import groupby, pairwise

from wizard.masking import lines as masking
from wizard.record import record
from wizard.text import printable

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\(?:([0-7]{3})|(.))")
"""In a name that git quotes (git-config manual, ``core.quotePath``)."""
_LETTERS = {
    b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r",
}  # fmt: skip
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


@record
class Entry:
    """A line of a patch.

    Args:
        old: its number before the change; of an added line, that of the line it comes before.
        new: its number afterwards; of a removed line, that of the line that takes its place.
        sign: ``+``, ``-`` or a blank.
        text: with its indentation, without secrets; safe to print.
        hunk: which hunk of its file it is in.
    """

    old: int
    new: int
    sign: str
    text: str
    hunk: int


@record
class FilePatch:
    """The part of a patch that is about one file.

    Args:
        name: as the patch writes it, without ``b``.
        new: the patch creates it.
        entries: its lines, in order.
    """

    name: str
    new: bool
    entries: tuple[Entry, ...]

    @property
    def path(self) -> str:
        """The file's path, with its bytes as ``surrogateescape`` decodes them."""
        if not self.name.startswith('"'):
            return self.name
        raw = _ESCAPE.sub(_byte, self.name[1:-1].encode("utf-8", "surrogateescape"))
        return raw.decode("utf-8", "surrogateescape")


def files(patch: bytes, sources: Mapping[str, bytes]) -> tuple[Changed, ...]:
    """What a patch does to each of its files.

    Args:
        patch: as ``wizard.fix.source.unified_diff.unified`` writes it.
        sources: what the files hold before it, by path.
    """
    return tuple(map(_changed, parsed(patch, sources)))


def counts(patch: bytes, sources: Mapping[str, bytes]) -> dict[str, tuple[int, int]]:
    """How many lines a patch adds and removes, by path.

    Args:
        patch: as ``wizard.fix.source.unified_diff`` writes it.
        sources: what the files hold before it, by path.
    """
    signs = {file.path: [one.sign for one in file.entries] for file in parsed(patch, sources)}
    return {path: (found.count("+"), found.count("-")) for path, found in signs.items()}


def parsed(patch: bytes, sources: Mapping[str, bytes]) -> Iterator[FilePatch]:
    """The lines of a patch, file by file, without what is secret in them.

    Args:
        patch: as ``wizard.fix.source.unified_diff.unified`` writes it.
        sources: what the files hold before it, by path.
    """
    text = patch.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
    lines = masking.diff(text, sources)
    starts = [*_starts(text), len(lines)]
    return (_file(lines[start:stop]) for start, stop in pairwise(starts))


def _starts(lines: Sequence[str]) -> Iterator[int]:
    """Where files begin; no line of a hunk does, since a sign or a blank stands before it."""
    for at, line in enumerate(lines):
        if line.startswith("diff --git "):
            yield at


def _file(lines: Sequence[str]) -> FilePatch:
    path, new, first = "", False, 0
    for first, line in enumerate(lines):  # noqa: B007  # the head ends at the first hunk
        new = new or line.startswith("new file ")
        if line.startswith("+++ "):
            path = line[4:].removesuffix("\t")
        if _HUNK.match(line):
            break
    return FilePatch(path.replace("b/", "/", 1), new, tuple(_entries(lines[first:])))


def _byte(escape: re.Match[bytes]) -> bytes:
    """The byte that an escape of git's quoting stands for."""
    octal, letter = escape[1], escape[2]
    return bytes((int(octal, 8),)) if octal else _LETTERS.get(letter, letter)


def _entries(lines: Sequence[str]) -> Iterator[Entry]:
    old = new = before = after = 0
    hunk = -1
    for line in lines:
        head = None if old > 0 or new > 0 else _HUNK.match(line)
        if head is not None:
            before, old, after, new = (int(head[at] or 1) for at in range(1, 5))
            before += old == 0  # then the line before is named
            after += new == 0
            hunk += 1
            continue
        sign = line[:1] or " "
        if sign in "+- ":
            shown = printable(line[1:].rstrip("\r").expandtabs(), _LONGEST)
            yield Entry(before, after, sign, shown.rstrip(), hunk)
        before += sign in "- "
        after += sign in "+ "
        old -= sign in "- "
        new -= sign in "+ "


def _changed(file: FilePatch) -> Changed:
    found = [Line(each.old, each.sign, each.text) for each in file.entries if each.sign != " "]
    inside = pem([line.text for line in found])
    return Changed(
        printable(file.name),
        file.new,
        sum(each.sign == "+" for each in found),
        sum(each.sign == "-" for each in found),
        sum(found[at].sign == "+" for at in inside),
        tuple(_shown(found, inside, file.new)),
    )


def pem(lines: Sequence[str]) -> frozenset[int]:
    """Which of the lines are PEM, from BEGIN to END."""
    found = set()
    inside = False
    for at, line in enumerate(lines):
        mark = line.strip()
        inside = inside or mark.startswith("-----BEGIN ")
        if inside:
            found.add(at)
        inside = inside and not mark.startswith("-----END ")
    return frozenset(found)


def _shown(lines: Sequence[Line], inside: frozenset[int], new: bool) -> Iterator[Line]:
    for (is_pem, sign), group in groupby(
        enumerate(lines), lambda each: (each[0] in inside, each[1].sign)
    ):
        run = [line for _, line in group]
        if is_pem and not new:
            yield Line(run[0].number, sign, f"({len(run)} lines of PEM)")
        elif not is_pem:
            yield from (line for line in run if not (new and is_comment(line.text)))


def is_comment(text: str) -> bool:
    """Whether a line says nothing to httpd."""
    return not text.strip() or text.lstrip().startswith("#")
