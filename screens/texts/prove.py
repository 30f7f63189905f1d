"""A rehearsal in words: its result, what speaks against the plan, httpd's log, and its limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.table import Table
from rich.text import Text

from screens import order
from screens.terminal.glyphs import Glyphs
from screens.texts import case, comparison, owner, strip
from screens.texts.case import Verdict
from wizard.engine import gate, weakening
from wizard.model.permission import Reason
from wizard.text import printable
from wizard.wording import confirmation, permission, rehearsal
from wizard.wording.route import several

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.rehearsal import Rehearsal, Run

_OTHERS: Final = 6
"""Other routes that are named, of those with the same to tell."""
_BY_ROUTE: Final = frozenset({Reason.BREAKS_ROUTE, Reason.IMPOSTOR_LET_IN, Reason.NO_ANSWER})
"""Refusals that are told route by route here."""


class Said(NamedTuple):
    """A line of what speaks against the plan."""

    sign: str
    style: str
    text: str


def result(session: Session, glyphs: Glyphs) -> Verdict:
    """What came of the rehearsal, in a line; why there is none."""
    if "rehearsal" in session.stops:
        done, total = session.rehearsing or (0, 0)
        so_far = f": {done} of {total} virtual hosts asked" if total > 1 else ""
        told = f"A private httpd on loopback is asked, before and after{so_far} …"
        return Verdict(glyphs.waiting, "bold cyan", told)
    if session.rehearsal_error:
        return Verdict(glyphs.unknown, "bold yellow", session.rehearsal_error)
    played = session.rehearsal
    if played is None:
        return Verdict(glyphs.none, "", _waits(session))
    seconds = f"{session.planned.seconds:.1f} s" if session.planned.seconds else ""
    head = f"Rehearsed{f' in {seconds}' if seconds else ''} on a private httpd{_version(session)}: "
    good = played.last.proxied and not played.last.lets_in and not strip.speaks_against(session)
    sign, style = (glyphs.good, "bold green") if good else (glyphs.bad, "bold red")
    return Verdict(sign, style, head + _course(played))


def _waits(session: Session) -> str:
    """What the rehearsal waits for."""
    if session.repair is None:
        found = session.diagnosis
        if found is None:
            return session.unprobed
        if session.plan_error:
            return session.plan_error
        if found.severity == "ok":
            return "Nothing is to be repaired here, so there is nothing to rehearse."
        return case.no_plan(session) or "There is no plan to rehearse yet."
    if order.asks_for_ca(session):
        return "Waits for your answer: which CA may httpd trust?"
    if session.repair.plan.is_empty:
        return "There is nothing to rehearse here. r shows what httpd does as it is."
    return "r rehearses the plan."


def turn(session: Session) -> str:
    """Whose turn it is where there is nothing to rehearse yet, and where; empty: the program's."""
    if session.repair is None:
        return ""
    if order.asks_for_ca(session):
        return "To the question, in the case"
    is_empty = session.repair.plan.is_empty
    return f"{owner.turn(session.repair)}: the text is in the case" if is_empty else ""


def _version(session: Session) -> str:
    version = session.configuration.httpd.version if session.configuration else None
    return f" {printable(version)}" if version else ""


def _course(played: Rehearsal) -> str:
    """``500 becomes 200``"""
    before = _short(played.before)
    if played.after is None:
        return f"{before} as it is"
    after = _short(played.after)
    return f"{before} before and after" if after == before else f"{before} becomes {after}"


def _short(run: Run) -> str:
    if run.started and run.status is not None and run.kept_out is None:
        return str(run.status)
    return rehearsal.summary(run)


def weakens(session: Session) -> Iterator[str]:
    """Which checks the plan weakens, with the word, a line for each."""
    repair = session.repair
    if repair is None or repair.plan.is_empty:
        return
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in weakening.weakened(repair):
        until = f", until {one.until}" if one.until else ""
        key = (one.check, f"{one.directive}{until}", one.what)
        groups.setdefault(key, []).append(one.route.label)
    for (check, how, what), labels in groups.items():
        where = "" if len(repair.planned) == 1 else f" of {several(labels)}"
        yield f"WEAKENS the {check}{where} ({printable(how)}): {what}."
    if not groups and repair.plan.policy == "temporary":
        yield "WEAKENS: this is an exception, a check is off with it."


