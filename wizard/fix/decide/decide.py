"""Decides what one route needs, by the row of the best-practice table that the operator chose."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.fix.decide import handover, strict, temporary
from wizard.fix.decide.decision import RouteDecision
from wizard.fix.decide.route_repair import RouteRepair, as_spoken, is_about_answer
from wizard.model.config import Route
from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import Addition, FixChoice, RouteTrust
from wizard.model.remark import Remark


def decide_route(
    diagnosis: Diagnosis,
    route: Route,
    trust: RouteTrust,
    choice: FixChoice,
    *,
    pending: Mapping[str, str],
    in_full: bool = False,
    addition: Addition | None = None,
    kept: Remark | None = None,
) -> RouteRepair | None:
    """What a route needs.

    Args:
        diagnosis: of the route.
        route: the same route, with what misspelt or misplaced directives were meant to set.
        trust: what can be trusted for it.
        choice: the operator's.
        pending: directives that were taken out of a place where httpd refuses them, and must be
            written again where they count.
        in_full: whether the strict set is to be written out, where the rest is decided.
        addition: what its lists of versions and ciphers lack, if they were too narrow.
        kept: why the TLS settings of this route are to be kept as they are; None: repair them.

    Returns:
        None when nothing critical or weak was found, but for what a client gets of an answer:
        ``wizard.fix.place.cures`` writes lines for that.
    """
    findings = tuple(
        f for f in diagnosis.findings if f.severity != "info" and not is_about_answer(f)
    )
    if not findings:
        return None
    route = as_spoken(diagnosis.case, route)
    left = handover.choose(findings, diagnosis.case, route, trust, choice.leave)
    decision = RouteDecision(
        diagnosis=diagnosis,
        route=route,
        trust=left.trust,
        findings=(*findings, *left.unfound),
        handed_over=left.slugs,
        unsent=left.unsent,
        settings=dict(pending),
        addition=addition,
        may_ask=choice.offers,
        in_full=in_full,
        alone=choice.policy == "internal-ca",
        kept=kept,
    )
    decision.structure()
    if kept:
        decision.reason = kept
        return decision.repair()
    decision.reorder()
    decision.speak_tls()
    decision.speak_version()
    decision.speak_without_tls()
    decision.handshake()
    if choice.policy == "temporary" and choice.until is not None:
        temporary.apply_temporary(decision, choice.until)
    else:
        strict.apply_strict(decision)
    decision.settle_url()
    return decision.repair()
