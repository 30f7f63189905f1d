"""The changed lines, and what comes of them, at a given width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, chop_cells
from rich.text import Text

from wizard.engine import counting, weakening
from wizard.text import printable
from wizard.wording import certificate, rehearsal
from wizard.wording.excerpt import CONTEXT, certificates, excerpts
from wizard.wording.route import several

if TYPE_CHECKING:
    from wizard.engine.weakening import Weakening
    from wizard.model.certificate import Certificate
    from wizard.model.config import VirtualHost
    from wizard.model.plan import Repair
    from wizard.model.rehearsal import Rehearsal
    from wizard.wording.excerpt import Excerpt, Row

WEAKENS: Final = "WEAKENS"
"""The word beside the colour."""
ALL_CONTEXT: Final = 3
"""As much context as a patch has."""
_SIGNS = {"+": "green", "-": "red", " ": ""}
_HANGING = 4
"""Columns by which the rest of a long line stands deeper."""
_DEEPEST = 8
"""Columns of a line's own indentation that its rest keeps."""
_NARROWEST = 8
"""Columns that a line gets, however narrow the screen is."""
_PROSE = 100
"""Columns beyond which prose is read no more."""
_MOST_HOSTS = 3
"""Names of VirtualHosts that are told."""


def lines(
    repair: Repair,
    patch: bytes,
    width: int,
    *,
    context: int = CONTEXT,
    titled: bool = False,
    most: int | None = None,
) -> Text:
    """The changed lines of a plan, file by file, without diff headers.

    Args:
        repair: holds the plan.
        patch: the plan as a patch.
        width: columns; a longer line is folded.
        context: unchanged lines before and after, as far as the patch has them.
        titled: also where there is one place only, its file and line stand above it.
        most: changed lines to show, those that weaken a check besides; None: all.
    """
    found = excerpts(patch, repair.sources, context)
    alone = not titled and sum(len(one.hunks) for one in found if not one.new) < 2
    return _drawn(found, repair, width, alone=alone, most=most)


def restored(patch: bytes, sources: Mapping[str, bytes], width: int, most: int) -> Text:
    """The lines that undoing a change takes away and brings back, each file and line above them.

    Args:
        patch: as ``wizard.change.edits.restoring`` gives it.
        sources: what its files hold before it, by path.
        width: columns; a longer line is folded.
        most: lines to show.
    """
    return _drawn(excerpts(patch, sources, 0), None, width, alone=False, most=most)


def _drawn(
    found: Sequence[Excerpt], repair: Repair | None, width: int, *, alone: bool, most: int | None
) -> Text:
    marked = weakening.marks(repair) if repair is not None else frozenset()
    text = Text()
    left = sum(row.is_change for one in found for row in one.rows) if most is None else most
    hidden = 0
    for one in found:
        if one.new and repair is not None:  # it is named where it stands
            text.append_text(_new_file(one, _held(repair, one), width))
        for place, hunk in enumerate(one.hunks):
            weak = [row for row in hunk if (one.path, row.sign, row.number) in marked]
            shown = _first(hunk, left, weak)
            changed = sum(row.is_change for row in hunk)
            hidden += changed - sum(row.is_change for row in shown)
            left -= min(left, changed)
            if shown and not alone and not one.new:
                text.append_text(_heading(one, hunk, width, again=place > 0))
            text.append_text(_rows(shown, weak, width, _digits(found)))
    if hidden:
        rest = ", in the whole patch" if repair is not None else ""
        text.append(f"… {hidden} more changed line{'s' * (hidden != 1)}{rest}\n", "dim")
    return text


def count(repair: Repair, patch: bytes) -> int:
    """How many rows ``lines`` shows of a whole patch, apart from what it folds."""
    found = excerpts(patch, repair.sources, ALL_CONTEXT)
    return sum(len(one.rows) + one.new for one in found)


def title(repair: Repair, patch: bytes, width: int) -> str:
    """Which file is changed, for a frame; safe to print.

    Args:
        repair: holds the plan.
        patch: the plan as a patch.
        width: columns for it.
    """
    found = excerpts(patch, repair.sources)
    if not found:
        return ""
    edited = [one for one in found if not one.new] or found  # a new file is named where it stands
    first, others = edited[0], len(edited) - 1
    more = f" and {others} more file{'s' * (others != 1)}" if others else ""
    whole = f"{printable(first.path)}{more}"
    return whole if cell_len(whole) <= width else f"{first.name}{more}"


