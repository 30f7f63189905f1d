"""Whether httpd takes an expression, and its words if not.

It is read from left to right, without going back. Source: httpd 2.4, server/util_expr_parse.y; the
words are those of Bison's parser, which names what it expected where that are four tokens at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wizard.config.checks.expressions.scanner import END, Scanner, Token
from wizard.config.matching.patterns import refused_by_pcre

LookUp = Callable[[str, str, str | None], str | None]
"""What httpd says of a name: its kind, the name, and the argument where it is a plain string."""

_COMPARISONS = ("EQ", "NE", "LT", "LE", "GT", "GE")
_OF_WORDS = frozenset(f"T_OP_{kind}{name}" for name in _COMPARISONS for kind in ("", "STR_"))
_BEGIN_OF_STRING = ("T_ERROR", "T_STRING", "T_REGEX_BACKREF", "T_VAR_BEGIN")
_NOT_NAMED: Sequence[str] = ()
_DEEPEST = 200
"""Variables within variables; deeper ones are taken as they are."""


class RefusedError(Exception):
    """httpd refuses the expression; the text is what it says."""


def refused(text: str, look_up: LookUp, *, string: bool = False) -> str | None:
    """What httpd says of an expression that it does not take.

    Args:
        text: the expression.
        look_up: knows the names of variables, functions and operators.
        string: whether it is a string with variables in it, not a condition.

    Returns:
        Its words; None: it takes the expression.
    """
    parser = _Parser(Scanner(text, string=string), look_up)
    try:
        parser.string("end") if string else parser.condition()
    except RefusedError as error:
        return str(error)
    except RecursionError:  # nobody writes such a thing, and httpd may take it
        return None
    return parser.wrong


class _Parser:
    def __init__(self, scanner: Scanner, look_up: LookUp) -> None:
        self._scanner = scanner
        self._look_up = look_up
        self._token = scanner.next()
        self._depth = 0
        self.wrong: str | None = None
        """What was said of a name: httpd reads on, and tells of the last one."""

    def condition(self) -> None:
        """A whole condition: terms between ``and`` and ``or``, and parentheses around them."""
        open_ones = 0
        while True:
            while self._token.name in ("T_OP_NOT", "'('"):
                open_ones += self._token.name == "'('"
                self._advance()
            self._term()
            while open_ones and self._token.name == "')'":
                open_ones -= 1
                self._advance()
            if self._token.name not in ("T_OP_OR", "T_OP_AND"):
                break
            self._advance()
        if open_ones:
            raise self._unexpected(("T_OP_OR", "T_OP_AND", "')'"))
        if self._token is not END:
            raise self._unexpected(("$end",))

    def _term(self) -> None:
        name = self._token.name
        if name in ("T_TRUE", "T_FALSE"):
            self._advance()
        elif name == "T_ERROR":
            raise RefusedError(self._token.text)
        elif name == "T_OP_UNARY":
            operator = self._advance().text
            self._known("Unary operator", f"-{operator}", self._word())
        else:
            self._word()
            self._comparison()

    def _comparison(self) -> None:
        name = self._token.name
        if name in _OF_WORDS:
            self._advance()
            self._word()
        elif name == "T_OP_BINARY":
            operator = self._advance().text
            self._known("Binary operator", f"-{operator}", self._word())
        elif name == "T_OP_IN":
            self._advance()
            self._list()
        elif name in ("T_OP_REG", "T_OP_NRE"):
            self._advance()
            pattern = self._take(("T_REGEX", "T_REGEX_I"))
            if refused_by_pcre(pattern.text):
                raise self._error("Failed to compile regular expression")
        else:
            raise self._unexpected(_NOT_NAMED)

    def _list(self) -> None:
        if self._token.name == "T_ID":
            name = self._advance().text
            self._known("List-returning function", name, self._argument())
            return
        if self._token.name != "'{'":
            raise self._unexpected(("T_ID", "'{'"))
        while True:
            self._advance()
            self._word()
            if self._token.name == "'}'":
                self._advance()
                return
            if self._token.name != "','":
                raise self._unexpected(("'}'", "','"))

    def _argument(self) -> str | None:
        self._take(("'('",))
        found = self._word()
        if self._token.name != "')'":
            raise self._unexpected(("T_OP_CONCAT", "')'"))
        self._advance()
        return found

    def _word(self) -> str | None:
        """A word; its text where it is one plain string."""
        found = self._part()
        while self._token.name == "T_OP_CONCAT":
            self._advance()
            self._part()
            found = None
        return found

    def _part(self) -> str | None:
        name = self._token.name
        if name in ("T_DIGIT", "T_REGEX_BACKREF"):
            self._advance()
        elif name == "T_VAR_BEGIN":
            self._variable()
        elif name == "T_ID":
            function = self._advance().text
            self._deeper()
            self._known("Function", function, self._argument())
            self._depth -= 1
        elif name == "T_STR_BEGIN":
            self._advance()
            if self._token.name != "T_STR_END":
                return self.string("quote")
            self._advance()
            return ""
        else:
            raise self._unexpected(_NOT_NAMED)
        return None

    def string(self, where: str) -> str | None:
        """A string and what ends it; its text where it has no variable.

        Args:
            where: ``quote``, ``variable`` or ``end``.
        """
        if self._token.name == "T_ERROR":
            raise RefusedError(self._token.text)
        ends = {"quote": "T_STR_END", "variable": "T_VAR_END", "end": "$end"}[where]
        if self._token.name not in _BEGIN_OF_STRING:
            raise self._unexpected(_BEGIN_OF_STRING)
        parts = 0
        text: str | None = None
        while self._token.name in _BEGIN_OF_STRING[1:]:
            parts += 1
            text = self._token.text if self._token.name == "T_STRING" and parts == 1 else None
            if self._token.name == "T_VAR_BEGIN":
                self._variable()
            else:
                self._advance()
        if self._token.name != ends:
            more = (
                ("T_STR_END", "T_VAR_BEGIN") if where == "quote" else ("T_VAR_BEGIN", "T_VAR_END")
            )
            expected = ("T_STRING", "T_REGEX_BACKREF", *more)
            raise self._unexpected(("$end",) if where == "end" else expected)
        if where != "end":
            self._advance()
        return text

    def _variable(self) -> None:
        self._advance()
        name = self._take(("T_ID",)).text
        if self._token.name == "T_VAR_END":
            self._advance()
            self._known("Variable", name, None)
            return
        if self._token.name != "':'":
            raise self._unexpected(("T_VAR_END", "':'"))
        self._advance()
        self._deeper()
        self._known("Function", name, self.string("variable"))
        self._depth -= 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError

    def _known(self, kind: str, name: str, argument: str | None) -> None:
        self.wrong = self._look_up(kind, name, argument) or self.wrong

    def _advance(self) -> Token:
        token, self._token = self._token, self._scanner.next()
        return token

    def _take(self, names: Sequence[str]) -> Token:
        if self._token.name not in names:
            raise self._unexpected(names)
        return self._advance()

    def _unexpected(self, expected: Sequence[str]) -> RefusedError:
        said = f"syntax error, unexpected {self._token.name}"
        if expected:
            said += f", expecting {' or '.join(expected)}"
        if self._token.name == "T_ERROR":
            self.wrong = self._token.text
        return self._error(said)

    def _error(self, said: str) -> RefusedError:
        return RefusedError(f"{said}: {self.wrong}" if self.wrong else said)
