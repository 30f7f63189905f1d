"""A sandbox for throw-away servers: a temporary directory, and a supervisor that removes it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess  # nosec B404 # argument lists only, no shell
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from wizard import executable
from wizard.errors import WizardError
from wizard.httpd.sandbox import supervisor

_PATIENCE = 10.0
"""Seconds for the supervisor to answer; ending an httpd takes it two at most."""
_TURN = 0.02
"""Seconds that one thread waits for a message before others get a turn."""


class Sandbox:
    """A supervisor and its directory, as a context manager.

    Everything is gone when the context ends, and also when this process is killed in it. Threads
    may share it.

    Args:
        env: environment of every httpd.
        limit: seconds that any httpd may live.
    """

    def __init__(self, env: Mapping[str, str], limit: float) -> None:
        self._env = env
        self._limit = limit
        self._pending = b""
        self._ended: dict[str, int] = {}
        self._lock = threading.Lock()
        self.directory = Path()

    def __enter__(self) -> Sandbox:
        self._process = subprocess.Popen(  # noqa: S603 # nosec B603 # our own interpreter and file
            [*executable.helper(supervisor), str(self._limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=executable.environment(self._env),
            start_new_session=True,  # Ctrl-C of the terminal is for this process only
        )
        try:
            self.directory = Path(self._read(_PATIENCE)["directory"])
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, name: str, argv: Sequence[str]) -> None:
        """Start a server; its stdout and stderr go to ``NAME.stderr`` in the directory."""
        with self._lock:
            self._ended.pop(name, None)
            self._send({"start": name, "argv": list(argv)})

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
        with self._lock:
            if name not in self._ended and self._readable(min(wait, _TURN)):
                message = self._read(0.0)
                self._ended[message["ended"]] = message["status"]
            return name in self._ended

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 # nosec B101 # opened in __enter__
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise WizardError("the rehearsal's supervisor was killed.") from None

    def _readable(self, wait: float) -> bool:
        if b"\n" in self._pending:
            return True
        assert self._process.stdout is not None  # noqa: S101 # nosec B101 # opened in __enter__
        ready, _, _ = select.select([self._process.stdout], [], [], max(wait, 0.0))
        return bool(ready)

    def _read(self, wait: float) -> dict[str, Any]:
        """The next message."""
        assert self._process.stdout is not None  # noqa: S101 # nosec B101 # opened in __enter__
        while b"\n" not in self._pending:
            if not self._readable(wait):
                raise WizardError("the rehearsal's supervisor does not answer.")
            data = os.read(self._process.stdout.fileno(), 65536)
            if not data:
                raise WizardError("the rehearsal's supervisor was killed.")
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        """End every server and remove the directory; connections to the servers break."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:  # it was stopped (SIGSTOP): its children end with it
            self._process.kill()
            self._process.wait()
        if self.directory != Path():
            shutil.rmtree(self.directory, ignore_errors=True)  # the supervisor may have been killed
