"""What lines name of the route that fails: host, port, scheme, virtual host, module, file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from wizard.logs.log_line import LogEntry
from wizard.reference.ah_codes import AH_CODES

_HOST: Final = r"(?P<host>(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,45}|[A-Za-z0-9._-]{1,253})"
# The worker of RewriteRule's and of other URLs that no ProxyPass names is "*".
_ADDRESS_AND_HOST = re.compile(
    r"(?:request body failed to|attempt to connect to|ssl support for|response failed from"
    r"|dialog to) "
    rf"(?P<address>\S{{1,80}}):(?P<port>\d{{1,5}})(?: \((?:\*|{_HOST})[):]| failed)"
)
_FOR = re.compile(rf" for (?:\(|target ){_HOST}(?::(?P<port>\d{{1,5}}))?(?:\)|$)")
_AT_THE_END = re.compile(rf"to backend: {_HOST}$")
_HOSTS: Final[Mapping[str, re.Pattern[str]]] = {
    "AH00878": _ADDRESS_AND_HOST,
    "AH00893": _ADDRESS_AND_HOST,
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
_SPEAKS = re.compile(r"(?:^AH\d{5}|\bproxy): ([A-Za-z0-9]{2,8}): ")
_SCHEME = re.compile(r"\(scheme '([\w+.-]{1,20})'\)")
_SCHEME_FIRST: Final = frozenset(("AH00940", "AH00952", "AH00957", "AH00958", "AH00961"))
"""Their message begins with the scheme; that of AH01114 has HTTP there for https, too."""
_THROUGH = re.compile(r" via http CONNECT through \S{1,80}:(\d{1,5}) \(([A-Za-z0-9.-]{1,253})[):]")
# Each field of ``Named`` that one expression tells: in which codes' lines, and as what.
_FIELDS: Final[tuple[tuple[str, tuple[str, ...], re.Pattern[str], Callable[[str], Any]], ...]] = (
    (
        "vhost",
        (
            "AH01906", "AH01909", "AH01914", "AH01961", "AH01964", "AH01998", "AH02008", "AH02267",
            "AH02268", "AH02269", "AH02572",
        ),
        # mod_ssl's vhost_id: ServerName and port; certificates add a number.
        re.compile(
            r"(?:\((?:server )?|^AH\d{5}: (?:Init: )?|requested for |key for |Configuring server )"
            r"([A-Za-z0-9.-]{1,253})(?::\d{1,5}\b| but not enabled)"
        ),
        str.lower,
    ),
    (
        "path",
        ("AH00898", "AH01144"),
        re.compile(r"(?:returned by|for the URL) (/\S{0,300})"),
        str,
    ),
    ("proxy_status", ("AH00950",), re.compile(r"returned code is '(\d{3})'"), int),
    (
        "name",
        ("AH02005", "AH02411"),
        re.compile(r'(?:for hostname|Requested hostname:) ([^\s"]{1,255})'),
        str.lower,
    ),
    ("socket", ("AH02454",), re.compile(r"Unix domain socket (/\S{1,300}) \("), str),
    (
        "certificate",
        ("AH02005",),
        re.compile(r"Certificate CN: ([A-Za-z0-9.-]{1,253}) Requested"),
        str.lower,
    ),
    ("listen", ("AH00072",), re.compile(r":(\d{1,5})$"), int),
)  # fmt: skip
_FIELDS_OF: Final = {
    code: tuple(row for row in _FIELDS if code in row[1])
    for _, codes, *_ in _FIELDS
    for code in codes
}
_WINSOCK: Final = range(10000, 12000)
"""Errors of Windows' sockets; APR adds 720000."""
_REMOTE = re.compile(r"\[?([0-9A-Fa-f.:]{2,45})\]?:(\d{1,5})")
_OF_MODULES: Final = frozenset(
    ("AH00534", "AH00669", "AH01177", "AH02230", "AH02432", "AH02433", "AH02477", "AH03262",
     "AH10160")
)  # fmt: skip
_MODULES: Final = (
    re.compile(r"\bis mod_(\w{1,40}) loaded"),
    re.compile(r"\bmod_(\w{1,40}) (?:must be loaded|is required)"),
    re.compile(r"[Cc]annot load \S{0,300}\bmod_(\w{1,40})\.so into server"),
)
_METHOD = re.compile(
    r"(?:Can(?:not|'t) find (?:LB Method: |')|unknown lbmethod(?: lbmethod=)?)"
    r"(by\w{1,40}|heartbeat)"
)
_TELLING: Final = frozenset((*_HOSTS, *_SCHEME_FIRST, *_OF_MODULES, *_FIELDS_OF))
_FILE = re.compile(r"\b(SSL[A-Za-z]{1,60}): (?:file|directory) '([^'\s]{1,1000})'")

