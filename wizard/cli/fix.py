"""``proxy-wizard fix``: plan the repair and print it as a unified diff."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, output
from wizard.cli.options import plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.exit_codes import ExitCode
from wizard.masking import lines as masking
from wizard.text import escaped

if TYPE_CHECKING:
    from wizard.model.permission import Refused
    from wizard.model.plan import FixPlan, Repair

_PEM = re.compile(
    r"^\+-----BEGIN CERTIFICATE-----\n(?:\+[A-Za-z0-9+/=]+\n)+\+-----END CERTIFICATE-----$",
    re.MULTILINE,
)
"""A certificate in a new file, from BEGIN to END."""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "fix",
        description="Plan the repair of every proxied route. The steps go to stderr, each with "
        "who does it and the command, and the patch to stdout: a unified diff that `patch -p1 "
        "-d /` and `git apply` take (on a terminal without the bodies of certificates). Nothing "
        "is changed. Exit code: 0 a plan that resolves everything the configuration can, 1 "
        "nothing to fix, 2 only the backend's side can fix it, or it is done by hand, or a route "
        "that the plan touches still fails after it, 3 an error, or the CA to trust is not known, "
        "or this machine lacks something that no patch gives.",
        examples="  proxy-wizard fix > fix.patch && sudo patch -p1 -d / < fix.patch\n"
        "  proxy-wizard fix --ca /root/corp-root.pem --vhost app.example.com\n"
        "  proxy-wizard fix --policy temporary --until 2027-01-31 -o exception.patch",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="write the diff to this file, of mode 0600 if not everybody may read what it changes",
    )  # fmt: skip
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="also say why each line is changed"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: the plan as a document on stdout, in place of the patch, which -o writes "
        "(default: text)",
    )
    parser.add_argument(
        "--mask", action="store_true",
        help="write a diff that can be shown to others, and cannot be applied: *** stands for what "
        "is secret in its lines, or may be",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from wizard.cli import steps
    from wizard.engine import gate
    from wizard.model.permission import Reason, Refused

    engine = Engine(scope_options.from_args(args))
    repair = plan_options.plan(engine, args)
    patch = engine.patch(repair)
    shown, secrets = masking.for_showing(patch, repair.sources)
    to_file = args.output is not None and bool(patch)
    if to_file:
        engine.save(args.output, shown if args.mask else patch, private=engine.is_private(repair))
    _begin(repair, verbose=args.verbose)
    told = steps.Telling(repair, args)
    told.write_to_patch()
    as_json = args.format == "json"
    if as_json:
        _print_plan(repair.plan)
    elif not to_file:
        _print(shown if args.mask else patch)
    output.flush()  # before what stands behind it on the same terminal
    if secrets and not (to_file or args.mask or as_json):
        diagnostics.note(
            f"the patch holds {secrets} {'line' if secrets == 1 else 'lines'} in which a secret "
            "stands, or may stand, as it is: only so can it be applied. To show it to others, "
            "use --mask."
        )
    told.write_rest()
    nothing = gate.nothing_to_apply(repair)
    if nothing is None and gate.awaits_ca(repair):
        nothing = Refused(Reason.CA_UNKNOWN)
    code = ExitCode.FAILURE if gate.is_half(repair) else ExitCode.OK
    if nothing is not None:
        code = refused(nothing, repair)
    told.write_next()
    return code


def _print_plan(plan: FixPlan) -> None:
    from wizard.cli.formats.plan import write

    write(plan)


def _print(patch: bytes) -> None:
    """To a file or pipe byte for byte; to a terminal without what could control it, and without
    what nobody reads."""
    if not sys.stdout.isatty():
        output.write_bytes(patch)
        return
    text = _PEM.sub(_shortened, patch.decode("utf-8", "surrogateescape"))
    lines = text.split("\n")
    output.write("\n".join(escaped(line.expandtabs(), sys.maxsize) for line in lines))


def _shortened(pem: re.Match[str]) -> str:
    return f"+({pem[0].count(chr(10)) + 1} lines of PEM)"


def _begin(repair: Repair, *, verbose: bool) -> None:
    from wizard.cli import heading, layout
    from wizard.wording import plan

    told = plan.pieces(repair.plan) if verbose else ()
    lines = layout.lines(told, output.Palette(stream=sys.stderr))
    report = repair.report
    head = heading.lines(report.configuration, report.scope.resolve, whole=verbose)
    diagnostics.write_all((*head, *lines))


def show(repair: Repair) -> None:
    """Say on stderr what a plan does."""
    _begin(repair, verbose=True)


def refused(decision: Refused, repair: Repair) -> ExitCode:
    """Say why a plan is not applied.

    Args:
        decision: why.
        repair: holds the plan.

    Returns:
        1 nothing is wrong, 2 others must act, 3 it is not known whether all is well, or what to
        trust, or something on this machine comes first.
    """
    from wizard.engine.steps import steps
    from wizard.model.permission import Reason
    from wizard.wording import permission
    from wizard.wording.fold import wrap
    from wizard.wording.steps import missing

    code = {
        Reason.NOTHING_WRONG: ExitCode.WARNING,
        Reason.UNDETERMINED: ExitCode.UNKNOWN,
        Reason.CA_UNKNOWN: ExitCode.UNKNOWN,
        Reason.ON_THIS_MACHINE: ExitCode.UNKNOWN,
        Reason.NOT_REHEARSED: ExitCode.UNKNOWN,
    }.get(decision.reason, ExitCode.FAILURE)
    notes = {
        Reason.NOTHING_WRONG,
        Reason.LEFT_TO_BACKEND,
        Reason.ON_THIS_MACHINE,
        Reason.BY_HAND,
        Reason.NOT_IN_CONFIGURATION,
    }
    folded = (
        line if line.startswith(" ") else wrap(line) for line in permission.concerns(decision)
    )
    diagnostics.write_all(folded)
    text = permission.sentence(decision)
    if decision.reason is Reason.CA_UNKNOWN:
        text += f": {missing(one for step in steps(repair) for one in step.wanted)}"
    if decision.reason in notes:
        diagnostics.note(f"{text}.", prose=True)
    else:
        diagnostics.error(f"{text}.")
    return code