def counts_for(repair: Repair) -> str:
    """For which VirtualHosts a plan counts; safe to print."""
    found = counting.virtual_hosts(repair)
    names = list(dict.fromkeys(map(_called, found)))
    if not names:
        return "no route changes"
    if len(names) == 1:
        same = f", {len(found)} VirtualHosts of this name" if len(found) > 1 else " only"
        return f"{names[0]}{same}"
    if len(names) > _MOST_HOSTS:
        shown = ", ".join(names[: _MOST_HOSTS - 1])
        return f"{shown} and {len(names) - _MOST_HOSTS + 1} more VirtualHosts"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _called(host: VirtualHost) -> str:
    if host.is_main:
        return "main server"
    return printable(host.server_name or f"VirtualHost {' '.join(host.addresses)}", 200)


def checks(repair: Repair) -> Text:
    """Which checks a plan weakens, a line for each; red, with the word."""
    found = weakening.weakened(repair)
    if found:
        return Text("\n").join(Text(each, "bold red") for each in _weakened(found))
    end = weakening.renewed(repair)
    if end is not None:
        return Text(f"none weakened further; an exception goes on until {end}", "yellow")
    return Text("none weakened")


def checks_sentence(repair: Repair) -> Text:
    """The same as a sentence that needs no label."""
    if weakening.weakened(repair) or weakening.renewed(repair):
        return checks(repair)
    return Text("No check is weakened.")


def _weakened(found: Sequence[Weakening]) -> Iterator[str]:
    """Routes for which the same is weakened together."""
    alike: dict[tuple[object, ...], list[Weakening]] = {}
    for one in found:
        alike.setdefault((one.check, one.what, one.until), []).append(one)
    for (check, what, until), ones in alike.items():
        day = f" until {until}" if until is not None else ""
        routes = several(one.route.label for one in ones)
        yield f"{WEAKENS} the {check} of {routes}{day}: {printable(str(what))}"


def rehearsed(played: Sequence[Rehearsal]) -> Iterator[Text]:
    """What came of the rehearsals, a line for each outcome."""
    if not played:
        yield Text("none was made", "bold red")
        return
    groups: dict[tuple[str, bool], list[str]] = {}
    for one in played:
        groups.setdefault((_course(one), one.last.proxied), []).append(one.route.label)
    for (course, works), labels in groups.items():
        whose = f"{several(labels)}: " if len(groups) > 1 or len(set(labels)) > 1 else ""
        yield Text(f"{whose}{course}", "green" if works else "bold red")


def _course(one: Rehearsal) -> str:
    after = rehearsal.summary(one.last)
    before = rehearsal.summary(one.before)
    if one.after is None or before == after:
        return f"{after}, as it is now" if one.after is not None else after
    return f"{after} (now {before})"


def impostors(played: Sequence[Rehearsal]) -> Iterator[Text]:
    """What becomes of somebody else in the backend's place, each outcome once."""
    told: dict[tuple[str, str], None] = {}
    for one in played:
        for piece in rehearsal.impostors(one):
            words = piece.text if piece.label == "an impostor" else piece.whole
            let_in = piece.role == "alarm" or (piece.label and one.last.lets_in)
            told.setdefault((words, "bold red" if let_in else ""))
    for words, style in told:
        yield Text(words, style)


def folded(text: str, first: int, rest: int) -> list[str]:
    """A line in pieces of so many cells, cut at a blank or a slash in its second half.

    Args:
        text: safe to print.
        first: cells of the first piece.
        rest: of each other one.
    """
    pieces = []
    room = max(first, _NARROWEST)
    while cell_len(text) > room:
        head = chop_cells(text, room)[0]
        blank = head.rfind(" ")
        if text[len(head) : len(head) + 1] == " ":
            blank = len(head)
        if blank > len(head) // 2:
            head = text[:blank]
        elif (slash := head.rfind("/") + 1) > len(head) // 2:
            head = text[:slash]
        pieces.append(head)
        text = text[len(head) :].lstrip(" ")
        room = max(rest, _NARROWEST)
    return [*pieces, text]


