"""A connection of a backend: plain, or TLS over memory buffers.

asyncio's own TLS closes a connection whose handshake fails without sending the alert that OpenSSL
made, and the alert is what these backends are about.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct

_CHUNK = 65536
_LINGER = 2.0  # seconds


class Stream:
    """Bytes to and from a client.

    Args:
        reader: of the TCP connection.
        writer: of the TCP connection.
        context: of the server; None for no TLS.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext | None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._buffer = b""
        self.tls: ssl.SSLObject | None = (
            context.wrap_bio(self._incoming, self._outgoing, server_side=True) if context else None
        )

    async def handshake(self) -> None:
        """Shake hands, if this is TLS; when it fails, the client gets the alert.

        Raises:
            ssl.SSLError: it failed.
        """
        if self.tls is None:
            return
        while True:
            try:
                self.tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                pass
            finally:
                await self._flush()
            await self._receive()

    async def read(self) -> bytes:
        """What has come; empty at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        if self.tls is None:
            return await self._reader.read(_CHUNK)
        while True:
            try:
                return self.tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                if not await self._receive():
                    return b""
            except ssl.SSLError:
                return b""

    async def exactly(self, count: int) -> bytes:
        """So many bytes; fewer only at the end."""
        data = b""
        while len(data) < count and (part := await self.read()):
            data += part
        self._buffer = data[count:]
        return data[:count]

    async def until(self, delimiter: bytes, limit: int = _CHUNK) -> bytes:
        """Everything up to and with a delimiter; empty if ``limit`` bytes hold none."""
        data = b""
        while delimiter not in data:
            part = await self.read()
            if not part or len(data) > limit:
                return b""
            data += part
        end = data.index(delimiter) + len(delimiter)
        self._buffer = data[end:]
        return data[:end]

    async def write(self, data: bytes) -> None:
        """Send."""
        if self.tls is None:
            self._writer.write(data)
            await self._writer.drain()
        else:
            self.tls.write(data)
            await self._flush()

    async def close(self) -> None:
        """Hang up, in TLS with a close_notify."""
        if self.tls is not None and self.tls.version() is not None:
            with contextlib.suppress(ssl.SSLError):  # the client's need not be waited for
                self.tls.unwrap()
            await self._flush()
        self._writer.close()

    async def linger(self) -> None:
        """Hang up after the client did: closing with bytes unread would be a RST, and that makes
        the client's kernel forget an alert that it has not read yet."""
        self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(_CHUNK):
                    pass

    def reset(self) -> None:
        """Hang up with a RST: a socket that lingers for no time is closed so."""
        open_socket = self._writer.get_extra_info("socket")
        open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _receive(self) -> bool:
        data = await self._reader.read(_CHUNK)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return bool(data)

    async def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            self._writer.write(data)
            await self._writer.drain()
