"""A configuration that httpd refuses: the line that keeps it from starting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from wizard.model.config import Problem
from wizard.text import printable
from wizard.verdict.refused_configuration import FATAL, first

_GUESS: Final = ", perhaps misspelled or defined by a module not included in the server"
"""httpd's own guess; ours is better where there is one."""


def headline(problems: Sequence[Problem], *, short: bool = False) -> str | None:
    """That httpd does not start, where, and why, in its own words.

    Args:
        problems: of a configuration; those of its start are known once a route was diagnosed.
        short: the file by its name, without its directory.

    Returns:
        A line that is safe to show, without a stop at its end; None: httpd starts.
    """
    problem = first(problems)
    if problem is None:
        return None
    place = PurePath(problem.place).name if short else problem.place
    said = problem.message.rstrip(".")
    if problem.hint:
        said = said.partition(_GUESS)[0]
    passes = ", although httpd -t passes" if problem.phase == "start" else ""
    where = f"{place}: " if problem.file else ""
    return printable(f"httpd does not start with this configuration{passes}: {where}{said}")


def advice(problems: Sequence[Problem]) -> str:
    """What is probably meant, or to be done, and how many lines more keep httpd from starting.

    Args:
        problems: as for ``headline``.

    Returns:
        Sentences, safe to show; empty: nothing is to be said.
    """
    problem = first(problems)
    if problem is None:
        return ""
    others = {one.place for one in problems if one.phase in FATAL} - {problem.place}
    told = [f"{problem.hint.rstrip('.')}."] if problem.hint else []
    if others:
        lines = "another line" if len(others) == 1 else f"{len(others)} more lines"
        told.append(f"After that, {lines} would keep it from starting.")
    return printable(" ".join(told))