# The last line of httpd's own pages (ServerSignature).
_SIGNATURE = re.compile(
    r"^(?:Apache|IBM_HTTP_Server|Oracle)\S{0,60} .{0,200}"
    r"Server at ([A-Za-z0-9.-]{1,253}) Port \d{1,5}$"
)
# nginx, mod_jk, the plug-ins of WebLogic and WebSphere, Go, Node.js, Python, Java, curl and wget.
_OF_PROGRAMS: Final = (
    re.compile(rf'upstream: "(?P<scheme>https?)://{_HOST}:(?P<port>\d{{1,5}})'),
    re.compile(rf"opening socket to \({_HOST}:(?P<port>\d{{1,5}})\)"),
    re.compile(rf"connecting to host {_HOST}:(?P<port>\d{{1,5}})"),
    re.compile(rf"on host '{_HOST}(?P<port>)'"),
    re.compile(
        rf"(?:dial tcp|connect E[A-Z]{{5,12}}|in connection to) {_HOST}:(?P<port>\d{{1,5}})\b"
    ),
    re.compile(rf"host='{_HOST}', port=(?P<port>\d{{1,5}})\b"),
    re.compile(rf"(?:ENOTFOUND|EAI_AGAIN|UnknownHostException:|lookup) {_HOST}(?P<port>)"),
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
        remote: address and port that a connection went to, whatever the URL names.
        name: with which the backend's certificate was compared.
        socket: path of the backend's Unix domain socket.
        denied: path that SELinux or AppArmor kept from httpd.
        certificate: name that the backend's certificate has.
        windows: whether httpd runs on Windows.
        listen: port that httpd itself cannot listen on.
        instead: of a directive that no httpd knows, what to do, in a sentence of ours.
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
    remote: str = ""
    name: str = ""
    socket: str = ""
    denied: str = ""
    certificate: str = ""
    windows: bool = False
    listen: int = 0
    instead: str = ""

    def settled(self, *, tls: bool) -> Named:
        """With the address of the connection, where no line names the host of the URL.

        Args:
            tls: whether the lines are about a connection with TLS.
        """
        scheme = self.scheme or ("https" if tls else "")
        found = _REMOTE.fullmatch(self.remote) if self.remote and not self.host else None
        if found is None:
            return self._replace(scheme=scheme) if scheme != self.scheme else self
        return self._replace(scheme=scheme, host=found[1].lower(), port=int(found[2]))

    def joined(self, other: Named) -> Named:
        """Both; what another line names newly counts, but never a host without its port."""
        if not any(other):
            return self
        newer = Named._make(new or old for old, new in zip(self, other, strict=True))
        return newer._replace(host=self.host) if self.host and not other.port else newer


NOTHING: Final = Named()


def of_code(code: str, entry: LogEntry) -> Named:
    """What a line with a log code names.

    Args:
        code: of the line.
        entry: the line.
    """
    if code not in _TELLING:
        scheme = _of_module(code)
        return Named(scheme=scheme, remote=entry.remote) if scheme or entry.remote else NOTHING
    names = _HOSTS.get(code)
    found = names.search(entry.message) if names else None
    host = (found["host"] or found["address"].strip("[]")).lower() if found else ""
    port = int(found.groupdict().get("port") or 0) if found else 0
    if ":" in host:  # httpd writes an IPv6 address and its port alike
        host = host.removesuffix(f":{port}")
    through = _THROUGH.search(entry.message) if code == "AH00958" else None
    told: dict[str, Any] = {}
    for field, _, expression, kind in _FIELDS_OF.get(code, ()):
        value = expression.search(entry.message)
        if value is not None:
            told[field] = kind(value[1])
    return Named(
        host,
        port,
        _scheme(code, entry),
        modules=modules_of(entry.message) if code in _OF_MODULES else (),
        proxy=f"{through[2].lower()}:{through[1]}" if through else "",
        remote=entry.remote,
        windows=entry.errno is not None and entry.errno % 720000 in _WINSOCK,
        **told,
    )


def of_program(text: str) -> Named:
    """The host and the port that another program failed to reach.

    Args:
        text: a line of its output.
    """
    found = next(filter(None, (words.search(text) for words in _OF_PROGRAMS)), None)
    if found is None:
        return NOTHING
    scheme = "ajp" if "jk_ajp_common" in text else found.groupdict().get("scheme", "")
    return Named(found["host"].lower(), int(found["port"] or 0), scheme)


def of_signature(text: str) -> str:
    """The virtual host that made one of httpd's own pages; empty for any other line.

    Args:
        text: a line, without tags.
    """
    found = _SIGNATURE.match(text) if "Server at " in text else None
    return found[1].lower() if found else ""


def _scheme(code: str, entry: LogEntry) -> str:
    if code == "AH01144":
        found = _SCHEME.search(entry.message)
    else:
        found = _SPEAKS.search(entry.message) if code in _SCHEME_FIRST else None
    if found is not None:
        return found[1].lower()
    return _of_module(code)


@lru_cache(maxsize=4096)
def _of_module(code: str) -> str:
    """The scheme that the module of a code speaks alone, else nothing."""
    known = AH_CODES.get(code)
    kind = known.module.removeprefix("proxy_") if known else ""
    return kind if kind in ("ajp", "fcgi", "scgi", "uwsgi") else ""


def of_refusal(text: str) -> Named:
    """The directive and the file that a start of httpd fails at.

    Args:
        text: the line after the one that says where.
    """
    found = _FILE.search(text)
    return Named(
        directive=found[1] if found else "", file=found[2] if found else "",
        modules=modules_of(text),
    )  # fmt: skip


def modules_of(text: str) -> tuple[str, ...]:
    """The modules that a line says to be missing.

    Args:
        text: the line.
    """
    method = _METHOD.search(text)
    if method:
        return (f"lbmethod_{method[1]}",)
    if "No MPM loaded" in text:
        return ("mpm_event",)
    if "without proxy enabled" in text:
        return ("proxy", "proxy_http")
    found = next(filter(None, (words.search(text) for words in _MODULES)), None)
    return (found[1],) if found else ()
