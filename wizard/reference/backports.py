"""Distributions that backport changes of later releases and keep the release's number."""

from __future__ import annotations

from wizard.reference.behaviours import BEHAVIOURS, Behaviour
from wizard.reference.release import NEWEST, Release

_VENDORS = (
    *("red hat", "centos", "rocky", "almalinux", "oracle linux", "eurolinux", "scientific"),
    "suse",
)
"""Red Hat Enterprise Linux, its rebuilds, and SUSE: updates bring fixes and directives of later
releases. Debian, Fedora and Amazon Linux move to newer releases instead; Ubuntu backports only
security fixes, and behaves as its number says (measured)."""


def known(description: str) -> bool:
    """Whether an httpd is such a distribution's.

    Args:
        description: as it calls itself, ``Apache/2.4.37 (Red Hat Enterprise Linux)``. A build of
            httpd's own source names only the kind of system, ``(Unix)``.
    """
    vendor = description.partition("(")[2].lower()
    return any(name in vendor for name in _VENDORS)


def uncertain(release: Release) -> tuple[Behaviour, ...]:
    """What such an httpd may do as later releases do: changes after its own number.

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
