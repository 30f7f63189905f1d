"""A configuration file as the editor of its bytes sees it: statements and where each one stands.

Lines and words are those that ``wizard.config`` reads; this module adds the physical lines of a
directive whose place is known, the places of its words, and the sections round it. Source: httpd
2.4, server/config.c.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from wizard.config.syntax.logical_lines import encode, split
from wizard.config.syntax.words import BLANKS, Word, argument, ascii_lower, first_word, words_of
from wizard.fix.source.edits import line_end, split_lines

CONDITIONALS = frozenset(
    {"ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective", "ifsection"}
)
"""Sections that httpd takes away while it reads: what stands in them counts for the level round
them."""
TRANSPARENT = CONDITIONALS | {"macro"}
"""Those, and the body of a macro."""


@dataclass(slots=True, eq=False)
class Statement:
    """A directive or a tag; continued lines are joined in ``flat``.

    Args:
        first: first physical line, from 1.
        last: last physical line.
        flat: text without line end and without the backslashes that continue it.
        name: in lower case, without ``<``.
        tag: ``<`` opening, ``/`` closing, empty for a directive.
        parent: the section that it stands in.
        end: for an opening tag: line of its closing tag, 0 if it has none.
    """

    first: int
    last: int
    flat: str
    name: str
    tag: str
    parent: Statement | None = None
    end: int = 0

    @property
    def indent(self) -> bytes:
        """The blanks before it."""
        return self.flat[: len(self.flat) - len(self.flat.lstrip(BLANKS))].encode()

    @property
    def words(self) -> list[Word]:
        """The arguments."""
        start = self._first.stop
        if start == self._end:
            start = self.written_name.stop  # <Name>
        stop = self.flat.rfind(">", start) if self.tag == "<" else -1
        return list(words_of(self.flat, start, self._end if stop < 0 else stop))

    @property
    def written_name(self) -> Word:
        """The name as it is written, with the tag's ``<`` and without a ``>`` at its end."""
        word = self._first
        name = _without_end(word.value)
        if word.quote:
            return word
        return Word(word.start, word.stop - (len(word.value) - len(name)), name)

    @property
    def _first(self) -> Word:
        return next(words_of(self.flat, 0, self._end))

    @property
    def _end(self) -> int:
        """Where the blanks at its end begin, which httpd takes away."""
        return len(self.flat.rstrip(BLANKS))

    @property
    def sections(self) -> tuple[Statement, ...]:
        """The sections that it stands in, the outermost first."""
        found: list[Statement] = []
        above = self.parent
        while above is not None:
            found.append(above)
            above = above.parent
        return tuple(reversed(found))


class SourceText:
    """The statements of one file, read once.

    Args:
        data: the file's bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.lines = split_lines(data)
        self.end = line_end(self.lines)
        self.statements: list[Statement] = []
        self._by_line: dict[int, Statement] = {}
        self._read(data)

    def at(self, line: int) -> Statement | None:
        """The statement that covers a physical line (from 1), None for blanks and comments."""
        return self._by_line.get(line)

    def between(self, first: int, last: int) -> Iterator[Statement]:
        """The statements that begin on lines ``first``..``last``, in order."""
        begin = bisect_left(self.statements, first, key=_first)
        for index in range(begin, len(self.statements)):
            statement = self.statements[index]
            if statement.first > last:
                return
            yield statement

    def with_comments(self, line: int) -> int:
        """The line, or the first of the comment lines directly above it."""
        while line > 1 and not self.at(line - 1) and self.lines[line - 2].lstrip().startswith(b"#"):
            line -= 1
        return line

    def line_end_of(self, statement: Statement) -> bytes:
        """The line end of the statement's last line; empty at the end of a file without one."""
        line = self.lines[statement.last - 1]
        if line.endswith(b"\r\n"):
            return b"\r\n"
        return b"\n" if line.endswith(b"\n") else b""

    def _read(self, data: bytes) -> None:
        stack: list[Statement] = []
        lines = split(data, strip="")
        for flat, first, last in zip(lines.texts, lines.first, lines.last, strict=True):
            body = flat.lstrip(BLANKS)
            if not body or body.startswith("#"):
                continue
            # a file that ends in a backslash continues on a line that is not there
            statement = _statement(first, min(last, len(self.lines)), flat)
            if statement.tag == "/":
                _close(stack, statement)
            statement.parent = stack[-1] if stack else None
            self.statements.append(statement)
            for line in range(first, last + 1):
                self._by_line[line] = statement
            if statement.tag == "<":
                stack.append(statement)


def _first(statement: Statement) -> int:
    return statement.first


def _statement(first: int, last: int, flat: str) -> Statement:
    name = _without_end(first_word(flat.rstrip(BLANKS))[0])
    tag = "/" if name.startswith("</") else "<" if name.startswith("<") else ""
    key = name[2:].partition(">")[0] if tag == "/" else name[len(tag) :]
    return Statement(first, last, flat, ascii_lower(key), tag)


def _without_end(name: str) -> str:
    """``<Name`` of ``<Name>``, as httpd reads it."""
    return name[:-1] if name.endswith(">") and name[1:2] != "/" else name


def _close(stack: list[Statement], closing: Statement) -> None:
    """Ends the innermost open section of that name, and those left open inside it."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index].name == closing.name:
            stack[index].end = closing.last
            del stack[index:]
            return


def with_words(statement: Statement, changes: dict[int, str]) -> bytes:
    """The statement's text with some arguments changed; all other bytes stay.

    Args:
        statement: what is changed.
        changes: index of the argument (-1 for the name itself) to its new value.

    Returns:
        One line without line end, also where the statement was continued over several.
    """
    words = [statement.written_name, *statement.words]
    flat = statement.flat
    for index in sorted(changes, reverse=True):
        word = words[index + 1]
        value = statement.tag + changes[index] if index < 0 else changes[index]
        flat = flat[: word.start] + argument(value, word.quote) + flat[word.stop :]
    return encode(flat)
