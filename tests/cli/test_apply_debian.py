"""``apply`` on a copy of Debian's layout: linked sites and modules, envvars, a lone site's file."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site

MODULES = ("proxy", "proxy_http", "ssl", "socache_shmcb", "rewrite", "headers")


@pytest.fixture
def site(site: Site) -> Site:
    etc = site.directory / "apache2"
    shutil.copytree("/etc/apache2", etc, symlinks=True)
    for name in ("run", "lock", "log"):
        (site.directory / name).mkdir()
    with (etc / "envvars").open("a") as file:
        file.write(
            f"\nexport APACHE_RUN_DIR={site.directory}/run\n"
            f"export APACHE_LOCK_DIR={site.directory}/lock\n"
            f"export APACHE_LOG_DIR={site.directory}/log\n"
            f"export APACHE_PID_FILE={site.directory}/run/httpd.pid\n"
        )
    (etc / "ports.conf").write_text(f"Listen {httpd.LISTEN}:{site.port}\n")
    for module in MODULES:
        for kind in ("load", "conf"):
            link = etc / "mods-enabled" / f"{module}.{kind}"
            if (etc / "mods-available" / f"{module}.{kind}").exists() and not link.is_symlink():
                link.symlink_to(f"../mods-available/{module}.{kind}")
    for entry in (etc / "sites-enabled").iterdir():
        entry.unlink()
    site.write(REQUIRE)
    site.vhost.rename(etc / "sites-available/app.conf")
    (etc / "sites-enabled/app.conf").symlink_to("../sites-available/app.conf")
    return site


@pytest.fixture
def server(site: Site) -> Iterator[int]:
    """httpd, started as apache2ctl starts it: with the variables of envvars."""
    etc = site.directory / "apache2"
    shown = subprocess.run(
        ["sh", "-c", f"APACHE_CONFDIR={etc}; . {etc}/envvars; env"],
        capture_output=True, text=True, check=True, env={"APACHE_CONFDIR": str(etc)},
    ).stdout  # fmt: skip
    variables = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    env = {**httpd.environment(site.hosts), **variables}
    with httpd.running(
        etc / "apache2.conf",
        site.hosts,
        env=env,
        log=site.directory / "log/error.log",
    ):
        yield int((site.directory / "run/httpd.pid").read_text())


def test_the_diff_names_the_file_and_not_the_link(site: Site) -> None:
    done = site.wizard("fix", str(site.directory / "apache2"), *site.ca)
    assert done.returncode == 0, done.stderr
    names = [line for line in done.stdout.splitlines() if line.startswith("+++ ")]
    assert names[0] == f"+++ b{site.directory}/apache2/sites-available/app.conf"


@pytest.mark.parametrize("name", ["apache2", "apache2/apache2.conf"])
def test_the_link_stays_a_link(site: Site, server: int, name: str) -> None:
    link = site.directory / "apache2/sites-enabled/app.conf"
    before = link.read_bytes()
    assert site.answer() == 500
    done = site.wizard("apply", str(site.directory / name), "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    assert site.answer() == 200
    done = site.wizard("rollback")
    assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    assert link.read_bytes() == before
    assert site.answer() == 500
    os.kill(server, 0)


def test_a_lone_file_belongs_to_the_installed_httpd(
    site: Site, server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APACHE_CONFDIR", str(site.directory / "apache2"))
    file = site.directory / "apache2/sites-available/app.conf"
    done = site.wizard("apply", str(file), "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    assert "graceful reload" in done.stderr
    assert site.answer() == 200
    os.kill(server, 0)


ALONE = ("unshare", "--pid", "--mount-proc", "--fork", "--kill-child")
"""No process of the machine is seen but the command's own."""


def test_a_file_that_no_httpd_reads_is_only_written(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APACHE_CONFDIR", str(site.directory / "apache2"))
    (site.directory / "apache2/sites-enabled/app.conf").unlink()
    file = site.directory / "lone.conf"
    file.write_text((site.directory / "apache2/sites-available/app.conf").read_text())
    done = site.wizard("apply", str(file), "--yes", *site.ca, before=ALONE)
    assert done.returncode == 0, done.stderr
    assert "neither -t nor a reload was done" in done.stderr
    done = site.wizard("rollback", before=ALONE)
    assert done.returncode == 0, done.stderr
