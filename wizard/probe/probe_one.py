"""One backend, stage by stage: name, connection, handshake, HTTP, and who answers without SNI."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from OpenSSL import SSL, crypto

from wizard.model.certificate import Certificate
from wizard.model.host_names import is_address
from wizard.model.probe import HttpResult, ProbeReport, ProbeRequest, TlsResult
from wizard.probe import (
    handshake,
    old_rules,
    revocation,
    system_tls,
    tls_context,
    unlike_own,
    wider,
)
from wizard.probe.channel import Channel, Edit, Secure
from wizard.probe.resolve import Resolver, SystemResolver
from wizard.probe.route_to_backend import BackendPath
from wizard.probe.socket_io import SocketChannel
from wizard.reference import behaviours

_KEPT = 1.0
"""Seconds of a stage's time, at most a quarter, kept for asking a silent port in plain HTTP: a port
that understands it answers at once, and a dead one costs no more than the stage's time."""
_Unnamed = tuple[Certificate | None, str | None]
"""The certificate shown to a client without SNI, or why there is none."""


@dataclass(frozen=True)
class Shared:
    """What the probes of one run have in common."""

    resolver: Resolver = field(default_factory=SystemResolver)
    contexts: tls_context.Contexts = field(default_factory=tls_context.Contexts)
    unnamed: dict[object, asyncio.Future[_Unnamed]] = field(default_factory=dict)
    observe: Callable[[ProbeReport], None] | None = None


async def probe(
    request: ProbeRequest, shared: Shared, alike: ProbeReport | None = None
) -> ProbeReport:
    """Observe one backend; see ``wizard.probe.probe``.

    Args:
        request: what to probe.
        shared: by the probes of one run.
        alike: an earlier report from which this one differs only in what is verified.
    """
    started = datetime.now(UTC)
    if request.tls:
        system_tls.of(request)  # once, before any timeout runs

    def changed() -> None:
        if shared.observe is not None:
            shared.observe(_report(visit, link, started))

    link = BackendPath(request, shared.resolver, changed)
    visit = _Visit(request, shared, link, changed)
    try:
        if alike is None or not await visit.verify(alike):
            await visit.run()
    finally:
        link.close()
    return _report(visit, link, started)


def _report(visit: _Visit, link: BackendPath, started: datetime) -> ProbeReport:
    """What is known so far."""
    request = visit.request
    return ProbeReport(
        request,
        started,
        dns=link.dns,
        tcp=link.tcp,
        tls=visit.tls,
        http=visit.http or link.refused,
        error=link.error,
        notes=tuple(
            note for note in (link.note, visit.note, unlike_own.not_asked(request)) if note
        ),
        speaks_tls=visit.speaks_tls,
        speaks_http=visit.speaks_http,
        speaks_h2c=visit.speaks_h2c,
    )


def _shown(tls: TlsResult) -> tuple[object, ...]:
    """What a backend does in a handshake, whatever is trusted."""
    return tls.chain, tls.completed, tls.version, tls.cipher, tls.failure, tls.alert


def _is_silent(tls: TlsResult) -> bool:
    """Whether the backend sent nothing in the handshake, as if it waited for more."""
    return tls.failure == "timeout" and not tls.chain


