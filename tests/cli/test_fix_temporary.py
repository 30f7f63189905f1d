"""``fix --policy temporary``: one comment an exception, and none for what is no exception."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, TEMPORARY, UNTIL, Site, standing
from wizard.demo import pki

ROOT = pki.issue("Example Root", ca=True)
MIDDLE = pki.issue("Example Issuing", ROOT, ca=True)
TRUSTED = f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem"


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Site]:
    leaf = pki.issue("good.test", MIDDLE, dns=["good.test"])
    with standing(tmp_path, leaf, ROOT, (MIDDLE,)) as made:
        yield made


@pytest.fixture
def expired(tmp_path: Path) -> Iterator[Site]:
    leaf = pki.issue("good.test", ROOT, dns=["good.test"], days=(-30, -1))
    with standing(tmp_path, leaf, ROOT) as made:
        yield made


def comments(made: Site) -> list[str]:
    lines = (line.strip() for line in made.vhost.read_text().splitlines())
    return [line for line in lines if line.startswith("# proxy-wizard: temporary exception")]


def comment(slug: str, *settings: str) -> str:
    return f"# proxy-wizard: temporary exception until {UNTIL} ({slug}): {', '.join(settings)}"


@pytest.mark.parametrize(
    "body", [f"{REQUIRE}\n    SSLProxyCACertificateFile nowhere.pem", "SSLProxyVerify require"]
)
def test_the_weakness_it_makes_is_no_repair(deep: Site, body: str) -> None:
    deep.write(body)
    done = deep.fix(*TEMPORARY)
    assert done.returncode == 0, done.stderr
    assert "SSLProxyVerify none" in done.stdout
    for slug in ("temporary-exception", "verification-off"):
        assert f"app.test /: {slug}" not in done.stderr
    deep.patch(done.stdout)
    assert deep.status() == 200


def test_a_check_that_is_off_already_stays_so_and_is_told(deep: Site) -> None:
    deep.write(f"{REQUIRE}\n    SSLProxyCheckPeerName off")
    done = deep.fix(*TEMPORARY)
    assert "repairs: app.test /: ca-not-configured\n" in done.stderr
    assert "left: app.test /: name-check-off\n" in done.stderr
    assert "repairs: app.test /: name-check-off" not in done.stderr


def test_a_greater_depth_disables_no_check(deep: Site) -> None:
    deep.write(TRUSTED)
    done = deep.fix(*TEMPORARY)
    assert done.returncode == 0, done.stderr
    deep.patch(done.stdout)
    assert comments(deep) == []
    assert "can pose as it" not in done.stderr
    assert deep.status() == 200
    assert deep.check().returncode == 0


def test_the_comment_names_the_check_that_is_off_and_its_cause(deep: Site) -> None:
    deep.name = "other.test"
    deep.write(TRUSTED)
    deep.patch(deep.fix(*TEMPORARY).stdout)
    assert comments(deep) == [comment("name-mismatch", "SSLProxyCheckPeerName off")]
    assert "SSLProxyVerifyDepth 2" in deep.vhost.read_text()
    assert deep.status() == 200


@pytest.mark.parametrize("written", ["", "    SSLProxyCheckPeerExpire on\n"])
def test_an_expired_certificate_has_one_comment(expired: Site, written: str) -> None:
    expired.write(f"SSLProxyEngine on\n{written}    {TRUSTED}")
    expired.patch(expired.fix(*TEMPORARY).stdout)
    (line,) = comments(expired)
    off = {"SSLProxyVerify none", "SSLProxyCheckPeerExpire off"}
    assert set(line.rpartition(": ")[2].split(", ")) == off
    assert expired.status() == 200
    checked = expired.wizard("check", str(expired.main), "--format", "json")
    assert checked.returncode == 1
    (reported,) = [
        finding
        for finding in json.loads(checked.stdout)["routes"][0]["findings"]
        if finding["slug"] == "temporary-exception"
    ]
    assert len([shown for shown in reported["evidence"] if "temporary exception" in shown]) == 1


def test_lines_far_apart_have_each_their_own(expired: Site) -> None:
    between = "".join(f"    ProxyPass /{n} !\n" for n in range(20))
    expired.write(f"SSLProxyEngine on\n    SSLProxyCheckPeerExpire on\n{between}    {TRUSTED}")
    expired.patch(expired.fix(*TEMPORARY).stdout)
    assert comments(expired) == [
        comment("certificate-expired", "SSLProxyCheckPeerExpire off"),
        comment("certificate-expired", "SSLProxyVerify none"),
    ]
    text = expired.vhost.read_text().replace(UNTIL, "2026-01-31")
    expired.vhost.write_text(text)
    assert expired.check().returncode == 2


def test_a_day_without_end_is_told_where_it_stands_already(deep: Site) -> None:
    deep.write(REQUIRE)
    deep.patch(deep.fix(*TEMPORARY).stdout)
    assert "90 days ahead" not in deep.check("--verbose").stdout
    deep.vhost.write_text(deep.vhost.read_text().replace(UNTIL, "9999-12-31"))
    told = " ".join(deep.check("--verbose").stdout.split())
    assert "9999-12-31 is more than 90 days ahead" in told


def test_a_new_last_day_is_no_repair_of_what_is_excused(deep: Site) -> None:
    deep.write(f"{REQUIRE}\n    SSLProxyCheckPeerExpire off")
    deep.patch(deep.fix(*TEMPORARY).stdout)
    later = f"{date.today() + timedelta(days=60):%Y-%m-%d}"
    done = deep.fix("--policy", "temporary", "--until", later)
    assert done.returncode == 0, done.stderr
    assert "repairs: app.test /: temporary-exception\n" in done.stderr
    assert "verification-off" not in done.stderr  # that is what the exception is about
    assert "left: app.test /: expiry-check-off\n" in done.stderr  # it is about nothing else
    deep.patch(done.stdout)
    assert later in deep.vhost.read_text()
    again = deep.fix("--policy", "temporary", "--until", later)
    assert (again.returncode, again.stdout) == (2, "")
    assert "left: app.test /: expiry-check-off\n" in again.stderr
