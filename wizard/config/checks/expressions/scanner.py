"""The tokens of an expression.

Source: httpd 2.4, server/util_expr_scan.l, whose names the tokens have.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MOST = 8192
"""Bytes of one piece of a string and of one regular expression (MAX_STRING_LEN)."""
_UNTERMINATED = "Unterminated string or variable"


class Token(NamedTuple):
    """A token and its text; of ``T_ERROR`` the text is what httpd says."""

    name: str
    text: str = ""


END: Final = Token("$end")

_WORDS = {
    "and": "T_OP_AND", "or": "T_OP_OR", "not": "T_OP_NOT", "true": "T_TRUE", "false": "T_FALSE",
    "lt": "T_OP_LT", "le": "T_OP_LE", "gt": "T_OP_GT", "ge": "T_OP_GE", "ne": "T_OP_NE",
    "eq": "T_OP_EQ", "in": "T_OP_IN",
}  # fmt: skip
_SIGNS = {
    "=": "T_OP_STR_EQ", "==": "T_OP_STR_EQ", "!=": "T_OP_STR_NE", "<": "T_OP_STR_LT",
    "<=": "T_OP_STR_LE", ">": "T_OP_STR_GT", ">=": "T_OP_STR_GE", "=~": "T_OP_REG",
    "!~": "T_OP_NRE", "&&": "T_OP_AND", "||": "T_OP_OR", "!": "T_OP_NOT", ".": "T_OP_CONCAT",
}  # fmt: skip
_DASHED = {"in", "eq", "ne", "ge", "le", "gt", "lt"}
_OUTSIDE = re.compile(
    r"""[ \t\n]+
    |(?P<quote>["'])
    |(?P<var>%\{)
    |\$(?P<back>[0-9])
    |(?P<regex>m[/\#$%^,;:?|\-!.'"]|m_(?![A-Za-z0-9_])|/)
    |(?P<sign>=~|==?|!=|!~|<=?|>=?|&&|\|\||!|\.)
    |-(?P<dash>[A-Za-z_][A-Za-z_0-9]*)
    |(?P<digit>-?[0-9]+)
    |(?P<word>[A-Za-z][A-Za-z0-9_]*)
    |(?P<char>[(){},:])""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"[^\\\n\"'%}$]+")
_OCTAL = re.compile(r"\\([0-7]{1,3})")
_NUMBER = re.compile(r"\\[0-9]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Scanner:
    """Gives one token after the other.

    Args:
        text: of the expression.
        string: whether it is a string with variables in it, not a condition.
    """

    def __init__(self, text: str, *, string: bool) -> None:
        self._text = text
        self._at = 0
        self._string = string
        self._quote = ""
        self._states = ["str" if string else "outside"]
        self._ready: Token | None = None

    def next(self) -> Token:
        """The next token; ``END`` at the end."""
        if self._ready is not None:
            token, self._ready = self._ready, None
            return token
        state = self._states[-1]
        if state == "outside":
            return self._outside()
        return self._name() if state == "var" else self._piece(argument=state == "vararg")

    def _outside(self) -> Token:
        while self._at < len(self._text):
            match = _OUTSIDE.match(self._text, self._at)
            if match is None:
                return Token("T_ERROR", f"Parse error near '{self._text[self._at]}'")
            self._at = match.end()
            kind = match.lastgroup
            if kind is not None:
                return self._token(kind, match[kind])
        return END

    def _token(self, kind: str, text: str) -> Token:
        if kind == "quote":
            self._quote = text
            self._states[-1] = "str"
            return Token("T_STR_BEGIN")
        if kind == "var":
            self._states.append("var")
            return Token("T_VAR_BEGIN")
        if kind == "regex":
            return self._regex(text[-1])
        if kind == "dash":
            if text in _DASHED:
                return Token(f"T_OP_{text.upper()}")
            return Token("T_OP_UNARY" if len(text) == 1 else "T_OP_BINARY", text)
        if kind == "char":
            return Token(f"'{text}'")
        names = {"back": "T_REGEX_BACKREF", "digit": "T_DIGIT", "sign": _SIGNS.get(text, "")}
        return Token(names.get(kind) or _WORDS.get(text, "T_ID"), text)

    def _regex(self, delimiter: str) -> Token:
        end = self._text.find(delimiter, self._at)
        if end < 0:
            self._at = len(self._text)
            return END
        pattern = self._text[self._at : end]
        if len(pattern) >= _MOST:
            return Token("T_ERROR", "Regexp too long")
        ignoring = self._text[end + 1 : end + 2] == "i"
        self._at = end + 1 + ignoring
        return Token("T_REGEX_I" if ignoring else "T_REGEX", pattern)

    def _name(self) -> Token:
        """What stands between ``%{`` and its end or its colon."""
        if self._at >= len(self._text):
            return Token("T_ERROR", _UNTERMINATED)
        match = _NAME.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
            return Token("T_ID", match[0])
        char = self._text[self._at]
        self._at += 1
        if char == "}":
            self._states.pop()
            return Token("T_VAR_END")
        if char == ":":
            self._states[-1] = "vararg"
            return Token("':'")
        if char == "\n":
            return Token("T_ERROR", _UNTERMINATED)
        return Token("T_ERROR", f"Invalid character in variable name '{char}'")

    def _piece(self, *, argument: bool) -> Token:
        """What stands in quotes, or behind the colon of a variable."""
        pieces: list[str] = []
        size = 0
        while True:
            token = self._sign(argument=argument, end=self._at >= len(self._text))
            if isinstance(token, Token):
                if not pieces or token.name == "T_ERROR":
                    return token
                self._ready = token
                return Token("T_STRING", "".join(pieces))
            pieces.append(token)
            size += len(token)
            if size >= _MOST:
                return Token("T_ERROR", "String too long")

    def _sign(self, *, argument: bool, end: bool) -> Token | str:
        """A token within a string, or the text that one step adds to it."""
        if end:
            if not self._string or argument or len(self._states) > 1:
                return Token("T_ERROR", _UNTERMINATED)
            self._states[-1] = "outside"
            return Token("T_STRING") if self._at == 0 else END
        text, at = self._text, self._at
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            return self._escape()
        if char == "\n" or (argument and char in "\"'"):
            return Token("T_ERROR", _UNTERMINATED)  # in an argument httpd has no rule for quotes
        if char == "$" and text[at + 1 : at + 2].isdigit() and text[at + 1].isascii():
            self._at += 2
            return Token("T_REGEX_BACKREF", text[at + 1])
        if char == "%" and text[at + 1 : at + 2] == "{":
            self._at += 2
            self._states.append("var")
            return Token("T_VAR_BEGIN")
        self._at += 1
        if argument and char == "}":
            self._states.pop()
            return Token("T_VAR_END")
        if not argument and char == self._quote:
            self._states[-1] = "outside"
            return Token("T_STR_END")
        plain = _PLAIN.match(text, at)
        if plain is None:
            return char
        self._at = plain.end()
        return plain[0]

    def _escape(self) -> Token | str:
        octal = _OCTAL.match(self._text, self._at)
        number = _NUMBER.match(self._text, self._at)
        if number is not None and (octal is None or number.end() > octal.end()):
            return Token("T_ERROR", "Bad escape sequence")
        if octal is None:
            self._at += 2
            return self._text[self._at - 1]
        self._at = octal.end()
        if int(octal[1], 8) > 0xFF:
            return Token("T_ERROR", "Escape sequence out of bound")
        return chr(int(octal[1], 8))
