"""Bytes to and from a backend, plain or through TLS; bounded by the caller's deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from OpenSSL import SSL

from wizard.probe.socket_io import PART, SocketChannel
from wizard.probe.tls_context import Observed
from wizard.x509.der_names import text as name_text

MOST_IDLE = 1 << 18
"""Bytes after the handshake that carry no data: session tickets, key updates (RFC 8446, 4.6)."""
_MOST_WRITTEN = 1 << 16
"""Bytes of OpenSSL's output that are sent at a time."""


Edit = Callable[[bytes], bytes]
"""Changes what OpenSSL has written before it is sent."""
MOST_CA_NAMES = 1000
"""Names of a request for a client certificate that are kept."""


def ca_names(connection: SSL.Connection) -> tuple[str, ...]:
    """Names (RFC 4514) of the authorities that the last request for a certificate named."""
    shown = connection.get_client_ca_list()[:MOST_CA_NAMES]
    return tuple(name_text(name.der()) for name in shown)


class TooMuchError(Exception):
    """The backend sent more than the limits allow."""


class Stream(Protocol):
    """Bytes to and from a backend."""

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    async def receive(self) -> bytes:
        """The next bytes; empty when the backend has hung up.

        Raises:
            TooMuchError: too many records came without data.
        """
        ...


class Channel(Stream, Protocol):
    """A connection that carries the HTTP request."""

    close_notify: bool
    """Whether the backend has ended TLS."""

    @property
    def alert(self) -> int | None:
        """The fatal TLS alert that the backend sent, if it did."""
        ...

    def allow(self, seconds: float) -> None:
        """Set the time for what follows; then waiting raises ``TimeoutError``."""
        ...

    def end_sending(self) -> None:
        """Tell the backend that nothing more is sent (shutdown(2)); it can still answer."""
        ...


class Secure:
    """An OpenSSL connection in memory, whose records a socket carries."""

    def __init__(
        self, wire: SocketChannel, connection: SSL.Connection, edit: Edit | None = None
    ) -> None:
        self._wire = wire
        self._edit = edit
        self._connection = connection
        self.close_notify = False
        self.allow = wire.allow
        self.end_sending = wire.end_sending

    @property
    def alert(self) -> int | None:
        """See ``Channel``."""
        return self._observed.alert

    @property
    def certificate_requested(self) -> bool:
        """Whether a client certificate was asked for until now."""
        return self._observed.client_certificate_requested

    @property
    def client_ca_names(self) -> tuple[str, ...]:
        """See ``ca_names``."""
        return ca_names(self._connection)

    @property
    def _observed(self) -> Observed:
        observed: Observed = self._connection.get_app_data()
        return observed

    async def flush(self) -> None:
        """Send what OpenSSL has written."""
        more = True
        while more:
            try:
                data = self._connection.bio_read(_MOST_WRITTEN)
            except SSL.WantReadError:
                return
            await self._wire.send(self._edit(data) if self._edit else data)
            more = len(data) == _MOST_WRITTEN

    async def feed(self) -> bytes:
        """Give OpenSSL the next bytes of the backend; empty when it has hung up."""
        data = await self._wire.receive()
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
