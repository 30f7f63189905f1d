"""Routes as lines of a list: what each column gets, the counts above them, an empty search."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from screens.terminal.glyphs import Glyphs
from screens.texts.route import shortened, vhost_name
from wizard.text import printable
from wizard.wording import entries

if TYPE_CHECKING:
    from screens.session import Session
    from wizard.model.config import Route
    from wizard.model.diagnosis import Diagnosis

_LONGEST: Final = 300
"""Characters of a name that are looked at."""
_GAP: Final = 2
_SIGN: Final = 4
"""Columns of the mark, the sign and the blank after it."""
_LEAST_HOST: Final = 14
"""Columns of a VirtualHost below which it says too little to tell one from another."""
_LEAST_PATH: Final = 10
_LEAST_CAUSE: Final = 14
_MOST_BESIDE: Final = 36
"""Columns of a backend beside which a cause is worth more than the middle of a long URL."""
_MOST_ANSWER: Final = 8
_ANSWERS: Final = {"FAIL": "red", "WARN": "yellow", "OK": "green"}
_CAUSES: Final = {"critical": "red", "warning": "yellow", "info": "dim"}


@dataclass(frozen=True, slots=True)
class Widths:
    """What the columns of a list have, or would like to have; 0: a column is left out.

    Args:
        vhost: the VirtualHost with its port.
        path: of the route.
        backend: its URL.
        answer: what the browser gets.
        cause: why.
    """

    vhost: int = 0
    path: int = 0
    backend: int = 0
    answer: int = 0
    cause: int = 0

    def widest(self, other: Widths) -> Widths:
        """What both need."""
        return Widths(
            max(self.vhost, other.vhost), max(self.path, other.path),
            max(self.backend, other.backend), max(self.answer, other.answer),
            max(self.cause, other.cause),
        )  # fmt: skip


def fitted(room: int, wanted: Widths, *, one_host: bool) -> Widths:
    """The columns in a list of some width: path, backend and answer are always seen.

    Args:
        room: columns of the list.
        wanted: the longest of each.
        one_host: the VirtualHost is the same in every line: it may be left out.
    """
    answer = min(max(wanted.answer, 3), _MOST_ANSWER)
    left = room - _SIGN - answer - _GAP
    every = _taken(wanted.vhost) + wanted.path + _GAP + wanted.backend + _taken(wanted.cause)
    if every <= left:
        return Widths(wanted.vhost, wanted.path, wanted.backend, answer, wanted.cause)
    least = 0 if one_host else min(wanted.vhost, _LEAST_HOST)
    backend = min(wanted.backend, _MOST_BESIDE)
    spare = left - _taken(least) - wanted.path - _GAP - backend
    if wanted.cause and spare >= _taken(min(wanted.cause, _LEAST_CAUSE)):
        cause = min(wanted.cause, spare - _GAP)
        left -= _taken(cause)
    else:
        cause = 0
    vhost, path, backend = _shared(left, wanted, one_host=one_host)
    return Widths(vhost, path, backend, answer, cause)


def _shared(left: int, wanted: Widths, *, one_host: bool) -> tuple[int, int, int]:
    """VirtualHost, path and backend where not all have the room that they would like."""
    if one_host:
        whole = _taken(wanted.vhost) + wanted.path + _GAP + wanted.backend <= left
        vhost = wanted.vhost if whole else 0
        left -= _taken(vhost) + _GAP
        path = min(wanted.path, max(_LEAST_PATH, left - wanted.backend, left // 3))
        return vhost, path, min(wanted.backend, left - path)
    left -= 2 * _GAP
    path = min(wanted.path, max(_LEAST_PATH, left - wanted.vhost - wanted.backend, left // 4))
    left -= path
    beside = min(left * 2 // 5, left - min(wanted.backend, _MOST_BESIDE))
    vhost = min(wanted.vhost, max(_LEAST_HOST, left - wanted.backend, beside))
    return vhost, path, min(wanted.backend, left - vhost)


def _taken(width: int) -> int:
    return width + _GAP if width else 0


def vhost_port(route: Route) -> str:
    """The port of a route's VirtualHost: ``:443``; empty for the main server."""
    port = route.vhost.addresses[0].rpartition(":")[2] if route.vhost.addresses else ""
    return f":{port}" if port.isdigit() else ""


def vhost_label(route: Route, *, port: bool = True) -> str:
    """The name of a route's VirtualHost, and its port."""
    return printable(vhost_name(route) + (vhost_port(route) if port else ""), _LONGEST)


def wishes(route: Route) -> Widths:
    """What a route would like its columns to have; the port of its VirtualHost not counted."""
    return Widths(
        cell_len(vhost_label(route, port=False)),
        cell_len(printable(route.path, _LONGEST)),
        cell_len(printable(route.backend.url, _LONGEST)),
    )


def wanted_by(diagnosis: Diagnosis) -> Widths:
    """What the results of a route would like their columns to have."""
    return Widths(answer=cell_len(answer(diagnosis)), cause=cell_len(cause(diagnosis)))


