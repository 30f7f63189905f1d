"""One request to httpd: the throw-away one, or the running one.

By hand: http.client bounds neither the time of a whole answer nor the bytes of its head, and cannot
begin with a PROXY line.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import field
from urllib.parse import quote

from wizard.record import record

_KEPT = "/%:;?@&=+$,!~*'()[]"
"""What stands in a request line as it is (RFC 3986, 2.2); httpd answers 400 to a blank there."""
_MOST = 1 << 20
"""Bytes of an answer that are read; the rest is not needed."""
_MOST_HEADERS = 1 << 17
_MOST_FIELDS = 200
_LONGEST_LOCATION = 2000
_UPGRADE = {
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "cHJveHktd2l6YXJkLmlzIQ==",
}
REHEARSAL_HEADER = "X-Proxy-Wizard-Rehearsal"
"""Carries the word that the throw-away httpd demands where others could reach it. ``Connection``
names it, so that mod_proxy drops it before it asks an HTTP backend (RFC 9110, 7.6.1)."""


def _connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


@record
class Answer:
    """What came back.

    Args:
        status: None: no HTTP answer.
        port: local port of the connection, by which the access log tells the request.
        error: why there is no answer, one sentence.
        seconds: from connecting to the end.
        location: its Location, as Latin-1; None: it has none.
        cookies: the values of Set-Cookie, as Latin-1: secrets, never shown.
    """

    status: int | None
    port: int = 0
    error: str = ""
    seconds: float = 0.0
    location: str | None = None
    cookies: tuple[str, ...] = field(default=(), repr=False)


def get(
    address: str,
    port: int,
    *,
    host: str,
    path: str,
    tls: bool,
    seconds: float,
    agent: str,
    word: str = "",
    announced: bool = False,
    upgrade: bool = False,
    connect: Callable[[str, int, float], socket.socket] = _connect,
) -> Answer:
    """Send ``GET path`` and read the answer's beginning.

    Args:
        address: IP address to connect to.
        port: its port.
        host: Host header, and SNI of a TLS connection if it is a name.
        path: path and query; what may not stand in a request line is percent-encoded.
        tls: speak TLS; the certificate is not verified, for this machine is asked.
        seconds: for everything together.
        agent: User-Agent header.
        word: sent in :data:`REHEARSAL_HEADER`, if there is one.
        announced: begin with a PROXY line (``RemoteIPProxyProtocol``).
        upgrade: ask for a WebSocket (RFC 6455, 4.1), as a browser does: a RewriteCond may want the
            very words.
        connect: makes the connection, given address, port and seconds.
    """
    begin = time.monotonic()
    end = begin + seconds
    local = 0
    try:
        request = _request(path, host, agent, word, upgrade=upgrade)
        with connect(address, port, seconds) as plain:
            local = plain.getsockname()[1]
            if announced:
                plain.sendall(_proxy_line(plain))
            stream = _tls(plain, host) if tls else plain
            with stream:
                stream.settimeout(max(0.01, end - time.monotonic()))
                stream.sendall(request)
                status, head = _status(stream, end, kept=upgrade)
    except TimeoutError:
        error = f"no answer within {seconds:.0f} s"
    except (OSError, ValueError) as problem:
        error = f"the connection broke: {problem}"
    else:
        error = "" if status is not None else "the connection was closed without an answer"
        spent = time.monotonic() - begin
        return Answer(status, local, error, spent, _location(head), _values(head, "set-cookie"))
    return Answer(None, local, error, time.monotonic() - begin)


def _request(path: str, host: str, agent: str, word: str, *, upgrade: bool) -> bytes:
    target = quote(path.encode("utf-8", "surrogateescape"), safe=_KEPT)
    own = {REHEARSAL_HEADER: word} if word else {}
    fields = {
        "Host": host,
        "User-Agent": agent,
        "Accept": "*/*",
        "Connection": ", ".join(("Upgrade" if upgrade else "close", *own)),
        **own,
        **(_UPGRADE if upgrade else {}),
    }
    lines = (f"GET {target} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields), "", "")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _proxy_line(plain: socket.socket) -> bytes:
    """The connection announced as one without a proxy in front (PROXY protocol, version 1)."""
    source, target = plain.getsockname(), plain.getpeername()
    family = "TCP6" if plain.family == socket.AF_INET6 else "TCP4"
    return f"PROXY {family} {source[0]} {target[0]} {source[1]} {target[1]}\r\n".encode("ascii")


def _tls(plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        return context.wrap_socket(plain, server_hostname=name.strip("[]") or None)
    except (UnicodeError, ValueError):  # no name that SNI can carry
        return context.wrap_socket(plain)


def _location(head: bytes) -> str | None:
    found = _values(head, "location")
    return found[0][:_LONGEST_LOCATION] if found else None


def _values(head: bytes, name: str) -> tuple[str, ...]:
    """The values of a field, in order."""
    fields = (line.partition(b":") for line in head.split(b"\r\n", _MOST_FIELDS + 1)[1:])
    known = [(key.strip().lower(), value.strip()) for key, _, value in fields]
    found = [value for key, value in known[:_MOST_FIELDS] if key == name.encode()]
    return tuple(value.decode("latin-1") for value in found)


def _status(stream: socket.socket, end: float, *, kept: bool) -> tuple[int | None, bytes]:
    """Status and head of the final answer; its body is read so that httpd can finish the request.

    Where httpd keeps the connection for another request (``kept``), it is told that none comes.
    """
    data = b""
    while True:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if separator:
            status = _number(head)
            if status is None or status >= 200 or status == 101:
                break
            data = rest  # 1xx: the answer is yet to come
            continue
        part = _receive(stream, end)
        data += part
        if not part or len(data) > _MOST_HEADERS:
            return _number(data), data
    read = len(rest)
    with contextlib.suppress(OSError):  # the status is known, whether the body ends or not
        if kept:
            stream.shutdown(socket.SHUT_WR)
        while read < _MOST and status != 101 and (part := _receive(stream, end)):
            read += len(part)
    return status, head


def _receive(stream: socket.socket, end: float) -> bytes:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    stream.settimeout(left)
    try:
        return stream.recv(65536)
    except ssl.SSLError:  # closed without close_notify
        return b""


def _number(head: bytes) -> int | None:
    words = head.split(b"\r\n")[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    return int(words[1][:3])
