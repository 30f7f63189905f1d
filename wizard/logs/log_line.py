"""One line of an error log, taken apart, whatever its format."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MOST_WORDS: Final = 250  # characters before a code in which an error without number stands

LINE_LIMIT: Final = 4096
"""Characters of a line that are looked at; httpd itself cuts its lines at 8192 bytes."""

# Each expression is searched for by itself: the fields stand in any order (ErrorLogFormat), behind
# any prefix (syslog, journalctl, docker), or in quotes (a JSON format). None of them can backtrack
# more than a bounded number of characters.
_CODE = re.compile(r"\bAH(0?\d{5}):")
_LEVEL = re.compile(
    r"\[(?:([\w-]{0,40}):)?"
    r"(emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])\]"
)
# Oracle's server writes [pid: 7] [tid: 1401] in its own format (ODL).
_PID = re.compile(r"\[pid:? (\d{1,9})(?:(?::tid |\] \[tid: )(\d{1,20}))?\]")
_QUOTED_PID = re.compile(r'"(pid|tid|process|thread)": {0,2}"?(\d{1,20})')
_FIELD = re.compile(r'"(module|level|client|remote)": {0,2}"([^"\s]{1,100})"')
_SYSLOG_PID = re.compile(r"\b(?:apache2|httpd|apachectl|start)\[(\d{1,9})\]: ")
_CLIENT = re.compile(r"\[client ([^\]\s]{1,100})\]")
_REMOTE = re.compile(r"\[remote ([^\]\s]{1,100})\]")
_ERRNO = re.compile(r"\((?:OS |EAI )?(-?\d{1,6})\)([A-Z][^:\[\]]{3,120})")
# The error's words without its number, which somebody cut off or a page made a link of.
_UNNUMBERED = re.compile(
    r"([A-Z][a-z][A-Za-z ()]{3,120}?): (?:\[client [^\]\s]{1,100}\] )?(?:proxy: )?$"
)
_TIME = re.compile(r"\b(\d\d):(\d\d):(\d\d(?:[.,]\d{1,6})?)\b")
# The time as access logs write it, which no error log does: httpd's error logs have no offset.
_ACCESS = re.compile(r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]")
_REQUEST = re.compile(r'"[A-Z]{3,20} \S{1,4000} HTTP/\d(?:\.\d)?" \d{3} ')


_COLOUR = re.compile(r"\x1b\[[0-9;:]{0,40}[mK]")


class LogEntry(NamedTuple):
    """A line of an error log.

    Args:
        code: ``AH02276``, or None.
        message: from the code on, or the whole line; without the client's Referer.
        errno: number of the system's or APR's error, if the line names one.
        errno_text: the text beside it, or alone.
        module: as the line names it, else empty.
        level: as the line names it, else empty.
        thread: what tells the lines of one request from those of others; empty if nothing does.
        seconds: time of day, None when there is none.
        remote: address of the backend, where the line names it.
        client: address that the line names as ``[client …]``: of the client, unless an
            ErrorLogFormat writes the backend's so, too.
    """

    code: str | None
    message: str
    errno: int | None = None
    errno_text: str = ""
    module: str = ""
    level: str = ""
    thread: str = ""
    seconds: float | None = None
    remote: str = ""
    client: str = ""


def uncoloured(line: str) -> str:
    """A line as it was before ``grep --color`` or a viewer marked parts of it (ECMA-48, SGR)."""
    return _COLOUR.sub("", line) if "\x1b" in line else line


def is_access_log(text: str) -> bool:
    """Whether the line is an access log's: what it holds was written by clients."""
    if '"' not in text:
        return False
    return bool(_ACCESS.search(text) or (" HTTP/" in text and _REQUEST.search(text)))


def parse(text: str) -> LogEntry:
    """Take a line apart.

    Args:
        text: one line, at most ``LINE_LIMIT`` characters.
    """
    # Most lines lack most fields: a search for a plain text costs a tenth of an expression's.
    found = _CODE.search(text) if "AH" in text else None
    head, message = (text[: found.start()], text[found.start() :]) if found else (text, text)
    level = _LEVEL.search(head) if "]" in head else None
    errno = _ERRNO.search(head) if ")" in head else None
    cut = _UNNUMBERED.search(head[-_MOST_WORDS:]) if found and not errno and ": " in head else None
    remote = _REMOTE.search(head) if "[remote " in head else None
    client = _CLIENT.search(head) if "[client " in head else None
    entry = LogEntry(
        code=f"AH{found[1]}" if found else None,
        message=message.partition(", referer: ")[0],
        errno=int(errno[1]) if errno else None,
        errno_text=errno[2].strip() if errno else cut[1] if cut else "",
        module=(level[1] or "") if level else "",
        level=level[2] if level else "",
        thread=_thread(head),
        seconds=_seconds(head) if found else None,
        remote=remote[1] if remote else "",
        client=client[1] if client else "",
    )
    return _with_fields(entry, head) if text.startswith("{") else entry


def _with_fields(entry: LogEntry, head: str) -> LogEntry:
    """A line that an ErrorLogFormat wrote as JSON: what stands in its fields beside the message."""
    fields: dict[str, str] = dict(_FIELD.findall(head))
    return entry._replace(
        module=entry.module or fields.get("module", ""),
        level=entry.level or fields.get("level", ""),
        remote=entry.remote or fields.get("remote", ""),
        client=entry.client or fields.get("client", ""),
    )


def body(message: str) -> str:
    """A line without the fields in brackets at its front, which differ from line to line."""
    start = 0
    while message.startswith("[", start):
        end = message.find("] ", start)
        if end < 0:
            break
        start = end + 2
    return message[start:]


def _thread(head: str) -> str:
    pid = _PID.search(head) if "[pid" in head else None
    if pid:
        return f"{pid[1]}:{pid[2] or ''}"
    quoted = _QUOTED_PID.findall(head) if '"' in head else None
    if quoted:
        return ":".join(number for _, number in quoted[:2])
    # The client's address is of no use here: the lines of mod_ssl have the backend's instead.
    syslog = _SYSLOG_PID.search(head) if "]: " in head else None
    return syslog[1] if syslog else ""


def _seconds(head: str) -> float | None:
    time = _TIME.search(head)
    if time is None:
        return None
    return int(time[1]) * 3600 + int(time[2]) * 60 + float(time[3].replace(",", "."))
