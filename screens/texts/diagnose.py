"""Step 3 in words: the cause, what happens, where it is seen, what not to do, what helps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts import own_words
from screens.texts.helps import Help, helps, wrong_fixes
from screens.texts.pieces import styled
from screens.texts.route import SEVERITY_STYLES, STYLES
from wizard.findings.table import LOG_CODES
from wizard.text import printable
from wizard.wording import diagnosis as wording
from wizard.wording import entries
from wizard.wording.entries import Entry
from wizard.wording.moment import localised
from wizard.wording.next_step import MOST_LINES
from wizard.wording.written import Written, short

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.diagnosis import Diagnosis, Finding, LogLine

MOST_SEEN: Final = 3
"""Lines that prove a finding at a glance."""
_PLACE: Final = re.compile(r"(\S.*?:\d+)  ")
_FIELD: Final = re.compile(r"((?:backend's )?certificate(?: \d+)?|in the CA file|chain):? +")
_DEFAULT: Final = " (httpd's default)"
_SHORT: Final = 120
"""Characters of a command that is shown unasked: two rows of 80 columns."""
_WIDEST: Final = 22
"""Columns of a file's name and line number."""
_KEY: Final = re.compile(r"\b[afr5](?= (?:applies|in step 4|asks again|rehearses)\b)")
"""A key in a sentence that says what it does."""
_SIGN: Final = 2
"""Columns of the sign before a line of httpd's log."""
_SERVER: Final = frozenset({"config", "start"})
_CHECKED: Final = (
    "Checked: the configuration as httpd reads it, the name, the connection, the handshake with "
    "the name that httpd sends, the chain against the CA file, names and dates of the "
    "certificate, and one HTTP request."
)


class Part(NamedTuple):
    """A labelled part of the page.

    Args:
        name: what it is, one of ``PARTS``.
        label: on its left.
        text: what it says; empty: it is not shown.
        place: where the text stands, in a column of its own.
        wide: columns of ``place``.
    """

    name: str
    label: Text
    text: Text
    place: str = ""
    wide: int = 0


PARTS: Final = ("cause", "happens", "seen", "seen-2", "seen-3", "wrong", "helps")
"""The parts of the page, from top to bottom."""


class Fold(NamedTuple):
    """A line of the page that unfolds.

    Args:
        key: what it is; the same as long as it is about the same.
        head: the line.
        body: what is below it when it is unfolded; None: it opens a view of its own.
    """

    key: str
    head: Text
    body: Text | None


def parts(session: Session, glyphs: Glyphs, most_wrong: int) -> tuple[Part, ...]:
    """What is always seen of the current route.

    Args:
        session: with its diagnosis.
        glyphs: the signs of this terminal.
        most_wrong: wrong fixes that there is room for.
    """
    diagnosis = session.diagnosis
    if diagnosis is None:
        sign = glyphs.waiting if session.stops else glyphs.unknown
        return (Part("cause", Text.assemble((sign, "cyan")), Text(session.unprobed)),)
    if not diagnosis.findings:
        return _without_finding(diagnosis, glyphs)
    cause = diagnosis.findings[0]
    return (
        Part("cause", *_cause(diagnosis, cause, glyphs)),
        Part("happens", Text("What happens"), Text(_happens(diagnosis, cause))),
        *_seen(session, diagnosis, cause),
        Part("wrong", Text("Do not"), _lines(wrong_fixes(cause.slug)[:most_wrong])),
        Part("helps", Text("What helps"), _helped(_first(helps(session, diagnosis, cause)))),
    )


def _cause(diagnosis: Diagnosis, cause: Finding, glyphs: Glyphs) -> tuple[Text, Text]:
    style = SEVERITY_STYLES[cause.severity]
    fails = diagnosis.verdict.outcome == "fail"
    label = Text.assemble((f"{_sign(cause, glyphs)} {'Cause' if fails else 'Noticed'}", style))
    title = Text.assemble((printable(cause.title, 300), style if fails else "bold"))
    return label, title.append(f"\n{cause.slug}", "dim")


def _sign(finding: Finding, glyphs: Glyphs) -> str:
    return {"critical": glyphs.bad, "warning": glyphs.warn}.get(finding.severity, glyphs.dot)


def _without_finding(diagnosis: Diagnosis, glyphs: Glyphs) -> tuple[Part, ...]:
    """A route of which no rule says anything."""
    reason = Text(printable(_sentence(diagnosis)))
    if diagnosis.verdict.outcome == "fail":
        label = Text.assemble((f"{glyphs.bad} Cause", "bold red"))
        return (
            Part("cause", label, Text.assemble(("No finding explains it.", "bold red"))),
            Part("happens", Text("What happens"), reason),
        )
    if diagnosis.case.probe is None:
        told = "The configuration alone shows nothing wrong. Its backend was not asked: r asks it."
        return (Part("cause", Text.assemble((glyphs.unknown, "cyan")), Text(told)),)
    if diagnosis.severity == "unknown":
        told = "Whether httpd gets through to the backend is not known."
        return (
            Part(
                "cause",
                Text.assemble((f"{glyphs.unknown} Cause", "bold cyan")),
                Text.assemble((told, "bold")),
            ),
            Part("happens", Text("What happens"), reason),
        )
    return (
        Part(
            "cause",
            Text.assemble((f"{glyphs.good} Cause", "green")),
            Text.assemble(("Nothing is wrong here.", "bold")),
        ),
        Part("happens", Text("What happens"), reason),
        *(() if diagnosis.verdict.answers_itself else (Part("seen", Text(""), Text(_CHECKED)),)),
    )


