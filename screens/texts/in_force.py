"""What is in force for a route: what differs from httpd's default first, each with its place; what
httpd complains about; the lines of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from screens.texts.route import shortened
from wizard.masking import lines as masking
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.text import printable
from wizard.wording import refused

if TYPE_CHECKING:
    from screens.terminal.glyphs import Glyphs
    from wizard.model.config import Configuration, Problem, Route, Setting, Source, SourceFile

_GAP: Final = 2
AT_DEFAULT: Final = "at httpd's default"
"""In the line above what nobody has set."""
_LEAST_VALUE: Final = 12
"""Columns of a value below which it has a line of its own."""
_MOST_PLACE: Final = 24
_NUMBER: Final = 5
"""Columns of a line's number."""
_AROUND: Final = 200
"""Lines shown before the first and after the last marked line: files may have 100,000."""
_MILD: Final = {"reload": "The next reload ends the running httpd", "warning": "httpd warns"}
_ORDER: Final = ("config", "start", "reload", "warning")
_PARTIAL: Final = "A lone file: the server level is not known, httpd's defaults are assumed."


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that decides how httpd meets the backend.

    Args:
        name: of the directive.
        value: of it.
        source: where it was set; None: nowhere, it is httpd's default.
    """

    name: str
    value: str
    source: Source | None = None


def rows(route: Route) -> tuple[Row, ...]:
    """What was written for a route: each differs from httpd's default, or may."""
    found = [Row(name, shown(one.value), one.source) for name, one in _settings(route)]
    written = [row for row in found if row.source is not None]
    return (*written, Row(route.kind, f"{route.path} {route.backend.url}", route.source))


def defaults(route: Route) -> tuple[Row, ...]:
    """What nothing was written for."""
    return tuple(Row(name, shown(one.value)) for name, one in _settings(route) if one.is_default)


def _settings(route: Route) -> Iterator[tuple[str, Setting[object]]]:
    for field, name in DIRECTIVES.items():
        yield name, getattr(route.tls, field)
    yield "ProxyPreserveHost", route.preserve_host


def text(route: Route, configuration: Configuration, width: int, *, whole: bool) -> Text:
    """What is in force for a route.

    Args:
        route: it.
        configuration: that it is of.
        width: columns.
        whole: also what is at httpd's default, and what does not count.
    """
    found = Text()
    if configuration.partial:
        found.append(f"{_PARTIAL}\n", "yellow")
    for note in _notes(route):
        found.append(f"{printable(note, 400)}\n", "yellow")
    _table(found, rows(route), width)
    found.append("\n")
    found.append_text(_sent(route, width))
    rest = defaults(route)
    if not whole:
        return found.append(f"\n{len(rest)} more {AT_DEFAULT}: x shows them\n", "dim")
    found.append(f"\n{len(rest)} {AT_DEFAULT}: x hides them\n", "dim")
    _table(found, rest, width)
    for one in route.idle:
        found.append("\nDoes not count here  ", "dim")
        found.append(printable(one.text, 120))
        found.append(f"  {printable(one.place)}: {printable(one.why, 200)}", "dim")
    return found.append("\n") if route.idle else found


def _notes(route: Route) -> Iterator[str]:
    """What keeps requests from the route."""
    if route.vhost.never_served:
        yield f"No request reaches this VirtualHost: {route.vhost.never_served}"
    if route.shadowed_by is not None:
        yield f"No request takes this route: {place(route.shadowed_by)} takes them before."
    if route.unknown:
        yield route.unknown
    if route.conditional:
        yield f"Not every request takes this route: {route.conditional}"


def _sent(route: Route, width: int) -> Text:
    """The names that httpd asks the backend with, on one line where they have room; those that are
    the same are told at once."""
    backend, tls = route.backend, route.tls
    told: dict[str, list[str]] = {}
    if backend.uses_tls:
        checked = backend.check_name if tls.checks_name or tls.checks_cn_only else ""
        told.setdefault(backend.sni or "", []).append("SNI sent")
        told.setdefault(checked, []).append("name checked")
    told.setdefault(backend.host_header, []).append("Host sent")
    labels = [", ".join(names) for names in told.values()]
    labels = [f"{label[0].upper()}{label[1:]}" for label in labels]
    parts = [
        Text.assemble((f"{label} ", "dim"), printable(value, 200) or "none")
        for label, value in zip(labels, told, strict=True)
    ]
    whole = Text("   ").join(parts)
    return whole if whole.cell_len <= width else Text("\n").join(parts)


