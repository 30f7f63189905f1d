"""``proxy-wizard prove``: rehearse in a throw-away httpd, before and after the plan."""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, heading, output
from wizard.cli.options import plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.exit_codes import ExitCode
from wizard.text import printable
from wizard.wording.progress import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wizard.model.config import Configuration
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.model.scope import Assumed


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "prove",
        description="Start a throw-away httpd on loopback with the virtual host as it is, and as "
        "the plan of `fix` makes it, send each route one request, and have it ask an impostor "
        "in the backend's place, who should be refused. A route outside of --vhost and --route "
        "that the plan would break is told too. The running server is not touched. "
        "Exit code: 0 the proxied answer arrived, 2 it did not, 3 could not rehearse.",
        examples="  proxy-wizard prove --ca /root/corp-root.pem\n"
        "  proxy-wizard prove --current --vhost app.example.com",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument(
        "--current", action="store_true", help="only the configuration as it is, without a plan"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true",
        help="each route by itself, with httpd's log lines and every certificate that it verified",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    engine = Engine(scope_options.from_args(args))
    if args.current:
        configuration = engine.load()
        _begin(configuration, engine.scope.resolve, verbose=args.verbose)
        with diagnostics.Progress(sentence) as progress:
            played = engine.about(progress=progress).rehearse_present(configuration)
        show(engine, played, verbose=args.verbose)
        return exit_code(played)
    repair = plan_options.plan(engine, args)
    report = repair.report
    _begin(report.configuration, report.scope.resolve, verbose=args.verbose)
    for one in repair.plan.assumed:
        if one not in repair.report.scope.resolve:
            output.write(
                f"assumed: {printable(one.name)} is {printable(one.address)} (not so yet)\n"
            )
    played = told(rehearse(engine, repair), repair)
    show(engine, played, repair, verbose=args.verbose)
    _tell_offers(repair)
    _tell_conditions(repair)
    if repair.plan.is_empty:
        diagnostics.note("there is no plan: only the configuration as it is was rehearsed.")
    return exit_code(played)


def _tell_offers(repair: Repair) -> None:
    """What ``apply`` would ask about the plan that was rehearsed."""
    from wizard.cli import layout
    from wizard.wording import plan

    told = chain.from_iterable(map(plan.offered, repair.plan.offers))
    diagnostics.write_all(layout.lines(told, output.Palette(stream=sys.stderr), 2))


def _tell_conditions(repair: Repair) -> None:
    """What was assumed, and has to be so before the plan is applied."""
    from wizard.wording import condition
    from wizard.wording.fold import wrap

    for one in repair.plan.conditions:
        diagnostics.write(f"{wrap(condition.sentence(one))}\n    {condition.command(one)}\n")


def told(played: Sequence[Rehearsal], repair: Repair) -> tuple[Rehearsal, ...]:
    """The routes that were asked for, and the neighbours that the plan would break, or where an
    impostor would be let in."""
    asked = repair.report.by_route
    return tuple(one for one in played if one.route in asked or one.breaks or one.opens)


def _begin(configuration: Configuration, assumed: Sequence[Assumed], *, verbose: bool) -> None:
    head = heading.lines(configuration, assumed, whole=verbose)
    output.write("".join(f"{line}\n" for line in head))


def rehearse(engine: Engine, repair: Repair) -> tuple[Rehearsal, ...]:
    """Every route that a plan can touch, before and after it, with progress on stderr."""
    with diagnostics.Progress(sentence) as progress:
        return engine.about(progress=progress).rehearse(repair)


def show(
    engine: Engine,
    played: Sequence[Rehearsal],
    repair: Repair | None = None,
    *,
    verbose: bool = False,
    write: Callable[[str], None] = output.write,
) -> None:
    """Write rehearsals, each beside its verdicts if there are any.

    Args:
        engine: explains httpd's log lines.
        played: the rehearsals.
        repair: holds the verdicts; None: there are none.
        verbose: each route with httpd's log; else routes with the same outcome together.
        write: to stdout or stderr.
    """
    from wizard.cli import layout
    from wizard.wording import rehearsal

    before = repair.report.by_route if repair else {}
    after = repair.after.by_route if repair and repair.after else {}
    pieces = rehearsal.rows(played, before, after, lambda line: _meaning(engine, line))
    if verbose:
        pieces = chain.from_iterable(
            rehearsal.pieces(one, before.get(one.route), after.get(one.route)) for one in played
        )
    palette = output.Palette(None if write is output.write else False)
    write("".join(f"{line}\n" for line in layout.lines(pieces, palette)))


def _meaning(engine: Engine, line: str) -> str:
    return next((each.meaning for each in engine.explain([line]).lines), "")


def exit_code(played: Sequence[Rehearsal]) -> ExitCode:
    """0 if every route's proxied answer arrived."""
    arrived = all(rehearsal.last.proxied for rehearsal in played)
    return ExitCode.OK if arrived else ExitCode.FAILURE
