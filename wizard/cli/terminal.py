"""``proxy-wizard [CONFIG]``: the terminal wizard."""

from __future__ import annotations

import difflib
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from wizard.cli.commands import COMMANDS
from wizard.cli.options import scope_options
from wizard.cli.parser import Parser
from wizard.engine.engine import Engine
from wizard.errors import UsageError
from wizard.exit_codes import ExitCode


def run(arguments: Sequence[str]) -> int:
    """Open the wizard and wait until the operator leaves it.

    Args:
        arguments: CONFIG and the options that say what to check.

    Raises:
        UsageError: there is no terminal, or CONFIG is neither a file nor a command.
    """
    parser = Parser(prog="proxy-wizard", add_help=False)
    scope_options.add_options(parser)
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

    app = WizardApp(scope_options.from_args(args), encoding=sys.stdout.encoding, engine=engine)
    app.run()
    return app.return_code or ExitCode.OK


def require(instead: str) -> None:
    """Make sure that there is a terminal to show the wizard on.

    Args:
        instead: what can be done without one.

    Raises:
        UsageError: there is none.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the wizard needs a terminal.", hint=f"Without one, {instead}.")
