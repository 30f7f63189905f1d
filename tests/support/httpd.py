"""Runs real httpd on loopback, in the foreground, with a configuration of the test's own."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wizard.reference import directives

MODULES = Path("/usr/lib/apache2/modules")
"""Of the installed httpd."""
NSS_WRAPPER = "libnss_wrapper.so"
HTTPD = shutil.which("apache2") or "/usr/sbin/apache2"
LISTEN = "127.0.0.2"
"""Where httpd listens: libnss_wrapper gives an address that it has names for once per name, and
httpd then tries to bind it as often."""
_WORKERS = 8
_MINE = range(
    10_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % _WORKERS, 20_000, _WORKERS
)
"""The ports of this worker of pytest-xdist; a rehearsal takes higher ones."""
_GIVEN: deque[int] = deque(maxlen=500)
_GIVING = threading.Lock()
READY = "resuming normal operations"
_USERS = ("www-data", "apache", "daemon", "nobody")
"""Whose name a distribution gives to httpd's children; the last two are on every machine."""
STANDARD = [
    "unixd",
    "log_config",
    "version",
    "mpm_event",
    "authz_core",
    "proxy",
    "proxy_http",
    "proxy_http2",
    "proxy_wstunnel",
    "ssl",
    "macro",
    "rewrite",
    "headers",
    "proxy_balancer",
    "slotmem_shm",
    "lbmethod_byrequests",
    "socache_shmcb",
    "setenvif",
    "alias",
]


class RefusedError(Exception):
    """httpd does not start; the text is what it said."""


@dataclass(frozen=True)
class Program:
    """An httpd to run.

    Args:
        path: of its binary.
        modules: the directory of what it loads.
    """

    path: str
    modules: Path

    @classmethod
    def at(cls, path: str) -> Program:
        """The httpd of a binary; its modules are beside it, or where it says that its root is.

        Raises:
            FileNotFoundError: there are no modules in any of these places.
        """
        root = re.search(r'HTTPD_ROOT="([^"]*)"', _output(path, "-V", "-f", "/dev/null"))
        beside = Path(path).resolve().parent.parent
        places = [beside / "modules", beside / "lib" / "apache2" / "modules"]
        places += [Path(root[1]) / "modules"] if root else []
        for place in places:
            if (place / "mod_ssl.so").exists():
                return cls(path, place)
        raise FileNotFoundError(f"no mod_ssl.so in {', '.join(map(str, places))}")

    @cached_property
    def static(self) -> tuple[str, ...]:
        """Identifiers of the modules that are compiled in."""
        sources = re.findall(r"^ +(\w+\.c)\s*$", _output(self.path, "-l"), re.MULTILINE)
        return tuple(directives.identifier(source) for source in sources)

    @cached_property
    def version(self) -> str:
        """``2.4.71``."""
        return _output(self.path, "-v").split("Apache/")[1].split()[0]

    @cached_property
    def openssl(self) -> str:
        """The OpenSSL that its mod_ssl loads, ``3.0.19``."""
        linked = subprocess.run(
            ["ldd", str(self.modules / "mod_ssl.so")], capture_output=True, text=True, check=True
        ).stdout
        library = re.search(r"libcrypto\S* => (\S+)", linked)
        assert library is not None, linked
        found = re.search(rb"OpenSSL (\d+\.\d+\.\d+)", Path(library[1]).read_bytes())
        assert found is not None, library[1]
        return found[1].decode()

    @property
    def name(self) -> str:
        """``2.4.71/3.0``: the release, and the OpenSSL as far as its rules differ."""
        return f"{self.version}/{self.openssl.rpartition('.')[0]}"

    def has(self, module: str) -> bool:
        """Whether it has a module (``ssl``), compiled in or to be loaded."""
        return f"{module}_module" in self.static or (self.modules / f"mod_{module}.so").exists()

    def load(self, *modules: str) -> str:
        """``LoadModule`` lines for those that are not compiled in."""
        return "".join(
            f"LoadModule {name}_module {self.modules}/mod_{name}.so\n"
            for name in modules
            if f"{name}_module" not in self.static
        )


def _output(path: str, *options: str) -> str:
    """What it prints; ``-V`` does so before it fails on the configuration, which it reads too."""
    return subprocess.run(
        [path, *options], capture_output=True, text=True, timeout=30, check=False
    ).stdout


INSTALLED = Program(HTTPD, MODULES)


def load_modules(without: Sequence[str] = (), program: Program = INSTALLED) -> str:
    """LoadModule lines: what a proxy needs, but for some."""
    return program.load(*(name for name in STANDARD if name not in without))


