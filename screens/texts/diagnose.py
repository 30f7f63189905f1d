"""Verdict, findings and log lines in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.pieces import styled
from screens.texts.route import SEVERITY_STYLES, STYLES
from wizard.text import printable
from wizard.wording import diagnosis as wording
from wizard.wording import entries
from wizard.wording import explanation as explanation_wording
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.diagnosis import Diagnosis, Finding
    from wizard.model.explanation import Explanation


def headline(session: Session, glyphs: Glyphs) -> Text:
    """The verdict in one sentence, with its word first."""
    diagnosis = session.diagnosis
    if diagnosis is None:
        return Text(session.unprobed)
    word = entries.state(diagnosis)
    sign = {"ok": glyphs.good, "critical": glyphs.bad, "warning": glyphs.warn}.get(
        diagnosis.severity, glyphs.unknown
    )
    return Text.assemble((f"{sign} {word}  ", STYLES[word]), printable(diagnosis.sentence))


def option(finding: Finding, number: int) -> Text:
    """One line of the list of findings; the first is the cause."""
    return Text.assemble(
        (f"{finding.severity:<9}", SEVERITY_STYLES[finding.severity]),
        (finding.slug, "bold" if number == 0 else ""),
    )


def finding(item: Finding) -> Text:
    """A finding: evidence first, then why, then who can do what."""
    return styled([Piece("heading", printable(item.title)), *wording.reasons(item)])


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
    return styled(wording.log(diagnosis) if diagnosis else ())


def explanation(explained: Explanation | str, diagnosis: Diagnosis | None) -> Text:
    """What a log tells, the causes first; a cause that is a finding here is marked."""
    if isinstance(explained, str):
        return Text(explained)
    here = {finding.slug for finding in diagnosis.findings} if diagnosis else set()
    pieces = (*explanation_wording.lead(explained), *explanation_wording.causes(explained, here))
    return styled(pieces)
