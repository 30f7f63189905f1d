"""What came of a request to a throw-away server: whose answer it is, and what httpd says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wizard.answer.urls import served_origin
from wizard.httpd import client
from wizard.httpd.sandbox import logs
from wizard.httpd.sandbox.reach import Reached
from wizard.httpd.sandbox.sockets import tried
from wizard.model.config import Route
from wizard.model.host_names import bracketed
from wizard.model.rehearsal import FirstTry, Run, SentCookie
from wizard.record import record

_BAD_GATEWAY = 502
_LOST = frozenset({"AH01084", "AH01097", "AH01102"})
"""httpd could not send its request, or read no status line: a race with a backend that hangs up.
mod_proxy_http2 asks a second time by itself (measured on 2.4.71)."""
_UNFIT = {"AH01106": 502, "AH01110": 502, "AH02428": 500, "AH02429": 500, "AH02430": 500}
"""What httpd answers where mod_proxy_http cannot pass on an answer whose status line it has read.
AH01110 also stands where one breaks off that was passed on: its 502 counts as httpd's, too."""
_STATUS_LOGGED = frozenset({"http", "https", "h2", "h2c"})
"""Schemes whose modules leave the backend's status for the access log, in every httpd 2.4."""
_OWN_ORIGIN = re.compile(r"https?://[^/?#@]*:(?P<port>[0-9]{1,5})(?=[/?#]|\Z)", re.IGNORECASE)
_MOST_COOKIES = 50
_LONGEST = 200
"""Characters of a cookie's name, path or domain."""
_FAILED = frozenset({500, 502, 503, 504})
_OWN_STATUS = frozenset({400, 401, 403, 408, 413, 414, 417, *range(500, 600)})
"""What httpd may answer itself before or instead of the backend: for an answer that has no line in
the access log (its body did not end), or another scheme."""


@record
class Exchange:
    """An answer, who gave it, and between which offsets of the error log it was given."""

    route: Route
    answer: client.Answer
    reached: Reached
    begin: int
    end: int
    first: Exchange | None = None
    """One that broke, after which this was made."""
    port: int = 0
    """Of the throw-away httpd."""

    def lines(self, log: Path) -> list[str]:
        """Of the error log, those of its client."""
        written = logs.read(log, self.begin)[: self.end - self.begin]
        found = logs.of_client(logs.lines(written), self.answer.port)
        for door in self.reached.doors:
            found = [door.as_if_direct(line) for line in found]
        return found

    @property
    def fails(self) -> bool:
        """Whether there is no answer, or one that httpd may have made of a failure."""
        return self.answer.status is None or self.answer.status in _FAILED

    def is_broken(self, log: Path) -> bool:
        """Whether httpd says that it lost its connection to the backend: 502, and why."""
        codes = logs.codes(self.lines(log))
        return self.answer.status == _BAD_GATEWAY and not _LOST.isdisjoint(codes)


def outcome(exchange: Exchange, log: Path, entries: Mapping[int, logs.Access]) -> Run:
    """What came of an exchange.

    Args:
        exchange: that is over.
        log: the server's error log.
        entries: of its access log, by the client's port.
    """
    answer = exchange.answer
    entry = entries.get(answer.port)
    own = exchange.lines(log)
    shown = logs.shown(own)
    backend_status = entry.backend_status if entry else None
    logged = exchange.route.backend.scheme in _STATUS_LOGGED or backend_status is not None
    if entry is not None and logged:
        # the proxy modules note the status as it comes; another of these is httpd's own word for
        # an answer that then breaks off or stays away
        broken = answer.status in _FAILED and (
            answer.status != backend_status or _stays_away(exchange, own)
        )
        proxied = backend_status is not None and not broken
    else:
        # of its own answer httpd says why
        spoken = exchange.reached.answered and not shown
        own_status = () if spoken else _OWN_STATUS
        proxied = answer.status not in (None, *own_status) and (entry is None or entry.proxied)
    silent = exchange.reached.answered is False
    strangers = (*(_place(*each) for each in exchange.reached.strangers), *tried(own))
    return Run(
        started=True,
        status=answer.status,
        backend_status=None if silent else backend_status,
        proxied=proxied and not silent,
        foreign=entry is not None
        and entry.shown_status == answer.status
        and (silent or not proxied),
        log=shown,
        codes=logs.codes(shown),
        certificates=logs.subjects(own),
        error=answer.error,
        seconds=answer.seconds,
        strangers=tuple(dict.fromkeys(strangers)),
        first_try=None if exchange.first is None else _first_try(exchange.first, log),
        location=_public(answer.location, exchange),
        cookies=tuple(_cookies(answer.cookies)),
    )


def _stays_away(exchange: Exchange, own: Sequence[str]) -> bool:
    """Whether an answer whose status is known was not passed on: httpd made the same status."""
    if exchange.route.backend.scheme in ("h2", "h2c"):
        return not logs.passes_stream(own)
    return any(_UNFIT.get(code) == exchange.answer.status for code in logs.codes(own))


def _public(location: str | None, exchange: Exchange) -> str | None:
    """A Location with the public address of httpd where it has that of the throw-away one."""
    match = _OWN_ORIGIN.match(location or "")
    if location is None or match is None or match["port"] != str(exchange.port):
        return location
    return served_origin(exchange.route) + location[match.end() :]


def _cookies(values: Sequence[str]) -> Iterator[SentCookie]:
    """Name, Path and Domain of each."""
    for value in values[:_MOST_COOKIES]:
        pair, *attributes = value.split(";")
        said: dict[str, str] = {}
        for attribute in attributes:
            key, _, text = attribute.partition("=")
            said[key.strip().lower()] = text.strip()[:_LONGEST]
        name, equals, _ = pair.partition("=")
        if equals:  # else it may be a value
            path, domain = said.get("path"), said.get("domain")
            yield SentCookie(name.strip()[:_LONGEST], path, domain)


def _place(address: str, port: int) -> str:
    return f"{bracketed(address)}:{port}"


def _first_try(exchange: Exchange, log: Path) -> FirstTry:
    codes = logs.codes(logs.shown(exchange.lines(log)))
    return FirstTry(exchange.answer.status or _BAD_GATEWAY, codes, exchange.reached.hung_up)
