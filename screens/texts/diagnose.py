"""Verdict, findings and log lines in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.route import SEVERITY_STYLES, STATES
from wizard.model.remedy import PLACES
from wizard.text import printable

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Explanation


def headline(session: Session, glyphs: Glyphs) -> Text:
    """The verdict in one sentence, with its word first."""
    diagnosis = session.diagnosis
    if diagnosis is None:
        return Text(session.unprobed)
    word, style = STATES[diagnosis.severity]
    sign = {"ok": glyphs.good, "critical": glyphs.bad, "warning": glyphs.warn}.get(
        diagnosis.severity, glyphs.unknown
    )
    return Text.assemble((f"{sign} {word}  ", style), printable(diagnosis.sentence))


def option(finding: Finding, number: int) -> Text:
    """One line of the list of findings; the first is the cause."""
    return Text.assemble(
        (f"{finding.severity:<9}", SEVERITY_STYLES[finding.severity]),
        (finding.slug, "bold" if number == 0 else ""),
    )


def finding(item: Finding) -> Text:
    """A finding: evidence first, then why, then who can do what."""
    text = Text.assemble((f"{printable(item.title)}\n\n", "bold"))
    for line in item.evidence:
        text.append(f"| {printable(line)}\n", "dim")
    text.append(f"\n{printable(item.explanation)}\n")
    for remedy in item.remedies:
        text.append(f"\n> {PLACES[remedy.where]}: ", "bold")
        text.append(f"{printable(remedy.text)}\n")
        if remedy.command:
            # On a line of its own and without a frame: it is there to be copied.
            text.append("\n".join(printable(line) for line in remedy.command.split("\n")) + "\n")
    return text


def nothing(session: Session) -> Text:
    """What to show when there is no finding."""
    if session.diagnosis is None:
        return Text("")
    if session.diagnosis.case.probe is None:
        return Text("The configuration alone shows nothing wrong here; the backend was not asked.")
    return Text(
        "Nothing is wrong here.\n\nChecked: the configuration as httpd reads it, the name, the "
        "connection, the handshake with the name that httpd sends, the chain against the CA file, "
        "names and dates of the certificate, and one HTTP request."
    )


def log(diagnosis: Diagnosis | None) -> Text:
    """The lines that httpd writes, and which of them the present LogLevel hides."""
    if diagnosis is None:
        return Text("")
    lines = diagnosis.verdict.log
    if not lines:
        return Text("httpd logs nothing about this request.")
    text = Text("What httpd writes to its error log about one request; lines marked with * are "
                "hidden by the LogLevel in force.\n\n")  # fmt: skip
    for line in lines:
        code = f"{line.code}: " if line.code else ""
        style = "" if line.shown else "dim"
        text.append(f"{' ' if line.shown else '*'} ", "bold yellow")
        text.append(f"[{line.module}:{line.level}] {code}{printable(line.text)}\n", style)
    if not all(line.shown for line in lines):
        text.append("\nTo see them, without a restart: LogLevel warn ssl:info proxy:info\n", "bold")
    return text


def explanation(explained: Explanation | str, diagnosis: Diagnosis | None) -> Text:
    """What a log tells, the causes first; a cause that is a finding here is marked."""
    if isinstance(explained, str):
        return Text(explained)
    text = Text()
    here = {finding.slug for finding in diagnosis.findings} if diagnosis else set()
    if not explained.causes:
        text.append("Nothing in it was recognised as a cause.\n", "bold")
    for number, cause in enumerate(explained.causes, 1):
        text.append(f"{number}. {cause.slug}", "bold")
        text.append("  (also found here by probing)\n" if cause.slug in here else "\n", "green")
        for line in cause.evidence[:3]:
            text.append(f"| {printable(line, 300)}\n", "dim")
        text.append(f"{printable(cause.explanation)}\n\n")
    if explained.hidden:
        text.append(f"{printable(explained.hidden)}\n", "yellow")
    return text
