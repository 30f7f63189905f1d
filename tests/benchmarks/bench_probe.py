"""Probing many backends, beside a bare pyOpenSSL handshake loop to the same backends.

Run as ``python -m tests.benchmarks.bench_probe [BACKENDS…]``. Every backend has its own port, name
and certificate; they live in a process of their own. The loop makes one handshake each, one after
the other, and reads the chain; a probe makes two handshakes (with SNI and without) and an HTTP
request. Wall time is the best of three; CPU is that of this process. The last columns add 50
backends that never answer, with a timeout of two seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import platform
import resource
import socket
import ssl
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from OpenSSL import SSL

from wizard import probe
from wizard.demo import pki
from wizard.model.probe import ProbeRequest
from wizard.probe.resolve import FixedResolver

SILENT = 50
TIMEOUT = 2.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def serve(count: int, directory: str, ready: Connection) -> None:
    """Run the backends; their ports and the silent one's go through ``ready``."""
    root = pki.issue("Benchmark CA", ca=True)
    Path(directory, "ca.pem").write_bytes(root.pem)
    file = Path(directory, "backend.pem")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            await reader.read(1)
        writer.close()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while await reader.read(65536):
                pass
        writer.close()

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        servers, ports = [], []
        for number in range(count):
            leaf = pki.issue(name(number), root, dns=[name(number)])
            file.write_bytes(leaf.key_pem + leaf.pem)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            servers.append(await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context))
            ports.append(servers[-1].sockets[0].getsockname()[1])
        servers.append(await asyncio.start_server(silence, "127.0.0.1", 0))
        ready.send((ports, servers[-1].sockets[0].getsockname()[1]))
        await asyncio.Event().wait()

    asyncio.run(run())


def name(number: int) -> str:
    """The host name of a backend."""
    return f"b{number}.internal"


def bare(ports: list[int], ca: str) -> None:
    """The loop to compare with."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(ca)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    for number, port in enumerate(ports):
        with socket.create_connection(("127.0.0.1", port)) as sock:
            connection = SSL.Connection(context, sock)
            connection.set_tlsext_host_name(name(number).encode())
            connection.set_connect_state()
            connection.do_handshake()
            connection.get_peer_cert_chain()


def ours(ports: list[int], ca: str, silent: int = 0) -> None:
    """The same backends probed, and some that are silent among them."""
    requests = [request(number, port, ca) for number, port in enumerate(ports)]
    step = max(1, len(requests) // SILENT)
    for number in range(SILENT if silent else 0):
        requests.insert(number * (step + 1), request(len(ports) + number, silent, ca))
    resolver = FixedResolver({r.host: ["127.0.0.1"] for r in requests})
    reports = probe.probe_all(requests, resolver=resolver)
    answered = [r for r in reports.values() if r.http and r.http.status == 200]
    assert len(answered) == len(ports)
    assert all(r.tls and r.tls.without_sni for r in answered)


def request(number: int, port: int, ca: str) -> ProbeRequest:
    """As for a virtual host with strict verification."""
    host = name(number)
    return ProbeRequest(
        host, port, tls=True, sni=host, host_header=host, ca_file=ca, timeout=TIMEOUT
    )


def best(action: Callable[[], object], rounds: int = 3) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of the fastest round."""
    times = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(times)


def main(counts: list[int]) -> None:
    """Print the table."""
    print(f"{platform.processor() or platform.machine()}, {multiprocessing.cpu_count()} CPUs, ")
    print(f"{SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode()}; {SILENT} silent backends")
    print(
        f"{'backends':>9} {'bare s':>8} {'CPU':>6} {'probe s':>8} {'CPU':>6} {'ratio':>6} "
        f"{'+silent s':>10} {'more s':>7} {'RSS MB':>7}"
    )
    spawning = multiprocessing.get_context("spawn")
    for count in counts:
        with tempfile.TemporaryDirectory() as directory:
            here, there = spawning.Pipe()
            process = spawning.Process(target=serve, args=(count, directory, there), daemon=True)
            process.start()
            ports, silent = here.recv()
            ca = str(Path(directory, "ca.pem"))
            loop, loop_cpu = best(lambda: bare(ports, ca))  # noqa: B023  # used within the round
            wall, cpu = best(lambda: ours(ports, ca))  # noqa: B023
            late, _ = best(lambda: ours(ports, ca, silent), 1)  # noqa: B023
            process.terminate()
            process.join()
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:9} {loop:8.3f} {loop_cpu:6.3f} {wall:8.3f} {cpu:6.3f} {wall / loop:6.2f} "
            f"{late:10.3f} {late - wall:7.3f} {rss:7.1f}"
        )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1, 10, 100, 1000])
