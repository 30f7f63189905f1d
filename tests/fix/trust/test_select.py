"""Which authority may be trusted, and why not: every source, and what each refusal says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from tests.cli.samples import ROUTE
from wizard.demo import pki
from wizard.fix.trust import select
from wizard.fix.trust.stores import Places
from wizard.model.certificate import TrustFile, TrustMaterial
from wizard.model.config import Configuration, Setting, TlsPolicy
from wizard.model.diagnosis import Case, Diagnosis, Finding, Report, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.plan import FixChoice, RouteTrust
from wizard.model.probe import ProbeReport, ProbeRequest, TcpResult, TlsResult
from wizard.model.remark import ChoiceError
from wizard.wording.errors import describe
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

NOW = datetime.now(UTC)
ROOT = pki.issue("Example Root", ca=True)
ONE = pki.issue("Example Issuing", ROOT, ca=True)
LEAF = pki.issue("b.test", ONE, dns=["b.test", "*.wild.test", "c.test"])
STRANGER = pki.issue("Stranger", ca=True)
REKEYED = pki.issue("Example Root", ca=True)
NOWHERE = Places((), (), ())


@pytest.fixture
def tmp_path(roots: Path) -> Path:
    """Where a CA may be found."""
    return roots


def report(directory: Path, sent: Sequence[pki.Issued]) -> Report:
    chain = tuple(parse_der(issued.der) for issued in sent)
    probe = ProbeReport(
        ProbeRequest("192.0.2.1", 443, True),
        NOW,
        tcp=TcpResult("192.0.2.1", 443, 0.0),
        tls=TlsResult(True, 0.0, chain=chain),
    )
    backend = replace(ROUTE.backend, host="192.0.2.1", check_name="192.0.2.1")
    route = replace(ROUTE, backend=backend, tls=TlsPolicy())
    finding = Finding("ca-not-configured", "critical", "", (), "")
    diagnosis = Diagnosis(Case(route, TrustMaterial(), probe, NOW), Verdict("fail"), (finding,))
    configuration = Configuration(
        f"{directory}/httpd.conf", str(directory), "file", HttpdInfo(), (), (route,)
    )
    return Report(configuration, (diagnosis,), 0.0)


def find(
    directory: Path,
    sent: Sequence[pki.Issued] = (LEAF, ONE),
    *,
    places: Places = NOWHERE,
    ca: str | Sequence[str] = (),
    accept_fingerprint: str | None = None,
) -> RouteTrust:
    found = select.find(
        report(directory, sent),
        FixChoice(
            ca_files=(ca,) if isinstance(ca, str) else tuple(ca),
            accept_fingerprint=accept_fingerprint,
        ),
        places=places,
        resolve=lambda name: frozenset({"192.0.2.1"} if name == "c.test" else ()),
    )
    return next(iter(found.routes.values()))


def names(found: RouteTrust) -> list[str]:
    assert found.choice is not None, found.error
    return [certificate.subject for certificate in found.choice.certificates]


def given(directory: Path, data: bytes, name: str = "given") -> str:
    file = directory / name
    file.write_bytes(data)
    return str(file)


@pytest.mark.parametrize(
    "data",
    [
        ROOT.pem,
        ROOT.der,
        b"\xef\xbb\xbftext\r\n" + ROOT.pem.replace(b"\n", b"\r\n"),
        STRANGER.pem + ROOT.pem,
        pkcs7.serialize_certificates([ROOT.certificate], Encoding.PEM),
        pkcs7.serialize_certificates([STRANGER.certificate, ROOT.certificate], Encoding.DER),
        ROOT.key_pem + ROOT.pem,
    ],
    ids=["pem", "der", "bom-crlf", "others-too", "pkcs7-pem", "pkcs7-der", "with-key"],
)
def test_a_ca_file_in_any_form(tmp_path: Path, data: bytes) -> None:
    found = find(tmp_path, ca=given(tmp_path, data))
    assert names(found) == ["CN=Example Root"]
    assert [c.subject for c in found.chain] == [
        "CN=b.test",
        "CN=Example Issuing",
        "CN=Example Root",
    ]


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name, problem in (
        ("missing", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("fifo", "is not a plain file"),
    ):
        with pytest.raises(ChoiceError) as caught:
            find(tmp_path, ca=str(tmp_path / name))
        assert problem in describe(caught.value)
        assert caught.value.file == str(tmp_path / name)


def test_a_ca_that_the_configuration_trusts_already_moves_nothing(tmp_path: Path) -> None:
    whole = report(tmp_path, (LEAF, ONE, ROOT))
    case = whole.diagnoses[0].case
    held = tuple(parse_der(issued.der) for issued in (STRANGER, ROOT))
    material = TrustMaterial(TrustFile("/etc/ca.pem", "ok", certificates=held))
    policy = TlsPolicy(ca_certificate_file=Setting("/etc/ca.pem"))
    case = replace(case, trust=material, route=replace(case.route, tls=policy))
    whole = replace(whole, diagnoses=(replace(whole.diagnoses[0], case=case),))
    fingerprint = parse_der(ROOT.der).sha256
    for choice in (
        FixChoice(),
        FixChoice(ca_files=(given(tmp_path, ROOT.pem),)),
        FixChoice(accept_fingerprint=fingerprint),
    ):
        (found,) = select.find(whole, choice, places=NOWHERE).routes.values()
        assert found.keep, choice
        assert names(found) == ["CN=Example Root"]


def test_of_several_named_files_each_route_takes_the_one_that_signed(tmp_path: Path) -> None:
    other = pki.issue("c.test", STRANGER, dns=["c.test"])
    one, two = report(tmp_path, (LEAF, ONE)), report(tmp_path, (other,))
    case = two.diagnoses[0].case
    case = replace(case, route=replace(case.route, id=replace(case.route.id, path="/other")))
    both = (*one.diagnoses, replace(two.diagnoses[0], case=case))
    whole = replace(one, diagnoses=both)
    files = given(tmp_path, ROOT.pem, "root"), given(tmp_path, STRANGER.pem, "stranger")
    for order in (files, files[::-1]):
        found = select.find(whole, FixChoice(ca_files=order), places=NOWHERE).routes.values()
        assert [names(trust) for trust in found] == [["CN=Example Root"], ["CN=Stranger"]]


def test_a_named_file_that_signed_no_chain_is_refused_beside_one_that_did(tmp_path: Path) -> None:
    files = given(tmp_path, ROOT.pem, "root"), given(tmp_path, STRANGER.pem, "stranger")
    with pytest.raises(ChoiceError) as caught:
        find(tmp_path, ca=files)
    assert "stranger (CN=Stranger) did not sign the chain" in describe(caught.value)


def test_an_intermediate_in_one_named_file_and_its_root_in_another(tmp_path: Path) -> None:
    files = given(tmp_path, ROOT.pem, "root"), given(tmp_path, ONE.pem, "one")
    for order in (files, files[::-1]):
        assert names(find(tmp_path, (LEAF,), ca=order)) == ["CN=Example Root", "CN=Example Issuing"]


def test_an_intermediate_that_the_backend_forgets_goes_into_the_bundle(tmp_path: Path) -> None:
    found = find(tmp_path, (LEAF,), ca=given(tmp_path, ROOT.pem + ONE.pem))
    assert names(found) == ["CN=Example Root", "CN=Example Issuing"]
    assert found.openssl == 0


def test_the_right_root_whose_intermediate_nobody_has(tmp_path: Path) -> None:
    """It may be right: what lies between is named, with the address that the leaf gives."""
    url = "http://ca.test/issuing.der"
    leaf = pki.issue("x.test", ONE, dns=["x.test"], ca_issuers=url)
    with pytest.raises(ChoiceError) as caught:
        find(tmp_path, (leaf,), ca=given(tmp_path, ROOT.pem))
    said = describe(caught.value)
    assert "may be right" in said
    assert "between it and the backend's certificate 'CN=Example Issuing' is missing" in said
    assert "Add that one's certificate to the file, or have the backend send it" in said
    assert url in said


def test_certificates_in_the_wrong_order_and_superfluous_ones(tmp_path: Path) -> None:
    found = find(tmp_path, (LEAF, STRANGER, ROOT, ONE), ca=given(tmp_path, ROOT.pem))
    assert names(found) == ["CN=Example Root"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (STRANGER.pem, "signed none of the certificates"),
        (REKEYED.pem, "right name but another key"),
        (LEAF.pem, "holds the backend's own certificate"),
        (ONE.pem, "holds only an intermediate"),
        (pki.issue("x.test", ROOT, dns=["x.test"]).pem, "holds no CA certificate"),
        (b"", "is empty"),
        (b"text\n", "is no certificate"),
        (ROOT.key_pem, "holds a private key and no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "can be decoded"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "file",
)
def test_a_ca_file_that_does_not_help(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        find(tmp_path, ca=given(tmp_path, data))
    assert message in describe(caught.value)


def test_the_fingerprint_of_a_root_that_the_backend_presents(tmp_path: Path) -> None:
    sha256 = parse_der(ROOT.der).sha256
    for written in (sha256, f"sha256 Fingerprint={sha256.upper()}", f"{sha256[:8]}:{sha256[8:]}"):
        found = find(tmp_path, (LEAF, ONE, ROOT), accept_fingerprint=written)
        assert names(found) == ["CN=Example Root"]
        assert found.choice is not None
        assert found.choice.origin == "backend"


def test_the_fingerprint_of_an_intermediate_is_not_enough(tmp_path: Path) -> None:
    found = find(tmp_path, (LEAF, ONE), accept_fingerprint=parse_der(ONE.der).sha256)
    assert found.choice is None
    assert found.error is not None
    assert "not self-signed" in sentence(found.error)


def test_nothing_is_trusted_because_the_backend_presents_it(tmp_path: Path) -> None:
    found = find(tmp_path, (LEAF, ONE, ROOT))
    assert found.choice is None
    assert found.error is not None
    assert "the certificate itself is 'CN=Example Root'" in sentence(found.error)
    assert any("compare it out of band" in sentence(note) for note in found.notes)


def test_the_administrators_and_the_systems_authorities(tmp_path: Path) -> None:
    local, bundle = tmp_path / "local", tmp_path / "bundle.crt"
    local.mkdir()
    bundle.write_bytes(STRANGER.pem + ROOT.pem)
    system = Places((str(local),), (str(bundle),), ())
    found = find(tmp_path, places=system)
    assert found.choice is not None
    assert found.choice.origin == str(bundle)
    (local / "corp.crt").write_bytes(ROOT.pem)
    found = find(tmp_path, places=system)
    assert found.choice is not None
    assert found.choice.origin == f"{local}/corp.crt"


def test_a_file_that_anybody_may_write_is_no_source_of_trust(tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.mkdir()
    file = local / "corp.crt"
    file.write_bytes(ROOT.pem)
    file.chmod(0o666)
    assert find(tmp_path, places=Places((str(local),), (), ())).choice is None


def test_names_that_lead_to_the_address(tmp_path: Path) -> None:
    found = find(tmp_path, ca=given(tmp_path, ROOT.pem))
    assert found.names == ("c.test",)


def test_an_expired_authority_is_told(tmp_path: Path) -> None:
    root = pki.issue("Old Root", ca=True, days=(-30, -1))
    leaf = pki.issue("b.test", root, dns=["b.test"])
    found = find(tmp_path, (leaf,), ca=given(tmp_path, root.pem))
    assert (found.openssl, found.openssl_text) == (10, "certificate has expired")
