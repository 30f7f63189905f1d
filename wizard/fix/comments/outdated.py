"""Which comments a plan makes wrong: found by place and by meaning, pointed out, never rewritten.

Pure. What somebody wrote is theirs: the patch leaves it, and the plan says where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from wizard.fix.comments import meaning, nearby
from wizard.fix.comments.meaning import Says
from wizard.fix.decide import best_practice
from wizard.fix.source.draft import Draft
from wizard.model.comment import OutdatedComment
from wizard.model.config import Route, Source
from wizard.model.plan import Edit, Intended
from wizard.model.remark import Point, Remark, remark
from wizard.model.route_id import RouteId

_MOST_PLACES = 4
"""Places that are told of one sentence that stands at several."""
_MOST_NOTES = 20
"""Sentences that are told; the plan has all of them."""
_HOST = best_practice.PRESERVE_HOST.lower()
_FOREMOST = frozenset({"SSLProxyEngine", *best_practice.OFF})
"""Directives that are told of a change, where it has one of them; the rest comes with it."""
_NOTHING = Intended()
_WEAK = {**best_practice.LEFTOVERS, best_practice.PRESERVE_HOST: frozenset({"on"})}
"""Directive to the values that a plan does away with."""

Lines = Mapping[str, set[int]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines that change, or that lead to such.

    Args:
        file: canonical.
        first: first line.
        last: last line.
        directives: that change there.
        leads: an Include or a Use leads from here to what changes.
        weakens: less is checked from now on.
    """

    file: str
    first: int
    last: int
    directives: tuple[str, ...]
    leads: bool = False
    weakens: bool = False


def found(
    draft: Draft,
    edits: Sequence[Edit],
    routes: Sequence[Route],
    intended: Mapping[RouteId, Intended],
) -> tuple[OutdatedComment, ...]:
    """The comments at the lines of a plan that may not hold once it is applied.

    Args:
        draft: gives the files as they are.
        edits: of the plan.
        routes: of the configuration: an Include or a Use may lead to a changed line.
        intended: what the plan changes for each: a line may stay that counts for nobody any more.
    """
    edits = [edit for edit in edits if not _does_nothing(draft, edit)]
    own = _changed_lines(draft, edits)
    places = [place for edit in edits if (place := _place(draft, edit)) is not None]
    places += _overridden(draft, own, routes, intended)
    places += _leading(draft, places, routes)
    seen: dict[tuple[str, int], OutdatedComment] = {}
    for place in places:
        for one in _at(draft, place, own):
            first = seen.setdefault((one.file, one.line), one)
            if first is not one:
                both = tuple(dict.fromkeys((*first.directives, *one.directives)))
                opposite = first.opposite or one.opposite
                seen[one.file, one.line] = OutdatedComment(
                    one.file, one.line, one.last_line, one.text, both, opposite
                )
    return tuple(sorted(seen.values(), key=lambda one: (one.file, one.line)))


def notes(comments: Iterable[OutdatedComment]) -> Iterator[Remark]:
    """What is said of them: a sentence that stands at several places, once."""
    alike: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for one in comments:
        key = one.text, one.directives, one.opposite
        alike.setdefault(key, []).append(f"{one.file}:{one.line}")
    for (text, directives, opposite), places in tuple(alike.items())[:_MOST_NOTES]:
        more = len(places) - _MOST_PLACES
        told = (*places[:_MOST_PLACES], *((f"{more} more places",) if more > 0 else ()))
        point = Point.COMMENT_SAYS_OPPOSITE if opposite else Point.COMMENT_SPEAKS_OF_IT
        yield remark(point, places=told, quoted=text, directives=directives)
    if len(alike) > _MOST_NOTES:
        yield remark(Point.MORE_COMMENTS, count=len(alike) - _MOST_NOTES)


def _changed_lines(draft: Draft, edits: Iterable[Edit]) -> dict[str, set[int]]:
    lines: dict[str, set[int]] = {}
    for edit in edits:
        there = lines.setdefault(draft.canonical(edit.file), set())
        there.update(range(edit.first_line, edit.last_line + 1))
    return lines


def _place(draft: Draft, edit: Edit) -> _Place | None:
    """Where an edit changes what httpd checks, or what Host it sends; None: it does not."""
    file = draft.canonical(edit.file)
    old = draft.statement(file, edit.first_line) if edit.last_line >= edit.first_line else None
    if old is None and edit.last_line >= edit.first_line:
        return None  # a comment that the plan itself changes
    names = [old.name] if old is not None else []
    names += [word for line in edit.new_lines if (word := _first_word(line))]
    told = dict.fromkeys(filter(None, map(_spelt, names)))
    weakens = any(map(_is_weak, edit.new_lines))
    place = _Place(file, edit.first_line, edit.last_line, tuple(told), weakens=weakens)
    return place if told else None


