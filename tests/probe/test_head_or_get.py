"""Backends that are silent when they are asked with HEAD: after one second GET goes beside it.

All are asked at the same time, so that their silence is waited for once.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from socket import AF_UNIX, socket

import pytest

from tests.probe.asking import NAME, RESOLVER, http
from tests.probe.test_http import proxy
from tests.support import servers
from wizard import probe
from wizard.demo.backends import Identity
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.probe.observer import Observer

TIMEOUT = 6.0
QUICK = TIMEOUT - 2
"""Less than is waited for an answer to HEAD."""
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
H2_OK = b"\0\0\1\1\5\0\0\0\1\x88"
"""HEADERS of stream 1 with END_STREAM and END_HEADERS: ``:status 200``."""
OK, REFUSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"HTTP/1.1 405 No\r\n\r\n"
Part = Callable[[socket], None]


def says(*parts: bytes, after: float = 0) -> Part:
    def part(connection: socket) -> None:
        for each in parts:
            time.sleep(after)
            connection.sendall(each)

    return part


def reads_on(connection: socket) -> None:
    """To the end of what is sent, as openssl s_server does with HEAD."""
    while connection.recv(65536):
        pass


def breaks_off(connection: socket) -> None:
    """As openssl s_server, which then sends an alert; here it is RST."""
    reads_on(connection)
    servers.reset(connection)


def drips(connection: socket) -> None:
    """A first part at once."""
    connection.sendall(OK[:17])
    time.sleep(1.5)
    connection.sendall(OK[17:])


def hangs(connection: socket) -> None:
    time.sleep(TIMEOUT + 1)


def closes(connection: socket) -> None:
    pass


@dataclass
class Backend:
    """How it answers, and what comes of it.

    Args:
        head, get: what is done about either.
        result: the method whose answer decides, and its status or failure.
        asked: the requests that it gets; None: by then it may not have come to the second.
        within: seconds until the end of the probe.
        serial: serves one connection at a time.
    """

    head: Part
    get: Part
    result: tuple[str, int | str]
    asked: str | None = "HEAD GET"
    within: float = TIMEOUT + 3
    serial: bool = False
    tls: bool = False
    h2: bool = False
    seen: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    context: ssl.SSLContext | None = None

    def __call__(self, connection: socket) -> None:
        if self.serial:
            with self.lock:
                self.serve(connection)
        else:
            self.serve(connection)

    def serve(self, connection: socket) -> None:
        if self.context is None:
            self.exchange(connection)
        else:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                self.exchange(tls)

    def exchange(self, connection: socket) -> None:
        if self.h2:
            block = connection.recv(65536)[24 + 9 + 6 + 9 :]  # preface, SETTINGS, frame's header
            method = "GET" if block.startswith(b"\x82") else "HEAD"
            connection.sendall(SETTINGS)
        else:
            method = servers.request(connection).partition(b" ")[0].decode()
        if method:
            self.seen.append(method)
            (self.head if method == "HEAD" else self.get)(connection)


BACKENDS = {
    "in time": Backend(says(OK, after=0.4), says(OK), ("HEAD", 200), "HEAD", QUICK),
    "GET only": Backend(reads_on, says(OK), ("GET", 200), within=QUICK),
    "slow": Backend(says(OK, after=1.5), says(OK, after=2), ("HEAD", 200), within=QUICK),
    "slow to refuse": Backend(says(REFUSED, after=1.2), says(OK, after=0.6), ("GET", 200)),
    "in drips": Backend(drips, says(OK), ("HEAD", 200), "HEAD"),
    "silent": Backend(reads_on, reads_on, ("HEAD", "timeout")),
    "hanging": Backend(hangs, hangs, ("HEAD", "timeout")),
    "breaks off": Backend(breaks_off, reads_on, ("HEAD", "timeout")),
    "hangs up": Backend(reads_on, closes, ("GET", "closed"), tls=True),
    "slow, and hangs up": Backend(says(OK, after=1.8), closes, ("HEAD", 200)),
    "serial": Backend(reads_on, says(OK), ("GET", 200), within=QUICK, serial=True),
    "serial, breaks off": Backend(breaks_off, says(OK), ("GET", 200), within=QUICK, serial=True),
    "serial and slow": Backend(
        says(OK, after=2), says(OK, after=2), ("HEAD", 200), None, within=QUICK, serial=True
    ),
    "serial and hanging": Backend(hangs, hangs, ("HEAD", "timeout"), None, serial=True),
    "HTTP/2": Backend(reads_on, says(H2_OK), ("GET", 200), within=QUICK, h2=True),
    "HTTP/2, slow": Backend(says(H2_OK, after=1.5), reads_on, ("HEAD", 200), h2=True),
    "TLS": Backend(reads_on, says(OK), ("GET", 200), within=QUICK, tls=True),
    "TLS, serial": Backend(breaks_off, says(OK), ("GET", 200), within=QUICK, serial=True, tls=True),
    "TLS, serial and slow": Backend(
        says(OK, after=2), says(OK), ("HEAD", 200), None, within=QUICK, serial=True, tls=True
    ),
    "tunnel": Backend(reads_on, says(OK), ("GET", 200), within=QUICK, tls=True),
    "unix socket": Backend(reads_on, says(OK), ("GET", 200), within=QUICK),
}


@pytest.fixture(scope="module")
def found(
    identity: Identity, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[ProbeReport, float]]]:
    """The report of each backend, and after how many seconds it was there."""
    context = servers.context(identity.leaf)
    requests: dict[ProbeRequest, str] = {}
    with ExitStack() as running:
        for name, backend in BACKENDS.items():
            backend.context = context if backend.tls else None
            request = ProbeRequest(NAME, 443, tls=backend.tls, sni=NAME, host_header=NAME)
            request = replace(request, timeout=TIMEOUT, alpn=("h2",) if backend.h2 else ())
            if name == "unix socket":
                path = str(tmp_path_factory.mktemp("s") / "socket")
                listener = socket(AF_UNIX)
                listener.bind(path)
                listener.listen()
                running.callback(servers.Server(backend, listener).stop)
                request = replace(request, socket=path)
            else:
                port = running.enter_context(servers.serving(backend))
                request = replace(request, port=port)
            if name == "tunnel":
                port = running.enter_context(servers.serving(proxy(port)))
                request = replace(request, port=443, forward_proxy=f"http://127.0.0.1:{port}")
            requests[request] = name
        told: dict[str, tuple[ProbeReport, float]] = {}
        began = time.monotonic()

        def done(request: ProbeRequest, report: ProbeReport) -> None:
            told[requests[request]] = report, time.monotonic() - began

        probe.probe_all(list(requests), resolver=RESOLVER, watch=Observer(done=done))
        yield told


@pytest.mark.parametrize("name", BACKENDS)
def test_a_usable_answer_decides(name: str, found: dict[str, tuple[ProbeReport, float]]) -> None:
    report, seconds = found[name]
    answer, expected = http(report), BACKENDS[name]
    assert (answer.method, answer.status or answer.failure) == expected.result
    assert expected.asked is None or expected.seen == expected.asked.split()
    assert seconds < expected.within
    if answer.failure == "timeout":
        assert (answer.alert, answer.error) == (None, "no answer within 6 s")
