"""Lets an isolated httpd reach some destinations, and nothing else, for as long as a request takes.

For whoever needs another server in a backend's place, without a change to httpd's configuration:
a :class:`Passage` takes a ``dial``, a plain callable ``(address, port) -> socket.socket``. It is
called for each connection that httpd is to have, and returns a connected socket (TCP, or one half
of ``socket.socketpair()``); what it raises, an OSError, httpd gets for its own connection: refused,
unreachable, no answer.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from ipaddress import IPv6Address, ip_address
from itertools import islice
from types import MappingProxyType, TracebackType

from wizard.errors import WizardError
from wizard.httpd.sandbox import doors, packets
from wizard.httpd.sandbox.sandbox import Network
from wizard.model.rehearsal import End

Destination = tuple[str, int]
"""IP address and port."""
Dial = Callable[[str, int], socket.socket]
NO_DOORS: Mapping[Destination, Destination] = MappingProxyType({})
_MOST_CONNECTIONS = 32
"""At a time, for one destination: the throw-away httpd has 8 threads."""
_PART = 1 << 16
"""Bytes that wait in each direction of a connection, besides the kernel's buffers."""
_MOST_DESTINATIONS = 256
"""Of one request: members of a balancer, and their addresses."""
_SETTLED = 1.0
"""Seconds that a request waits for its backend's first connection; the kernel of a client that got
no answer asks again after one second (RFC 6298)."""
_RTN_UNREACHABLE, _RTN_PROHIBIT, _RTN_THROW = 7, 8, 9  # linux/rtnetlink.h
_ROUTES = {
    errno.EHOSTUNREACH: _RTN_UNREACHABLE,
    errno.EACCES: _RTN_PROHIBIT,
    errno.EPERM: _RTN_PROHIBIT,
    errno.ENETUNREACH: _RTN_THROW,
}
"""The kind of route of the sandbox's network that gives a connection the same error."""
_OWN = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 # nosec # connected to
"""What Linux connects to instead."""


def as_sent(destination: Destination) -> Destination:
    """What the packets of a connection to a destination name as their target (ipv6(7))."""
    address, port = destination
    address = _OWN.get(address, address)
    mapped = ip_address(address)
    if isinstance(mapped, IPv6Address) and mapped.ipv4_mapped is not None:
        mapped = mapped.ipv4_mapped
    return str(mapped), port


def outward(seconds: float) -> Dial:
    """Connects in this process's own network.

    Args:
        seconds: for the connection.
    """
    return lambda address, port: socket.create_connection((address, port), timeout=seconds)


