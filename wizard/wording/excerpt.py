"""The changed lines of a patch with a little of what stands around them, as a screen shows them:
numbered, without diff headers, without secrets and without base64."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from wizard.masking.free_text import MASK
from wizard.record import record
from wizard.text import printable
from wizard.wording import patch as patches
from wizard.wording.patch import Entry, FilePatch

CONTEXT: Final = 2
"""Lines of context where there is room for them."""
_CERTIFICATE = re.compile(r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----")


@record
class Row:
    """A line to show.

    Args:
        number: before the change of a removed line, afterwards of any other.
        sign: ``+``, ``-`` or a blank.
        text: its indentation is that beyond the least of its hunk; safe to print.
    """

    number: int
    sign: str
    text: str

    @property
    def is_change(self) -> bool:
        """Whether it is added or removed."""
        return self.sign != " "


@record
class Excerpt:
    """What a patch does to one file.

    Args:
        path: as the program that reads it names it, not yet escaped.
        new: the patch creates it.
        added, removed: how many lines.
        certificates: how many it adds.
        hunks: rows that stand together; of a new file those that are neither comment nor PEM.
    """

    path: str
    new: bool
    added: int
    removed: int
    certificates: int
    hunks: tuple[tuple[Row, ...], ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those of all hunks."""
        return tuple(row for hunk in self.hunks for row in hunk)

    @property
    def name(self) -> str:
        """The file without its directory; safe to print."""
        return printable(self.path.rpartition("/")[2], 200)

    @property
    def directory(self) -> str:
        """Where it lies; safe to print."""
        return printable(self.path.rpartition("/")[0] or "/")


def excerpts(
    patch: bytes, sources: Mapping[str, bytes], context: int = CONTEXT
) -> tuple[Excerpt, ...]:
    """What a patch does to each of its files, in its order.

    Args:
        patch: as ``wizard.fix.source.unified_diff.unified`` writes it.
        sources: what the files hold before it, by path.
        context: how many lines before and after a change; no more than the patch has.
    """
    return tuple(_excerpt(file, context) for file in patches.parsed(patch, sources))


def _excerpt(file: FilePatch, context: int) -> Excerpt:
    hidden = _hidden(file.entries)
    changed = [entry for entry in file.entries if entry.sign != " "]
    return Excerpt(
        file.path,
        file.new,
        sum(entry.sign == "+" for entry in changed),
        sum(entry.sign == "-" for entry in changed),
        sum(entry.sign == "+" and bool(_CERTIFICATE.match(entry.text)) for entry in changed),
        tuple(_hunks(file, hidden, context)),
    )


def _hidden(entries: Sequence[Entry]) -> frozenset[int]:
    """Which entries are PEM: it is counted, nobody reads it."""
    found: set[int] = set()
    for sign in "+-":  # a certificate may take the place of another
        mine = [at for at, entry in enumerate(entries) if entry.sign in (sign, " ")]
        texts = [entries[at].text for at in mine]
        found |= {mine[at] for at in (*patches.pem(texts), *_ends(texts))}
    return frozenset(found)


def _ends(texts: Sequence[str]) -> Iterator[int]:
    """The last lines of PEM whose BEGIN is further up than the patch shows: masked, all of them."""
    for at, text in enumerate(texts):
        if text.startswith("-----END "):
            yield at
            while at and texts[at - 1] == MASK:
                at -= 1
                yield at


def _hunks(file: FilePatch, hidden: frozenset[int], context: int) -> Iterator[tuple[Row, ...]]:
    numbered = list(enumerate(file.entries))
    if file.new:
        kept = [
            (at, entry)
            for at, entry in numbered
            if at not in hidden and not patches.is_comment(entry.text)
        ]
    else:
        kept = list(_around(numbered, context))
    runs: list[list[tuple[int, Entry]]] = []
    for at, entry in kept:
        last = runs[-1][-1] if runs else None
        if last is not None and last[0] == at - 1 and last[1].hunk == entry.hunk:
            runs[-1].append((at, entry))
        else:
            runs.append([(at, entry)])
    for run in runs:
        rows = list(_rows(run, hidden))
        while rows and not rows[0].is_change and not rows[0].text:
            del rows[0]
        while rows and not rows[-1].is_change and not rows[-1].text:
            del rows[-1]
        if rows:
            yield tuple(_dedented(rows))


def _around(numbered: Sequence[tuple[int, Entry]], context: int) -> Iterator[tuple[int, Entry]]:
    """The changed lines of each hunk, and those that are near."""
    for _, group in groupby(numbered, lambda each: each[1].hunk):
        hunk = list(group)
        changed = [place for place, (_, entry) in enumerate(hunk) if entry.sign != " "]
        near = {place for at in changed for place in range(at - context, at + context + 1)}
        yield from (each for place, each in enumerate(hunk) if place in near)


def _rows(run: Sequence[tuple[int, Entry]], hidden: frozenset[int]) -> Iterator[Row]:
    for (is_hidden, sign), group in groupby(run, lambda each: (each[0] in hidden, each[1].sign)):
        entries = [entry for _, entry in group]
        if not is_hidden:
            yield from (Row(_number(entry), sign, entry.text) for entry in entries)
        else:
            yield Row(_number(entries[0]), sign, _counted(entries))


def _number(entry: Entry) -> int:
    return entry.old if entry.sign == "-" else entry.new


def _counted(entries: Sequence[Entry]) -> str:
    lines = f"{len(entries)} line{'s' * (len(entries) != 1)} of PEM"
    blocks = sum(bool(_CERTIFICATE.match(entry.text)) for entry in entries)
    return f"({lines}, {certificates(blocks)})" if blocks else f"({lines})"


def certificates(count: int) -> str:
    """How many certificates, in words."""
    return f"{count} certificate{'s' * (count != 1)}"


def _dedented(rows: Sequence[Row]) -> Iterator[Row]:
    depths = [len(row.text) - len(row.text.lstrip()) for row in rows if row.text]
    least = min(depths, default=0)
    return (Row(row.number, row.sign, row.text[least:]) for row in rows)