def answer(diagnosis: Diagnosis) -> str:
    """What the browser gets, in a word."""
    verdict = diagnosis.verdict
    if verdict.stage in ("config", "start"):
        return "no start"
    return str(verdict.status or (verdict.stage or "" if verdict.outcome == "fail" else ""))


def cause(diagnosis: Diagnosis) -> str:
    """Why, by the name of the first finding."""
    return diagnosis.findings[0].slug if diagnosis.findings else ""


def sign(diagnosis: Diagnosis | None, glyphs: Glyphs) -> tuple[str, str]:
    """How a route is.

    Returns:
        A sign and its style.
    """
    if diagnosis is None:
        return glyphs.waiting, "dim"
    return {
        "FAIL": (glyphs.bad, "red"), "WARN": (glyphs.warn, "yellow"), "OK": (glyphs.good, "green"),
        "UNKNOWN": (glyphs.unknown, "cyan"), "SKIP": (glyphs.waiting, "dim"),
    }[entries.state(diagnosis)]  # fmt: skip


def line(
    route: Route,
    diagnosis: Diagnosis | None,
    widths: Widths,
    glyphs: Glyphs,
    *,
    marked: bool = False,
    asking: bool = False,
    port: bool = True,
) -> Text:
    """A route in a line.

    Args:
        route: it.
        diagnosis: what was found out about it.
        widths: of the columns.
        glyphs: the signs of this terminal.
        marked: the cursor is on it.
        asking: its backend is being asked.
        port: VirtualHosts are shown with their ports.
    """
    mark, style = sign(diagnosis, glyphs)
    text = Text(no_wrap=True, end="")
    text.append(f"{glyphs.mark if marked else ' '} ", "bold" if marked else "")
    text.append(f"{mark} ", style)
    if widths.vhost:
        _put(text, vhost_label(route, port=port), widths.vhost)
    _put(text, printable(route.path, _LONGEST), widths.path)
    _put(text, printable(route.backend.url, _LONGEST), widths.backend)
    if diagnosis is None:
        _put(text, glyphs.ellipsis if asking else glyphs.none, widths.answer, "dim")
        return text
    _put(text, answer(diagnosis), widths.answer, _ANSWERS.get(entries.state(diagnosis), ""))
    if widths.cause and diagnosis.findings:
        _put(text, cause(diagnosis), widths.cause, _CAUSES[diagnosis.findings[0].severity])
    return text


def _put(text: Text, value: str, width: int, style: str = "") -> None:
    shown = shortened(value, width).plain
    text.append(shown, style)
    text.append(" " * (width - cell_len(shown) + _GAP))


def haystack(route: Route, diagnosis: Diagnosis | None = None) -> str:
    """What a search looks in, in lower case.

    Args:
        route: a line of the list.
        diagnosis: what that line shows of it besides.
    """
    parts = [vhost_label(route), *route.vhost.aliases, route.path, route.backend.url]
    if diagnosis is not None:
        parts += [entries.state(diagnosis), answer(diagnosis), cause(diagnosis)]
    return " ".join(parts).lower()


def counts(session: Session, glyphs: Glyphs) -> str:
    """How many routes there are and how they are: ``12 routes · 3 fail · 2 not asked``."""
    if session.load_error:
        return "Routes"
    dot = f" {glyphs.dot} "
    if session.configuration is None:
        seen = len(session.seen)
        return dot.join(["Reading", f"{_number(seen, 'route')} so far" if seen else "the files"])
    states = _states(session)
    said = [_number(len(session.routes), "route")]
    if session.asked is not None:
        said.append(f"{session.asked[0]} of {session.asked[1]} asked")
    if failing := states["FAIL"]:
        said.append(f"{failing} fail{'s' * (failing == 1)}")
    if warned := states["WARN"]:
        said.append(f"{warned} with a warning")
    if unknown := states["UNKNOWN"]:
        said.append(f"{unknown} unknown")
    if states["SKIP"] and session.asked is None:
        said.append(f"{states['SKIP']} not asked")
    return dot.join(said)


def _states(session: Session) -> Counter[str]:
    """How many routes are in each state; routes without results were not asked."""
    counted: Counter[str] = Counter(map(entries.state, session.diagnoses.values()))
    counted["SKIP"] += len(session.routes) - counted.total()
    return counted


def causes(session: Session, room: int) -> Text:
    """Why routes fail, the most frequent first; nothing where fewer than two do.

    Args:
        session: has the routes.
        room: columns; causes without room are counted.
    """
    failing = [one for one in session.diagnoses.values() if entries.state(one) == "FAIL"]
    if len(failing) < 2:
        return Text("")
    counted = Counter(cause(one) or "unknown cause" for one in failing).most_common()
    for shown in range(len(counted), 0, -1):
        said = [f"{number} {slug}" for slug, number in counted[:shown]]
        if rest := len(counted) - shown:
            said.append(f"{rest} other cause{'s' * (rest != 1)}")
        text = Text(", ".join(said), "red", no_wrap=True, overflow="ellipsis")
        if text.cell_len <= room:
            break
    return text


def no_hits(searched: str) -> str:
    """What a list says that is empty by a search."""
    return f"No route holds '{printable(searched.strip(), 60)}': Esc shows all."


def _number(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
