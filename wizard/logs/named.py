"""What lines name of the route that fails: host, port, scheme, virtual host, module, file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from wizard.logs.log_line import LogEntry
from wizard.reference.ah_codes import AH_CODES

_HOST: Final = r"(?P<host>(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,45}|[A-Za-z0-9._-]{1,253})"
_ADDRESS_AND_HOST = re.compile(
    r"(?:request body failed to|attempt to connect to|ssl support for) "
    rf"\S{{1,80}}:(?P<port>\d{{1,5}}) \({_HOST}[):]"
)
_FOR = re.compile(rf" for (?:\(|target ){_HOST}(?::(?P<port>\d{{1,5}}))?(?:\)|$)")
_AT_THE_END = re.compile(rf"to backend: {_HOST}$")
_HOSTS: Final[Mapping[str, re.Pattern[str]]] = {
    "AH00896": _AT_THE_END,
    "AH00940": _FOR,
    "AH00952": _FOR,
    "AH00957": _ADDRESS_AND_HOST,
    "AH00958": re.compile(rf"attempt to connect to {_HOST}:(?P<port>\d{{1,5}}) via http CONNECT"),
    "AH00959": _FOR,
    "AH00961": _ADDRESS_AND_HOST,
    "AH01079": _AT_THE_END,
    "AH01084": _ADDRESS_AND_HOST,
    "AH01097": _ADDRESS_AND_HOST,
    "AH01102": re.compile(rf"remote server {_HOST}:(?P<port>\d{{1,5}})\b"),
    "AH01114": _AT_THE_END,
}
_SPEAKS = re.compile(r"AH\d{5}: ([A-Za-z0-9]{2,8}): ")
_SCHEME = re.compile(r"\(scheme '([\w+.-]{1,20})'\)")
_SCHEME_FIRST: Final = frozenset(("AH00940", "AH00952", "AH00957", "AH00958", "AH00961"))
"""Their message begins with the scheme; that of AH01114 has HTTP there for https, too."""
_STATUS = re.compile(r"returned code is '(\d{3})'")
_THROUGH = re.compile(r" via http CONNECT through \S{1,80}:(\d{1,5}) \(([A-Za-z0-9.-]{1,253})[):]")
_VHOST = re.compile(r"\((?:server )?([A-Za-z0-9.-]{1,253}):\d{1,5}\)")
_WITH_VHOST: Final = frozenset(("AH01964", "AH02268"))
_PATH = re.compile(r"(?:returned by|for the URL) (/\S{0,300})")
_WITH_PATH: Final = frozenset(("AH00898", "AH01144"))
_FILE = re.compile(r"\b(SSL[A-Za-z]{1,60}): (?:file|directory) '([^'\s]{1,1000})'")

# curl's words, then wget's.
_OF_PROGRAMS: Final = (
    re.compile(rf"Failed to connect to {_HOST} port (?P<port>\d{{1,5}})\b"),
    re.compile(
        rf"Connecting to {_HOST}(?: \([^)\s]{{1,253}}\))?(?:\|[\da-f.:]{{2,45}}\|)?"
        r":(?P<port>\d{1,5})\b"
    ),
    re.compile(rf"Could not resolve host: {_HOST}(?P<port>)"),
    re.compile(rf"unable to resolve host address .{_HOST}(?P<port>)"),
)


class Named(NamedTuple):
    """What lines name; empty or 0: they do not. Outside text, to be checked before it is pasted.

    Args:
        host: of the backend, as its URL names it, in lower case.
        port: of the backend.
        scheme: of its URL, in lower case.
        vhost: ServerName of the virtual host.
        path: that the client asked for.
        modules: of httpd that are missing, without ``_module``.
        directive: that names ``file``.
        file: or directory, which httpd cannot read.
        proxy: host and port of the forward proxy (ProxyRemote) that gave no tunnel.
        proxy_status: that it answered.
    """

    host: str = ""
    port: int = 0
    scheme: str = ""
    vhost: str = ""
    path: str = ""
    modules: tuple[str, ...] = ()
    directive: str = ""
    file: str = ""
    proxy: str = ""
    proxy_status: int = 0

    def joined(self, other: Named) -> Named:
        """Both; what another line names newly counts, but never a host without its port."""
        newer: dict[str, Any] = {field: value for field, value in other._asdict().items() if value}
        if self.host and not other.port:
            newer.pop("host", None)
        return self._replace(**newer) if newer else self


NOTHING: Final = Named()


def of_code(code: str, entry: LogEntry) -> Named:
    """What a line with a log code names.

    Args:
        code: of the line.
        entry: the line.
    """
    names = _HOSTS.get(code)
    found = names.search(entry.message) if names else None
    host = found["host"].lower() if found else ""
    port = int(found.groupdict().get("port") or 0) if found else 0
    if ":" in host:  # httpd writes an IPv6 address and its port alike
        host = host.removesuffix(f":{port}")
    through = _THROUGH.search(entry.message) if code == "AH00958" else None
    status = _STATUS.search(entry.message) if code == "AH00950" else None
    vhost = _VHOST.search(entry.message) if code in _WITH_VHOST else None
    path = _PATH.search(entry.message) if code in _WITH_PATH else None
    return Named(
        host,
        port,
        _scheme(code, entry),
        vhost[1].lower() if vhost else "",
        path[1] if path else "",
        proxy=f"{through[2].lower()}:{through[1]}" if through else "",
        proxy_status=int(status[1]) if status else 0,
    )


def of_program(text: str) -> Named:
    """The host and the port that curl or wget failed to reach.

    Args:
        text: a line of its output.
    """
    found = next(filter(None, (words.search(text) for words in _OF_PROGRAMS)), None)
    return Named(found["host"].lower(), int(found["port"] or 0)) if found else NOTHING


def _scheme(code: str, entry: LogEntry) -> str:
    if code == "AH01144":
        found = _SCHEME.search(entry.message)
    else:
        found = _SPEAKS.match(entry.message) if code in _SCHEME_FIRST else None
    if found is not None:
        return found[1].lower()
    known = AH_CODES.get(code)
    kind = known.module.removeprefix("proxy_") if known else ""
    return kind if kind in ("ajp", "fcgi", "scgi", "uwsgi") else ""


def of_refusal(text: str) -> Named:
    """The directive and the file that a start of httpd fails at.

    Args:
        text: the line after the one that says where.
    """
    found = _FILE.search(text)
    return Named(directive=found[1], file=found[2]) if found else NOTHING
