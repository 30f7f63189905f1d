"""``rollback`` of changes that build on each other, on a real httpd."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site


def second_site(site: Site) -> Path:
    """Another virtual host before the same backend, with the same fault, in a file of its own."""
    site.write(REQUIRE)
    other = site.directory / "other.conf"
    other.write_text(site.vhost.read_text().replace("app.test", "other-app.test"))
    site.main.write_text(f"{site.main.read_text()}Include other.conf\n")
    return other


def ok(site: Site) -> None:
    command = [httpd.HTTPD, "-f", str(site.main), "-t"]
    done = subprocess.run(command, env=site.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def apply(site: Site, name: str) -> str:
    done = site.wizard("apply", str(site.main), "--yes", *site.ca, "--vhost", name)
    assert done.returncode == 0, done.stderr
    ok(site)
    return done.stdout.strip()


def test_the_first_of_two_that_share_a_bundle(site: Site) -> None:
    other = second_site(site)
    before = other.read_bytes()
    first, second = apply(site, "app.test"), apply(site, "other-app.test")
    (bundle,) = (site.directory / "proxy-trust").iterdir()
    assert str(bundle).encode() in other.read_bytes()
    done = site.wizard("rollback", first)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"the later change {second} uses this file" in done.stderr
    assert f"proxy-wizard rollback {second}" in done.stderr
    ok(site)
    for identifier in (second, first):
        done = site.wizard("rollback", identifier)
        assert done.returncode == 0, done.stderr
        ok(site)
    assert other.read_bytes() == before
    assert not bundle.parent.exists()


def test_a_bundle_that_the_operator_uses_too(site: Site) -> None:
    other = second_site(site)
    first = apply(site, "app.test")
    (bundle,) = (site.directory / "proxy-trust").iterdir()
    line = f"SSLProxyCACertificateFile proxy-trust/{bundle.name}"
    other.write_text(other.read_text().replace(REQUIRE, f"{REQUIRE}\n    {line}"))
    done = site.wizard("rollback", first)
    assert done.returncode == 0, done.stderr
    assert f"{bundle} was left where it is: line 5 of {other} uses it." in " ".join(
        done.stderr.split()
    )
    assert bundle.exists()
    ok(site)


@pytest.mark.parametrize("options", [(), ("--no-reload",)])
def test_what_httpd_refuses_after_a_rollback_is_said(site: Site, options: tuple[str, ...]) -> None:
    """No server runs: nothing else would tell before the next start."""
    site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile missing.pem")
    done = site.wizard("apply", str(site.main), "--yes", *site.ca)
    assert done.returncode == 0, done.stderr
    ok(site)
    done = site.wizard("rollback", *options)
    assert done.returncode == 0, done.stderr
    assert "-t refuses the configuration" in done.stderr
    assert "missing.pem" in done.stderr
