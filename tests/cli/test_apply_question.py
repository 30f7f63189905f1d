"""What ``apply`` and ``rollback`` show before their question, and what is told last."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from tests.support.command import WIZARD
from tests.support.site import REQUIRE, Site


@pytest.fixture
def site(site: Site) -> Site:
    site.write(REQUIRE)
    return site


def on_a_terminal(site: Site, answer: bytes, *words: str) -> subprocess.CompletedProcess[str]:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    try:
        return subprocess.run(
            [*WIZARD, *words], stdin=theirs, capture_output=True, text=True,
            env=site.environment, timeout=100,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_no_changes_nothing_and_a_rollback_asks_too(site: Site) -> None:
    before = site.vhost.read_bytes()
    apply = ("apply", "--no-reload", str(site.main), *site.ca)
    done = on_a_terminal(site, b"n\n", *apply)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    head, *shown = done.stderr.splitlines()
    assert head.startswith(f"{site.main}")
    assert shown[0] == "changed files:"
    assert "  app.test /   500 from httpd  ->  200 from the backend" in shown
    assert "AH02276" not in done.stderr
    assert "httpd is not reloaded (--no-reload)" in " ".join(done.stderr.split())
    assert shown[-1] == "Write this change? [y/N] proxy-wizard: nothing was changed."
    assert site.vhost.read_bytes() == before

    done = on_a_terminal(site, b"y\n", *apply)
    assert done.returncode == 0, done.stderr
    identifier = done.stdout.strip()
    changed = site.vhost.read_bytes()
    done = on_a_terminal(site, b"n\n", "rollback")
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert f"change {identifier}, made " in done.stderr
    new = len(changed.splitlines()) - len(before.splitlines())
    assert f"restores {site.vhost} -{new} deletes " in " ".join(done.stderr.split())
    assert "  it repaired: app.test /: ca-not-configured\n" in done.stderr
    assert site.vhost.read_bytes() == changed
    done = on_a_terminal(site, b"y\n", "rollback")
    assert (done.returncode, done.stdout) == (0, f"{identifier}\n"), done.stderr
    assert f"restored: {site.vhost}\n" in done.stderr
    assert site.vhost.read_bytes() == before


def test_without_a_terminal_it_is_said_before_anything_is_read(site: Site) -> None:
    site.main.unlink()
    done = site.wizard("apply", str(site.main))
    assert (done.returncode, done.stdout) == (3, "")
    assert "nobody can be asked here. Give --yes, or run it in a terminal." in done.stderr


def test_what_still_fails_is_told_last_and_is_the_exit_code(site: Site) -> None:
    """The certificate has no such name, which no configuration repairs."""
    other = f"ProxyPass /new/ https://other.test:{site.backend.port}/"
    site.write(f"{REQUIRE}\n    {other}")
    done = site.wizard("apply", "--yes", "--no-reload", str(site.main), *site.ca)
    assert done.returncode == 2, done.stderr
    assert len(done.stdout.splitlines()) == 1
    shown, _, last = done.stderr.partition("proxy-wizard: applied.")
    assert "still fails afterwards:\n  app.test /new/   " in shown
    assert "still fails afterwards:\n  app.test /new/   " in last
    assert "why: the backend's certificate covers good.test, but httpd compares" in last
    assert last.splitlines()[-1] == f"next: proxy-wizard fix {site.main} --ca {site.ca[1]}"
    assert "SSLProxyCACertificateFile" in site.vhost.read_text()
    done = site.wizard("apply", "--yes", "--no-reload", "--route", "/", str(site.main), *site.ca)
    assert done.returncode == 1, done.stderr
