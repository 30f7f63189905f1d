"""What comes next by itself: values in, a value out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from wizard.model.plan import OfferKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.route_id import RouteId

Work = Literal["probe", "plan", "search", "rehearse"]
Onward = Literal["answer", "next", "ask", "open", "details", ""]
"""What Enter does on the case: answer the question, go to the next fault, ask the backend, open
another configuration, show the details; nothing."""
_RANKS: Final = ("critical", "unknown", "warning", "ok")
_OF_A_CA: Final = frozenset({OfferKind.FOUND_CA, OfferKind.PUBLIC_CA})


def next_work(session: Session) -> Work | None:
    """What the program does next for the current route without being told to.

    Returns:
        None: something is under way, it waits for the operator, or nothing is left to do.
    """
    if session.route is None or session.load_error:
        return None
    found = session.diagnosis
    if found is None:
        idle = session.reach >= 2 and "probe" not in session.stops and not session.probe_error
        return "probe" if idle else None
    if session.reach < 4 or not is_to_repair(found):
        return None
    if session.repair is None:
        idle = "plan" not in session.stops and not session.plan_error
        return "plan" if idle else None
    if asks_for_ca(session):
        known = session.authorities is not None or session.search_error
        return None if known or "search" in session.stops else "search"
    if session.reach < 5 or session.repair.plan.is_empty:
        return None
    rehearsed = session.rehearsals or session.rehearsal_error
    return None if rehearsed or "rehearsal" in session.stops else "rehearse"


def onward(session: Session, *, asks: bool, done: bool) -> Onward:
    """What goes on from the case.

    Args:
        session: the case.
        asks: the question stands there.
        done: what came of the last change stands there.
    """
    if asks:
        return "answer"
    if done:
        return "next" if next_fault(session) is not None else ""
    if session.load_error or (session.configuration is not None and session.route is None):
        return "open"
    found = session.diagnosis
    if session.route is not None and (found is None or found.case.probe is None):
        return "" if "probe" in session.stops else "ask"
    if is_well_beside_faults(session):
        return "next"
    return "details" if found is not None else ""


def is_well_beside_faults(session: Session) -> bool:
    """Whether the route in view is well, and others are known to fail: what is marked then."""
    found = session.diagnosis
    return found is not None and found.severity == "ok" and next_fault(session) is not None


def is_to_repair(diagnosis: Diagnosis) -> bool:
    """Whether there is something that a plan may repair: its backend was asked, and a fault was
    found. Where nothing was asked, a plan would ask."""
    return diagnosis.case.probe is not None and diagnosis.severity != "ok"


def asks_for_ca(session: Session) -> bool:
    """Whether the operator is to say which CA httpd may trust: none is known, only one that nobody
    vouches for, or the one that was named will not do."""
    trust, plan = session.decisions.trust, session.plan
    if trust == "none":
        return False
    if plan is None:
        return trust != "found" and bool(session.plan_error)
    return any(one.needs_choice for one in plan.unresolved) or any(
        offer.kind in _OF_A_CA for offer in plan.offers
    )


def worst_first(
    routes: Sequence[Route], diagnoses: Mapping[RouteId, Diagnosis]
) -> tuple[RouteId, ...]:
    """The routes in the order in which they are gone through."""
    return tuple(r.id for r in sorted(routes, key=lambda each: rank(diagnoses.get(each.id))))


def beside(session: Session, by: int) -> RouteId | None:
    """The route so many places after the current one, the worst first; None: there is none."""
    ordered = worst_first(session.routes, session.diagnoses)
    at = ordered.index(session.current) + by if session.current in ordered else -1
    return ordered[at] if 0 <= at < len(ordered) else None


def rank(diagnosis: Diagnosis | None) -> int:
    """Place of a route in a list that shows the worst first."""
    return _RANKS.index(diagnosis.severity) if diagnosis else len(_RANKS)


def worst(session: Session) -> RouteId | None:
    """The route to begin with: the first one that fails; None: the current one stays."""
    if session.is_chosen or (session.diagnosis and session.diagnosis.severity == "critical"):
        return None
    first = next(iter(worst_first(session.routes, session.diagnoses)), None)
    found = session.diagnoses.get(first) if first else None
    return first if found is not None and rank(found) < rank(session.diagnosis) else None


def next_fault(session: Session) -> RouteId | None:
    """The next route that fails, after the current one; None: no other does."""
    failing = faults(session)
    if session.current in failing:
        at = failing.index(session.current)
        failing = failing[at + 1 :] + failing[:at]
    return next(iter(failing), None)


def faults(session: Session) -> list[RouteId]:
    """The routes that fail, in the order of the configuration."""
    found = session.diagnoses
    return [r.id for r in session.routes if r.id in found and found[r.id].severity == "critical"]
