"""A further request to a backend, made because its first answer asked for it."""

from __future__ import annotations

from enum import Enum

from wizard.model.probe import ProbeReport
from wizard.record import record


class Question(Enum):
    """What a further request differs in from the first, and so what its answer shows."""

    HOST = "host"
    """The other Host: the public one for the URL's (ProxyPreserveHost), or the reverse."""
    SCHEME = "scheme"
    """X-Forwarded-Proto with the client's scheme."""
    HOST_AND_SCHEME = "host-and-scheme"
    """Both."""
    COOKIES = "cookies"
    """The cookies that the first answer set: whether a redirect to itself ends."""
    INSIDE = "inside"
    """The path to which a redirect outside the mount would lead if it were mapped into it."""
    SINGLE_SLASH = "single-slash"
    """The path without the double slash that ProxyPass makes."""
    UPGRADE = "upgrade"
    """An upgrade to WebSocket, straight to the backend."""
    UPGRADE_AS_HTTPD = "upgrade-as-httpd"
    """The same path as httpd asks for it, without the upgrade."""


@record
class Further:
    """A further request and its answer.

    Args:
        question: what it was asked for.
        path: that the backend was asked for.
        report: what was observed; its ``request`` is what was asked.
    """

    question: Question
    path: str
    report: ProbeReport
