"""Stands between a rehearsal and its throw-away httpd, and cleans up whatever happens to either.

A program of its own (``python -I -S supervisor.py``), standard library only. It makes the
temporary directory, starts httpd in it and removes both as soon as its stdin ends: the rehearsal
is over, or was killed. One JSON object a line: on stdin ``{"start": NAME, "argv": […]}`` and
``{"stop": NAME}``, on stdout ``{"directory": PATH}`` first, then ``{"ended": NAME, "status": INT}``
for each httpd that has ended, with nothing of it left.
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
import subprocess  # nosec B404 # argument lists only, no shell
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_PREFIX = "proxy-wizard-sandbox-"
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_SETTLED = 60.0
"""Age in seconds from which a directory without a lock counts as left behind."""
_TICK = 0.02
"""Seconds between two looks at the children."""
_PATIENCE = 0.7
"""Seconds that httpd gets to end by itself; a child that waits for a backend would take ten."""
_SHARE = 4
"""The part of the free memory that a process of httpd may take: httpd keeps as many header fields
as a backend sends, 200 MiB a second (measured on 2.4.71), and the running server needs room too."""
_LEAST_MEMORY = 1 << 30
_FIRST_TO_GO = "1000"
"""For proc(5)'s oom_score_adj: where memory runs out all the same, this httpd is ended first."""


class Supervisor:
    """Its processes and their directory.

    Args:
        limit: seconds that any httpd may live.
        directory: for all files of the rehearsal.
    """

    def __init__(self, limit: float, directory: str) -> None:
        self._limit = limit
        self._directory = directory
        self._running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)

    def serve(self) -> None:
        """Take orders until stdin ends."""
        pending = b""
        while True:
            ready, _, _ = select.select([0], [], [], _TICK)
            if ready:
                data = os.read(0, 65536)
                if not data:
                    return
                *lines, pending = (pending + data).split(b"\n")
                for line in lines:
                    self._obey(json.loads(line))
            now = time.monotonic()
            for name, (process, end) in list(self._running.items()):
                if process.poll() is not None or now > end:
                    self._end(name)

    def close(self) -> None:
        """End every httpd."""
        for name in list(self._running):
            self._end(name)

    def _obey(self, order: dict[str, Any]) -> None:
        if "start" in order:
            self._start(order["start"], order["argv"])
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

    def _bind(self) -> None:
        """In the child: end with the supervisor, leave no core file, leave memory to others."""
        self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = max(_LEAST_MEMORY, _free_memory() // _SHARE)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO)

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


def _say(message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(1, json.dumps(message).encode() + b"\n")


def _interrupted(*_: object) -> None:
    raise SystemExit(0)


def _sweep() -> None:
    """Remove the directories of supervisors that were killed together with their rehearsals."""
    for place in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                status = os.fstat(descriptor)
                # a new one may not be locked yet
                if status.st_uid == os.geteuid() and time.time() - status.st_mtime > _SETTLED:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its owner is gone
                    shutil.rmtree(place, ignore_errors=True)
            finally:
                os.close(descriptor)


def main() -> None:
    """Run until stdin ends or a signal comes; leave nothing behind."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _interrupted)
    _sweep()
    os.umask(0o077)  # also for what httpd writes: its logs may quote a request
    directory = tempfile.mkdtemp(prefix=_PREFIX)
    # Held as long as this process lives: a sign to others that the directory is in use.
    fcntl.flock(os.open(directory, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
    supervisor = Supervisor(float(sys.argv[1]), directory)
    try:
        _say({"directory": directory})
        supervisor.serve()
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        supervisor.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
