"""Private keys of TLS towards the browser: whether a pass phrase locks them."""

from __future__ import annotations

from wizard import plain_file

_MOST = 65536
"""Bytes of a file that are looked through."""


def is_locked(path: str) -> bool | None:
    """Whether the key in a certificate or key file needs a pass phrase.

    Returns:
        False also of a file that is not there: httpd says so itself. None: it may not be read.
    """
    try:
        return b"ENCRYPTED" in plain_file.read(path, _MOST)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return None