def _table(text: Text, lines: Sequence[Row], width: int) -> None:
    """Name, value and place in columns; a value without room has a line of its own."""
    if not lines:
        return
    name = max(cell_len(row.name) for row in lines)
    places = [shortened(place(row.source), _MOST_PLACE).plain for row in lines]
    room = width - name - _GAP - max(map(_taken, places))
    longest = max(cell_len(printable(row.value, 600)) for row in lines)
    values = max(_LEAST_VALUE, min(longest, room))
    for row, where in zip(lines, places, strict=True):
        style = "" if row.source is not None else "dim"
        begin = row.name + " " * (name - cell_len(row.name) + _GAP)
        if room < _LEAST_VALUE:
            text.append(f"{row.name}\n", style)
            begin, own = " " * _GAP, width - _GAP - _taken(where)
        elif cell_len(printable(row.value, 600)) > values:  # beside a shorter name there is more
            begin = row.name + " " * _GAP
            own = name + _GAP + values - cell_len(begin)
        else:
            own = values
        value = fitted(row.value, own)
        text.append(begin + value, style)
        if where:
            end = 0 if room < _LEAST_VALUE else own - cell_len(value)
            text.append(" " * (end + _GAP))
            text.append(where, "dim")
        text.append("\n")


def _taken(where: str) -> int:
    return cell_len(where) + _GAP if where else 0


def place(source: Source | None) -> str:
    """Where a value was set, the file by its name alone."""
    return printable(str(source).rpartition("/")[2]) if source is not None else ""


def fitted(value: str, room: int) -> str:
    """A value in some columns; of a path the end is what tells it from others."""
    said = printable(value, 600)
    if cell_len(said) <= room or not said.startswith("/") or " " in said:
        return shortened(said, room).plain
    parts = said.split("/")
    for first in range(2, len(parts)):
        end = "…/" + "/".join(parts[first:])
        if cell_len(end) <= room:
            return end
    return shortened(said, room).plain


def title(route: Route | None) -> str:
    """Of the frame around what is in force."""
    return f"In force for {shortened(route.path, 40).plain}" if route is not None else "In force"


# httpd's complaints


def problems(
    found: Sequence[Problem], glyphs: Glyphs, *, most: int | None = None, hints: bool = True
) -> Text:
    """What httpd complains about, the worst first, each on a line.

    Args:
        found: the problems of a configuration.
        glyphs: the signs of this terminal.
        most: how many at most; the rest is counted.
        hints: also what is probably meant.
    """
    ordered = sorted(found, key=lambda one: _ORDER.index(one.phase))
    told = []
    for one in ordered[:most]:
        warns = one.phase == "warning"
        sign, style = (glyphs.warn, "yellow") if warns else (glyphs.bad, "bold red")
        code = f" ({one.code})" if one.code else ""
        said = refused.headline([one], short=True) or _mild(one)
        line = Text(f"{sign} {said}{code}.", style)
        if one.hint and hints:
            line = Text.assemble(line, f" {printable(one.hint, 200)}")
        told.append(line)
    if rest := len(ordered) - len(told):
        told[-1] = Text.assemble(told[-1], (f" {rest} more below.", "dim"))
    return Text("\n").join(told)


def _mild(problem: Problem) -> str:
    place = problem.place.rpartition("/")[2]
    said = f"{_MILD[problem.phase]}: {place}: {problem.message}"
    return printable(said, 400).rstrip(".")


# the lines of the files


def lines(
    files: Mapping[str, SourceFile],
    marks: Mapping[str, Sequence[int]],
    edge: str,
    *,
    around: int = _AROUND,
    short: bool = False,
) -> tuple[Text, int]:
    """Lines of files, those that decide a route marked.

    Args:
        files: contents by path.
        marks: path to line numbers, from 1; the first file comes first.
        edge: what stands before a marked line.
        around: lines before and after each marked one that are shown, too.
        short: files by their names alone.

    Returns:
        The lines, and in which of them the first mark is.
    """
    told = Text(no_wrap=True)
    first: int | None = None
    for path, numbers in marks.items():
        file = files.get(path)
        if file is None:
            continue
        told.append(f"{printable(path.rpartition('/')[2] if short else path)}\n", "dim")
        last = 0
        for number, line in _near(file, numbers, around):
            if last and number > last + 1:
                told.append(f"{'':>{_NUMBER}} …\n", "dim")
            last = number
            marked = number in numbers
            if marked and first is None:
                first = told.plain.count("\n")
            told.append(f"{number:>{_NUMBER}} ", "" if marked else "dim")
            told.append(f"{edge if marked else ' '}{line}\n", "bold" if marked else "")
    return told, first or 0


def _near(file: SourceFile, numbers: Iterable[int], around: int) -> Iterator[tuple[int, str]]:
    """The lines near some lines, without what is secret in them, numbered from 1."""
    marked = frozenset(numbers)
    start = max(0, min(marked) - _AROUND - 1)
    whole = file.data.decode("utf-8", "surrogateescape").removesuffix("\n")  # the last line's end
    content = whole.split("\n")
    content = content[start : max(marked) + _AROUND]
    content = masking.configuration(content, whole=start == 0)
    near = {near for one in marked for near in range(one - around, one + around + 1)}
    for number, line in enumerate(content, start + 1):
        if number in near:
            yield number, printable(line.rstrip("\r"))
