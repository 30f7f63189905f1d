"""A configuration file as the editor of its bytes sees it: statements and where each one stands.

Meaning comes from ``wizard.config``; this module only finds, in the bytes of one file, the physical
lines of a directive whose place is known, the words in it, and the sections round it. Rules:
httpd 2.4 server/config.c and server/util.c (ap_getword_conf, ap_cfg_getline).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from wizard.config.syntax.words import argument
from wizard.fix.source.edits import line_end, split_lines

BLANKS = b" \t\r\v\f"
CONDITIONALS = frozenset(
    {"ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective", "ifsection"}
)
"""Sections that httpd takes away while it reads: what stands in them counts for the level round
them."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word: ``start``..``stop`` in the statement's flat text, quotes included."""

    start: int
    stop: int
    value: bytes
    quote: bytes = b""


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
    flat: bytes
    name: str
    tag: str
    parent: Statement | None
    end: int = 0

    @property
    def indent(self) -> bytes:
        """The blanks before it."""
        return self.flat[: len(self.flat) - len(self.flat.lstrip(BLANKS))]

    @property
    def words(self) -> list[Word]:
        """The arguments."""
        return self._words()[1:]

    @property
    def written_name(self) -> Word:
        """The directive's name as written, quotes included; empty for a bare ``<``."""
        start = len(self.indent) + len(self.tag)
        return next(iter(self._words()), Word(start, start, b""))

    @property
    def sections(self) -> tuple[Statement, ...]:
        """The sections that it stands in, the outermost first."""
        found: list[Statement] = []
        above = self.parent
        while above is not None:
            found.append(above)
            above = above.parent
        return tuple(reversed(found))

    def _words(self) -> list[Word]:
        start = len(self.indent) + (1 if self.tag == "<" else 0)
        stop = self.flat.rfind(b">") if self.tag == "<" else len(self.flat)
        return list(split(self.flat, start, len(self.flat) if stop < start else stop))


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
        self._read()

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

    def line_end_of(self, statement: Statement) -> bytes:
        """The line end of the statement's last line; empty at the end of a file without one."""
        line = self.lines[statement.last - 1]
        if line.endswith(b"\r\n"):
            return b"\r\n"
        return b"\n" if line.endswith(b"\n") else b""

    def _read(self) -> None:
        stack: list[Statement] = []
        number = 0
        while number < len(self.lines):
            first = number + 1
            flat, number = self._logical(number)
            body = flat.strip(BLANKS)
            if not body or body.startswith(b"#"):
                continue
            statement = _statement(first, number, flat, stack[-1] if stack else None)
            if statement.tag == "/":
                _close(stack, statement)
                statement.parent = stack[-1] if stack else None
            self.statements.append(statement)
            for line in range(first, number + 1):
                self._by_line[line] = statement
            if statement.tag == "<":
                stack.append(statement)

    def _logical(self, number: int) -> tuple[bytes, int]:
        """Text of the statement that begins at index ``number``; index after its last line."""
        parts = []
        while True:
            line = self.lines[number]
            number += 1
            text = line[:-1] if line.endswith(b"\n") else line
            text = text[:-1] if text.endswith(b"\r") and line.endswith(b"\n") else text
            if not text.endswith(b"\\") or number == len(self.lines):
                parts.append(text)
                return b"".join(parts), number
            parts.append(text[:-1])


def _first(statement: Statement) -> int:
    return statement.first


def _statement(first: int, last: int, flat: bytes, parent: Statement | None) -> Statement:
    body = flat.strip(BLANKS)
    if body.startswith(b"</"):
        name = body[2:].split(b">")[0].strip(BLANKS)
        return Statement(first, last, flat, _lower(name), "/", parent)
    tag = "<" if body.startswith(b"<") else ""
    start = len(flat) - len(flat.lstrip(BLANKS)) + len(tag)
    word = next(split(flat, start, len(flat)), None)
    name = word.value if word else b""
    return Statement(first, last, flat, _lower(name.split(b">")[0] if tag else name), tag, parent)


def _lower(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape").lower()


def _close(stack: list[Statement], closing: Statement) -> None:
    """Ends the innermost open section of that name, and those left open inside it."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index].name == closing.name:
            stack[index].end = closing.last
            del stack[index:]
            return


def split(flat: bytes, start: int, stop: int) -> Iterator[Word]:
    """The words of ``flat[start:stop]``, as httpd splits a directive.

    A quote opens only at the beginning of a word and its pair ends the word; one that is never
    closed takes the rest of the line.
    """
    position = start
    while True:
        while position < stop and flat[position] in BLANKS:
            position += 1
        if position >= stop:
            return
        begin = position
        if flat[position] in b"\"'":
            quote = flat[position : position + 1]
            position += 1
            value = bytearray()
            while position < stop and flat[position : position + 1] != quote:
                if flat[position : position + 2] in (b"\\\\", b"\\" + quote):
                    position += 1
                value.append(flat[position])
                position += 1
            position = min(position + 1, stop)
            yield Word(begin, position, bytes(value), quote)
        else:
            while position < stop and flat[position] not in BLANKS:
                position += 1
            yield Word(begin, position, flat[begin:position].replace(b"\\\\", b"\\"))


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
        flat = flat[: word.start] + argument(changes[index], word.quote) + flat[word.stop :]
    return flat
