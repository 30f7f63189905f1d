"""One virtual host in front of one TLS backend, and the commands on it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fix import lab

REQUIRE = "SSLProxyEngine on\n    SSLProxyVerify require"


@dataclass
class Site:
    """A main configuration with one virtual host in front of one backend."""

    directory: Path
    root: lab.Issued
    backend: lab.Backend
    port: int
    name: str = "good.test"

    @property
    def main(self) -> Path:
        return self.directory / "httpd.conf"

    @property
    def vhost(self) -> Path:
        return self.directory / "site.conf"

    @property
    def environment(self) -> dict[str, str]:
        """Of a command: the backend's name, and a state directory of its own."""
        state = {"PROXY_WIZARD_STATE": str(self.directory / "state")}
        return {**lab.environment(self.directory / "hosts"), **state}

    def write(self, body: str) -> None:
        self.vhost.write_text(
            f"<VirtualHost *:{self.port}>\n    ServerName app.test\n    {body}\n"
            f"    ProxyPass / https://{self.name}:{self.backend.port}/\n</VirtualHost>\n"
        )

    def wizard(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "wizard", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def fix(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.wizard("fix", str(self.main), *options)

    def check(self) -> subprocess.CompletedProcess[str]:
        return self.wizard("check", str(self.main))

    def patch(self, text: str) -> None:
        done = subprocess.run(
            ["patch", "-p1", "-d", "/", "-F0"],
            input=text.encode(),
            capture_output=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stdout

    def status(self) -> int:
        with lab.running(self.main, self.directory / "hosts"):
            return lab.get(self.port, "app.test")[0]


def make_at_address(directory: Path) -> Site:
    """A site whose backend's name is an address: to ask for it no nss_wrapper is needed."""
    root = lab.issue("Example Root", ca=True)
    site = make(directory, lab.issue("127.0.0.1", root, dns=["good.test"]), root, root)
    site.name = "127.0.0.1"
    return site


def make(directory: Path, leaf: lab.Issued, root: lab.Issued, *sent: lab.Issued) -> Site:
    for name in ("logs", "private"):
        (directory / name).mkdir()
    (directory / "private" / "root.pem").write_bytes(root.pem)
    (directory / "hosts").write_text("127.0.0.1 good.test\n127.0.0.1 other.test\n")
    backend = lab.Backend(leaf, sent, directory)
    backend.start()
    site = Site(directory, root, backend, lab.free_port())
    site.main.write_text(
        f"ServerRoot {directory}\nServerName main.test\nListen {lab.FRONT}:{site.port}\n"
        f"{lab.modules()}PidFile logs/httpd.pid\nErrorLog logs/error.log\nLogLevel info\n"
        f"{'User www-data' if os.geteuid() == 0 else ''}\n"
        f"{'Group www-data' if os.geteuid() == 0 else ''}\nInclude site.conf\n"
    )
    return site
