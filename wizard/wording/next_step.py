"""The one command that goes on after a check, and what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from wizard.findings import shell
from wizard.findings.facts import named_root
from wizard.findings.table import EXCEPTION_SLUGS, LIST_SLUGS, TRUST_SLUGS, UNVERIFIED_SLUGS
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Diagnosis, Finding, Report, Where
from wizard.model.plan import FixPlan, Resolved, TrustChoice
from wizard.model.scope import Scope
from wizard.wording.certificate import called
from wizard.wording.entries import Entry, best
from wizard.wording.fold import width

_AFTERWARDS: Mapping[Where, str] = {
    "config": "after the edit",
    "backend": "once the backend's owner has done this",
    "network": "once this machine reaches the backend",
    "ca": "once the CA's owner has done this",
}
_UNTRUSTED = TRUST_SLUGS - UNVERIFIED_SLUGS - EXCEPTION_SLUGS
"""Causes that trusting a CA repairs; a patch may trust one besides for others as well."""
_MOST_FILES = 2
_MOST_PLANNED = 100
"""Entries that a plan is made for."""
BEFORE_COMMAND: Final = re.compile(r"((,? then)?:|\.)?$")
"""How words end that a command follows."""
MOST_LINES, INDENT = 2, 10
"""Lines of a command that is shown, and the columns before it."""


class NextStep(NamedTuple):
    """A command, and in a few words what it needs or when its time has come."""

    command: str
    note: str = ""


def considered(entries: Sequence[Entry]) -> tuple[Diagnosis, ...]:
    """The routes to plan a repair of, to know what to do next: the first of each entry that fails,
    or is weak where none fails."""
    return tuple(entry.first for entry in _wrong(entries))


def after(report: Report, entries: Sequence[Entry], plan: FixPlan | None) -> NextStep | None:
    """What to do after a check.

    Args:
        report: of it.
        entries: of the report.
        plan: as ``wizard.engine.planning.outlook`` makes it for what is ``considered``; None:
            there is none.

    Returns:
        None: nothing is to be done.
    """
    wrong = _wrong(entries)
    if not report.probed and not (wrong and wrong[0].state == "FAIL"):
        return NextStep(shell.again("check", report.scope), "it asks the backends")
    if not wrong:
        return _of_unknown(report, entries)
    plan = plan or FixPlan("production")
    todos = [remedy(entry, entry.cause, report.scope, plan) for entry in wrong if entry.cause]
    unknown = [entry for entry in wrong if _needs_file(entry, plan)]
    with_file = shell.again("fix", report.scope, "--ca FILE")
    if len(unknown) == len(wrong) or {todo.command for todo in todos} == {with_file}:
        return NextStep(with_file, f"FILE: {_files(unknown)}" if unknown else "")
    fix = shell.again("fix", report.scope)
    repairs = any(todo.command.startswith("proxy-wizard fix") for todo in todos)
    lists = any(entry.cause is not None and entry.cause.slug in LIST_SLUGS for entry in wrong)
    if unknown or repairs or lists or not plan.is_empty:
        return NextStep(fix)
    if any(todo.is_long or todo.by_hand for todo in todos):
        return NextStep(fix, "it prints the commands for this")
    return NextStep(shell.again("check", report.scope), _when(todos))


def _wrong(entries: Sequence[Entry]) -> list[Entry]:
    failing = [entry for entry in entries if entry.state == "FAIL"]
    return (failing or [entry for entry in entries if entry.state == "WARN"])[:_MOST_PLANNED]


class Todo(NamedTuple):
    """What to do about a cause, with the words before it, and its command; any may be empty."""

    label: str = ""
    text: str = ""
    command: str = ""
    where: Where = "config"
    by_hand: bool = False
    """``fix`` writes no patch for it, but prints the commands."""

    @property
    def is_long(self) -> bool:
        """Whether its command is too long for a report, and no setting."""
        return self.where in ("backend", "ca") and self.label == "fix" and not fits(self.command)


def remedy(entry: Entry, cause: Finding, scope: Scope, plan: FixPlan | None) -> Todo:
    """What to do about a cause.

    Args:
        entry: the routes.
        cause: why they fail.
        scope: of the run.
        plan: as for ``after``; None: it is not known.
    """
    resolved = plan is not None and Resolved(entry.first.case.route.id, cause.slug) in plan.resolved
    trust = _trusted(plan, entry) if plan is not None and resolved else None
    if trust is not None and cause.slug in _UNTRUSTED:
        return Todo("fix", _found(trust, entry), shell.again("fix", scope))
    shown = best(cause, "config" if resolved else None)
    if shown is None:
        return Todo()
    command, text = shown.command or "", shown.text
    if command.startswith("proxy-wizard fix") and plan is not None and _is_left(entry, plan):
        return Todo("fix", text, where=shown.where, by_hand=True)
    if command.startswith("proxy-wizard fix"):
        file = "--ca " in command
        if file and resolved:
            file, text = False, "What it needs is on this machine:"
        elif not file and plan is not None and _needs_file(entry, plan):
            file, text = True, f"Get the {' from '.join(_needed(entry.first))}, then:"
        command = shell.again("fix", scope, *(("--ca FILE",) if file else ()))
    return Todo("find out" if shown.looks else "fix", text, command, shown.where)


def _needs_file(entry: Entry, plan: FixPlan) -> bool:
    """Whether the cause can be repaired once the operator names what to trust."""
    cause, route = entry.cause, entry.first.case.route.id
    found = (one for one in plan.unresolved if one.needs_choice and one.route == route)
    return cause is not None and any(one.finding.slug == cause.slug for one in found)


def _is_left(entry: Entry, plan: FixPlan) -> bool:
    """Whether configuration cannot repair the cause, whatever is trusted."""
    cause, route = entry.cause, entry.first.case.route.id
    if cause is None or cause.slug in LIST_SLUGS:  # fix asks the backend more for these
        return False
    left = (one for one in plan.unresolved if one.route == route)
    return any(one.finding.slug == cause.slug and not one.needs_choice for one in left)


def _trusted(plan: FixPlan, entry: Entry) -> TrustChoice | None:
    """What a plan trusts for a route that it repairs."""
    meant = plan.intended.get(entry.first.case.route.id)
    sha256 = meant.trusted if meant is not None else None
    chosen = (one for one in plan.trust if sha256 and one.certificates[0].sha256 in sha256)
    return next(chosen, None)


def _found(trust: TrustChoice, entry: Entry) -> str:
    """What of a choice is not trusted yet, and where it was found."""
    root, *others = trust.certificates
    if root not in entry.first.case.trust.anchors:
        return f'Trust "{called(root.subject)}", found in {trust.origin}:'
    if not others:
        return f'Go on trusting "{called(root.subject)}":'
    names = ", ".join(f'"{called(one.subject)}"' for one in others)
    return f"Add the intermediate {names}, found on this machine, to the CA file:"


def fits(command: str) -> bool:
    """Whether a command is short enough to be read at a glance: two lines that need no folding."""
    lines = command.split("\n")
    return len(lines) <= MOST_LINES and max(map(len, lines)) <= width() - INDENT


def _of_unknown(report: Report, entries: Sequence[Entry]) -> NextStep | None:
    """A real httpd may tell what is not known."""
    if report.configuration.httpd.path and any(entry.state == "UNKNOWN" for entry in entries):
        return NextStep(shell.again("prove", report.scope, "--current"))
    return None


def _when(todos: Sequence[Todo]) -> str:
    """When to look again."""
    told = dict.fromkeys(_AFTERWARDS[todo.where] for todo in todos)
    runs = any(todo.where == "config" and todo.command[:1].islower() for todo in todos)
    return next(iter(told)) if len(told) == 1 and not runs else "afterwards"


def _files(unknown: Sequence[Entry]) -> str:
    """What the files hold that are to be trusted."""
    needed = list(dict.fromkeys(", from ".join(_needed(entry.first)) for entry in unknown))
    more = f" and {len(needed) - _MOST_FILES} more" if len(needed) > _MOST_FILES else ""
    return "; ".join(needed[:_MOST_FILES]) + more


def _needed(diagnosis: Diagnosis) -> tuple[str, str]:
    """Whose certificate the CA file is to hold, and who has it."""
    probe = diagnosis.case.probe
    chain: tuple[Certificate, ...] = probe.tls.chain if probe is not None and probe.tls else ()
    if not chain:
        return "root certificate above the backend's", "the CA's owner"
    last = chain[-1]
    if len(chain) == 1 and last.self_issued:
        return f'certificate of "{called(last.subject)}"', "the backend's owner"
    above = last.subject if last.self_issued else last.issuer
    if last.self_issued or named_root(above):
        return f'root certificate of "{called(above)}"', "the CA's owner"
    return f'certificate of "{called(above)}" and of the root above it', "the CA's owner"
