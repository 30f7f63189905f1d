"""httpd's structure of sections, on apacheconfig's parser.

apacheconfig's grammar is Config::General's: a ``#`` in mid-line is a comment, close tags need not
match, an empty file is an error. Here its lexer gets httpd's tokens (logical lines, already
preprocessed by `wizard.config.preprocess`) instead of characters, and its parser gets httpd's
productions. Only structure is a token: the lexer itself puts plain directives where the parser
is (`Position`), so that the parser costs time per section, not per line.

Source: httpd 2.4, server/config.c (ap_build_config, ap_build_cont_config).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

from apacheconfig.lexer import BaseApacheConfigLexer
from apacheconfig.parser import BaseApacheConfigParser
from ply import yacc

from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import ascii_lower
from wizard.errors import ConfigError
from wizard.reference import directives

MAX_SECTION_DEPTH = 200
"""How deep sections may nest. Apart from ``<If>``, httpd allows fewer than ten levels. With the
limit, plain recursion can walk the tree."""

_OUTDATED_TABLES = ModuleType("outdated")
_OUTDATED_TABLES.__dict__["_tabversion"] = ""  # so PLY builds its tables and imports no parsetab


class Token:
    """A token with the attributes that PLY asks for.

    Args:
        type: OPEN_TAG, CLOSE_TAG, CONDITION, END_CONDITION, INCLUDE or END.
        value: the section's node, or the closing tag's text.
        file: as httpd names it.
        lineno: last physical line.
    """

    __slots__ = ("file", "lexer", "lexpos", "lineno", "type", "value")

    def __init__(self, type: str, value: Any, file: str, lineno: int) -> None:  # noqa: A002 # PLY's
        self.type = type
        self.value = value
        self.file = file
        self.lineno = lineno
        self.lexpos = 0


@dataclass(slots=True)
class Position:
    """Where the parser stands when it asks for the next token.

    Args:
        nodes: the children of the innermost open section: where a plain directive belongs.
        open_files: files whose end the parser has not accepted yet.
    """

    nodes: list[Node] = field(default_factory=list)
    open_files: int = 0


class HttpdLexer(BaseApacheConfigLexer):  # type: ignore[misc] # apacheconfig is not typed
    """apacheconfig's lexer, fed by logical lines; no character is looked at twice.

    Args:
        tokens_of: gives the tokens; it may run on while the parser works.
    """

    tokens = ("OPEN_TAG", "CLOSE_TAG", "CONDITION", "END_CONDITION", "INCLUDE", "END")

    def __init__(self, tokens_of: Iterator[Token]) -> None:
        self._tokens_of = tokens_of
        super().__init__()

    def reset(self) -> None:
        """Make no PLY lexer: the lines are already tokens."""
        self.engine = self
        self.token: Callable[[], Token | None] = partial(next, self._tokens_of, None)


class HttpdParser(BaseApacheConfigParser):  # type: ignore[misc] # apacheconfig is not typed
    """apacheconfig's parser with httpd's productions.

    A file must close every section that it opens. A conditional must not close a section that was
    opened outside it, but it and the sections in it may still be open at the end of its file.

    Args:
        lexer: the source of tokens.
        position: kept up to date for the lexer.
    """

    options: dict[str, object] = {}  # noqa: RUF012 # the base class reads it from the class

    # Productions of Config::General that httpd's language does not have.
    p_requirednewline = p_whitespace = p_statement = p_startitem = p_miditem = None
    p_item = None

    def __init__(self, lexer: HttpdLexer, position: Position) -> None:
        self._position = position
        self._outer: list[list[Node]] = []  # the nodes around the innermost section's, and so on
        self._open: list[Token] = []  # sections, conditionals and files, outermost first
        self._unclosed: list[Token] = []
        super().__init__(lexer)

    def reset(self) -> None:
        """Build PLY's tables; never read or write a table file (``import parsetab`` would)."""
        self.engine = yacc.yacc(
            module=self,
            start="config",
            tabmodule=_OUTDATED_TABLES,
            outputdir="",
            write_tables=False,
            debug=False,
            check_recursion=False,
            errorlog=yacc.NullLogger(),
        )
        # A state with one possible reduction reduces without looking at the next token: the next
        # line is not read (and acted on) before this one has been accepted.
        self.engine.defaulted_states = {
            state: next(iter(actions.values()))
            for state, actions in self.engine.action.items()
            if len(set(actions.values())) == 1 and next(iter(actions.values())) < 0
        }

    def parse_tree(self) -> list[Node]:
        """Parse everything that the lexer gives.

        Returns:
            The nodes at server level.

        Raises:
            ConfigError: the structure is wrong.
        """
        self.engine.parse(lexer=self._lexer)
        return self._position.nodes

    # The docstrings of the methods p_… are the grammar: PLY reads them.

    def p_config(self, _: Any) -> None:
        """config : contents"""

    def p_contents(self, _: Any) -> None:
        """contents : contents block
        | contents conditional
        | contents file
        |
        """

    def p_opening(self, p: Any) -> None:
        """opening : OPEN_TAG"""
        token = p.slice[1]
        node = token.value
        if len(self._outer) >= MAX_SECTION_DEPTH:
            raise ConfigError(
                f"Sections are nested more than {MAX_SECTION_DEPTH} deep",
                file=token.file,
                line=token.lineno,
                hint="httpd knows no directive that needs this: look for a missing closing tag.",
            )
        self._open.append(token)
        position = self._position
        position.nodes.append(node)
        self._outer.append(position.nodes)
        position.nodes = node.children

    def p_block(self, p: Any) -> None:
        """block : opening contents CLOSE_TAG"""
        closing = p.slice[3]
        node = self._open.pop().value
        self._position.nodes = self._outer.pop()
        if not closing.value.endswith(">"):
            raise ConfigError(
                f"{closing.value}> directive missing closing '>'",
                file=closing.file,
                line=closing.lineno,
                hint="Write the closing tag without blanks.",
            )
        if ascii_lower(closing.value[2:-1]) != node.key:
            raise _mismatch(node, closing)
        node.end_line = closing.lineno

    def p_block_open(self, p: Any) -> None:
        """block : opening contents END"""
        token = self._open.pop()
        self._position.nodes = self._outer.pop()
        token.value.end_line = p.slice[3].lineno
        self._unclosed.append(token)

    def p_condition(self, p: Any) -> None:
        """condition : CONDITION"""
        self._open.append(p.slice[1])

    def p_conditional(self, _: Any) -> None:
        """conditional : condition contents END_CONDITION
        | condition contents END
        """
        self._open.pop()
        self._unclosed.clear()

    def p_opened(self, p: Any) -> None:
        """opened : INCLUDE"""
        self._open.append(p.slice[1])
        self._position.open_files += 1

    def p_file(self, _: Any) -> None:
        """file : opened contents END"""
        self._open.pop()
        if self._unclosed:
            *inside, outermost = self._unclosed
            name = _canonical(outermost.value)
            first = [f"<{_canonical(t.value)}> of line {t.lineno}" for t in inside[:2]]
            more = [f"{len(inside) - 2} more"] if len(inside) > 2 else []
            raise ConfigError(
                f"<{name}> was not closed.",
                file=outermost.file,
                line=outermost.lineno,
                hint=f"Close it with </{name}> in the same file"
                + (f", after {' and '.join(first + more)}." if inside else "."),
            )
        self._position.open_files -= 1

    def p_error(self, token: Token | None) -> None:
        """Say what httpd says of a closing tag that does not belong here."""
        if token is None:
            raise ConfigError("The configuration ends in the middle of a section.")
        if self._open and self._open[-1].type == "OPEN_TAG":
            raise _mismatch(self._open[-1].value, token)
        name = token.value[2:]
        raise ConfigError(
            f"{token.value} without matching <{name} section",
            file=token.file,
            line=token.lineno,
            hint=f"Remove the line, or write <{name.rstrip('>')} …> above it, in the same file and "
            "inside the same <If…> block.",
        )


def _canonical(node: Node) -> str:
    """A section's name as httpd spells it."""
    info = directives.lookup(f"<{node.name}")
    return info.name if info else node.name


def _mismatch(node: Node, closing: Token) -> ConfigError:
    name = _canonical(node)
    return ConfigError(
        f"Expected </{name}> but saw {closing.value}",
        file=closing.file,
        line=closing.lineno,
        hint=f"<{name}> was opened on line {node.line} of {node.file}: close it first.",
    )
