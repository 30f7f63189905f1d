"""Entry point of ``proxy-wizard``: find the command, import it alone, run it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Sequence

from wizard import exit_codes, leftovers, signals
from wizard.cli import diagnostics, output
from wizard.cli.commands import COMMANDS
from wizard.cli.parser import build_parser
from wizard.errors import WizardError
from wizard.wording.errors import describe

_LEAVES_NOTHING = frozenset({"check", "explain", "rules"})
"""Commands after which nothing is left to close or to remove."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments without the program's name; None: the process's own.

    Returns:
        The exit code of the command, as docs/reference/exit-codes.md lists them.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        _open_what_is_closed()
        signals.end_in_order()
        leftovers.sweep()
    try:
        code = _run(arguments, owns_process=argv is None)
        output.flush()
    except SystemExit:  # a signal's, or argparse's
        _silence_stdout()
        raise
    except (KeyboardInterrupt, BrokenPipeError) as error:
        _silence_stdout()
        return int(exit_codes.of_error(error))
    except (WizardError, OSError) as error:
        diagnostics.error(describe(error))
        _silence_stdout()
        return int(exit_codes.of_error(error))
    except Exception as fault:  # noqa: BLE001  # Python's own exit code for it is that of a warning
        diagnostics.fault(fault)
        return int(exit_codes.of_error(fault))
    return code


def _run(arguments: list[str], *, owns_process: bool) -> int:
    command = next((word for word in arguments if not word.startswith("-")), None)
    if command in COMMANDS:
        if owns_process:  # a large site makes a million objects and keeps them to the end
            gc.set_threshold(100_000, 50, 50)
        args = build_parser(command).parse_args(arguments)
        args.owns_process = owns_process
        code = int(importlib.import_module(COMMANDS[args.command][0]).run(args))
        if owns_process and command in _LEAVES_NOTHING:
            output.end_process(code)
        return code
    if not {"-h", "--help", "--version"}.isdisjoint(arguments):
        build_parser(None).parse_args(arguments)
    from wizard.cli import terminal

    return terminal.run(arguments)


def _open_what_is_closed() -> None:
    """A standard stream that the shell closed (``2>&-``) is /dev/null: what is opened next would
    have its number, and other programs that are run would write into that."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 # until the end


def _silence_stdout() -> None:
    """Write what stdout holds. Where nobody reads it any more, keep the interpreter from
    complaining at exit, with an exit code of its own."""
    try:
        output.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):  # it may have no descriptor of its own
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, sys.stdout.fileno())
            os.close(devnull)


if __name__ == "__main__":
    raise SystemExit(main())
