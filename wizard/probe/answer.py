"""The head of an HTTP/1 answer, read line by line as mod_proxy_http reads it.

Source: httpd 2.4, modules/proxy/mod_proxy_http.c (ap_proxy_http_process_response,
ap_proxy_read_headers), server/protocol.c (ap_rgetline_core) and modules/http/http_filters.c
(check_headers, validate_status_line, ap_http_filter, parse_chunk_size).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wizard.model.answer_rules import AnswerRules
from wizard.model.probe import MOST_FIELDS, AnswerFault, AnswerFaultKind, Framing
from wizard.reference.http_statuses import WITHOUT_BODY, WORDED

_MOST_INTERIM = 10
"""AP_MAX_INTERIM_RESPONSES: so many interim answers are too many."""
_MOST_CODES = 16
"""So many lines that httpd passes over are told; it logs each."""
_SHOWN = 120
_AT_A_TIME = 16000
"""Bytes without a line end that httpd's input filter hands on at a time: two buckets of
APR_BUCKET_BUFF_SIZE, the first of which is less than HUGE_STRING_LEN."""
_LONGEST_BODY = (1 << 63) - 1
_STATUS_LINE = re.compile(rb"HTTP/([0-9])\.[0-9] ([0-9]{3})")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WORDS = re.compile(rb"(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
"""What may follow a status that httpd has no words for; else it says 500."""
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_SPACES = b" \t\n\v\f\r"
_HOP_BY_HOP = {
    *(b"connection", b"proxy-connection", b"keep-alive", b"proxy-authenticate"),
    *(b"te", b"trailer", b"upgrade", b"warning"),
}
"""Removed before the answer's fields are checked, with those that Connection lists."""
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_OF_FIELDS = frozenset({"empty-name", "name", "value"})
_CHUNK = re.compile(
    rb"(?P<size>[0-9A-Fa-f]+)[\t ]{0,10}(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?(?:\r\n|\r?\Z)"
)
"""The line before a chunk, or its beginning (parse_chunk_size)."""
_LONGEST_CHUNK_LINE = 8190
"""DEFAULT_LIMIT_REQUEST_LINE."""


@dataclass(slots=True)
class Head:
    """What the lines said: status line and fields, or why httpd does not pass the answer on.

    Args:
        old: whether the first line is no status line, so that httpd passes all on as HTTP/0.9.
        codes: what httpd logs of lines that it passes over or takes for the body, in order.
        words: what follows the status in its line.
    """

    status: int | None = None
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    fault: AnswerFault | None = None
    old: bool = False
    codes: tuple[str, ...] = ()
    words: bytes = b""

    @property
    def framing(self) -> Framing:
        """How GET's body is sent, as far as httpd treats it unlike HEAD's absence of one."""
        coding = self.get(b"transfer-encoding")
        if coding is None or self.status in WITHOUT_BODY:
            return "plain"
        last = coding.rpartition(b",")[2].strip(_SPACES).lower()
        return "chunked" if last == b"chunked" else "unknown"

    @property
    def passed_on(self) -> list[tuple[bytes, bytes]]:
        """The first fields that are not of the connection alone; of so many, what counts."""
        return _passed(self.fields)[:MOST_FIELDS]

    def get(self, name: bytes) -> bytes | None:
        """The value of the first field of a name (in lower case)."""
        return next((value for key, value in self.fields if key.lower() == name), None)


