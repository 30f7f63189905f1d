"""``proxy-wizard fix``: plan the repair and print it as a unified diff."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, output
from wizard.cli.options import plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.exit_codes import ExitCode
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.plan import Repair


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "fix",
        description="Plan the repair of every proxied route and print it as a unified diff that "
        "`patch -p1 -d /` and `git apply` take; nothing is changed. What each edit does, and what "
        "only others can repair, is said on stderr. Exit code: 0 a plan that resolves everything "
        "the configuration can, 1 nothing to fix, 2 only the backend's side can fix it, 3 an "
        "error, or the CA to trust is not known.",
        examples="  proxy-wizard fix > fix.patch && sudo patch -p1 -d / < fix.patch\n"
        "  proxy-wizard fix --ca /root/corp-root.pem --vhost app.example.com\n"
        "  proxy-wizard fix --policy temporary --until 2027-01-31 -o exception.patch",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write the diff to this file")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from wizard.cli import heading
    from wizard.fix.source import unified_diff
    from wizard.wording import plan as plan_text

    repair = plan_options.plan(scope_options.from_args(args), args)
    patch = unified_diff.unified(repair.plan, repair.report.configuration.files)
    told = (*heading.lines(repair.report.configuration), *plan_text.lines(repair.plan))
    diagnostics.write("".join(f"{line}\n" for line in told))
    if args.output is not None and patch:
        from wizard.change.save_file import save

        save(args.output, patch)
        diagnostics.note(f"apply it with: patch -p1 -d / < {printable(shlex.quote(args.output))}")
    else:
        output.write_bytes(patch)
    return exit_code(repair)


def exit_code(repair: Repair) -> ExitCode:
    """The exit code of a plan: 0 something is repaired, 1 nothing is wrong, 2 others must act.

    3 where nothing is planned and it is not known whether all is well.
    """
    plan = repair.plan
    if not plan.is_empty:
        return ExitCode.OK
    if not plan.unresolved:
        undecided = [d for d in repair.report.diagnoses if d.verdict.outcome == "unknown"]
        for one in undecided:
            reason = one.verdict.reason or "the backend was not asked"
            diagnostics.write(
                f"not determined: {printable(f'{one.case.route.id.label}: {reason}')}\n"
            )
        if undecided:
            diagnostics.error(
                "no fault was found, but not every route could be determined: see above."
            )
            return ExitCode.UNKNOWN
        diagnostics.note("nothing to fix.")
        return ExitCode.WARNING
    if any(left.needs_choice for left in plan.unresolved):
        diagnostics.error("the CA to trust is not known: give --ca FILE or --accept-fingerprint.")
        return ExitCode.UNKNOWN
    if any(left.handed_over for left in plan.unresolved):
        diagnostics.note(
            "nothing is changed: what a patch could repair is left to the backend's side, as "
            "asked for with --leave; see above what to do there."
        )
    else:
        diagnostics.note("no patch can repair this; see above what to do, and where.")
    return ExitCode.FAILURE
