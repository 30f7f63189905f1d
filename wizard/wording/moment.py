"""A moment as the operator's clock shows it, with its zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from wizard.text import printable

_OF_A_CERTIFICATE: Final = re.compile(r"\b(\d{4}-\d{2}-\d{2} \d{2}:\d{2}) UTC\b")
"""As findings and verdicts write when a certificate begins and ends."""


def moment(
    when: str | int | datetime, *, now: datetime | None = None, seconds: bool = False
) -> str:
    """A moment in local time: ``today 06:42 CET``, or with its date where that is another.

    Args:
        when: in ISO 8601 with its offset, in seconds since 1970, or with a timezone.
        now: the present, with a timezone; None: it is looked up.
        seconds: show them too.

    Returns:
        Safe to show: the zone's name is what the operator's environment says.

    Raises:
        ValueError: ``when`` is no moment in ISO 8601.
    """
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    elif isinstance(when, int):
        when = datetime.fromtimestamp(when).astimezone()
    then, today = when.astimezone(), (now or datetime.now()).astimezone()
    day = f"{then:%Y-%m-%d}"
    if then.date() == today.date():
        day = "today"
    elif then.date() == today.date() - timedelta(days=1):
        day = "yesterday"
    return printable(f"{day} {then:%H:%M:%S %Z}" if seconds else f"{day} {then:%H:%M %Z}", 60)


def localised(text: str) -> str:
    """Words of a finding or a verdict, their moments in local time with its zone.

    Args:
        text: on the command line it names them in UTC, as certificates do.
    """
    return _OF_A_CERTIFICATE.sub(lambda found: _local(found[1]), text)


def _local(written: str) -> str:
    try:
        then = datetime.fromisoformat(written).replace(tzinfo=UTC)
        return printable(f"{then.astimezone():%Y-%m-%d %H:%M %Z}", 60)
    except (ValueError, OverflowError, OSError):  # year 9999, or no such day
        return f"{written} UTC"
