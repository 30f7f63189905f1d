"""The client and the requests that somebody asks for, instead of those that are imagined."""

from __future__ import annotations

from wizard.record import record


@record
class Imagined:
    """Whose requests, and which.

    Args:
        client: IP address of the client; None: any.
        paths: of its requests; each route that takes one is made for it as well.
    """

    client: str | None = None
    paths: tuple[str, ...] = ()


NOBODY = Imagined()
