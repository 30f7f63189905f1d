"""Distributions that keep a release's number while they take changes of later ones into it."""

from __future__ import annotations

from wizard.reference.behaviours import BEHAVIOURS, Behaviour
from wizard.reference.release import NEWEST, Release

_VENDORS = (
    *("red hat", "centos", "rocky", "almalinux", "oracle linux", "eurolinux", "scientific"),
    "suse",
)
"""Red Hat Enterprise Linux and what is rebuilt from it, and SUSE: fixes and directives of later
releases come with their updates. Debian, Fedora and Amazon Linux move to newer releases instead;
Ubuntu takes security fixes alone, and behaves as its number says (measured)."""


def takes(description: str) -> bool:
    """Whether an httpd is such a distribution's.

    Args:
        description: as it calls itself, ``Apache/2.4.37 (Red Hat Enterprise Linux)``. What is built
            from httpd's own source names the system's kind alone, ``(Unix)``.
    """
    vendor = description.partition("(")[2].lower()
    return any(name in vendor for name in _VENDORS)


def uncertain(release: Release) -> tuple[Behaviour, ...]:
    """What such an httpd may do as later releases do: what changed after its own number.

    Args:
        release: of an httpd; without ``backports`` nothing is uncertain.
    """
    if not release.backports:
        return ()
    found = []
    for behaviour, span in BEHAVIOURS.items():
        if span.of != "httpd":
            continue
        begins = span.since is not None and release.httpd < span.since <= NEWEST.httpd
        ends = span.until is not None and release.httpd <= span.until < NEWEST.httpd
        if begins or ends:
            found.append(behaviour)
    return tuple(found)
