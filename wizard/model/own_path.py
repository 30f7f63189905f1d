"""A path of which a server says something that is no route to a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import Source


@record
class OwnPath:
    """An Alias, a Redirect, an exclusion (``ProxyPass … !``), a handler, a rewrite rule.

    Args:
        expression: searched for in a request's path.
        path: the prefix, as written; empty: an expression says it.
        directive: the line; of a handler, its section's opening tag as well.
        source: where it stands.
        excludes: it keeps the path from being proxied, and does no more.
        wins: it answers a path that a ProxyPass takes, too: a Redirect in ``<Location>``.
    """

    expression: str
    path: str
    directive: str
    source: Source
    excludes: bool = False
    wins: bool = False
