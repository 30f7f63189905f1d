"""Define, UnDefine and ``${NAME}``.

Source: httpd 2.4, server/core.c (set_define, ap_resolve_env); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from wizard.config.syntax.logical_lines import MAX_LINE
from wizard.config.syntax.words import ascii_lower
from wizard.errors import ConfigError

_REFERENCE = re.compile(r"\$\{([^}]*+)\}")


class Variables:
    """The defines in force, and the environment behind them.

    Names are case-sensitive for ``<IfDefine>`` and case-insensitive for ``${}``; names of the
    environment are always case-sensitive.

    Args:
        environment: of the httpd process.
        defines: names given with ``-D``; ``NAME=VALUE`` defines that very name, as httpd does.
    """

    def __init__(self, environment: Mapping[str, str], defines: Iterable[str] = ()) -> None:
        self._environment = environment
        self._names: dict[str, None] = dict.fromkeys(defines)
        self._values: dict[str, tuple[str, str]] = {}

    def define(self, name: str, value: str | None) -> None:
        """``Define name [value]``; without a value an earlier one stays."""
        self._names[name] = None
        if value is not None:
            self._values[ascii_lower(name)] = (name, value)

    def undefine(self, name: str) -> None:
        """``UnDefine name``: the value goes in any case of letters, the name only in this one."""
        self._names.pop(name, None)
        self._values.pop(ascii_lower(name), None)

    def is_defined(self, name: str) -> bool:
        """What ``<IfDefine name>`` asks."""
        return name in self._names

    def as_mapping(self) -> dict[str, str | None]:
        """Every name in force with its value."""
        found: dict[str, str | None] = {}
        for name in self._names:
            entry = self._values.get(ascii_lower(name))
            found[name] = entry[1] if entry else None
        for name, value in self._values.values():
            found.setdefault(name, value)
        return found

    def expand(self, text: str, undefined: Callable[[str], None]) -> str:
        """Replace every ``${NAME}`` that is known; values are not expanded again.

        Args:
            text: a logical line.
            undefined: called with each unknown name (names with ``:`` belong to RewriteMap).

        Returns:
            The text; unknown references stay as written.

        Raises:
            ConfigError: the result would be longer than a line may be.
        """
        length = 0
        pieces: list[str] = []
        position = 0
        end = text.rfind("}") + 1  # else each of many unclosed ones searches to the end
        for match in _REFERENCE.finditer(text, 0, end):
            name = match[1]
            entry = self._values.get(ascii_lower(name))
            value = entry[1] if entry else self._environment.get(name)
            if value is None:
                if ":" not in name:
                    undefined(name)
                continue
            length += len(value)
            if length > MAX_LINE:
                raise ConfigError(
                    "Line too long after its variables were replaced",
                    hint=f"${{{name}}} is too long to be used here.",
                )
            pieces += (text[position : match.start()], value)
            position = match.end()
        pieces.append(text[position:])
        return "".join(pieces)