class Passage:
    """The way to some destinations, as a context manager.

    Each destination is dialled at once: httpd's connection then ends as this one did, and uses it.

    Args:
        network: of the servers.
        destinations: to let through, 256 at most; for others there is nobody, and httpd's
            connection is refused.
        dial: makes each connection to them.
        behind: where those of the destinations lead that are doors.
    """

    def __init__(
        self,
        network: Network,
        destinations: Iterable[Destination],
        dial: Dial,
        behind: Mapping[Destination, Destination] = NO_DOORS,
    ) -> None:
        ways = islice(dict.fromkeys(destinations), _MOST_DESTINATIONS)
        self._gates = [Gate(network, each, dial, behind=behind.get(each)) for each in ways]

    def __enter__(self) -> Passage:
        try:
            for gate in self._gates:
                gate.open()
        except BaseException:  # the sandbox was closed meanwhile
            self._close()
            raise
        end = time.monotonic() + _SETTLED
        for gate in self._gates:
            gate.settled.wait(max(0.0, end - time.monotonic()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        for gate in self._gates:
            gate.close()

    @property
    def answered(self) -> bool:
        """Whether any destination sent something to httpd after httpd had sent something to it."""
        return any(gate.answered for gate in self._gates)

    @property
    def hung_up(self) -> End | None:
        """Who ended a connection first; None: all stand, or nobody connected."""
        return next((gate.hung_up for gate in self._gates if gate.hung_up is not None), None)


class Gate:
    """The way to one destination: a listener in the sandbox's network, and threads that dial.

    Args:
        network: of the servers.
        destination: what httpd connects to.
        dial: makes each connection.
        early: dial before httpd connects, so that its connection can fail as ours did.
        behind: where it leads, if it is a door (``wizard.httpd.sandbox.doors``); None: to the
            destination itself.

    Attributes:
        settled: set once it is known how the first connection ended.
        answered: whether bytes came to httpd after bytes of httpd's.
        hung_up: who ended a connection first; None: nobody did while the gate was open.
    """

    def __init__(
        self,
        network: Network,
        destination: Destination,
        dial: Dial,
        *,
        early: bool = True,
        behind: Destination | None = None,
    ) -> None:
        self._network = network
        self._address, self._port = destination
        self._dial = partial(dial, *(behind or destination))
        self._is_door = behind is not None
        self._early = early
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False
        self._listener: socket.socket | None = None
        self.settled = threading.Event()
        self.answered = False
        self.hung_up: End | None = None

    def open(self) -> None:
        """Listen, and begin to dial."""
        address = _OWN.get(self._address, self._address)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            listener = self._network.new_socket(family, socket.SOCK_STREAM)
        except OSError:  # no IPv6 here
            self.settled.set()
            return
        self._listener = listener
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        packets.silence(listener)
        try:
            listener.bind((address, self._port))
            listener.listen(_MOST_CONNECTIONS)
        except OSError:  # no address of one host
            listener.close()
            self.settled.set()
            return
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Break every connection, and take no more."""
        self.settled.set()
        with self._lock:
            self._closed = True
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            if self._listener is not None:
                with contextlib.suppress(OSError):
                    self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts

    def _serve(self, listener: socket.socket) -> None:
        with listener:
            try:
                first = self._dial() if self._early else None
            except OSError as error:
                self._fail_alike(listener, error)
                return
            packets.hear(listener)
            self.settled.set()
            try:
                while not self._closed:
                    inner, _ = listener.accept()
                    threading.Thread(target=self._pass, args=(inner, first), daemon=True).start()
                    first = None
            except OSError:
                return
            finally:
                if first is not None:
                    first.close()

    def _fail_alike(self, listener: socket.socket, error: OSError) -> None:
        """Have httpd's connection fail as ours did."""
        if isinstance(error, TimeoutError):
            self.settled.set()  # the listener stays silent, until it is closed
            with contextlib.suppress(OSError):
                listener.accept()
            return
        if error.errno in _ROUTES and not self._is_door:
            with contextlib.suppress(WizardError):  # the rehearsal has ended meanwhile
                self._network.give_route(_ROUTES[error.errno], self._address)
        listener.close()  # so that the connection is refused
        self.settled.set()

    def _pass(self, inner: socket.socket, outer: socket.socket | None) -> None:
        """Serve one connection of httpd's."""
        with inner:
            try:
                if outer is not None and _is_over(outer):
                    outer.close()
                    outer = None
                outer = outer or self._dial()
            except OSError:
                _reset(inner)
                return
            with outer:
                if self._take(inner, outer):
                    outer.setblocking(True)
                    edit = self._enter(inner)
                    asked = threading.Event()
                    back = threading.Thread(
                        target=self._copy,
                        args=(outer, inner, "backend", asked.is_set),
                        daemon=True,
                    )
                    back.start()
                    self._copy(inner, outer, "httpd", asked.set, edit)
                    back.join()
                    self._leave(inner, outer)

    def _enter(self, inner: socket.socket) -> Callable[[bytes], bytes]:
        """Let httpd through a door; what becomes of the bytes that it sends then."""
        try:
            if not self._is_door or doors.enter(inner):
                return bytes
        except (OSError, ValueError):
            _reset(inner)
        return doors.in_origin_form

    def _take(self, *both: socket.socket) -> bool:
        with self._lock:
            if self._closed or len(self._open) >= 2 * _MOST_CONNECTIONS:
                return False
            self._open.update(both)
            return True

    def _leave(self, *both: socket.socket) -> None:
        with self._lock:
            self._open.difference_update(both)

    def _copy(
        self,
        source: socket.socket,
        sink: socket.socket,
        who: End,
        came: Callable[[], bool | None],
        edit: Callable[[bytes], bytes] = bytes,
    ) -> None:
        """Pass bytes one way until there are no more; what breaks one side breaks the other."""
        try:
            while data := self._receive(source, who):
                if came():
                    self.answered = True
                sink.sendall(edit(data))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for each in (source, sink):
                _reset(each)

    def _receive(self, source: socket.socket, who: End) -> bytes:
        """The next bytes; where there are none, it is noted who ended the connection."""
        data = b""
        try:
            data = source.recv(_PART)
        finally:
            if not data:
                with self._lock:
                    if not self._closed and self.hung_up is None:
                        self.hung_up = who
        return data


def _is_over(connection: socket.socket) -> bool:
    """Whether the other end has closed a connection while it waited for its use."""
    connection.setblocking(False)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _reset(connection: socket.socket) -> None:
    """Have the other end see a reset, not an end, once it is closed; wake who reads from it."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
