"""An entry of the report: the cause of routes that fail alike, what proves it and what helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from wizard.cli.formats.counted import STYLES
from wizard.findings.evidence import sentences
from wizard.text import printable
from wizard.wording import entries, next_step
from wizard.wording.fold import width, wrap
from wizard.wording.written import Written, short

if TYPE_CHECKING:
    from wizard.cli.output import Palette
    from wizard.model.diagnosis import Finding, Report
    from wizard.model.plan import FixPlan
    from wizard.wording.entries import Entry

_MOST_PLACES = 3
"""Further lines to edit that are named."""
_MARGIN = "      "


class Detail(NamedTuple):
    """How much of an entry is shown."""

    proof: int
    why: int
    remedy: int
    also: int


DETAILS = (
    Detail(3, 2, 9, 3),
    Detail(3, 2, 2, 3),
    Detail(3, 1, 2, 3),
    Detail(3, 1, 1, 3),
    Detail(3, 1, 1, 1),
    Detail(2, 1, 1, 1),
    Detail(2, 1, 1, 0),
    Detail(1, 1, 1, 0),
    Detail(1, 0, 1, 0),
    Detail(1, 0, 0, 0),
    Detail(0, 0, 0, 0),
)
"""From all to the least: lines of proof, sentences of the reason and of the remedy (0: one, without
the command that the report ends with), other findings (0: their names)."""
BRIEF = Detail(1, 1, 1, 0)
"""Of many causes, and of routes that work and are weak."""


class Glance:
    """Entries of one report, each in as few rows as their number demands.

    Args:
        report: it.
        plan: what configuration can repair; None: it is not known.
        palette: colours, or none.
    """

    def __init__(self, report: Report, plan: FixPlan | None, palette: Palette) -> None:
        self._written = Written(report.configuration.files)
        self._report = report
        self._plan = plan
        self._paint = palette
        self._width = width()
        self._proven: tuple[Finding | None, tuple[tuple[str, bool], ...]] = None, ()

    def entry(self, entry: Entry, detail: Detail) -> list[str]:
        """The rows of an entry, ready to print."""
        rows = list(self._head(entry))
        if entry.cause is not None:
            rows += self._cause(entry, entry.cause, detail)
        elif self._report.probed:
            reason = printable(entry.first.verdict.reason)
            rows += self._folded(reason[:1].upper() + reason[1:])
        return [*rows, *self._also(entry, detail.also)]

    def _head(self, entry: Entry) -> Iterator[str]:
        """Which routes, and what their client gets."""
        word = f"{entry.state:<4}"
        told = [f"{word}  {title(entry)}", f"-> {_backend(entry)}", entries.gets(entry)]
        rows = [told[0]]
        for text, between in ((told[1], " "), (told[2], "   ")):
            if len(rows[-1] + between + text) <= self._width:
                rows[-1] += (between + text).rstrip()
            else:
                rows.append(_MARGIN + text)
        first = self._paint(entry.state, "bold", STYLES[entry.state])
        yield first + rows[0].removeprefix(entry.state)
        yield from rows[1:]

    def _cause(self, entry: Entry, cause: Finding, detail: Detail) -> Iterator[str]:
        named, *rest = self._folded(f"{cause.slug}: {printable(cause.title)}", hanging=2)
        yield named.replace(cause.slug, self._paint(cause.slug, "bold"), 1)
        yield from rest
        yield from self._shown(entry, cause, detail.proof)
        yield from self._folded(printable(sentences(cause.why, detail.why)))
        yield from self._remedy(entry, cause, detail)

    def _shown(self, entry: Entry, cause: Finding, most: int) -> Iterator[str]:
        """The lines to edit, and what proves that they are the cause."""
        proof = list(self._proof(cause))
        place = printable(cause.place) + _further(entry.places[1:])
        written = next((text for text, there in proof if there), "")
        beside = most < 2 and bool(written) and len(f"  --> {place}  {written}") <= self._width
        if cause.place:
            first, *rest = self._folded(f"{place}  {written}" if beside else place)
            yield f"  {self._paint('-->', 'dim')} {first.strip()}"
            yield from rest
        for text, there in proof[:most]:
            yield from self._folded("" if beside and there else text, "| ", 2)

    def _proof(self, cause: Finding) -> tuple[tuple[str, bool], ...]:
        if self._proven[0] is not cause:
            self._proven = cause, tuple(self._written.proof(cause))
        return self._proven[1]

    def _remedy(self, entry: Entry, cause: Finding, detail: Detail) -> Iterator[str]:
        todo = next_step.remedy(entry, cause, self._report.scope, self._plan)
        told = todo.text.removeprefix(f"{cause.place}: ")
        text = printable(sentences(told[:1].upper() + told[1:], detail.remedy or 1))
        command = todo.command if next_step.fits(todo.command) else ""
        if not detail.remedy and command.startswith("proxy-wizard "):
            command = ""
        text = text if command or not text else next_step.BEFORE_COMMAND.sub(".", text, count=1)
        yield from self._folded(f"{todo.label}: {text}" if text else "", hanging=2)
        for line in command.split("\n") if command else ():
            yield f"{_MARGIN}    {self._paint(printable(line), 'bold')}"

    def _folded(self, text: str, begin: str = "", hanging: int = 0) -> tuple[str, ...]:
        """Rows of a text; none for an empty one."""
        return _folded(text, begin, hanging, self._width) if text else ()

    def _also(self, entry: Entry, most: int) -> Iterator[str]:
        """What else was found, a line each, or only the names."""
        for finding in entry.also[:most]:
            place = f" ({short(finding.place)})" if finding.place else ""
            told = f"also: {finding.slug}: {printable(finding.title + place)}"
            yield from self._folded(told, hanging=2)
        left = dict.fromkeys(finding.slug for finding in entry.also[most:])
        yield from self._folded(f"also: {', '.join(left)}" if left else "", hanging=2)


@lru_cache(maxsize=64)  # the details of one entry repeat most texts
def _folded(text: str, begin: str, hanging: int, columns: int) -> tuple[str, ...]:
    first = _MARGIN + begin
    return tuple(wrap(text, first, first + " " * hanging, columns).split("\n"))


def title(entry: Entry) -> str:
    """``www.corp.test / and 9 more``."""
    others = len(entry.diagnoses) - 1
    more = f" and {others} more" if others else ""
    return f"{printable(entry.first.case.route.id.label, 200)}{more}"


def _further(places: Sequence[str]) -> str:
    """Other lines that are to be edited alike."""
    if len(places) > _MOST_PLACES:
        return f" and {len(places)} other lines"
    return "".join(f", {printable(short(place))}" for place in places)


def _backend(entry: Entry) -> str:
    """The backend's URL; what the URLs of several routes have in common."""
    balancer = entry.first.case.route.balancer
    urls = list(dict.fromkeys(one.case.route.backend.url for one in entry.diagnoses))
    if len(urls) == 1:
        return printable(urls[0] + (f" of balancer://{balancer}" if balancer else ""), 300)
    hosts = {
        url.partition("://")[0] + "://" + url.partition("://")[2].partition("/")[0] for url in urls
    }
    return printable(hosts.pop(), 300) if len(hosts) == 1 else f"{len(urls)} backends"
