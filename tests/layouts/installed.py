"""This machine's httpd, taken elsewhere: its program and modules in another layout's places."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.layouts.machine import Machine
from tests.support import httpd

BUILT_IN = ("unixd", "log_config", "logio", "version", "watchdog")
"""What Debian compiles in and the others load."""


def install(machine: Machine, binary: str, modules: str) -> None:
    """Copy the program and its modules; nothing of Debian's apache2 is left.

    Args:
        machine: where to.
        binary: absolute path of the program.
        modules: absolute path of the directory for the modules.
    """
    _remove_debian(machine)
    place = machine.path(binary)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(httpd.HTTPD, place)
    shutil.copytree(httpd.MODULES, machine.path(modules))


def _remove_debian(machine: Machine) -> None:
    for directory in ("/usr/sbin", "/etc/init.d", "/etc/default", "/usr/lib/systemd/system"):
        place = machine.path(directory)
        for entry in (*place.glob("apache*"), *place.glob("a2*")) if place.is_dir() else ():
            entry.unlink()
    machine.remove("/etc/apache2", "/usr/lib/apache2", "/var/lib/apache2", "/var/log/apache2")


def user(machine: Machine, name: str, group: str, number: int) -> None:
    """Make the user that httpd runs as."""
    for file, line in (
        ("/etc/passwd", f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"),
        ("/etc/group", f"{group}:x:{number}:\n"),
    ):
        with machine.path(file).open("a") as stream:
            stream.write(line)


def loads(names: tuple[str, ...], directory: str) -> str:
    """LoadModule lines, but for what is compiled in."""
    return "".join(
        f"LoadModule {name}_module {directory}/mod_{name}.so\n"
        for name in names
        if name not in BUILT_IN and Path(httpd.MODULES, f"mod_{name}.so").exists()
    )
