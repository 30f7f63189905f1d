"""``proxy-wizard explain``: what log lines, codes and other programs' output mean."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

from wizard.cli import diagnostics, output
from wizard.cli.formats import explanation
from wizard.cli.parser import add_command
from wizard.engine.engine import Engine
from wizard.exit_codes import ExitCode

_PATHS = ("/", "./", "../", "~")  # so begins what is meant as a file
_HOW_TO_PASTE = (
    "Paste log lines, or the output of openssl s_client or curl; then press Enter and Ctrl-D."
)


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "explain",
        description="Say what log lines of httpd (any LogLevel, any format, 2.2 too), AH codes, "
        "OpenSSL errors, and the output of openssl s_client, curl or httpd -t mean, "
        "and which cause they point to. Exit code: 0 something was recognised, 1 nothing was, "
        "3 the input cannot be read.",
        examples="  proxy-wizard explain AH02276\n"
        "  proxy-wizard explain 'verify error:num=20:unable to get local issuer certificate'\n"
        "  proxy-wizard explain /var/log/apache2/error.log\n"
        "  journalctl -u apache2 --since -1h | proxy-wizard explain -\n"
        "  openssl s_client -connect backend:443 </dev/null 2>&1 | proxy-wizard explain -",
    )
    parser.add_argument(
        "input", nargs="*", metavar="CODE|TEXT|FILE|-",
        help="a code, a text, a file (.gz too), or - for standard input (the default)",
    )  # fmt: skip
    parser.add_argument(
        "-v", "--verbose", action="store_true",
        help="every line that points to a cause, and all that is known of the possible ones",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    engine = Engine()
    found = engine.explain(_lines(engine, args.input))
    if args.format == "json":
        output.write_json(explanation.document(found))
    else:
        output.write(explanation.render(found, output.Palette(), verbose=args.verbose))
    return ExitCode.OK if found.lines_recognised else ExitCode.WARNING


def _lines(engine: Engine, words: list[str]) -> Iterator[str]:
    if words in ([], ["-"]):
        stdin = sys.stdin.buffer
        if stdin.isatty():
            diagnostics.note(_HOW_TO_PASTE)
        yield from engine.log(stdin)
    elif all(map(_is_file, words)):
        for word in words:
            yield from engine.log(word)
    else:
        yield from " ".join(words).splitlines()


def _is_file(word: str) -> bool:
    """Whether a word names a file, or is meant to."""
    return os.path.lexists(word) or (word.startswith(_PATHS) and not re.search(r"\s", word))
