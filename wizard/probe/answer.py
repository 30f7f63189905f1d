"""The head of an HTTP/1 answer, read line by line as mod_proxy_http reads it.

Source: httpd 2.4, modules/proxy/mod_proxy_http.c (ap_proxy_http_process_response,
ap_proxy_read_headers) and modules/http/http_filters.c (check_headers, ap_http_filter).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wizard.model.probe import AnswerFault, AnswerFaultKind

LONGEST_LINE = 8191
"""Bytes of a header line, folded lines joined (HUGE_STRING_LEN, less the final NUL)."""
_MOST_INTERIM = 10
"""AP_MAX_INTERIM_RESPONSES: so many interim answers are too many."""
_SHOWN = 120
_LONGEST_BODY = (1 << 63) - 1
_STATUS_LINE = re.compile(rb"HTTP/([0-9])\.[0-9] ([0-9]{3})")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SPACES = b" \t\n\v\f\r"
_HOP_BY_HOP = {
    *(b"connection", b"proxy-connection", b"keep-alive", b"proxy-authenticate"),
    *(b"te", b"trailer", b"upgrade", b"warning"),
}
"""Removed before the answer's fields are checked, with those that Connection lists."""


@dataclass(slots=True)
class Head:
    """What the lines said: status line and fields, or why httpd does not pass the answer on.

    Args:
        old: whether the first line is no status line, so that httpd passes all on as HTTP/0.9.
    """

    status: int | None = None
    reason: str = ""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    fault: AnswerFault | None = None
    old: bool = False

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of a name (in lower case)."""
        return next((value for key, value in self.fields if key.lower() == name), None)


class Reader:
    """Takes the lines of an answer, each without its end.

    Args:
        upgrade: whether an upgrade to WebSocket was asked for.
    """

    def __init__(self, *, upgrade: bool) -> None:
        self._upgrade = upgrade
        self._head = Head()
        self._empty = False
        self._folded: bytes | None = None
        self._interim = 0

    @property
    def in_fields(self) -> bool:
        """Whether the status line has come, and the end of the fields has not."""
        return self._head.status is not None

    def line(self, line: bytes) -> Head | None:
        """The head if it is whole, or if this line spoils it; else None: more lines are needed."""
        return self._field_line(line) if self.in_fields else self._first_line(line)

    def _first_line(self, line: bytes) -> Head | None:
        if b"\0" in line or (not line and self._empty):
            return self._bad("no-status-line", line)
        if not line:
            self._empty = True  # one stray CRLF is passed over
            return None
        match = _STATUS_LINE.match(line)
        if match is None:
            self._head.old = True
            return self._head
        if match[1] != b"1" or len(line) >= LONGEST_LINE:
            return self._bad("status-line", line)
        self._head.status = int(match[2])
        self._head.reason = line[match.end() :].strip().decode("latin-1")
        return None

    def _field_line(self, line: bytes) -> Head | None:
        folded = self._folded
        if folded is not None and line[:1] in (b" ", b"\t"):
            joined = folded + b" " + line.lstrip(b" \t")
            self._folded = joined
            return self._bad("line-too-long", joined) if len(joined) > LONGEST_LINE else None
        if folded is not None and not self._take(folded):
            return self._bad("no-colon", folded)
        self._folded = line
        if b"\0" in line:
            return self._bad("nul", line)
        if len(line) > LONGEST_LINE:
            return self._bad("line-too-long", line)
        return None if line else self._whole()

    def _take(self, line: bytes) -> bool:
        name, colon, value = line.partition(b":")
        if colon:
            self._head.fields.append((name, value.strip(_SPACES)))
        return bool(colon) or _STATUS_LINE.match(line) is not None

    def _whole(self) -> Head | None:
        head, status = self._head, self._head.status or 0
        if status == 101:
            wanted = (head.get(b"upgrade") or b"").lower() == b"websocket"
            return head if self._upgrade and wanted else self._bad("upgrade", b"")
        if not 100 <= status < 200:
            head.fault = _fault(head)
            return head
        self._interim += 1
        if self._interim >= _MOST_INTERIM:
            return self._bad("interim", b"")
        self._head, self._folded, self._empty = Head(), None, False
        return None

    def _bad(self, kind: AnswerFaultKind, line: bytes) -> Head:
        self._head.fault = AnswerFault(kind, _shown(line))
        return self._head


def _fault(head: Head) -> AnswerFault | None:
    """What httpd finds wrong with the fields of a whole head, for GET."""
    listed = b",".join(value for name, value in head.fields if name.lower() == b"connection")
    removed = _HOP_BY_HOP.union(re.findall(rb"[^,;\s]+", listed.lower()))
    passed = [(name, value) for name, value in head.fields if name.lower() not in removed]
    framing = {name.lower(): value for name, value in reversed(passed)}
    length = framing.get(b"content-length")
    # the body is read, and fails, before the fields are checked
    if (
        length is not None
        and head.get(b"transfer-encoding") is None
        and head.status not in (204, 304)
        and (not re.fullmatch(rb"[0-9]{1,4300}", length) or int(length) > _LONGEST_BODY)
    ):
        return AnswerFault("content-length", _shown(b"Content-Length: " + length))
    for name, value in passed:
        kind: AnswerFaultKind | None = None
        if not name:
            kind = "empty-name"
        elif not _TOKEN.fullmatch(name):
            kind = "name"
        elif _CONTROL.search(value):
            kind = "value"
        if kind is not None:
            return AnswerFault(kind, _shown(name + b": " + value))
    return None


def _shown(line: bytes) -> str:
    return line[:_SHOWN].decode("latin-1")
