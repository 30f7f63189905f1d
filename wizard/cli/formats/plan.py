"""``fix --format json``: the plan, as docs/reference/fix.schema.json has it, schema version 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from wizard.cli import output
from wizard.cli.formats.plain import unicode
from wizard.masking import lines as masking
from wizard.model.certificate import Certificate
from wizard.model.comment import OutdatedComment
from wizard.model.plan import Edit, FixPlan, TrustChoice, Unresolved
from wizard.wording import remarks

SCHEMA_VERSION: Final = 1


def write(plan: FixPlan) -> None:
    """Write the document to stdout."""
    output.write_json(document(plan))


def document(plan: FixPlan) -> dict[str, Any]:
    """A plan as plain values: no secret, valid Unicode; it tells of the patch, and is none.

    Args:
        plan: of the fix.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "policy": plan.policy,
        "edits": _each(_edit, plan.edits),
        "new_files": [
            {"path": unicode(new.path), "reason": unicode(new.reason)} for new in plan.new_files
        ],
        "resolved": [
            {"route": unicode(one.route.label), "slug": one.slug} for one in plan.resolved
        ],
        "unresolved": _each(_unresolved, plan.left),
        "trust": _each(_trust, plan.trust),
        "offers": [
            {
                "kind": one.kind.value,
                "route": unicode(one.route.label),
                "text": remarks.sentence(one.remark),
            }
            for one in plan.offers
        ],
        "conditions": [
            {"name": unicode(one.name), "address": one.address} for one in plan.conditions
        ],
        "comments": _each(_comment, plan.comments),
        "notes": [{"point": one.point.value, "text": remarks.sentence(one)} for one in plan.notes],
    }


def _each(made: Callable[[Any], dict[str, Any]], values: Iterable[object]) -> list[dict[str, Any]]:
    return [made(value) for value in values]


def _edit(edit: Edit) -> dict[str, Any]:
    new = [line.decode("utf-8", "surrogateescape").rstrip("\r\n") for line in edit.new_lines]
    return {
        "file": unicode(edit.file),
        "first_line": edit.first_line,
        "last_line": edit.last_line,
        "new_lines": [unicode(line) for line in masking.configuration(new)],
        "reason": unicode(edit.reason),
        "affects": [unicode(label) for label in edit.affects],
    }


def _unresolved(left: Unresolved) -> dict[str, Any]:
    return {
        "route": unicode(left.route.label),
        "slug": left.finding.slug,
        "reason": remarks.sentence(left.reason),
        "commands": [unicode(command) for command in left.commands],
        "needs_choice": left.needs_choice,
        "handed_over": left.handed_over,
    }


def _trust(choice: TrustChoice) -> dict[str, Any]:
    return {
        "certificates": _each(_certificate, choice.certificates),
        "origin": unicode(choice.origin),
        "basis": remarks.sentence(choice.basis),
    }


def _certificate(one: Certificate) -> dict[str, Any]:
    return {
        "subject": unicode(one.subject),
        "sha256": one.sha256,
        "not_after": one.not_after.isoformat(),
    }


def _comment(one: OutdatedComment) -> dict[str, Any]:
    return {
        "file": unicode(one.file),
        "line": one.line,
        "last_line": one.last_line,
        "text": unicode(one.text),
        "directives": list(one.directives),
        "opposite": one.opposite,
    }
