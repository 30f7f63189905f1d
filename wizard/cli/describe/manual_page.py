"""The manual page and the reference of commands, made from the commands' own parsers.

``python -m wizard.cli.describe.manual_page docs`` writes docs/man/proxy-wizard.1 and
docs/reference/commands.md. By hand, because no generator makes both from the same parsers.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from wizard.cli.describe.surface import Command, Parameter, commands, program

_HELP = "--help"
_WIZARD = (
    "Open the terminal wizard: what fails, why, and the repair, tried in a throw-away httpd. "
    "Nothing is written before you say so."
)
_EXIT_CODES = (
    ("0", "check: every route works and is verified. Others: done."),
    ("1", "check: a route is weak or will break soon. fix and apply: nothing to fix. explain: "
          "nothing was recognised."),
    ("2", "check: a route fails. fix and apply: only the backend's side can fix it. prove: the "
          "proxied answer did not arrive."),
    ("3", "Could not be determined: an unreadable configuration, no such virtual host, a bad "
          "option."),
    ("130", "Ended by Ctrl-C."),
    ("141", "Whoever read the output went away."),
)  # fmt: skip
_FILES = (
    (
        "/var/lib/proxy-wizard",
        "Backups and journal of the changes that root made; PROXY_WIZARD_STATE names another "
        "directory.",
    ),
    ("~/.local/state/proxy-wizard", "The same for others ($XDG_STATE_HOME/proxy-wizard)."),
)
_ENVIRONMENT = (
    ("NO_COLOR", "No colours, if it is set."),
    ("PROXY_WIZARD_STATE", "Directory of backups and journal."),
)


def _surface() -> tuple[Command, ...]:
    return (program(), *commands())


def _description(command: Command) -> str:
    return command.description or _WIZARD


def _label(parameter: Parameter) -> str:
    flags = ", ".join(parameter.flags)
    return f"{flags} {parameter.metavar}".strip()


def _shown(command: Command) -> Iterator[Parameter]:
    """Arguments, then options; --help goes without saying."""
    yield from command.arguments
    yield from (option for option in command.options if _HELP not in option.flags)


# --- Markdown -------------------------------------------------------------------------------------


def markdown() -> str:
    """The reference of commands."""
    lines = [
        "# Commands",
        "",
        "Made from the commands' own `--help` by `python -m wizard.cli.describe.manual_page docs`.",
        "As a manual page: `man proxy-wizard`. All exit codes: [exit codes](exit-codes.md).",
    ]
    for command in _surface():
        lines += ["", f"## proxy-wizard {command.name}".rstrip(), ""]
        lines += ["```", command.synopsis, "```", "", _description(command)]
        rows = [(f"`{_label(p)}`", p.help) for p in _shown(command)]
        if rows:
            lines += ["", "| option or argument | meaning |", "|---|---|"]
            lines += [f"| {_cell(label)} | {_cell(text)} |" for label, text in rows]
        if command.examples:
            lines += ["", "```sh", *command.examples, "```"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


# --- man(7) ---------------------------------------------------------------------------------------


def man() -> str:
    """The manual page, in the man(7) macros."""
    lines = [".TH PROXY\\-WIZARD 1", ".SH NAME"]
    lines.append("proxy\\-wizard \\- diagnose and repair HTTPS reverse proxies of Apache httpd")
    lines.append(".SH SYNOPSIS")
    for command in _surface():
        lines += [f".B {_roff(command.synopsis)}", ".br"]
    lines += [".SH DESCRIPTION", _roff(_WIZARD)]
    lines.append(
        _roff(
            "CONFIG is a main configuration file, a single virtual host file, or a directory; "
            "without it, the installed httpd's own configuration is found as Debian, RHEL or the "
            "upstream build lay it out. Every command explains itself with --help."
        )
    )
    lines += _options(program())
    lines.append(".SH COMMANDS")
    for command in commands():
        lines += [f".SS proxy\\-wizard {_roff(command.name)}", _roff(command.description)]
        lines += _options(command)
        if command.examples:
            lines += [".PP", "Examples:", ".nf", ".RS", *map(_roff, command.examples), ".RE", ".fi"]
    lines += [".SH EXIT STATUS", *_pairs(_EXIT_CODES)]
    lines += [".SH ENVIRONMENT", *_pairs(_ENVIRONMENT), ".SH FILES", *_pairs(_FILES)]
    lines += [".SH SEE ALSO", ".BR apache2ctl (8),", ".BR httpd (8),", ".BR openssl (1)"]
    return "\n".join(lines) + "\n"


def _options(command: Command) -> list[str]:
    return _pairs((_label(parameter), parameter.help) for parameter in _shown(command))


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for term, text in pairs:
        lines += [".TP", f".B {_roff(term)}", _roff(text)]
    return lines


def _roff(text: str) -> str:
    """Text that roff prints as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return re.sub(r"^([.'])", r"\\&\1", escaped)


def documents() -> dict[str, str]:
    """File name below docs/ to its contents."""
    return {"man/proxy-wizard.1": man(), "reference/commands.md": markdown()}


def main(arguments: list[str]) -> int:
    """Write the documents below the directory that is named."""
    from pathlib import Path

    for name, contents in documents().items():
        path = Path(arguments[0], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
