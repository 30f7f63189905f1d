"""Which httpd's rules hold, and which OpenSSL's: releases as numbers that can be compared."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Version = tuple[int, int, int]

_NUMBERS = re.compile(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})")


class Release(NamedTuple):  # no record: `explain` starts without dataclasses
    """The releases of httpd and of its OpenSSL: what httpd does depends on both.

    Args:
        httpd: ``(2, 4, 71)``.
        openssl: that mod_ssl loads, ``(3, 0, 19)``; the letter of ``1.1.1w`` does not count.
        backports: its distribution backports changes of later releases and keeps the number, as
            Red Hat does: what differs between releases is uncertain.
    """

    httpd: Version
    openssl: Version
    backports: bool = False


class Span(NamedTuple):
    """The releases in which something holds, or that know a word.

    Args:
        title: what, in a few words: the subject of "whether … is uncertain".
        since: the first; None: every one before ``until``.
        until: the last; None: every one after ``since``.
        of: whose release counts.
        change: the commit of httpd's that began or ended it, if it is known.
    """

    title: str = ""
    since: Version | None = None
    until: Version | None = None
    of: Literal["httpd", "openssl"] = "httpd"
    change: str = ""

    def covers(self, release: Release) -> bool:
        """Whether it holds in a release."""
        version = release.httpd if self.of == "httpd" else release.openssl
        begun = self.since is None or version >= self.since
        return begun and (self.until is None or version <= self.until)


NEWEST = Release((2, 4, 71), (3, 0, 19))
"""What is assumed where the release is not known: the newest httpd that was measured, and the
OpenSSL that it was measured with."""


def dotted(version: Version) -> str:
    """A version as it is written: ``2.4.71``."""
    return ".".join(map(str, version))


def parse(text: str | None) -> Version | None:
    """The numbers of a version as a program says it.

    Args:
        text: ``2.4.71``, ``Apache/2.4.71 (Debian)``, ``OpenSSL 1.1.1w  11 Sep 2023``.

    Returns:
        The first three numbers with dots between them; None if there are none.
    """
    match = _NUMBERS.search(text or "")
    return (int(match[1]), int(match[2]), int(match[3])) if match else None
