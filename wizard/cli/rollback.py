"""``proxy-wizard rollback``: undo a change."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from wizard.cli import outcome, output, writing
from wizard.cli.locked import locked
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.exit_codes import ExitCode
from wizard.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.change import Change, Holder


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "rollback",
        description="Bring the files of the last change, or of the one that is named, back to "
        "what they were, test the configuration and reload httpd gracefully. Refuses, with a "
        "diff, if a file was edited since. Exit code: 0 done, and the running server has read "
        "it, or surely none runs, or --no-reload, 3 an error; nothing was changed, 4 the running "
        "httpd ended at the reload; what became of it is said, 5 done, and a running httpd has not "
        "read it, or whether one runs is not known.",
        examples="  sudo proxy-wizard rollback\n"
        "  sudo proxy-wizard rollback 20261124-161500-3fa9\n"
        "  sudo proxy-wizard rollback --list",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the change (default: the last one)")
    parser.add_argument("--list", action="store_true", help="list the changes, the oldest first")
    parser.add_argument("--no-reload", action="store_true", help="write and test only")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    engine = Engine()
    if args.list:
        listed = engine.listed()
        output.write("".join(f"{line}\n" for one in listed for line in _lines(*one)))
        return ExitCode.OK
    change = engine.change(args.id)  # what is meant: others may make more while this one waits
    told = f"the change {change.id} is being taken back; that will be finished first."
    with (
        locked(engine, "rollback") as held,
        writing.whole(told, outcome.waiting) as step,
    ):
        done = engine.roll_back(held, change, graceful=not args.no_reload, step=step)
        return outcome.tell(done)


def _lines(change: Change, maker: Holder | None) -> Sequence[str]:
    from wizard.wording.change import under_way

    head = f"{change.id}  {change.created}  {change.state}  {printable(change.config)}"
    files = [
        f"    {'new ' if file.before is None else ''}{printable(file.path)}"
        for file in change.files
    ]
    making = () if maker is None else (f"    {under_way(maker)}",)
    return (head, *making, *files, *(f"    {printable(reason)}" for reason in change.reasons))