def paragraph(text: Text, indent: str, width: int) -> Text:
    """Prose whose further rows begin below the first one's text.

    Args:
        text: one or several lines, each with one style.
        indent: what stands before the rows but the first.
        width: columns, ``indent`` among them.
    """
    room = min(width, _PROSE) - len(indent)
    rows = []
    for line in text.split("\n"):
        style = line.spans[0].style if line.spans else line.style
        rows += [Text(piece, style) for piece in folded(line.plain, room, room)]
    return Text(f"\n{indent}").join(rows)


def _first(hunk: Sequence[Row], left: int, weak: Sequence[Row]) -> Sequence[Row]:
    """The rows of a hunk up to so many changed ones, and those that weaken."""
    if left >= sum(row.is_change for row in hunk):
        return hunk
    kept = []
    for row in hunk:
        if left > 0 or row in weak:
            kept.append(row)
        left -= row.is_change
    return kept


def _digits(found: Iterable[Excerpt]) -> int:
    numbers = (row.number for one in found for row in one.rows)
    return max(3, len(str(max(numbers, default=0))))


def _rows(rows: Sequence[Row], weak: Sequence[Row], width: int, digits: int) -> Text:
    text = Text()
    for row in rows:
        red = row in weak
        style = "red" if red else _SIGNS[row.sign]
        begin = digits + 4
        deep = min(len(row.text) - len(row.text.lstrip()), _DEEPEST) + _HANGING
        pieces = folded(row.text, width - begin, width - begin - deep)
        text.append(f"{row.number:>{digits}}  ", "dim")
        text.append(f"{row.sign} {pieces[0]}", style)
        for piece in pieces[1:]:
            text.append(f"\n{' ' * (begin + deep)}{piece}", style)
        if red:
            _append_word(text, width, begin + deep)
        text.append("\n")
    return text


def _append_word(text: Text, width: int, indent: int) -> None:
    """The word after a line, or below it where the line leaves no room."""
    last = text.plain.rpartition("\n")[2]
    fits = cell_len(last) + 3 + len(WEAKENS) <= width
    text.append("   " if fits else f"\n{' ' * indent}")
    text.append(WEAKENS, "bold red")


def _heading(one: Excerpt, hunk: Sequence[Row], width: int, *, again: bool) -> Text:
    """``app.conf, line 7`` and, on the right, where that is."""
    line = next((row.number for row in hunk if row.is_change), hunk[0].number)
    head = f"{one.name}, line {line}"
    text = Text()
    pieces = folded(head, width, width)
    text.append("\n".join(pieces), "bold")
    gap = width - cell_len(pieces[-1]) - cell_len(one.directory)
    if not again and gap >= 2:
        text.append(" " * gap).append(one.directory, "dim")
    elif not again:
        for piece in folded(one.directory, width - 2, width - 2):
            text.append(f"\n  {piece}", "dim")
    return text.append("\n")


def _new_file(one: Excerpt, held: Sequence[Certificate], width: int) -> Text:
    names = ", ".join(certificate.called(each.subject) for each in held)
    what = certificates(one.certificates) if one.certificates else ""
    what = f"{what}, {names}" if what and names else what
    text = Text().append("new file  ", "green")
    indent = " " * len("new file  ")
    room = width - len(indent)
    pieces = folded(printable(one.path), room, room)
    text.append(f"\n{indent}".join(pieces), "green")
    if what and cell_len(pieces[-1]) + 3 + cell_len(what) <= room:
        text.append(f"   {what}")
    elif what:
        text.append(f"\n{indent}").append(f"\n{indent}".join(folded(what, room, room)))
    return text.append("\n")


def _held(repair: Repair, one: Excerpt) -> Sequence[Certificate]:
    """The certificates that a new file holds, of those that the plan trusts."""
    import ssl  # rarely needed, and slow to load

    data = next((file.data for file in repair.plan.new_files if file.path == one.path), b"")
    known: Mapping[str, Certificate] = {
        each.sha256: each for choice in repair.plan.trust for each in choice.certificates
    }
    return [
        each
        for each in known.values()
        if each.der and ssl.DER_cert_to_PEM_cert(each.der).encode("ascii").strip() in data
    ]
