"""A hostile backend costs no more than its timeout, and little memory; what it says stays data."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from OpenSSL import SSL

from tests.hostile.observing import NAME, PATIENCE, ROOM, TIMEOUT, observe
from tests.support import servers
from wizard import probe
from wizard.demo import pki
from wizard.model.probe import ProbeRequest
from wizard.probe.observer import Observer
from wizard.probe.resolve import FixedResolver
from wizard.text import printable


def drain(connection: socket.socket) -> None:
    """Read and say nothing, until the other side hangs up."""
    while connection.recv(65536):
        pass


def trickle(connection: socket.socket) -> None:
    """A valid beginning of a record, a byte a tenth of a second."""
    for byte in servers.record(22, b"\x02" * 16000):
        connection.sendall(bytes((byte,)))
        time.sleep(0.1)  # the very fault that is tested


@pytest.mark.parametrize("handler", [drain, trickle])
def test_silence_and_trickle_end_with_the_timeout(handler: servers.Handler) -> None:
    with servers.serving(handler) as port:
        report = observe(port, PATIENCE)
    assert report.tls is not None
    assert report.tls.failure == "timeout"
    assert report.tls.seconds < PATIENCE + ROOM


@pytest.mark.parametrize(
    ("first", "shown"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (b"220 mail.internal ESMTP\r\n", "220 mail"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400"),
        (b"<html>0.9</html>", "<html>"),
        (b"\x00" * 5000, "\\x00"),
        (b"\x16\x02\x00\x00\x05hello", "hello"),
    ],
)
def test_what_is_no_tls_is_shown_as_it_is(first: bytes, shown: str) -> None:
    def handler(connection: socket.socket) -> None:
        connection.sendall(first)
        drain(connection)

    with servers.serving(handler) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.failure == "not-tls"
    assert shown in (report.tls.error or "")


def flood(prefix: bytes, forever: bytes) -> servers.Handler:
    def handler(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(prefix)
        while True:
            connection.sendall(forever)

    return handler


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        # a chain that is announced with 16 MiB, and comes
        (
            flood(
                servers.server_hello_tls12(),
                servers.record(22, b"\x0b\xff\xff\xff\xff\xff\xfc" + b"\x00\x10\x00" * 4000),
            ),
            "protocol",
        ),
        (flood(b"", servers.record(22, b"\x02\xff\xff\xff" + b"A" * 16000)), "protocol"),
        (flood(b"", servers.record(23, b"A" * 16000)), "protocol"),
        (flood(b"", servers.record(21, b"\x01\x5a")), "protocol"),  # warnings
        (flood(b"", servers.record(20, b"\x01")), "protocol"),
        (flood(b"", servers.record(22, b"")), "protocol"),
        # OpenSSL takes as many HelloRequests as come
        (flood(servers.server_hello_tls12(), servers.record(22, bytes(4))), "too-much"),
        (flood(b"", servers.record(22, bytes(16000))), "too-much"),
    ],
)
def test_endless_handshake(handler: servers.Handler, failure: str) -> None:
    with servers.serving(handler) as port:
        report = observe(port)
    assert report.tls is not None
    assert not report.tls.completed
    assert report.tls.failure == failure
    assert report.tls.seconds < TIMEOUT


def after_hello(message: bytes) -> servers.Handler:
    def handler(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(servers.server_hello_tls12() + message)
        drain(connection)

    return handler


@pytest.mark.parametrize(
    "ders",
    [
        [b"\x30\x82\xff\xff"],
        [b"garbage"],
        [b""],
        [],
        [b"\x30" * 60000],
        [b"\x30\x84\xff\xff\xff\xff" + b"\x00" * 100],
        [b"\x00" * 100] * 900,
        [b"0" * (10 << 20)],
    ],
)
def test_certificates_that_do_not_parse(ders: list[bytes]) -> None:
    with servers.serving(after_hello(servers.certificates(ders))) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.failure == "protocol"
    assert report.tls.chain == ()


def test_endless_chain_of_valid_certificates(authority: pki.Issued) -> None:
    ders = [authority.der] * 20000
    with servers.serving(after_hello(servers.certificates(ders))) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.failure == "protocol"  # as httpd: OpenSSL takes 100 KiB of certificates


def test_long_chain_of_valid_certificates() -> None:
    chain = [pki.issue("CA 0", ca=True)]
    for number in range(1, 100):
        chain.append(pki.issue(f"CA {number}", chain[-1], ca=True))
    leaf = pki.issue(NAME, chain[-1], dns=[NAME])
    made = servers.context(leaf, *reversed(chain))
    with servers.serving(
        servers.answering(made, lambda t: t.sendall(b"HTTP/1.1 200\r\n\r\n"))
    ) as p:
        report = observe(p)
    assert report.tls is not None
    assert report.tls.completed
    assert len(report.tls.chain) == 101
    assert report.tls.without_sni is not None


def test_ten_thousand_names(authority: pki.Issued) -> None:
    # 100 KiB is all that OpenSSL takes: 4,000 short names arrive, 10,000 longer ones do not
    few = pki.issue(NAME, authority, dns=[NAME, *(f"n{i}.internal" for i in range(4000))])
    many = pki.issue(NAME, authority, dns=[f"name-{i}.backend.internal" for i in range(10000)])
    for issued, completed in ((few, True), (many, False)):
        made = servers.context(issued)
        answer = servers.answering(made, lambda t: t.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
        with servers.serving(answer) as port:
            report = observe(port)
        assert report.tls is not None
        assert report.tls.completed is completed
        if completed:
            assert len(report.tls.chain[0].dns_names) == 4001
            assert report.http is not None
            assert report.http.status == 200


def test_what_a_certificate_says_stays_text() -> None:
    made = servers.context(servers.evil())
    answer = servers.answering(made, lambda t: t.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    with servers.serving(answer) as port:
        report = observe(port)
    assert report.tls is not None
    leaf = report.tls.leaf
    assert leaf is not None
    assert leaf.common_names == (servers.EVIL,)
    assert "evil\x1b[2J\x00.internal" in leaf.dns_names
    for text in (leaf.subject, *leaf.dns_names, *(e.subject for e in report.tls.events)):
        shown = printable(text)
        assert shown.isprintable()
        assert len(shown) <= 2001


def test_what_http_fields_say_stays_text(tls: ssl.SSLContext) -> None:
    answer = (
        b"HTTP/1.1 302 \x1b[2JFound\r\n"
        b"Server: [bold]\xe2\x80\xae\xff evil[/bold]\r\nLocation: javascript:\xff\r\n\r\n"
    )
    with servers.serving(servers.answering(tls, lambda t: t.sendall(answer))) as port:
        report = observe(port)
    assert report.http is not None
    # an escape character is allowed in no reason phrase (RFC 9112, 4): httpd refuses it as well
    assert report.http.status == 302 or report.http.failure == "not-http"
    assert printable(report.http.server or "").isprintable()


def repeat(part: bytes, prefix: bytes = b"") -> Callable[[ssl.SSLSocket], None]:
    def answer(connection: ssl.SSLSocket) -> None:
        connection.sendall(prefix)
        while True:
            connection.sendall(part)

    return answer


OK = b"HTTP/1.1 200 OK\r\n"


def dribble(connection: socket.socket) -> None:
    """An answer, a byte a tenth of a second."""
    for byte in OK * 9:
        connection.sendall(bytes((byte,)))
        time.sleep(0.1)  # the very fault that is tested


def begin_and_reset(connection: socket.socket) -> None:
    connection.sendall(OK + b"Server: x\r\n")
    servers.reset(connection)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (repeat(b"X-Field: " + b"v" * 1000 + b"\r\n", OK), "too-much"),
        (repeat(b"v" * 1000, OK + b"X-Field: "), "too-much"),
        (repeat(b"A" * 1000), "not-http"),
        (repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), "invalid"),
        (repeat(b"body" * 1000, OK + b"\r\n"), None),
        (lambda t: t.sendall(b"<html>HTTP/0.9</html>"), "closed"),
        (lambda t: t.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "not-http"),
        (lambda t: t.sendall(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18), "closed"),
        (lambda t: t.sendall(b"220 smtp ready\r\n"), "not-http"),
        (lambda t: t.sendall(b""), "closed"),
        (lambda t: t.sendall(b"HTTP/1.1 200 OK\r\nServer: x"), "closed"),
        (drain, "timeout"),
        (dribble, "other"),
        (servers.reset, "reset"),
        (lambda t: t.sendall(OK + b"Server: " + b"s" * 65536 + b"\r\n\r\n"), "invalid"),
        (begin_and_reset, "reset"),
    ],
)
def test_http_answers(
    tls: ssl.SSLContext, answer: Callable[[ssl.SSLSocket], None], failure: str | None
) -> None:
    with servers.serving(servers.answering(tls, answer)) as port:
        report = observe(port, 2 * PATIENCE if failure in ("timeout", "other") else TIMEOUT)
    assert report.tls is not None
    assert report.tls.completed
    assert report.http is not None
    assert report.http.failure == failure
    assert (report.http.status == 200) is (failure is None)


ALERTS = (10, 20, 40, 42, 47, 48, 50, 70, 71, 80, 86, 109, 112, 120)


@pytest.mark.parametrize("number", ALERTS)
@pytest.mark.parametrize("stage", ["connect", "hello", "certificate"])
def test_alert(number: int, stage: str, identity: pki.Issued) -> None:
    before = b""
    if stage == "certificate":
        before = servers.server_hello_tls12() + servers.certificates([identity.der])

    def handler(connection: socket.socket) -> None:
        if stage != "connect":
            connection.recv(65536)
        connection.sendall(before + servers.alert(number))
        drain(connection)

    with servers.serving(handler) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.failure == "alert"
    assert report.tls.alert == number


@pytest.mark.parametrize("how", [servers.reset, socket.socket.close])
@pytest.mark.parametrize("stage", ["connect", "hello", "certificate"])
def test_hanging_up(how: servers.Handler, stage: str, identity: pki.Issued) -> None:
    def handler(connection: socket.socket) -> None:
        if stage != "connect":
            connection.recv(65536)
        if stage == "certificate":
            connection.sendall(servers.server_hello_tls12() + servers.certificates([identity.der]))
        how(connection)

    with servers.serving(handler) as port:
        report = observe(port)
    if stage == "connect" and report.tls is None:  # the RST was as fast as the connection
        assert report.tcp is not None
        assert report.tcp.failure == "reset"
        return
    assert report.tls is not None
    assert report.tls.failure in ("closed", "reset")
    if how is servers.reset and stage == "hello":
        assert report.tls.failure == "reset"


def test_renegotiation_is_refused_without_harm(identity: pki.Issued) -> None:
    made = servers.context(identity)
    made.maximum_version = ssl.TLSVersion.TLSv1_2

    def handler(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = made.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            else:
                break
        connection.sendall(outgoing.read())
        # a HelloRequest in the clear where only protected records may come
        connection.sendall(struct.pack(">BHH", 22, 0x0303, 4) + b"\x00\x00\x00\x00")
        drain(connection)

    with servers.serving(handler) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.completed
    assert report.http is not None
    assert report.http.failure in ("other", "alert", "closed")


def test_renegotiation_within_the_connection(tmp_path: Path, identity: pki.Issued) -> None:
    """A HelloRequest that is protected as it should be ends the connection."""
    file = tmp_path / "identity.pem"
    file.write_bytes(identity.key_pem + identity.pem)
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_max_proto_version(SSL.TLS1_2_VERSION)
    made.use_certificate_file(str(file))
    made.use_privatekey_file(str(file))
    asked = threading.Event()

    def handler(connection: socket.socket) -> None:
        tls = SSL.Connection(made, connection)
        tls.set_accept_state()
        with contextlib.suppress(SSL.Error):
            tls.do_handshake()
            tls.recv(65536)
            assert tls.renegotiate()
            tls.do_handshake()
            asked.set()
            tls.recv(65536)

    with servers.serving(handler) as port:
        report = observe(port, 2 * PATIENCE)
    assert asked.is_set()
    assert report.tls is not None
    assert report.tls.completed
    assert report.http is not None
    assert report.http.status is None
    assert report.http.failure is not None


def test_alert_after_the_handshake(identity: pki.Issued) -> None:
    """TLS 1.3 wants its client certificate when the client has finished (RFC 8446, 4.4.2.4)."""
    made = servers.context(identity)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.verify_mode = ssl.CERT_REQUIRED
    with servers.serving(servers.answering(made, drain)) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.completed
    assert report.http is not None
    assert report.http.failure == "alert"


def test_a_protocol_that_nobody_asked_for() -> None:
    """The server answers with ALPN h2 (RFC 7301), which was not offered."""
    h2 = b"\x00\x10\x00\x05\x00\x03\x02h2"

    def handler(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(servers.server_hello_tls12(h2))
        drain(connection)

    with servers.serving(handler) as port:
        report = observe(port)
    assert report.tls is not None
    assert report.tls.failure == "protocol"


def test_a_thousand_addresses_the_first_ones_dead(tls: ssl.SSLContext) -> None:
    ok = b"HTTP/1.1 200 OK\r\n\r\n"
    with servers.serving(servers.answering(tls, lambda t: t.sendall(ok))) as port:
        dead = [f"127.1.{i // 250}.{i % 250 + 1}" for i in range(999)]
        request = ProbeRequest(NAME, port, tls=True, sni=NAME, host_header=NAME, timeout=5)
        resolver = FixedResolver({NAME: [*dead, "127.0.0.1"]})
        began = time.monotonic()
        report = probe.probe_all([request], resolver=resolver)[request]
    assert time.monotonic() - began < 5 + ROOM
    assert report.tcp is not None
    assert report.tcp.address == "127.0.0.1"
    assert [a.failure for a in report.tcp.attempts] == ["refused"] * 999 + [None]
    assert report.http is not None
    assert report.http.status == 200


@pytest.fixture
def unanswered() -> Iterator[int]:
    """A port on which no connection is ever made: its backlog is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        waiting.append(one)
    yield listener.getsockname()[1]
    for one in (listener, *waiting):
        one.close()


