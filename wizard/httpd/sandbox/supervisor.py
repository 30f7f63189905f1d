"""Stands between a rehearsal and its throw-away httpd, and cleans up whatever happens to either.

A program of its own (``python -I -S supervisor.py SECONDS NETWORKS DIRECTORY``), standard library
only. It starts httpd in a temporary DIRECTORY (``wizard.scratch``) and removes both as soon as its
stdin ends: the rehearsal is over, or was killed.

What it starts is in one of its NETWORKS, namespaces in which every address is the namespace's own
(network_namespaces(7); ip-route(8), type local): nobody else reaches a port in it, and a connection
to any address arrives in it, at whoever listens there, or is refused. With 0 NETWORKS it stays in
the machine's own.

stdin is a unix socket of the kind SOCK_SEQPACKET; a message in either direction is one JSON object.

=================================== ============================================================
order                               answer
=================================== ============================================================
none                                ``{"ready": true}``, first; or ``{"refused": TEXT}`` and the
                                    end: the system does not give this user such networks
``{"start": NAME, "argv": […]}``    ``{"ended": NAME, "status": INT}`` once this httpd has ended,
                                    with nothing of it left
``{"stop": NAME}``                  the same
``{"socket": [FAMILY, TYPE,         ``{"socket": ERRNO}``, with a socket of the network if ERRNO
PROTOCOL]}``                        is 0
``{"resolve": NAME}``               ``{"resolved": NAME, "addresses": […]}`` as httpd finds them
``{"route": KIND, "address":        ``{"route": KIND}``: connections to this address now get the
ADDRESS}``                          error of a route of the kind (``RTN_*`` of linux/rtnetlink.h)
=================================== ============================================================

``"network": NUMBER``, from 0, in an order says which network is meant.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess  # nosec B404 # argument lists only, no shell
import sys
import time
from pathlib import Path
from typing import Any

_MARK = ".proxy-wizard"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h
_RTM_NEWROUTE, _NLM_F_REQUEST_ACK_REPLACE_CREATE = 24, 0x505  # linux/rtnetlink.h, linux/netlink.h
_RT_TABLE_LOCAL, _RTPROT_STATIC, _RTN_LOCAL = 255, 4, 2  # linux/rtnetlink.h
_RT_SCOPE_UNIVERSE, _RT_SCOPE_HOST = 0, 254
_RTA_DST, _RTA_OIF = 1, 4
_RTM_NEWADDR, _IFA_LOCAL, _IFA_F_NODAD = 20, 2, 0x02  # linux/if_addr.h
_LOOPBACK = 1
"""Index of ``lo``: the first device of every namespace."""
_FAMILIES = (("0.0.0.0", "192.0.2.1"), ("::", "2001:db8::1"))  # noqa: S104 # nosec # prefixes
"""All addresses of a family, and one (of those for documentation) that stands for the machine's."""
_MOST = 1 << 16
"""Bytes of an order."""
_TICK = 0.02
"""Seconds between two looks at the children."""
_PATIENCE = 0.7
"""Seconds that httpd gets to end by itself; a child that waits for a backend would take ten."""
_SHARE = 4
"""The part of the free memory that a process of httpd may take: httpd keeps as many header fields
as a backend sends, 200 MiB a second (measured on 2.4.71), and the running server needs room too."""
_LONGEST_FILE = 256 << 20
"""Bytes of a file, as a log that a backend makes httpd fill (40 MB/s); it writes no more then."""
_LEAST_MEMORY = 1 << 30
_FIRST_TO_GO = "1000"
"""For proc(5)'s oom_score_adj: where memory runs out all the same, this httpd is ended first."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_LIBC = ctypes.CDLL(None, use_errno=True)


class Supervisor:
    """Its processes and their directory.

    Args:
        limit: seconds that any httpd may live.
        directory: for all files of the rehearsal.
        networks: descriptors of namespaces.
    """

    def __init__(self, limit: float, directory: str, networks: list[int]) -> None:
        self._limit = limit
        self._pid = os.getpid()
        self._networks = networks
        self._directory = directory
        self._running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self._resolving: list[int] = []

    def serve(self) -> None:
        """Take orders until stdin ends."""
        while True:
            ready, _, _ = select.select([0], [], [], _TICK)
            if ready:
                order = os.read(0, _MOST)
                if not order:
                    return
                self._obey(json.loads(order))
            with contextlib.suppress(ChildProcessError):
                for pid in list(self._resolving):
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        self._resolving.remove(pid)
            now = time.monotonic()
            for name, (process, end) in list(self._running.items()):
                if process.poll() is not None or now > end:
                    self._end(name)

    def close(self) -> None:
        """End every httpd."""
        for name in list(self._running):
            self._end(name)

    def _obey(self, order: dict[str, Any]) -> None:
        if self._networks and "network" in order:
            _checked(_LIBC.setns(self._networks[order["network"]], _CLONE_NEWNET))
        if "start" in order:
            self._start(order["start"], order["argv"])
        elif "socket" in order:
            _give_socket(*order["socket"])
        elif "resolve" in order:
            self._resolve(order["resolve"])
        elif "route" in order:
            with contextlib.suppress(OSError):  # no such family of addresses here
                _route(order["route"], order["address"])
            _say({"route": order["route"]})
        elif order.get("stop") in self._running:
            self._end(order["stop"])

    def _start(self, name: str, argv: list[str]) -> None:
        with Path(self._directory, f"{name}.stderr").open("wb") as output:
            try:
                process = subprocess.Popen(  # noqa: S603 # nosec B603 # an argument list, no shell
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self._directory,
                    start_new_session=True,  # a group of its own, that can be ended as a whole
                    preexec_fn=self._bind,  # this program has one thread
                )
            except OSError as error:
                output.write(str(error).encode("utf-8", "replace"))
                _say({"ended": name, "status": 127})
                return
        self._running[name] = process, time.monotonic() + self._limit

    def _resolve(self, name: str) -> None:
        """Have a child look a name up: that may take long."""
        pid = os.fork()
        if pid:
            self._resolving.append(pid)
            return
        try:
            self._end_with_me()
            addresses: dict[str, None] = {}
            with contextlib.suppress(OSError):
                host = name.encode("utf-8", "surrogateescape")
                for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM):
                    addresses[str(found[4][0])] = None
            _say({"resolved": name, "addresses": list(addresses)})
        finally:
            os._exit(0)

    def _bind(self) -> None:
        """In the child: end with the supervisor, leave no core file, leave memory to others."""
        self._end_with_me()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LONGEST_FILE, _LONGEST_FILE))
        most = max(_LEAST_MEMORY, _free_memory() // _SHARE)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)

    def _end_with_me(self) -> None:
        """In a child: end as soon as the supervisor does, which may have happened just now.

        With the supervisor's own handlers a signal that comes right before exec would be lost.
        """
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != self._pid:
            os._exit(1)

    def _end(self, name: str) -> None:
        process, _ = self._running.pop(name)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                # Without its children httpd ends at once, and removes what it made of its own.
                _kill(_children(process.pid))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        _say({"ended": name, "status": process.wait()})


def _free_memory() -> int:
    """Bytes that can be had without harm (proc(5), MemAvailable); 0: not known."""
    try:
        known = Path("/proc/meminfo").read_text()
        return int(known.partition("MemAvailable:")[2].split()[0]) << 10
    except (OSError, ValueError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _say(message: dict[str, Any], *descriptors: int) -> None:
    with socket.socket(fileno=os.dup(0)) as channel, contextlib.suppress(OSError):
        socket.send_fds(channel, [json.dumps(message).encode()], descriptors)


def _give_socket(family: int, kind: int, protocol: int) -> None:
    try:
        with socket.socket(family, kind, protocol) as made:
            _say({"socket": 0}, made.fileno())
    except OSError as error:
        _say({"socket": error.errno})


def _checked(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _networks(count: int) -> list[int]:
    """Descriptors of new networks.

    Raises:
        OSError: the system does not let this user have any; this process is of no use now.
    """
    user, group = os.geteuid(), os.getegid()
    version_6 = _has_ipv6()
    if user and count:
        _checked(_LIBC.unshare(_CLONE_NEWUSER))
        for file, line in (  # user_namespaces(7): without this mapping it would be nobody
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path("/proc/self", file).write_text(line)
    return [_network(version_6) for _ in range(count)]


def _has_ipv6() -> bool:
    """Whether this machine has an IPv6 address for more than itself and the next wire."""
    try:
        lines = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return False
    return any(words[3] == "00" and words[5] != "lo" for words in map(str.split, lines))


def _network(version_6: bool) -> int:
    """Enter a new network, in which every address is its own.

    The C library's resolver leaves addresses of a kind out that the machine has none of, and puts
    those without a way last (getaddrinfo(3), AI_ADDRCONFIG; RFC 6724): so does it here.

    Args:
        version_6: whether the machine has IPv6.
    """
    _checked(_LIBC.unshare(_CLONE_NEWNET))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    # what the rehearsal will ask for is tried as well
    socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM).close()
    for every, example in _FAMILIES if version_6 else _FAMILIES[:1]:
        _route(_RTN_LOCAL, every)
        _own(example)
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _own(address: str) -> None:
    """Give an address to ``lo``."""
    family, target = _packed(address)
    body = struct.pack("=4BI", family, len(target) * 8, _IFA_F_NODAD, 0, _LOOPBACK)
    _tell_kernel(_RTM_NEWADDR, body + _attribute(_IFA_LOCAL, target))


def _route(kind: int, address: str) -> None:
    """Add a route for an address, or where it is the unspecified one, for all of its family."""
    family, target = _packed(address)
    whole = len(target) * 8 if any(target) else 0
    scope = _RT_SCOPE_HOST if kind == _RTN_LOCAL else _RT_SCOPE_UNIVERSE
    body = struct.pack("=8BI", family, whole, 0, 0, _RT_TABLE_LOCAL, _RTPROT_STATIC, scope, kind, 0)
    if whole:
        body += _attribute(_RTA_DST, target)
    if kind == _RTN_LOCAL:
        body += _attribute(_RTA_OIF, struct.pack("=I", _LOOPBACK))
    _tell_kernel(_RTM_NEWROUTE, body)


def _packed(address: str) -> tuple[int, bytes]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.inet_pton(family, address)


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value


def _tell_kernel(kind: int, body: bytes) -> None:
    """One request of rtnetlink(7).

    Raises:
        OSError: the kernel refuses.
    """
    flags = _NLM_F_REQUEST_ACK_REPLACE_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        (number,) = struct.unpack_from("=i", kernel.recv(_MOST), 16)
    if number:
        raise OSError(-number, os.strerror(-number))


def _interrupted(*_: object) -> None:
    raise SystemExit(0)


def _hold(directory: str) -> None:
    """Share the lock on a temporary directory: as long as this process lives, it is in use."""
    with contextlib.suppress(OSError):  # the rehearsal was killed, and it is gone
        place = os.open(Path(directory).parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(place, fcntl.LOCK_SH)


def _remove(directory: str) -> None:
    """What ``wizard.scratch`` does in the end, in case the rehearsal was killed."""
    place = Path(directory).parent
    with contextlib.suppress(OSError):
        if f"/{place.name}" in Path("/proc/self/mountinfo").read_text(errors="replace"):
            return
        shutil.rmtree(directory, ignore_errors=True)
        if os.listdir(place) == [_MARK]:  # noqa: PTH208  # names are all that is wanted
            place.chmod(0o1700)
            (place / _MARK).unlink()
            place.rmdir()


def main() -> None:
    """Run until stdin ends or a signal comes; leave nothing behind."""
    for number in _SIGNALS:
        signal.signal(number, _interrupted)
    directory = sys.argv[3]
    _hold(directory)
    try:
        networks = _networks(int(sys.argv[2]))
    except OSError as error:
        _say({"refused": error.strerror})
        return
    os.umask(0o077)  # also for what httpd writes: its logs may quote a request
    supervisor = Supervisor(float(sys.argv[1]), directory, networks)
    try:
        _say({"ready": True})
        supervisor.serve()
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.close()
        _remove(directory)


if __name__ == "__main__":
    main()