class _Visit:
    """The questions to one backend, and the answers."""

    def __init__(
        self, request: ProbeRequest, shared: Shared, link: BackendPath, changed: Callable[[], None]
    ) -> None:
        self.request = request
        self.tls: TlsResult | None = None
        self.http: HttpResult | None = None
        self.speaks_tls: bool | None = None
        self.speaks_http: bool | None = None
        self.speaks_h2c: bool | None = None
        self.note: str | None = None
        self._wanted: tls_context.Settings | None = None
        self._shared = shared
        self._link = link
        self._changed = changed

    async def run(self) -> None:
        """Go from stage to stage until one fails."""
        request = self.request
        wire = await self._link.open()
        if wire is None:
            return
        channel: Channel | None = wire
        if request.tls:
            channel = await self._secure(wire)
            self._changed()
        if channel is not None:
            await self._ask_http(channel)
            self._changed()
        if self.tls is not None and request.sni:
            self.tls = await self._ask_without_sni(self.tls)
            self.tls = await self._ask_by_url_name(self.tls)
        vain = self.http is not None and self.http.of_other_protocol
        if not request.tls and request.forward_proxy is None and vain:
            shown, _ = await self._unnamed()
            self.speaks_tls = shown is not None
            if shown is None:
                await self._ask_other_version()
        if request.http and self.tls is not None:
            await self._ask_in_cleartext(self.tls)

    async def verify(self, alike: ProbeReport) -> bool:
        """Make the handshake alone; whether it shows the same backend as an earlier report."""
        wire, was = await self._link.resume(alike), alike.tls
        if wire is None or was is None:
            return False
        channel = await self._secure(wire)
        seen = self.tls
        if seen is None or _shown(seen) != _shown(was):
            return False
        if channel is not None:
            await self._end_handshake(channel)
        self.tls = replace(
            was, seconds=seen.seconds, events=seen.events, verified_chain=seen.verified_chain
        )
        self.http = alike.http
        self.speaks_tls, self.speaks_http = alike.speaks_tls, alike.speaks_http
        self.speaks_h2c = alike.speaks_h2c
        self._changed()
        return True

    @property
    def _last(self) -> float:
        return min(_KEPT, self.request.timeout / 4)

    @property
    def _first(self) -> float:
        return self.request.timeout - (self._last if self.request.http else 0)

    async def _secure(self, wire: SocketChannel) -> Secure | None:
        """The handshake; repeated where httpd's OpenSSL or mod_ssl would have made another one."""
        request = self.request
        wanted = other = tls_context.settings(request)
        result, channel = await self._shake(wire, wanted)
        if unlike_own.may_be_old_version(request, result):
            other = replace(wanted, legacy=True)
        elif (own := request.presented(result.client_ca_names)) != wanted.client_certificate:
            if own is None:
                self.note = "httpd's client certificate is of no authority that the backend names"
            other = replace(wanted, client_certificate=own)
        self._wanted = other
        if other != wanted:
            fresh = await self._link.again()
            channel = None
            if fresh is not None:
                result, channel = await self._shake(fresh, other)
        result = self._refused(result, wanted.level)
        result = old_rules.accepted(request, result)
        seen = revocation.events(request, result)
        self.tls = replace(result, events=seen, unlike=unlike_own.differs(request))
        for attempt in wider.attempts(request, result):
            shown = await self._attempt(attempt)
            lack = wider.lack(request, attempt, shown) if shown is not None else None
            self.tls = replace(self.tls, lack=lack)
            if lack is not None or shown is None or shown.failure == "timeout":
                break
        return channel

    async def _attempt(self, attempt: wider.Attempt) -> TlsResult | None:
        wire = await self._link.again()
        if wire is None:
            return None
        seconds = self.request.timeout / 4
        return (await self._shake(wire, attempt.settings, seconds, attempt.edit))[0]

    def _refused(self, result: TlsResult, level: int) -> TlsResult:
        """With httpd's own OpenSSL's reason, where that does not let its certificate be sent."""
        own = self.request.presented(result.client_ca_names)
        if own is None or not result.client_certificate_requested:
            return result
        try:
            error = tls_context.refusal(own, level)
        except ValueError:
            return result  # the file changed meanwhile
        if error is None:
            return result
        return replace(result, client_certificate_refused=handshake.reasons(error))

    async def _shake(
        self,
        wire: SocketChannel,
        wanted: tls_context.Settings,
        seconds: float | None = None,
        edit: Edit | None = None,
    ) -> tuple[TlsResult, Secure | None]:
        """A handshake; ``wanted.legacy``: as httpd's OpenSSL, which verifies the certificate and
        refuses the key exchange's signature, or accepts it by the old rules."""
        began = time.monotonic()
        contexts, request, strict = self._shared.contexts, self.request, None
        try:
            ready = contexts.get(wanted)
            if wanted.legacy and not old_rules.apply(request):
                strict = contexts.get(replace(wanted, legacy=False))
        except (SSL.Error, crypto.Error) as error:
            text = handshake.reasons(error) or "OpenSSL refuses the settings"
        except (ValueError, OSError) as error:
            text = str(error)
        else:
            within = seconds or self._first
            return await handshake.shake(wire, ready, request.sni, within, strict, edit)
        spent = time.monotonic() - began
        return TlsResult(False, spent, request.sni, failure="local", error=text), None

    async def _ask_http(self, channel: Channel) -> None:
        # without h2 mod_proxy_http2 gives up here: AH10273
        other = (
            self.tls is not None
            and self.request.alpn
            and self.tls.alpn not in self.request.alpn
            and not behaviours.holds("alpn-unchecked", self.request.release)
        )
        if other or not self.request.http:
            await self._end_handshake(channel)
            return
        from wizard.probe import head_or_get  # h11

        self.http, channel = await head_or_get.ask(channel, self.request, self._reopen, self._first)
        await self._requested_later(channel, self.http.method)

    async def _requested_later(self, channel: Channel, method: str) -> None:
        """Whether a certificate was asked for once the backend had the request.

        It is asked again where httpd would have chosen another one.
        """
        tls, wanted = self.tls, self._wanted
        if tls is None or wanted is None or tls.client_certificate_requested:
            return
        if not isinstance(channel, Secure) or not channel.certificate_requested:
            return
        names = channel.client_ca_names
        self.tls = replace(tls, client_certificate_requested_later=True, client_ca_names=names)
        own = self.request.presented(names)
        if own == wanted.client_certificate:
            return
        self._wanted = replace(wanted, client_certificate=own)
        fresh = await self._reopen(self._first)
        if fresh is not None:
            from wizard.probe import http  # h11

            self.http = await http.ask(fresh, self.request, method, self._first)

    async def _ask_other_version(self) -> None:
        """Without TLS, whether the port speaks the version of HTTP that the URL does not say."""
        if self._wants_http2:
            self.speaks_http = await self._answers_in_cleartext()
        else:
            self.speaks_h2c = await self._answers_in_cleartext("h2")

    async def _ask_in_cleartext(self, tls: TlsResult) -> None:
        """Which HTTP a port speaks whose bytes are no TLS, or that says nothing in the handshake.

        A port that hangs up is asked in HTTP/2 alone: many that have TLS answer 400 to HTTP/1.
        """
        silent = _is_silent(tls)
        if silent or tls.failure == "not-tls":
            self.speaks_http = await self._answers_in_cleartext()
        elif tls.failure not in ("closed", "reset") or tls.chain:
            return
        # a port of HTTP/2 alone is not silent: TLS begins with more bytes than its preface has
        if self._wants_http2 if self.speaks_http else not silent:
            self.speaks_h2c = await self._answers_in_cleartext("h2")

    @property
    def _wants_http2(self) -> bool:
        return "h2" in self.request.alpn

    async def _answers_in_cleartext(self, *alpn: str) -> bool:
        """Whether the port answers without TLS: in HTTP/2 where ``h2`` is given, else in HTTP/1."""
        wire = await self._link.again()
        if wire is None:
            return False
        from wizard.probe import http  # h11

        plain = replace(
            self.request,
            tls=False,
            alpn=alpn,
            upgrade=False,
            forward_proxy=None,  # through the tunnel
            proxy_login=None,
        )
        answer = await http.ask(wire, plain, "HEAD", self._last)
        return answer.status is not None or answer.failure == "stream"

    async def _end_handshake(self, channel: Channel) -> None:
        """Send the rest of the handshake, although no request follows."""
        if isinstance(channel, Secure):
            channel.allow(self.request.timeout)
            with contextlib.suppress(OSError):  # TimeoutError included
                await channel.flush()

    async def _reopen(self, seconds: float, beside: bool = False) -> Channel | None:
        """A connection like the last: with TLS, a handshake with the same settings."""
        wire = await self._link.again(beside=beside)
        if wire is None or self._wanted is None:
            return wire
        return (await self._shake(wire, self._wanted, seconds))[1]

    async def _ask_without_sni(self, tls: TlsResult) -> TlsResult:
        if tls.failure in ("timeout", "not-tls", "local", "too-much"):
            return tls
        shown, why = await self._unnamed()
        return replace(tls, without_sni=shown, without_sni_error=why)

    async def _ask_by_url_name(self, tls: TlsResult) -> TlsResult:
        """Whether a backend that hangs up on the client's Host as SNI knows the URL's own name."""
        request = self.request
        hung_up = not tls.chain and tls.failure in ("alert", "closed", "reset")
        other = (request.sni or "").lower() != request.host.lower()
        if not hung_up or not other or is_address(request.host):
            return tls
        shown, _ = await self._ask_named(tls_context.unverified(request), request.host)
        return replace(tls, by_url_name=shown)

    async def _unnamed(self) -> _Unnamed:
        """Asked once for each address and port, however many names it serves."""
        wanted = tls_context.unverified(self.request)
        key = (self._link.peer, wanted)
        known = self._shared.unnamed.get(key)
        if known is not None:
            return await asyncio.shield(known)
        answer = self._shared.unnamed[key] = asyncio.get_running_loop().create_future()
        try:
            shown = await self._ask_named(wanted, None)
        except BaseException:
            answer.cancel()
            raise
        answer.set_result(shown)
        return shown

    async def _ask_named(self, wanted: tls_context.Settings, sni: str | None) -> _Unnamed:
        wire = await self._link.again()
        if wire is None:
            return None, "no second connection"
        ready = self._shared.contexts.get(wanted)
        return await handshake.first_certificate(wire, ready, self.request.timeout, sni)
