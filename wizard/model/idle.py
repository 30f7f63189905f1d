"""Directives that look as if they counted for a route, and do not."""

from __future__ import annotations

from wizard.record import record


@record
class Idle:
    """A directive about TLS that does not count where one would expect it to.

    Args:
        field: of TlsPolicy that it would set.
        text: the directive as written.
        place: ``FILE:LINE``.
        why: it does not count for the route.
    """

    field: str
    text: str
    place: str
    why: str
