"""The comments that stand at a line: above it, below it, or before the section it begins. Pure.

httpd knows a comment by the ``#`` that begins its line and by nothing else (server/config.c,
ap_build_config): behind a directive, ``#`` is one of its arguments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from wizard.fix.decide.temporary_exceptions import BEGINNING
from wizard.fix.source.statements import SourceText, Statement

_FARTHEST = 40
"""Lines that are looked at in one direction."""
_MOST_LINES = 6
"""Lines of one comment: a longer one is a text of its own, and its last lines count."""
_KIN = ("sslproxy", "proxy", "balancermember", "rewrite", "requestheader", "require")
"""How directives begin that are written in one paragraph with a backend's checks."""
_WIDE = frozenset({"virtualhost", "ifmodule", "ifdefine", "ifversion", "iffile"})
"""Sections that hold much besides: a comment above one has to be plain."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A comment, and how near it stands.

    Args:
        first: its first line, from 1.
        last: its last line.
        text: its lines as one, without their ``#``.
        direct: it stands at the line itself; else at another line of the same paragraph.
    """

    first: int
    last: int
    text: str
    direct: bool


def around(text: SourceText, first: int, last: int, own: Collection[int]) -> Iterator[Nearby]:
    """The comments above and below some lines, up to a blank line or another matter.

    Args:
        text: the file.
        first: the first of the lines, from 1.
        last: the last; one less than ``first``: a place between two lines.
        own: lines that change as well.
    """
    yield from _above(text, first, own)
    yield from _below(text, last, own)


def _above(text: SourceText, first: int, own: Collection[int]) -> Iterator[Nearby]:
    line, direct = first - 1, True
    while line >= 1 and first - line <= _FARTHEST:
        statement = text.at(line)
        if statement is None:
            begin = _comment_begins(text, line)
            if not begin:
                return
            yield _comment(text, begin, line, direct=direct)
            line = begin - 1
            continue
        if statement.tag == "/" or not (statement.tag or _is_kin(statement)):
            return
        direct = direct and _is_of_it(statement, own)
        line = statement.first - 1


def _below(text: SourceText, last: int, own: Collection[int]) -> Iterator[Nearby]:
    line, direct = last + 1, True
    while line <= len(text.lines) and line - last <= _FARTHEST:
        statement = text.at(line)
        if statement is not None:
            if statement.tag or not _is_kin(statement):
                return
            direct = direct and _is_of_it(statement, own)
            line = statement.last + 1
            continue
        end = _comment_ends(text, line)
        if not end:
            return
        following = text.at(end + 1)
        if following is None or following.tag == "/" or _is_kin(following):
            at_it = following is None or following.tag == "/" or _is_of_it(following, own)
            yield _comment(text, line, end, direct=direct and at_it)
        line = end + 1


def _is_kin(statement: Statement) -> bool:
    return not statement.tag and statement.name.startswith(_KIN)


def _is_of_it(statement: Statement, own: Collection[int]) -> bool:
    """Whether what stands at this line stands at the changed one as well."""
    if statement.tag:
        return statement.name not in _WIDE
    changes = any(line in own for line in range(statement.first, statement.last + 1))
    return changes or statement.name == "sslproxyengine"


def _is_comment(text: SourceText, line: int) -> bool:
    inside = 1 <= line <= len(text.lines) and text.at(line) is None
    return inside and text.lines[line - 1].lstrip().startswith(b"#")


def _comment_begins(text: SourceText, line: int) -> int:
    """The first line of the comment that ends at a line; 0: there is none."""
    begin = line
    while _is_comment(text, begin) and line - begin <= _FARTHEST:
        begin -= 1
    return begin + 1 if begin < line else 0


def _comment_ends(text: SourceText, line: int) -> int:
    """The last line of the comment that begins at a line; 0: there is none."""
    end = line
    while _is_comment(text, end) and end - line <= _FARTHEST:
        end += 1
    return end - 1 if end > line else 0


def _comment(text: SourceText, first: int, last: int, *, direct: bool) -> Nearby:
    first = max(first, last - _MOST_LINES + 1)
    there = (text.lines[at - 1].lstrip() for at in range(first, last + 1))
    # what announces a temporary exception, the plan itself keeps right
    own = (line for line in there if not line.startswith(BEGINNING))
    lines = (line.decode("utf-8", "surrogateescape") for line in own)
    said = " ".join(filter(None, (line.strip().lstrip("#").strip() for line in lines)))
    return Nearby(first, last, said, direct)
