"""Header fields of which a client may get one, and gets two."""

from __future__ import annotations

from typing import NamedTuple

from wizard.answer.arriving import arrive
from wizard.answer.headers import edited
from wizard.answer.written import about_route, quoted
from wizard.model.config import Route
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case
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
    """The headers of which the backend sends one and httpd adds another.

    ``Header always`` writes into httpd's own table, and both tables are sent; ``Header add`` writes
    beside what is there.

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
            if one.name == name
            and not one.condition
            and (one.table == "always" or one.action == "add")
        ]
        sent = [key for key, _ in answer.fields if key.lower() == name]
        if edits and sent and len(arriving.all(name)) > 1:
            found.append(Repeated(sent[0], edits[-1]))
    return tuple(found)


def cure(case: Case, found: Repeated) -> Cure:
    """The line after which httpd's own is the only one."""
    edit = found.edit
    reason = "httpd's own is the one that counts"
    if edit.table == "always":
        return about_route(case, f"Header unset {found.name}", reason)
    line = f"Header set {found.name} {quoted(edit.value)}"
    return Cure("instead", line, reason, edit.source)
