"""Logical lines of a configuration: bytes, continuation, line numbers.

Source: httpd 2.4, server/util.c (ap_cfg_getline); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.config.syntax.words import BLANKS

MAX_LINE = 16 * 1024 * 1024
"""Longest logical line in bytes that httpd reads (VARBUF_MAX_LEN)."""


@dataclass(slots=True)
class Lines:
    """Logical lines with the physical lines that they stand on.

    Args:
        texts: each line without what was to be stripped; comments and empty lines are still there.
        first: first physical line of each, from 1.
        last: last physical line of each, from 1.
        carry: text that a backslash at the very end joins to what follows (macro bodies only).
        without_end: if the file does not end in a newline: its last line without the text of the
            last physical line; else None.
        too_long: physical line at which a line became longer than MAX_LINE; 0: none did. The
            lines before it are complete.
    """

    texts: list[str]
    first: Sequence[int]
    last: Sequence[int]
    carry: str = ""
    without_end: str | None = None
    too_long: int = 0

    def prepend(self, text: str, position: int) -> None:
        """Put text before the line at a position; at the end it is a line of its own."""
        if position < len(self.texts):
            self.texts[position] = text + self.texts[position]
        else:
            number = self.last[-1] + 1 if self.last else 1
            self.texts.append(text.strip(BLANKS))
            self.first = [*self.first, number]
            self.last = [*self.last, number]


def decode(data: bytes) -> str:
    """Bytes as text that encodes to the same bytes (UTF-8 with ``surrogateescape``)."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that ``decode`` took."""
    return text.encode("utf-8", "surrogateescape")


def split(data: bytes, strip: str = BLANKS) -> Lines:
    """The logical lines of a file.

    Args:
        data: the file's bytes.
        strip: characters that are removed around each line; empty: none.

    Returns:
        Its lines; a last line without newline counts, a backslash at its end stays.
    """
    text = decode(data)
    physical = text.split("\n")
    if not physical[-1]:
        physical.pop()
    count = len(physical)
    if (
        not strip
        or "\\\n" in text
        or "\\\r\n" in text
        or "\0" in text
        or (len(data) > MAX_LINE and max(map(len, physical)) > MAX_LINE // 4)
    ):
        return join(physical, range(1, count + 1), complete=text.endswith("\n"), strip=strip)
    numbers = range(1, count + 1)
    return Lines(
        [line.strip(strip) for line in physical],
        numbers,
        numbers,
        without_end=None if text.endswith("\n") else "",
    )


def join(
    physical: list[str], numbers: Sequence[int], *, complete: bool, strip: str = BLANKS
) -> Lines:
    """Join continued lines.

    Args:
        physical: lines without their newline.
        numbers: line number of each.
        complete: whether the last one ended in a newline.
        strip: as for ``split``.

    Returns:
        The logical lines. A NUL ends its physical line for httpd, which works on C strings.
    """
    texts: list[str] = []
    first: list[int] = []
    last: list[int] = []
    parts: list[str] = []
    start = 0
    length = 0
    previous = ""  # the last character of what has been joined so far
    without_end: str | None = None
    final = len(physical) - 1
    for index, raw in enumerate(physical):
        line = raw
        ended = complete or index != final
        if "\0" in line:
            line = line[: line.index("\0")]
            ended = False
        if not parts:
            start = numbers[index]
            length = 0
            previous = ""
        continued = False
        if ended:
            # httpd looks at the byte before the newline in its whole buffer, so an empty
            # line still sees a backslash that the line above left behind.
            line, previous, _ = _without(line, "\r", previous, parts)
            line, _, continued = _without(line, "\\", previous, parts)
        length += len(line) if line.isascii() else len(encode(line))
        if length > MAX_LINE:
            return Lines(texts, first, last, too_long=numbers[index])
        parts.append(line)
        previous = line[-1:] or parts[-1][-1:]
        if continued:
            continue
        if index == final and not complete:
            without_end = _joined(parts[:-1]).strip(BLANKS)
        texts.append(_joined(parts).strip(strip))
        first.append(start)
        last.append(numbers[index])
        parts = []
    carry = ""
    if parts:
        carry = _joined(parts)
        texts.append(carry.strip(strip))
        first.append(start)
        last.append(numbers[final] + (1 if complete else 0))  # httpd counts the missing line
    return Lines(texts, first, last, carry=carry, without_end=without_end)


def _without(line: str, end: str, previous: str, parts: list[str]) -> tuple[str, str, bool]:
    """The line without an end, what then precedes it, and whether there was such an end."""
    if line.endswith(end):
        return line[:-1], previous, True
    if line or previous != end or not parts:
        return line, previous, False
    parts[-1] = parts[-1][:-1]
    return line, parts[-1][-1:], True


def _joined(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    text = "".join(parts)
    if text.isascii():
        return text
    # A character whose bytes were on two lines becomes whole again.
    return decode(encode(text))
