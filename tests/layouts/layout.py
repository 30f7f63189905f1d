"""What the tests need to know of a layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.layouts.machine import Machine


@dataclass(frozen=True)
class Layout:
    """A way to install httpd.

    Args:
        name: of it.
        root: ServerRoot.
        main: the main configuration file.
        site: the file with the site, without any link.
        error_log: of the server.
        pid_file: of the server.
        build: installs it: machine, port on loopback, text of the virtual host, and the public
            authorities that the system trusts.
        start: starts the server.
        named: how the operator names the configuration; nothing: it is found.
    """

    name: str
    root: str
    main: str
    site: str
    error_log: str
    pid_file: str
    build: Callable[[Machine, int, str, bytes], None]
    start: Callable[[Machine], None]
    named: tuple[str, ...] = ()


def run(machine: Machine, *commands: str) -> None:
    """Run what an operator types; it must succeed."""
    for command in commands:
        done = machine.shell(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
