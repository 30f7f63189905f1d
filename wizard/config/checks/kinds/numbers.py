"""Numbers, as the functions of C and APR that httpd calls read them.

Source: httpd 2.4, the set functions that `table` names; APR 1.7, strings/apr_strings.c
(apr_strtoff); glibc's strtol and strtod.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wizard.config.checks.checker import Checker
from wizard.config.checks.kinds.kind import Kind
from wizard.config.syntax.durations import seconds
from wizard.config.syntax.numbers import integer
from wizard.config.syntax.words import atoi

_FLOAT = re.compile(r"[ \t\n\v\f\r]*[+-]?(?:inf|nan|0x[0-9a-f.]|[0-9]|\.[0-9])", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]*[1-9a-f][0-9a-f]*", re.IGNORECASE)
UINT32, INT32 = 2**32 - 1, 2**31 - 1


def number(accepts: Callable[[int], bool], message: str) -> Kind:
    """What ``atoi`` reads: no digits are 0, and what follows them does not count.

    Args:
        accepts: whether httpd takes the number.
        message: else; ``{word}`` in it is the argument.
    """

    def kind(_: Checker, text: str) -> str | None:
        return None if accepts(atoi(text)) else message.replace("{word}", text)

    return kind


def at_least(least: int, message: str) -> Kind:
    """What ``atoi`` reads, not below a bound."""
    return number(lambda value: value >= least, message)


def between(least: int, most: int, message: str) -> Kind:
    """What ``atoi`` reads, between two bounds."""
    return number(lambda value: least <= value <= most, message)


def long(least: int, message: str) -> Kind:
    """What ``strtol`` reads, within its range: what follows the digits does not count."""
    return offset(least, 2**63 - 1, message)


def offset(least: int, most: int, message: str) -> Kind:
    """What ``apr_strtoff`` reads, between two bounds; what follows the digits does not count."""

    def kind(_: Checker, text: str) -> str | None:
        value = integer(text)[0]
        within = value is not None and least <= value <= most
        return None if within else message.replace("{word}", text)

    return kind


def size(least: int, message: str, overflow: str, negative: str | None = None) -> Kind:
    """A number and nothing else, not below a bound.

    Args:
        least: the bound.
        message: for a smaller one, and for what is no number.
        overflow: for one that does not fit into 64 bits; empty: it passes.
        negative: for a smaller one, if that is told apart.
    """

    def kind(_: Checker, text: str) -> str | None:
        value, rest = integer(text)
        if rest:
            return message if value is not None else overflow or message
        if value is None:
            return overflow or None
        return (negative or message) if value < least else None

    return kind


def whole_number(least: int, most: int, message: str, *, clamped: bool = False) -> Kind:
    """A number and nothing else, between two bounds.

    Args:
        least: the lower bound.
        most: the upper bound.
        message: else; ``{word}`` in it is the argument.
        clamped: whether one that does not fit into 64 bits counts as the greatest.
    """

    def kind(_: Checker, text: str) -> str | None:
        value, rest = integer(text)
        within = clamped if value is None else least <= value <= most
        return None if within and not rest else message.replace("{word}", text)

    return kind


def digits(message: str) -> Kind:
    """Digits alone."""

    def kind(_: Checker, text: str) -> str | None:
        return None if not text or (text.isascii() and text.isdigit()) else message

    return kind


def floating(message: str) -> Kind:
    """What ``strtod`` finds a number in front of."""

    def kind(_: Checker, text: str) -> str | None:
        return None if _FLOAT.match(text) else message

    return kind


def factor(_: Checker, text: str) -> str | None:
    """A number above zero and nothing else, as ``strtod`` reads it."""
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        value = 1 if _HEXADECIMAL.fullmatch(text) else None
    if value is None:
        return "error parsing value"
    return None if not value <= 0 else "AsyncRequestWorkerFactor argument must be a positive number"


def time(checker: Checker, text: str) -> float | None:
    """Seconds, of a time that may be negative for an earlier release; None: it is no time."""
    bare = text.lstrip()
    if not (bare.startswith("-") and bare[1:2].isdecimal()):
        return seconds(text)
    value = seconds(bare[1:])
    refused = value and checker.knows("check", "negative-time-is-refused")
    return None if value is None or refused else -value


def duration(message: str, least: float = 0, most: float | None = None, bound: str = "") -> Kind:
    """A time (ap_timeout_parameter_parse).

    Args:
        message: for what is none.
        least: seconds.
        most: seconds.
        bound: for one outside of these bounds.
    """

    def kind(checker: Checker, text: str) -> str | None:
        value = time(checker, text)
        if value is None:
            return message
        if value < least or (most is not None and value > most):
            return bound or None
        return None

    return kind
