"""Backends on loopback that behave and misbehave as backends of real proxies do.

One thread with one event loop serves them all; a backend costs a socket and a TLS context.
Every answer is JSON that says what the backend saw, and ``Backend.seen`` keeps it, also for
connections that never got as far as a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.x509.oid import NameOID

from wizard import scratch
from wizard.demo import http2
from wizard.demo.applications import PAGE, Application, Seen, answer, response
from wizard.demo.pki import Issued
from wizard.demo.stream import Stream

Speaks = Literal[
    "tls", "plain", "patient", "silent", "close", "reset", "refuse", "unanswered", "garbage"
]
"""``patient``: plain HTTP that answers nothing before a request's head has ended;
``close``/``reset``: hangs up on the first bytes; ``refuse``: the port is bound, nobody listens;
``unanswered``: a full backlog, the connection is never made; ``garbage``: bytes that are neither
TLS nor HTTP."""
Answers = Literal["normally", "never", "reset", "close", "once-per-connection"]
"""``once-per-connection``: keeps the connection and hangs up on its second request."""

_DEAF = ("refuse", "unanswered")
_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_IDLE = 60.0  # seconds that a connection may last, whatever happens
_DH_1024 = (
    b"-----BEGIN DH PARAMETERS-----\n"
    b"MIGHAoGBAPU8kq14ZD642gdg36bIJTAKfYjacko0mK4FHCawHCgpF5QrSTFr4pGN\n"
    b"DCxtQgnUTMm9DS1c1EJW/aQc9A2v7Y+3gopoN+nZ4Z8hDuLutkYegDtoNH/Thb1U\n"
    b"RjE1G2gD481H7SsdJc77KIPg2TBE+TPHs9awaE10JtpcpZ5OP1avAgEC\n"
    b"-----END DH PARAMETERS-----\n"
)
"""Made by ``openssl dhparam 1024``."""


@dataclass(frozen=True)
class Identity:
    """What a backend shows: its certificate and what it sends above it, in this order."""

    leaf: Issued
    sent: tuple[Issued, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """How a backend behaves.

    Args:
        identity: shown unless another one is; needed for TLS.
        speaks: what happens on a connection.
        names: by SNI, the identity of another virtual host.
        without_sni: shown to a client that sends no SNI; None: ``identity``.
        strict_sni: the only names accepted; others, and none, get an alert. Empty: any.
        sni_alert: that alert; content networks send handshake_failure, Go programs internal_error.
        client_cas: CAs that a client certificate is asked from; empty: none is asked.
        client_required: whether the handshake fails without one.
        minimum: lowest TLS version (``TLSv1`` … ``TLSv1.3``).
        maximum: highest TLS version.
        ciphers: OpenSSL cipher list for TLS up to 1.2.
        small_dh: Diffie-Hellman parameters of 1024 bits, as of Java 7, are used.
        curve: the only elliptic curve for key exchange, as OpenSSL calls it.
        alpn: protocols that are spoken, in order of preference; ``h2`` makes it speak HTTP/2.
        status: of every answer.
        allows_head: False: HEAD gets 405.
        application: what answers over HTTP/1.1.
        answers: what happens on a request.
        address: loopback address to listen on.
        port: port to listen on; 0: a free one.
    """

    identity: Identity | None = None
    speaks: Speaks = "tls"
    names: Mapping[str, Identity] = field(default_factory=dict)
    without_sni: Identity | None = None
    strict_sni: tuple[str, ...] = ()
    sni_alert: int = ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    client_cas: tuple[Issued, ...] = ()
    client_required: bool = True
    minimum: str = "TLSv1.2"
    maximum: str = "TLSv1.3"
    ciphers: str | None = None
    small_dh: bool = False
    curve: str | None = None
    alpn: tuple[str, ...] = ()
    status: int = 200
    allows_head: bool = True
    application: Application = PAGE
    answers: Answers = "normally"
    address: str = "127.0.0.1"
    port: int = 0


@dataclass
class Backend:
    """A running backend. ``seen`` grows while it runs."""

    behaviour: Behaviour
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    context: ssl.SSLContext | None = field(default=None, repr=False)


class Backends:
    """Starts and stops backends; a context manager.

    >>> with Backends() as backends:
    ...     backend = backends.start(Behaviour(speaks="plain"))
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = contextlib.ExitStack()
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._handlers: set[asyncio.Task[None]] = set()
        self._seen: WeakKeyDictionary[ssl.SSLObject, Seen] = WeakKeyDictionary()

    def __enter__(self) -> Self:
        # a client that hangs up is what many of these backends are for: nothing to report
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._directory = self._stack.enter_context(scratch.directory("backends"))
        self._stack.callback(self._close)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()
        for open_socket in self._sockets:
            open_socket.close()

    def start(self, behaviour: Behaviour) -> Backend:
        """A backend that is ready when this returns.

        Raises:
            ValueError: it is to speak TLS and has no identity.
            OSError: the address or port cannot be had.
        """
        backend = Backend(behaviour)
        context = self._context(backend, behaviour) if behaviour.speaks == "tls" else None
        listener = _bind(behaviour)
        backend.port = listener.getsockname()[1]
        if behaviour.speaks == "refuse":
            self._sockets.append(listener)
        elif behaviour.speaks == "unanswered":
            self._sockets += [listener, *_fill_backlog(listener)]
        else:
            backend.context = context
            serving = self._serve(backend, listener)
            asyncio.run_coroutine_threadsafe(serving, self._loop).result(20)
        return backend

    def change(self, backend: Backend, behaviour: Behaviour) -> None:
        """Make a running backend behave otherwise, from its next connection on.

        Raises:
            ValueError: it is to speak TLS and has no identity, or it would have to listen anew.
        """
        listens = backend.behaviour.speaks not in _DEAF and behaviour.speaks not in _DEAF
        if not listens or behaviour.address != backend.behaviour.address:
            raise ValueError("a backend cannot begin or cease to listen")
        backend.context = self._context(backend, behaviour) if behaviour.speaks == "tls" else None
        backend.behaviour = behaviour

    @property
    def directory(self) -> Path:
        """For keys: nobody else's, and gone with the backends."""
        return self._directory

    async def _serve(self, backend: Backend, listener: socket.socket) -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 # nosec B101 # a coroutine always runs in a task
            self._handlers.add(task)
            try:
                async with asyncio.timeout(_IDLE):
                    stream = Stream(reader, writer, backend.context)
                    try:
                        await stream.handshake()
                    except ssl.SSLError:
                        await stream.linger()
                        return
                    await self._handle(backend, stream)
                    await stream.close()
            except (OSError, TimeoutError):
                pass  # the client went away, or never sent a request
            finally:
                self._handlers.discard(task)
                writer.close()

        server = await asyncio.start_server(handle, sock=listener)
        self._servers.append(server)

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._handlers:
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close their sockets

    async def _handle(self, backend: Backend, stream: Stream) -> None:
        behaviour = backend.behaviour
        if behaviour.speaks in ("tls", "plain", "patient"):
            if stream.tls is not None and stream.tls.selected_alpn_protocol() == "h2":
                await http2.serve(stream, behaviour.status)
            else:
                await self._speak_http(backend, stream)
            return
        backend.seen.append(Seen())
        await stream.read()
        if behaviour.speaks == "silent":
            await stream.read()
        elif behaviour.speaks == "reset":
            stream.reset()
        elif behaviour.speaks == "garbage":
            await stream.write(b"220 mail.internal ESMTP ready\r\n")

    async def _speak_http(self, backend: Backend, stream: Stream) -> None:
        seen = self._seen.get(stream.tls) if stream.tls is not None else None
        if seen is None:
            seen = Seen()
            backend.seen.append(seen)
        if stream.tls is not None:
            seen.version = stream.tls.version()
            seen.client_certificate = _common_name(stream.tls)
        answers = backend.behaviour.answers
        answered = False
        patient = backend.behaviour.speaks == "patient"
        while head := await _read_head(stream, patient=patient):
            if not seen.read(head):
                await stream.write(_BAD_REQUEST)
                return
            if answers == "never":
                await stream.read()
            if answers == "reset":
                stream.reset()
            if answers in ("never", "reset", "close") or answered:
                return
            keep = answers == "once-per-connection"
            await stream.write(_response(backend.behaviour, seen, keep))
            answered = True
            if not keep:
                return

    def _context(self, backend: Backend, behaviour: Behaviour) -> ssl.SSLContext:
        if behaviour.identity is None:
            raise ValueError("a backend that speaks TLS needs an identity")
        contexts = {name: self._loaded(behaviour, one) for name, one in behaviour.names.items()}
        bare = behaviour.without_sni
        without = self._loaded(behaviour, bare) if bare is not None else None

        def on_client_hello(
            tls: ssl.SSLObject, name: str | None, _context: ssl.SSLContext
        ) -> int | None:
            seen = Seen(name)
            self._seen[tls] = seen
            backend.seen.append(seen)
            if behaviour.strict_sni and name not in behaviour.strict_sni:
                return behaviour.sni_alert
            chosen = contexts.get(name) if name is not None else without
            if chosen is not None:
                tls.context = chosen
            return None

        context = self._loaded(behaviour, behaviour.identity)
        context.sni_callback = on_client_hello
        return context

    def _loaded(self, behaviour: Behaviour, identity: Identity) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # weak keys, SHA-1 and TLS 1.0 are among the faults to show
        context.set_ciphers(f"{behaviour.ciphers or 'DEFAULT'}:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = _VERSIONS[behaviour.minimum]
            context.maximum_version = _VERSIONS[behaviour.maximum]
        if behaviour.alpn:
            context.set_alpn_protocols(list(behaviour.alpn))
        if behaviour.client_cas:
            required = behaviour.client_required
            context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
            trusted = b"".join(ca.pem for ca in behaviour.client_cas)
            context.load_verify_locations(cadata=trusted.decode("ascii"))
        chain = b"".join(one.pem for one in (identity.leaf, *identity.sent))
        if behaviour.small_dh:
            self._load_dh(context)
        if behaviour.curve is not None:
            context.set_ecdh_curve(behaviour.curve)
        # OpenSSL reads the key from a file only; the directory is nobody else's
        with tempfile.NamedTemporaryFile(dir=self._directory, suffix=".pem") as file:
            file.write(identity.leaf.key_pem + chain)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _load_dh(self, context: ssl.SSLContext) -> None:
        with tempfile.NamedTemporaryFile(dir=self._directory, suffix=".pem") as file:
            file.write(_DH_1024)
            file.flush()
            context.load_dh_params(file.name)


def _bind(behaviour: Behaviour) -> socket.socket:
    family = socket.AF_INET6 if ":" in behaviour.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((behaviour.address, behaviour.port))
        if behaviour.speaks == "unanswered":
            listener.listen(0)
        elif behaviour.speaks != "refuse":
            listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


def _fill_backlog(listener: socket.socket) -> list[socket.socket]:
    """Connections that nobody accepts: from then on Linux drops the SYN of every other one."""
    made = []
    for _ in range(3):
        one = socket.socket(listener.family, socket.SOCK_STREAM)
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            one.connect(listener.getsockname())
        made.append(one)
    return made


async def _read_head(stream: Stream, *, patient: bool) -> bytes:
    """The head of a request; bytes that cannot begin one at once (a TLS record), unless patient;
    empty: none."""
    first = await stream.exactly(1)
    return first + (await stream.until(b"\r\n\r\n") if first.isalpha() or patient else b"")


def _common_name(tls: ssl.SSLObject) -> str | None:
    der = tls.getpeercert(binary_form=True)
    if not der:
        return None
    subject = x509.load_der_x509_certificate(der).subject
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else None


def _response(behaviour: Behaviour, seen: Seen, keep: bool) -> bytes:
    if seen.method == "HEAD" and not behaviour.allows_head:
        return response(seen, 405, "", keep=keep)
    status, location = answer(behaviour.application, seen, behaviour.status)
    return response(seen, status, location, keep=keep)
