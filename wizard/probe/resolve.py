"""Names to addresses, as httpd resolves them: getaddrinfo with the system's configuration.

httpd asks for both families with AI_ADDRCONFIG and keeps the order that it gets
(apr_sockaddr_info_get, network_io/unix/sockaddr.c).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from wizard.model.host_names import folded, is_address
from wizard.model.probe import DnsFailure, DnsResult
from wizard.model.scope import Assumed

_NOT_FOUND = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_MOST_LOOKUPS = 64
"""Lookups at the same time, each in a thread."""


class Resolver(Protocol):
    """How a name becomes addresses."""

    async def resolve(self, host: str, port: int, timeout: float) -> DnsResult:
        """Look a name up.

        Args:
            host: name or IP address (IPv6 without brackets).
            port: TCP port, which some resolvers use.
            timeout: seconds.

        Returns:
            The addresses in the order in which they are to be tried, or why there are none.
        """
        ...


class FixedResolver:
    """Names from a table; no other name exists."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._addresses = {folded(name): tuple(found) for name, found in addresses.items()}

    async def resolve(self, host: str, port: int, timeout: float) -> DnsResult:  # noqa: ARG002 - the protocol
        """See ``Resolver``."""
        if is_address(host):
            return DnsResult((host,), 0.0)
        found = self._addresses.get(folded(host), ())
        if found:
            return DnsResult(found, 0.0)
        return DnsResult((), 0.0, "not-found", "Name or service not known")


class AssumingResolver:
    """Some names as the operator says, all others as another resolver does.

    Args:
        assumed: these.
        other: for all others.
    """

    def __init__(self, assumed: Sequence[Assumed], other: Resolver) -> None:
        self._addresses = {one.name: one.address for one in assumed}
        self._other = other

    async def resolve(self, host: str, port: int, timeout: float) -> DnsResult:
        """See ``Resolver``."""
        address = self._addresses.get(folded(host))
        if address is not None:
            return DnsResult((address,), 0.0, assumed=True)
        return await self._other.resolve(host, port, timeout)


def assuming(assumed: Sequence[Assumed], other: Resolver | None) -> Resolver | None:
    """Another resolver, but for some names; None: the system's alone.

    Args:
        assumed: these, and where they are taken to lead.
        other: for all others; None: the system's.
    """
    return AssumingResolver(assumed, other or SystemResolver()) if assumed else other


class SystemResolver:
    """The system's resolver. It looks each name up once; a hanging lookup delays no other."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lookups: dict[str, asyncio.Future[DnsResult]] = {}
        self._places = asyncio.Semaphore(_MOST_LOOKUPS)

    async def resolve(self, host: str, port: int, timeout: float) -> DnsResult:  # noqa: ARG002 - as above
        """See ``Resolver``; getaddrinfo need not know the port."""
        if is_address(host):
            return DnsResult((host,), 0.0)
        began = time.monotonic()
        self._begin_run()
        lookup = self._lookups.get(host)
        if lookup is None:
            lookup = self._lookups[host] = asyncio.ensure_future(self._look_up(host))
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(lookup)
        except TimeoutError:
            seconds = time.monotonic() - began
            return DnsResult((), seconds, "timeout", f"no answer within {timeout:g} s")

    def _begin_run(self) -> None:
        """Forget an earlier run's event loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._lookups = loop, {}
            self._places = asyncio.Semaphore(_MOST_LOOKUPS)

    async def _look_up(self, host: str) -> DnsResult:
        async with self._places:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[DnsResult] = loop.create_future()
            # a daemon thread, which does not keep the process alive if it hangs in the C library
            threading.Thread(target=_in_thread, args=(host, loop, answer), daemon=True).start()
            return await answer


def _in_thread(
    host: str, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[DnsResult]
) -> None:
    result = look_up(host)

    def deliver() -> None:
        if not answer.done():
            answer.set_result(result)

    with contextlib.suppress(RuntimeError):  # the loop is closed: nothing waits any more
        loop.call_soon_threadsafe(deliver)


def look_up(host: str) -> DnsResult:
    """Ask the system now, in this thread, however long it takes."""
    began = time.monotonic()
    try:
        # bytes: Python would otherwise encode the name as IDNA, which httpd does not do
        name = host.encode("utf-8", "surrogateescape")
        found = socket.getaddrinfo(
            name, None, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
    except socket.gaierror as error:
        kind: DnsFailure = "other"
        if error.errno in _NOT_FOUND:
            kind = "not-found"
        elif error.errno == socket.EAI_AGAIN:
            kind = "temporary"
        return DnsResult((), time.monotonic() - began, kind, error.strerror)
    except (OSError, ValueError) as error:  # ValueError: a NUL, for example
        return DnsResult((), time.monotonic() - began, "other", str(error))
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    return DnsResult(addresses, time.monotonic() - began)
