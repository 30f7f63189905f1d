"""``proxy-wizard apply``: plan, rehearse, confirm, write, ``httpd -t``, graceful reload."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from wizard import scratch
from wizard.cli import diagnostics, heading, outcome, output, prove, writing
from wizard.cli.locked import locked
from wizard.cli.options import again, plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.errors import FileError, Obstacle, UsageError, WizardError
from wizard.exit_codes import ExitCode
from wizard.model.permission import OVERRIDABLE, SEPARATE, Allowed, Ask, Consent, Reason, Refused
from wizard.text import printable
from wizard.wording.errors import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.engine.changes import Held
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal

_OVERRIDABLE = tuple(reason.value for reason in OVERRIDABLE)
_BEING_WRITTEN = (
    "the change is being written and will be finished first; its id is printed then. Take it back "
    "with: proxy-wizard rollback ID"
)
"""The answer to a signal."""
_MENDED = "the patch is saved. Mend what is said below and run the command again, or:"
_HERE_NOT: dict[Obstacle, str] = {
    "permission": "this user may not write there; the patch is saved. Somebody who may, runs:",
    "mounted": "the patch is saved. Apply it where the file is mounted from, then reload here:",
    **dict.fromkeys(("forbidden", "immutable", "append-only", "read-only"), _MENDED),
}
"""Why nothing can be written here, and what to do instead."""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "apply",
        description="Plan the repair, rehearse it in a throw-away httpd, show what changes and "
        "what comes of it, ask, write it, run `httpd -t` and reload httpd gracefully; if the test "
        "or the reload fails, the files are put back. Prints the change's id, which `rollback` "
        "takes. Without a terminal it needs --yes. Exit code: 0 applied and the running server "
        "answers, or surely none runs, or --no-reload, 1 nothing to fix, 2 a route still fails "
        "afterwards (it is told, last), or only the backend's side can fix it, or the rehearsal or "
        "the running server did not bring its answer, or an impostor would be let in, or a name "
        "does not lead to its backend yet, 3 an error; nothing stays changed, 4 the running httpd "
        "ended at the reload; what became of it is said, 5 the change is written, and a running "
        "httpd has not read it, or whether one runs is not known.",
        examples="  sudo proxy-wizard apply --ca /root/corp-root.pem\n"
        "  sudo proxy-wizard apply --yes --no-reload --vhost app.example.com\n"
        "  sudo proxy-wizard apply --finish",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "-v", "--verbose", action="store_true",
        help="also the whole plan, and httpd's log lines of the rehearsal",
    )  # fmt: skip
    parser.add_argument(
        "--override", metavar="REFUSAL", action="append", default=[], choices=_OVERRIDABLE,
        help="apply the plan although the rehearsal speaks against it: it could not be made "
        "(not-rehearsed), it did not bring the backend's answer (no-answer), or a route that works "
        "would fail (breaks-route); may be given again",
    )  # fmt: skip
    parser.add_argument("--no-reload", action="store_true", help="write and test only")
    parser.set_defaults(output=None, mask=False)  # of fix: here the patch goes to no file
    parser.add_argument(
        "--finish",
        action="store_true",
        help="finish a change that was interrupted: write the rest of it, test, reload",
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    if not (args.finish or args.yes or sys.stdin.isatty()):
        raise UsageError("nobody can be asked here.", hint="Give --yes, or run it in a terminal.")
    engine = Engine(scope_options.from_args(args))
    with locked(engine, "apply") as held:  # from the first read to the last word
        if args.finish:
            return _finish(engine, held, reload=not args.no_reload)
        engine.require_settled(held)
        return _apply(engine, held, args)


def _apply(engine: Engine, held: Held, args: argparse.Namespace) -> int:
    from wizard.cli import fix, steps
    from wizard.engine import gate
    from wizard.wording import permission

    repair = plan_options.plan(engine, args, offers=not args.yes)
    if args.verbose:
        fix.show(repair)
    else:
        report = repair.report
        diagnostics.write_all(heading.lines(report.configuration, report.scope.resolve))
    if (early := gate.nothing_to_apply(repair)) is not None:
        return _others_turn(repair, early, args)
    if (early := gate.waits(repair)) is not None:
        code = fix.refused(early, repair)
        steps.Telling(repair, args).write_next()
        return code
    despite = frozenset(map(Reason, args.override))
    played = _rehearsed(engine, repair, args, optional=Reason.NOT_REHEARSED in despite)
    consent = Consent(despite=despite)
    while isinstance(decision := gate.decide(repair, played, consent), Ask):
        if decision.reason not in SEPARATE:
            for refusal in gate.refusals(repair, played):
                diagnostics.note(permission.overridden(refusal.reason), prose=True)
        if not _agreed(engine, repair, played, decision, args):
            break
        consent = consent.to(decision.reason)
    if isinstance(decision, Allowed):
        return _deploy(engine, held, repair, played, decision, args)
    return _not_made(engine, repair, played, decision, args)


def _not_made(
    engine: Engine,
    repair: Repair,
    played: Sequence[Rehearsal],
    decision: Refused | Ask,
    args: argparse.Namespace,
) -> ExitCode:
    """Say why a plan is not applied: what speaks against it, or that the answer was no."""
    from wizard.cli import fix

    if isinstance(decision, Ask):
        diagnostics.note("nothing was changed.")
        return ExitCode.UNKNOWN
    if not args.verbose:
        prove.show(engine, played, repair, write=diagnostics.write)
    return fix.refused(decision, repair)


def _others_turn(repair: Repair, nothing: Refused, args: argparse.Namespace) -> ExitCode:
    """Say, as ``fix`` does, who has to do what where the plan changes nothing."""
    from wizard.cli import fix, steps

    told = steps.Telling(repair, args)
    told.write_to_patch()
    code = fix.refused(nothing, repair)
    told.write_next()
    return code


def _rehearsed(
    engine: Engine, repair: Repair, args: argparse.Namespace, *, optional: bool
) -> tuple[Rehearsal, ...]:
    """The rehearsals of a plan that are of interest; none where that is not possible and optional.

    With ``--verbose`` they are told on stderr.
    """
    try:
        played = prove.rehearse(engine, repair)
    except WizardError as error:
        if not optional:
            raise
        diagnostics.note(describe(error))
        return ()
    if args.verbose:
        told = prove.told(played, repair)
        prove.show(engine, told, repair, verbose=True, write=diagnostics.write)
    return played


def _finish(engine: Engine, held: Held, *, reload: bool) -> ExitCode:
    interrupted = engine.interrupted(held)
    if interrupted is None:
        raise UsageError("no change was interrupted.")
    with writing.whole(_BEING_WRITTEN, outcome.step) as step:
        done = engine.finish(held, interrupted, graceful=reload, step=step)
        return outcome.tell(done, reload=reload)


def _agreed(
    engine: Engine,
    repair: Repair,
    played: Sequence[Rehearsal],
    asked: Ask,
    args: argparse.Namespace,
) -> bool:
    """Shows what a question rests on, and before the last one what is changed, and asks.

    Args:
        engine: makes the patch.
        repair: holds the plan.
        played: its rehearsals.
        asked: the question.
        args: with ``--yes`` it is answered already. A plan that is made with it holds no offers.
    """
    from wizard.wording import permission

    red = permission.is_risky(asked)
    for line in permission.concerns(asked):
        diagnostics.note(line, red=red, prose=True)
    if asked.reason not in SEPARATE:
        _show(engine, repair, played, reload=not args.no_reload)
    if args.yes:
        return True
    diagnostics.write(f"{permission.question(asked)} [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _show(engine: Engine, repair: Repair, played: Sequence[Rehearsal], *, reload: bool) -> None:
    from wizard.cli import layout
    from wizard.engine import gate
    from wizard.wording import confirmation

    pieces = confirmation.pieces(
        repair,
        engine.patch(repair),
        prove.told(played, repair),
        gate.still_failing(repair, played),
        reload=reload,
    )
    for line in layout.lines(pieces, output.Palette(stream=sys.stderr), 2):
        diagnostics.write(f"{line}\n")


def _deploy(
    engine: Engine,
    held: Held,
    repair: Repair,
    played: Sequence[Rehearsal],
    allowed: Allowed,
    args: argparse.Namespace,
) -> ExitCode:
    reload = not args.no_reload
    command = again.command(args, "fix", ())
    try:
        with writing.whole(_BEING_WRITTEN, outcome.step) as step:
            done = engine.deploy(held, repair, allowed, graceful=reload, step=step)
            return outcome.tell(done, reload=reload, repair=repair, played=played, command=command)
    except FileError as error:
        if error.obstacle in _HERE_NOT:
            _save(engine, repair, _HERE_NOT[error.obstacle])
        raise


def _save(engine: Engine, repair: Repair, reason: str) -> None:
    """For somebody who may write: the patch in a file, and the commands of this httpd."""
    with tempfile.NamedTemporaryFile(
        prefix="proxy-wizard-", suffix=".patch", dir=scratch.base(), delete=False
    ) as file:
        file.write(engine.patch(repair))
    diagnostics.note(reason)
    service = repair.report.configuration.httpd.service
    for command in (f"patch -p1 -d / < {shlex.quote(file.name)}", service.reload):
        diagnostics.write(f"        {printable(command)}\n")
