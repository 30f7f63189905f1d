"""The command that goes on: the same configuration and choices, typed once more."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from wizard.cli.options import plan_options, scope_options
from wizard.text import printable

_AS_ROOT = frozenset({"apply"})
_WITHOUT_PLAN = frozenset({"check"})


def command(args: argparse.Namespace, name: str, more: Sequence[str] = ()) -> str:
    """A command of proxy-wizard, ready to paste.

    Args:
        args: of the command that runs; it takes the options of a plan.
        name: of the other command.
        more: words to add.
    """
    parser = argparse.ArgumentParser(add_help=False)
    scope_options.add_options(parser)
    if name not in _WITHOUT_PLAN:
        plan_options.add_options(parser)
    words = ["proxy-wizard", name, *_given(parser, args), *more]
    if name in _AS_ROOT and os.geteuid() != 0 and not _own(args.config):
        words.insert(0, "sudo")
    return printable(shlex.join(words))


def _own(config: str | None) -> bool:
    """Whether this user may write the configuration that was named: no root is needed then, and
    root would lay no CA file into a directory that is somebody else's.
    """
    return config is not None and os.access(config, os.W_OK)


def _given(parser: argparse.ArgumentParser, args: argparse.Namespace) -> Iterator[str]:
    """CONFIG and the options, as far as they are not the default."""
    for action in parser._actions:  # argparse shows them nowhere else
        value = getattr(args, action.dest)
        if value == action.default:
            continue
        for one in value if isinstance(value, list) else [value]:
            word = [] if action.nargs == 0 else [_word(one)]
            if word and word[0].startswith("-"):  # else argparse takes it for an option
                word = [f"{action.option_strings[-1]}={word[0]}"]
            else:
                yield from action.option_strings[-1:]
            yield from word


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