class Reader:
    """Takes the lines of an answer, each without its end.

    Args:
        rules: what the configuration says of answers.
        upgrade: whether an upgrade to WebSocket was asked for.
    """

    def __init__(self, rules: AnswerRules, *, upgrade: bool) -> None:
        self._rules = rules
        self._longest = rules.line_size - 1  # less the final NUL
        self._upgrade = upgrade
        self._head = Head()
        self._empty = False
        self._folded: bytes | None = None
        self._interim = 0
        self._before = Head()
        self._type: list[tuple[bytes, bytes]] = []

    @property
    def in_fields(self) -> bool:
        """Whether the status line has come, and the end of the fields has not."""
        return self._head.status is not None

    @property
    def codes(self) -> tuple[str, ...]:
        """See ``Head``: of the lines so far."""
        return self._head.codes

    def is_too_long(self, begun: bytes) -> bool:
        """Whether httpd reads no more of a first line that has no end yet."""
        # it fills its buffer from as many bytes as it gets at a time, and then wants one more
        gets = -(-self._rules.line_size // _AT_A_TIME) * _AT_A_TIME
        return not self.in_fields and len(begun) > gets

    def end(self, begun: bytes) -> Head | None:
        """The head if httpd is done with it where the backend hangs up; None: it reads in vain.

        Args:
            begun: what came of a line without its end.
        """
        if self._folded is None or begun[:1] in (b" ", b"\t"):
            return None
        return self._take(self._folded)

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
            # what the last interim answer said stays in force
            kept = [pair for pair in self._before.fields if pair[0].lower() not in _FRAMING]
            self._head.fault = _first_fault([*_passed(kept), *self._type])
            return self._head
        if match[1] != b"1" or len(line) >= self._longest:
            return self._bad("status-line", line)
        self._head.status = int(match[2])
        self._head.words = line[match.end() :]
        return None

    def _field_line(self, line: bytes) -> Head | None:
        folded = self._folded
        before = b""
        if folded is not None and line[:1] in (b" ", b"\t"):
            before = folded
        elif folded is not None:
            done = self._take(folded)
            if done is not None or not self.in_fields:
                return done or self._first_line(line)
        if b"\0" in line:
            return self._bad("nul", line)
        if len(before) + len(line) > self._longest:
            return self._bad("line-too-long", before + line)
        self._folded = before + line
        return None if line else self._whole()

    def _take(self, line: bytes) -> Head | None:
        """A field, or what stands in its place; the head if it ends with it."""
        name, colon, value = line.partition(b":")
        if colon:
            self._head.fields.append((name, value.strip(_SPACES)))
            return None
        if _STATUS_LINE.match(line) is None:
            if self._rules.bad_header == "iserror":
                return self._bad("no-colon", line)
            if self._rules.bad_header == "startbody":
                self._head.codes += ("AH01098" if self._head.fields else "AH01099",)
                return self._whole()
        if len(self._head.codes) < _MOST_CODES:
            self._head.codes += ("AH01100",)
        return None

    def _whole(self) -> Head | None:
        head, status = self._head, self._head.status or 0
        if status == 101:
            wanted = (head.get(b"upgrade") or b"").lower() == b"websocket"
            return head if self._upgrade and wanted else self._bad("upgrade", b"")
        if not 100 <= status < 200:
            self._add_what_stays(head)
            if status not in self._rules.replaced:
                head.fault = _fault(head)
            elif status == 401:  # the one field that httpd's own page keeps
                asks = head.get(b"www-authenticate")
                head.fault = _field_fault(b"WWW-Authenticate", asks or b"")
            return head
        self._interim += 1
        if self._interim >= _MOST_INTERIM:
            return self._bad("interim", b"")
        self._add_what_stays(head)
        # another than 100 was sent to the client, with its fields
        self._before = head if status == 100 else Head()
        self._head, self._folded, self._empty = Head(codes=head.codes), None, False
        return None

    def _add_what_stays(self, head: Head) -> None:
        """The cookies of a 100 count on, and the type of an interim answer if none comes after."""
        self._type = [pair for pair in head.fields if pair[0].lower() == b"content-type"][
            :1
        ] or self._type
        earlier, own = (list(filter(_is_cookie, each.fields)) for each in (self._before, head))
        others = [pair for pair in head.fields if not _is_cookie(pair)]
        typed = (
            []
            if head.status in WITHOUT_BODY or any(t in others for t in self._type)
            else self._type
        )
        head.fields = [*others, *typed, *earlier, *own]  # httpd moves cookies to the end

    def body(self, head: Head, begun: bytes) -> AnswerFault | None:
        """What httpd finds wrong with the beginning of a body that came with its head."""
        if not begun or head.old or head.framing != "chunked" or _is_chunk(begun):
            return head.fault
        started = {"AH01098", "AH01099"}.intersection(head.codes)  # before this line
        if started or head.status in self._rules.replaced:
            return head.fault
        if head.fault is not None and head.fault.kind in _OF_FIELDS:
            head.codes += ("AH01110",)
            return head.fault
        if head.fault is not None and head.fault.kind != "status-word":
            return head.fault
        return AnswerFault("chunk", _shown(begun.partition(b"\n")[0]))

    def _bad(self, kind: AnswerFaultKind, line: bytes) -> Head:
        self._head.fault = AnswerFault(kind, _shown(line))
        return self._head


def _is_cookie(pair: tuple[bytes, bytes]) -> bool:
    return pair[0].lower() == b"set-cookie"


def _is_chunk(begun: bytes) -> bool:
    """Whether a line, or what came of it, is one before a chunk."""
    line = _CHUNK.match(begun)
    if line is None or line.end() > _LONGEST_CHUNK_LINE:
        return False
    return int(line["size"].lstrip(b"0")[:17] or b"0", 16) <= _LONGEST_BODY


def _fault(head: Head) -> AnswerFault | None:
    """What httpd finds wrong with a whole head, for GET."""
    passed = _passed(head.fields)
    if head.status in WITHOUT_BODY or head.framing != "plain":
        passed = [(name, value) for name, value in passed if name.lower() not in _FRAMING]
    # the body is read, and fails, before the fields are checked
    length = next((value for name, value in passed if name.lower() == b"content-length"), None)
    unread = length is not None and not _is_length(length)
    if unread:
        passed = [(name, value) for name, value in passed if name.lower() not in _FRAMING]
    found = _first_fault(passed)
    if unread and found is not None:
        head.codes += ("AH01110",)
    elif unread:
        found = AnswerFault("content-length", _shown(b"Content-Length: " + (length or b"")))
    elif found is None and head.status not in WORDED and not _WORDS.fullmatch(head.words):
        found = AnswerFault("status-word", _shown(head.words))
    return found


def _passed(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Those that are not of the connection alone."""
    listed = b",".join(value for name, value in fields if name.lower() == b"connection")
    removed = _HOP_BY_HOP.union(re.findall(rb"[^,;\s]+", listed.lower()))
    return [(name, value) for name, value in fields if name.lower() not in removed]


def _first_fault(fields: list[tuple[bytes, bytes]]) -> AnswerFault | None:
    faults = (_field_fault(name, value) for name, value in fields)
    return next((fault for fault in faults if fault is not None), None)


def _is_length(value: bytes) -> bool:
    return re.fullmatch(rb"[0-9]{1,4300}", value) is not None and int(value) <= _LONGEST_BODY


def _field_fault(name: bytes, value: bytes) -> AnswerFault | None:
    kind: AnswerFaultKind | None = None
    if not name:
        kind = "empty-name"
    elif not _TOKEN.fullmatch(name):
        kind = "name"
    elif _CONTROL.search(value):
        kind = "value"
    return AnswerFault(kind, _shown(name + b": " + value)) if kind is not None else None


def _shown(line: bytes) -> str:
    return line[:_SHOWN].decode("latin-1")
