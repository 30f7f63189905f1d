"""Numbers as C's functions read them from the beginning of a text; see ``words.atoi`` as well.

Source: ISO C (atol, atof), glibc.
"""

from __future__ import annotations

import re

_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)([0-9]+)")
_FLOAT = re.compile(
    r"""[ \t\n\v\f\r]*
        ([+-]?(?: 0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?
                | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?
              ))""",
    re.VERBOSE,
)
_MOST_DIGITS = 20
_LONG = 2**63
_LONGEST = 400


def integer(text: str) -> tuple[int | None, str]:
    """A number at the beginning of a text, as ``strtol`` with base 10 reads it.

    Args:
        text: anything.

    Returns:
        The number (0 without digits; None: it does not fit into 64 bits), and what follows it.
    """
    match = _INTEGER.match(text)
    if match is None:
        return 0, text
    digits = match[2].lstrip("0") or "0"
    value = int(match[1] + digits[:20])
    return value if -_LONG <= value < _LONG else None, text[match.end() :]


def atol(text: str) -> int:
    """A number as atol() reads it: what follows the digits does not count, nothing is 0."""
    match = _INTEGER.match(text)
    if match is None:
        return 0
    digits = match[2].lstrip("0")[:_MOST_DIGITS]  # Python refuses to read thousands of digits
    value = int(match[1] + (digits or "0"))
    return max(-_LONG, min(value, _LONG - 1))


def atof(text: str) -> float:
    """A number as atof() reads it, ``1e2`` and ``0x10`` too; nothing, and what is no number, is 0.

    What is too large is infinite.
    """
    match = _FLOAT.match(text[:_LONGEST])
    if match is None:
        return 0.0
    try:
        return float.fromhex(match[1]) if "x" in match[1].lower() else float(match[1])
    except OverflowError:
        return float("inf")


def scanned(text: str) -> int | None:
    """A number as scanf("%u") reads it into 32 bits; None: there is none."""
    match = _INTEGER.match(text)
    if match is None:
        return None
    most = 2**64 - 1
    value = min(int(match[2].lstrip("0")[: _MOST_DIGITS + 1] or "0"), most)
    return (-value if match[1] == "-" and value < most else value) & 0xFFFFFFFF
