"""Whose URL loses its TLS: that of a port of this machine, where nobody has to prove who it is."""

from __future__ import annotations

import pytest

from tests.findings.cases import handshake, policy, probe
from wizard.findings import diagnose
from wizard.fix.decide.decision import RouteDecision
from wizard.model.diagnosis import Diagnosis
from wizard.model.plan import RouteTrust
from wizard.model.probe import DnsResult
from wizard.verdict import predict


@pytest.mark.parametrize(
    ("address", "verify", "answers", "scheme"),
    [
        ("127.0.0.1", "none", True, "http"),
        ("::1", "none", True, "http"),
        ("192.0.2.1", "none", True, None),
        ("127.0.0.1", "require", True, None),
        ("127.0.0.1", "none", False, None),
    ],
)
def test_the_scheme_without_tls(
    address: str, verify: str, answers: bool, scheme: str | None
) -> None:
    case = handshake(policy(verify=verify), failure="not-tls", error="no TLS")
    case = probe(case, dns=DnsResult((address,), 0.001), speaks_http=answers, speaks_h2c=False)
    verdict = predict(case)
    diagnosis = Diagnosis(case, verdict, diagnose(case, verdict))
    decision = RouteDecision(
        diagnosis, case.route, RouteTrust(), diagnosis.findings, frozenset(), (), {}
    )
    decision.speak_without_tls()
    assert decision.scheme == scheme
    assert ("backend-speaks-plain-http" in decision.resolved) is (scheme is not None)
