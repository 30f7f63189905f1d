"""Debian's httpd with a second instance beside the first, as setup-instance makes it."""

from __future__ import annotations

import shutil

from tests.layouts.layout import Layout, run
from tests.layouts.machine import Machine
from tests.support import httpd

NAME = "intranet"
ROOT = f"/etc/apache2-{NAME}"
SITE = f"{ROOT}/sites-available/app.conf"
TOOLS = ("a2enmod", "a2dismod", "a2ensite", "a2dissite", "a2enconf", "a2disconf", "apache2ctl")
_MODULES = ("proxy", "proxy_http", "ssl", "socache_shmcb", "headers", "rewrite")


def build(machine: Machine, port: int, site: str, bundle: bytes) -> None:
    """Set up both instances."""
    shutil.copytree(machine.path("/etc/apache2"), machine.path(ROOT), symlinks=True)
    for root, listened in (("/etc/apache2", httpd.free_port()), (ROOT, port)):
        machine.put(f"{root}/ports.conf", f"Listen 127.0.0.2:{listened}\nServerName main.test\n")
        for entry in machine.path(f"{root}/sites-enabled").iterdir():
            entry.unlink()
    for tool in TOOLS:
        machine.link(f"/usr/local/sbin/{tool}-{NAME}", f"/usr/sbin/{tool}")
    for directory in ("/var/log/apache2", f"/var/log/apache2-{NAME}", "/run/lock"):
        machine.path(directory).mkdir(mode=0o750, exist_ok=True)
    machine.put(SITE, site)
    machine.put("/etc/ssl/certs/ca-certificates.crt", bundle)
    run(machine, f"a2enmod-{NAME} {' '.join(_MODULES)}", f"a2ensite-{NAME} app")


def start(machine: Machine) -> None:
    """Start both instances."""
    run(machine, "apache2ctl start", f"apache2ctl-{NAME} start")


INSTANCE = Layout(
    "instance", ROOT, f"{ROOT}/apache2.conf", SITE, f"/var/log/apache2-{NAME}/error.log",
    f"/run/apache2-{NAME}/apache2.pid", build, start, (ROOT,),
)  # fmt: skip
