"""What a kind of argument is, and how a row of the table asks for one.

A kind looks at one word and says in httpd's words why httpd refuses it. A row names the words of a
directive that have a kind.
"""

from __future__ import annotations

from collections.abc import Callable

from wizard.config.checks.checker import Check, Checker, Refusal
from wizard.config.installation.distributions import OFTEN_COMPILED_IN
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words

Kind = Callable[[Checker, str], str | None]
"""What httpd says to a word; None: it accepts it."""

Line = Callable[[Checker, list[str]], str | None]
"""What httpd says to all the words of a line; None: it accepts them."""


def has_module(checker: Checker, module: str) -> bool:
    """Whether a module is loaded, or may be compiled into an httpd that was not asked."""
    return module in checker.modules or module in OFTEN_COMPILED_IN


def only_httpds_own(checker: Checker) -> bool:
    """Whether no module of others may know a name."""
    return not checker.partial and not checker.has_modules_of_others


def whole(line: Line) -> Check:
    """A check that looks at every word of a line.

    Args:
        line: what it says to the words.
    """

    def check(checker: Checker, node: Node, _: tuple[Node, ...]) -> Refusal | None:
        message = line(checker, split_words(node.args))
        return None if message is None else Refusal(message)

    return check


def word(kind: Kind, position: int = 0) -> Check:
    """A check of one word.

    Args:
        kind: of the word.
        position: of it; a line without that word passes.
    """

    def line(checker: Checker, words: list[str]) -> str | None:
        return kind(checker, words[position]) if len(words) > position else None

    return whole(line)


def words(*kinds: Kind | None) -> Check:
    """A check of the first words, each with a kind of its own.

    Args:
        kinds: one for each word; None: any word.
    """

    def line(checker: Checker, found: list[str]) -> str | None:
        for kind, text in zip(kinds, found, strict=False):
            message = kind(checker, text) if kind is not None else None
            if message is not None:
                return message
        return None

    return whole(line)


def each(kind: Kind, start: int = 0) -> Check:
    """A check of every word.

    Args:
        kind: of each.
        start: how many words before the first of them have another meaning.
    """

    def line(checker: Checker, found: list[str]) -> str | None:
        for text in found[start:]:
            message = kind(checker, text)
            if message is not None:
                return message
        return None

    return whole(line)


def one_word(message: str, *accepted: str) -> Kind:
    """One of a few words, in any case.

    Args:
        message: httpd's; ``{word}`` in it is the argument.
        accepted: the words in lower case.
    """

    def kind(_: Checker, text: str) -> str | None:
        return None if text.lower() in accepted else message.replace("{word}", text)

    return kind
