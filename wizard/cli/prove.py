"""``proxy-wizard prove``: rehearse in a throw-away httpd, before and after the plan."""

from __future__ import annotations

import argparse
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, heading, output
from wizard.cli.options import plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.config import Configuration
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Scope


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "prove",
        description="Start a throw-away httpd on loopback with the virtual host as it is, and as "
        "the plan of `fix` makes it, and send each route one request. The running server is not "
        "touched. Exit code: 0 the proxied answer arrived, 2 it did not, 3 could not rehearse.",
        examples="  proxy-wizard prove --ca /root/corp-root.pem\n"
        "  proxy-wizard prove --current --vhost app.example.com",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument(
        "--current", action="store_true", help="only the configuration as it is, without a plan"
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    what = scope_options.from_args(args)
    if args.current:
        played = _current(what)
        show(played)
        return exit_code(played)
    repair = plan_options.plan(what, args)
    _begin(repair.report.configuration)
    played = rehearse(what, repair)
    show(played, repair)
    if repair.plan.is_empty:
        diagnostics.note("there is no plan: only the configuration as it is was rehearsed.")
    return exit_code(played)


def _current(what: Scope) -> tuple[Rehearsal, ...]:
    from wizard.engine import pipeline
    from wizard.engine.selection import select
    from wizard.httpd import rehearse

    configuration = pipeline.load(what)
    _begin(configuration)
    routes = select(configuration, what.vhost, what.route)
    with diagnostics.Progress("virtual hosts rehearsed") as progress:
        return rehearse.rehearse(what, routes, progress=progress)


def _begin(configuration: Configuration) -> None:
    output.write("".join(f"{line}\n" for line in heading.lines(configuration)))


def rehearse(what: Scope, repair: Repair) -> tuple[Rehearsal, ...]:
    """The routes of a report, rehearsed before and after its plan."""
    from wizard.fix.source.unified_diff import apply_to
    from wizard.httpd import rehearse

    routes = [d.case.route for d in repair.report.diagnoses]
    after = apply_to(repair.plan, repair.report.configuration.files)
    with diagnostics.Progress("virtual hosts rehearsed") as progress:
        return rehearse.rehearse(what, routes, after, progress=progress)


def show(
    played: Sequence[Rehearsal],
    repair: Repair | None = None,
    *,
    write: Callable[[str], None] = output.write,
) -> None:
    """Write rehearsals, each beside its verdicts if there are any."""
    from wizard.wording import rehearsal as rehearsal_text

    before = repair.report.diagnoses if repair else ()
    after = repair.after.diagnoses if repair and repair.after else ()
    for rehearsal, old, new in zip_longest(played, before, after):
        if rehearsal is not None:
            text = rehearsal_text.lines(rehearsal, old, new)
            write("".join(f"{line}\n" for line in text))


def exit_code(played: Sequence[Rehearsal]) -> ExitCode:
    """0 if every route's proxied answer arrived."""
    arrived = all(rehearsal.last.proxied for rehearsal in played)
    return ExitCode.OK if arrived else ExitCode.FAILURE
