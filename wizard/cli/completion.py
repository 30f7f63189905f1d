"""``proxy-wizard completion SHELL``: what makes a shell complete commands, options and values."""

from __future__ import annotations

import argparse
from typing import Any

from wizard.cli import output
from wizard.cli.parser import add_command
from wizard.exit_codes import ExitCode

SHELLS = ("bash", "zsh", "fish")


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "completion",
        description="Print the completion of commands, options, findings and lessons for a shell. "
        "Load it in the shell's start-up file, or write it where the shell looks for completions.",
        examples='  eval "$(proxy-wizard completion bash)"\n'
        '  eval "$(proxy-wizard completion zsh)"\n'
        "  proxy-wizard completion fish > ~/.config/fish/completions/proxy-wizard.fish",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    from wizard.cli.describe import completion_scripts, surface

    output.write(completion_scripts.script(args.shell, surface.program(), surface.commands()))
    return ExitCode.OK
