"""Who may connect to a unix socket: the mode decides for httpd's user as the kernel would."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.probe.socket_access import kept_out

_NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def listening() -> Iterator[Path]:
    """Its directory is not the test's own: nobody else may enter those above that."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as server:
        place = Path(directory, "s")
        place.parent.chmod(0o755)
        server.bind(str(place))
        server.listen()
        yield place


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(
    ("directory", "mode", "group"),
    [
        (0o755, 0o666, 0),
        (0o755, 0o660, 0),
        (0o755, 0o660, _NOBODY.pw_gid),
        (0o755, 0o606, _NOBODY.pw_gid),
        (0o755, 0o602, 0),
        (0o700, 0o666, 0),
        (0o711, 0o666, 0),
    ],
)
def test_as_the_kernel_decides(directory: int, mode: int, group: int, listening: Path) -> None:
    os.chown(listening, 0, group)
    listening.chmod(mode)
    listening.parent.chmod(directory)
    with socket.socket(socket.AF_UNIX) as client, _nobody():
        try:
            client.connect(str(listening))
        except PermissionError:
            connects = False
        else:
            connects = True
    assert (kept_out(str(listening), "nobody", None) is None) == connects


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(_NOBODY.pw_gid)
    os.seteuid(_NOBODY.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


@pytest.mark.parametrize("user", [None, "root", "#0", "nobody-of-this-name", "#x"])
def test_root_and_the_unknown_are_kept_out_of_nothing(user: str | None, listening: Path) -> None:
    listening.chmod(0)
    assert kept_out(str(listening), user, None) is None


def test_a_number_and_its_group(listening: Path) -> None:
    listening.chmod(0o660)
    group = f"#{listening.stat().st_gid}"
    assert kept_out(str(listening), "#4242", group) is None
    assert kept_out(str(listening), "#4242", "#4242") == str(listening)
