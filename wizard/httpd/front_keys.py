"""Private keys of TLS towards the browser: whether a pass phrase locks them."""

from __future__ import annotations

import os

_MOST = 65536
"""Bytes of a file that are looked through."""


def is_locked(path: str) -> bool | None:
    """Whether the key in a certificate or key file needs a pass phrase.

    Returns:
        False also of a file that is not there: httpd says so itself. None: it may not be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return b"ENCRYPTED" in file.read(_MOST)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return None
