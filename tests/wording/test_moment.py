"""Moments as the operator's clock shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.wording.conftest import Zone
from wizard.wording.moment import localised, moment

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "when", "shown"),
    [
        ("UTC", "2026-11-30T05:42:20Z", "today 05:42 UTC"),
        ("Europe/Berlin", "2026-11-30T05:42:20Z", "today 06:42 CET"),
        ("Europe/Berlin", "2026-11-29T23:30:00Z", "today 00:30 CET"),  # by the local calendar
        ("America/New_York", "2026-11-30T02:00:00+00:00", "yesterday 21:00 EST"),
        ("Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-01 12:00 CEST"),  # its own summer time
        ("Asia/Kathmandu", "2026-11-30T05:42:20Z", "today 11:27 +0545"),
        ("Asia/Tokyo", "2026-11-30T15:00:00Z", "2026-12-01 00:00 JST"),
    ],
)
def test_in_local_time_with_its_zone(zone: Zone, name: str, when: str, shown: str) -> None:
    zone(name)
    assert moment(when, now=NOW) == shown
    assert moment(datetime.fromisoformat(when), now=NOW) == shown
    assert moment(int(datetime.fromisoformat(when).timestamp()), now=NOW) == shown


def test_with_seconds(zone: Zone) -> None:
    zone("Europe/Berlin")
    assert moment("2026-11-30T05:42:20Z", now=NOW, seconds=True) == "today 06:42:20 CET"


def test_the_present_is_today() -> None:
    now = datetime.now(UTC)
    assert moment(now).startswith(("today ", "yesterday 23:59"))


def test_a_zone_cannot_control_the_terminal(zone: Zone) -> None:
    zone("<\x1b[2J>-1")
    assert moment("2026-11-30T05:42:20Z", now=NOW).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "It was valid until 2026-11-27 19:26 UTC, 3 days ago.",
            "It was valid until 2026-11-27 20:26 CET, 3 days ago.",
        ),
        ("valid 2026-07-01 00:00 UTC to 2026-12-31 23:30 UTC, ECDSA",
         "valid 2026-07-01 02:00 CEST to 2027-01-01 00:30 CET, ECDSA"),
        ("until 9999-12-31 23:59 UTC", "until 9999-12-31 23:59 UTC"),
        ("2026-13-99 99:99 UTC", "2026-13-99 99:99 UTC"),
        ("until 2026-12-31: nothing of a time", "until 2026-12-31: nothing of a time"),
    ],
)  # fmt: skip
def test_moments_in_the_words_of_a_finding(zone: Zone, text: str, shown: str) -> None:
    zone("Europe/Berlin")
    assert localised(text) == shown