def against(session: Session, glyphs: Glyphs) -> tuple[Said, ...]:
    """What speaks against the plan, route by route, and what is to be known before a yes."""
    told = [Said(glyphs.warn, "bold red", line) for line in weakens(session)]
    played = session.rehearsal
    if played is None and not session.rehearsal_error:
        return tuple(told)
    told += _alarms(session, glyphs)
    if played is not None and not played.last.proxied:
        for piece in rehearsal.decisive(played.last, lambda _: ""):
            told.append(Said("", "", piece.whole))
    told += [Said(glyphs.warn, "yellow", line) for line in _fails_still(session)]
    if played is not None and played.last.first_try is not None:
        told.append(Said(glyphs.warn, "yellow", rehearsal.first_try(played.last.first_try)))
    return tuple(told)


def drawn(told: tuple[Said, ...]) -> Table:
    """Each on a line of its own; a long one goes on below itself."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=1)
    table.add_column()
    for one in told:
        table.add_row(Text(one.sign, one.style), Text(one.text, one.style))
    return table


def _alarms(session: Session, glyphs: Glyphs) -> Iterator[Said]:
    repair = session.repair
    if repair is None or repair.plan.is_empty:
        return
    for refusal in gate.refusals(repair, session.rehearsals):
        waits = refusal.reason is Reason.WAITS_FOR_NAME
        sign, style = (glyphs.warn, "yellow") if waits else (glyphs.bad, "bold red")
        yield Said(sign, style, permission.headline(refusal.reason))
        if refusal.reason not in _BY_ROUTE:
            for line in permission.concerns(refusal):
                yield Said("", "yellow" if waits else "red", line)
    broken = [one for one in session.rehearsals if one.breaks]
    silent = [one for one in session.rehearsals if not one.last.proxied and not one.breaks]
    opened = [one for one in session.rehearsals if one.last.lets_in]
    for head, found in (
        ("would break", broken),
        ("no answer from the backend", silent),
        ("lets an impostor in", opened),
    ):
        others = [one for one in found if one.route != session.current]
        yield from (Said(glyphs.bad, "bold red", f"{head}: {line}") for line in _named(others))


def _named(found: Sequence[Rehearsal]) -> Iterator[str]:
    """Routes with the same to tell, each course once."""
    groups: dict[str, list[str]] = {}
    for one in found:
        groups.setdefault(rehearsal.course(one), []).append(one.route.label)
    for course, labels in groups.items():
        more = f" and {len(labels) - _OTHERS} more" if len(labels) > _OTHERS else ""
        yield f"{printable(', '.join(labels[:_OTHERS]))}{more}   {course}"


def _fails_still(session: Session) -> Iterator[str]:
    """Other routes that the plan does not repair."""
    repair = session.repair
    if repair is None or repair.plan.is_empty:
        return
    failing = gate.still_failing(repair, session.rehearsals)
    others = [one for one in failing if one.case.route.id != session.current]
    for piece in confirmation.still(others, repair.plan, reasons=False, wizard=True):
        if piece.role == "caution":
            yield f"still fails afterwards: {piece.text}"


def beside(session: Session) -> str:
    """How many other routes were asked, and answer; empty: none."""
    others = [one for one in session.rehearsals if one.route != session.current]
    good = [one for one in others if one.last.proxied and not one.last.lets_in]
    if not good:
        return ""
    count = len(good)
    who = f"{count} other route{'s' * (count != 1)} that the plan can touch"
    return f"{who} answer{'s' * (count == 1)} with it, too."


def logs(session: Session) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What httpd logged in each run: title, and lines."""
    played = session.rehearsal
    if played is None:
        return ()
    if played.after is None:
        return (("httpd's log", tuple(rehearsal.lines(played.before))),)
    return (
        ("httpd's log as it is", tuple(rehearsal.lines(played.before))),
        ("httpd's log with the change", tuple(rehearsal.lines(played.after))),
    )


def notes(session: Session) -> tuple[str, ...]:
    """In what the rehearsal is not the real thing."""
    return tuple(printable(note) for note in session.rehearsal.notes) if session.rehearsal else ()


def whole(session: Session, glyphs: Glyphs) -> str:
    """Everything that step 5 knows of the rehearsal, to be saved."""
    told = "\n".join(f"{one.sign or ' '} {one.text}" for one in against(session, glyphs))
    parts = [result(session, glyphs).text.plain, told]
    parts.append(comparison.plain(comparison.rows(session), glyphs))
    parts += [
        "\n".join((title, *(f"| {line}" for line in lines))) for title, lines in logs(session)
    ]
    parts.append("\n".join(f"note: {note}" for note in notes(session)))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"
