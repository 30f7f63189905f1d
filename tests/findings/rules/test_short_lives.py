"""Certificates that live for hours or days, as Caddy's or ACME's short ones do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.findings.cases import NOW, OK, leaf
from wizard.findings import diagnose


@pytest.mark.parametrize(
    ("life", "left", "words"),
    [
        (timedelta(hours=12), timedelta(hours=11), None),
        (timedelta(hours=12), timedelta(hours=4), None),
        (timedelta(hours=12), timedelta(hours=1), "1 hour left"),
        (timedelta(days=6), timedelta(days=2), None),
        (timedelta(days=6), timedelta(hours=47), "47 hours left"),
        (timedelta(days=90), timedelta(days=29), "29 days left"),
        (timedelta(days=3650), timedelta(days=31), None),
    ],
)
def test_what_is_left_counts_against_the_whole_life(
    life: timedelta, left: timedelta, words: str | None
) -> None:
    found = diagnose(leaf(not_before=NOW + left - life, not_after=NOW + left), OK)
    assert [f.slug for f in found] == ([] if words is None else ["certificate-expires-soon"])
    assert words is None or words in found[0].explanation


def test_a_new_certificate_lives_no_longer_than_the_old_one() -> None:
    hour = timedelta(hours=1)
    (found,) = diagnose(leaf(not_before=NOW - 11 * hour, not_after=NOW + hour), OK)
    assert any("-days 1 " in (remedy.command or "") for remedy in found.remedies)
