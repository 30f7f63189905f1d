"""Why the backend refuses the certificate that httpd sends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.cases import CASE, DAY, NOW, PROBE, TLS, certificate
from wizard.findings import diagnose
from wizard.model.certificate import ClientCertificate, TrustMaterial
from wizard.verdict import predict


@pytest.mark.parametrize(
    ("alert", "days", "says"),
    [
        (45, -3, "refuses httpd's client certificate CN=client: it expired on 2026-11-21 12:00"),
        (45, 3, "valid until 2026-11-27 12:00 UTC: compare the clocks"),
        (48, 3, "does not know its authority"),
        (44, 3, "its authority has revoked it"),
    ],
)
def test_the_alert_and_the_dates_say_why(alert: int, days: int, says: str) -> None:
    own = replace(certificate("client"), not_after=NOW + days * DAY)
    seen = replace(
        TLS, completed=False, failure="alert", alert=alert, client_certificate_requested=True
    )
    case = replace(
        CASE,
        trust=TrustMaterial(client_certificate=ClientCertificate("/c.pem", "ok", "", (own,))),
        probe=replace(PROBE, tls=seen, http=None),
    )
    verdict = predict(case)
    assert "refuses httpd's client certificate" in verdict.reason
    found = diagnose(case, verdict)
    finding = next(f for f in found if f.slug == "client-certificate-required")
    assert says in finding.explanation
    assert any("CN=client" in line for line in finding.evidence)
