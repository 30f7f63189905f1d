"""The question which CA httpd may trust, with its answers, the best one first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rich.cells import cell_len
from rich.text import Text

from screens.decisions import presented
from screens.texts.hanging import hanging
from screens.texts.route import shortened_path
from wizard.text import fingerprint, printable
from wizard.wording import authority
from wizard.wording.certificate import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.model.certificate import Certificate
    from wizard.model.plan import Candidate

Kind = Literal["file", "refused", "other", "fingerprint", "owner"]
_MOST_GOOD: Final = 4
_MOST_REFUSED: Final = 2
_SHORT: Final = 8
"""Digits of a fingerprint where there is no room for all."""
_GAP: Final = 3
_INDENT: Final = "    "
_LEAST_PATH: Final = 24
"""Columns for a path beside what is said of it."""
_ROOMY: Final = 90
"""Columns with room for twice as many."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Args:
        kind: what it does.
        text: as it stands in the list.
        file: of the CA, for ``file``.
        problem: why httpd would go on refusing the backend, for ``refused``.
    """

    kind: Kind
    text: Text
    file: str = ""
    problem: str = ""


def title(session: Session) -> str:
    """What is asked."""
    name = wanted(session)
    own = _is_own(session)
    if own:
        return f"One question: which file holds the certificate {name}?"
    return f"One question: which file holds {name}?" if name else (
        "One question: which CA may httpd trust here?"
    )  # fmt: skip


def wanted(session: Session) -> str:
    """What the missing root is called; empty: it is not known."""
    top = _top(session)
    return called(top.issuer) if top is not None else ""


def _top(session: Session) -> Certificate | None:
    probe = session.diagnosis.case.probe if session.diagnosis else None
    chain = probe.tls.chain if probe is not None and probe.tls is not None else ()
    return chain[-1] if chain else None


def _is_own(session: Session) -> bool:
    """Whether the backend's certificate signed itself."""
    probe = session.diagnosis.case.probe if session.diagnosis else None
    chain = probe.tls.chain if probe is not None and probe.tls is not None else ()
    return len(chain) == 1 and chain[0].self_issued


def answers(session: Session, glyphs: Glyphs, width: int) -> tuple[Answer, ...]:
    """The answers, the best one first.

    Args:
        session: has the CAs that were found.
        glyphs: the signs of this terminal.
        width: columns.
    """
    return tuple(_answers(session, glyphs, width))


def _answers(session: Session, glyphs: Glyphs, width: int) -> Iterator[Answer]:
    found = session.authorities.candidates if session.authorities else ()
    good = [one for one in found if not one.problem]
    bad = [one for one in found if one.problem]
    for one in good[:_MOST_GOOD]:
        yield Answer("file", _good(one, glyphs, width), one.file)
    for one in bad[: _MOST_REFUSED if good else 0]:
        yield Answer("refused", _bad(one, glyphs, width), one.file, one.problem)
    yield Answer("other", Text("Another file …" if good else "A file that I name …"))
    if presented(session.diagnosis):
        whose = "backend's owner" if _is_own(session) else "CA's owner"
        yield Answer(
            "fingerprint", Text(f"I have no file: compare the fingerprint with the {whose}")
        )
    yield Answer("owner", Text("Nobody can give me one: what the owner has to do"))


def _good(one: Candidate, glyphs: Glyphs, width: int) -> Text:
    name = f"{called(one.certificate.subject)}, until {one.certificate.not_after:%Y-%m-%d}"
    short = fingerprint(one.certificate.sha256[: _SHORT if width < _ROOMY else 2 * _SHORT])
    about = (authority.good_for(one), authority.where(one), f"SHA-256 {short}{glyphs.ellipsis}")
    row = _row(Text(f"{glyphs.good} ", "green"), one.file, name, width, "bold")
    what = Text(f" {glyphs.dot} ".join(about), "dim")
    return row.append("\n").append_text(hanging(_INDENT, what, width))


def _bad(one: Candidate, glyphs: Glyphs, width: int) -> Text:
    told = printable(one.problem, 60)
    return _row(Text(f"{glyphs.bad} ", "red"), one.file, told, width, told_style="dim")


def _row(
    sign: Text, file: str, told: str, width: int, style: str = "", told_style: str = ""
) -> Text:
    """A file, and what is said of it: beside it, or below it where that hides its directory."""
    room = width - sign.cell_len - cell_len(told) - _GAP
    if room < _LEAST_PATH and cell_len(printable(file)) > room:
        path = shortened_path(file, width - sign.cell_len)
        below = hanging(_INDENT, Text(told, told_style), width)
        return Text.assemble(sign, (path.plain, style), "\n").append_text(below)
    path = shortened_path(file, room)
    return Text.assemble(sign, (path.plain, style), " " * _GAP, (told, told_style))


def readable(session: Session, glyphs: Glyphs) -> str:
    """The question and its answers as plain text."""
    found = (answer.text.plain for answer in answers(session, glyphs, _ROOMY))
    return "\n".join((title(session), *(f"  {line}" for line in found), *passed_over(session)))


def passed_over(session: Session) -> tuple[str, ...]:
    """What was not considered, and why."""
    from wizard.wording.remarks import sentence

    found = session.authorities.passed_over if session.authorities else ()
    return tuple(sentence(one, wizard=True) for one in found)


def problem(session: Session) -> str:
    """Why the answer that was given will not do; empty: none was given."""
    from wizard.wording.remarks import sentence

    if session.decisions.trust == "found":
        return ""
    if session.plan_error:
        return session.plan_error
    left = session.plan.unresolved if session.plan is not None else ()
    return next((sentence(one.reason, wizard=True) for one in left if one.needs_choice), "")