def _sentence(diagnosis: Diagnosis) -> str:
    """The verdict, as the wizard calls who asks: the browser."""
    told = diagnosis.sentence.replace("The client of httpd gets", "The browser gets", 1)
    return localised(told)


def _happens(diagnosis: Diagnosis, cause: Finding) -> str:
    """What the browser gets, and why."""
    verdict, why = diagnosis.verdict, own_words.prose(cause.why)
    status = str(verdict.status or "")
    if verdict.stage in _SERVER or not status or status in why:
        return printable(why)
    served = " from the backend" if verdict.outcome == "ok" else ""
    if verdict.answers_itself:
        served = " from httpd itself"
    return printable(f"The browser gets {status}{served}. {why}")


# where it is seen


def _seen(session: Session, diagnosis: Diagnosis, item: Finding) -> Iterator[Part]:
    """The lines that prove it, three at most; of a cause the last one is of the error log."""
    logged = _logged(diagnosis, item)
    rows = (*tuple(_proof(session, item))[: MOST_SEEN - len(logged)], *logged)
    wide = min(_WIDEST, max((cell_len(place) for place, _ in rows), default=0))
    for number, (place, told) in enumerate(rows, 1):
        name = f"seen-{number}" if number > 1 else "seen"
        label = Text("" if number > 1 else "Seen in")
        yield Part(name, label, Text(told), place, wide + 2 if wide else 0)


def _proof(session: Session, item: Finding) -> Iterator[tuple[str, str]]:
    """Place or kind, and the line; the one to edit comes first."""
    files = session.configuration.files if session.configuration is not None else {}
    written = Written(files)
    found = list(written.proof(item))
    file, _, number = item.place.rpartition(":")
    if item.place and not any(there for _, there in found):
        line = written.line(file, int(number)) if number.isdecimal() else ""
        if line.strip():
            yield printable(short(item.place), 60), printable(line.strip(), 240)
    for line, there in sorted(found, key=lambda one: not one[1]):
        if there:
            yield printable(short(item.place), 60), line.strip()
        elif line.endswith(_DEFAULT):
            yield "default", line.removesuffix(_DEFAULT)
        elif (match := _PLACE.match(line)) or (match := _FIELD.match(line)):
            yield match[1], line[match.end() :]
        else:
            yield "", line


def _logged(diagnosis: Diagnosis, item: Finding) -> tuple[tuple[str, str], ...]:
    """The line of the error log that tells most about a cause, and whether it is seen there."""
    lines = [
        line for line in diagnosis.verdict.log if line.code and line.code not in wording.ROUTINE
    ]
    if diagnosis.verdict.outcome != "fail" or item is not diagnosis.findings[0] or not lines:
        return ()
    known = [one for one in lines if LOG_CODES.get(one.code or "")]
    telling = [one for one in known if item.slug in LOG_CODES[one.code or ""]]
    line = next(iter((*telling, *known, *lines)))
    return (("error log", f"{line.code} {_visible(diagnosis, line)}".rstrip()),)


def _visible(diagnosis: Diagnosis, line: LogLine) -> str:
    if line.shown:
        return printable(line.text, 120)
    level = diagnosis.case.route.log_levels.of(line.module).value
    return f"(hidden: LogLevel {printable(level, 30)}, shown at {line.level})"


# what helps


def _lines(texts: Sequence[str]) -> Text:
    return Text("\n".join(printable(text) for text in texts))


def _first(found: Sequence[Help]) -> Sequence[Help]:
    """The best of what helps; commands that are long are left to what unfolds."""
    return [one if _fits(one) else one._replace(lines=()) for one in found[:1]]


def _fits(one: Help) -> bool:
    """Whether its lines are few and short enough to be read at a glance."""
    return len(one.lines) <= MOST_LINES and sum(map(len, one.lines)) <= _SHORT


def _helped(found: Sequence[Help]) -> Text:
    text = Text()
    for one in found:
        if one.side:
            text.append(f"{one.side[:1].upper()}{one.side[1:]}: ", "dim")
        text.append(f"{one.text}\n")
        for line in one.lines:
            text.append(f"  {line}\n", "bold")
    text.highlight_regex(_KEY, "bold")
    text.rstrip()
    return text


# what unfolds


def folds(session: Session, most_wrong: int, *, log: bool) -> tuple[Fold, ...]:
    """The lines that unfold, from top to bottom.

    Args:
        session: with the current route's diagnosis.
        most_wrong: wrong fixes that are seen anyway.
        log: whether httpd's log is one of them.
    """
    return (*_folds(session, most_wrong, log=log), Fold("explain", Text("explain a log …"), None))


