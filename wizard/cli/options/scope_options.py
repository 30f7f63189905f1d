"""The options that say what to check, shared by every command that reads a configuration."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from wizard.model.host_names import is_address
from wizard.text import is_number, printable

if TYPE_CHECKING:
    from wizard.model.diagnosis import Report
    from wizard.model.scope import Assumed, Scope

_LONGEST_PATH = 2000
"""Characters of a request's path that can be asked for."""


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
    if not is_number(text) or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)


def _path(text: str) -> str:
    """A path that no command takes for an option when it is typed again."""
    return f"./{text}" if text.startswith("-") else text


def _host(text: str) -> str:
    if not text or any(c.isspace() or not c.isprintable() for c in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a host name")
    return text


def _httpd_version(text: str) -> str:
    if not re.fullmatch(r"2\.4\.[0-9]{1,3}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no version of httpd 2.4, such as 2.4.37")
    return text


def _openssl_version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3}[a-z]{0,2}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is no version of OpenSSL, such as 1.1.1w")
    return text


def _assumed(text: str) -> Assumed:
    from wizard.model.scope import Assumed

    try:
        return Assumed.parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _client(text: str) -> str:
    if not is_address(text) or "%" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address, such as 192.0.2.7")
    return text


def _request_path(text: str) -> str:
    plain = text.isascii() and text.isprintable() and " " not in text and "#" not in text
    if not text.startswith("/") or not plain or len(text) > _LONGEST_PATH:
        raise argparse.ArgumentTypeError(
            f"{text[:80]!r} is no path of a request: it begins with a slash, and other characters "
            "than ASCII's are percent-encoded"
        )
    return text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add CONFIG and the options that narrow what is checked."""
    parser.add_argument(
        "config",
        nargs="?",
        metavar="CONFIG",
        type=_path,
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
        "--path", metavar="PATH", type=_request_path, action="append", default=[],
        help="ask for this path, of the route that takes it, instead of one that is imagined: a "
        "login page shows redirects and cookies; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--websocket", metavar="PATH", type=_request_path, action="append", default=[],
        help="ask the backend for a WebSocket at this path, and say whether httpd passes it on; "
        "may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--client", metavar="ADDRESS", type=_client,
        help="IP address of the imagined client, where access depends on it",
    )  # fmt: skip
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
    parser.add_argument(
        "--resolve", metavar="NAME:ADDRESS", type=_assumed, action="append", default=[],
        help="as if this name led to this IP address (IPv6 in brackets), whatever DNS and "
        "/etc/hosts say; may be repeated",
    )  # fmt: skip
    program = parser.add_mutually_exclusive_group()
    program.add_argument(
        "--httpd", metavar="FILE",
        help="httpd's program that is meant (default: the one that runs with the configuration, "
        "lies beside it, or is installed)",
    )  # fmt: skip
    program.add_argument(
        "--no-httpd", action="store_true", help="ask no program which httpd it is, and run none"
    )
    parser.add_argument(
        "--httpd-version", metavar="2.4.N", type=_httpd_version,
        help="the release of httpd whose rules hold (default: what its program says)",
    )  # fmt: skip
    parser.add_argument(
        "--openssl-version", metavar="VERSION", type=_openssl_version,
        help="the OpenSSL whose rules hold (default: the one that httpd's mod_ssl loads)",
    )  # fmt: skip


def _resolved(args: argparse.Namespace) -> tuple[Assumed, ...]:
    """The names of ``--resolve``, each once.

    Raises:
        UsageError: one is given two addresses.
    """
    from wizard.errors import UsageError

    found: dict[str, Assumed] = {}
    for one in args.resolve:
        if found.setdefault(one.name, one) != one:
            addresses = f"{found[one.name].address} and {one.address}"
            raise UsageError(f"--resolve gives {one.name!r} two addresses, {addresses}.")
    return tuple(found.values())


def tell_unneeded(report: Report) -> None:
    """Say on stderr which names of ``--resolve`` had no effect."""
    if not report.scope.resolve:
        return
    from wizard.cli import diagnostics
    from wizard.engine import planning

    for one in planning.unneeded(report.scope.resolve, [d.case for d in report.diagnoses]):
        diagnostics.note(
            f"--resolve {printable(one.name)} has no effect: no backend that was asked has this "
            "name, and no certificate is for it."
        )


def from_args(args: argparse.Namespace, *, probe: bool = True) -> Scope:
    """The Scope that the options describe."""
    from wizard.model.scope import HttpdChoice, Scope

    return Scope(
        path=args.config,
        defines=tuple(args.define),
        host=args.host,
        vhost=args.vhost,
        route=args.route,
        probe=probe,
        timeout=args.timeout,
        jobs=args.jobs,
        httpd=HttpdChoice(args.httpd, not args.no_httpd, args.httpd_version, args.openssl_version),
        resolve=_resolved(args),
        client=args.client,
        paths=tuple(dict.fromkeys(args.path)),
        websocket=tuple(dict.fromkeys(args.websocket)),
    )
