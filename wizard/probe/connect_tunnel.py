"""A tunnel through a forward proxy (ProxyRemote), as mod_proxy asks for it
(proxy_util.c, send_http_connect)."""

from __future__ import annotations

import re
import time

from wizard.model.probe import HttpFailure, HttpResult, ProbeRequest
from wizard.probe.socket_io import SocketChannel

MOST_HEAD = 1 << 14
"""Bytes of the forward proxy's answer."""
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3}) ?([^\r\n]*)")


async def connect(wire: SocketChannel, request: ProbeRequest) -> HttpResult | None:
    """Have the forward proxy connect to the backend.

    Args:
        wire: connected to the forward proxy.
        request: its host and port are the tunnel's.

    Returns:
        None if there is a tunnel; else the forward proxy's answer to CONNECT.
    """
    began = time.monotonic()

    def refused(failure: HttpFailure, error: str, status: int | None = None) -> HttpResult:
        seconds = time.monotonic() - began
        return HttpResult("CONNECT", status, seconds, failure=failure, error=error)

    host = f"[{request.host}]" if ":" in request.host else request.host
    login = f"Proxy-Authorization: {request.proxy_login}\r\n" if request.proxy_login else ""
    line = f"CONNECT {host}:{request.port} HTTP/1.0\r\n{login}Proxy-agent: proxy-wizard\r\n\r\n"
    head = b""
    wire.allow(request.timeout)
    try:
        await wire.send(line.encode("utf-8", "surrogateescape"))
        while b"\r\n\r\n" not in head and b"\n\n" not in head:
            # one byte at a time would be slow; what follows the head is the
            # backend's, which does not speak first in TLS
            part = await wire.receive()
            if not part:
                return refused("closed", "the forward proxy closed the connection")
            head += part
            if len(head) > MOST_HEAD:
                return refused("too-much", "the forward proxy's answer does not end")
    except TimeoutError:
        return refused("timeout", f"the forward proxy gave no answer in {request.timeout:g} s")
    except OSError as error:
        return refused("reset", error.strerror or str(error))
    status = _STATUS.match(head)
    if status is None:
        return refused("not-http", "the forward proxy's answer is no HTTP")
    code, reason = int(status[1]), status[2].decode("latin-1")
    if 200 <= code < 300:
        return None
    return refused("other", f"the forward proxy refuses: {code} {reason}", code)