def test_silent_addresses_leave_time_for_the_next(unanswered: int) -> None:
    report = observe(unanswered, PATIENCE, tls=False, sni=None)
    assert report.tcp is not None
    assert report.tcp.failure == "timeout"
    request = ProbeRequest(NAME, unanswered, tls=False, timeout=3, http=False)
    resolver = FixedResolver({NAME: ["127.0.0.1", "127.0.0.2"]})
    report = probe.probe_all([request], resolver=resolver)[request]
    assert report.tcp is not None
    assert [a.failure for a in report.tcp.attempts] == ["timeout", "refused"]


def test_silent_backends_delay_nobody(tls: ssl.SSLContext) -> None:
    ok = b"HTTP/1.1 200 OK\r\n\r\n"
    good = servers.serving(servers.answering(tls, lambda t: t.sendall(ok)))
    with servers.serving(drain) as silent, good as port:
        requests = [
            ProbeRequest(f"b{i}.internal", silent if i % 2 else port, True, timeout=5)
            for i in range(40)
        ]
        resolver = FixedResolver({r.host: ["127.0.0.1"] for r in requests})
        when: list[float] = []
        began = time.monotonic()
        reports = probe.probe_all(
            requests,
            jobs=2,
            resolver=resolver,
            watch=Observer(done=lambda *_: when.append(time.monotonic() - began)),
        )
        took = time.monotonic() - began
    assert took < 5 + ROOM  # one timeout: two at a time would take 50 seconds
    assert sorted(when)[19] < 5  # those that answer are done while the silent ones wait
    assert sum(bool(r.http and r.http.status == 200) for r in reports.values()) == 20