def _folds(session: Session, most_wrong: int, *, log: bool) -> Iterator[Fold]:
    diagnosis = session.diagnosis
    if diagnosis is None:
        return
    for number, item in enumerate(diagnosis.findings[1:], 1):
        style = SEVERITY_STYLES[item.severity]
        head = Text.assemble((f"{item.severity:<8}", style), f"  {printable(item.title, 200)}")
        yield Fold(f"{number} {item.slug}", head, whole(session, diagnosis, item))
    if diagnosis.findings:
        yield from _of_cause(session, diagnosis, diagnosis.findings[0], most_wrong)
    lines = len(diagnosis.verdict.log)
    if log and lines:
        yield Fold("log", Text(f"httpd's log, {_count(lines, 'line')}"), log_lines(diagnosis))


def _of_cause(
    session: Session, diagnosis: Diagnosis, cause: Finding, most_wrong: int
) -> Iterator[Fold]:
    first, *more = helps(session, diagnosis, cause) or (Help("", ""),)
    others = _count(len(more), "more remedy")
    if not _fits(first):
        told = f"the commands of this remedy{f', and {others}' if more else ''}"
        yield Fold("helps", Text(told), _helped((first, *more)))
    elif more:
        yield Fold("helps", Text(others), _helped(more))
    wrong = wrong_fixes(cause.slug)[most_wrong:]
    if wrong:
        yield Fold("wrong", Text(_count(len(wrong), "more wrong fix")), _lines(wrong))
    evidence = _evidence(diagnosis, cause)
    head = Text(_count(len(cause.evidence), "line") + " of evidence")
    yield Fold("evidence", head, evidence)


def _count(number: int, thing: str) -> str:
    """``1 line``, ``2 lines``, ``2 remedies``, ``2 wrong fixes``."""
    if number == 1:
        return f"1 {thing}"
    if thing.endswith("y"):
        return f"{number} {thing[:-1]}ies"
    return f"{number} {thing}{'es' if thing.endswith('x') else 's'}"


def _evidence(diagnosis: Diagnosis, item: Finding) -> Text:
    """Everything that shows it, with the whole explanation."""
    text = Text()
    if item is diagnosis.findings[0]:
        text.append(f"{printable(_sentence(diagnosis))}\n")
    for line in item.evidence:
        text.append(f"{printable(localised(line.strip()), 600)}\n", "dim")
    told = own_words.prose(item.explanation)
    if item.explanation != item.why:
        text.append(printable(told))
    text.rstrip()
    return text


def whole(session: Session, diagnosis: Diagnosis, item: Finding) -> Text:
    """All that is known of a finding, in one block.

    Args:
        session: with the plan.
        diagnosis: that the finding is of.
        item: it.
    """
    text = Text.assemble((f"{item.slug}\n", "dim"))
    if item.why not in item.explanation:
        text.append(f"{printable(own_words.prose(item.why))}\n")
    text.append_text(_evidence(diagnosis, item)).append("\n")
    for number, wrong in enumerate(wrong_fixes(item.slug)):
        text.append("" if number else "Do not\n", "bold").append(f"  {printable(wrong)}\n")
    found = _helped(helps(session, diagnosis, item))
    text.append("What helps\n" if found else "", "bold").append_text(found)
    text.rstrip()
    return text


def log_lines(diagnosis: Diagnosis | None) -> Text:
    """The lines that httpd writes, and which of them the present LogLevel hides."""
    return styled(wording.log(diagnosis) if diagnosis else ())


def log_drawn(diagnosis: Diagnosis | None) -> Group:
    """The same where a long line goes on below itself, not below its sign."""
    rows: list[Text | Table] = []
    for line in log_lines(diagnosis).split("\n"):
        if line.plain[:_SIGN] not in ("* ", "  "):
            rows.append(line)
            continue
        row = Table.grid()
        row.add_column(width=_SIGN)
        row.add_row(line[:_SIGN], line[_SIGN:])
        rows.append(row)
    return Group(*rows)


# what is saved


def headline(diagnosis: Diagnosis) -> Text:
    """The route and what the browser gets, a word first."""
    state = entries.state(diagnosis)
    route = diagnosis.case.route
    told = printable(f"{route.id.label} -> {route.backend.url}", 400)
    text = Text.assemble((state, STYLES[state]), f"  {told}")
    if got := entries.gets(Entry(state, (diagnosis,), None)):
        text.append(f"   {got.replace('client', 'browser', 1)}")
    return text.append(f"\n{printable(_sentence(diagnosis))}")


def saved(session: Session) -> str:
    """The verdict, every finding with its place, and the log, as plain text."""
    diagnosis = session.diagnosis
    if diagnosis is None:
        return f"{session.unprobed}\n"
    blocks = [headline(diagnosis).plain]
    for item in diagnosis.findings:
        title = f"{item.severity}: {printable(item.title)}"
        place = f"--> {printable(item.place)}" if item.place else ""
        body = whole(session, diagnosis, item).plain
        blocks.append("\n".join(filter(None, (title, place, body))))
    blocks.append(log_lines(diagnosis).plain)
    return "\n\n".join(block.rstrip() for block in blocks) + "\n"
