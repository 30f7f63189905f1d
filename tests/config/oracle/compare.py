"""Hold the reader's answer against httpd's."""

from __future__ import annotations

import re
from pathlib import Path

from tests.config.oracle.case import Case
from tests.config.oracle.oracle import Answer, ask_httpd, ask_reader, write
from tests.support.httpd import INSTALLED, Program

_IN_MACRO = re.compile(
    r'macro \'.*?\' \(defined on line \d+ of "(/[^"]+)"\).*? used on line \d+ of "+'
)
_NOT_CLOSED = re.compile(r".*:\d+: (<[^>]*> was not closed\.)")
"""httpd names every section, the innermost first, with its place once more."""


def disagreements(root: Path, case: Case, httpd: Program = INSTALLED) -> list[str]:
    """What the two say differently of one configuration; [] when they agree."""
    main = write(root, case, httpd)
    theirs = ask_httpd(main, case.defines, case.environment, httpd)
    ours = ask_reader(main, case.defines, case.environment, httpd)
    in_macros = any("acro" in str(text) for text in (case.text, *case.files.values()))
    return [f"{text}\n{theirs.raw[-1500:]}" for text in differences(theirs, ours, in_macros)]


def differences(theirs: Answer, ours: Answer, in_macros: bool) -> list[str]:
    if theirs.message:
        return list(_refusals(theirs, ours))
    if ours.message:
        return [f"httpd accepts; the reader: {ours.file}:{ours.line}: {ours.message}"]
    found = []
    if theirs.entries != ours.entries:
        only_theirs = [entry for entry in theirs.entries if entry not in ours.entries]
        only_ours = [entry for entry in ours.entries if entry not in theirs.entries]
        found.append(f"httpd's tree has {only_theirs[:3]}, the reader's {only_ours[:3]}")
    if _files(theirs, in_macros) != _files(ours, in_macros):
        found.append(f"httpd's files are {theirs.includes}, the reader's {ours.includes}")
    if theirs.modules != ours.modules:
        found.append(f"httpd's modules are {theirs.modules}, the reader's {ours.modules}")
    if theirs.codes != ours.codes:
        found.append(f"httpd warns {theirs.codes}, the reader {ours.codes}")
    return found


def _files(answer: Answer, in_macros: bool) -> list[tuple[str, int, int | None]]:
    """In a macro httpd counts an Include's line from the definition, the reader does not."""
    return [(i.path, i.depth, 0 if in_macros else i.line) for i in answer.includes]


def _refusals(theirs: Answer, ours: Answer) -> list[str]:
    """Both must name the same place and words, whoever of the reader's parts found it.

    httpd counts a macro's lines from its definition and names the macro as the file; the reader
    names the file that the line stands in.
    """
    if not ours.message:
        return [f"only httpd refuses: {theirs.file}:{theirs.line}: {theirs.message}"]
    found = []
    expected, message = _NOT_CLOSED.sub(r"\1", theirs.message), ours.message
    if place := _IN_MACRO.match(theirs.file):
        if ours.file != place[1]:
            found.append(f"httpd refuses in {theirs.file}, the reader in {ours.file}")
    elif (theirs.file, theirs.line) != (ours.file, ours.line):
        found.append(
            f"httpd refuses {theirs.file}:{theirs.line}, the reader {ours.file}:{ours.line}"
        )
    if expected != message:
        found.append(f"httpd says {expected!r}, the reader {message!r}")
    return found
