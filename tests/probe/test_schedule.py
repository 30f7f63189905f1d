"""Many probes: each distinct one once, in bounded time, ended at once by Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import subprocess
import sys
import time

import pytest

from tests.probe.asking import NAME, RESOLVER
from tests.support import servers
from wizard import probe
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.probe import ProbeRequest
from wizard.model.progress import Progress
from wizard.probe.resolve import FixedResolver


def answer_200(connection: ssl.SSLSocket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def drain(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def test_equal_requests_are_probed_once(backends: Backends, identity: Identity) -> None:
    backend = backends.start(Behaviour(identity))
    request = ProbeRequest(NAME, backend.port, tls=True, host_header=NAME)
    calls: list[Progress] = []
    reports = probe.probe_all(
        [request, ProbeRequest(NAME, backend.port, tls=True, host_header=NAME)] * 50,
        resolver=RESOLVER,
        progress=calls.append,
    )
    assert list(reports) == [request]
    assert {call.total for call in calls} == {1}
    assert [call.done for call in calls if call.now is None] == [1]
    assert len([s for s in backend.seen if s.method]) == 1


@pytest.mark.parametrize("names", [1, 5])
def test_a_port_is_connected_to_once_a_name_and_once_without_sni(
    names: int,
    root: pki.Issued,
) -> None:
    connections = []
    answer = servers.answering(servers.context(root), answer_200)

    def handle(connection: socket.socket) -> None:
        connections.append(connection)
        answer(connection)

    with servers.serving(handle) as port:
        hosts = [f"{number}.internal" for number in range(names)]
        requests = [ProbeRequest(h, port, tls=True, sni=h, host_header=h) for h in hosts] * 20
        resolver = FixedResolver(dict.fromkeys(hosts, ("127.0.0.1",)))
        reports = probe.probe_all(requests, resolver=resolver)
    assert {r.http.status for r in reports.values() if r.http} == {200}
    assert all(r.tls and r.tls.without_sni for r in reports.values())
    assert len(connections) == names + 1


def test_nothing_to_probe() -> None:
    assert probe.probe_all([]) == {}


def test_every_report_is_its_requests(backends: Backends) -> None:
    running = [backends.start(Behaviour(speaks="plain", status=200 + n)) for n in range(30)]
    requests = [ProbeRequest(NAME, b.port, tls=False, host_header=NAME) for b in running]
    reports = probe.probe_all(requests, jobs=4, resolver=RESOLVER)
    assert list(reports) == requests
    assert [r.http.status for r in reports.values() if r.http] == [200 + n for n in range(30)]


@pytest.mark.parametrize("tls", [True, False])
def test_silent_ones_take_no_longer_than_one_timeout(tls: bool) -> None:
    with servers.serving(drain) as port:
        silent = [
            ProbeRequest("127.0.0.1", port, tls=tls, path=f"/{n}", timeout=4) for n in range(50)
        ]
        began = time.monotonic()
        reports = probe.probe_all(silent)
        taken = time.monotonic() - began
    for report in reports.values():
        answer = report.tls if tls else report.http
        assert answer is not None
        assert answer.failure == "timeout"
    assert 3.9 < taken < 7.5


class EndedError(Exception):
    pass


def test_progress_can_end_it() -> None:
    def stop(progress: Progress) -> None:
        if progress.done:
            raise EndedError(progress)

    refused = ProbeRequest("127.0.0.1", 1, tls=False)
    with servers.serving(drain) as port:
        silent = [ProbeRequest("127.0.0.1", port, tls=True, path=f"/{n}") for n in range(20)]
        began = time.monotonic()
        with pytest.raises(EndedError):
            probe.probe_all([*silent, refused], progress=stop)
    assert time.monotonic() - began < 8  # a stage's timeout is 10


def test_inside_a_running_loop(backends: Backends, identity: Identity) -> None:
    backend = backends.start(Behaviour(identity))
    request = ProbeRequest(NAME, backend.port, tls=True, sni=NAME, host_header=NAME)
    report = asyncio.run(probe.probe(request, RESOLVER))
    assert report.http is not None
    assert report.http.status == 200


WAITING = """
import sys
from wizard import probe
from wizard.model.probe import ProbeRequest
requests = [ProbeRequest("127.0.0.1", int(sys.argv[1]), tls=True, path=f"/{n}", timeout=600)
            for n in range(50)]
print("begin", flush=True)
try:
    probe.probe_all(requests)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_it_at_once() -> None:
    seen = []

    def handle(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        drain(connection)

    with servers.serving(handle) as port:
        process = subprocess.Popen(
            [sys.executable, "-c", WAITING, str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 20
        while len(seen) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)  # the connections arrive in the server's threads
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 10  # of 600
    assert out == "begin\ninterrupted\n"
    assert err == ""


def test_few_open_files_are_enough(backends: Backends) -> None:
    """More silent backends than files may be open: they wait for each other."""
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))\n"
        "from wizard import probe\n"
        "from wizard.model.probe import ProbeRequest\n"
        "requests = [ProbeRequest('127.0.0.1', int(sys.argv[1]), tls=True, path=f'/{n}', timeout=1)"
        " for n in range(120)]\n"
        "reports = probe.probe_all(requests)\n"
        "print({r.tls.failure if r.tls else r.tcp for r in reports.values()})\n"
    )
    with servers.serving(drain) as port:
        done = subprocess.run(
            [sys.executable, "-c", program, str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert done.stdout.strip() == "{'timeout'}"


def test_importing_is_cheap() -> None:
    program = (
        "import sys\n"
        "import wizard.probe\n"
        "from wizard.probe import request\n"
        "heavy = ('asyncio', 'OpenSSL', 'cryptography', 'h11', 'socket')\n"
        "print([m for m in heavy if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_memory_does_not_grow_with_identical_certificates(
    backends: Backends, identity: Identity
) -> None:
    """A certificate that many backends show is one object."""
    backend = backends.start(Behaviour(identity))
    names = [f"b{n}.internal" for n in range(10)]
    requests = [ProbeRequest(n, backend.port, tls=True, sni=n, host_header=n) for n in names]
    reports = probe.probe_all(requests, resolver=FixedResolver({n: ["127.0.0.1"] for n in names}))
    leaves = {id(r.tls.leaf) for r in reports.values() if r.tls}
    assert len(leaves) == 1
