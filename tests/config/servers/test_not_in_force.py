"""TLS directives that look as if they counted for a route, and do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.test_configuration import host, load
from tests.findings.cases import CASE
from wizard.findings import diagnose
from wizard.verdict import predict

REQUIRE = "SSLProxyEngine on\nSSLProxyVerify require\n"
PASS = "ProxyPass / https://b.internal:8443/\n"
CA = "SSLProxyCACertificateFile /ca.pem"


@pytest.mark.parametrize(
    ("text", "directive", "why"),
    [
        (
            host(f"{REQUIRE}<Proxy https://B.internal/>\n{CA}\n</Proxy>\n{PASS}"),
            CA,
            "<Proxy https://B.internal/>, which does not match https://b.internal:8443/",
        ),
        (
            host(
                f"{REQUIRE}<Proxy https://b.internal:8443>\n{CA}\n</Proxy>\nProxyPass / "
                "balancer://c/\n<Proxy balancer://c>\nBalancerMember https://b.internal:8443\n"
                "</Proxy>"
            ),
            CA,
            "which does not match balancer://c/",
        ),
        (
            host(
                f"<Proxy https://b.internal:8443/>\n{CA}\n</Proxy>\n<Proxy *>\n{REQUIRE}</Proxy>\n"
                + PASS
            ),
            CA,
            "of the sections that match,",
        ),
        (
            host(f"{REQUIRE}{CA}\nRedirect / https://a.test/")
            + host(REQUIRE + PASS, "A.test:8443"),
            CA,
            "another virtual host of this name",
        ),
        (
            "SSLCACertificatePath /clients\n" + host(REQUIRE + PASS),
            "SSLCACertificatePath /clients",
            "for httpd's own clients",
        ),
    ],
)
def test_it_is_named_and_said_where_it_would_count(
    tmp_path: Path, text: str, directive: str, why: str
) -> None:
    route = load(tmp_path, text).routes[-1]
    (one,) = [idle for idle in route.idle if idle.field.startswith("ca_certificate")]
    assert one.text == directive
    assert why in one.why
    assert one.place.startswith(str(tmp_path))
    case = replace(CASE, route=route, probe=None)
    found = {finding.slug: finding for finding in diagnose(case, predict(case))}
    shown = found["ca-not-configured"]
    assert any(why in line for line in shown.evidence)
    assert shown.remedies[0].command == f"SSLProxyCA{directive.partition('CA')[2]}"


@pytest.mark.parametrize(
    "text",
    [
        host(f"{REQUIRE}{CA}\n<Proxy https://b.internal/>\n{CA}\n</Proxy>\n{PASS}"),
        host(f"{REQUIRE}<Proxy https://other.internal/>\n{CA}\n</Proxy>\n{PASS}"),
        host(f"{REQUIRE}{CA}", "other.test") + host(REQUIRE + PASS),
    ],
)
def test_one_for_others_or_that_counts_is_not_named(tmp_path: Path, text: str) -> None:
    assert not any(
        one.field == "ca_certificate_file" for one in load(tmp_path, text).routes[-1].idle
    )


def test_without_tls_nothing_is_named(tmp_path: Path) -> None:
    text = host(
        f"{CA}\n<Proxy https://b.internal/>\n{CA}\n</Proxy>\nProxyPass / http://b.internal/"
    )
    assert load(tmp_path, text).routes[0].idle == ()


def test_clients_verification_is_named_where_that_of_backends_is_off(tmp_path: Path) -> None:
    text = host(f"SSLProxyEngine on\nSSLVerifyClient require\n{PASS}")
    case = replace(CASE, route=load(tmp_path, text).routes[0], probe=None)
    found = {finding.slug: finding for finding in diagnose(case, predict(case))}
    told = "SSLVerifyClient require: it is for httpd's own clients, not for backends"
    assert any(told in line for line in found["verification-off"].evidence)


@pytest.mark.parametrize(
    "text",
    [
        host(
            REQUIRE
            + "".join(f"<Proxy https://b.internal/{n}>\n{CA}\n</Proxy>\n" for n in range(99))
            + PASS
        ),
        host(REQUIRE + CA) * 99 + host(REQUIRE + PASS),
    ],
    ids=["sections", "hosts"],
)
def test_of_very_many_some_are_named(tmp_path: Path, text: str) -> None:
    """Each route would name them all."""
    assert 1 < len(load(tmp_path, text).routes[-1].idle) <= 20
