"""``proxy-wizard rollback``: undo a change."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from wizard.cli import diagnostics, layout, outcome, output, writing
from wizard.cli.locked import locked
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from wizard.model.change import Change


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "rollback",
        description="Bring the files of the last change, or of the one that is named, back to "
        "what they were, run `httpd -t` and reload httpd gracefully. On a terminal it shows what "
        "it restores and asks; without one it goes on. Refuses, with a diff, if a file was edited "
        "since. Exit code: 0 done, and the running server has read it, or surely none runs, or "
        "--no-reload, 3 an error, or you said no; nothing was changed, 4 the running httpd ended "
        "at the reload; what became of it is said, 5 done, and a running httpd has not read it, or "
        "whether one runs is not known.",
        examples="  sudo proxy-wizard rollback\n"
        "  sudo proxy-wizard rollback 20261124-161500-3fa9\n"
        "  sudo proxy-wizard rollback --list",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="the change (default: the last one)")
    parser.add_argument("--list", action="store_true", help="list the changes, the oldest first")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--no-reload", action="store_true", help="write and test only")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    engine = Engine()
    if args.list:
        from wizard.wording import change as wording

        pieces = (piece for one in engine.listed() for piece in wording.listed(*one))
        output.write("".join(f"{line}\n" for line in layout.lines(pieces, output.Palette())))
        return ExitCode.OK
    change = engine.change(args.id)  # what is meant: others may make more while this one waits
    told = f"the change {change.id} is being undone; that will be finished first."
    with locked(engine, "rollback") as held:
        if not (args.yes or _agreed(engine, change, reload=not args.no_reload)):
            diagnostics.note("nothing was changed.")
            return ExitCode.UNKNOWN
        with writing.whole(told, outcome.waiting) as step:
            done = engine.roll_back(held, change, graceful=not args.no_reload, step=step)
            return outcome.tell(done, reload=not args.no_reload)


def _agreed(engine: Engine, change: Change, *, reload: bool) -> bool:
    """Shows what is undone and asks; a script, which has no terminal, is not asked."""
    from wizard.wording import change as wording
    from wizard.wording import patch

    if not sys.stdin.isatty():
        return True
    pieces = wording.undo(change, patch.counts(*engine.restoring(change)), reload=reload)
    for line in layout.lines(pieces, output.Palette(stream=sys.stderr), 2):
        diagnostics.write(f"{line}\n")
    diagnostics.write("Undo this change? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
