"""What is to be done about a repair, step by step: pure, for the command line and the wizard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from wizard.findings.table import NAME_SLUGS, TRUST_SLUGS
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import Condition, FixPlan, Offer, OfferKind, Repair, Unresolved
from wizard.model.remark import NOT_FOUND, Point, Remark, as_told, remark
from wizard.model.remedy import Remedy, Where
from wizard.model.route_id import RouteId
from wizard.model.steps import Deed, Relation, Side, Step, Wanted
from wizard.reference import directives
from wizard.wording import condition

_PLAN = "proxy-wizard fix "
"""How the command of a remedy begins that has a patch written."""
_PLACEHOLDER = " --ca FILE"
"""How it ends where the operator is to get the file first."""
_CHOICES = (" --ca ", " --accept-fingerprint ", " --until ")
"""What such a command can have that the plan did not."""
_SIDES: Mapping[Where, Side] = {
    "config": "configuration",
    "network": "network",
    "backend": "backend",
    "ca": "ca",
}
_FOR_ANOTHER = frozenset(
    {
        Point.NAME_NOT_COVERED,
        Point.OTHER_NAME_LEADS_THERE,
        Point.NAME_UNKNOWN,
        Point.NAME_FOR_ADDRESS,
        Point.STRICT_WOULD_FAIL,
    }
)
"""Why trust that is known is not written: another fault of the route comes first."""
_LIES_HERE = frozenset({Point.FOUND_CA_UNNAMED, Point.PUBLIC_CA_UNNAMED})
"""Why a CA that was found is not trusted."""
_IN_STEPS = frozenset({Point.PRESENTED_BY_BACKEND, Point.BUNDLE_GOES_TO})
"""Notes whose contents the steps have."""
_ORDER: Sequence[Side] = ("you", "configuration", "machine", "network", "backend", "ca")
"""Of what no patch does: first what can be done here."""


def steps(repair: Repair) -> tuple[Step, ...]:
    """The steps of a repair, in the order in which they are to be done.

    First what the patch waits for, then the patch, then what it leaves, causes first. What it does,
    nobody is asked for as well; of what it leaves, every remedy is in a step. Nothing is said
    twice.

    Args:
        repair: the report, and the plan for it.

    Returns:
        Empty where nothing is wrong.
    """
    plan = repair.plan
    known = (repair.after.by_route if repair.after is not None else {}) | repair.report.by_route
    left = (*plan.unresolved, *_untold(repair))
    waiting = [one for one in left if _waits(one, left)]
    done_by_hand = [one for one in left if not one.needs_choice and one not in waiting]
    causes = {key: d.findings[0] for key, d in known.items() if d.findings}
    parts = [(causes.get(one.route) != one.finding, _step(one)) for one in done_by_hand]
    parts.sort(key=lambda part: (part[0], _ORDER.index(part[1].deeds[0].side)))
    found = [
        *map(_answer, plan.offers),
        *(_condition(one, plan.offers) for one in plan.conditions),
        *_patch(repair),
        *_plan_again([one for one in left if one.needs_choice], known),
        *(step for _, step in parts),
        *_rest(waiting),
    ]
    return tuple(_each_once(_merged(found)))


def notes(plan: FixPlan, found: Sequence[Step]) -> Iterator[Remark]:
    """What follows from a plan and no step says.

    Args:
        plan: it.
        found: its steps.
    """
    told = {deed.text for step in found for deed in step.deeds}
    return (n for n in plan.notes if n not in told and n.point not in _IN_STEPS)


def side(remedy: Remedy) -> Side:
    """Who carries out a remedy, or where.

    What is typed into a shell is done on this machine, unless it is the backend's or the CA's.
    """
    found = _SIDES[remedy.where]
    if not remedy.command or found not in ("configuration", "network"):
        return found
    if remedy.command.startswith(_PLAN):
        return "configuration"
    word = remedy.command.split(maxsplit=1)[0].lower()
    written = word.startswith("<") or "=" in word or "://" in word or word in directives.index()
    return "configuration" if found == "configuration" and written else "machine"


def _untold(repair: Repair) -> Iterator[Unresolved]:
    """The causes of failing routes of which the plan says nothing."""
    told = {one.route for one in repair.plan.resolved}
    told |= {one.route for one in repair.plan.unresolved}
    for diagnosis in repair.report.diagnoses:
        route = diagnosis.case.route.id
        if diagnosis.reached.outcome == "fail" and route not in told:
            for cause in diagnosis.findings[:1]:
                yield Unresolved(route, cause, as_told(diagnosis.reached.reason))


def _waits(left: Unresolved, among: Sequence[Unresolved]) -> bool:
    """Whether the configuration repairs it as soon as something else of its route is repaired."""
    return (
        left.reason.point in _FOR_ANOTHER
        and left.finding.slug in TRUST_SLUGS - NAME_SLUGS
        and any(
            one.route == left.route and one.finding.slug not in TRUST_SLUGS - NAME_SLUGS
            for one in among
        )
    )


def _rest(waiting: Sequence[Unresolved]) -> Iterator[Step]:
    """What is repaired once nothing else stands in its way."""
    if waiting:
        routes = tuple(dict.fromkeys(one.route for one in waiting))
        slugs = tuple(dict.fromkeys(one.finding.slug for one in waiting))
        deed = Deed("first", "configuration", remark(Point.PLAN_THE_REST))
        yield Step((deed,), routes, slugs, again=True)


def _answer(offer: Offer) -> Step:
    """What the operator answers before the patch is applied."""
    who: Side = "you" if offer.kind is OfferKind.CERTIFICATE_NAME else "ca"
    if offer.remark.point is Point.FOUND_OWN_OFFERED:
        who = "backend"
    return Step((Deed("first", who, offer.remark),), (offer.route,))


def _condition(waited_for: Condition, offers: Sequence[Offer] = ()) -> Step:
    """What has to be so on this machine before a patch is applied; and first, who gave the name,
    if an offer does not ask."""
    text, line = as_told(condition.sentence(waited_for)), condition.command(waited_for)
    asked = any(
        one.kind is OfferKind.CERTIFICATE_NAME and one.route in waited_for.routes for one in offers
    )
    why = remark(Point.NAME_SHOWN, name=waited_for.name, address=waited_for.address)
    deed = Deed("first", "machine", text, (line,))
    return Step((deed,), waited_for.routes, why=None if asked else why)


def _patch(repair: Repair) -> Iterator[Step]:
    plan = repair.plan
    if not plan.is_empty:
        slugs = dict.fromkeys(one.slug for one in plan.resolved)
        routes = dict.fromkeys(one.route for one in plan.resolved)
        urls = dict.fromkeys(_urls(repair))
        yield Step(routes=tuple(routes), slugs=tuple(slugs), urls=tuple(urls))


def _urls(repair: Repair) -> Iterator[str]:
    """The URLs that a patch writes."""
    before = repair.report.by_route
    for route, after in (repair.after.by_route if repair.after is not None else {}).items():
        url = after.case.route.backend.url
        if route in before and before[route].case.route.backend.url != url:
            yield url


def _step(left: Unresolved) -> Step:
    """What is done about a finding that no patch repairs."""
    deeds = _deeds(left.finding)
    made = Step(deeds, (left.route,), (left.finding.slug,))
    if left.reason.point is Point.BOTH:  # what is to be done about it, the deeds say
        why = dict(left.reason.values)["first"]
        left = replace(left, reason=why) if isinstance(why, Remark) else left
    told = {deed.text for deed in deeds}
    said = {command for deed in deeds for command in deed.commands}
    if not left.handed_over and deeds and said.issuperset(left.commands):
        return made if left.reason in told else replace(made, why=left.reason)
    first = Deed("first", "backend", left.reason, left.commands)
    others = () if left.handed_over else tuple(_as_other(deed) for deed in deeds)
    return replace(made, deeds=(first, *others))


def foremost(finding: Finding) -> Remedy | None:
    """The remedy of a finding to begin with, if it has one: it changes something."""
    left = _open(finding)
    return next((one for one in left if not one.looks), next(iter(left), None))


def by_hand(finding: Finding) -> bool:
    """Whether something that no plan writes would do in the configuration."""
    return any(
        side(one) == "configuration" and not one.looks and not (one.command or "").startswith(_PLAN)
        for one in _open(finding)
    )


def _open(finding: Finding) -> list[Remedy]:
    """The remedies that are no plan like the one that has just been made.

    What such a plan would have written into a URL can still be written by hand.
    """
    found = []
    for one in finding.remedies:
        command = one.command or ""
        if not command.startswith(_PLAN) or any(word in command for word in _CHOICES):
            found.append(one)
        elif finding.slug in NAME_SLUGS:
            found.append(one._replace(command=None))
    return found


def _deeds(finding: Finding) -> tuple[Deed, ...]:
    """The remedies of a finding, the foremost first."""
    first = foremost(finding)
    if first is None:
        return ()
    others = (one for one in _open(finding) if one != first)
    return (_deed(first, "first"), *(_deed(one, _relation(one)) for one in others))


def _relation(remedy: Remedy) -> Relation:
    if remedy.looks:
        return "look"
    return "then" if remedy.then else "or"


def _deed(remedy: Remedy, relation: Relation) -> Deed:
    commands = tuple(remedy.command.split("\n")) if remedy.command else ()
    return Deed(relation, side(remedy), as_told(remedy.text), commands)


def _as_other(deed: Deed) -> Deed:
    return replace(deed, relation="or") if deed.relation == "first" else deed


def _plan_again(
    open_ones: Sequence[Unresolved], known: Mapping[RouteId, Diagnosis]
) -> Iterator[Step]:
    """How the CA is got from its owner, and the plan made with it."""
    wanted: dict[Wanted, list[Unresolved]] = {}
    for left in open_ones:
        wanted.setdefault(_wanted(left.reason, known.get(left.route)), []).append(left)
    for one, lefts in wanted.items():
        yield _getting(one, lefts)
    for left in open_ones:
        if left.condition is not None:
            yield _condition(left.condition)
    if open_ones:
        routes = tuple(dict.fromkeys(left.route for left in open_ones))
        deed = Deed("first", "configuration", remark(Point.PLAN_WITH_CA))
        yield Step((deed,), routes, again=True, wanted=tuple(wanted))


def _wanted(reason: Remark, diagnosis: Diagnosis | None) -> Wanted:
    """The certificate that is missing, by the reason why the plan stops."""
    values = dict(reason.values)
    named = values.get("issuer") or values.get("subject") or ""
    probe = diagnosis.case.probe if diagnosis is not None else None
    chain = probe.tls.chain if probe is not None and probe.tls is not None else ()
    shown = next((c for c in chain if c.self_issued and c.subject == named), None)
    file = values.get("file") if reason.point in _LIES_HERE else ""
    return Wanted(
        str(named),
        own=shown is not None and shown is chain[0],
        sha256=shown.sha256 if shown is not None else "",
        file=str(file),
    )


def _getting(wanted: Wanted, lefts: Sequence[Unresolved]) -> Step:
    """How a certificate is got, and what else would do."""
    who: Side = "backend" if wanted.own else "ca"
    told = [deed for left in lefts for deed in _ways(wanted, left)]
    got = [deed for deed in told if deed.relation == "first"]
    first = got[0] if got and not wanted.own else Deed("first", who, _get(wanted))
    if wanted.file:
        first = Deed("first", who, lefts[0].reason)
    return Step(
        tuple(dict.fromkeys((first, *(deed for deed in told if deed not in got)))),
        tuple(dict.fromkeys(left.route for left in lefts)),
        tuple(dict.fromkeys(left.finding.slug for left in lefts)),
        None if wanted.file else lefts[0].reason,
    )


def _ways(wanted: Wanted, left: Unresolved) -> Iterator[Deed]:
    """The remedies of what a plan cannot repair yet, without what the plan will do."""
    for remedy in left.finding.remedies:
        command = remedy.command or ""
        if command.endswith(_PLACEHOLDER):  # the plan is made with it in a later step
            relation: Relation = "first" if remedy.where == "ca" else "or"
            if remedy.where != "backend":
                yield _deed(remedy._replace(command=None), relation)
        elif command.startswith(_PLAN):
            if " --ca " in command and left.reason.point in NOT_FOUND:
                continue  # the trust store was looked into
            if "--accept-fingerprint" in command and wanted.sha256:
                side: Side = "backend" if wanted.own else "ca"
                text = remark(Point.COMPARE, sha256=wanted.sha256)
                yield Deed("or", side, text, (command,))
            elif any(word in command for word in _CHOICES):
                yield _deed(remedy, "or")
        elif remedy.where == "network" and left.condition is not None:
            continue  # a step of its own
        elif remedy.looks or remedy.where != "config":
            yield _deed(remedy, _relation(remedy))


def _get(wanted: Wanted) -> Remark:
    point = Point.GET_CERTIFICATE if wanted.own else Point.GET_ROOT
    return remark(point, called=wanted.subject)


def _merged(found: Iterable[Step]) -> list[Step]:
    """Equal steps of several routes as one."""
    alike: dict[object, Step] = {}
    for step in found:
        key = (step.deeds, step.why, step.wanted)
        first = alike.setdefault(key, step)
        routes = tuple(dict.fromkeys((*first.routes, *step.routes)))
        slugs = tuple(dict.fromkeys((*first.slugs, *step.slugs)))
        alike[key] = replace(first, routes=routes, slugs=slugs)
    return list(alike.values())


def _each_once(found: Iterable[Step]) -> Iterator[Step]:
    """The steps without what an earlier one says in the same words."""
    said: set[object] = set()
    for step in found:
        deeds = []
        for deed in step.deeds:
            key = (deed.side, deed.text, deed.commands)
            if deed.relation == "first" or key not in said:
                deeds.append(deed)
            said.add(key)
        why = None if step.why in said else step.why
        said.add(step.why)
        yield replace(step, deeds=tuple(deeds), why=why)
