"""``proxy-wizard [CONFIG]``: the terminal wizard."""

from __future__ import annotations

import contextlib
import difflib
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import signals
from wizard.cli import diagnostics, outcome, output
from wizard.cli.commands import COMMANDS
from wizard.cli.options import scope_options, wizard_options
from wizard.cli.parser import Parser
from wizard.engine.engine import Engine
from wizard.errors import UsageError
from wizard.exit_codes import ExitCode

if TYPE_CHECKING:
    from screens.app import WizardApp


def run(arguments: Sequence[str]) -> int:
    """Open the wizard and wait until the operator leaves it.

    Args:
        arguments: CONFIG, the options that say what to check, and the wizard's own.

    Raises:
        UsageError: there is no terminal, or CONFIG is neither a file nor a command.
    """
    parser = Parser(prog="proxy-wizard", add_help=False)
    scope_options.add_options(parser)
    wizard_options.add_options(parser)
    args = parser.parse_args(arguments)
    if args.config is not None and not Path(args.config).exists():
        near = difflib.get_close_matches(args.config, COMMANDS, 1)
        raise UsageError(
            f"{args.config!r} is neither a command nor a file.",
            hint=f"Did you mean `proxy-wizard {near[0]}`?" if near else "See proxy-wizard --help.",
        )
    require("`proxy-wizard check` says what is wrong and `fix` repairs it")
    engine = Engine()
    engine.require_journal()
    gc.disable()  # until the first screen is painted: nothing of what is imported is garbage
    from screens.app import WizardApp

    scope = scope_options.from_args(args, probe=not args.no_probe)
    app = WizardApp(scope, encoding=sys.stdout.encoding, engine=engine, step_by_step=args.step)
    return show(app)


def show(app: WizardApp) -> int:
    """Show the wizard until it ends; then say on the terminal what came of the last change.

    Args:
        app: the wizard.

    Returns:
        That change's exit code; of a fault or a signal, theirs.
    """
    with signals.answered(app.end):
        try:
            app.run()
        finally:
            code = _last_word(app)
    if app.fault is not None:
        if app.change is None:
            diagnostics.note("no change was begun.")
        diagnostics.fault(app.fault)
        return ExitCode.UNKNOWN
    return code if app.signal is None else 128 + app.signal


def _last_word(app: WizardApp) -> ExitCode:
    if app.change is None:
        return ExitCode.OK
    if app.change.ended is None:
        diagnostics.note("the change is being written and will be finished first.")
    ended = app.change.wait()
    diagnostics.write_lines(ended.text.plain.strip())
    if ended.id:
        with contextlib.suppress(OSError):  # the terminal is gone
            output.write(f"{ended.id}\n")
            output.flush()
    if ended.code is ExitCode.FAILURE and app.engine.state is None:  # the demo's go with it
        outcome.advise_undo(ended.id)
    return ended.code


def require(instead: str) -> None:
    """Make sure that there is a terminal to show the wizard on.

    Args:
        instead: what can be done without one.

    Raises:
        UsageError: there is none.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the wizard needs a terminal.", hint=f"Without one, {instead}.")
