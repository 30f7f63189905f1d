"""The way to a backend: its name, its address, a tunnel if needed; and the same way again."""

from __future__ import annotations

from collections.abc import Callable

from wizard.model.probe import DnsResult, HttpResult, ProbeReport, ProbeRequest, TcpResult
from wizard.probe import connect, connect_tunnel
from wizard.probe.resolve import Resolver
from wizard.probe.socket_access import is_own_alone
from wizard.probe.socket_io import SocketChannel


class BackendPath:
    """Connections to the backend of one request, and what making the first one showed.

    Attributes:
        dns: the name's addresses; None: no name was looked up.
        tcp: the first connection; None: it was not tried.
        refused: the forward proxy's answer if it does not connect.
        error: why no connection can be tried.
        note: what it goes through, if not straight to the backend.

    Args:
        request: whose backend.
        resolver: how names are resolved.
        changed: called when the name was looked up and when the first connection was tried.
    """

    def __init__(
        self, request: ProbeRequest, resolver: Resolver, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.dns: DnsResult | None = None
        self.tcp: TcpResult | None = None
        self.refused: HttpResult | None = None
        self.error: str | None = None
        self.note: str | None = None
        self._request = request
        self._resolver = resolver
        self._changed = changed
        self._open: list[SocketChannel] = []

    def close(self) -> None:
        """Hang up."""
        while self._open:
            self._open.pop().close()

    @property
    def peer(self) -> tuple[str | None, int, str]:
        """The key of backends that may show different certificates without SNI."""
        address = self.tcp.address if self.tcp else None
        tunnelled = f"{self._request.host}:{self._request.port}" if self.note else ""
        return address, self.tcp.port if self.tcp else 0, tunnelled

    async def open(self) -> SocketChannel | None:
        """The first connection."""
        request = self._request
        if request.socket is not None:
            self.tcp, wire = await connect.connect_unix(
                request.socket, request.timeout, (request.user, request.group)
            )
            if self.tcp.failure == "not-permitted" and is_own_alone(
                request.socket, request.user, request.group
            ):
                self.tcp = None
                whose = request.user or "httpd's user"
                self.error = (
                    f"this user may not connect to {request.socket}; {whose} perhaps may. "
                    "Check as root."
                )
            self._changed()
            return self._kept(wire)
        host, port = request.peer
        if request.forward_proxy is not None:
            if not host:
                self.error = f"ProxyRemote: {request.forward_proxy!r} names no host"
                return None
            self._name_proxy()
        self.dns = await self._resolver.resolve(host, port, request.timeout)
        self._changed()
        if not self.dns.addresses:
            return None
        self.tcp, wire = await connect.connect(self.dns.addresses, port, request.timeout)
        self._changed()
        return await self._through(self._kept(wire))

    async def resume(self, earlier: ProbeReport) -> SocketChannel | None:
        """A connection to the address that an earlier probe of the same backend found."""
        self.dns, self.tcp = earlier.dns, earlier.tcp
        if self._request.forward_proxy is not None:
            self._name_proxy()
        return await self.again()

    def _name_proxy(self) -> None:
        host, port = self._request.peer
        self.note = f"reached through the forward proxy {host}:{port}"

    async def again(self, *, beside: bool = False) -> SocketChannel | None:
        """Another connection to the address of the first one.

        Args:
            beside: the ones before stay open; else they are closed.
        """
        if self.tcp is None or self.tcp.address is None:
            return None
        request = self._request
        if request.socket is not None:
            _, wire = await connect.connect_unix(request.socket, request.timeout)
        else:
            _, wire = await connect.connect((self.tcp.address,), self.tcp.port, request.timeout)
        return await self._through(self._kept(wire, beside=beside))

    def _kept(self, wire: SocketChannel | None, *, beside: bool = False) -> SocketChannel | None:
        if wire is not None:
            if not beside:
                self.close()
            self._open.append(wire)
        return wire

    async def _through(self, wire: SocketChannel | None) -> SocketChannel | None:
        if wire is None or self._request.forward_proxy is None or not self._request.tls:
            return wire
        self.refused = await connect_tunnel.connect(wire, self._request)
        return None if self.refused is not None else wire
