"""A change that was made with a named httpd is tested, reloaded and taken back with the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site
from wizard.change.journal import Store


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Debian's httpd in another place, which notes how it was called."""
    real = tmp_path / "real" / "apache2"
    real.parent.mkdir()
    shutil.copy(httpd.HTTPD, real)
    path = tmp_path / "other" / "apache2"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\necho "$*" >> {path}.calls\nexec {real} "$@"\n')
    path.chmod(0o755)
    return path


def calls(program: Path) -> list[str]:
    file = Path(f"{program}.calls")
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [line.rpartition(" ")[2] for line in lines]


def test_check_fix_prove_apply_rollback(site: Site, program: Path) -> None:
    named = ("--httpd", str(program))
    ca = site.ca
    before = site.vhost.read_bytes()

    done = site.wizard("check", "--verbose", str(site.main), *named)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith(f"{site.main} (file layout): httpd 2.4.")
    assert done.stdout.splitlines()[0].endswith(f"which the operator names ({program})")
    done = site.wizard("fix", "--verbose", str(site.main), *named, *ca)
    assert done.stderr.splitlines()[0].endswith(f"which the operator names ({program})")
    assert done.stdout.startswith("diff --git ")
    calls(program)
    done = site.wizard("prove", "--verbose", str(site.main), *named, *ca)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith(f"which the operator names ({program})")
    asking = ("-v", "-l", "-V", "-t")
    assert len([call for call in calls(program) if call not in asking]) == 2

    with site.running():
        done = site.wizard("apply", str(site.main), "--yes", *named, *ca)
        assert done.returncode == 0, done.stderr
        assert {"-t", "graceful"} <= set(calls(program))
        identifier = done.stdout.strip()
        assert site.answer() == 200
        done = site.wizard("rollback")  # nobody names it again
        assert (done.returncode, done.stdout.strip()) == (0, identifier), done.stderr
        assert {"-t", "graceful"} <= set(calls(program))
        assert site.vhost.read_bytes() == before
        assert site.answer() == 500


def test_without_a_program_nothing_is_rehearsed_or_written(site: Site) -> None:
    before = site.vhost.read_bytes()
    ca = site.ca
    for words in (("prove",), ("prove", "--current"), ("apply", "--yes")):
        options = () if "--current" in words else ca
        done = site.wizard(words[0], str(site.main), *words[1:], "--no-httpd", *options)
        assert done.returncode == 3
        assert "No program was asked, as the operator wishes." in done.stderr.splitlines()[-1]
    assert site.vhost.read_bytes() == before


def test_a_journal_of_an_earlier_release_names_no_program(tmp_path: Path) -> None:
    from wizard.change.journal import Target

    file = tmp_path / "a.conf"
    file.write_bytes(b"old\n")
    store = Store(tmp_path / "state")
    with store.locked("apply") as held:
        change = held.prepare("/m.conf", (), [Target(str(file), b"old\n", b"new\n")], "/x/httpd")
    assert store.read(change.id).httpd == "/x/httpd"
    journal = next((tmp_path / "state" / change.id).glob("*.json"))
    text = journal.read_text()
    journal.write_text(text.replace('"httpd": "/x/httpd"', '"other": 1'))
    assert store.read(change.id).httpd is None
