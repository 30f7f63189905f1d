"""The answer to HEAD, or to GET where a backend refuses HEAD or does not answer it.

``openssl s_server -www``, which administrators use for tests, never answers HEAD; and it serves one
connection at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from wizard.model.probe import HttpResult, ProbeRequest
from wizard.probe import http
from wizard.probe.channel import Channel

SILENT = 1.0
"""Seconds of silence after HEAD until GET is sent on a second connection."""
_QUEUED = 0.1
"""Seconds that GET has before the backend is told that nothing follows HEAD (FIN): one that serves
one connection at a time then goes on to the next, and one that is only slow can still answer."""
Reopen = Callable[[float, bool], Awaitable[Channel | None]]
"""Makes a connection like the first: within so many seconds, and beside it or in its place."""
_Answer = tuple[HttpResult, Channel]


async def ask(channel: Channel, request: ProbeRequest, reopen: Reopen, seconds: float) -> _Answer:
    """Ask a backend with HEAD, and beside it with GET if it is silent: a usable answer decides.

    Args:
        channel: to the backend.
        request: as for ``http.ask``; its ``timeout`` bounds both together.
        reopen: makes the second connection.
        seconds: for the answer to HEAD, fewer than ``timeout``.

    Returns:
        The answer, and the channel that it came from.
    """
    if request.upgrade:  # always GET (RFC 6455, 4.1)
        return await http.ask(channel, request, "GET", seconds), channel
    now = asyncio.get_running_loop().time
    ends = now() + request.timeout
    timed = http.Timed(channel)
    head = asyncio.create_task(http.ask(channel, request, "HEAD", seconds, timed))
    try:
        await asyncio.wait({head}, timeout=SILENT)
        if not head.done() and http.is_silent(request, timed):
            first = await _beside(head, channel, request, reopen, ends)
        else:
            first = await head, channel
    finally:
        await _end(head)
    result = first[0]
    left = ends - now() if result.failure == "timeout" else request.timeout
    if result.method == "GET" or not http.again_with_get(result) or left <= _QUEUED:
        return first
    return _better(first, await _get(request, reopen, left))


async def _beside(
    head: asyncio.Task[HttpResult],
    channel: Channel,
    request: ProbeRequest,
    reopen: Reopen,
    ends: float,
) -> _Answer:
    """The answer when GET is sent beside HEAD; HEAD's where there was no second connection."""
    now = asyncio.get_running_loop().time
    get = asyncio.create_task(_get(request, reopen, ends - now(), head))
    limit, told = _QUEUED, False
    try:
        while waiting := {task for task in (head, get) if not task.done()}:
            done, _ = await asyncio.wait(
                waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED
            )
            if head in done and _decides(head.result(), told=told):
                return head.result(), channel
            answer = get.result() if get in done else None
            if answer is not None and not http.is_no_answer(answer[0]):
                return answer
            if now() >= ends:
                break
            if not done:
                channel.end_sending()
                told = True
            limit = ends - now()
        silent = await head
        if told and not _decides(silent, told=told):  # how it ended says nothing of the backend
            waited = now() - ends + request.timeout
            silent = replace(
                silent, seconds=waited, failure="timeout", alert=None, error=http.late(request)
            )
        return _better((silent, channel), get.result() if get.done() else None)
    finally:
        await _end(get)


def _decides(head: HttpResult, *, told: bool) -> bool:
    """Whether an answer to HEAD will do; ``told``: after the end of what is sent."""
    return not http.again_with_get(head) and not (told and head.status is None)


async def _get(
    request: ProbeRequest,
    reopen: Reopen,
    seconds: float,
    head: asyncio.Task[HttpResult] | None = None,
) -> _Answer | None:
    """The answer to GET; None where there is no connection for it.

    Args:
        request, reopen: as for ``ask``.
        seconds: beside HEAD, for the connection too.
        head: the question beside which it is asked; None: that was before.
    """
    now = asyncio.get_running_loop().time
    ends = now() + seconds
    channel = await reopen(seconds, head is not None)
    if channel is None:
        return None
    if head is not None:
        seconds = ends - now()
        await asyncio.sleep(0)  # a slow backend that serves one connection has just answered HEAD
        if head.done() and _decides(head.result(), told=True):
            return None
    return await http.ask(channel, request, "GET", seconds), channel


def _better(head: _Answer, get: _Answer | None) -> _Answer:
    """GET's, unless both were waited for in vain."""
    if get is None or head[0].failure == get[0].failure == "timeout":
        return head
    return get


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
