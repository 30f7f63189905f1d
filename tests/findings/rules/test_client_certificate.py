"""Why the backend refuses the certificate that httpd sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, DAY, NOW, PROBE, TLS, certificate, fails
from wizard.findings import diagnose
from wizard.findings.facts import Facts
from wizard.findings.rules.client_certificate import ClientCertificateRequired
from wizard.model.certificate import ClientCertificate, TrustMaterial
from wizard.model.config import Setting, Source
from wizard.model.diagnosis import Case, Finding
from wizard.model.probe import HttpResult, OwnCertificate
from wizard.verdict import predict

REFUSES = "The backend refuses httpd's client certificate"


def refused(alert: int | None, days: int = 3, since: int = -30) -> Case:
    own = replace(
        certificate("client", certificate("Clients")),
        not_before=NOW + since * DAY,
        not_after=NOW + days * DAY,
    )
    seen = replace(
        TLS, completed=False, failure="alert", alert=alert, client_certificate_requested=True
    )
    held = ClientCertificate("/c.pem", "ok", "", (own,), ("/c.pem",))
    one = OwnCertificate("/c.pem", own.sha256, (own.issuer,))
    request = replace(PROBE.request, own_certificates=(one,))
    return replace(
        CASE,
        trust=TrustMaterial(client_certificate=held),
        probe=replace(PROBE, request=request, tls=seen, http=None),
    )


def finding_of(case: Case) -> Finding:
    verdict = predict(case)
    found = diagnose(case, verdict)
    return next(f for f in found if f.slug == "client-certificate-required")


@pytest.mark.parametrize(
    ("alert", "days", "since", "says", "first"),
    [
        (45, -3, -30, "client certificate CN=client: it expired on 2026-11-21 12:00", "renewed"),
        (45, 3, -30, "it is valid until 2026-11-27 12:00 UTC", "Compare the clocks"),
        (42, 3, 1, "it is valid only from 2026-11-25 12:00 UTC on", "Compare the clocks"),
        (48, 3, -30, "does not know its CA", "is an intermediate"),
        (46, 3, -30, "does not say why", "is an intermediate"),
        (44, 3, -30, "its CA has revoked it", "Request a client certificate"),
        (49, 3, -30, "its owner is not let in", "let CN=client in"),
    ],
)
def test_the_alert_and_the_dates_say_why_and_what_to_do(
    alert: int, days: int, since: int, says: str, first: str
) -> None:
    case = refused(alert, days, since)
    assert "refuses httpd's client certificate" in predict(case).reason
    finding = finding_of(case)
    assert finding.title == REFUSES
    assert says in finding.explanation
    assert first in finding.remedies[0].text
    assert any("CN=client, issuer CN=" in line for line in finding.evidence)


def test_a_new_file_whose_path_has_a_blank_is_one_argument() -> None:
    case = refused(45, -3, -30)
    assert case.probe is not None
    own = replace(case.probe.request.own_certificates[0], file="/etc/my own.pem")
    request = replace(case.probe.request, own_certificates=(own,))
    finding = finding_of(replace(case, probe=replace(case.probe, request=request)))
    new = 'SSLProxyMachineCertificateFile "/etc/my own-new.pem"'
    assert any(new in remedy.text for remedy in finding.remedies)


def test_without_an_alert_it_is_possible_only() -> None:
    finding = finding_of(refused(None))
    assert finding.title == "The backend wants a client certificate"
    assert "perhaps" in finding.explanation


def test_none_was_sent() -> None:
    case = refused(116)
    request = replace(PROBE.request, own_certificates=())
    bare = replace(case.probe or PROBE, request=request)
    case = replace(case, trust=TrustMaterial(), probe=bare)
    finding = finding_of(case)
    assert finding.title == "The backend wants a client certificate"
    assert "presents no certificate" in finding.explanation


@pytest.mark.parametrize(("file", "first"), [(True, "/etc/c.crt"), (False, "client.pem")])
def test_a_certificate_without_its_key_is_the_first_in_the_new_file(file: bool, first: str) -> None:
    own = certificate("client", certificate("Clients"))
    held = ClientCertificate("/etc/c.crt", "no-key", "no private key", (own,))
    named = Setting("/etc/c.crt", Source("/etc/a.conf", 1))
    tls = CASE.route.tls
    policy = (
        replace(tls, machine_certificate_file=named)
        if file
        else replace(tls, machine_certificate_path=named)
    )
    case = replace(
        CASE,
        route=replace(CASE.route, tls=policy),
        trust=TrustMaterial(client_certificate=held),
    )
    found = diagnose(case, predict(case))
    finding = next(f for f in found if f.slug == "client-certificate-without-key")
    assert f"cat {first} client.key" in (finding.remedies[0].command or "")


def test_one_that_httpds_own_openssl_does_not_send() -> None:
    case = refused(116)
    probe = case.probe or PROBE
    seen = replace(TLS, client_certificate_refused="ee key too small", completed=False, alert=40)
    weak = replace(case, probe=replace(probe, tls=seen))
    found = diagnose(weak, predict(weak))
    finding = next(f for f in found if f.slug == "client-certificate-without-key")
    assert finding is found[0]
    assert "/c.pem: its key or its signature is too weak" in finding.explanation
    assert "ee key too small" in finding.explanation


def test_after_a_tls_1_3_handshake_both_forms_of_the_log_are_named() -> None:
    early = refused(45)
    probe = early.probe or PROBE
    http = HttpResult("HEAD", None, 0.1, failure="alert", alert=45)
    shaken = replace(TLS, client_certificate_requested=True)
    late = replace(early, probe=replace(probe, tls=shaken, http=http))
    for case, said in ((late, True), (early, False)):
        found = ClientCertificateRequired().check(Facts(case, predict(case)))
        assert found is not None
        for codes in ("AH01102 and AH00898", "(104) AH01084 and AH01097"):
            assert (codes in found.explanation) is said


@pytest.mark.parametrize("alert", [42, 46, 48, 49])
def test_an_alert_before_any_request_for_a_certificate_is_not_about_one(alert: int) -> None:
    case = refused(alert)
    assert case.probe is not None
    assert case.probe.tls is not None
    unasked = replace(case.probe.tls, client_certificate_requested=False)
    case = replace(case, probe=replace(case.probe, tls=unasked))
    cause, *rest = diagnose(case, predict(case))
    assert cause.slug == "connection-reset"
    assert "asked for no client certificate" in cause.explanation
    assert "client-certificate-required" not in {f.slug for f in rest}


@pytest.mark.parametrize(("status", "told"), [(400, True), (496, True), (404, False)])
def test_an_answer_that_misses_a_certificate_probably_wants_one(status: int, told: bool) -> None:
    asked = replace(TLS, client_certificate_requested=True)
    answer = HttpResult("HEAD", status, 0.1, reason="Bad Request")
    case = replace(CASE, probe=replace(PROBE, tls=asked, http=answer))
    first = diagnose(case, fails("http", status))[0]
    assert (first.slug == "client-certificate-required") is told
    assert ("probably" in first.title) is told
    case = replace(case, probe=replace(PROBE, http=answer))  # it asked for none
    assert diagnose(case, fails("http", status))[0].slug == "backend-error-status"


def test_a_request_for_one_that_came_with_the_answer_is_told_as_such() -> None:
    later = replace(TLS, client_certificate_requested_later=True)
    ended = HttpResult("HEAD", None, 0.1, failure="alert", alert=40)  # TLS 1.2: renegotiation
    case = replace(CASE, probe=replace(PROBE, tls=later, http=ended))
    found = diagnose(case, fails("http", 502))[0]
    assert found.slug == "client-certificate-required"
    assert "only once it has the request" in found.explanation
    assert "TLS 1.3" not in found.explanation
