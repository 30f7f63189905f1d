"""What an isolated server reaches, and how its connections end."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import httpd, servers
from wizard.httpd.sandbox import names, supervisor
from wizard.httpd.sandbox.names import Names
from wizard.httpd.sandbox.packets import Attempts
from wizard.httpd.sandbox.relay import Passage, outward
from wizard.httpd.sandbox.sandbox import Network, Sandbox

BIG = 64 << 20
"""Bytes: much more than the buffers of a connection."""


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """The network of a sandbox; sockets of the test stand for httpd's."""
    with Sandbox(dict(os.environ), 60) as sandbox:
        assert not sandbox.refused
        yield Network(sandbox)


def echo(connection: socket.socket) -> None:
    """Send back what comes, until the other end is done."""
    while part := connection.recv(1 << 16):
        connection.sendall(part)


def connect(network: Network, address: str, port: int, seconds: float = 5) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = network.new_socket(family, socket.SOCK_STREAM)
    made.settimeout(seconds)
    try:
        made.connect((address, port))
    except OSError:
        made.close()
        raise
    return made


def received(connection: socket.socket) -> int:
    total = 0
    while part := connection.recv(1 << 20):
        total += len(part)
    return total


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_destination_and_no_other(network: Network, address: str) -> None:
    attempts = Attempts(network)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family)
    server = servers.Server(echo, listener)
    others = [(address, server.port ^ 1), ("127.9.9.9", server.port), ("192.0.2.7", 443)]
    others += [("::ffff:192.0.2.8", 80)]
    if supervisor._has_ipv6():
        others += [("2001:db8::7", 443)]
    with Passage(network, [(address, server.port)], outward(5)) as passage:
        with connect(network, address, server.port) as mine:
            mine.sendall(b"hello")
            assert mine.recv(5) == b"hello"
        assert passage.answered
        for other in others:
            with pytest.raises(ConnectionRefusedError):
                connect(network, *other)
    wanted = {(a.removeprefix("::ffff:"), p) for a, p in others}
    assert attempts.since() == {(address, server.port), *wanted}
    with pytest.raises(ConnectionRefusedError):  # it is over
        connect(network, address, server.port)
    attempts.close()
    server.stop()


def test_a_socket_of_the_network_reaches_nobody_outside(network: Network) -> None:
    with servers.serving(echo) as port, pytest.raises(ConnectionRefusedError):
        connect(network, "127.0.0.1", port)


def test_a_body_larger_than_every_buffer_both_ways_at_once(network: Network) -> None:
    with (
        servers.serving(echo) as port,
        Passage(network, [("127.0.0.1", port)], outward(5)),
        connect(network, "127.0.0.1", port, 30) as mine,
    ):
        threading.Thread(target=_send_all, args=(mine,)).start()
        assert received(mine) == BIG


def _send_all(connection: socket.socket) -> None:
    for _ in range(BIG >> 16):
        connection.sendall(bytes(1 << 16))
    connection.shutdown(socket.SHUT_WR)


def test_a_slow_reader_holds_up_the_sender_and_nobody_else(network: Network) -> None:
    sent = [0]

    def pour(connection: socket.socket) -> None:
        while True:
            sent[0] += connection.send(bytes(1 << 16))

    with servers.serving(pour) as port, servers.serving(echo) as other:
        ways = [("127.0.0.1", port), ("127.0.0.1", other)]
        with (
            Passage(network, ways, outward(5)),
            connect(network, *ways[0]) as slow,
            connect(network, *ways[1]) as quick,
        ):
            slow.recv(1)
            time.sleep(0.5)
            held = sent[0]
            assert held < BIG
            quick.sendall(b"x")
            assert quick.recv(1) == b"x"
            time.sleep(0.5)
            assert sent[0] - held < 1 << 20  # nothing is kept for it in memory


def test_many_connections(network: Network) -> None:
    with servers.serving(echo) as port, Passage(network, [("127.0.0.1", port)], outward(5)):
        for _ in range(100):
            with connect(network, "127.0.0.1", port) as mine:
                mine.sendall(b"x")
                assert mine.recv(1) == b"x"


