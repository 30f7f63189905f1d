"""The steps of a repair in words: who does what, in which order, and what is typed after them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from wizard.model.plan import Edit, FixPlan
from wizard.model.remark import Point
from wizard.model.route_id import RouteId
from wizard.model.steps import Deed, Relation, Side, Step, Wanted
from wizard.text import fingerprint, printable
from wizard.wording import remarks
from wizard.wording.certificate import called
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
_DIGEST = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$")
_MOST_URLS = 3
_LONGEST_WHY = 1000
"""Characters of the reasons of a plan's edits; ``-v`` has each one at its lines."""


def pieces(
    number: int, step: Step, plan: FixPlan, again: Again | None, patch: Patch
) -> Iterator[Piece]:
    """A step.

    Args:
        number: its place, from 1; 0: there is no other.
        step: of the plan.
        plan: holds the patch.
        again: makes the commands that go on with it; None: for the wizard, which has keys.
        patch: where it is.
    """
    first: Side = step.deeds[0].side if step.deeds else "configuration"
    head = f"{number}. {_SIDES[first]}" if number else _SIDES[first]
    about = _about(step)
    yield Piece("heading", f"{head} ({about})" if about else head)
    if step.is_patch:
        yield from _patch(step, plan, again, patch)
    for deed in step.deeds:
        yield from _deed(deed, first, step, wizard=again is None)
    if step.again and again is not None:
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
        names = "; ".join(f"{one.name} leads to {one.address}" for one in plan.conditions)
        return NextStep(again("apply", ()), f"once {printable(names)}" if names else "")
    if wanted:
        return NextStep(again("fix", _options(wanted)), "; ".join(_explained(wanted)))
    name = "fix" if any(step.again for step in found) else "check"
    return NextStep(again(name, ()), "once that is done")


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


def _deed(deed: Deed, first: Side, step: Step, *, wizard: bool) -> Iterator[Piece]:
    label = _LABELS[deed.relation]
    if deed.relation in ("or", "then") and deed.side != first:
        label += f", {_SIDES[deed.side]}"
    text = remarks.sentence(deed.text, wizard=wizard)
    if deed.relation == "or":
        text = _ALTERNATIVE.sub(lambda found: found[1].upper(), text, count=1)
    commands = [c for c in deed.commands if not (wizard and c.startswith("proxy-wizard "))]
    followed = bool(commands) or (step.again and not wizard)
    yield Piece("text", _sentence(text, followed=followed), label)
    if deed.relation == "first" and step.why is not None:
        yield Piece("text", _sentence(remarks.sentence(step.why, wizard=wizard)))
    if deed.text.point is Point.COMPARE and not wizard:
        yield from _digest(str(dict(deed.text.values)["sha256"]))
    for command in commands:
        yield Piece("command", printable(command))


def _digest(sha256: str) -> Iterator[Piece]:
    """A fingerprint in two rows of 16 bytes: together they are wider than a terminal."""
    whole = fingerprint(sha256)
    half = len(whole) // 2 + 1
    yield Piece("quote", f"SHA-256 {whole[:half]}")
    yield Piece("quote", f"        {whole[half:]}")


def _sentence(text: str, *, followed: bool = False) -> str:
    """With a capital and a full stop; a colon only where commands follow."""
    if not followed:
        text = _BEFORE_COMMAND.sub(".", text)
    end = "" if text.endswith((".", ":", "?", "!")) or _DIGEST.search(text) else "."
    return f"{text[:1].upper() if _WORD.match(text) else text[:1]}{text[1:]}{end}"


def _patch(step: Step, plan: FixPlan, again: Again | None, patch: Patch) -> Iterator[Piece]:
    yield Piece("text", f"Apply the patch{patch.where}.")
    for file, edits in _by_file(plan.edits).items():
        yield Piece("quote", f"{printable(file)}: {_changes(edits)}")
    if why := dict.fromkeys(edit.reason for edit in plan.edits):
        yield Piece("text", f"{printable('; '.join(why), _LONGEST_WHY)}.", "why")
    for url in step.urls[:_MOST_URLS]:
        yield Piece("quote", f"writes {printable(url, 200)}")
    for new in plan.new_files:
        yield Piece("quote", f"{printable(new.path)}: new file")
    for one in dict.fromkeys(one for trust in plan.trust for one in trust.certificates):
        until = f"{one.not_after:%Y-%m-%d}"
        yield Piece("quote", f'trusts "{called(one.subject)}", until {until}')
        yield from _digest(one.sha256)
    if again is not None:
        yield Piece("command", again("apply", ()))
    if patch.command:
        yield Piece("text", "By hand:", "or")
        yield Piece("command", patch.command)


def _by_file(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        found.setdefault(edit.file, []).append(edit)
    return found


def _changes(edits: Sequence[Edit]) -> str:
    """Which lines change, and to which directives."""
    lines = dict.fromkeys(edit.first_line for edit in edits)
    words = dict.fromkeys(
        new.split(maxsplit=1)[0].decode("utf-8", "backslashreplace")
        for edit in edits
        for new in edit.new_lines
        if new.strip() and not new.lstrip().startswith((b"#", b"<"))
    )
    numbers = ", ".join(map(str, lines))
    return f"line{'s' * (len(lines) > 1)} {numbers}: {printable(', '.join(words) or 'deleted')}"
