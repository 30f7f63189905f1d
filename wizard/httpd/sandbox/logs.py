"""What the throw-away httpd wrote: its error log, access log and stderr."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from wizard.record import record

READY = b"resuming normal operations"
_MOST = 4 << 20
"""Bytes of a log that are read."""
_HEAD = re.compile(r"\[[^\]]*\] \[(?P<module>\w*):(?P<level>\w+)\] (?P<thread>\[pid [^\]]*\]) ?")
_CLIENT = re.compile(r"\[client [^\]]*:(\d+)\]")
_CODE = re.compile(r"\bAH\d{5}\b")
_SUBJECT = re.compile(r"AH02275: .*\[subject: (.*?) / issuer: ")
_REFUSAL = re.compile(
    r"AH0(?:2040|2411|2004|2005): |AH02276: Certificate Verification: Error \((?!6[678]\))"
)
"""A chain that is too long, a wrong name, a wrong date, or what OpenSSL says against a chain; keys
and signatures that are too weak (66 to 68) tell nothing of whom they belong to."""
_CLOSED = re.compile(r"AH03364: .* closed \(touched=(\d), error=(\d+)\)")
"""How mod_proxy_http2 leaves the stream of an answer; touched: data of its body was passed on."""
_QUIET = {"debug"} | {f"trace{n}" for n in range(1, 9)}
_USUAL = frozenset(
    {"AH00489", "AH00163", "AH00292", "AH00094", "AH00491", "AH00169", "AH00045", "AH00046"}
    | {"AH01964", "AH01998", "AH02001", "AH02008"}
)
"""Messages of every start, end and connection."""
ACCESS_FORMAT = "%{remote}p %>s %<s %<{proxy-status}n %>{proxy-status}n %>R"
"""Of a request that was redirected inside httpd (``<`` the first, ``>`` the last) the one that
failed is the first, and its error page the last (mod_log_config, "Modifiers")."""
_ERROR = 400


@record
class Access:
    """A line of the access log.

    Args:
        status: what the client got.
        backend_status: what the backend of the request itself said, not that of its error page.
        shown_status: what the backend said whose answer is shown, whoever that is.
        proxied: whether it was to be answered by a backend.
    """

    status: int
    backend_status: int | None
    shown_status: int | None
    proxied: bool


def read(path: Path, offset: int = 0) -> bytes:
    """A log from an offset on; empty if it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(_MOST)
    except OSError:
        return b""


def lines(data: bytes) -> list[str]:
    """The lines of a log."""
    return [line for line in data.decode("utf-8", "surrogateescape").splitlines() if line.strip()]


def of_client(log: Iterable[str], port: int) -> list[str]:
    """The lines of one client's connection.

    httpd writes many lines of a request without saying whose they are (those about the backend's
    connection), but in the thread that serves it; children that start, and the parent, write in
    theirs. So what counts is each thread from its first line on that names the client.

    Args:
        log: with ``proxy`` at debug: mod_proxy's first line of a request names the client.
        port: of the client.
    """
    threads = set()
    kept = []
    for line in log:
        head = _HEAD.match(line)
        if head is None:
            continue
        client = _CLIENT.search(line)
        if client is not None and int(client[1]) == port:
            threads.add(head["thread"])
        if head["thread"] in threads:
            kept.append(line)
    return kept


def shown(log: Iterable[str]) -> tuple[str, ...]:
    """The lines that LogLevel info would show, but for those of every start and stop."""
    kept = []
    for line in log:
        match = _HEAD.match(line)
        usual = _USUAL & set(_CODE.findall(line))
        if not usual and (match is None or match["level"] not in _QUIET):
            kept.append(line)
    return tuple(kept)


def at_start(log: Iterable[str], stderr: Iterable[str]) -> tuple[str, ...]:
    """What httpd says when it does not start: warnings and errors, and all of its stderr."""
    grave = [
        line
        for line in shown(log)
        if (match := _HEAD.match(line)) is None or match["level"] not in ("info", "notice")
    ]
    return tuple(dict.fromkeys((*stderr, *grave)))


def with_origins(line: str, file: str, origins: Mapping[int, str]) -> str:
    """A message about the throw-away configuration, with the places of the real one.

    Args:
        line: httpd's words.
        file: the throw-away configuration.
        origins: from ``render``.
    """
    return re.sub(
        rf"line (\d+) of {re.escape(file)}",
        lambda match: origins.get(int(match[1]), match[0]),
        line,
    )


def codes(log: Iterable[str]) -> tuple[str, ...]:
    """The AH codes of lines, in order."""
    return tuple(code for line in log for code in _CODE.findall(line)[:1])


def subjects(log: Iterable[str]) -> tuple[str, ...]:
    """Subjects of the certificates that mod_ssl looked at while it verified a backend."""
    found = (match[1] for line in log if (match := _SUBJECT.search(line)))
    return tuple(dict.fromkeys(found))


def refuses(log: Iterable[str]) -> bool:
    """Whether mod_ssl says that it ended a connection because of whose certificate it saw."""
    return any(_REFUSAL.search(line) for line in log)


def passes_stream(log: Iterable[str]) -> bool:
    """Whether mod_proxy_http2 says that it passed an answer on."""
    ends = (match.groups() for line in log if (match := _CLOSED.search(line)))
    return any(touched == "1" or error == "0" for touched, error in ends)


def access(data: bytes) -> dict[int, Access]:
    """The access log, by the client's port. Format: see :data:`ACCESS_FORMAT`.

    Of a port that came twice the first counts: the routes are asked before the impostors, and with
    hundreds of routes the system gives some ports again.
    """
    found: dict[int, Access] = {}
    for line in lines(data):
        words = line.split(" ")
        if len(words) == 6 and all(word.isdigit() for word in words[:3]):
            port, last, first = map(int, words[:3])
            own, of_last = (int(word) if word.isdigit() else None for word in words[3:5])
            backend = of_last if own is None and first < _ERROR else own
            entry = Access(last, backend, of_last, words[5] == "proxy-server")
            found.setdefault(port, entry)
    return found