def test_more_connections_than_it_takes(network: Network) -> None:
    """32 at a time: the next ones are hung up on, and those that stand go on."""
    with servers.serving(echo) as port, Passage(network, [("127.0.0.1", port)], outward(5)):
        standing = []
        for _ in range(32):
            standing.append(connect(network, "127.0.0.1", port))
            standing[-1].sendall(b"x")
            assert standing[-1].recv(1) == b"x"
        with connect(network, "127.0.0.1", port) as late:
            assert late.recv(1) == b""
        for each in standing:
            each.sendall(b"y")
            assert each.recv(1) == b"y"
            each.close()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ECONNREFUSED, errno.ECONNREFUSED),
        (errno.EHOSTUNREACH, errno.EHOSTUNREACH),
        (errno.ENETUNREACH, errno.ENETUNREACH),
        (errno.EACCES, errno.EACCES),
        (errno.EPERM, errno.EACCES),
        (errno.EADDRNOTAVAIL, errno.ECONNREFUSED),
    ],
    ids=errno.errorcode.get,
)
@pytest.mark.parametrize("address", ["198.51.100.{}", "2001:db8:1::{}"])
def test_a_connection_fails_as_ours_did(
    network: Network, address: str, number: int, expected: int
) -> None:
    def fail(address: str, port: int) -> socket.socket:
        raise OSError(number, os.strerror(number))

    way = address.format(number), 443
    with Passage(network, [way], fail), pytest.raises(OSError) as caught:
        connect(network, *way)
    if expected == errno.ECONNREFUSED and ":" in address and not supervisor._has_ipv6():
        expected = errno.ENETUNREACH  # as on the machine itself
    assert caught.value.errno == expected


def test_who_gives_no_answer(network: Network) -> None:
    def wait(address: str, port: int) -> socket.socket:
        raise TimeoutError

    with Passage(network, [("198.51.100.9", 443)], wait), pytest.raises(TimeoutError):
        connect(network, "198.51.100.9", 443, 0.5)


def test_a_reset_arrives_as_one(network: Network) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(1)
        servers.reset(connection)

    with (
        servers.serving(hang_up) as port,
        Passage(network, [("127.0.0.1", port)], outward(5)),
        connect(network, "127.0.0.1", port) as mine,
    ):
        mine.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            mine.recv(1)


def test_a_connection_that_was_closed_while_it_waited_is_made_anew(network: Network) -> None:
    made = []

    def dial(address: str, port: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        made.append(theirs)
        if len(made) == 1:
            theirs.close()
        else:
            theirs.sendall(b"second")
        return ours

    with (
        Passage(network, [("203.0.113.1", 443)], dial),
        connect(network, "203.0.113.1", 443) as mine,
    ):
        assert mine.recv(10) == b"second"
    made[1].close()


def test_another_server_in_the_place_of_the_true_one(network: Network) -> None:
    """What an impostor needs: no change to what httpd connects to."""
    with servers.serving(echo) as port:

        def instead(address: str, wanted: int) -> socket.socket:
            assert (address, wanted) == ("203.0.113.9", 443)
            return outward(5)("127.0.0.1", port)

        with (
            Passage(network, [("203.0.113.9", 443)], instead) as passage,
            connect(network, "203.0.113.9", 443) as mine,
        ):
            assert not passage.answered
            mine.sendall(b"x")
            assert mine.recv(1) == b"x"
            assert passage.answered


def test_what_is_said_unasked_is_no_answer(network: Network) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(b"220 ready")
        connection.recv(1)

    with (
        servers.serving(greet) as port,
        Passage(network, [("127.0.0.1", port)], outward(5)) as passage,
        connect(network, "127.0.0.1", port) as mine,
    ):
        assert mine.recv(20) == b"220 ready"
        assert not passage.answered


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("127.0.0.1",)),
        ("search example.test\nnameserver 192.0.2.1\n", ("192.0.2.1",)),
        (
            "nameserver ::1\nnameserver 192.0.2.1 # one\n#nameserver 192.0.2.2\n",
            ("::1", "192.0.2.1"),
        ),
        ("nameserver 1.1.1.1\n" * 5, ("1.1.1.1",) * 3),
        ("nameserver fe80::1%eth0\n", ()),
        ("nameserver junk\nnameserver\n\0\n", ("127.0.0.1",)),
    ],
)
def test_name_servers(text: str, found: tuple[str, ...]) -> None:
    assert names.servers(text) == found


