"""What clients get of a balancer, in words."""

from __future__ import annotations

from wizard.model.balancer import BalancerVerdict, Faulty
from wizard.text import printable

_MOST = 3
"""Members that are told of."""


def sentence(verdict: BalancerVerdict) -> str:
    """One sentence on a balancer; empty where all its members answer well.

    Args:
        verdict: on it.
    """
    if not verdict.faulty:
        return ""
    told = [_member(one, failing=verdict.outcome == "fail") for one in verdict.faulty[:_MOST]]
    more = len(verdict.faulty) - _MOST
    told += [f"and {more} more members fail"] if more > 0 else []
    gets = f"get {verdict.status}" if verdict.status else "get no answer"
    if verdict.outcome == "fail":
        gets = f"{gets}, for no member answers well"
    where = printable(f"balancer {verdict.name} ({verdict.vhost})")
    return f"{where}: clients {gets}; {'; '.join(told)}."


def _member(one: Faulty, *, failing: bool) -> str:
    url = printable(one.url, 80)
    if failing:
        return f"{url}: {one.status or 'no answer'}"
    if one.share == "passed-over":
        return f"{url} is passed over, and no client notices"
    if one.share == "once-per-retry":
        return f"one client every {one.seconds:g} s gets {one.status} because of {url}"
    return f"whoever is sent to {url} gets {one.status}"
