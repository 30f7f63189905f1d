"""The steps of a repair in words: who does what, in which order, and what is typed after them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wizard.model.plan import Because, Edit, FixPlan
from wizard.model.remark import NOT_FOUND, OFFERED, Point
from wizard.model.route_id import RouteId
from wizard.model.steps import Deed, Relation, Side, Step, Wanted
from wizard.text import printable
from wizard.wording import remarks
from wizard.wording.certificate import DIGEST, called, digest, paragraph
from wizard.wording.next_step import NextStep
from wizard.wording.pieces import Piece
from wizard.wording.route import several


class Patch(NamedTuple):
    """Where a patch is: words that follow “Apply the patch”, and the command that applies it; empty
    where it is in no file."""

    where: str = ""
    command: str = ""


Again = Callable[[str, Sequence[str]], str]
"""A command of proxy-wizard for the same configuration, with further options."""

_SIDES: Final[Mapping[Side, str]] = {
    "you": "you",
    "configuration": "the configuration",
    "machine": "this machine",
    "network": "the network",
    "backend": "the backend's owner",
    "ca": "the CA's owner",
}
_LABELS: Final[Mapping[Relation, str]] = {
    "first": "",
    "look": "to find out",
    "then": "then",
    "or": "or",
}
_ALTERNATIVE = re.compile(r"(?:Or,? |Else )(\w)")
"""What a remedy begins with that is another way: it is said before it."""
_BEFORE_COMMAND = re.compile(r"(?:, then)?:$")
"""How a remedy ends whose command follows."""
_WORD = re.compile(r"(?!httpd|openssl)[a-z]+(?![\w.-]*[\w])")
"""A word that begins a sentence with a capital: no name of a host or a program."""
_MOST_URLS = 3
_MOST_REASONS = 12
"""Reasons of edits that are told of a file; ``-v`` has each one at its lines."""


def pieces(
    number: int,
    step: Step,
    plan: FixPlan,
    again: Again | None,
    patch: Patch,
    *,
    last: bool = False,
) -> Iterator[Piece]:
    """A step.

    Args:
        number: its place, from 1; 0: there is no other.
        step: of the plan.
        plan: holds the patch.
        again: makes the commands that go on with it; None: for the wizard, which has keys.
        patch: where it is.
        last: no other follows: its command of proxy-wizard is what is typed next.
    """
    first: Side = step.deeds[0].side if step.deeds else "configuration"
    head = f"{_SIDES[first][0].upper()}{_SIDES[first][1:]}"
    head = f"{number}. {head}" if number else head
    about = _about(step)
    yield Piece("heading", f"{head}   ({about})" if about else head)
    if step.is_patch:
        yield from _patch(step, plan, patch, wizard=again is None)
    asks = step.again and again is not None and not last
    for deed in step.deeds:
        yield from _deed(deed, first, step, wizard=again is None, followed=asks)
    if again is None or last:
        return
    if step.is_patch:
        yield Piece("command", again("apply", ()))
    elif step.again:
        yield Piece("command", again("fix", _options(step.wanted)))


def closing(found: Sequence[Step], plan: FixPlan, again: Again) -> NextStep:
    """What is typed next.

    Args:
        found: the steps; at least one.
        plan: that they are of.
        again: as for ``pieces``.
    """
    wanted = next((step.wanted for step in found if step.wanted), ())
    if any(step.is_patch for step in found):
        names = " and ".join(f"{one.name} leads to {one.address}" for one in plan.conditions)
        notes = [f"once {printable(names)}"] if names else []
        asked = [str(number) for number, step in enumerate(found, 1) if _asks(step)]
        if asked:
            notes.append(f"it asks about step{'s' * (len(asked) > 1)} {', '.join(asked)}")
        return NextStep(again("apply", ()), "; ".join(notes))
    if wanted:
        return NextStep(again("fix", _options(wanted)), "; ".join(_explained(wanted)))
    name = "fix" if any(step.again for step in found) else "check"
    return NextStep(again(name, ()), "once that is done")


def _asks(step: Step) -> bool:
    """Whether ``apply`` asks for it."""
    return any(deed.text.point in OFFERED for deed in step.deeds)


def _explained(wanted: Sequence[Wanted]) -> Iterator[str]:
    """What the placeholders stand for."""
    for name, one in zip(_files(wanted), wanted, strict=True):
        if not one.file:
            kind = "" if one.own else "root "
            yield f'{name}: {kind}certificate of "{called(one.subject)}", from {_owner(one)}'


def missing(wanted: Iterable[Wanted]) -> str:
    """Which certificate is missing, and who has it."""
    return "; ".join(f'"{called(one.subject)}" ({_owner(one)} has it)' for one in wanted)


def _owner(wanted: Wanted) -> str:
    return _SIDES["backend" if wanted.own else "ca"]


def _options(wanted: Sequence[Wanted]) -> list[str]:
    return [word for name in _files(wanted) for word in ("--ca", name)]


def _files(wanted: Sequence[Wanted]) -> list[str]:
    """Where each certificate lies, or will lie."""
    several = len(wanted) > 1
    return [one.file or f"FILE{number if several else ''}" for number, one in enumerate(wanted, 1)]


def _about(step: Step) -> str:
    """Which routes a step is for, and the first of their findings."""
    slugs = step.slugs[0] if step.slugs else ""
    if len(step.slugs) > 1:
        slugs += f" and {len(step.slugs) - 1} more"
    return ": ".join(part for part in (routes(step.routes), slugs) if part)


def routes(found: Sequence[RouteId]) -> str:
    """The first of some routes, and how many more there are."""
    return several(route.label for route in found) if found else ""


def _deed(deed: Deed, first: Side, step: Step, *, wizard: bool, followed: bool) -> Iterator[Piece]:
    text = remarks.sentence(deed.text, wizard=wizard)
    label, who = _LABELS[deed.relation], _SIDES[deed.side]
    if deed.relation in ("or", "then") and deed.side != first and who.lower() not in text.lower():
        label += f", {who}"
    if deed.relation == "or":
        text = _ALTERNATIVE.sub(lambda found: found[1].upper(), text, count=1)
    commands = [c for c in deed.commands if not (wizard and c.startswith("proxy-wizard "))]
    followed = followed or bool(commands)
    told = list(_paragraph(_sentence(text, followed=followed), label, wizard=wizard))
    if deed.relation == "first" and step.why is not None:
        why = _paragraph(_sentence(remarks.sentence(step.why, wizard=wizard)), wizard=wizard)
        told = [*told, *why] if step.why.point in NOT_FOUND and not followed else [*why, *told]
    yield from told
    if deed.text.point is Point.COMPARE and not wizard:
        yield from digest(str(dict(deed.text.values)["sha256"]))
        yield Piece("text", "If it is the same:")
    if deed.text.point in OFFERED and not wizard:
        yield Piece("text", "apply asks you.")
    for command in commands:
        yield Piece("command", printable(command))


def _paragraph(text: str, label: str = "", *, wizard: bool) -> Iterator[Piece]:
    """In the wizard whole: it hides the fingerprint of what nobody vouches for."""
    if wizard:
        yield Piece("text", text, label)
    else:
        yield from paragraph("text", text, label)


def _sentence(text: str, *, followed: bool = False) -> str:
    """With a capital and a full stop; a colon only where commands follow."""
    if not followed:
        text = _BEFORE_COMMAND.sub(".", text)
    end = "" if text.endswith((".", ":", "?", "!")) or DIGEST.search(text) else "."
    return f"{text[:1].upper() if _WORD.match(text) else text[:1]}{text[1:]}{end}"


def _patch(step: Step, plan: FixPlan, patch: Patch, *, wizard: bool) -> Iterator[Piece]:
    yield Piece("text", f"Apply the patch{patch.where}.")
    yield from _written(plan, wizard=wizard)
    for url in step.urls[:_MOST_URLS]:
        yield Piece("quote", f"writes {printable(url, 200)}")
    for new in plan.new_files:
        yield Piece("quote", f"new file {printable(new.path)}")
    offered = set() if wizard else {dict(one.remark.values).get("sha256") for one in plan.offers}
    for one in dict.fromkeys(one for trust in plan.trust for one in trust.certificates):
        above = one.sha256 in offered
        until = f"{one.not_after:%Y-%m-%d}{' (SHA-256: see above)' if above else ''}"
        yield Piece("quote", f'trusts "{called(one.subject)}", until {until}')
        yield from () if above else digest(one.sha256)
    if patch.command:
        yield Piece("text", "Or by hand:")
        yield Piece("command", patch.command)


def _written(plan: FixPlan, *, wizard: bool) -> Iterator[Piece]:
    """Which directives each file gets, or which lines go; each reason once."""
    told: set[str] = set()
    for file, edits in _by_file(plan.edits).items():
        numbers = ", ".join(str(line) for line in dict.fromkeys(edit.first_line for edit in edits))
        yield Piece("text", f"{printable(file)}:{numbers}")
        found: dict[tuple[str, str], dict[str, None]] = {}
        for edit in edits:
            for part in edit.parts or (_whole(edit),):
                sign = "+" if edit.new_lines else "-"
                found.setdefault((sign, part.reason), {}).update(dict.fromkeys(part.directives))
        for (sign, reason), names in tuple(found.items())[:_MOST_REASONS]:
            why = "as above" if reason in told else printable(reason)
            told.add(reason)
            yield Piece("quote", "   ".join(filter(None, (printable(", ".join(names)), why))), sign)
        if len(found) > _MOST_REASONS:
            more = f"{len(found) - _MOST_REASONS} more reasons"
            yield Piece("text", f"and {more}" if wizard else f"{more}: --verbose")


def _whole(edit: Edit) -> Because:
    """The reason of an edit that has only one."""
    words = [
        new.split(maxsplit=1)[0].decode("utf-8", "backslashreplace")
        for new in edit.new_lines
        if new.strip() and not new.lstrip().startswith((b"#", b"</"))
    ]
    gone = () if edit.new_lines else (f"line {edit.first_line}",)
    return Because(tuple(dict.fromkeys(words)) or gone, edit.reason)


def _by_file(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        found.setdefault(edit.file, []).append(edit)
    return found
