"""Clients that httpd itself keeps from the backend."""

from __future__ import annotations

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.model.barrier import Barrier
from wizard.model.diagnosis import Finding, Remedy

_MOST = 3


class AccessDenied(Rule):
    """Require, Order and Deny, a login, a rule with [F]."""

    slug = "access-denied"
    family = "answers"
    order = 5
    title = "httpd itself keeps clients from the backend"
    signs = Signs(
        stages={"access": 10, "rewrite": 10}, log_codes="AH01630 AH01797 AH01627 AH00025 AH00026/2"
    )

    def _check(self, facts: Facts) -> Finding | None:
        barrier = next((one for one in facts.route.barriers if one.stage == "access"), None)
        if facts.verdict.stage == "rewrite":
            barrier = next((one for one in facts.route.barriers if one.everyone), None)
        if barrier is None or (facts.verdict.outcome == "ok" and barrier.status in range(300, 400)):
            return None
        kept = facts.verdict.behind is not None and facts.verdict.outcome == "fail"
        line = _line(barrier)
        return self.found(
            facts,
            f"{_whom(barrier)} {_unsure(barrier)}This is decided before the backend is asked, so "
            "nothing there changes it, and its log shows nothing.",
            [line, evidence.route(facts.route)],
            [
                Remedy(
                    "config",
                    "If such clients are to come through, change this line: that is for whoever "
                    "decides on access, and nothing is loosened here.",
                ),
            ],
            "critical" if kept else "info",
            at=barrier.source,
            proof=[line, evidence.route(facts.route)],
            why=_whom(barrier),
        )


def _line(barrier: Barrier) -> str:
    if barrier.source is None:
        return f"default  {barrier.status} for such a client"
    return evidence.line(barrier.source, barrier.directive)


def _whom(barrier: Barrier) -> str:
    """Who comes through, and what others get."""
    if barrier.status >= 500:
        return f"httpd answers {barrier.status}: a login is asked for that nothing checks."
    gets = f"{barrier.status} of httpd itself"
    passing = ", ".join(barrier.passes[:_MOST])
    more = "" if len(barrier.passes) <= _MOST else ", …"
    if barrier.everyone and not barrier.asks_login:
        return f"Every such client gets {gets}."
    if passing:
        return f"Only {passing}{more} may come through; others get {gets}."
    return f"Some clients get {gets}."


def _unsure(barrier: Barrier) -> str:
    return f"{barrier.unsure.rstrip('.')}. " if barrier.unsure else ""