def test_name_servers_are_asked_both_ways(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    place = ("127.0.0.1", httpd.free_port())
    asked.bind(place)
    monkeypatch.setattr(names, "_PORT", place[1])

    def answer() -> None:
        question, who = asked.recvfrom(100)
        asked.sendto(b"to " + question, who)

    threading.Thread(target=answer, daemon=True).start()
    server = servers.Server(echo, socket.create_server(place))
    with asked, Names(network, ["127.0.0.1"]):
        mine = network.new_socket(socket.AF_INET, socket.SOCK_DGRAM)
        with mine:
            mine.settimeout(5)
            mine.connect(place)
            mine.send(b"question")
            assert mine.recv(100) == b"to question"
        with connect(network, *place) as mine:
            mine.sendall(b"x")
            assert mine.recv(1) == b"x"
    server.stop()


def test_a_name_server_that_is_not_there_costs_no_time(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ("127.0.0.1", httpd.free_port())
    monkeypatch.setattr(names, "_PORT", place[1])
    with (
        Names(network, ["127.0.0.1"]),
        network.new_socket(socket.AF_INET, socket.SOCK_DGRAM) as mine,
    ):
        mine.settimeout(2)
        mine.connect(place)
        mine.send(b"id\x01\x00question")
        assert mine.recv(100) == b"id\x81\x82question"


def test_a_long_name_and_one_of_odd_bytes_have_no_address(network: Network) -> None:
    for name in ("a" * 3000, "\udcff.test", "", "a\0b"):
        network.sandbox.resolve(name, network.number)
        assert network.sandbox.addresses(name, 5) == ()


@pytest.mark.parametrize("address", ["192.0.2.77", "2001:db8::77"])
def test_addresses_have_a_way_where_the_machine_has_one(network: Network, address: str) -> None:
    """So that the C library's resolver orders them alike."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with network.new_socket(family, socket.SOCK_DGRAM) as probe:
        found = probe.connect_ex((address, 53))
    assert (found == 0) == (":" not in address or supervisor._has_ipv6())


AS_NOBODY = """
import encodings.idna, os, shutil, socket, sys
from wizard.httpd.sandbox import supervisor
from wizard.httpd.sandbox.packets import Attempts
from wizard.httpd.sandbox.relay import Passage, outward
from wizard.httpd.sandbox.sandbox import Network, Sandbox
supervisor.__file__ = shutil.copy(supervisor.__file__, sys.argv[1])  # where nobody may read it
sys.executable = "/usr/bin/python3"
os.environ["TMPDIR"] = sys.argv[1]
os.setgroups([]), os.setgid(65534), os.setuid(65534)
with Sandbox({}, 30) as sandbox:
    print(sandbox.refused)
    if not sandbox.refused:
        network = Network(sandbox)
        attempts = Attempts(network)
        with Passage(network, [("203.0.113.5", 443)], lambda *_: outward(5)("127.0.0.1", PORT)):
            with network.connect("203.0.113.5", 443, 5) as mine:
                mine.sendall(b"x")
                print(mine.recv(1), attempts.since())
"""


def test_an_ordinary_user(tmp_path: Path) -> None:
    """Where the system lets users have user namespaces; a port below 1024 too."""
    if os.geteuid() != 0:
        return  # then every other test is one
    with servers.serving(echo) as port, tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o1777)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY.replace("PORT", str(port)), place],
            capture_output=True,
            text=True,
            timeout=60,
        )
    refused, *told = done.stdout.split("\n")
    assert refused or told[0] == "b'x' frozenset({('203.0.113.5', 443)})", done.stderr
    assert not done.stderr
