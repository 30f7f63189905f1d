"""Why a plan is not applied, or what is asked before: for the command line and the wizard."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.model.permission import Ask, Concern, Reason, Refused
from wizard.text import printable
from wizard.wording import condition, remarks

_AGAINST = {
    Reason.WAITS_FOR_NAME: "the plan waits until the name leads to its backend",
    Reason.NOT_REHEARSED: "the plan was not rehearsed",
    Reason.NO_ANSWER: "the rehearsal did not bring the backend's answer",
    Reason.BREAKS_ROUTE: "a route that works would fail afterwards",
    Reason.IMPOSTOR_LET_IN: "an impostor would be let in, which only the policy temporary may do",
}
_QUESTIONS = {
    Reason.IMPOSTOR_LET_IN: "Let an impostor in until every check is on?",
    Reason.FOUND_CA: "Trust this CA, which was found on this machine?",
    Reason.PUBLIC_CA: "Trust a public CA where an internal one was trusted?",
    Reason.CERTIFICATE_NAME: "Send requests to this name, which only the certificate gives?",
}
_NO_PLAN = {
    Reason.NOTHING_WRONG: "nothing to fix",
    Reason.UNDETERMINED: "no fault was found, but not every route could be determined: see above",
    Reason.CA_UNKNOWN: "the CA to trust is not known",
    Reason.LEFT_TO_BACKEND: "nothing is changed: what a patch could repair is left to the "
    "backend's side, as asked for with --leave",
    Reason.BY_HAND: "there is no patch for this: what is said above is done by hand",
    Reason.ON_THIS_MACHINE: "something is to be done on this machine first; see above",
    Reason.NOT_IN_CONFIGURATION: "no patch can repair this: only the backend's side can",
}

_IN_THE_WIZARD = {
    Reason.WAITS_FOR_NAME: "the plan waits until the name leads to its backend. r looks again",
    Reason.UNDETERMINED: "no fault was found, but not every route could be determined",
    Reason.CA_UNKNOWN: "the CA to trust is not known. f names a CA file",
    Reason.LEFT_TO_BACKEND: "nothing is changed: you left what a patch could repair to the "
    "backend's side",
    Reason.BY_HAND: "there is no patch for this: it is done by hand",
    Reason.ON_THIS_MACHINE: "something is to be done on this machine first. r looks again",
}
"""Where the command line names an option, or what stands above."""


def sentence(refusal: Refused) -> str:
    """Why a plan is refused, as the command line says it: without a stop at the end."""
    if refusal.reason in _AGAINST:
        return f"{_AGAINST[refusal.reason]}; nothing was changed"
    return _NO_PLAN[refusal.reason]


def headline(reason: Reason) -> str:
    """What speaks against a plan, or why there is nothing to apply, as the wizard says it."""
    text = _IN_THE_WIZARD.get(reason) or _AGAINST.get(reason) or _NO_PLAN[reason]
    return f"{text[0].upper()}{text[1:]}."


def overridden(reason: Reason) -> str:
    """That the operator goes on in spite of what the rehearsal says, as a sentence."""
    return f"You go on although {_AGAINST[reason]}."


def question(asked: Ask) -> str:
    """What the operator is asked."""
    return _QUESTIONS.get(asked.reason, "Write this change?")


def is_risky(asked: Ask) -> bool:
    """Whether a yes may let somebody else in: shown in red."""
    return asked.reason in (Reason.IMPOSTOR_LET_IN, Reason.PUBLIC_CA, Reason.CERTIFICATE_NAME)


def concerns(decision: Refused | Ask) -> Iterator[str]:
    """What the decision rests on, a printable line for each route, and what has to be so first."""
    form = {
        Reason.BY_HAND: "fails: {route}: {detail}",
        Reason.ON_THIS_MACHINE: "fails: {route}: {detail}",
        Reason.NOT_IN_CONFIGURATION: "fails: {route}: {detail}",
        Reason.UNDETERMINED: "not determined: {route}: {detail}",
        Reason.ONLY_PREDICTED: "{route}: {who} {detail} before and after. That the "
        "repair works is predicted; the rehearsal could not show it.",
        Reason.NOT_REHEARSED: "not rehearsed: {route}",
        Reason.IMPOSTOR_LET_IN: "with the plan, {route}: an impostor is let in. Whoever answers at "
        "the backend's address gets the requests.",
    }.get(decision.reason, "with the plan, {route}: {detail}")
    absent = "the backend was not asked" if decision.reason is Reason.UNDETERMINED else "no answer"
    lines = [
        f"{one.route.label}: {remarks.sentence(one.offered)}"
        if one.offered is not None
        else form.format(route=one.route.label, detail=one.detail or absent, who=_who(one))
        for one in decision.concerns
    ]
    yield from map(printable, dict.fromkeys(lines))  # routes may share a label
    if isinstance(decision, Refused):
        for one in decision.conditions:
            yield condition.sentence(one)
            yield f"    {condition.command(one)}"


def _who(concern: Concern) -> str:
    """Whose answer does not show that a repair works."""
    if concern.of_backend:
        return "the answer has the same Location and cookies, and the status"
    return "httpd itself answers"
