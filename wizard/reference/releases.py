"""What differs between releases of httpd and of OpenSSL: one table, with since and until.

The reader, the verdict, the findings, ``explain`` and ``fix`` ask it; none of them compares version
numbers itself.

Source: measured on httpd 2.4.29, 2.4.37, 2.4.41, 2.4.52, 2.4.58, 2.4.62 and 2.4.71, each built with
OpenSSL 1.1.1 or 3; the release in which a change came from httpd's CHANGES and history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from wizard.model.record import record
from wizard.model.release import Release, Version

Behaviour = Literal["handshake-failure-is-502",]


@record
class Span:
    """The releases in which something holds.

    Args:
        since: the first; None: it always did.
        until: the last; None: it still does.
        of: whose release counts.
    """

    since: Version | None = None
    until: Version | None = None
    of: Literal["httpd", "openssl"] = "httpd"

    def covers(self, release: Release) -> bool:
        """Whether it holds in a release."""
        version = release.httpd if self.of == "httpd" else release.openssl
        return (self.since is None or version >= self.since) and (
            self.until is None or version <= self.until
        )


BEHAVIOURS: Final[Mapping[Behaviour, Span]] = {
    "handshake-failure-is-502": Span(until=(2, 4, 37)),
}
"""What httpd does in some releases only."""


def holds(behaviour: Behaviour, release: Release) -> bool:
    """Whether a release behaves so."""
    return BEHAVIOURS[behaviour].covers(release)
