"""How a line of the configuration is written, and where, so that it is about one route."""

from __future__ import annotations

from wizard.model.config import Route
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case

_PLAIN = frozenset("#\"'\\ \t")
"""Characters for which an argument is put in quotes."""


def quoted(word: str) -> str:
    """An argument as httpd reads it back (server/util.c, ap_getword_conf)."""
    if word and not _PLAIN & set(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def in_section(route: Route) -> bool:
    """Whether the line that makes a route stands in a section, which says the path."""
    return " in " in route.kind


def about_route(case: Case, line: str, reason: str) -> Cure:
    """A line beside the route; where the virtual host has others, in a ``<Location>`` of its own.

    Args:
        case: with the route and the site.
        line: a directive that may stand in ``<Location>``.
        reason: as in ``Cure``.
    """
    route = case.route
    if not in_section(route) and _has_others(case) and route.path.startswith("/"):
        opening = f"<Location {quoted(route.path)}>"
        line = f"{opening}\n    {line}\n</Location>"
    return Cure("after-route", line, reason)


def _has_others(case: Case) -> bool:
    own = case.route
    beside = (one for one in case.site.routes if one.vhost.source == own.vhost.source)
    return any(one.path != own.path for one in beside)
