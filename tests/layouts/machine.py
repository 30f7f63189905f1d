"""A machine of another make than this one: its own /etc, /usr, /var and /run, and own processes.

A mount namespace covers the host's directories with layers of memory (overlayfs), so that a test
may install httpd there as any distribution does; a process namespace ends what it started. Nothing
of it is seen on the host, and nothing remains. Loopback is the host's: backend and client are the
test's own.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layouts import init

_SECONDS = 60


class Machine:
    """A running machine.

    Args:
        pid: of its process 1, as the host numbers it.
        state: the product's state directory.
    """

    def __init__(self, process: subprocess.Popen[str], pid: int, state: Path) -> None:
        self._process = process
        self.pid = pid
        self.state = state
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PROXY_WIZARD_STATE": str(state),
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
        }

    def path(self, name: str) -> Path:
        """A file of the machine, seen from here; no part of ``name`` may be an absolute link."""
        return Path(f"/proc/{self.pid}/root{name}")

    def put(self, name: str, content: str | bytes = "", mode: int = 0o644) -> None:
        """Write a file, and the directories that it needs."""
        place = self.path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        place.chmod(mode)

    def script(self, name: str, body: str) -> None:
        """Write a program of the shell."""
        self.put(name, f"#!/bin/sh\n{body}\n", 0o755)

    def link(self, name: str, target: str) -> None:
        """Make a symbolic link."""
        place = self.path(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    def remove(self, *names: str) -> None:
        """Remove what the host has."""
        for name in names:
            place = self.path(name)
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the machine, as root and with nothing but the machine's environment."""
        enter = ["nsenter", "-t", str(self.pid), "--mount", "--pid", "--wd=/"]
        return subprocess.run(
            [*enter, "--", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command line as an operator types it."""
        return self.run("sh", "-c", command)

    def wizard(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run proxy-wizard."""
        return self.run(str(Path(sys.executable).with_name("proxy-wizard")), *words)

    def become(self, *words: str) -> None:
        """Process 1 goes on as another program, as in a container."""
        assert self._process.stdin is not None
        self._process.stdin.write(shlex.join(words) + "\n")
        self._process.stdin.flush()


@contextlib.contextmanager
def machine(directory: Path) -> Iterator[Machine]:
    """Start a machine like this one; the test fails with the reason if it may not.

    Args:
        directory: of the test; holds the mount point.
    """
    (directory / "store").mkdir()
    (directory / "state").mkdir(mode=0o700)
    process = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc",
         "--kill-child", "--", sys.executable, "-I", "-S", init.__file__,
         str(directory / "store")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        if process.stdout.readline() != "ready\n":
            pytest.fail(
                "this test builds another machine's directories in namespaces: run it as root, in "
                "a container with CAP_SYS_ADMIN and overlayfs. "
                f"unshare says: {process.stderr.read().strip()}"
            )
        yield Machine(process, _child(process.pid), directory / "state")
    finally:
        process.kill()  # --kill-child: process 1 ends with it, and every process of the machine
        process.wait(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _child(pid: int) -> int:
    """The machine's process 1."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
