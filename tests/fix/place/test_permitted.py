"""A plan holds nothing that the httpd it is for refuses: another place is found, or it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, TEMPORARY, Site
from wizard import config
from wizard.fix.decide import best_practice
from wizard.fix.place import permitted, refused_directives
from wizard.fix.source.draft import Draft
from wizard.model.scope import HttpdChoice
from wizard.reference.release import NEWEST, Release
from wizard.wording.remarks import sentence

OLD = ("--httpd-version", "2.4.29", "--openssl-version", "1.1.1")
CHOICE = HttpdChoice(version="2.4.29", openssl="1.1.1")
IN_SECTION = "in a <Proxy> section"


def refusals(site: Site) -> list[str]:
    found = config.load(str(site.main), httpd=CHOICE).problems
    return [problem.message for problem in found if problem.phase == "config"]


def two_routes(site: Site) -> None:
    """The second one calls the backend by a name that its certificate does not cover."""
    site.write(
        f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n"
        f"    ProxyPass /o https://other.test:{site.backend.port}/"
    )


def test_routes_that_need_it_otherwise_get_sections(site: Site) -> None:
    two_routes(site)
    done = site.fix(*TEMPORARY)
    assert f'+    <Proxy "https://other.test:{site.backend.port}/">' in done.stdout


def test_where_sections_hold_no_tls_settings_none_is_written(site: Site) -> None:
    two_routes(site)
    done = site.fix(*TEMPORARY, *OLD)
    told = " ".join(done.stderr.split())
    assert "<Proxy" not in done.stdout
    assert f"httpd 2.4.29 refuses SSLProxyCheckPeerName {IN_SECTION}" in told
    assert "proxy this route in a virtual host of its own, or upgrade httpd" in told


def test_what_stands_in_a_section_moves_to_the_virtual_host(site: Site) -> None:
    site.write(
        f'<Proxy "https://good.test:{site.backend.port}/">\n    {REQUIRE}\n'
        "    SSLProxyCACertificateFile private/root.pem\n    </Proxy>"
    )
    assert "SSLProxyEngine not allowed here" in refusals(site)
    done = site.fix(*OLD)
    assert done.returncode == 0, done.stderr
    assert f"httpd refuses SSLProxyEngine {IN_SECTION}" in " ".join(done.stderr.split())
    site.patch(done.stdout)
    assert refusals(site) == []
    assert site.status() == 200


def test_a_newer_httpd_keeps_its_section(site: Site) -> None:
    site.write(
        f'<Proxy "https://good.test:{site.backend.port}/">\n    {REQUIRE}\n'
        "    SSLProxyCACertificateFile private/root.pem\n    </Proxy>"
    )
    assert site.fix().stdout == ""


def test_what_another_release_knows_is_not_misspelt(site: Site) -> None:
    """H2EarlyHint came with 2.4.58; its nearest in 2.4.29 is H2EarlyHints, which is another."""
    site.main.write_text(
        site.main.read_text().replace(
            "Include", f"LoadModule http2_module {httpd.MODULES}/mod_http2.so\nInclude"
        )
    )
    site.write(
        f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem\n    H2EarlyHint Link </a.css>"
    )
    done = site.fix(*OLD)
    assert "H2EarlyHints" not in done.stdout
    assert "H2EarlyHint exists since httpd 2.4.58; this one is 2.4.29" in " ".join(
        done.stderr.split()
    )


RELEASES = [
    Release(httpd, openssl)
    for httpd in ((2, 4, 29), (2, 4, 35), (2, 4, 37), (2, 4, 58), (2, 4, 62), NEWEST.httpd)
    for openssl in ((1, 0, 2), (1, 1, 1), (3, 0, 19))
]
WRITTEN = {
    "SSLProxyEngine": "on",
    "SSLProxyVerify": "require",
    "SSLProxyVerifyDepth": "3",
    "SSLProxyCheckPeerName": "on",
    "SSLProxyCheckPeerCN": "on",
    "SSLProxyCheckPeerExpire": "on",
    "SSLProxyCARevocationCheck": "none",
    "SSLProxyProtocol": "TLSv1.1 +TLSv1.2",
    "SSLProxyCipherSuite": "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA",
    "SSLProxyCACertificateFile": "/nowhere/x.pem",
}


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_what_plans_write_is_taken_by_every_release(release: Release) -> None:
    assert permitted.refused(WRITTEN, release) is None
    sections = permitted.refused_in_section(WRITTEN, release)
    assert bool(sections) == (release.httpd < (2, 4, 30))


@pytest.mark.parametrize(
    ("settings", "release", "reason"),
    [
        ({best_practice.PROTOCOL: "TLSv1.3"}, Release((2, 4, 29), (1, 1, 1)), "since httpd 2.4.36"),
        (
            {best_practice.PROTOCOL: "TLSv1.3"},
            Release((2, 4, 62), (1, 0, 2)),
            "since OpenSSL 1.1.1",
        ),
        ({best_practice.CIPHERS_13: "x"}, Release((2, 4, 35), (1, 1, 1)), "takes one argument"),
        ({best_practice.CIPHERS_13: "x"}, Release((2, 4, 37), (1, 0, 2)), "since OpenSSL 1.1.1"),
        ({"SSLProxyCheckPeerName": "on"}, Release((2, 4, 4), (1, 0, 1)), "since httpd 2.4.5"),
        ({"SSLProxyVerify": "nonsense"}, NEWEST, "refuses SSLProxyVerify nonsense"),
    ],
)
def test_what_a_release_refuses_is_no_part_of_a_plan(
    settings: dict[str, str], release: Release, reason: str
) -> None:
    told = permitted.refused(settings, release)
    assert told is not None
    assert reason in sentence(told)


def test_where_a_distribution_amends_releases_the_certain_place_is_taken() -> None:
    amended = Release((2, 4, 29), (1, 1, 1), backports=True)
    told = permitted.refused_in_section(WRITTEN, amended)
    assert told is not None
    assert IN_SECTION in sentence(told)
    assert permitted.refused(WRITTEN, amended) is None


def test_a_balancers_section_is_about_its_own_routes(tmp_path: Path) -> None:
    """Also where another balancer's name begins with the same letters."""
    file = tmp_path / "app.conf"
    pools = "".join(
        f"<Proxy balancer://{name}>\nBalancerMember https://{name}.internal\n</Proxy>\n"
        f"ProxyPass /{name}/ balancer://{name}/\n"
        for name in ("pool", "pool2")
    )
    file.write_text(
        f"<VirtualHost *:80>\nServerName a.test\n{pools}"
        "<Proxy balancer://pool2>\nSSLProxyVerifyDepth 3\n</Proxy>\n</VirtualHost>\n"
    )
    configuration = config.load(str(file), httpd=CHOICE)
    repaired = refused_directives.repair(configuration, Draft(configuration.files)).configuration
    assert {r.balancer: r.tls.verify_depth.value for r in repaired.routes} == {
        "pool": 1,
        "pool2": 3,
    }


@pytest.mark.parametrize(
    ("path", "written"), [("/a", "ProxyPass http://b.test/ retry=0"), ("/b", "")]
)
def test_of_a_line_in_its_location_the_path_goes_that_says_the_same(
    path: str, written: str, tmp_path: Path
) -> None:
    file = tmp_path / "httpd.conf"
    line = f"ProxyPass {path} http://b.test/ retry=0"
    file.write_text(httpd.main_config(tmp_path, ["8080"]) + f"<Location /a>\n{line}\n</Location>\n")
    configuration = config.load(str(file), httpd=CHOICE)
    draft = Draft(configuration.files)
    refused_directives.repair(configuration, draft)
    found = [line for edit in draft.edits() for line in edit.new_lines]
    assert found == [f"{written}\n".encode()] * bool(written)
