"""Times as httpd's directives read them.

Source: httpd 2.4, server/util.c (ap_timeout_parameter_parse).
"""

from __future__ import annotations

import re

_TIME = re.compile(r"\s*([+-]?[0-9]{1,12})([A-Za-z]*)\Z")
_UNITS = (("h", 3600.0), ("mi", 60.0), ("ms", 0.001), ("s", 1.0))


def seconds(text: str) -> float | None:
    """A time in seconds.

    Args:
        text: a number, then ``s`` (the default), ``ms``, ``mi[n]`` or ``h``, in any case.

    Returns:
        Seconds, negative ones too; None if httpd does not understand it.
    """
    match = _TIME.match(text)
    if match is None:
        return None
    number, unit = int(match[1]), match[2].lower()
    if not unit:
        return float(number)
    for prefix, factor in _UNITS:
        if unit.startswith(prefix):
            return number * factor
    return None
