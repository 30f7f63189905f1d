"""Checks a plan before it is shown: only repairs that help stay in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from wizard import scratch
from wizard.config.preprocess import overlay
from wizard.findings.table import ANSWER_SLUGS
from wizard.fix import cures_checked, plan, policy_order, second_verdict, untouched
from wizard.fix.decide import best_practice, handover
from wizard.fix.decide.route_repair import SHADOWED, leaf_of
from wizard.fix.place import refused_directives
from wizard.fix.source.draft import Draft
from wizard.fix.source.unified_diff import apply_to
from wizard.model.certificate import TrustFile, TrustMaterial
from wizard.model.config import Configuration, Route
from wizard.model.diagnosis import Diagnosis, Report
from wizard.model.plan import FixChoice, FixPlan, Intended, Resolved, TrustFound, Unresolved
from wizard.model.remark import Point, Remark, as_told, remark
from wizard.model.route_id import RouteId
from wizard.model.scope import Assumed
from wizard.x509 import trust_material

Search = Callable[[Report], TrustFound]
Check = Callable[[Mapping[str, bytes], Sequence[Assumed]], Report]
"""Checks the configuration again, with contents that stand for the files on disk, by path, and with
names that are taken to lead to an address."""

ROUNDS = 8
"""Plans tried: each round repairs what the one before revealed, or takes back what did not help."""
_HIDING = frozenset(
    {
        "engine-off",
        "directive-not-allowed-here",
        "unknown-directive",
        "missing-trailing-slash",
        "ca-file-missing",
        "ca-file-invalid",
        "crl-check-without-crl",
        "preserve-host-changes-name",
    }
)
"""Faults that hide others: httpd, and the diagnosis, stop at them."""
_OFF = frozenset(best_practice.OFF.values())
"""Weaknesses with which a route works: only a finding shows that their repair has no effect."""


def confirm(
    report: Report, choice: FixChoice, search: Search, check: Check
) -> tuple[FixPlan, Report | None]:
    """A plan with only those repairs that were found to work.

    The patched configuration is read, probed and diagnosed once more. Faults that an earlier
    one hid are repaired as well; what still fails is taken out of the plan and named, with the
    reason.

    Args:
        report: what is wrong.
        choice: the operator's.
        search: as ``trust.find``.
        check: as ``wizard.engine.engine.Engine.check`` with an overlay, as if a plan's conditions
            were met.

    Returns:
        The plan, and the report of the patched configuration; None when nothing changes. A plan
        after which a route fails that works now, or of which less is demanded, is not among them:
        it is empty then.

    Raises:
        UsageError: as ``trust.find``.
        ConfigError: the patched configuration cannot be read.
    """
    leave: dict[RouteId, Remark] = {}
    uncured: dict[cures_checked.Cured, Remark] = {}
    trust = search(report)
    for _ in range(ROUNDS):
        made = plan.make(report, choice, trust, leave=leave, uncured=uncured)
        if made.is_empty:
            return made, None
        after, in_force = _after(made, report, check)
        failing = _failing(report, after, made, leave)
        failing |= untouched.spoilt(_as_meant(report), in_force, made.intended)
        failing |= _weakened(report, after, made)
        if idle := cures_checked.useless(report, after, made, failing):
            uncured |= idle
            continue
        fuller = _with_revealed(report, after, choice)
        if fuller is None and not failing:
            return second_verdict.told(made, report, after), after
        if fuller is not None:
            report, trust = fuller, search(fuller)
        elif failing.keys() <= leave.keys():  # the repairs of others do it
            if blamed := _cures_to_blame(report, made, failing):
                uncured |= blamed
                # the other repairs were taken back for nothing
                leave = {k: v for k, v in leave.items() if v.point is not Point.WOULD_BREAK}
                continue
            reason = remark(Point.REPAIRS_CONTRADICT)
            failing = _beside(report, {route.vhost for route in failing}, leave, reason)
            if not failing:
                break
        leave |= {} if fuller else failing
    uncured = cures_checked.all_of(report, uncured)
    last = plan.make(report, choice, trust, leave=_all(report, leave), uncured=uncured)
    return _last_resort(last, report, check)


def _cures_to_blame(
    report: Report, made: FixPlan, failing: Mapping[RouteId, Remark]
) -> dict[cures_checked.Cured, Remark]:
    """The cures that harm routes of which all else is left as it is, with the reason."""
    written = cures_checked.planned(report, made)
    return {
        key: remark(Point.CURE_WOULD_HARM, route=next(iter(failing)).label)
        for key in cures_checked.to_blame(written, failing)
    }


def _last_resort(made: FixPlan, report: Report, check: Check) -> tuple[FixPlan, Report | None]:
    """The plan of what is wrong whatever the backends are like; an empty one where it harms."""
    if made.is_empty:
        return made, None
    after, _ = _after(made, report, check)
    harmed = any(
        (old.reached.outcome, new.reached.outcome) == ("ok", "fail")
        for old, new in _compared(report, after)
    )
    if not harmed and not _weakened(report, after, made):
        return second_verdict.told(made, report, after), after
    reason = remark(Point.REPAIRS_CONTRADICT)
    left = (
        Unresolved(d.case.route.id, f, reason)
        for d in report.diagnoses
        for f in d.findings
        if f.severity != "info"
    )
    return FixPlan(made.policy, unresolved=tuple(left)), None


def _with_revealed(report: Report, after: Report, choice: FixChoice) -> Report | None:
    """The report with the faults that only the patched configuration shows; None: no new ones.

    A route that failed for one reason may have a weakness that was not checked; where the handshake
    failed, the backend's certificate was not seen either; and where a cause is repaired, the next
    one shows. What the operator leaves to the backend's side may be found only now.
    """
    there = after.by_route
    merged = []
    for old in report.diagnoses:
        new = there.get(old.case.route.id, old)
        known = {f.slug for f in old.findings}
        hidden = leaf_of(old.case) is None or bool(known & _HIDING)
        unseen = leaf_of(old.case) is None and leaf_of(new.case) is not None
        made = _made(old.case.route, new.case.route)
        failed = {old.reached.outcome, new.reached.outcome} == {"fail"}
        next_one = {f.slug for f in new.findings[:1]} if failed else set()
        revealed = tuple(
            cures_checked.as_revealed(f)
            for f in new.findings
            if f.severity != "info"
            and f.slug not in known | made
            and (hidden or f.slug in next_one.union(choice.leave) | ANSWER_SLUGS)
        )
        if revealed or unseen:
            case = replace(old.case, probe=new.case.probe) if unseen else old.case
            old = replace(old, case=case, findings=old.findings + revealed)
        findings = tuple(cures_checked.with_more(f, new) for f in old.findings)
        if findings != old.findings:
            old = replace(old, findings=findings)
        merged.append(old)
    found = replace(report, diagnoses=tuple(merged))
    return None if found == report else found


def _made(old: Route, new: Route) -> set[str]:
    """The weaknesses that a temporary exception of the plan causes: they were not hidden."""
    changed = {
        slug
        for name, slug in best_practice.OFF.items()
        if best_practice.value(old, name) != best_practice.value(new, name)
    }
    return changed | ({"temporary-exception"} if new.exceptions and not old.exceptions else set())


def _after(
    made: FixPlan, report: Report, check: Check
) -> tuple[Report, dict[RouteId, untouched.InForce]]:
    """The report of the patched configuration, and what is then in force for every route.

    Its new files lie in a directory for the moment.
    """
    files = report.configuration.files
    with scratch.directory("files") as directory:
        contents = overlay.staged(apply_to(made, files), files, directory)
        after = check(contents, made.assumed)
        return after, _in_force(after.configuration)


def _as_meant(report: Report) -> dict[RouteId, untouched.InForce]:
    """What is in force for every route, with what refused directives were meant to set."""
    configuration = report.configuration
    repaired = refused_directives.repair(configuration, Draft(configuration.files))
    return _in_force(repaired.configuration, repaired.anywhere)


def _in_force(
    configuration: Configuration, anywhere: Collection[str] = ()
) -> dict[RouteId, untouched.InForce]:
    """The routes with the contents of the trust files that their policies name.

    Args:
        configuration: their configuration.
        anywhere: as in ``refused_directives.Repaired``.
    """
    release = configuration.httpd.release
    read: dict[int, TrustMaterial] = {}
    found = {}
    misspelt = any(one.slug == "unknown-directive" for one in configuration.problems)
    unread = {best_practice.PRESERVE_HOST, *anywhere} if misspelt else set(anywhere)
    for route in configuration.routes:
        if id(route.tls) not in read:
            read[id(route.tls)] = trust_material.read(route.tls, release)
        file, path = read[id(route.tls)].ca_file, read[id(route.tls)].ca_path
        useless = set() if file.state in ("ok", "unset") else {best_practice.CA_FILE}
        refused = frozenset(unread | useless)
        found[route.id] = untouched.InForce(route, _sha256(file), _sha256(path), refused)
    return found


def _sha256(file: TrustFile) -> frozenset[str]:
    return frozenset(c.sha256 for c in file.certificates) if file.state == "ok" else frozenset()


def _failing(
    before: Report, after: Report, made: FixPlan, leave: Mapping[RouteId, Remark]
) -> dict[RouteId, Remark]:
    """The routes whose repair does not help, or which another repair breaks, and why."""
    found: dict[RouteId, Remark] = {}
    resolved = frozenset(made.resolved)
    planned = {entry.route for entry in resolved}
    handed = handover.by_route(made)
    for old, new in _compared(before, after):
        route = new.case.route.id
        fails = new.reached.outcome == "fail" and not second_verdict.answers(new)
        if fails and old.reached.outcome == "ok" and (route in leave or route not in planned):
            reason = remark(Point.WOULD_BREAK, route=route.label)
            found |= _beside(before, {route.vhost}, leave, reason) or {route: reason}
            continue
        if route in leave:
            continue
        idle = {f.slug for f in new.findings} & (_OFF | {SHADOWED})
        if any(Resolved(route, slug) in resolved for slug in idle):
            found[route] = remark(Point.OVERRIDDEN)
            continue
        if not fails:
            continue
        moved = Resolved(route, SHADOWED) in resolved  # others served its requests so far
        if (
            old.reached.outcome == "fail"
            and not moved
            and (handover.explains(new, handed) or _is_told(new, made))
        ):
            continue
        why = new.reached.reason or "httpd would still refuse the backend"
        if _without_lines(why) == _without_lines(old.reached.reason):
            why = old.reached.reason  # the lines of the file as it is, not of the patched one
        if route in planned:
            found[route] = remark(Point.WOULD_STILL_FAIL, why=as_told(why))
    return found


def _is_told(after: Diagnosis, made: FixPlan) -> bool:
    """Whether a plan says itself, with the true reason, why a route still fails after it.

    That is where it could decide nothing about verification: what it corrects of the URL or of
    misplaced directives stays, for it is wrong whatever the backend is like; and so do the checks
    that its certificate passes.
    """
    route = after.case.route.id
    left = {one.finding.slug for one in made.unresolved if one.route == route}
    touched = made.intended.get(route, Intended())
    nothing = touched.settings.keys() <= best_practice.WITHOUT_CA.keys() and touched.trusted is None
    return nothing and bool(left & {f.slug for f in after.findings[:1]})


def _weakened(before: Report, after: Report, made: FixPlan) -> dict[RouteId, Remark]:
    """The routes of which less would be demanded, with no exception that says until when."""
    found: dict[RouteId, Remark] = {}
    for old, new in second_verdict.pairs(before, after):
        route, meant = new.case.route, made.intended.get(new.case.route.id, Intended())
        seen = policy_order.need(new.case.probe.tls if new.case.probe else None)
        depth = max(seen.depth, int(meant.settings.get(best_practice.DEPTH, "0")))
        excused = {text.partition(" ")[0] for one in route.exceptions for text in one.settings}
        if seen == policy_order.NOTHING:  # what the backend accepts is not known
            excused |= set(best_practice.SEVERAL_WORDS)
        lax = policy_order.weaker(old.case.route.tls, route.tls, replace(seen, depth=depth))
        lax = tuple(name for name in lax if name not in excused)
        if lax and best_practice.counts(route, best_practice.CA_FILE):
            found[route.id] = remark(Point.WOULD_WEAKEN, directives=lax)
    return found


def _without_lines(reason: str) -> str:
    return re.sub(r":\d+", "", reason)


def _beside(
    report: Report, hosts: Collection[int], leave: Collection[RouteId], reason: Remark
) -> dict[RouteId, Remark]:
    """The routes of virtual hosts, by number, whose repair is still planned."""
    there = (d.case.route.id for d in report.diagnoses)
    return {route: reason for route in there if route.vhost in hosts and route not in leave}


def _all(report: Report, leave: Mapping[RouteId, Remark]) -> dict[RouteId, Remark]:
    """Every route left alone: the last resort when the repairs contradict each other."""
    reason = remark(Point.REPAIRS_CONTRADICT)
    return {d.case.route.id: leave.get(d.case.route.id, reason) for d in report.diagnoses}


def _compared(before: Report, after: Report) -> list[tuple[Diagnosis, Diagnosis]]:
    """The diagnoses before and after, of the main server's routes in each virtual host, too."""
    return [*second_verdict.pairs(before, after), *_handed_down(before, after)]


def _handed_down(before: Report, after: Report) -> list[tuple[Diagnosis, Diagnosis]]:
    """The main server's routes that a virtual host now uses otherwise, each with the one before.

    That is the route as the main server has it, or as another virtual host uses it. Routes whose
    requests another one takes are left out: they work neither before nor afterwards.
    """
    known = before.by_route
    shared: dict[tuple[str, str, int], Diagnosis] = {}
    for who, old in known.items():
        if who.of_main:
            shared.setdefault(who.of_main, old)
    return [
        (shared[who.of_main], new)
        for who, new in after.by_route.items()
        if who.inherited
        and who not in known
        and new.case.route.shadowed_by is None
        and who.of_main in shared
    ]
