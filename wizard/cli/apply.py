"""``proxy-wizard apply``: plan, rehearse, confirm, write, configtest, graceful reload."""

from __future__ import annotations

import argparse
import errno
import shlex
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, output, prove
from wizard.cli.options import plan_options, scope_options
from wizard.cli.parser import add_command
from wizard.errors import UsageError
from wizard.exit_codes import ExitCode
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.change.journal import Store
    from wizard.model.change import Change
    from wizard.model.config import Route
    from wizard.model.plan import Repair
    from wizard.model.route_id import RouteId
    from wizard.model.scope import Scope


_OTHERS_MAY = "this user may not write there; the patch is saved. Somebody who may, runs:"
_HERE_NOT = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _OTHERS_MAY),
    errno.EBUSY: "the patch is saved. Apply it where the file is mounted from, then reload here:",
}
"""Why nothing can be written here, and what to do instead, by the errno that says so."""


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "apply",
        description="Plan the repair, rehearse it in a throw-away httpd, ask, write it, test the "
        "configuration and reload httpd gracefully; whatever fails takes the change back. Prints "
        "the change's id, which `rollback` takes. Exit code: 0 applied and the running server "
        "answers, 1 nothing to fix, 2 only the backend's side can fix it, or the rehearsal or "
        "the running server did not bring its answer, 3 an error; nothing stays changed.",
        examples="  sudo proxy-wizard apply --ca /root/corp-root.pem\n"
        "  sudo proxy-wizard apply --yes --no-reload --vhost app.example.com\n"
        "  sudo proxy-wizard apply --finish",
    )
    scope_options.add_options(parser)
    plan_options.add_options(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--no-reload", action="store_true", help="write and test only")
    parser.add_argument(
        "--finish",
        action="store_true",
        help="finish a change that was interrupted: write the rest of it, test, reload",
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from wizard.change import transaction
    from wizard.change.journal import Store
    from wizard.cli import fix, heading
    from wizard.wording import plan

    store = Store()
    interrupted = store.unfinished()
    if args.finish:
        return _finish(store, interrupted, reload=not args.no_reload)
    if interrupted is not None:
        raise transaction.UnfinishedError(interrupted)
    what = scope_options.from_args(args)
    repair = plan_options.plan(what, args)
    told = (*heading.lines(repair.report.configuration), *plan.lines(repair.plan))
    diagnostics.write("".join(f"{line}\n" for line in told))
    if repair.plan.is_empty:
        return fix.exit_code(repair)
    played = prove.rehearse(what, repair)
    prove.show(played, repair, write=diagnostics.write)
    repaired = {entry.route for entry in repair.plan.resolved}
    repaired -= {left.route for left in repair.plan.unresolved if left.handed_over}
    for rehearsal in played:
        if rehearsal.route not in repaired or rehearsal.last.proxied:
            continue
        if not (rehearsal.kept_out_alike and _predicted(repair, rehearsal.route)):
            diagnostics.error(
                "the rehearsal did not bring the backend's answer; nothing was changed."
            )
            return ExitCode.FAILURE
        diagnostics.note(
            printable(f"{rehearsal.route.label}: httpd itself answers {rehearsal.last.status} ")
            + "before and after. That the repair works is predicted; the rehearsal could not show "
            "it."
        )
    if any(rehearsal.before.proxied and not rehearsal.last.proxied for rehearsal in played):
        diagnostics.error("a route that works would fail afterwards; nothing was changed.")
        return ExitCode.FAILURE
    if not args.yes and not _confirmed(repair):
        diagnostics.note("nothing was changed.")
        return ExitCode.UNKNOWN
    routes = [d.case.route for d in repair.report.diagnoses if d.case.route.id in repaired]
    return _deploy(store, what, repair, routes, reload=not args.no_reload)


def _predicted(repair: Repair, route: RouteId) -> bool:
    """Whether the second verdict, on the planned configuration, lets a route work."""
    after = repair.after.diagnoses if repair.after is not None else ()
    return any(d.case.route.id == route and d.verdict.outcome == "ok" for d in after)


def _finish(store: Store, interrupted: Change | None, *, reload: bool) -> ExitCode:
    from wizard.change import deploy

    if interrupted is None:
        raise UsageError("no change was interrupted.")
    done = deploy.finish(store, interrupted, graceful=reload, progress=diagnostics.note)
    for note in done.notes:
        diagnostics.note(printable(note))
    diagnostics.note("the change is complete.")
    output.write(f"{done.change.id}\n")
    return ExitCode.OK


def _confirmed(repair: Repair) -> bool:
    """Shows the diff and asks.

    Raises:
        UsageError: nobody can be asked.
    """
    from wizard.fix.source import unified_diff

    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here.", hint="Give --yes, or run it in a terminal.")
    patch = unified_diff.unified(repair.plan, repair.report.configuration.files)
    diagnostics.write_lines(patch.decode("utf-8", "surrogateescape"))
    diagnostics.write("Write this change? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _deploy(
    store: Store, what: Scope, repair: Repair, routes: list[Route], *, reload: bool
) -> ExitCode:
    from wizard.change import deploy
    from wizard.errors import EditedError
    from wizard.fix.source.unified_diff import apply_to

    files = repair.report.configuration.files
    try:
        done = deploy.deploy(
            store,
            what,
            apply_to(repair.plan, files),
            files,
            routes,
            reasons=repair.plan.repairs,
            graceful=reload,
            progress=diagnostics.note,
        )
    except EditedError as error:
        diagnostics.write_lines(error.diff)
        raise
    except OSError as error:
        if error.errno in _HERE_NOT:
            _save(repair, _HERE_NOT[error.errno])
        raise
    for note in done.notes:
        diagnostics.note(printable(note))
    for look in done.looks:
        answer = look.error if look.status is None else str(look.status)
        where = f"{look.address} port {look.port}"
        diagnostics.note(
            printable(f"the running server ({where}) answers {look.route.id.label}: {answer}")
        )
    output.write(f"{done.change.id}\n")
    good = all(look.status is not None and look.status < 500 for look in done.looks)
    if not good:
        diagnostics.error(f"take the change back with: proxy-wizard rollback {done.change.id}")
    return ExitCode.OK if good else ExitCode.FAILURE


def _save(repair: Repair, reason: str) -> None:
    """For somebody who may write: the patch in a file, and the commands of this httpd."""
    from wizard.fix.source import unified_diff

    with tempfile.NamedTemporaryFile(prefix="proxy-wizard-", suffix=".patch", delete=False) as file:
        file.write(unified_diff.unified(repair.plan, repair.report.configuration.files))
    diagnostics.note(reason)
    service = repair.report.configuration.httpd.service
    for command in (f"patch -p1 -d / < {shlex.quote(file.name)}", service.reload):
        diagnostics.write(f"        {printable(command)}\n")
