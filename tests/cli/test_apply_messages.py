"""What ``apply``, ``apply --finish`` and ``rollback`` say when the world is in their way."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site
from wizard.change.journal import Store, Target


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


@contextlib.contextmanager
def immutable(path: Path) -> Iterator[None]:
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f"this test needs root and a file system with flags: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


def test_an_immutable_file(site: Site) -> None:
    apply = ("apply", str(site.main), "--yes", *site.ca)
    old = site.vhost.read_bytes()
    with immutable(site.vhost):
        done = site.wizard(*apply)
    assert (done.returncode, done.stdout) == (3, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"proxy-wizard: error: {site.vhost}: Operation not permitted. ")
    assert f"`chattr -i {site.vhost}`" in last
    assert "All files are as they were." in last or "Nothing was changed." in last
    assert site.vhost.read_bytes() == old
    saved = next(line.split(" < ")[1] for line in done.stderr.splitlines() if " < /" in line)
    Path(saved).unlink()

    made = site.wizard(*apply)
    assert made.returncode == 0, made.stderr
    with immutable(site.vhost):
        done = site.wizard("rollback")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"`chattr -i {site.vhost}`" in done.stderr
    assert Store(site.directory / "state").changes()[-1].state in done.stderr + "applied"
    assert site.wizard("rollback").returncode == 0
    assert site.vhost.read_bytes() == old


def test_an_edit_in_the_way_of_a_finish_is_shown(site: Site) -> None:
    before = site.vhost.read_bytes()
    with Store(site.directory / "state").locked("apply") as held:
        target = Target(str(site.vhost), before, before + b"# new\n")
        change = held.prepare(str(site.main), ["test"], [target])
    site.vhost.write_bytes(before + b"# mine\n")
    for words in (("apply", "--finish"), ("rollback",)):
        done = site.wizard(*words)
        assert (done.returncode, done.stdout) == (3, "")
        assert "+# mine" in done.stderr.splitlines()
        last = done.stderr.splitlines()[-1]
        assert f"{site.vhost}: this file was edited since the change {change.id}." in last
        assert "Nothing was changed." in last
        assert f"proxy-wizard rollback {change.id}" in last
        assert site.vhost.read_bytes() == before + b"# mine\n"


def test_a_rollback_in_an_empty_journal_says_which(site: Site) -> None:
    """Whoever applied with sudo and rolls back without looks into another journal."""
    done = site.wizard("rollback")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"there is no change to undo in {site.directory / 'state'}. " in done.stderr
    assert "sudo" in done.stderr
