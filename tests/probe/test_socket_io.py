"""The socket that probes wait on, against servers on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support import servers
from wizard.probe.socket_io import PART, SocketChannel

LONG, SHORT = 30.0, 0.05
"""Seconds: none of what is expected takes the first; the second is waited for to its end."""


def talk(
    server: Callable[[socket.socket], None], client: Callable[[SocketChannel], Awaitable[None]]
) -> None:
    async def run(port: int) -> None:
        wire = SocketChannel(socket.AF_INET)
        try:
            wire.allow(LONG)
            await wire.connect(("127.0.0.1", port))
            await client(wire)
        finally:
            wire.close()

    with servers.serving(server) as port:
        asyncio.run(run(port))


def silence(peer: socket.socket) -> None:
    """Until the other side has hung up."""
    while peer.recv(1):
        pass


async def read_on(wire: SocketChannel) -> None:
    while await wire.receive():
        pass


def test_both_ways() -> None:
    def echo(peer: socket.socket) -> None:
        peer.sendall(peer.recv(100))

    async def client(wire: SocketChannel) -> None:
        await wire.send(b"hello")
        assert await wire.receive() == b"hello"
        assert await wire.receive() == b""

    talk(echo, client)


def test_silence_ends_with_the_time_allowed() -> None:
    async def client(wire: SocketChannel) -> None:
        wire.allow(SHORT)
        with pytest.raises(TimeoutError):
            await wire.receive()

    talk(silence, client)


def test_the_next_stage_has_time_of_its_own() -> None:
    go_on = threading.Event()

    def server(peer: socket.socket) -> None:
        go_on.wait(LONG)
        peer.sendall(b"late")

    async def client(wire: SocketChannel) -> None:
        wire.allow(SHORT)
        waiting = asyncio.ensure_future(wire.receive())
        await asyncio.sleep(0)
        wire.allow(LONG)
        await asyncio.sleep(2 * SHORT)
        go_on.set()
        assert await waiting == b"late"

    talk(server, client)


def test_the_next_stage_may_have_less_time() -> None:
    def server(peer: socket.socket) -> None:
        peer.sendall(peer.recv(1))
        silence(peer)

    async def client(wire: SocketChannel) -> None:
        waiting = asyncio.ensure_future(wire.receive())
        await asyncio.sleep(0)
        await wire.send(b"x")
        assert await waiting == b"x"
        wire.allow(SHORT)
        with pytest.raises(TimeoutError):
            await wire.receive()

    talk(server, client)


def test_one_that_never_falls_silent_gets_no_more_time() -> None:
    def server(peer: socket.socket) -> None:
        while True:
            peer.sendall(bytes(PART))

    async def client(wire: SocketChannel) -> None:
        wire.allow(SHORT)
        with pytest.raises(TimeoutError):
            await read_on(wire)

    talk(server, client)


def test_what_nobody_reads_keeps_the_loop_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    arrived = SocketChannel._arrived

    def counted(self: SocketChannel) -> None:
        nonlocal calls
        calls += 1
        arrived(self)

    monkeypatch.setattr(SocketChannel, "_arrived", counted)

    def server(peer: socket.socket) -> None:
        peer.sendall(peer.recv(1))
        peer.sendall(b"more")

    async def client(wire: SocketChannel) -> None:
        waiting = asyncio.ensure_future(wire.receive())
        await asyncio.sleep(0)
        await wire.send(b"x")
        read = await waiting
        await asyncio.sleep(4 * SHORT)
        assert calls <= 3
        while len(read) < 5:
            read += await wire.receive()
        assert read == b"xmore"

    talk(server, client)


def test_a_peer_that_takes_nothing() -> None:
    hung_up = threading.Event()

    def server(_: socket.socket) -> None:
        hung_up.wait(LONG)

    async def client(wire: SocketChannel) -> None:
        wire.allow(SHORT)
        with pytest.raises(TimeoutError):
            await wire.send(bytes(64 << 20))
        hung_up.set()

    talk(server, client)


def test_a_peer_that_takes_it_in_parts() -> None:
    size = 8 << 20

    def server(peer: socket.socket) -> None:
        taken = 0
        while taken < size:
            taken += len(peer.recv(PART))
        peer.sendall(b"all")

    async def client(wire: SocketChannel) -> None:
        await wire.send(bytes(size))
        assert await wire.receive() == b"all"

    talk(server, client)


def test_what_arrives_while_it_sends_is_not_lost() -> None:
    size = 64 << 20  # more than any buffer takes

    def server(peer: socket.socket) -> None:
        peer.sendall(b"first")
        taken = len(peer.recv(1))
        peer.sendall(b"later")
        time.sleep(SHORT)  # in which the client could take it, though it waits to send
        while taken < size:
            taken += len(peer.recv(1 << 20))

    async def client(wire: SocketChannel) -> None:
        assert await wire.receive() == b"first"
        await wire.send(bytes(size))
        assert await wire.receive() == b"later"

    talk(server, client)


def test_what_is_no_address_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = socket.getaddrinfo

    def look_up(*arguments: Any) -> object:
        asked.append(arguments[-1])
        return real(*arguments)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def run() -> None:
        with pytest.raises(socket.gaierror):
            await SocketChannel(socket.AF_INET).connect(("localhost", 1))

    asyncio.run(run())
    assert asked == [socket.AI_NUMERICHOST]
