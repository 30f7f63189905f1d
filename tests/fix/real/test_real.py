"""Real configurations, repaired: httpd answers strictly, the patch is short, comments are named.

Before, each one fails or lets somebody else be its backend; both are seen, and so is what becomes
of it afterwards.
"""

from __future__ import annotations

import re

from tests.fix.real import judge, world
from tests.fix.real.cases import cases
from tests.fix.real.world import HONEST, IMPOSTORS
from tests.support import guarded

_COUNTED = re.compile(r"\+(\d+) -(\d+)")
_FACES = (HONEST, *IMPOSTORS)


def test_every_one_is_repaired() -> None:
    with guarded.tree() as place, world.standing(place, cases()) as made:
        with made.served():
            before = {face: made.asked(face) for face in _FACES}
        made.show(HONEST)
        for site in made.sites:
            site.plan(made.chains, world.resolver(made))
        made.lead()
        with made.served():
            after = {face: made.asked(face) for face in _FACES}
        found = {site.case.name: judge.faults(site, before, after) for site in made.sites}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_there_are_many_and_their_patches_are_short() -> None:
    found = cases()
    assert len({case.name for case in found}) == len(found) >= 30
    counts = [_COUNTED.fullmatch(case.facts["lines"][0]) for case in found]
    added = sorted(int(count[1]) for count in counts if count is not None)
    assert len(added) == len(found)
    short = sum(number <= 6 for number in added)
    assert short >= 0.8 * len(found)  # the others have several backends, or many URLs
