"""Certificate verification as mod_ssl decides it, as measured on httpd 2.4.71."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verdict.samples import (
    ALERT,
    WARN,
    at,
    expect,
    failing,
    handshake,
    on,
    policy,
    probed,
    route,
    tls,
)
from wizard.model.config import LogLevels, Setting
from wizard.model.diagnosis import Verdict
from wizard.model.probe import VerifyEvent
from wizard.verdict import predict


def verified(mode: str, *events: VerifyEvent, **settings: Any) -> Verdict:
    return predict(probed(route(tls=policy(verify=mode, **settings)), tls=tls(events=events)))


@pytest.mark.parametrize("mode", ["require", "optional"])
def test_the_first_error_counts(mode: str) -> None:
    verdict = verified(mode, failing(20), failing(21), failing(10))
    expect(verdict, "verify", 500, *handshake("AH02276", "AH02003"))
    assert verdict.openssl is not None
    assert (verdict.openssl.code, verdict.openssl.text) == (
        20,
        "unable to get local issuer certificate",
    )


def test_errors_count_before_the_end_of_the_handshake() -> None:
    broken = tls(completed=False, events=(failing(18),), **ALERT)
    expect(predict(probed(tls=broken)), "verify", 500, *handshake("AH02276", "AH02003"))


@pytest.mark.parametrize("code", [2, 10, 18, 20, 26, 66])
def test_none_takes_everything(code: int) -> None:
    assert verified("none", failing(code, 3)).outcome == "ok"


@pytest.mark.parametrize("code", [18, 19, 20, 21, 27])
def test_optional_no_ca_forgives_a_missing_issuer(code: int) -> None:
    assert verified("optional_no_ca", failing(code)).outcome == "ok"


@pytest.mark.parametrize("code", [2, 10, 26])
def test_optional_no_ca_forgives_nothing_else(code: int) -> None:
    expect(
        verified("optional_no_ca", failing(20), failing(code)),
        "verify",
        500,
        *handshake("AH02276", "AH02003"),
    )


def test_depth_counts_certificates_above_the_leaf() -> None:
    two = (VerifyEvent(True, 0, 2), VerifyEvent(True, 0, 1), VerifyEvent(True, 0, 0))
    verdict = verified("require", *two)
    expect(verdict, "verify", 500, *handshake("AH02040", "AH02003"))
    assert verdict.openssl is None
    assert "chain has 2 certificates, but maximum allowed are only 1" in verdict.log[1].text
    assert verified("require", *two, verify_depth=2).outcome == "ok"


def test_depth_counts_under_optional_no_ca_even_for_a_forgiven_error() -> None:
    verdict = verified("optional_no_ca", failing(19, 2))
    expect(verdict, "verify", 500, *handshake("AH02040", "AH02003"))


def test_error_and_depth_at_once() -> None:
    verdict = verified("require", failing(19, 2))
    expect(verdict, "verify", 500, *handshake("AH02276", "AH02040", "AH02003"))


def test_missing_crl_may_be_allowed() -> None:
    check = "chain no_crl_for_cert_ok"
    assert verified("require", failing(3), ca_revocation_check=check).outcome == "ok"
    assert verified("require", failing(3), ca_revocation_check="chain").stage == "verify"


def test_unobserved_verification_is_unknown() -> None:
    assert verified("require").outcome == "unknown"


def test_the_cause_at_warn_is_ah02039() -> None:
    quiet = predict(probed(at(WARN), tls=tls(events=(failing(20),))))
    assert quiet.ah_codes == handshake("AH02276", "AH02003")
    assert quiet.ah_codes_at_log_level == ("AH02039", "AH01084", "AH00898", "AH01097")


def test_levels_of_single_modules_count() -> None:
    loud = LogLevels(Setting("warn"), {"ssl": on("info"), "proxy": on("crit")})
    verdict = predict(probed(at(loud), tls=tls(events=(failing(20),))))
    assert verdict.ah_codes_at_log_level == (
        "AH01964",
        "AH02276",
        "AH02003",
        "AH01998",
        "AH01997",
        "AH01097",
    )
