"""A path that a regular expression matches: the shortest that can be read off the expression.

Understood: literals, escapes, classes, groups, alternatives (the first is taken), quantifiers (the
fewest, but one where nothing would leave two slashes side by side: MergeSlashes, which is on by
default, makes one of them before httpd compares). The result is tried against the expression, and
used only if it matches.
"""

from __future__ import annotations

import re

from wizard.config.matching.patterns import compile_regex, literal_prefix

_CLASS_SAMPLES = {"d": "1", "w": "x", "s": " ", "D": "x", "W": "-", "S": "x", "h": " ", "R": " "}
_NOTHING = frozenset("bBAzZGQEK")
_COUNT = re.compile(r"\{([0-9]{1,3})?(?:,[0-9]*)?\}")
_CANDIDATES = "x1a/A0-_. @b"
_GROUP_START = re.compile(r"\?(?:P?<[A-Za-z_]\w*>|'[A-Za-z_]\w*'|[a-zA-Z-]*:|>|\|)")
_FLAGS = re.compile(r"\?[a-zA-Z-]+\)")
_DEEPEST = 50
_LONGEST = 500


def sample(pattern: str, ignore_case: bool = False) -> str | None:
    """A path that a regular expression matches; None if none was found."""
    regex = compile_regex(pattern, ignore_case)
    if regex is None:
        return None
    texts = (_Speller(pattern, least).spell() for least in (0, 1))
    stem = _from_root(literal_prefix(pattern))
    tails = ("", "x", "/", "/x", "1", "/1", ".html", "/x.html")
    candidates = [*map(_from_root, texts), *(stem + tail for tail in tails)]
    candidates.sort(key=lambda candidate: "//" in candidate)
    return next((candidate for candidate in candidates if regex.search(candidate)), None)


def _from_root(text: str) -> str:
    return text if text.startswith("/") else f"/{text}"


class _Speller:
    """Walks over an expression once and writes a text for it."""

    def __init__(self, pattern: str, least: int) -> None:
        self._pattern = pattern
        self._least = least
        """How often is written what may be left out, as far as its quantifier allows."""
        self._at = 0
        self._depth = 0

    def spell(self) -> str:
        """The text; wrong if the expression has parts that are not understood here."""
        return self._alternatives()[:_LONGEST]

    def _alternatives(self) -> str:
        first = self._sequence()
        while self._at < len(self._pattern) and self._pattern[self._at] == "|":
            self._at += 1
            self._sequence()
        return first

    def _sequence(self) -> str:
        pieces: list[str] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            piece = self._atom()
            pieces.append(piece * self._fewest())
        return "".join(pieces)

    def _atom(self) -> str:
        char = self._pattern[self._at]
        self._at += 1
        if char in "^$":
            return ""
        if char == ".":
            return "x"
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        return char

    def _escape(self) -> str:
        if self._at >= len(self._pattern):
            return ""
        char = self._pattern[self._at]
        self._at += 1
        if char in _NOTHING:
            return ""
        return _CLASS_SAMPLES.get(char, char)

    def _class(self) -> str:
        end = self._at + 1 if self._pattern[self._at : self._at + 1] == "^" else self._at
        if self._pattern[end : end + 1] == "]":  # as the first character it is a member
            end += 1
        while end < len(self._pattern) and self._pattern[end] != "]":
            if self._pattern[end] == "\\":
                end += 1
            elif self._pattern.startswith("[:", end):
                end = max(self._pattern.find(":]", end) + 1, end)
            end += 1
        text = self._pattern[self._at - 1 : end + 1]
        self._at = end + 1
        members = compile_regex(text)
        if members is None:
            return ""
        every = _CANDIDATES + "".join(map(chr, range(33, 127)))
        return next((char for char in every if members.search(char)), "")

    def _group(self) -> str:
        if flags := _FLAGS.match(self._pattern, self._at):
            self._at = flags.end()
            return ""
        looks = self._pattern.startswith(("?=", "?!", "?<=", "?<!", "?#"), self._at)
        start = _GROUP_START.match(self._pattern, self._at)
        if start:
            self._at = start.end()
        self._depth += 1
        if self._depth > _DEEPEST:
            self._at = len(self._pattern)
            return ""
        text = self._alternatives()
        self._depth -= 1
        self._at += 1  # the closing parenthesis
        return "" if looks else text

    def _fewest(self) -> int:
        """Skip the quantifier, and return the number of times that is written."""
        char = self._pattern[self._at : self._at + 1]
        count = 1
        if char and char in "*?+":
            self._at += 1
            count = 1 if char == "+" else self._least
        elif found := _COUNT.match(self._pattern, self._at):
            self._at = found.end()
            count = int(found[1] or self._least)
        else:
            return 1
        if self._pattern[self._at : self._at + 1] in ("?", "+"):
            self._at += 1
        return count
