"""httpd's log codes (AHnnnnn): whose they are, at which level they are logged, what they mean.

Module, level and format string are those of httpd 2.4.71, read from its binaries (the arguments of
each call of ``ap_log_*error_``) and, where the level is a variable or another build has the call,
from the sources; other releases of 2.4 differ in few of them. Meanings and next steps are ours; a
finding's rule names the codes that point to it. An older httpd never writes the codes that it does
not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple, NotRequired, TypedDict

from wizard.reference import tables
from wizard.reference.log_levels import LEVELS, Level


class AhCode(NamedTuple):
    """One log code.

    Args:
        code: ``AH02276``.
        module: identifier as in LogLevel and in the log: ssl, proxy, core …
        level: at which httpd logs it (the most severe one, where it varies).
        text: httpd's format string, blanks collapsed.
        meaning: in plain words.
        next_step: what to look at next; may be empty.
        explained: whether ``meaning`` was written for this code (else it quotes httpd).
        consequence: whether it only follows from a cause that another line names, or makes no
            request fail.
        other_cause: what else writes it, where it points to one finding; empty: nothing does.
        without_finding: why it points to none; empty for one that does.
    """

    code: str
    module: str
    level: Level
    text: str
    meaning: str
    next_step: str = ""
    explained: bool = False
    consequence: bool = False
    other_cause: str = ""
    without_finding: str = ""


class _Meaning(TypedDict):
    meaning: str
    next: NotRequired[str]
    consequence: NotRequired[bool]


def shown_at(level: str, log_level: str) -> bool:
    """Whether LogLevel ``log_level`` lets a line of ``level`` through.

    Args:
        level: of the line.
        log_level: in force for the line's module; an unknown word counts as ``warn``.
    """
    order: tuple[str, ...] = LEVELS
    threshold = order.index(log_level) if log_level in order else order.index("warn")
    return order.index(level) <= threshold


_CONVERSION: Final = re.compile(r"%[-+#0-9.*]*(?:hh?|ll?|q|z)?(?:p[a-zA-Z]|[diouxXcsfgeE])")
"""Of apr_snprintf; httpd's texts have no flag that is a blank."""


class _Codes(Mapping[str, AhCode]):
    """The table; its files are read on first use."""

    def __getitem__(self, code: str) -> AhCode:
        module, level, text = _facts()[code]
        written = _meaning(code)
        if written is None:
            said = _CONVERSION.sub("…", text).replace("%%", "%")
            return AhCode(code, module, level, text, f"httpd ({module}) says: {said}")
        return AhCode(
            code,
            module,
            level,
            text=text,
            meaning=written["meaning"],
            next_step=written.get("next", ""),
            explained=True,
            consequence=written.get("consequence", False),
            other_cause=tables.load("other_causes.json")["log_codes"].get(code, ""),
            without_finding=_without_finding().get(code, ""),
        )

    def __iter__(self) -> Iterator[str]:
        return iter(_facts())

    def __len__(self) -> int:
        return len(_facts())

    def __contains__(self, code: object) -> bool:
        return code in _facts()


#: Every log code of httpd 2.4, by code.
AH_CODES: Final[Mapping[str, AhCode]] = _Codes()


@cache
def _facts() -> dict[str, tuple[str, Level, str]]:
    table: dict[str, tuple[str, Level, str]] = tables.load("ah_codes.json")
    return table


@cache
def _without_finding() -> dict[str, str]:
    groups = tables.load("no_finding.json").values()
    return {code: why for why, lines in groups for line in lines for code in line.split()}


def _meaning(code: str) -> _Meaning | None:
    """A row of its own, or that of the code which it names."""
    table: dict[str, _Meaning | str] = tables.load("ah_meanings.json")
    row = table.get(code)
    named = table[row] if isinstance(row, str) else row
    return None if isinstance(named, str) else named
