"""When something expires, and how long a request may take.

Source: httpd 2.4, modules/metadata/mod_expires.c (check_code), mod_usertrack.c, modules/filters/
mod_reqtimeout.c; each message was read from httpd 2.4.71.
"""

from __future__ import annotations

from wizard.config.checks.checker import Checker
from wizard.config.checks.kinds.numbers import INT32
from wizard.config.syntax.numbers import integer
from wizard.config.syntax.words import split_words

_TYPES = ("y", "mo", "w", "d", "h", "mi", "s")
_STAGES = frozenset({"handshake", "header", "body"})
_RATE = ",minrate="


def expires_default(_: Checker, words: list[str]) -> str | None:
    """``ExpiresDefault``."""
    fault = _code(words[0]) if words else None
    return None if fault is None else f"'ExpiresDefault {words[0]}': {fault}"


def expires_by_type(_: Checker, words: list[str]) -> str | None:
    """``ExpiresByType``."""
    if len(words) < 2:
        return None
    if "/" not in words[0]:
        return "Invalid mimetype: should contain a slash"
    fault = _code(words[1])
    return None if fault is None else f"'ExpiresByType {words[0]} {words[1]}': {fault}"


def _code(text: str) -> str | None:
    """What is wrong with ``A3600`` or ``access plus 1 month``."""
    if text[:1] in ("A", "M") and not text[1:].strip("0123456789"):
        return None  # seconds
    words = split_words(text)
    base = words.pop(0) if words else ""
    if base[:1].lower() not in ("n", "a", "m"):
        return f"bad expires code, unrecognised <base> '{base}'"
    return _steps(words, "bad expires code, numeric value expected <num> '{word}'", _UNKNOWN)


_UNKNOWN = "bad expires code, unrecognised <type>'{word}'"


def _steps(words: list[str], numeric: str, unknown: str) -> str | None:
    """``[plus] {<num> <type>}*``: the word ``plus`` counts by its first letter."""
    if words and words[0][:1].lower() == "p":
        words = words[1:]
    for at in range(0, len(words), 2):
        if not words[at]:
            return None
        if words[at][0] not in "0123456789":
            return numeric.replace("{word}", words[at])
        if len(words) <= at + 1 or not words[at + 1]:
            return "bad expires code, missing <type>"
        if not words[at + 1].lower().startswith(_TYPES):
            return unknown.replace("{word}", words[at + 1])
    return None


def cookie_expires(_: Checker, words: list[str]) -> str | None:
    """``CookieExpires``."""
    text = words[0] if words else ""
    if text[:1].isascii() and text[:1].isdigit() and text[-1].isascii() and text[-1].isdigit():
        return None
    return _steps(
        split_words(text),
        "bad expires code, numeric value expected.",
        "bad expires code, unrecognized type",
    )


def request_read_timeout(checker: Checker, words: list[str]) -> str | None:
    """``RequestReadTimeout``."""
    for word in words:
        stage, equals, value = word.partition("=")
        if not equals:
            return "Invalid RequestReadTimeout parameter. Parameter must be in the form 'key=value'"
        known = stage.lower() in _STAGES and not checker.lack("RequestReadTimeout stage", stage)
        fault = _stage(value) if known else "Unknown RequestReadTimeout parameter"
        if fault is not None:
            return f"RequestReadTimeout: {stage}={value}: {fault}"
    return None


def _stage(value: str) -> str | None:
    at = value.lower().find(_RATE)
    if at < 0:
        if "-" in value:
            return "Must set MinRate option if using timeout range"
        return _integer(value)[1]
    rate, fault = _integer(value[at + len(_RATE) :])
    if fault is not None:
        return fault
    if rate == 0:
        return "Minimum data rate must be larger than 0"
    first, dash, last = value[:at].partition("-")
    most, fault = _integer(last) if dash else (0, None)
    if fault is not None:
        return fault
    least, fault = _integer(first)
    if fault is None and most and least >= most:
        return "Maximum timeout must be larger than initial timeout"
    return fault


def _integer(text: str) -> tuple[int, str | None]:
    """What ``strtol`` reads, cut to an int."""
    value, rest = integer(text)
    if rest == text:
        return 0, f"Value '{text}' not numerical"
    if rest:
        return 0, f"Cannot parse '{rest}'"
    if value is None:
        value = -1 if not text.lstrip().startswith("-") else 0
    value &= 2**32 - 1
    if value > INT32:
        return 0, "Value must be non-negative"
    return value, None
