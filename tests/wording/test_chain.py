"""A backend's chain, certificate by certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.cli.samples import CERTIFICATE, FAILING, NOW, POLICY, PROBE, ROUTE
from wizard.model.certificate import Certificate, TrustFile, TrustMaterial
from wizard.model.config import Setting, TlsPolicy
from wizard.model.diagnosis import Diagnosis, Verdict
from wizard.model.probe import VerifyEvent
from wizard.wording import chain
from wizard.wording.chain import Link

ROOT = replace(
    CERTIFICATE,
    subject="CN=Corp Root",
    issuer="CN=Corp Root",
    sha256="cd" * 32,
    is_ca=True,
    dns_names=(),
    common_names=("Corp Root",),
    not_after=NOW + timedelta(days=4000),
    subject_der=b"root",
    issuer_der=b"root",
    subject_key_id="aa",
)
LEAF = replace(
    CERTIFICATE,
    subject="CN=backend.internal",
    dns_names=("backend.internal", "b.test"),
    subject_der=b"leaf",
    issuer_der=b"root",
    authority_key_id="aa",
)
UNKNOWN = (
    VerifyEvent(False, 20, 0, sha256=LEAF.sha256),
    VerifyEvent(False, 21, 0, sha256=LEAF.sha256),
    VerifyEvent(True, 0, 0, sha256=LEAF.sha256),
)
GOOD = (VerifyEvent(True, 0, 1, sha256=ROOT.sha256), VerifyEvent(True, 0, 0, sha256=LEAF.sha256))
REFUSED = Verdict("fail", "verify", 500)


def of(
    *sent: Certificate,
    trusted: tuple[Certificate, ...] = (),
    built: tuple[Certificate, ...] = (),
    events: tuple[VerifyEvent, ...] = UNKNOWN,
    policy: TlsPolicy = POLICY,
    verdict: Verdict = REFUSED,
) -> Diagnosis:
    """A backend that sends certificates, and the one file that httpd trusts."""
    assert PROBE.tls is not None
    tls = replace(PROBE.tls, chain=sent, verified_chain=built, events=events)
    file = TrustFile("/etc/ssl/corp-root.pem", "ok" if trusted else "unset", certificates=trusted)
    case = replace(
        FAILING.case,
        route=replace(ROUTE, tls=policy),
        trust=TrustMaterial(ca_file=file),
        probe=replace(PROBE, tls=tls),
    )
    return Diagnosis(case, verdict)


def test_a_root_in_the_ca_file_vouches_for_what_it_signed() -> None:
    verdict = Verdict("ok", status=200)
    found = of(LEAF, trusted=(ROOT,), built=(LEAF, ROOT), events=GOOD, verdict=verdict)
    assert chain.links(found) == (
        Link("Corp Root", "good", "in corp-root.pem", "until 2037-11-06", sha256=ROOT.sha256),
        Link("backend.internal", "good", "", "37 days left, until 2027-01-01", (),
             "names backend.internal, b.test", LEAF.sha256),
    )  # fmt: skip
    assert chain.trusted(found) == ""


def test_an_issuer_that_nobody_has_seen_stands_at_the_top() -> None:
    top, leaf = chain.links(of(LEAF))
    assert top == Link("Corp Root", "bad", "not sent by the backend, in no CA file")
    assert leaf.state == "open"
    assert not leaf.unvouched  # it is no CA: nobody would trust it
    assert chain.trusted(of(LEAF)) == "httpd trusts no CA here: no directive names a file"


def test_a_ca_of_the_same_name_is_told_from_the_one_that_signed() -> None:
    other = replace(ROOT, sha256="ce" * 32, subject_key_id="bb")
    found = of(LEAF, trusted=(other,))
    assert chain.links(found)[0].where == "corp-root.pem has one of this name with another key"
    assert chain.trusted(found) == ""
    unnamed = of(LEAF, trusted=(replace(other, subject_key_id=None),))
    assert chain.links(unnamed)[0].where.endswith("has one of this name that did not sign this")


def test_another_ca_is_named_as_what_httpd_trusts() -> None:
    other = replace(ROOT, subject="CN=Other", subject_der=b"other", issuer_der=b"other")
    found = of(LEAF, trusted=(other,))
    assert chain.links(found)[0].where == "not sent by the backend, in no CA file"
    assert chain.trusted(found) == "httpd trusts Other (corp-root.pem)"


def test_only_the_owner_vouches_for_a_root_that_the_backend_sends() -> None:
    events = (VerifyEvent(False, 19, 1, sha256=ROOT.sha256),)
    top, leaf = chain.links(of(LEAF, ROOT, events=events))
    assert top.unvouched
    assert top.state == "bad"
    assert top.faults == ("signed itself, in no CA file",)
    assert not leaf.unvouched


def test_a_certificate_that_signed_itself_needs_its_owner_too() -> None:
    own = replace(LEAF, issuer_der=b"leaf")
    (only,) = chain.links(of(own, events=(VerifyEvent(False, 18, 0, sha256=own.sha256),)))
    assert only.unvouched
    assert only.covers == "names backend.internal, b.test"


def test_what_the_owner_of_a_trusted_ca_vouched_for_is_not_asked_again() -> None:
    sub = replace(ROOT, subject="CN=Issuing", sha256="ef" * 32, subject_der=b"sub")
    below = replace(LEAF, issuer_der=b"sub")
    built = (below, sub, ROOT)
    events = tuple(VerifyEvent(True, 0, depth, sha256=built[depth].sha256) for depth in (2, 1, 0))
    found = chain.links(of(below, sub, trusted=(ROOT,), built=built, events=events))
    assert [one.unvouched for one in found] == [False] * 3
    assert found[0].faults == ("above what SSLProxyVerifyDepth 1 allows",)
    assert [one.state for one in found] == ["bad", "good", "good"]
    assert found[1].where == "sent by the backend"
    none = replace(POLICY, verify=Setting("none"))
    shown = chain.links(of(below, sub, trusted=(ROOT,), built=built, events=events, policy=none))
    assert not shown[0].faults  # no depth counts where nothing is verified


def test_dates_and_names_are_faults_of_the_certificate_that_has_them() -> None:
    old = replace(LEAF, not_after=NOW - timedelta(days=1), dns_names=("other.test",),
                  common_names=())  # fmt: skip
    _, leaf = chain.links(of(old, trusted=(ROOT,), built=(old, ROOT), events=GOOD))
    assert leaf.faults == ("expired on 2026-11-23", "no name in it is backend.internal")
    assert leaf.state == "bad"
    assert leaf.stands == ""
    early = replace(LEAF, not_before=NOW + timedelta(days=1))
    assert chain.links(of(early))[1].faults == ("not valid before 2026-11-25",)


def test_what_else_openssl_says_stands_with_its_certificate_once() -> None:
    twice = (VerifyEvent(False, 79, 1, sha256=ROOT.sha256),) * 2
    top, _ = chain.links(of(LEAF, ROOT, events=twice))
    assert top.faults == ("invalid CA certificate",)


def test_where_nothing_is_verified_a_missing_issuer_is_no_fault() -> None:
    policy = replace(POLICY, verify=Setting("none"))
    found = of(LEAF, policy=policy, verdict=Verdict("ok", status=200))
    assert [one.state for one in chain.links(found)] == ["open", "open"]


def test_certificates_that_no_chain_needs() -> None:
    stray = replace(ROOT, subject="CN=Stray", sha256="ee" * 32)
    found = of(LEAF, stray, trusted=(ROOT,), built=(LEAF, ROOT), events=GOOD)
    assert [one.name for one in chain.links(found)] == ["Corp Root", "backend.internal"]
    assert chain.others(found) == ("Stray",)


def test_what_cannot_be_read_is_said() -> None:
    broken = of(replace(LEAF, error="no certificate"))
    assert chain.links(broken) == (Link("unreadable", "bad", faults=("no certificate",)),)
    assert chain.trusted(broken) == ""
    assert chain.others(broken) == ()
    assert chain.links(of()) == ()


def test_a_ca_file_without_certificates_is_named() -> None:
    found = of(LEAF)
    empty = TrustMaterial(ca_file=TrustFile("/etc/ssl/corp.der", "der"))
    found = replace(found, case=replace(found.case, trust=empty))
    assert chain.trusted(found) == "httpd trusts no CA here: none was read from corp.der"
