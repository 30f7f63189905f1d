"""A configuration that httpd refuses: no route of it works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wizard.model.config import LogLevels, Problem
from wizard.model.diagnosis import Case, LogLine, Stage, Verdict
from wizard.verdict import log_lines

FATAL: Final = ("config", "start")
"""Phases that end httpd: it checks the whole configuration first, then starts its modules."""
_AFTER: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("AH02578", "AH02579", "AH02580"), ("AH02312", "AH02564", "AH00016")),
    **dict.fromkeys(("AH02561", "AH02562", "AH02564", "AH02565"), ("AH00016",)),
    "AH02210": ("AH01896", "AH02312", "AH00016"),
    "AH01177": ("AH00020",),
    "AH02432": ("AH00020",),
    "AH01183": ("AH00020",),
    "AH00654": ("AH00020",),
    "AH00072": ("AH00015",),
    "AH00089": ("AH00015",),
    "AH00091": ("AH00015",),
    "AH00104": ("AH00015",),
    "AH00649": ("AH00015",),
    "AH00651": ("AH00015",),
    "AH00058": ("AH00059",),
    "AH10036": ("AH00015",),
    "AH00804": ("AH00016",),
    "AH01749": ("AH00016",),
    "AH01597": ("AH00016",),
    "AH01751": ("AH00016",),
    "AH10046": ("AH00016",),
    "AH02291": ("AH00014",),
    "AH02297": ("AH00014",),
}
"""What httpd logs after the code of a start-up problem."""
_AFTER_TLS = ("AH02312", "AH00016")
_LEVELS = dict.fromkeys(("AH02210", "AH02578", "AH02579"), "error") | {"AH00072": "crit"}
"""At which level httpd logs some; the rest at emerg."""
_TLS_CODES = frozenset(
    {"AH01895", "AH01896", "AH01898", "AH10127", "AH01899", "AH01901", "AH02231", "AH02252"}
    | {"AH02326", "AH02572", "AH02287", "AH02407", "AH01903", "AH02310"}
)


class _Last:
    """The latest problems and their verdict: all routes of a run have the same problems."""

    known: tuple[tuple[Problem, ...], Verdict | None] = ((), None)


def decide(case: Case) -> Verdict | None:
    """The verdict for a configuration that ``-t`` or start-up refuses; None if httpd starts."""
    if not case.problems:
        return None
    problems, verdict = _Last.known  # both at once: threads may have different problems
    if case.problems is not problems:
        verdict = refusal(case.problems)
        _Last.known = (case.problems, verdict)
    return verdict


def refusal(problems: tuple[Problem, ...]) -> Verdict | None:
    """The verdict for a configuration with these problems; None if httpd starts.

    httpd ends at the first problem; warnings do not stop it.
    """
    problem = first(problems)
    if problem is None:
        return None
    stage: Stage = "config" if problem.phase == "config" else "start"
    return Verdict("fail", stage, None, log=_log(problem), reason=_reason(problem, stage))


def first(problems: Sequence[Problem]) -> Problem | None:
    """The problem at which httpd ends; None: it starts."""
    for phase in FATAL:
        for problem in problems:
            if problem.phase == phase:
                return problem
    return None


def _reason(problem: Problem, stage: Stage) -> str:
    where = f"{problem.place}: " if problem.file else ""
    message = problem.message.rstrip(".")
    if stage == "config":
        return f"httpd refuses this configuration (httpd -t fails): {where}{message}."
    return f"httpd -t passes, but httpd dies at start and at a graceful reload: {where}{message}."


def _log(problem: Problem) -> tuple[LogLine, ...]:
    """Its line: at start it goes to standard error or the main log, whatever LogLevel says."""
    if problem.code is None:
        return ()
    if problem.code == "AH00526":
        values = {"file": problem.file, "line": problem.line, "message": problem.message}
        return (log_lines.write(LogLevels(), "AH00526", **values),)
    after = _AFTER.get(problem.code, _AFTER_TLS if problem.code in _TLS_CODES else ())
    module = "ssl" if after and after[-1] == "AH00016" else "core"
    level = _LEVELS.get(problem.code, "emerg")
    first = LogLine(problem.code, module, level, problem.message, True)
    if problem.own_log and "AH02312" in after:
        after = tuple("AH02311" if code == "AH02312" else code for code in after)
    return (first, *(log_lines.write(LogLevels(), code) for code in after))
