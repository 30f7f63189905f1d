"""Header fields of which a client may get one, and gets two."""

from __future__ import annotations

from typing import NamedTuple

from wizard.answer.arriving import arrive
from wizard.answer.headers import edited
from wizard.model.config import Route
from wizard.model.probe import HttpResult
from wizard.model.way_back import HeaderEdit

SINGLE = frozenset(
    {"access-control-allow-origin", "access-control-allow-credentials", "x-frame-options"}
)
"""A second one makes browsers refuse the answer (Fetch, CORS check), or drop the header."""


class Repeated(NamedTuple):
    """A header that comes twice.

    Args:
        name: as the backend writes it.
        edit: httpd's own line.
    """

    name: str
    edit: HeaderEdit


def repeated(route: Route, answer: HttpResult) -> tuple[Repeated, ...]:
    """The headers of which the backend sends one and ``Header always`` another.

    Args:
        route: with the way back.
        answer: of the backend.
    """
    arriving = arrive(route, answer)
    own, _, _ = edited(route.way_back.headers, (), answer.status or 0)
    found = []
    for name in sorted(SINGLE & {key.lower() for key, _ in own}):
        edits = [
            one
            for one in route.way_back.headers
            if one.name == name and one.table == "always" and not one.condition
        ]
        sent = [key for key, _ in answer.fields if key.lower() == name]
        if edits and sent and len(arriving.all(name)) > 1:
            found.append(Repeated(sent[0], edits[-1]))
    return tuple(found)
