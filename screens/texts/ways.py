"""The ways to repair a route: what each does, what speaks for and against it, which weaken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from screens.decisions import Decisions, last_day
from wizard import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.session import Session
    from screens.terminal.glyphs import Glyphs

PLAN: Final = (
    "Change what is wrong, and keep every check on",
    "The fewest lines.",
    "Checks that are on by httpd's default stay unwritten.",
)
WRITTEN_OUT: Final = (
    "The same, and write every check out",
    "No other line of the configuration can switch a check off.",
    "More lines than httpd's defaults need.",
)
INTERNAL: Final = (
    "An internal CA: trust it alone for this proxy",
    "Certificates of other CAs are refused.",
    "Where others use the same CA file, they keep it.",
)
EXCEPTION: Final = (
    "A temporary exception: switch off the check that fails",
    "Works at once.",
    "Anybody between httpd and the backend can read and change everything. Until a day that you "
    "name.",
)
_EXCEPTABLE: Final = frozenset({"verify", "name", "expiry"})
"""Stages at which httpd refuses a certificate: checks that can be switched off."""
_NO_EXCEPTION: Final = frozenset({"chain-too-deep"})
"""Causes that no check which is off would help against."""
BY_OTHERS: Final = "No patch can do that: it is done by the party named there, or by hand."


@dataclass(frozen=True, slots=True)
class Way:
    """One way.

    Args:
        title: what is done.
        good, bad: what speaks for and against it.
        decisions: that lead there; None: no plan can do it.
        weakens: a check is off afterwards.
        recommended: it is the best-practice table's.
    """

    title: str
    good: str
    bad: str
    decisions: Decisions | None
    weakens: bool = False
    recommended: bool = False


def ways(session: Session) -> tuple[Way, ...]:
    """The ways for the current route, the recommended one first; one only where one is known."""
    if session.diagnosis is None:
        return ()
    made = list(_ways(session))
    strict = [way for way in made if not way.weakens]
    return (*strict, *(way for way in made if way.weakens))


def _ways(session: Session) -> Iterator[Way]:
    now = session.decisions
    safe = replace(now.without_exception(), left=frozenset())
    has_plan = has_exception = False
    cause = session.diagnosis.findings[:1] if session.diagnosis else ()
    for finding in cause:
        for one in findings.CATALOGUE[finding.slug].alternatives:
            if one.take == "plan":
                yield from _plans(session, safe, (one.title, one.good, one.bad))
                has_plan = True
            elif one.take == "temporary":
                yield _weak(now, one.title, one.good, one.bad)
                has_exception = True
            elif one.take == "leave":
                left = replace(safe, left=frozenset({finding.slug}))
                yield Way(one.title, one.good, one.bad, left)
            else:
                yield Way(one.title, one.good, one.bad, None)
    plan = session.plan
    if not has_plan and plan is not None and not plan.is_empty:
        yield from _plans(session, safe, PLAN)
    found = session.diagnosis.verdict if session.diagnosis else None
    fails_a_check = bool(cause) and found is not None and found.stage in _EXCEPTABLE
    if not has_exception and fails_a_check and cause[0].slug not in _NO_EXCEPTION:
        yield _weak(now, *EXCEPTION)


def _plans(session: Session, safe: Decisions, words: tuple[str, str, str]) -> Iterator[Way]:
    """The rows of the table that keep every check: two only where they differ."""
    plain = replace(safe, policy="production", written_out=False)
    yield Way(*words, plain, recommended=True)
    plan = session.plan
    if plan is None or plan.is_empty:
        return
    yield Way(*WRITTEN_OUT, replace(plain, written_out=True))
    if plan.trust:
        yield Way(*INTERNAL, replace(plain, policy="internal-ca"))


def _weak(now: Decisions, title: str, good: str, bad: str) -> Way:
    """An exception, with its last day."""
    chosen = _exception(now)
    dated = title.replace("A temporary exception", f"An exception until {chosen.until}", 1)
    return Way(dated, good, bad, chosen, weakens=True)


def _exception(now: Decisions) -> Decisions:
    return replace(now, policy="temporary", until=now.until or last_day(), left=frozenset())


def is_taken(way: Way, now: Decisions) -> bool:
    """Whether a way is the one that the plan follows."""
    chosen = way.decisions
    return chosen is not None and _row(chosen) == _row(now)


def _row(one: Decisions) -> tuple[object, ...]:
    return one.policy, one.left, one.written_out and one.policy == "production"


def option(way: Way, glyphs: Glyphs, *, taken: bool) -> Table:
    """A way in the list: what it does, and what speaks for and against it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3)
    table.add_column()
    head = Text(way.title, "bold" if taken else "")
    if way.weakens:
        head.append(f"  {glyphs.warn} WEAKENS", "bold red")
    elif way.recommended:
        head.append("  recommended", "green")
    elif way.decisions is None:
        head.append("  by hand, or by others", "dim")
    table.add_row(("(*)" if taken else "( )") if way.decisions else "", head)
    for sign, what in (("+", way.good), ("-", way.bad)):
        point = Table.grid(padding=(0, 1))  # a second line begins below the first
        point.add_row(Text(sign, "dim"), Text(what, "dim"))
        table.add_row("", point)
    return table
