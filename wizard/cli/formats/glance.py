"""An entry of the report: the cause of routes that fail alike, what proves it and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wizard.cli.formats.counted import STYLES
from wizard.findings.evidence import SENTENCE
from wizard.text import printable
from wizard.wording import next_step
from wizard.wording.fold import width, wrap
from wizard.wording.written import Written, short

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.model.diagnosis import Finding, Report
    from wizard.model.plan import FixPlan
    from wizard.wording.entries import Entry

_ROWS = {0: 10, 1: 10, 2: 8}
"""Rows of an entry, by the number of causes: the report of a single one fits on a screen of 24 rows
(with head, summary and next command 16), that of three into 30."""
_FEWEST = 6
_MARGIN = "      "


class Detail(NamedTuple):
    """How much of an entry is shown."""

    proof: int
    why: int
    remedy: int
    also: int


_DETAILS = (
    Detail(3, 2, 9, 3),
    Detail(3, 2, 2, 3),
    Detail(3, 1, 2, 3),
    Detail(3, 1, 1, 3),
    Detail(3, 1, 1, 1),
    Detail(2, 1, 1, 1),
    Detail(2, 1, 1, 0),
    Detail(1, 1, 1, 0),
    Detail(1, 0, 1, 0),
)
"""From all to the least: lines of proof, sentences of the reason and of the remedy, other findings
(0: their names)."""

_BRIEF = (Detail(1, 1, 1, 3), Detail(1, 1, 1, 0), Detail(1, 0, 1, 0))
"""Of a route that works and is weak."""


class Glance:
    """Entries of one report, each in as few rows as their number demands.

    Args:
        report: it.
        plan: what configuration can repair; None: it is not known.
        palette: colours, or none.
        causes: entries of routes that fail.
    """

    def __init__(self, report: Report, plan: FixPlan | None, palette: Palette, causes: int) -> None:
        self._written = Written(report.configuration.files)
        self._report = report
        self._plan = plan
        self._paint = palette
        self._rows = _ROWS.get(causes, _FEWEST)
        self._width = width()

    def entry(self, entry: Entry) -> list[str]:
        """The rows of an entry, ready to print."""
        cause = entry.cause
        head = list(self._head(entry))
        if cause is None:
            reason = printable(entry.first.verdict.reason) if self._report.probed else ""
            return head + ([wrap(reason, _MARGIN)] if reason else []) + list(self._also(entry, 3))
        rows: list[str] = []
        most = self._rows if entry.state == "FAIL" else _FEWEST
        for detail in _DETAILS if entry.state == "FAIL" else _BRIEF:
            text = "\n".join([*head, *self._cause(entry, cause, detail)])
            rows = text.split("\n")
            if len(rows) <= most:
                break
        return rows

    def _head(self, entry: Entry) -> Iterator[str]:
        """Which routes, and what their client gets."""
        names, backend, gets = title(entry), _backend(entry), _gets(entry)
        word = self._paint(entry.state, "bold", STYLES[entry.state])
        begin = f"{entry.state:<4}  "
        whole = f"{names} -> {backend}   {gets}".rstrip()
        word += begin[len(entry.state) :]
        if len(begin + whole) <= self._width:
            yield word + whole
            return
        if len(f"{begin}{names} -> {backend}") <= self._width:
            yield f"{word}{names} -> {backend}"
        else:
            yield wrap(names, begin, _MARGIN).replace(begin, word, 1)
            yield f"{_MARGIN}-> {backend}"
        if gets:
            yield _MARGIN + gets

    def _cause(self, entry: Entry, cause: Finding, detail: Detail) -> Iterator[str]:
        told = wrap(f"{cause.slug}: {printable(cause.title)}", _MARGIN, f"{_MARGIN}  ")
        yield told.replace(cause.slug, self._paint(cause.slug, "bold"), 1)
        if cause.place:
            yield f"  {self._paint('-->', 'dim')} {printable(cause.place)}"
        for line in list(self._written.proof(cause))[: detail.proof]:
            yield wrap(line, f"{_MARGIN}| ", f"{_MARGIN}|   ")
        if detail.why and cause.why:
            yield wrap(printable(_sentences(cause.why, detail.why)), _MARGIN)
        yield from self._remedy(entry, cause, detail)
        yield from self._also(entry, detail.also)

    def _remedy(self, entry: Entry, cause: Finding, detail: Detail) -> Iterator[str]:
        text, command = next_step.remedy(entry, cause, self._report.scope, self._plan)
        if not text:
            return
        text = text.removeprefix(f"{cause.place}: ")
        lines = [f"{_MARGIN}    {printable(line)}" for line in command.split("\n") if line]
        fits = len(lines) <= 2 and all(len(line) <= self._width for line in lines)
        yield wrap(f"fix: {printable(_sentences(text, detail.remedy))}", _MARGIN, f"{_MARGIN}  ")
        if fits:
            yield from (self._paint(line, "bold") for line in lines)

    def _also(self, entry: Entry, most: int) -> Iterator[str]:
        """What else was found, a line each, or only the names."""
        if not entry.also:
            return
        shown = entry.also[:most] if len(entry.also) > most else entry.also
        for finding in shown:
            place = f" ({short(finding.place)})" if finding.place else ""
            yield wrap(
                f"also: {finding.slug}: {printable(finding.title)}{place}", _MARGIN, f"{_MARGIN}  "
            )
        left = [finding.slug for finding in entry.also[len(shown) :]]
        if left:
            yield wrap(f"also: {', '.join(dict.fromkeys(left))}", _MARGIN, f"{_MARGIN}  ")


def title(entry: Entry) -> str:
    """``www.corp.test / and 9 more``."""
    others = len(entry.diagnoses) - 1
    more = f" and {others} more" if others else ""
    return f"{printable(entry.first.case.route.id.label, 200)}{more}"


def _sentences(text: str, most: int) -> str:
    return " ".join(SENTENCE.split(text)[:most])


def _gets(entry: Entry) -> str:
    verdict = entry.first.verdict
    if entry.state == "SKIP":
        return "not asked"
    if entry.state != "FAIL":
        return ""
    if verdict.stage in ("config", "start"):
        return "httpd does not start"
    return f"client gets {verdict.status}" if verdict.status else ""


def _backend(entry: Entry) -> str:
    """The backend's URL; what the URLs of several routes have in common."""
    urls = list(dict.fromkeys(one.case.route.backend.url for one in entry.diagnoses))
    if len(urls) == 1:
        return printable(urls[0], 300)
    hosts = {
        url.partition("://")[0] + "://" + url.partition("://")[2].partition("/")[0] for url in urls
    }
    return printable(hosts.pop(), 300) if len(hosts) == 1 else f"{len(urls)} backends"
