"""Times as httpd's directives read them.

Source: httpd 2.4, server/util.c (ap_timeout_parameter_parse); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re

_TIME = re.compile(r"[ \t\n\v\f\r]*([+-]?)([0-9]+)")
_UNITS = (("s", 1_000_000), ("h", 3_600_000_000), ("ms", 1_000), ("mi", 60_000_000))
"""How a unit begins, in lower case alone; what follows does not count."""
_MOST = 2**63 - 1
_MOST_DIGITS = 20


def microseconds(text: str, unit: str = "s") -> int | None:
    """A time in microseconds.

    Args:
        text: a number, then ``s``, ``ms``, ``mi[n]`` or ``h``; no number is 0.
        unit: of a number alone.

    Returns:
        The time; None if httpd does not understand it, if it is negative or too long.
    """
    match = _TIME.match(text)
    rest = text if match is None else text[match.end() :]
    factor = next((each for name, each in _UNITS if (rest or unit).startswith(name)), None)
    if factor is None:
        return None
    digits = match[2].lstrip("0") if match is not None else ""
    if len(digits) > _MOST_DIGITS:  # Python refuses to read thousands of digits
        return None
    number = int(digits or "0")
    if number > _MOST // factor or (number and match is not None and match[1] == "-"):
        return None
    return number * factor


def seconds(text: str) -> float | None:
    """A time in seconds, which a number alone is in: see ``microseconds``."""
    value = microseconds(text)
    return None if value is None else value / 1_000_000
