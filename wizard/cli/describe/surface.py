"""What the command line takes, read from the commands' own parsers.

The manual page, the reference and the shells' completions are made from this, so that none of them
can say something else than ``--help``.
"""

from __future__ import annotations

import argparse
import importlib

from wizard.cli.commands import COMMANDS
from wizard.cli.options import scope_options, wizard_options
from wizard.record import record


@record
class Parameter:
    """An option or an argument.

    Args:
        flags: its spellings, the short one first; empty for an argument.
        metavar: what its value is called; empty where it takes none.
        help: as ``--help`` says it.
        words: the values that there are, where they can be listed.
        is_file: whether its value is, or may be, a path.
        optional: an argument that may be left out.
        repeats: may be given several times.
    """

    flags: tuple[str, ...]
    metavar: str
    help: str
    words: tuple[str, ...] = ()
    is_file: bool = False
    optional: bool = False
    repeats: bool = False


@record
class Command:
    """A command, or (with an empty name) the program without one.

    Args:
        name: as it is typed.
        summary: one line.
        description: what it does, its exit codes included.
        examples: one a line.
        options: in the order of ``--help``.
        arguments: likewise.
    """

    name: str
    summary: str
    description: str
    examples: tuple[str, ...]
    options: tuple[Parameter, ...]
    arguments: tuple[Parameter, ...]

    @property
    def synopsis(self) -> str:
        """How it is called, in one line."""
        words = ["proxy-wizard", self.name] if self.name else ["proxy-wizard"]
        if self.options:
            words.append("[OPTION]…")
        for argument in self.arguments:
            word = argument.metavar + ("…" if argument.repeats else "")
            words.append(f"[{word}]" if argument.optional else word)
        return " ".join(words)


def program() -> Command:
    """The program without a command: the terminal wizard."""
    parser = argparse.ArgumentParser(prog="proxy-wizard")
    parser.add_argument("--version", action="version", help="print the version and exit")
    scope_options.add_options(parser)
    wizard_options.add_options(parser)
    return _command("", "the terminal wizard", parser)


def commands() -> tuple[Command, ...]:
    """Every command, in the order of ``--help``."""
    subparsers = argparse.ArgumentParser(prog="proxy-wizard").add_subparsers()
    for module, _ in COMMANDS.values():
        importlib.import_module(module).add_parser(subparsers)
    return tuple(
        _command(name, summary, subparsers.choices[name]) for name, (_, summary) in COMMANDS.items()
    )


def _command(name: str, summary: str, parser: argparse.ArgumentParser) -> Command:
    examples = (parser.epilog or "").partition("examples:\n")[2].splitlines()
    found = [_parameter(action) for action in parser._actions]  # argparse shows them nowhere else
    return Command(
        name,
        summary,
        parser.description or "",
        examples=tuple(line.strip() for line in examples),
        options=tuple(each for each in found if each.flags),
        arguments=tuple(each for each in found if not each.flags),
    )


def _parameter(action: argparse.Action) -> Parameter:
    words = tuple(str(choice) for choice in action.choices or ())
    metavar = ""
    if action.nargs != 0:
        metavar = str(action.metavar or "|".join(words) or action.dest.upper())
    return Parameter(
        tuple(action.option_strings),
        metavar,
        action.help or "",
        words=words or _names(metavar),
        is_file=any(word in metavar for word in ("FILE", "DIR", "CONFIG")),
        optional=action.nargs in ("?", "*"),
        repeats=action.nargs == "*" or isinstance(action, argparse._AppendAction),
    )


def _names(metavar: str) -> tuple[str, ...]:
    """The names that a metavar stands for, of those that only the engine knows."""
    if metavar == "SLUG":
        from wizard.findings.table import TABLE

        return tuple(TABLE)
    if metavar == "LESSON":
        from wizard.demo.lessons import LESSONS

        return tuple(lesson.name for lesson in LESSONS)
    return ()
