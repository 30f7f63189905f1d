"""One backend, stage by stage: name, connection, handshake, HTTP, and who answers without SNI."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime

from OpenSSL import SSL, crypto

from wizard.model.certificate import Certificate
from wizard.model.probe import (
    HttpResult,
    ProbeReport,
    ProbeRequest,
    TcpResult,
    TlsResult,
)
from wizard.probe import connect, context, handshake, revocation, tunnel
from wizard.probe.channel import Channel, Plain, Secure
from wizard.probe.resolve import Resolver, SystemResolver

_PROTOCOL_VERSION = 70
"""The alert with which a server refuses every version that it is offered (RFC 8446, 6.2)."""


async def probe(
    request: ProbeRequest,
    resolver: Resolver | None = None,
    contexts: context.Contexts | None = None,
) -> ProbeReport:
    """Observe one backend; see ``wizard.probe.probe``.

    Args:
        request: how to connect.
        resolver: None: the system's.
        contexts: TLS contexts to share with other probes.
    """
    visit = _Visit(request, resolver or SystemResolver(), contexts or context.Contexts())
    try:
        await visit.run()
    finally:
        visit.close()
    return visit.report


def _old_version(request: ProbeRequest, result: TlsResult) -> bool:
    """Whether the backend may only speak a version that this OpenSSL does not offer."""
    if request.protocols is not None and {"TLSv1", "TLSv1.1"}.isdisjoint(request.protocols):
        return False
    return result.alert == _PROTOCOL_VERSION or (
        result.failure == "protocol" and not result.chain and "protocol" in (result.error or "")
    )


def _may_want_tls(answer: HttpResult | None) -> bool:
    """Whether plain HTTP was answered as a TLS port would: not at all, not in HTTP, or with 400."""
    if answer is None:
        return False
    return answer.failure in ("closed", "reset", "not-http", "alert") or answer.status == 400


class _Visit:
    """The connections to one backend, and the report as far as it has come."""

    def __init__(
        self, request: ProbeRequest, resolver: Resolver, contexts: context.Contexts
    ) -> None:
        self.report = ProbeReport(request, datetime.now(UTC))
        self._request = request
        self._resolver = resolver
        self._contexts = contexts
        self._addresses: tuple[str, ...] = ()
        self._sockets: list[socket.socket] = []

    def close(self) -> None:
        """Hang up everywhere."""
        for sock in self._sockets:
            sock.close()

    async def run(self) -> None:
        """Go from stage to stage until one fails."""
        sock = await self._reach()
        if sock is None:
            return
        channel: Channel | None = Plain(sock)
        if self._request.tls:
            channel = await self._secure(sock)
        if channel is not None and self._request.http:
            await self._http(channel)
        if self.report.tls is not None and self._request.sni:
            await self._without_sni()
        direct = self._request.forward_proxy is None
        if not self._request.tls and direct and _may_want_tls(self.report.http):
            shown, _ = await self._unnamed()
            self.report = replace(self.report, speaks_tls=shown is not None)

    async def _reach(self) -> socket.socket | None:
        """Name, connection and tunnel."""
        request = self._request
        host, port = request.host, request.port
        if request.forward_proxy is not None:
            try:
                host, port = tunnel.address(request.forward_proxy)
            except ValueError as error:
                self.report = replace(self.report, error=f"ProxyRemote: {error}")
                return None
            self._note(f"reached through the forward proxy {host}:{port}")
        if request.socket is None:
            dns = await self._resolver.resolve(host, port, request.timeout)
            self.report = replace(self.report, dns=dns)
            self._addresses = dns.addresses
            if not dns.addresses:
                return None
        tcp, sock = await self._connect(port)
        self.report = replace(self.report, tcp=tcp)
        if sock is None:
            return None
        if tcp.address is not None:
            self._addresses = (tcp.address,)
        return await self._through(sock)

    async def _connect(self, port: int) -> tuple[TcpResult, socket.socket | None]:
        request = self._request
        if request.socket is not None:
            result, sock = await connect.connect_unix(request.socket, request.timeout)
        else:
            result, sock = await connect.connect(self._addresses, port, request.timeout)
        if sock is not None:
            self._sockets.append(sock)
        return result, sock

    async def _again(self) -> socket.socket | None:
        """One more connection to the address that answered."""
        tcp = self.report.tcp
        if tcp is None:
            return None
        _, sock = await self._connect(tcp.port)
        return await self._through(sock) if sock is not None else None

    async def _through(self, sock: socket.socket) -> socket.socket | None:
        if self._request.forward_proxy is None or not self._request.tls:
            return sock
        refused = await tunnel.connect(sock, self._request)
        if refused is None:
            return sock
        self.report = replace(self.report, http=refused)
        return None

    async def _secure(self, sock: socket.socket) -> Secure | None:
        """The handshake; once more without client certificate where httpd sends none."""
        request = self._request
        result, channel = await self._shake(sock, context.settings(request))
        if _old_version(request, result):
            result, channel = await self._shake_old(result)
        result = replace(result, events=revocation.events(request, result))
        self.report = replace(self.report, tls=result)
        wanted = set(result.client_ca_names)
        if not request.client_certificate or not wanted or not request.client_issuers:
            return channel
        if not wanted.isdisjoint(request.client_issuers):
            return channel
        self._note("httpd's client certificate is of no authority that the backend names")
        fresh = await self._again()
        if fresh is None:
            return channel
        bare = replace(context.settings(request), client_certificate=None)
        result, channel = await self._shake(fresh, bare)
        self.report = replace(self.report, tls=result)
        return channel

    async def _shake(
        self, sock: socket.socket, wanted: context.Settings
    ) -> tuple[TlsResult, Secure | None]:
        began = time.monotonic()
        try:
            ready = self._contexts.get(wanted)
        except (SSL.Error, crypto.Error) as error:
            text = handshake.reasons(error) or "OpenSSL refuses the settings"
        except (ValueError, OSError) as error:
            text = str(error)
        else:
            return await handshake.shake(sock, ready, self._request.sni, self._request.timeout)
        seconds = time.monotonic() - began
        return TlsResult(False, seconds, self._request.sni, failure="local", error=text), None

    async def _shake_old(self, first: TlsResult) -> tuple[TlsResult, Secure | None]:
        """As httpd's OpenSSL 3.0, which at level 1 and above begins with TLS 1.0 and 1.1, too.

        It looks at the certificate, and then refuses the signature of the key exchange.
        """
        sock = await self._again()
        if sock is None:
            return first, None
        wanted = context.settings(self._request)
        lax = self._contexts.get(replace(wanted, legacy=True))
        timeout = self._request.timeout
        result, channel = await handshake.shake(
            sock, lax, self._request.sni, timeout, self._contexts.get(wanted)
        )
        if result.chain or result.completed:
            return result, channel
        return first, None

    async def _http(self, channel: Channel) -> None:
        from wizard.probe import http  # h11

        tls = self.report.tls
        if tls is not None and self._request.alpn and tls.alpn not in self._request.alpn:
            return  # mod_proxy_http2 ends here: AH10273
        method = "GET" if self._request.upgrade else "HEAD"
        result = await self._ask(channel, method)
        if http.again_with_get(result):
            fresh = await self._reopen()
            if fresh is not None:
                result = await self._ask(fresh, "GET")
        self.report = replace(self.report, http=result)

    async def _ask(self, channel: Channel, method: str) -> HttpResult:
        from wizard.probe import http

        def alert() -> int | None:
            return channel.alert if isinstance(channel, Secure) else None

        result = await http.ask(channel, self._request, method, alert)
        ended = isinstance(channel, Secure) and channel.close_notify
        return replace(result, close_notify=ended)

    async def _reopen(self) -> Channel | None:
        sock = await self._again()
        if sock is None or not self._request.tls:
            return None if sock is None else Plain(sock)
        return (await self._shake(sock, context.settings(self._request)))[1]

    async def _without_sni(self) -> None:
        tls = self.report.tls
        if tls is None or tls.failure in ("timeout", "not-tls", "local", "too-much"):
            return
        shown, why = await self._unnamed()
        self.report = replace(
            self.report, tls=replace(tls, without_sni=shown, without_sni_error=why)
        )

    async def _unnamed(self) -> tuple[Certificate | None, str | None]:
        sock = await self._again()
        if sock is None:
            return None, "no second connection"
        wanted = context.unverified(self._request)
        return await handshake.first_certificate(
            sock, self._contexts.get(wanted), self._request.timeout
        )

    def _note(self, text: str) -> None:
        self.report = replace(self.report, notes=(*self.report.notes, text))
