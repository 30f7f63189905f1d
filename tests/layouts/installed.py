"""This machine's httpd, taken elsewhere: its program and modules in another layout's places."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.layouts.machine import Machine
from tests.support import httpd

BUILT_IN = ("unixd", "log_config", "logio", "version", "watchdog")
"""What Debian compiles in and the others load."""


_PID_FILE = b"/run/apache2.pid"
"""Compiled into Debian's."""


def install(machine: Machine, binary: str, modules: str, pid_file: bytes) -> None:
    """Copy the program and its modules; nothing of Debian's apache2 is left.

    Args:
        machine: where to.
        binary: absolute path of the program.
        modules: absolute path of the directory for the modules.
        pid_file: compiled into the program, as long as Debian's at most.
    """
    _remove_debian(machine)
    place = machine.path(binary)
    place.parent.mkdir(parents=True, exist_ok=True)
    program = Path(httpd.HTTPD).read_bytes()
    for before, after in ((b"", b"\0"), (b'DEFAULT_PIDLOG="', b'"\0')):
        old, new = before + _PID_FILE + after, before + pid_file + after
        assert program.count(old) == 1
        program = program.replace(old, new.ljust(len(old), b"\0"))
    place.write_bytes(program)
    place.chmod(0o755)
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
