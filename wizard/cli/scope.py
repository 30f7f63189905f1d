"""The options that say what to check, shared by every command that reads a configuration."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.model.scope import Scope


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds above 0, 3600 at most"
        )
    return value


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)


def _host(text: str) -> str:
    if not text or any(c.isspace() or not c.isprintable() for c in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a host name")
    return text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add CONFIG and the options that narrow what is checked."""
    parser.add_argument(
        "config",
        nargs="?",
        metavar="CONFIG",
        help="main configuration file, a single virtual host file, or a directory "
        "(default: the installed httpd's own configuration)",
    )
    parser.add_argument(
        "--vhost",
        metavar="NAME[:PORT]",
        help="only this virtual host: by its name, an alias, or its address",
    )
    parser.add_argument("--route", metavar="PATH", help="only the route with this path")
    parser.add_argument(
        "--host",
        metavar="HOST",
        type=_host,
        help="Host header of the imagined client (default: the virtual host's ServerName)",
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=_seconds, default=10.0,
        help="per stage of a probe (default: 10)",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, default=64, help="backends probed at once (default: 64)"
    )
    parser.add_argument(
        "--define", metavar="NAME[=VALUE]", action="append", default=[],
        help="as httpd's -D; may be repeated",
    )  # fmt: skip


def from_args(args: argparse.Namespace, *, probe: bool = True) -> Scope:
    """The Scope that the options describe."""
    from wizard.model.scope import Scope

    return Scope(
        path=args.config,
        defines=tuple(args.define),
        host=args.host,
        vhost=args.vhost,
        route=args.route,
        probe=probe,
        timeout=args.timeout,
        jobs=args.jobs,
    )
