"""The parsers of the command line: help, usage errors, and a command added with its examples."""

from __future__ import annotations

import argparse
import importlib
from typing import Any, NoReturn

from wizard import __version__, executable
from wizard.cli import diagnostics
from wizard.cli.commands import COMMANDS
from wizard.exit_codes import ExitCode
from wizard.text import printable
from wizard.wording.fold import columns, wrap

_EPILOG = """\
examples:
  proxy-wizard                       the wizard on the installed httpd
  proxy-wizard /etc/apache2/sites-enabled/app.conf
  proxy-wizard --step                step by step, to learn or to teach
  proxy-wizard check                 the installed httpd's own configuration
  proxy-wizard check site.conf --format json
  proxy-wizard fix --ca corp-root.pem > fix.patch && patch -p1 -d / < fix.patch
  proxy-wizard explain AH02276
  tail -n 200 /var/log/apache2/error.log | proxy-wizard explain -
  proxy-wizard demo --check

Without COMMAND the terminal wizard opens; CONFIG is a main configuration file,
a single virtual host file, or a directory. With --step it does nothing before
its step is opened, with --no-probe it asks no backend before you say so; it
takes what says what to check (--vhost, --route, --host …) as `check` does.
Run `proxy-wizard COMMAND --help` for the options of a command.
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Knows its width, for which argparse would import shutil (at every option)."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)  # argparse's margin


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose usage errors are one sentence and exit with 3."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.color = False  # else the help has colours where argparse gives it some: on 3.14

    def format_help(self) -> str:
        """The help, what the command does folded to the terminal; the examples stay as they are."""
        if self.description:
            self.description = wrap(self.description)
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
