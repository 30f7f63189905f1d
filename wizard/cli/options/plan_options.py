"""The options that say how to repair, shared by ``fix``, ``prove`` and ``apply``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, get_args

from wizard.cli import diagnostics
from wizard.cli.options import scope_options
from wizard.findings.table import LEAVABLE, UNSENT, UNSENT_SLUGS
from wizard.model.plan import FixChoice, FixPlan, FixPolicy
from wizard.wording.progress import sentence

if TYPE_CHECKING:
    from wizard.engine.engine import Engine
    from wizard.model.plan import Repair


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date YYYY-MM-DD") from None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the policy and the sources of trust."""
    parser.add_argument(
        "--policy", choices=get_args(FixPolicy), default="production",
        help="row of the best-practice table: production verifies strictly, with every line of it "
        "written out; internal-ca too, with the one CA that signed, and no line that httpd's "
        "defaults make needless; temporary disables only the check that fails, until a day "
        "(default: production)",
    )  # fmt: skip
    parser.add_argument(
        "--minimal", action="store_true",
        help="write only the lines that change something: production then leaves what is in force "
        "already, by httpd's default or from server level, unwritten",
    )  # fmt: skip
    parser.add_argument(
        "--ca", metavar="FILE", action="append", default=[],
        help="trust this CA certificate (PEM, DER, PKCS#7) for the backends whose chain it signed; "
        "may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--accept-fingerprint", metavar="SHA256",
        help="trust the CA that the backend itself presents, if it has this fingerprint "
        "(compare it out of band first)",
    )  # fmt: skip
    parser.add_argument(
        "--trust-file", metavar="FILE",
        help="write the CA to this file, in a directory that others cannot write and that no URL "
        "serves; a further one gets -2 (default: in proxy-trust below ServerRoot, or beside the "
        "main file)",
    )  # fmt: skip
    parser.add_argument(
        "--until", metavar="YYYY-MM-DD", type=_day,
        help="last day of the exception, at most 90 days ahead; needed with --policy temporary",
    )  # fmt: skip
    parser.add_argument(
        "--leave", metavar="FINDING", choices=sorted(LEAVABLE), action="append", default=[],
        help="leave this finding to the backend's side and print what is to be done there; may be "
        f"given again ({', '.join(sorted(LEAVABLE))})",
    )  # fmt: skip


def choice(args: argparse.Namespace, *, offers: bool = True) -> FixChoice:
    """The operator's choice that the options describe.

    Args:
        args: of the command line.
        offers: somebody can be asked before the plan is applied.
    """
    return FixChoice(
        args.policy,
        minimal=args.minimal,
        ca_files=tuple(args.ca),
        accept_fingerprint=args.accept_fingerprint,
        trust_file=args.trust_file,
        until=args.until,
        offers=offers,
        leave=tuple(dict.fromkeys(args.leave)),
    )


def plan(engine: Engine, args: argparse.Namespace, *, offers: bool = True) -> Repair:
    """Check and plan, with progress on stderr, and a warning for a ``--leave`` without effect.

    Args:
        engine: has the scope.
        args: of the command line.
        offers: as for ``choice``.
    """
    with diagnostics.Progress(sentence) as progress:
        repair = engine.about(progress=progress).repair(choice(args, offers=offers))
    scope_options.tell_unneeded(repair.report)
    for slug in useless(repair.plan, args.leave):
        diagnostics.note(
            f"warning: --leave {slug} has no effect: there is nothing of that name to repair here."
        )
    return repair


def useless(plan: FixPlan, leave: Sequence[str]) -> list[str]:
    """Findings to leave that no route of a plan has.

    Args:
        plan: made with them.
        leave: their slugs.
    """
    handed = {left.finding.slug for left in plan.unresolved if left.handed_over}
    handed |= {UNSENT} if handed & UNSENT_SLUGS else set()
    handed |= {entry.slug for entry in plan.resolved}  # repaired all the same: a note says so
    return [slug for slug in dict.fromkeys(leave) if slug not in handed]
