"""Line 1: the five steps with a sign each, and the route that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from screens import order
from wizard.engine import gate
from wizard.model.permission import Reason
from wizard.wording import connection

if TYPE_CHECKING:
    from screens.session import Session
    from screens.terminal.glyphs import Glyphs

State = Literal["good", "bad", "asks", "none", "works"]
STYLES: Final[dict[State, str]] = {
    "good": "green", "bad": "bold red", "asks": "bold yellow", "none": "dim", "works": "cyan",
}  # fmt: skip
_OF_CONNECTION: Final[dict[str, State]] = {"good": "good", "weak": "good", "bad": "bad"}


def sign(state: State, glyphs: Glyphs) -> str:
    """The sign of a state; it stands beside a word."""
    return {
        "good": glyphs.good, "bad": glyphs.bad, "asks": glyphs.unknown, "none": glyphs.none,
        "works": glyphs.ellipsis,
    }[state]  # fmt: skip


def states(session: Session) -> tuple[State, ...]:
    """How each step went, from the first to the last."""
    return (
        _load(session), _probe(session), _diagnose(session), _fix(session), _prove(session),
    )  # fmt: skip


def _load(session: Session) -> State:
    if session.load_error:
        return "bad"
    if session.configuration is None:
        return "works"
    return "good" if session.routes else "bad"


def _probe(session: Session) -> State:
    found = session.diagnosis
    if found is None:
        return "works" if "probe" in session.stops else "asks" if session.probe_error else "none"
    if found.case.probe is None:
        return "none"
    if connection.is_aside(found):  # httpd never gets there
        return "none"
    return _OF_CONNECTION.get(connection.sentence(found)[0], "asks")


def _diagnose(session: Session) -> State:
    found = session.diagnosis
    if found is None:
        return "none"
    if found.case.probe is None and not found.findings:
        return "none"
    if found.severity == "ok" or found.findings:
        return "good"
    return "asks"


def _is_repaired(session: Session) -> bool:
    """Whether the change that repaired the current route has just been made."""
    done = session.done
    made = done is not None and done.deployed is not None and not done.undone
    return made and done is not None and done.route == session.current and (
        session.diagnosis is not None and session.diagnosis.severity == "ok"
    )  # fmt: skip


def _fix(session: Session) -> State:
    if _is_repaired(session):
        return "good"
    if "plan" in session.stops or "search" in session.stops:
        return "works"
    if session.plan_error:
        return "asks" if session.decisions.trust != "found" else "bad"
    if session.repair is None:
        return "none"
    if order.asks_for_ca(session):
        return "asks"
    if session.repair.plan.is_empty:
        return "bad" if session.diagnosis and session.diagnosis.severity == "critical" else "none"
    return "good"


def _prove(session: Session) -> State:
    if _is_repaired(session):
        return "good"
    if "rehearsal" in session.stops:
        return "works"
    if session.rehearsal_error:
        return "asks"
    if session.rehearsal is None:
        return "none"
    last = session.rehearsal.last
    return "good" if last.proxied and not last.lets_in and not speaks_against(session) else "bad"


def speaks_against(session: Session) -> bool:
    """Whether the rehearsal speaks against the plan: of this route, or of another one."""
    repair = session.repair
    if repair is None or repair.plan.is_empty:
        return False
    found = gate.refusals(repair, session.rehearsals)
    return any(refusal.reason is not Reason.WAITS_FOR_NAME for refusal in found)


def place(session: Session) -> str:
    """Which route of how many, in the order of the configuration: ``3/12``."""
    return "" if session.place is None else f"{session.place + 1}/{len(session.routes)}"
