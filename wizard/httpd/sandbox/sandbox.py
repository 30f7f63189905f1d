"""A sandbox for throw-away servers: a temporary directory, a network namespace where the system
lets this user have one, and a supervisor that removes both."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import subprocess  # nosec B404 # argument lists only, no shell
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from wizard import executable, scratch
from wizard.errors import WizardError
from wizard.httpd.sandbox import supervisor
from wizard.record import record

_PATIENCE = 10.0
"""Seconds for the supervisor to answer; ending an httpd takes it two at most."""
_TURN = 0.02
"""Seconds that one thread waits for a message before others get a turn."""
_MOST = 1 << 16
"""Bytes of a message."""
_IPV6_FREEBIND = 78  # linux/in6.h


class Sandbox:
    """A supervisor and its directory, as a context manager.

    Everything is gone when the context ends, and also when this process is killed in it. Threads
    may share it.

    Args:
        env: environment of every httpd.
        limit: seconds that any httpd may live.
        networks: how many networks to make for its servers.

    Attributes:
        directory: the temporary directory.
        refused: why its servers have no network of their own; empty where they have one.
    """

    def __init__(self, env: Mapping[str, str], limit: float, networks: int = 1) -> None:
        self._env = env
        self._limit = limit
        self._networks = networks
        self._ended: dict[str, int] = {}
        self._resolved: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self.directory = Path()
        self.refused = ""

    def __enter__(self) -> Sandbox:
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(scratch.directory("sandbox"))
            message = self._begin(self._networks)
            if "refused" in message:
                self.close()
                self.refused = message["refused"]
                self._begin(0)
            stack.callback(self.close)
            self._stack = stack.pop_all()
        return self

    def _begin(self, networks: int) -> dict[str, Any]:
        """Start a supervisor; its first message."""
        helper = executable.helper(supervisor)
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 # nosec B603 # our own interpreter and file
                [*helper, str(self._limit), str(networks), str(self.directory)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=executable.environment(self._env),
                start_new_session=True,  # Ctrl-C of the terminal is for this process only
            )
        try:
            message, _ = self._receive(_PATIENCE)
        except BaseException:
            self.close()
            raise
        return message

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def start(self, name: str, argv: Sequence[str], network: int = 0) -> None:
        """Start a server; its stdout and stderr go to ``NAME.stderr`` in the directory."""
        with self._lock:
            self._ended.pop(name, None)
            self._send({"start": name, "argv": list(argv), "network": network})

    def stop(self, name: str) -> None:
        """End a server, and wait until nothing of it is left."""
        with self._lock:
            if name in self._ended:
                return
            self._send({"stop": name})
        end = time.monotonic() + _PATIENCE
        while not self.ended(name, _TURN):
            if time.monotonic() > end:
                raise WizardError("the rehearsal's httpd does not end.")

    def ended(self, name: str, wait: float = 0.0) -> bool:
        """Whether a server has ended; waits up to ``wait`` seconds, and 20 ms at most, to hear."""
        return self._comes(lambda: name in self._ended, wait)

    def resolve(self, name: str, network: int) -> None:
        """Have a host name looked up as the servers would do it; ``addresses`` has the result."""
        with self._lock:
            if name not in self._resolved:
                self._send({"resolve": name, "network": network})

    def addresses(self, name: str, seconds: float) -> tuple[str, ...]:
        """The addresses of a name that ``resolve`` was told; none where none came in time."""
        end = time.monotonic() + seconds
        while not self._comes(lambda: name in self._resolved, _TURN) and time.monotonic() < end:
            pass
        return self._resolved.get(name, ())

    def new_socket(self, network: int, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket of one of the networks, or where there is none, of the machine's.

        Raises:
            OSError: there is no such socket.
        """
        if self.refused:
            return socket.socket(family, kind, protocol)
        order = {"socket": [family, kind, protocol], "network": network}
        message, descriptors = self._asked(order, "socket")
        if not descriptors:
            raise OSError(message["socket"], os.strerror(message["socket"]))
        return socket.socket(fileno=descriptors[0])

    def give_route(self, network: int, kind: int, address: str) -> None:
        """As ``Network.give_route``."""
        self._asked({"route": kind, "address": address, "network": network}, "route")

    def _asked(self, order: dict[str, Any], key: str) -> tuple[dict[str, Any], list[int]]:
        """Give an order, and wait for its answer, the message with this key."""
        with self._lock:
            self._send(order)
            while True:
                message, descriptors = self._receive(_PATIENCE)
                if key in message:
                    return message, descriptors
                self._note(message)

    def _comes(self, known: Callable[[], bool], wait: float) -> bool:
        """Whether something is known, after at most one message that is waited for."""
        with self._lock:
            if not known() and self._readable(min(wait, _TURN)):
                self._note(self._receive(0.0)[0])
            return known()

    def _note(self, message: dict[str, Any]) -> None:
        if "ended" in message:
            self._ended[message["ended"]] = message["status"]
        elif "resolved" in message:
            self._resolved[message["resolved"]] = tuple(message["addresses"])

    def _send(self, order: dict[str, Any]) -> None:
        try:
            self._channel.sendall(json.dumps(order).encode())
        except OSError:
            raise WizardError("the rehearsal's supervisor was killed.") from None

    def _readable(self, wait: float) -> bool:
        poll = select.poll()
        try:
            poll.register(self._channel, select.POLLIN)
        except ValueError:  # it was closed meanwhile
            raise WizardError("the rehearsal was ended.") from None
        return bool(poll.poll(max(wait, 0.0) * 1000))

    def _receive(self, wait: float) -> tuple[dict[str, Any], list[int]]:
        """The next message, and the descriptors that came with it."""
        if not self._readable(wait):
            raise WizardError("the rehearsal's supervisor does not answer.")
        data = b""
        with contextlib.suppress(ConnectionError):  # it was killed with our order unread
            data, descriptors, _, _ = socket.recv_fds(self._channel, _MOST, 1)
        if not data:
            raise WizardError("the rehearsal's supervisor was killed.")
        message: dict[str, Any] = json.loads(data)
        return message, descriptors

    def close(self) -> None:
        """End every server; connections to them break."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:  # it was stopped (SIGSTOP): its children end with it
            self._process.kill()
            self._process.wait()
        self._channel.close()


@record
class Network:
    """One network of a sandbox.

    Args:
        sandbox: its sandbox, that has begun.
        number: from 0.
    """

    sandbox: Sandbox
    number: int = 0

    def new_socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket of this network.

        Raises:
            OSError: there is no such socket.
        """
        made = self.sandbox.new_socket(self.number, family, kind, protocol)
        if family == socket.AF_INET6:  # every address is the network's own, but none is assigned
            made.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)
        return made

    def give_route(self, kind: int, address: str) -> None:
        """Let the servers have the error of a route of this kind (``RTN_*``) at an address."""
        self.sandbox.give_route(self.number, kind, address)

    def start(self, name: str, argv: Sequence[str]) -> None:
        """Start a server in it, as ``Sandbox.start``."""
        self.sandbox.start(name, argv, self.number)

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        """A TCP connection to a server in it.

        Raises:
            OSError: nobody listens there.
        """
        made = self.new_socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            made.settimeout(seconds)
            made.connect((address, port))
        except BaseException:
            made.close()
            raise
        return made
