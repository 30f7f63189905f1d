"""Who may connect to a unix socket: the mode decides for httpd's user as the kernel would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import others
from wizard.model.probe import ProbeRequest
from wizard.probe.resolve import FixedResolver
from wizard.probe.route_to_backend import BackendPath
from wizard.probe.socket_access import kept_out

_NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def listening(public: Path) -> Iterator[Path]:
    with socket.socket(socket.AF_UNIX) as server:
        place = public / "s"
        server.bind(str(place))
        server.listen()
        yield place


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(
    ("directory", "mode", "owner", "group"),
    [
        (0o755, 0o666, 0, 0),
        (0o755, 0o660, 0, 0),
        (0o755, 0o660, 0, _NOBODY.pw_gid),
        (0o755, 0o606, 0, _NOBODY.pw_gid),
        (0o755, 0o602, 0, 0),
        (0o700, 0o666, 0, 0),
        (0o711, 0o666, 0, 0),
        (0o755, 0o200, _NOBODY.pw_uid, 0),
        (0o755, 0o077, _NOBODY.pw_uid, 0),
    ],
)
def test_as_the_kernel_decides(
    directory: int, mode: int, owner: int, group: int, listening: Path
) -> None:
    os.chown(listening, owner, group)
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


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(
    ("user", "known"), [("nobody", True), ("#4242", True), ("root", False), (None, False)]
)
def test_what_one_is_refused_says_nothing_of_another(
    user: str | None, known: bool, listening: Path
) -> None:
    listening.chmod(0o600)
    route = BackendPath(_request(listening, user), FixedResolver({}))
    with _nobody():
        asyncio.run(route.open())
    route.close()
    assert (route.tcp is not None and route.tcp.failure == "not-permitted") == known
    assert known or (route.error is not None and "this user may not connect" in route.error)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_its_owner_may_connect_where_httpd_may_not(listening: Path) -> None:
    os.chown(listening, _NOBODY.pw_uid, 0)
    listening.chmod(0o600)
    route = BackendPath(_request(listening, "#4242"), FixedResolver({}))
    with _nobody():
        asyncio.run(route.open())
    route.close()
    assert route.tcp is not None
    assert route.tcp.failure == "not-permitted"


def _request(listening: Path, user: str | None) -> ProbeRequest:
    return ProbeRequest(host="h", port=80, tls=False, socket=str(listening), user=user)


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


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_group_takes_the_place_of_the_users_own(listening: Path) -> None:
    """On httpd: 503 with User nobody and Group #4242, 200 with the group of nobody."""
    os.chown(listening, 0, _NOBODY.pw_gid)
    listening.chmod(0o660)
    number = f"#{_NOBODY.pw_uid}"
    for user in ("nobody", number):
        assert kept_out(str(listening), user, f"#{_NOBODY.pw_gid}") is None
        assert kept_out(str(listening), user, None) is None
        assert kept_out(str(listening), user, "#4242") == str(listening)


def test_a_number_has_the_other_groups_of_its_name(
    listening: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On httpd: 200 with User #101 and a socket of ssl-cert, a further group of postgres."""
    listening.chmod(0o660)
    further = {"nobody": listening.stat().st_gid}
    monkeypatch.setattr(os, "getgrouplist", lambda name, own: [own, further[name]])
    assert kept_out(str(listening), f"#{_NOBODY.pw_uid}", "#4242") is None


def test_an_acl_can_let_in_whom_the_mode_keeps_out(listening: Path) -> None:
    listening.chmod(0o600)
    assert kept_out(str(listening), "nobody", None) == str(listening)
    others.let_write(listening)
    assert kept_out(str(listening), "nobody", None) is None


def test_links_that_lead_in_a_circle(listening: Path) -> None:
    loop = listening.parent / "loop"
    loop.symlink_to(loop)
    assert kept_out(str(loop), "nobody", None) is None
