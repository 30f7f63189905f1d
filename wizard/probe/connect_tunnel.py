"""A tunnel through a forward proxy (ProxyRemote), as mod_proxy asks for it
(proxy_util.c, send_http_connect)."""

from __future__ import annotations

import re
import time
from dataclasses import replace

from wizard.model.answer_rules import HUGE_STRING_LEN
from wizard.model.host_names import bracketed
from wizard.model.probe import HttpFailure, HttpResult, ProbeRequest
from wizard.probe.socket_io import SocketChannel

_SHOWN = 60
MOST_HEAD = 1 << 18
"""Bytes of the forward proxy's answer; httpd has no limit."""
_SCANNED = HUGE_STRING_LEN - 1
"""Bytes that httpd reads at a time (less the final NUL of its buffer): the first are scanned for
the status, and each lot for the end, which goes unseen where it lies across two."""
_SPACE = rb"[ \t\n\v\f\r]*"
_STATUS = re.compile(
    rb"HTTP/%b[+-]?\d+\.%b[+-]?\d+%b([^ \t\n\v\f\r]{1,3})" % (_SPACE, _SPACE, _SPACE)
)
"""What sscanf() reads with ``HTTP/%u.%u %3s``."""
_NUMBER = re.compile(rb"[+-]?\d+")
_OK = 200


async def connect(wire: SocketChannel, request: ProbeRequest) -> HttpResult | None:
    """Have the forward proxy connect to the backend.

    Args:
        wire: connected to the forward proxy.
        request: its host and port are the tunnel's.

    Returns:
        None where httpd takes it for a tunnel: after 200, and after what is no status line at all;
        else the forward proxy's answer to CONNECT, its code as httpd logs it in ``reason``.
    """
    began = time.monotonic()

    def refused(failure: HttpFailure, error: str) -> HttpResult:
        return HttpResult("CONNECT", None, time.monotonic() - began, failure=failure, error=error)

    host = bracketed(request.host)
    login = f"Proxy-Authorization: {request.proxy_login}\r\n" if request.proxy_login else ""
    line = f"CONNECT {host}:{request.port} HTTP/1.0\r\n{login}Proxy-agent: proxy-wizard\r\n\r\n"
    head = b""
    wire.allow(request.timeout)
    try:
        await wire.send(line.encode("utf-8", "surrogateescape"))
        ended = False
        while not ended:
            # one byte at a time would be slow; what follows the head is the
            # backend's, which does not speak first in TLS
            part = await wire.receive()
            if not part:
                return refused("closed", "the forward proxy closed the connection")
            ended = _ends(head, part)
            head += part
            if len(head) > MOST_HEAD:
                return refused("too-much", "the forward proxy's answer does not end")
    except TimeoutError:
        return refused("timeout", f"the forward proxy gave no answer in {request.timeout:g} s")
    except OSError as error:
        return refused("reset", error.strerror or str(error))
    said = _STATUS.match(head[:_SCANNED])
    if said is None or _number(said[1]) == _OK:
        return None
    code = said[1].decode("latin-1")
    line = head.partition(b"\r\n")[0][:_SHOWN].decode("latin-1")
    answer = refused("other", f"the forward proxy answers {line!r}, and httpd takes 200 alone")
    return replace(answer, status=_number(said[1]), reason=code)


def _ends(before: bytes, part: bytes) -> bool:
    """Whether the end of the head is found in what came, or together with what came before."""
    begin = len(before) // _SCANNED * _SCANNED
    read = before[begin:] + part
    lots = (read[at : at + _SCANNED] for at in range(0, len(read), _SCANNED))
    return any(b"\r\n\r\n" in lot.partition(b"\0")[0] for lot in lots)  # strstr() ends at a NUL


def _number(text: bytes) -> int:
    """As atoi() reads it."""
    digits = _NUMBER.match(text)
    return int(digits[0]) if digits is not None else 0
