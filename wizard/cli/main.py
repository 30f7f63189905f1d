"""Entry point of ``proxy-wizard``: find the command, import it alone, run it."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from wizard import __version__, executable
from wizard.cli import diagnostics, output
from wizard.cli.diagnostics import ExitCode
from wizard.errors import WizardError, describe
from wizard.text import printable

#: Command → (module, one-line summary). A command's module has ``add_parser(subparsers)`` and
#: ``run(args) -> int`` and is imported only when it is the one that was asked for.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("wizard.cli.check", "load, probe and diagnose every proxied route"),
    "fix": ("wizard.cli.fix", "plan the fix and print it as a unified diff"),
    "prove": ("wizard.cli.prove", "rehearse in a throw-away httpd, before and after the plan"),
    "apply": ("wizard.cli.apply", "fix, prove, write, configtest and graceful reload"),
    "rollback": ("wizard.cli.rollback", "undo the last, or that, change; list the changes"),
    "explain": ("wizard.cli.explain", "interpret log lines, error codes, s_client or curl output"),
    "rules": ("wizard.cli.rules", "the catalogue of findings, or one in full"),
    "demo": ("wizard.cli.demo", "a lab of broken proxies on loopback"),
    "completion": ("wizard.cli.completion", "the completion for bash, zsh or fish"),
}

_LEAVES_NOTHING = frozenset({"check", "explain", "rules"})
"""Commands after which nothing is left to close or to remove."""

_EPILOG = """\
examples:
  proxy-wizard                       the wizard on the installed httpd
  proxy-wizard /etc/apache2/sites-enabled/app.conf
  proxy-wizard check                 the installed httpd's own configuration
  proxy-wizard check site.conf --format json
  proxy-wizard fix --ca corp-root.pem > fix.patch && patch -p1 -d / < fix.patch
  proxy-wizard explain AH02276
  tail -n 200 /var/log/apache2/error.log | proxy-wizard explain -
  proxy-wizard demo --check

Without COMMAND the terminal wizard opens; CONFIG is a main configuration file,
a single virtual host file, or a directory. Run `proxy-wizard COMMAND --help`
for the options of a command.
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width, for which argparse would import shutil (at every option)."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=output.columns() - 2)  # argparse's margin


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose usage errors are one sentence and exit with 3."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.color = False  # else the help has colours where argparse gives it some: on 3.14

    def format_help(self) -> str:
        """The help, what the command does folded to the terminal; the examples stay as they are."""
        if self.description:
            self.description = output.wrap(self.description)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """End the process because of a bad option."""
        diagnostics.error(f"{printable(message)} (see {self.prog} --help)")
        raise SystemExit(int(ExitCode.UNKNOWN))


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """The parser; only ``command``'s own module is imported."""
    parser = Parser(
        prog="proxy-wizard",
        usage="proxy-wizard [CONFIG]\n       proxy-wizard COMMAND [options]",
        description="Diagnose and repair HTTPS reverse proxies of Apache httpd.",
        epilog=_EPILOG,
        formatter_class=_Formatter,
    )
    said = f"proxy-wizard {executable.version(__version__)}"
    parser.add_argument("--version", action="version", version=said)
    subparsers = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, prog="proxy-wizard"
    )
    for name, (module, summary) in COMMANDS.items():
        if name == command:
            importlib.import_module(module).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary, add_help=False)
    return parser


def add_command(
    subparsers: Any, name: str, *, description: str, examples: str
) -> argparse.ArgumentParser:
    """Add a command's parser with its summary and examples.

    Args:
        subparsers: what ``add_parser`` was given.
        name: of the command, a key of ``COMMANDS``.
        description: what the command does, for its ``--help``.
        examples: the lines of its examples, for the end of its ``--help``.
    """
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=COMMANDS[name][1],
        description=description,
        epilog="examples:\n" + examples,
        formatter_class=_Formatter,
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments without the program's name; None: the process's own.

    Returns:
        The exit code of the command, as docs/reference/exit-codes.md lists them.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments, owns_process=argv is None)
        output.flush()
    except (KeyboardInterrupt, BrokenPipeError) as error:
        _silence_stdout()
        return int(diagnostics.exit_code_for(error))
    except (WizardError, OSError) as error:
        diagnostics.error(describe(error))
        return int(diagnostics.exit_code_for(error))
    except Exception as fault:  # noqa: BLE001  # Python's own exit code for it is that of a warning
        import traceback

        diagnostics.write_lines(traceback.format_exc())
        diagnostics.error("this is a fault of proxy-wizard; please report it with the lines above.")
        return int(diagnostics.exit_code_for(fault))
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


def _silence_stdout() -> None:
    """Keep the interpreter from complaining at exit about a pipe that nobody reads."""
    try:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
    except (OSError, ValueError):
        return  # stdout has no descriptor of its own: nothing will be flushed to it


if __name__ == "__main__":
    raise SystemExit(main())
