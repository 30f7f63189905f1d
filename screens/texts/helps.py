"""What helps against a finding, in the wizard's words: no command of this program, but its key; and
what does not help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from screens import order
from screens.texts import own_words
from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.model.plan import Resolved
from wizard.text import fingerprint, printable
from wizard.wording import entries, next_step
from wizard.wording.entries import Entry

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.diagnosis import Diagnosis, Finding

_FINGERPRINT: Final = re.compile(r"--accept-fingerprint ([0-9a-f]{64})\b")
_CA_FILE: Final = re.compile(r"--ca (\S+)")
_ADVICE: Final = re.compile(r"^\*(.+?)\*(?=:| |$)")
"""The wrong advice, before what speaks against it."""
_BULLET: Final = re.compile(r"^- ", re.MULTILINE)
_WEAKENS: Final = re.compile(
    r"SSLProxy\w+ (off|none|optional)|SECLEVEL|setenforce|force-proxy|retry=0|openssl s_client"
)
_COLON: Final = re.compile(r",?( then)?:?$")
"""How words end that a command follows."""


class Help(NamedTuple):
    """One thing that somebody can do.

    Args:
        side: whose side it is, or that it only finds something out.
        text: what to do, and the key where the wizard does it.
        lines: what is typed or written; another program's command, or lines of a configuration.
    """

    side: str
    text: str
    lines: tuple[str, ...] = ()


def helps(session: Session, diagnosis: Diagnosis, finding: Finding) -> tuple[Help, ...]:
    """What can be done about a finding, the best of it first.

    Args:
        session: with the plan.
        diagnosis: that the finding is of.
        finding: it.
    """
    entry = Entry(entries.state(diagnosis), (diagnosis,), finding)
    todo = next_step.remedy(entry, finding, session.scope, session.plan)
    told = todo.text.removeprefix(f"{finding.place}: ")
    first = Help("", *_told(session, diagnosis, finding, told, todo.command))
    found = [first] if todo.text or todo.command else []
    for remedy in finding.remedies:
        if remedy.text != todo.text:
            text, lines = _told(session, diagnosis, finding, remedy.text, remedy.command or "")
            found.append(Help(remedy.place, text, lines))
    return tuple(found)


def _told(
    session: Session, diagnosis: Diagnosis, finding: Finding, text: str, command: str
) -> tuple[str, tuple[str, ...]]:
    """Words and lines of a remedy."""
    words = own_words.prose(text[:1].upper() + text[1:])
    if not own_words.key(command):
        lines = tuple(printable(line, 600) for line in command.split("\n")) if command else ()
        said = words if lines else next_step.BEFORE_COMMAND.sub(".", words, count=1)
        return printable(said), lines
    words = _COLON.sub("", words.rstrip(".")).rstrip()
    does = _does(session, diagnosis, finding, command)
    lines = ()
    if shown := _FINGERPRINT.search(command):
        lines = (f"SHA-256 {fingerprint(shown[1])}", "Compare it with its owner.")
    return printable(f"{words}. {does}" if words else does), lines


def _does(session: Session, diagnosis: Diagnosis, finding: Finding, command: str) -> str:
    """Where the wizard does what a command does, in a sentence."""
    if own_words.key(command) != own_words.key("proxy-wizard fix"):
        does = {"check": "r asks again.", "prove": "5 rehearses it."}
        return does.get(command.split(" ")[1], "")
    if "--policy temporary" in command:
        return "Step 4 has it among its ways, with its last day."
    if "--accept-fingerprint" in command:
        return "Step 4 takes the fingerprint that the owner tells you."
    plan = session.plan
    done = plan is not None and Resolved(diagnosis.case.route.id, finding.slug) in plan.resolved
    file = _CA_FILE.search(command)
    if file is not None and not (done and file[1] == "FILE"):
        return f"f in step 4 takes {'its file' if file[1] == 'FILE' else file[1]}."
    if done:
        return "a applies the change of step 4."
    if order.asks_for_ca(session):
        return "Step 4 asks which CA httpd may trust."
    return "Step 4 plans it." if plan is None else "Step 4 says what is left to do."


def wrong_fixes(slug: str) -> tuple[str, ...]:
    """What is often advised against a finding and does harm, or nothing; what weakens a check comes
    first.

    Args:
        slug: of the finding; one without a page has none.
    """
    if slug not in TABLE:
        return ()
    return tuple(sorted(_wrong(slug), key=lambda text: _WEAKENS.search(text) is None))


def _wrong(slug: str) -> Iterator[str]:
    for item in _BULLET.split(pages.section(slug, "Wrong fixes"))[1:]:
        yield _ADVICE.sub(r"\1", own_words.prose(item)).replace("`", "")
