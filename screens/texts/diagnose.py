"""Verdict, findings and log lines in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.pieces import styled
from screens.texts.route import SEVERITY_STYLES, STYLES
from wizard.text import printable
from wizard.wording import diagnosis as wording
from wizard.wording import entries, next_step
from wizard.wording import explanation as explanation_wording
from wizard.wording.entries import Entry
from wizard.wording.pieces import Piece
from wizard.wording.written import Written

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Explanation

_KEYS: Final = {"fix": "step 4 plans it", "check": "r asks again", "prove": "step 5 rehearses it"}
"""What stands here for a command of proxy-wizard."""


def headline(session: Session, glyphs: Glyphs) -> Text:
    """The route and what its client gets, the word first; the reason where no finding gives it."""
    diagnosis = session.diagnosis
    if diagnosis is None:
        return Text(session.unprobed)
    entry = _entry(diagnosis)
    sign = {"ok": glyphs.good, "critical": glyphs.bad, "warning": glyphs.warn}.get(
        diagnosis.severity, glyphs.unknown
    )
    route = diagnosis.case.route
    told = printable(f"{route.id.label} -> {route.backend.url}", 400)
    text = Text.assemble((f"{sign} {entry.state}  ", STYLES[entry.state]), told)
    if got := entries.gets(entry):
        text.append(f"   {got}")
    if entry.state != "FAIL" or not diagnosis.findings:
        text.append(f"\n{printable(diagnosis.sentence)}", "not bold")
    return text


def option(finding: Finding, number: int) -> Text:
    """One line of the list of findings; the first is the cause."""
    return Text.assemble(
        (f"{finding.severity:<9}", SEVERITY_STYLES[finding.severity]),
        (finding.slug, "bold" if number == 0 else ""),
    )


def finding(session: Session, item: Finding) -> Text:
    """A finding as ``check`` shows it, and below everything that is known of it."""
    diagnosis = session.diagnosis
    if diagnosis is None:
        return Text("")
    text = styled(_glance(session, diagnosis, item), dense=True)
    return text.append("\n").append_text(styled(_whole(session, diagnosis, item), dense=True))


def _entry(diagnosis: Diagnosis, cause: Finding | None = None) -> Entry:
    return Entry(entries.state(diagnosis), (diagnosis,), cause)


def _todo(session: Session, diagnosis: Diagnosis, item: Finding) -> next_step.Todo:
    return next_step.remedy(_entry(diagnosis, item), item, session.scope, session.plan)


def _glance(session: Session, diagnosis: Diagnosis, item: Finding) -> Iterator[Piece]:
    """What it is, the line to edit, what proves it, why, and what helps."""
    yield Piece("heading", f"{item.slug}: {printable(item.title)}")
    if item.place:
        yield Piece("text", f"--> {printable(item.place)}")
    files = session.configuration.files if session.configuration is not None else {}
    for line, _ in Written(files).proof(item):
        yield Piece("quote", line)
    if item.why:
        yield Piece("text", printable(item.why))
    todo = _todo(session, diagnosis, item)
    if todo.text:
        told = todo.text.removeprefix(f"{item.place}: ")
        if not todo.command:
            told = next_step.BEFORE_COMMAND.sub(".", told, count=1)
        yield Piece("text", printable(told[:1].upper() + told[1:]), todo.label)
        yield from _command(todo.command)


def _whole(session: Session, diagnosis: Diagnosis, item: Finding) -> Iterator[Piece]:
    """All evidence and all that can be done."""
    yield Piece("heading", "In full:")
    yield Piece("text", printable(diagnosis.sentence))
    for line in item.evidence:
        yield Piece("quote", printable(line.strip(), 600))
    if item.explanation != item.why:
        yield Piece("text", printable(item.explanation))
    told = _todo(session, diagnosis, item).text
    for remedy in item.remedies:
        if remedy.text != told:
            yield Piece("text", printable(remedy.text), f"> {remedy.place}")
            yield from _command(remedy.command or "")


def _command(command: str) -> Iterator[Piece]:
    """What is typed; where the wizard does it itself, its key."""
    own, _, rest = command.partition(" ")
    key = _KEYS.get(rest.partition(" ")[0]) if own == "proxy-wizard" else None
    for line in (key or command).split("\n") if command else ():
        yield Piece("command", f"    {printable(line)}")


def nothing(session: Session) -> Text:
    """What to show when there is no finding."""
    if session.diagnosis is None:
        return Text("")
    if session.diagnosis.case.probe is None:
        return Text("The configuration alone shows nothing wrong here; the backend was not asked.")
    if session.diagnosis.severity == "unknown":
        return Text("No finding: whether httpd gets through to the backend is not known.")
    return Text(
        "Nothing is wrong here.\n\nChecked: the configuration as httpd reads it, the name, the "
        "connection, the handshake with the name that httpd sends, the chain against the CA file, "
        "names and dates of the certificate, and one HTTP request."
    )


def log(diagnosis: Diagnosis | None) -> Text:
    """The lines that httpd writes, and which of them the present LogLevel hides."""
    return styled(wording.log(diagnosis) if diagnosis else ())


def explanation(explained: Explanation | str, diagnosis: Diagnosis | None) -> Text:
    """What a log tells, the causes first; a cause that is a finding here is marked."""
    if isinstance(explained, str):
        return Text(explained)
    here = {finding.slug for finding in diagnosis.findings} if diagnosis else set()
    pieces = (*explanation_wording.lead(explained), *explanation_wording.causes(explained, here))
    return styled(pieces)
