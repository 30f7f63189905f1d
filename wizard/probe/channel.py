"""Bytes to and from a backend, plain or through TLS; bounded by the caller's deadline."""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

from OpenSSL import SSL

from wizard.probe.context import Observed

PART = 16384
"""Bytes read at a time: a TLS record."""
MOST_IDLE = 1 << 18
"""Bytes after the handshake that carry no data: session tickets, key updates (RFC 8446, 4.6). A
socket that always has more of them never lets the deadline strike."""


class TooMuchError(Exception):
    """The backend sent more than the limits allow."""


class Channel(Protocol):
    """A connection that carries the HTTP request."""

    close_notify: bool
    """Whether the backend has ended TLS."""

    @property
    def alert(self) -> int | None:
        """The fatal TLS alert that the backend sent, if it did."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    async def receive(self) -> bytes:
        """The next bytes; empty when the backend has hung up.

        Raises:
            TooMuchError: what comes holds no bytes.
        """
        ...


class Plain:
    """A socket without TLS."""

    close_notify = False
    alert = None

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """See ``Channel``."""
        await self._loop.sock_sendall(self._sock, data)

    async def receive(self) -> bytes:
        """See ``Channel``."""
        return await self._loop.sock_recv(self._sock, PART)


class Secure:
    """An OpenSSL connection in memory, whose records travel over a socket."""

    def __init__(self, sock: socket.socket, connection: SSL.Connection) -> None:
        self._sock = sock
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self.close_notify = False

    @property
    def alert(self) -> int | None:
        """See ``Channel``."""
        observed: Observed = self._connection.get_app_data()
        return observed.alert

    async def flush(self) -> None:
        """Send what OpenSSL has written."""
        while True:
            try:
                data = self._connection.bio_read(1 << 16)
            except SSL.WantReadError:
                return
            await self._loop.sock_sendall(self._sock, data)

    async def feed(self) -> bytes:
        """Hand OpenSSL the next bytes of the backend; empty when it has hung up."""
        data = await self._loop.sock_recv(self._sock, PART)
        if data:
            self._connection.bio_write(data)
        return data

    async def send(self, data: bytes) -> None:
        """See ``Channel``."""
        self._connection.sendall(data)
        await self.flush()

    async def receive(self) -> bytes:
        """See ``Channel``. Raises ``SSL.Error`` where OpenSSL does."""
        idle = 0
        while True:
            try:
                return self._connection.recv(PART)
            except SSL.WantReadError:
                await self.flush()
                data = await self.feed()
                if not data:
                    return b""
                idle += len(data)
                if idle > MOST_IDLE:
                    raise TooMuchError("the backend sends TLS records without data") from None
            except SSL.ZeroReturnError:
                self.close_notify = True
                return b""
            except SSL.SysCallError:
                return b""
