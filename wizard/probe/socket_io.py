"""A socket with a deadline for each exchange over it.

asyncio's ``sock_recv`` and ``sock_connect`` register the socket for each wait, and
``asyncio.timeout`` sets a timer for each stage: with a thousand backends a fifth of all work. Here
a socket is registered once, and has one timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import os
import socket

PART = 16384
"""Bytes read at a time: a TLS record."""
_UNDER_WAY = (errno.EINPROGRESS, errno.EALREADY, errno.EINTR)


class SocketChannel:
    """A non-blocking stream socket; also a ``Channel`` without TLS. One task at a time uses it.

    Args:
        family: address family.

    Raises:
        OSError: there is no free socket.
    """

    close_notify = False
    alert = None

    def __init__(self, family: int) -> None:
        self._sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._number = self._sock.fileno()
        self._loop = asyncio.get_running_loop()
        self._deadline = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[bytes] | None = None
        self._registered = False

    def allow(self, seconds: float) -> None:
        """Set the time for what follows; then waiting raises ``TimeoutError``."""
        self._deadline = self._loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None

    async def connect(self, target: tuple[str, int] | str) -> None:
        """Connect (connect(2)); the socket is closed before it raises.

        Args:
            target: an IP address and port, or the path of a unix domain socket.

        Raises:
            TimeoutError: without ``errno``: it took too long.
            OSError: the connection failed.
            ValueError: the target is no address.
            OverflowError: the port is out of range.
        """
        try:
            await self._connect(target if isinstance(target, str) else self._numeric(*target))
        except BaseException:
            self.close()
            raise

    def _numeric(self, address: str, port: int) -> tuple[object, ...]:
        """The address for connect(); one with a scope is parsed without a lookup."""
        family = self._sock.family
        try:
            socket.inet_pton(family, address)
        except OSError:
            kind, flags = socket.SOCK_STREAM, socket.AI_NUMERICHOST
            return socket.getaddrinfo(address, port, family, kind, 0, flags)[0][4]
        return address, port

    async def _connect(self, target: tuple[object, ...] | str) -> None:
        number = self._sock.connect_ex(target)
        if number in _UNDER_WAY:
            number = self._sock.connect_ex(target)  # done already, if it is this machine
        if number in _UNDER_WAY:
            await self._writable()
            number = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number not in (0, errno.EISCONN):
            raise OSError(number, os.strerror(number))
        if self._sock.family != socket.AF_UNIX:
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            TimeoutError: the other side did not accept it in time.
            OSError: the connection is gone.
        """
        while True:
            try:
                sent = self._sock.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            if sent == len(data):
                return
            data = data[sent:]
            await self._writable()

    async def receive(self) -> bytes:
        """The next bytes, at most ``PART``; empty when the other side has hung up.

        Raises:
            TimeoutError: none came in time.
            OSError: the connection is gone.
        """
        if self._loop.time() >= self._deadline:  # also if the other side never stops sending
            raise TimeoutError
        try:
            return self._sock.recv(PART)
        except (BlockingIOError, InterruptedError):
            pass
        if not self._registered:
            self._loop.add_reader(self._number, self._arrived)
            self._registered = True
        return await self._wait()

    def end_sending(self) -> None:
        """See ``Channel``."""
        with contextlib.suppress(OSError):  # the backend is gone
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Hang up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._unregister()
        self._sock.close()

    def _unregister(self) -> None:
        if self._registered:
            self._loop.remove_reader(self._number)
            self._registered = False

    def _arrived(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            self._unregister()  # no reader waits; the loop would report the bytes again and again
            return
        try:
            data = self._sock.recv(PART)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            waiter.set_exception(error)
        else:
            waiter.set_result(data)

    async def _writable(self) -> None:
        self._unregister()  # what arrives now is for the next reader
        self._loop.add_writer(self._number, self._taken)
        try:
            await self._wait()
        finally:
            self._loop.remove_writer(self._number)

    def _taken(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(b"")

    async def _wait(self) -> bytes:
        waiter: asyncio.Future[bytes] = self._loop.create_future()
        self._waiter = waiter
        if self._timer is None and self._deadline < math.inf:
            self._timer = self._loop.call_at(self._deadline, self._late)
        try:
            return await waiter
        finally:
            self._waiter = None

    def _late(self) -> None:
        """The timer of an earlier stage goes on for the current one."""
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._late)
        else:
            self._waiter.set_exception(TimeoutError())