def main_config(
    directory: Path,
    listens: Sequence[str],
    *,
    without: Sequence[str] = (),
    program: Program = INSTALLED,
) -> str:
    """The server level of a configuration whose ServerRoot is ``directory``."""
    # root may not serve requests as root; anybody else need not change
    user = _user() if os.geteuid() == 0 else ""
    return (
        f"ServerRoot {directory}\nServerName main.test\n"
        + "".join(f"Listen {listen}\n" for listen in listens)
        + load_modules(without, program)
        + f"{user}PidFile httpd.pid\nErrorLog error.log\nLogLevel info\nTimeout 10\n"
        "StartServers 1\nThreadsPerChild 32\nMinSpareThreads 32\nMaxSpareThreads 64\n"
        "MaxRequestWorkers 64\nGracefulShutdownTimeout 2\n"
    )


def _user() -> str:
    """The lines that name whom its children run as."""
    known = {entry.pw_name: entry.pw_gid for entry in pwd.getpwall()}
    name = next(name for name in _USERS if name in known)
    return f"User {name}\nGroup #{known[name]}\n"


def environment(hosts: Path) -> dict[str, str]:
    """Names are resolved from a file in the format of /etc/hosts."""
    return {**os.environ, "LD_PRELOAD": NSS_WRAPPER, "NSS_WRAPPER_HOSTS": str(hosts)}


def configtest(config: Path, hosts: Path, program: Program = INSTALLED) -> tuple[bool, str]:
    """Whether ``-t`` accepts a configuration, and what it says."""
    done = subprocess.run(
        [program.path, "-t", "-d", str(config.parent), "-f", str(config)],
        env=environment(hosts),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=30,
    )
    return done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def running(
    config: Path,
    hosts: Path,
    *,
    env: dict[str, str] | None = None,
    log: Path | None = None,
    options: Sequence[str] = (),
    before: Sequence[str] = (),
    program: Program = INSTALLED,
) -> Iterator[None]:
    """httpd in the foreground; ready when it says so in its log.

    Args:
        config: logs at notice or more; its directory is the ServerRoot.
        hosts: names, for the environment.
        env: another environment.
        log: its ErrorLog; None: error.log beside it.
        options: more of httpd's command line.
        before: a command that runs it.
        program: which httpd.

    Raises:
        RefusedError: it ended before it was ready.
    """
    log = log or config.parent / "error.log"
    log.unlink(missing_ok=True)
    output = log.parent / "stderr.txt"
    place = ["-d", str(config.parent), "-f", str(config)]
    with output.open("wb") as stderr:
        process = subprocess.Popen(
            [*before, program.path, *place, "-DFOREGROUND", *options],
            env=env or environment(hosts),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 30
        while READY not in text_of(log):
            if process.poll() is not None:
                raise RefusedError(text_of(output) + text_of(log))
            if time.monotonic() > deadline:
                raise RefusedError("not ready in time: " + text_of(output) + text_of(log))
            time.sleep(0.01)  # httpd announces its readiness in this file only
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent


def refused(config: Path, hosts: Path) -> str:
    """httpd's words when it does not start with a configuration; empty if it does."""
    try:
        with running(config, hosts):
            return ""
    except RefusedError as error:
        return str(error)


def text_of(file: Path) -> str:
    """A log's text, empty while it does not exist."""
    return file.read_text(errors="replace") if file.exists() else ""


@dataclass(frozen=True)
class Answer:
    """httpd's answer to a request; ``head`` with status line and headers, in latin-1.

    Without a status line ``status`` is 0: so mod_proxy_wstunnel fails until 2.4.46.
    """

    status: int
    head: str
    body: bytes


def get(
    port: int, host: str, path: str = "/", *, timeout: float = 30, websocket: bool = False
) -> Answer:
    """A GET to httpd on loopback; with ``websocket`` an upgrade (RFC 6455, 4.1)."""
    wanted = "Upgrade\r\nUpgrade: websocket" if websocket else "close"
    with socket.create_connection((LISTEN, port), timeout=timeout) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: {wanted}\r\n\r\n".encode()
        )
        data = b""
        while part := connection.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    line = head.split(b" ")
    status = int(line[1]) if line[0].startswith(b"HTTP/") else 0
    return Answer(status, head.decode("latin-1"), body)


def free_ports(count: int) -> list[int]:
    """TCP ports of loopback that were free a moment ago.

    They are taken from below the range of which the kernel serves outgoing connections and
    ``bind`` to port 0, and no other thread or worker of this run gets the same, so that nobody has
    one before httpd does.
    """
    found: list[int] = []
    with _GIVING:
        while len(found) < count:
            port = random.choice(_MINE)
            if port not in _GIVEN and not _in_use(port):
                _GIVEN.append(port)
                found.append(port)
    return found


def free_port() -> int:
    """One of ``free_ports``."""
    return free_ports(1)[0]


def _in_use(port: int) -> bool:
    try:
        socket.create_server((LISTEN, port)).close()
    except OSError:
        return True
    return False