def _is_weak(line: bytes) -> bool:
    """Whether a new line switches a check off."""
    name, _, value = line.decode("utf-8", "surrogateescape").strip().partition(" ")
    weak = best_practice.LEFTOVERS.get(_spelt(name.lower()), frozenset())
    return value.strip().strip("\"'").lower() in weak


def _does_nothing(draft: Draft, edit: Edit) -> bool:
    """Whether a line is to be as it is already."""
    text = draft.text(edit.file)
    old = text.lines[edit.first_line - 1 : edit.last_line] if text is not None else []
    return bool(old) and tuple(old) == edit.new_lines


def _first_word(line: bytes) -> str:
    words = line.decode("utf-8", "surrogateescape").split(maxsplit=1)
    return words[0].lower() if words else ""


def _spelt(name: str) -> str:
    """A directive of a backend's checks or its Host as httpd writes it; else empty."""
    if name == _HOST:
        return best_practice.PRESERVE_HOST
    return best_practice.CANONICAL.get(name, "")


def _overridden(
    draft: Draft, own: Lines, routes: Iterable[Route], intended: Mapping[RouteId, Intended]
) -> Iterator[_Place]:
    """The weak lines that stay where they are, while each of their routes gets another value."""
    gone: dict[tuple[str, int], dict[str, None]] = {}
    needed: set[tuple[str, int]] = set()
    for route in routes:
        meant = intended.get(route.id, _NOTHING).settings
        for name, weak in _WEAK.items():
            source = best_practice.setting_of(route, name).source
            if source is None or best_practice.value(route, name).lower() not in weak:
                continue
            key = draft.canonical(source.file), source.line
            if name in meant:
                gone.setdefault(key, {})[name] = None
            elif best_practice.counts(route, name):
                needed.add(key)
    for (file, line), names in gone.items():
        if (file, line) not in needed and line not in own.get(file, ()):
            statement = draft.statement(file, line)
            first = statement.first if statement is not None else line
            yield _Place(file, first, line, tuple(names))


def _leading(draft: Draft, places: Sequence[_Place], routes: Iterable[Route]) -> Iterator[_Place]:
    """The lines whose Include or Use leads to a changed one."""
    by_line = {(p.file, line): p for p in places for line in range(p.first, p.last + 1)}
    steps: dict[tuple[str, int], dict[str, None]] = {}
    looked: set[tuple[str, int, tuple[str, ...]]] = set()
    for source in _sources(routes):
        key = draft.canonical(source.file), source.line
        if key in by_line and (*key, source.via) not in looked:
            looked.add((*key, source.via))
            for step in source.via:
                file, _, number = step.rpartition(":")
                if number.isdigit():
                    there = steps.setdefault((draft.canonical(file), int(number)), {})
                    there.update(dict.fromkeys(by_line[key].directives))
    for (file, line), directives in steps.items():
        yield _Place(file, line, line, tuple(directives), leads=True)


def _sources(routes: Iterable[Route]) -> Iterator[Source]:
    seen: set[int] = set()
    for route in routes:
        policy = route.tls
        settings = [route.preserve_host.source]
        if id(policy) not in seen:
            seen.add(id(policy))
            settings += [getattr(policy, one.name).source for one in fields(policy)]
        yield from filter(None, settings)


def _at(draft: Draft, place: _Place, own: Lines) -> Iterator[OutdatedComment]:
    text = draft.text(place.file)
    if text is None:
        return
    changed = own.get(place.file, set())
    for one in nearby.around(text, place.first, place.last, changed):
        if place.leads:  # much else may be included there
            one = replace(one, direct=False)
        if any(line in changed for line in range(one.first, one.last + 1)):
            continue  # the plan moves it, or takes it away
        said = {name: _says(name, one, weakens=place.weakens) for name in place.directives}
        named = tuple(name for name, what in said.items() if what)
        named = tuple(name for name in named if name in _FOREMOST) or named
        if named:
            opposite = Says.OPPOSITE in said.values()
            yield OutdatedComment(place.file, one.first, one.last, one.text, named, opposite)


def _says(directive: str, comment: nearby.Nearby, *, weakens: bool) -> Says:
    """What a comment says of a directive; further away only what is plain counts."""
    if directive == best_practice.PRESERVE_HOST:
        return meaning.of_host(comment.text) if comment.direct else Says.NOTHING
    if weakens:
        return meaning.of_weaker_checks(comment.text)
    said = meaning.of_checks(comment.text)
    if not comment.direct and said < Says.FOREMOST:
        return Says.NOTHING
    return said if directive in _FOREMOST else min(said, Says.FOREMOST)
