"""The requests that failed, as the lines of a log tell: how many, when, for which backends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from wizard.logs import filling
from wizard.logs.log_line import LogEntry
from wizard.logs.named import Named
from wizard.model.explanation import Failures

_MOST_BACKENDS: Final = 4
_STAMP = re.compile(r"(?:[A-Z][a-z]{2} [ \d]\d|\d{4}[-/]\d\d[-/]\d\d)[ T]\d\d:\d\d:\d\d")
_AT_THE_FRONT: Final = 200  # characters of a line in which its time stands
_TIMED_OUT: Final = 70007  # APR_TIMEUP
_ANSWERED: Final = "AH00898"
#: With these httpd ends a proxied request, and with that status (proxy_util.c, mod_proxy*.c).
_STATUSES: Final[Mapping[str, str]] = {
    "AH00940": "503",
    "AH01102": "502",
    "AH01114": "503, unless another member of a balancer answered",
    "AH01144": "500",
    "AH01083": "400",
    "AH01170": "503",
    "AH01171": "503",
    "AH02428": "500",
    "AH02429": "500",
    "AH02430": "500",
    "AH02439": "400",
    "AH03350": "400",
}
_OF_ANSWERED: Final = (
    ("Error during SSL Handshake", "500"),
    ("DNS lookup failure", "500 (502 before httpd 2.4.59)"),
    ("Error reading from remote server", "502"),
)
"""What AH00898 says, and the status."""


def status(entry: LogEntry) -> str:
    """The status that the client of a request gets by a line; empty where it does not tell.

    Args:
        entry: the line. One of httpd 2.2 has no code, and that release other statuses.
    """
    if entry.code == _ANSWERED:
        return next((known for words, known in _OF_ANSWERED if words in entry.message), "")
    if entry.errno == _TIMED_OUT:
        return ""  # 502 or 504, by release and stage
    return _STATUSES.get(entry.code or "", "")


class Failing:
    """Adds them up. Its size does not grow with the log."""

    def __init__(self) -> None:
        self._first = self._last = ""
        self._requests = self._hidden = 0
        self._backends: dict[str, None] = {}
        self._statuses: dict[str, None] = {}

    def line(self, text: str) -> None:
        """Take in a line that tells of a fault."""
        self._first = self._first or text
        self._last = text

    def request(self, named: Named, answered: str, *, hidden: bool) -> None:
        """Take in a request that failed.

        Args:
            named: what its lines name.
            answered: as ``status``.
            hidden: whether LogLevel hides the cause.
        """
        self._requests += 1
        self._hidden += hidden
        if answered:
            self._statuses[answered] = None
        where = filling.place(named.host, named.port) or named.host
        if where and len(self._backends) < _MOST_BACKENDS:
            self._backends[where] = None

    def result(self, vhost: str) -> Failures:
        """What all lines tell.

        Args:
            vhost: the virtual host that they name; empty: none or several.
        """
        return Failures(
            self._requests,
            self._hidden,
            tuple(self._backends),
            vhost,
            tuple(self._statuses),
            _when(self._first),
            _when(self._last),
        )


def _when(text: str) -> str:
    found = _STAMP.search(text[:_AT_THE_FRONT])
    return found[0].replace("T", " ", 1) if found else ""
