"""What a plan leaves undone comes with what repairs it."""

from __future__ import annotations

from dataclasses import replace

from tests.findings.cases import CASE, PROBE, TLS
from wizard.findings import diagnose
from wizard.fix.decide import handover
from wizard.verdict import predict
from wizard.wording import remarks


def test_the_port_of_another_service_is_left_with_what_corrects_it() -> None:
    said = "the backend answers 'SSH-2.0-OpenSSH_9.6p1\\r\\n', which is no TLS"
    seen = replace(TLS, completed=False, chain=(), failure="not-tls", error=said)
    probe = replace(PROBE, tls=seen, http=None, speaks_http=False, speaks_h2c=False)
    case = replace(CASE, probe=probe)
    finding = diagnose(case, predict(case))[0]
    left = handover.explained(finding, case, case.route, None, None)
    assert remarks.sentence(left.reason).startswith("Correct the port in the URL")
    assert left.commands == ()
