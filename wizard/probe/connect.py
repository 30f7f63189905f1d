"""TCP: the addresses in their order until one answers, as mod_proxy does
(proxy_util.c, ap_proxy_connect_backend)."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Sequence

from wizard.model.probe import TcpAttempt, TcpFailure, TcpResult
from wizard.probe.socket_access import kept_out
from wizard.probe.socket_io import SocketChannel

_KINDS: dict[int, TcpFailure] = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.ECONNRESET: "reset",
    errno.EACCES: "not-permitted",
    errno.EPERM: "not-permitted",
    errno.ENOENT: "refused",
}
_SHARE = 1.0
"""Least seconds for a silent address, while others are still to be tried."""


async def connect(
    addresses: Sequence[str], port: int, timeout: float
) -> tuple[TcpResult, SocketChannel | None]:
    """Connect to the first address that answers.

    Args:
        addresses: IP addresses, in the order in which httpd tries them.
        port: TCP port.
        timeout: seconds for all of them together. httpd waits that long for each; here a silent
            one gets its share.

    Returns:
        What happened at each address tried, and the connection, if any.
    """
    began = time.monotonic()
    attempts: list[TcpAttempt] = []
    for number, address in enumerate(addresses):
        left = timeout - (time.monotonic() - began)
        if left <= 0:
            break
        share = max(left / (len(addresses) - number), min(_SHARE, left))
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        attempt, wire = await _try(family, (address, port), address, share)
        attempts.append(attempt)
        if wire is not None:
            seconds = time.monotonic() - began
            return TcpResult(address, port, seconds, tuple(attempts)), wire
    seconds = time.monotonic() - began
    last = attempts[-1] if attempts else TcpAttempt("", seconds, "other", "no address")
    return TcpResult(
        None, port, seconds, attempts=tuple(attempts), failure=last.failure, error=last.error
    ), None


async def connect_unix(
    path: str, timeout: float, whom: tuple[str | None, str | None] = (None, None)
) -> tuple[TcpResult, SocketChannel | None]:
    """Connect to a unix domain socket; see ``connect``.

    Args:
        path: of the socket.
        timeout: seconds.
        whom: user and group for whom it is done; None: for oneself.
    """
    refused = kept_out(path, *whom)
    if refused is None:
        attempt, wire = await _try(socket.AF_UNIX, path, path, timeout)
    else:
        denied = PermissionError(errno.EACCES, refused)
        attempt, wire = _failed(path, time.monotonic(), denied), None
    address = path if wire is not None else None
    result = TcpResult(
        address,
        0,
        attempt.seconds,
        attempts=(attempt,),
        failure=attempt.failure,
        error=attempt.error,
    )
    return result, wire


async def _try(
    family: int, target: tuple[str, int] | str, address: str, timeout: float
) -> tuple[TcpAttempt, SocketChannel | None]:
    began = time.monotonic()
    try:
        wire = SocketChannel(family)
        wire.allow(timeout)
        await wire.connect(target)
    except TimeoutError as error:
        if error.errno is not None:  # the kernel's ETIMEDOUT
            return _failed(address, began, error), None
        seconds = time.monotonic() - began
        return TcpAttempt(address, seconds, "timeout", f"no answer in {timeout:.3g} s"), None
    except (OSError, ValueError, OverflowError) as error:
        return _failed(address, began, error), None
    return TcpAttempt(address, time.monotonic() - began), wire


def _failed(address: str, began: float, error: Exception) -> TcpAttempt:
    number = error.errno if isinstance(error, OSError) else None
    kind = _KINDS.get(number, "other") if number is not None else "other"
    text = os.strerror(number) if number else str(error)
    return TcpAttempt(address, time.monotonic() - began, kind, text, number)
