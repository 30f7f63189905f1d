"""Of causes that look alike the true one is named, and what is left says one thing at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import (
    CASE,
    ISSUING,
    LEAF,
    accused,
    anchors,
    at,
    backend,
    fails,
    handshake,
    policy,
    preserved,
    refused,
    route,
    tls,
    trust,
)
from tests.findings.pairs import VIA, WITH_CRL
from wizard.findings import diagnose
from wizard.fix.decide import handover
from wizard.model.certificate import TrustFile
from wizard.model.config import Setting
from wizard.model.diagnosis import Finding, Remedy
from wizard.verdict import predict


@pytest.mark.parametrize("end", [{"failure": "alert", "alert": 40}, {"failure": "reset"}])
def test_a_backend_that_knows_the_name_in_the_url_refuses_the_clients_host(
    end: dict[str, object],
) -> None:
    unknown = handshake(preserved(), **end)
    assert diagnose(unknown, fails("tls"))[0].slug != "preserve-host-changes-name"
    known = tls(unknown, by_url_name=LEAF)
    found = diagnose(known, fails("tls"))[0]
    assert found.slug == "preserve-host-changes-name"
    assert "asked for backend.internal it goes on" in found.explanation
    assert found.remedies[0].command == "ProxyPreserveHost Off"


def test_a_handshake_failure_has_other_causes_than_ciphers() -> None:
    open_question = diagnose(handshake(failure="alert", alert=40), fails("tls"))[0]
    assert "without saying why" in open_question.explanation
    limited = policy(cipher_suite="AES128-SHA")
    sure = diagnose(handshake(limited, failure="alert", alert=40), fails("tls"))[0]
    assert "without saying why" not in sure.explanation


@pytest.mark.parametrize(("words", "limits"), [("all", False), ("TLSv1.3", True)])
def test_a_list_with_both_versions_limits_nothing(words: str, limits: bool) -> None:
    case = handshake(policy(protocol=words), failure="protocol", error="unsupported protocol")
    found = diagnose(case, fails("tls"))[0]
    assert found.slug == "protocol-mismatch"
    assert ("SSLProxyProtocol limits httpd" in found.explanation) is limits


def test_beside_its_intermediate_the_backends_certificate_is_not_the_matter() -> None:
    case = tls(anchors(VIA, ISSUING), chain=(VIA, ISSUING))
    assert diagnose(case, refused(2))[0].slug == "ca-file-without-root"


def test_the_authority_without_a_list_is_named() -> None:
    found = diagnose(accused(WITH_CRL, 3, 0, LEAF), refused(3))[0]
    assert f"the list of {LEAF.issuer} is not among" in found.explanation


@pytest.mark.parametrize(
    ("field", "state", "directive"),
    [
        ("ca_file", "directory", "SSLProxyCACertificatePath"),
        ("ca_path", "not-a-directory", "SSLProxyCACertificateFile"),
    ],
)
def test_what_the_other_directive_takes_is_offered(field: str, state: str, directive: str) -> None:
    path = "/etc/ssl/my ca"
    setting = {"ca_file": "ca_certificate_file", "ca_path": "ca_certificate_path"}[field]
    other = {"ca_certificate_file": None, "ca_certificate_path": None} | {setting: path}
    case = trust(policy(**other), **{field: TrustFile(path, state, loads=False)})  # type: ignore[arg-type] # a literal
    found = next(f for f in diagnose(case, predict(case)) if f.slug == "ca-file-missing")
    assert found.remedies[0].command == f'{directive} "{path}"'


def test_a_dot_at_the_end_of_the_name_is_taken_away() -> None:
    case = backend(host="backend.internal.", check_name="backend.internal.")
    found = diagnose(case, fails("name", 500, "AH02411"))[0]
    assert found.slug == "name-mismatch"
    assert [remedy.text for remedy in found.remedies] == [
        "Take the final dot away, in ProxyPass and ProxyPassReverse."
    ]


def test_what_is_left_has_no_command_of_another_remedy() -> None:
    said = Remedy("ca", "Append the intermediate."), Remedy("ca", "Or a new one.", "openssl req")
    finding = Finding("client-certificate-required", "critical", "x", (), "", remedies=said)
    left = handover.explained(finding, CASE, CASE.route, LEAF, None)
    assert left.commands == ()


def test_an_engine_that_a_line_switches_off_is_that_line() -> None:
    default, written = (
        next(f for f in diagnose(case, fails("route")) if f.slug == "engine-off")
        for case in (
            route(CASE, tls=replace(CASE.route.tls, engine=Setting(False))),
            route(CASE, tls=replace(CASE.route.tls, engine=Setting(False, at(7)))),
        )
    )
    assert default.remedies[0].text.startswith("Add this to the virtual host")
    assert written.remedies[0].text.startswith(f"Write this in place of {at(7)}")
