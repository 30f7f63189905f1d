"""What is said of a verify error is true of that error, and so is what helps."""

from __future__ import annotations

import pytest

from tests.findings.cases import CASE, OTHER_ROOT, anchors, policy, refused
from tests.findings.pairs import WITH_CRL
from wizard.findings import diagnose, table
from wizard.model.diagnosis import Finding
from wizard.reference.openssl import VERIFY_ERRORS

WITHOUT_FINDING = sorted(set(VERIFY_ERRORS) - set(table.VERIFY_ERRORS))


def commands(finding: Finding) -> str:
    return " ".join(remedy.command or "" for remedy in finding.remedies)


def test_an_authority_that_may_sign_no_list_needs_another_certificate_not_another_list() -> None:
    found = diagnose(policy(WITH_CRL, ca_revocation_check="leaf"), refused(35))[0]
    assert found.slug == "issuer-not-a-ca"
    assert found.explanation == (
        "The CA's key usage does not allow it to sign CRLs: it needs cRLSign, or another "
        "certificate of the CA has to sign the list (error 35)."
    )
    assert "keyCertSign,cRLSign" in commands(found)
    assert "-gencrl" not in commands(found)


@pytest.mark.parametrize("code", [3, 5, 8, 15, 16, 33, 36, 44, 54, 101])
def test_a_list_that_is_there_is_not_called_missing(code: int) -> None:
    found = diagnose(WITH_CRL, refused(code))[0]
    assert found.slug == "crl-missing"
    assert found.title.endswith("is missing, or cannot be used")
    assert ("is not among" in found.explanation) is (code in (3, 33))


@pytest.mark.parametrize(("check", "offered"), [("chain", True), ("leaf", False)])
def test_a_check_that_is_in_force_is_not_offered(check: str, offered: bool) -> None:
    found = diagnose(policy(WITH_CRL, ca_revocation_check=check), refused(3))[0]
    assert ("SSLProxyCARevocationCheck leaf" in commands(found)) is offered


@pytest.mark.parametrize("code", WITHOUT_FINDING)
def test_an_error_that_no_authority_repairs_has_none_to_trust(code: int) -> None:
    error = VERIFY_ERRORS[code]
    found = diagnose(CASE, refused(code, error.text))[0]
    assert (found.slug, found.severity) == ("ca-not-trusted", "critical")
    assert "trusted" not in found.title
    assert found.explanation == f"OpenSSL refuses the chain: {error.text} (error {code}). " + (
        f"{error.meaning} To trust another CA does not help."
    )
    assert "fix" not in commands(found)
    assert "SSLProxyCACertificateFile" not in commands(found)


@pytest.mark.parametrize("code", WITHOUT_FINDING)
def test_an_error_without_a_finding_of_its_own_says_what_to_do(code: int) -> None:
    """Its meaning is all that ``explain`` has: a sentence for the cause, one for what helps."""
    cause, _, remedy = VERIFY_ERRORS[code].meaning.partition(". ")
    assert cause
    assert remedy


@pytest.mark.parametrize("code", [4, 7, 20, 28, 77])
def test_where_another_authority_helps_it_is_offered(code: int) -> None:
    found = diagnose(anchors(OTHER_ROOT), refused(code))[0]
    assert found.slug == "ca-not-trusted"
    assert "--ca FILE" in commands(found)


@pytest.mark.parametrize(
    "code",
    [34, 38, *range(40, 44), 45, 46, *range(56, 62), 65, 73, 74, 75, 76, 94, *range(96, 101)],
)
def test_no_finding_is_named_whose_title_would_be_untrue(code: int) -> None:
    assert code in WITHOUT_FINDING


@pytest.mark.parametrize("code", [80, 82])
def test_a_certificate_with_marks_of_an_authority_is_not_the_issuers_fault(code: int) -> None:
    assert diagnose(CASE, refused(code))[0].slug == "wrong-purpose"


def test_unsupported_name_constraints_are_not_called_violated() -> None:
    found = diagnose(CASE, refused(51))[0]
    assert "does not support (error 51)" in found.explanation
