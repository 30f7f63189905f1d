"""A proxy in one of the layouts, in front of a TLS backend that it does not trust yet."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.layouts import container, debian, rhel, suse
from tests.layouts.layout import Layout
from tests.layouts.machine import Machine, machine
from tests.support import httpd
from tests.support.site import Backend
from tests.support.waiting import until
from wizard.demo import pki

LAYOUTS = {
    layout.name: layout for layout in (rhel.RHEL, container.CONTAINER, debian.INSTANCE, suse.SUSE)
}
CA = "/srv/pki/root.pem"
"""Where the operator has the authority that signed the backend's certificate."""
TRUST = ("--ca", CA)
BACKEND = "backend.internal"


@dataclass
class Proxy:
    """A machine with a running httpd.

    Args:
        machine: it runs on.
        layout: of its httpd.
        port: that it listens on.
        backend: behind it.
    """

    machine: Machine
    layout: Layout
    port: int
    backend: Backend

    def wizard(self, command: str, *options: str) -> str:
        """Run a command on this configuration; it must succeed."""
        done = self.machine.wizard(command, *self.layout.named, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def check(self) -> dict[str, Any]:
        """What check says."""
        done = self.machine.wizard("check", *self.layout.named, "--format", "json")
        assert done.returncode in (0, 1, 2), done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def status(self) -> int:
        """What a client gets."""
        return httpd.get(self.port, "app.test").status

    def pid(self) -> int:
        """The server's process, as the machine numbers it."""
        return int(self.machine.path(self.layout.pid_file).read_text())

    def log(self) -> str:
        """The error log."""
        place = self.machine.path(self.layout.error_log)
        return place.read_text(errors="replace") if place.exists() else ""

    def files(self) -> dict[str, tuple[object, ...]]:
        """Everything below ServerRoot: what it is, whose it is, its bytes or its target."""
        root = self.machine.path(self.layout.root)
        found: dict[str, tuple[object, ...]] = {}
        for path in sorted(root.rglob("*")):
            status = path.lstat()
            content: object = path.readlink() if path.is_symlink() else None
            if content is None and path.is_file():
                content = path.read_bytes()
            if not path.is_relative_to(root / "logs"):
                owner = (status.st_mode, status.st_uid, status.st_gid)
                found[str(path.relative_to(root))] = (*owner, content)
        return found

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the machine."""
        place = self.machine.path(name)
        text = place.read_text()
        assert old in text
        place.write_text(text.replace(old, new))

    def commands(self) -> list[str]:
        """What check tells to run, in any finding."""
        remedies = [
            remedy
            for route in self.check()["routes"]
            for finding in route["findings"]
            for remedy in finding["remedies"]
        ]
        return [str(remedy["command"]) for remedy in remedies if remedy["command"]]

    def starts(self) -> int:
        """How often the server came up, or read its configuration again."""
        return self.log().count("resuming normal operations")

    def started_again(self, times: int) -> None:
        """Wait until it came up so often."""
        until(lambda: self.starts() >= times, said=self.log)

    def start(self) -> None:
        """Start the server, and wait until it serves."""
        self.layout.start(self.machine)
        self.started_again(1)


@contextlib.contextmanager
def installed(layout: Layout, directory: Path) -> Iterator[Proxy]:
    """A machine with httpd and one site; not started yet.

    Args:
        layout: of httpd.
        directory: of the test.
    """
    root = pki.issue("Example Root", ca=True)
    backend = Backend(pki.issue(BACKEND, root, dns=[BACKEND]), root)
    port = httpd.free_port()
    site = (
        f"<VirtualHost *:{port}>\n    ServerName app.test\n    SSLProxyEngine on\n"
        f"    SSLProxyVerify require\n    ProxyPass / https://{BACKEND}:{backend.port}/\n"
        "</VirtualHost>\n"
    )
    try:
        with machine(directory) as made:
            made.put("/etc/hosts", f"127.0.0.1 localhost {BACKEND}\n")
            made.put(CA, root.pem)
            layout.build(made, port, site, pki.issue("Public Root", ca=True).pem)
            yield Proxy(made, layout, port, backend)
    finally:
        backend.stop()
