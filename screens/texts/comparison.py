"""What a rehearsal shows before and after the plan, row by row: only what httpd itself did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from rich.table import Table
from rich.text import Text

from wizard.text import printable
from wizard.wording import certificate, rehearsal

if TYPE_CHECKING:
    from screens.session import Session
    from screens.terminal.glyphs import Glyphs
    from wizard.model.config import Route
    from wizard.model.rehearsal import Run

_CHAIN: Final = frozenset({"AH02276", "AH02039", "AH02040", "AH02038"})
"""Codes with which mod_ssl refuses a chain."""
_NAME: Final = frozenset({"AH02411", "AH02005"})
_DATE: Final = frozenset({"AH02004"})
_VERIFIES: Final = frozenset({"require", "optional"})
_WHY: Final = re.compile(r"Error \((\d+)\): ([^\[(]*)")
"""Of a chain that is refused: OpenSSL's number and words."""
_LABEL: Final = 16
"""Columns of the words before a row."""
WIDEST: Final = 100
"""Columns of the whole table."""

How = Literal["good", "bad", "off", "plain", "none"]
"""``off``: the check is not made; ``none``: it was not reached."""


class Cell(NamedTuple):
    """What one run shows in a row."""

    how: How
    text: str = ""


class Row(NamedTuple):
    """One thing that is compared; ``after`` is None where there is no plan."""

    label: str
    before: Cell
    after: Cell | None

    @property
    def tells(self) -> bool:
        """Whether either run says anything."""
        return self.before.how != "none" or (self.after is not None and self.after.how != "none")

    @property
    def differs(self) -> bool:
        """Whether the plan changes it."""
        return self.after is not None and self.before != self.after


def rows(session: Session) -> tuple[Row, ...]:
    """What is known of the current route's rehearsal; the answer first."""
    played, old = session.rehearsal, session.route
    if played is None or old is None:
        return ()
    planned = session.repair.planned if session.repair is not None else ()
    new = next((route for route in planned if route.id == old.id), old)
    sides = [(played.before, old), *([(played.after, new)] if played.after is not None else [])]
    made = zip(*(_cells(run, route) for run, route in sides), strict=True)
    found = [Row(both[0][0], both[0][1], both[1][1] if len(both) > 1 else None) for both in made]
    has_tls = any(route.backend.uses_tls for _, route in sides)
    return tuple(row for row in found[: None if has_tls else 1] if row.tells and not _is_dull(row))


def _is_dull(row: Row) -> bool:
    """Dates are spoken of where they are refused, or not looked at."""
    cells = {row.before.how, row.after.how if row.after else "none"}
    return row.label == "dates" and cells <= {"good", "none"}


def _cells(run: Run, route: Route) -> Iterator[tuple[str, Cell]]:
    answer: How = "good" if run.proxied and not run.lets_in else "bad"
    yield "answer", Cell(answer, rehearsal.summary(run))
    yield "name asked for", Cell("plain", _asked(route))
    yield "chain", _chain(run, route)
    yield "name check", _check(run, route, _NAME, on=_checks_name(route))
    yield "dates", _check(run, route, _DATE, on=bool(route.tls.check_peer_expire.value))
    yield "an impostor", _impostor(run)


def _asked(route: Route) -> str:
    backend = route.backend
    if not backend.uses_tls:
        return "no TLS"
    name = printable(backend.check_name or backend.host, 200)
    if backend.sni is None:
        return f"{name}, no SNI"
    return name if backend.sni == backend.check_name else f"{name}, SNI {printable(backend.sni)}"


def _chain(run: Run, route: Route) -> Cell:
    """Verified is said only where httpd demanded it and went on: it names the certificates that
    it refuses, too."""
    if not route.backend.uses_tls:
        return Cell("off", "no TLS")
    refused = _first(run, _CHAIN)
    if refused:
        found = next((_WHY.search(line) for line in run.log if refused in line), None)
        why = f" {printable(found[2].strip())}" if found else ""
        return Cell("bad", f"{refused}{why}")
    if route.tls.verify.value not in _VERIFIES:
        return Cell("off", "not checked")
    if run.lets_in:
        return Cell("bad", "not verified")
    if run.proxied or _first(run, _NAME | _DATE):
        up_to = certificate.called(run.certificates[0]) if len(run.certificates) > 1 else ""
        return Cell("good", f"verified up to {up_to}" if up_to else "verified")
    return Cell("none")


def _checks_name(route: Route) -> bool:
    return route.tls.checks_name or route.tls.checks_cn_only


def _check(run: Run, route: Route, codes: frozenset[str], *, on: bool) -> Cell:
    if not route.backend.uses_tls:
        return Cell("none")
    if not on:
        return Cell("off", "not checked")
    refused = _first(run, codes)
    if refused:
        return Cell("bad", refused)
    return Cell("good") if run.proxied else Cell("none")


def _first(run: Run, codes: frozenset[str]) -> str:
    """With which code httpd refuses the backend; empty: with none of these."""
    return "" if run.proxied else next((code for code in run.codes if code in codes), "")


def _impostor(run: Run) -> Cell:
    told = rehearsal.met(run)
    if not told:
        return Cell("none")
    return Cell("bad" if run.lets_in else "good" if run.keeps_out else "plain", told)


def table(found: tuple[Row, ...], glyphs: Glyphs) -> Table:
    """The rows; what the plan does not change is dim."""
    drawn = Table.grid(expand=True, padding=(0, 1, 0, 0))
    drawn.add_column(width=_LABEL)
    drawn.add_column(ratio=1, overflow="fold")
    if any(row.after is not None for row in found):
        drawn.add_column(ratio=1, overflow="fold")
        drawn.add_row("", Text("as it is", "dim"), Text("with the change", "dim"))
    for row in found:
        cells = [row.before] if row.after is None else [row.before, row.after]
        same = row.after is not None and not row.differs
        drawn.add_row(
            Text(row.label, "dim"),
            *(_drawn(cell, glyphs, quiet=same, last=cell is cells[-1]) for cell in cells),
        )
    return drawn


def _drawn(cell: Cell, glyphs: Glyphs, *, quiet: bool, last: bool) -> Text:
    sign = {"good": glyphs.good, "bad": glyphs.bad, "off": glyphs.warn, "none": glyphs.none,
            "plain": ""}[cell.how]  # fmt: skip
    style = {"good": "green", "bad": "bold red" if last else "red", "off": "red", "none": "dim",
             "plain": ""}[cell.how]  # fmt: skip
    return Text(f"{sign} {cell.text}".strip(), "dim" if quiet and cell.how != "bad" else style)


def plain(found: tuple[Row, ...], glyphs: Glyphs) -> str:
    """The same to be saved."""
    lines = []
    for row in found:
        cells = [row.before] if row.after is None else [row.before, row.after]
        told = "  ->  ".join(_drawn(cell, glyphs, quiet=True, last=True).plain for cell in cells)
        lines.append(f"{row.label:<{_LABEL}}  {told}")
    return "\n".join(lines)
