from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator, Sequence

import pytest

from tests.support import servers
from wizard.model.probe import TcpResult
from wizard.probe import connect, socket_io


def reach(addresses: Sequence[str], port: int, timeout: float = 5) -> TcpResult:
    async def run() -> TcpResult:
        result, sock = await connect.connect(addresses, port, timeout)
        assert (sock is not None) == (result.address is not None)
        if sock is not None:
            sock.close()
        return result

    return asyncio.run(run())


@contextlib.contextmanager
def refusing(address: str, port: int) -> Iterator[None]:
    """A port that refuses connections, and that no other program of this machine can take."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:  # and never listens
        bound.bind((address, port))
        yield


@contextlib.contextmanager
def refused_beside(*refused: str) -> Iterator[int]:
    """A port that 127.0.0.1 serves and that other addresses refuse."""
    while True:
        with contextlib.ExitStack() as held:
            port = held.enter_context(servers.serving(lambda _: None))
            try:
                for address in refused:
                    held.enter_context(refusing(address, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue  # somebody else has the port there
            yield port
            return


def test_addresses_in_their_order() -> None:
    with refused_beside("127.0.0.9", "::1") as port:
        result = reach(["127.0.0.9", "::1", "127.0.0.1", "127.0.0.2"], port)
    assert result.address == "127.0.0.1"
    assert [(a.address, a.failure, a.errno) for a in result.attempts] == [
        ("127.0.0.9", "refused", errno.ECONNREFUSED),
        ("::1", "refused", errno.ECONNREFUSED),
        ("127.0.0.1", None, None),
    ]
    assert result.failure is None


def test_ipv6() -> None:
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    with listener:
        assert reach(["::1"], listener.getsockname()[1]).address == "::1"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ECONNREFUSED, "refused"),
        (errno.EHOSTUNREACH, "unreachable"),
        (errno.ENETUNREACH, "unreachable"),
        (errno.ETIMEDOUT, "timeout"),
        (errno.EACCES, "not-permitted"),
        (errno.EPERM, "not-permitted"),
        (errno.ECONNRESET, "reset"),
        (errno.EMFILE, "other"),
    ],
)
def test_kinds_of_failure(number: int, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise OSError(number, "why")

    monkeypatch.setattr(socket_io.SocketChannel, "_connect", fail)
    result = reach(["127.0.0.1"], 1)
    assert (result.failure, result.attempts[0].errno, result.address) == (kind, number, None)


@pytest.mark.parametrize(
    ("address", "port"), [("no address", 1), ("127.0.0.1", 99999), ("256.1.1.1", 1), ("", 1)]
)
def test_what_cannot_be_connected_to(address: str, port: int) -> None:
    assert reach([address], port, 0.5).failure is not None


def test_no_address_at_all() -> None:
    assert reach([], 1).failure == "other"
