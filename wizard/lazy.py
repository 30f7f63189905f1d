"""Regular expressions that are compiled when they are first used.

There are some sixty about logs alone; a code that is looked up needs a few, and compiling all of
them took longer than the look-up.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, expression: str, flags: re.RegexFlag) -> None:
        self._asked = expression, flags

    def __getattr__(self, name: str) -> Any:
        """What is looked up once (``search`` …) is the compiled expression's own from then on."""
        found = getattr(re.compile(*self._asked), name)
        setattr(self, name, found)
        return found


def pattern(expression: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """As ``re.compile``, later; what is wrong with an expression shows at its first use.

    Args:
        expression: see ``re``.
        flags: see ``re``.

    Returns:
        What has a pattern's methods and attributes, though it is none.
    """
    return cast("re.Pattern[str]", _Lazy(expression, flags))
