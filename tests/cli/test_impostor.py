"""What ``prove`` and ``apply`` say of an impostor in the backend's place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site, standing
from wizard.demo import pki

UNTIL = f"{date.today() + timedelta(days=30):%Y-%m-%d}"
TEMPORARY = ("--policy", "temporary", "--until", UNTIL)
ALARM = "An impostor is let in"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing(tmp_path) as made:
        yield made


def test_a_repair_shuts_it_out(site: Site) -> None:
    site.write("SSLProxyEngine on")
    done = site.wizard("prove", str(site.main), *site.ca)
    assert done.returncode == 0, done.stderr
    assert "an impostor: let in -> refused\n" in done.stdout
    assert ALARM not in done.stdout


def test_a_route_that_works_and_lets_it_in_is_told(site: Site) -> None:
    site.write("SSLProxyEngine on")
    done = site.wizard("prove", str(site.main), "--current")
    assert done.returncode == 0, done.stderr
    assert "app.test /   200 from the backend\n" in done.stdout
    assert "an impostor: let in\n" in done.stdout
    assert ALARM in done.stdout


def test_an_exception_that_lets_it_in_is_told_before_it_is_written(site: Site) -> None:
    site.write(REQUIRE)
    shown = site.wizard("prove", str(site.main), *TEMPORARY)
    assert "an impostor: refused -> let in\n" in shown.stdout
    assert ALARM in shown.stdout
    done = site.wizard("apply", str(site.main), *TEMPORARY, "--yes", "--no-reload")
    assert done.returncode == 0, done.stderr
    assert "with the plan, app.test /: an impostor is let in." in done.stderr


def test_one_that_keeps_it_out_is_not_asked_about(tmp_path: Path) -> None:
    middle = pki.issue("Example Issuing", (root := pki.issue("Example Root", ca=True)), ca=True)
    leaf = pki.issue("good.test", middle, dns=["good.test"])
    with standing(tmp_path, leaf, root, (middle,)) as site:
        site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
        done = site.wizard("apply", str(site.main), *TEMPORARY, "--yes", "--no-reload")
        assert done.returncode == 0, done.stderr
        assert "an impostor: refused\n" in done.stderr
        assert "is let in" not in done.stderr


def test_without_tls_it_is_said_once_that_nothing_could_be_refused(site: Site) -> None:
    site.write("SSLProxyEngine on")
    site.vhost.write_text(site.vhost.read_text().replace("https://", "http://"))
    done = site.wizard("prove", str(site.main), "--current")
    assert done.stdout.count("an impostor: no TLS, so whoever answers is believed\n") == 1
