"""Misspelt directives: which are corrected, and which are left to the operator, by ``fix``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.site import REQUIRE, Backend, Site, standing_at_address
from wizard.config.preprocess.exec_on_read import HANDLERS
from wizard.demo import pki
from wizard.reference import misspelt


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with standing_at_address(tmp_path_factory.mktemp("respelling")) as made:
        yield made


def trusting(site: Site, *lines: str) -> str:
    ca = f"SSLProxyCACertificateFile {site.directory}/private/root.pem"
    return "\n    ".join((REQUIRE, ca, *lines))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Includ site.conf", "Include"),
        ("Includ nowhere.conf", "Include"),
        ("IncludeOptonal *.nowhere", "IncludeOptional"),
        ("Defin CA /nowhere", "Define"),
        ("UnDefin CA", "UnDefine"),
        ("LoadModul headers_module nowhere.so", "LoadModule"),
        ("LoadFil nowhere.so", "LoadFile"),
        ("SrverRoot /nowhere", "ServerRoot"),
    ],
)
def test_what_is_acted_on_while_reading_is_not_corrected(site: Site, line: str, meant: str) -> None:
    """Else the plan would be about lines that nobody has read, let alone probed."""
    assert meant.lower() in HANDLERS
    site.write(trusting(site, line))
    done = site.fix()
    told = " ".join(done.stderr.split())
    assert (done.returncode, done.stdout) == (2, ""), told
    assert f"Probably {meant} is meant. Correct it by hand" in told


def test_no_correction_makes_a_forward_proxy(site: Site) -> None:
    site.write(trusting(site, "ProxyRequest On"))
    done = site.fix()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Correct it by hand: with it, httpd is a forward proxy" in " ".join(done.stderr.split())
    site.write(trusting(site, "ProxyRequest Off"))
    assert "+    ProxyRequests Off\n" in site.fix().stdout


def test_a_route_that_a_correction_makes_is_told(site: Site) -> None:
    stranger = Backend(pki.issue("x.test", dns=["x.test"]))
    try:
        site.write(trusting(site, f"ProxyPas /new https://127.0.0.1:{stranger.port}/"))
        done = site.fix()
        told = " ".join(done.stderr.split())
        assert done.returncode == 2, told  # the route fails after the patch
        assert f"+    ProxyPass /new https://127.0.0.1:{stranger.port}/" in done.stdout
        assert "note: app.test /new: httpd refuses the backend" in told
        assert "run this again once it is applied" in told
    finally:
        stranger.stop()


def test_other_routes_are_held_against_the_plan_beside_a_new_one(site: Site) -> None:
    """The repair of ``/`` would not help: the name of the client's request is not covered."""
    site.write(
        trusting(
            site, "ProxyPreserveHos on", f"ProxyPas /new https://127.0.0.1:{site.backend.port}/"
        )
    )
    done = site.fix()
    told = " ".join(done.stderr.split())
    assert "left: app.test /: preserve-host-changes-name" in told
    assert "note: app.test /: this patch alone does not repair the route" in told


@pytest.mark.parametrize("name", ["SSLProxyCertificateFile", "SSLProxyCertificateKeyFile"])
def test_a_clients_certificate_or_key_never_becomes_a_trusted_ca(site: Site, name: str) -> None:
    site.write(trusting(site, f"{name} /etc/ssl/client.pem"))
    done = site.fix()
    told = " ".join(done.stderr.split())
    assert (done.returncode, done.stdout) == (2, ""), told
    assert "SSLProxyMachineCertificateFile is meant" in told


def test_names_whose_nearest_is_of_another_kind_are_not_corrected() -> None:
    for name in ("SSLProxyCertificateChainFile", "SSLProxyCACertificate"):
        assert misspelt.nearest(name) is None
        assert misspelt.name_of_others(name)
