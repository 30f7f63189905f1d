"""The sentence about a connection, its stages, and what httpd checks of the certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cli.samples import CERTIFICATE, FAILING, HOSTILE, NOW, POLICY, PROBE, ROUTE
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS
from wizard.engine.engine import Engine
from wizard.model.barrier import Barrier
from wizard.model.certificate import Certificate
from wizard.model.config import Setting, TlsPolicy
from wizard.model.diagnosis import Diagnosis, OpenSSLError, Verdict
from wizard.model.probe import (
    DnsResult,
    HttpResult,
    ProbeReport,
    TcpResult,
    TlsResult,
    VerifyEvent,
)
from wizard.wording import connection
from wizard.wording.connection import Check, Checks, Stage, State

assert PROBE.tls is not None
GOOD = (VerifyEvent(True, 0, 1), VerifyEvent(True, 0, 0, sha256=CERTIFICATE.sha256))
NO_ISSUER = (VerifyEvent(False, 20, 0), VerifyEvent(False, 21, 0), VerifyEvent(True, 0, 0))
EXPIRED = (VerifyEvent(True, 0, 1), VerifyEvent(False, 10, 0, sha256=CERTIFICATE.sha256))
WORKS = Verdict("ok", status=200)
OLD = replace(CERTIFICATE, not_after=NOW - timedelta(days=3))


def diagnosis(
    policy: TlsPolicy = POLICY,
    verdict: Verdict = WORKS,
    *,
    events: tuple[VerifyEvent, ...] = GOOD,
    leaf: Certificate = CERTIFICATE,
) -> Diagnosis:
    """Of a backend whose handshake the probe finished."""
    assert PROBE.tls is not None
    probe = replace(PROBE, tls=replace(PROBE.tls, events=events, chain=(leaf,)), notes=())
    case = replace(FAILING.case, route=replace(ROUTE, tls=policy), probe=probe)
    return Diagnosis(case, verdict)


def refused(stage: str, code: int = 0, reason: str = "") -> Verdict:
    """The verdict of a handshake that httpd breaks off."""
    error = OpenSSLError(code, "the text of OpenSSL") if code else None
    return Verdict("fail", stage, 500, openssl=error, reason=reason)  # type: ignore[arg-type]


def stages(found: Diagnosis) -> dict[str, Stage]:
    """The stages by name."""
    made = connection.stages(found.case.route, found.case.probe, found)
    return {stage.name: stage for stage in made}


NO = Setting(False, ROUTE.source)
YES = Setting(True, ROUTE.source)
CN_ALONE = replace(POLICY, check_peer_name=NO, check_peer_cn=YES)
NOT_VERIFIED = replace(POLICY, verify=Setting("none"))
NO_CA_NEEDED = replace(POLICY, verify=Setting("optional_no_ca", ROUTE.source))


@pytest.mark.parametrize(
    ("policy", "events", "leaf", "expected"),
    [
        (POLICY, GOOD, CERTIFICATE, ("holds", "holds", "holds")),
        (POLICY, NO_ISSUER, CERTIFICATE, ("fails", "holds", "holds")),
        (POLICY, EXPIRED, OLD, ("holds", "fails", "holds")),
        (POLICY, (*NO_ISSUER, *EXPIRED), OLD, ("fails", "fails", "holds")),
        (POLICY, (), CERTIFICATE, ("unknown", "holds", "holds")),
        (POLICY, (VerifyEvent(True, 0, 2), *GOOD), CERTIFICATE, ("fails", "holds", "holds")),
        (NOT_VERIFIED, NO_ISSUER, CERTIFICATE, ("unchecked", "holds", "holds")),
        (NOT_VERIFIED, EXPIRED, OLD, ("unchecked", "fails", "holds")),
        (replace(NOT_VERIFIED, check_peer_expire=NO), EXPIRED, OLD,
         ("unchecked", "unchecked", "holds")),
        (replace(POLICY, check_peer_expire=NO), EXPIRED, OLD, ("holds", "fails", "holds")),
        (NO_CA_NEEDED, NO_ISSUER, CERTIFICATE, ("unchecked", "holds", "holds")),
        (NO_CA_NEEDED, (VerifyEvent(False, 23, 0),), CERTIFICATE, ("fails", "holds", "holds")),
        (replace(POLICY, check_peer_name=NO), GOOD, CERTIFICATE, ("holds", "holds", "unchecked")),
        (CN_ALONE, GOOD, CERTIFICATE,
         ("holds", "holds", "holds")),
        (CN_ALONE, GOOD,
         replace(CERTIFICATE, common_names=("other",)), ("holds", "holds", "fails")),
        (POLICY, GOOD, replace(CERTIFICATE, dns_names=("other",), common_names=()),
         ("holds", "holds", "fails")),
    ],
)  # fmt: skip
def test_each_check_by_itself(
    policy: TlsPolicy,
    events: tuple[VerifyEvent, ...],
    leaf: Certificate,
    expected: tuple[Check, Check, Check],
) -> None:
    assert connection.checks(diagnosis(policy, events=events, leaf=leaf)) == Checks(*expected)


def test_a_crl_that_is_missing_is_forgiven_where_the_policy_says_so() -> None:
    events = (VerifyEvent(False, 3, 0),)
    strict = replace(POLICY, ca_revocation_check=Setting("leaf"))
    lenient = replace(POLICY, ca_revocation_check=Setting("leaf no_crl_for_cert_ok"))
    assert connection.checks(diagnosis(strict, events=events)) == ("fails", "holds", "holds")
    assert connection.checks(diagnosis(lenient, events=events)) == ("holds", "holds", "holds")


def test_nothing_is_checked_of_a_certificate_that_nobody_saw() -> None:
    found = diagnosis(leaf=replace(CERTIFICATE, error="not DER"))
    assert connection.checks(found) is None
    broken = TlsResult(False, 0.1, failure="closed")
    case = replace(found.case, probe=replace(PROBE, tls=broken, http=None))
    assert connection.checks(Diagnosis(case, refused("tls"))) is None


@pytest.mark.parametrize(
    ("verdict", "policy", "events", "leaf", "expected"),
    [
        (WORKS, POLICY, GOOD, CERTIFICATE,
         ("good", "httpd accepts the certificate: chain, dates and name are right; the backend "
                  "answers 200")),
        (WORKS, NOT_VERIFIED, NO_ISSUER, CERTIFICATE,
         ("weak", "httpd connects, but does not check the chain; the backend answers 200")),
        (WORKS, replace(NOT_VERIFIED, check_peer_name=NO, check_peer_expire=NO), GOOD, CERTIFICATE,
         ("weak", "httpd connects, but does not check the chain, the dates or the name; the "
                  "backend answers 200")),
        (refused("name"), POLICY, GOOD, CERTIFICATE,
         ("bad", "httpd refuses the certificate: no name in it is backend.internal")),
        (refused("name"), CN_ALONE, GOOD, CERTIFICATE,
         ("bad", "httpd refuses the certificate: its common name is not backend.internal")),
        (refused("expiry"), POLICY, GOOD, OLD,
         ("bad", "httpd refuses the certificate: it expired on 2026-11-21")),
        (refused("verify", 10), POLICY, EXPIRED, OLD,
         ("bad", "httpd refuses the certificate: it expired on 2026-11-21")),
        (refused("verify", 9), POLICY, (VerifyEvent(False, 9, 0),),
         replace(CERTIFICATE, not_before=NOW + timedelta(days=2)),
         ("bad", "httpd refuses the certificate: it is not valid before 2026-11-26")),
        (refused("verify", 20), POLICY, NO_ISSUER, CERTIFICATE,
         ("bad", "httpd refuses the certificate: no CA is trusted for this backend")),
        (refused("verify", 18), POLICY, (VerifyEvent(False, 18, 0),), CERTIFICATE,
         ("bad", "httpd refuses the certificate: it signed itself, and no CA file has it")),
        (refused("verify"), POLICY, (VerifyEvent(True, 0, 2),), CERTIFICATE,
         ("bad", "httpd refuses the certificate: its chain is longer than SSLProxyVerifyDepth 1 "
                 "allows")),
        (refused("verify", 23), POLICY, (VerifyEvent(False, 23, 0),), CERTIFICATE,
         ("bad", "httpd refuses the certificate: the text of OpenSSL (OpenSSL's error 23)")),
        (refused("verify", reason="OCSP says no."), POLICY, GOOD, CERTIFICATE,
         ("bad", "OCSP says no")),
        (refused("connect", reason="It refuses the connection."), POLICY, GOOD, CERTIFICATE,
         ("bad", "It refuses the connection")),
        (Verdict("unknown", reason="Nobody knows."), POLICY, GOOD, CERTIFICATE,
         ("unknown", "Nobody knows")),
        (refused("config", reason="x" * 500), POLICY, GOOD, CERTIFICATE,
         ("bad", "httpd does not start with this configuration, so it asks no backend")),
    ],
)  # fmt: skip
def test_the_sentence(
    verdict: Verdict,
    policy: TlsPolicy,
    events: tuple[VerifyEvent, ...],
    leaf: Certificate,
    expected: tuple[State, str],
) -> None:
    assert connection.sentence(diagnosis(policy, verdict, events=events, leaf=leaf)) == expected


def test_a_ca_that_expired_is_named() -> None:
    root = replace(OLD, subject="CN=Corp Root", sha256="cd" * 32)
    found = diagnosis(
        verdict=refused("verify", 10), events=(VerifyEvent(False, 10, 1, "", "cd" * 32),)
    )
    assert found.case.probe is not None
    assert found.case.probe.tls is not None
    tls = replace(found.case.probe.tls, verified_chain=(CERTIFICATE, root))
    found = replace(found, case=replace(found.case, probe=replace(found.case.probe, tls=tls)))
    said = "httpd refuses the certificate: Corp Root expired on 2026-11-21"
    assert connection.sentence(found) == ("bad", said)


@pytest.mark.parametrize("stage", ["verify", "name", "expiry"])
def test_no_green_answer_stands_below_a_red_handshake(stage: str) -> None:
    found = stages(diagnosis(verdict=refused(stage, 20 if stage == "verify" else 0)))
    assert found["TLS"].state == "bad"
    assert found["HTTP"].state == "aside"
    assert found["HTTP"].text == "HEAD / 200, asked without checking"


def test_a_check_that_is_off_is_no_green_handshake() -> None:
    found = stages(diagnosis(NOT_VERIFIED, events=NO_ISSUER))
    assert found["TLS"].state == "weak"
    assert found["HTTP"].state == "good"


@pytest.mark.parametrize("stage", ["config", "start", "route"])
def test_what_httpd_does_not_reach_is_neither_good_nor_bad(stage: str) -> None:
    found = diagnosis(verdict=refused(stage))
    assert connection.is_aside(found)
    assert {one.state for one in stages(found).values()} == {"aside"}


@pytest.mark.parametrize(
    ("verdict", "sign", "said"),
    [
        (Verdict("fail", "access", 403, reason="Nobody may."), "bad", "Nobody may"),
        (Verdict("ok", "rewrite", 301, reason="To https."), "good", "To https"),
        (Verdict("ok", "rewrite", 301), "good", "httpd itself answers 301"),
    ],
)
def test_what_httpd_answers_itself_stands_before_the_connection(
    verdict: Verdict, sign: State, said: str
) -> None:
    found = diagnosis(verdict=verdict)
    assert connection.is_aside(found)
    assert connection.sentence(found) == (sign, said)
    first, *others = connection.stages(found.case.route, found.case.probe, found)
    assert verdict.stage is not None
    name = verdict.stage.capitalize()
    assert first == Stage(name, sign, f"httpd itself answers {verdict.status}")
    assert {one.state for one in others} == {"aside"}
    unasked = replace(found, case=replace(found.case, probe=None))
    assert connection.sentence(unasked) == (sign, said)
    assert [one.name for one in connection.stages(found.case.route, None, unasked)] == [name]


def test_the_line_that_decides_is_named_and_may_be_hostile() -> None:
    deciding = Barrier("access", 403, None, "Require all denied\x1b[31m", everyone=True)
    some = replace(deciding, directive="Require ip 192.0.2.1", everyone=False)
    found = diagnosis(verdict=Verdict("fail", "access", 403))
    route = replace(found.case.route, barriers=(some, deciding))
    found = replace(found, case=replace(found.case, route=route))
    text = connection.stages(route, found.case.probe, found)[0].text
    assert text == "httpd itself answers 403: Require all denied\\x1b[31m"


def test_another_name_than_the_probes_is_looked_up() -> None:
    found = diagnosis(verdict=refused("dns", reason="httpd looks up other."))
    assert connection.is_aside(found)
    assert stages(found)["DNS"].state == "aside"
    assert found.case.probe is not None
    probe = replace(PROBE, dns=DnsResult((), 0.0, "not-found", "no such name"), tcp=None, tls=None,
                    http=None)  # fmt: skip
    lost = replace(found, case=replace(found.case, probe=probe))
    assert not connection.is_aside(lost)
    assert stages(lost)["DNS"] == Stage(
        "DNS", "bad", "no address for backend.internal: no such name", 0.0
    )


def test_stages_wait_until_they_are_reached() -> None:
    names = ["DNS", "TCP", "TLS", "HTTP"]

    def states(probe: ProbeReport | None) -> list[tuple[str, State]]:
        return [(one.name, one.state) for one in connection.stages(ROUTE, probe)]

    assert states(None) == [(name, "waits") for name in names]
    begun = replace(PROBE, tcp=None, tls=None, http=None)
    assert states(begun) == [("DNS", "good"), *((name, "waits") for name in names[1:])]
    assert states(PROBE) == [(name, "good") for name in names]
    plain = replace(ROUTE, backend=replace(ROUTE.backend, scheme="http"))
    assert [one.name for one in connection.stages(plain, None)] == ["DNS", "TCP", "HTTP"]


@pytest.mark.parametrize(
    ("probe", "name", "text"),
    [
        (replace(PROBE, dns=DnsResult(("192.0.2.1",) * 6, 0.0)), "DNS",
         f"backend.internal is {', '.join(['192.0.2.1'] * 4)} and 2 more"),
        (replace(PROBE, dns=DnsResult(("192.0.2.1",), 0.0, assumed=True)), "DNS",
         "backend.internal is 192.0.2.1 (assumed)"),
        (replace(PROBE, request=replace(PROBE.request, host="192.0.2.1")), "DNS",
         "192.0.2.1 is an address, nothing to look up"),
        (replace(PROBE, tcp=TcpResult(None, 8443, 0.1, failure="refused", error="refused")), "TCP",
         "port 8443: refused"),
        (replace(PROBE, request=replace(PROBE.request, socket="/run/app")), "TCP",
         "the socket /run/app"),
        (replace(PROBE, request=replace(PROBE.request, forward_proxy="http://proxy:3128")), "TCP",
         "127.0.0.1 port 8443, the forward proxy"),
        (replace(PROBE, tls=replace(PROBE.tls, sni=None)), "TLS", "1.3, no SNI sent"),
        (replace(PROBE, tls=TlsResult(False, 0.1, "a.test", error="no TLS")), "TLS",
         "SNI a.test; no TLS"),
        (replace(PROBE, http=HttpResult("GET", None, 0.1, error="closed")), "HTTP",
         "GET / closed"),
    ],
)  # fmt: skip
def test_what_happened(probe: ProbeReport, name: str, text: str) -> None:
    found = {one.name: one for one in connection.stages(ROUTE, probe)}
    assert found[name].text == text


def test_what_a_backend_says_is_shown_harmless() -> None:
    probe = replace(
        PROBE,
        dns=DnsResult((), 0.0, error=HOSTILE),
        tcp=TcpResult(None, 1, 0.1, error=HOSTILE),
        tls=TlsResult(False, 0.1, HOSTILE, error=HOSTILE),
        http=HttpResult("HEAD", 200, 0.1, HOSTILE),
    )
    for stage in connection.stages(ROUTE, probe):
        assert stage.text.isprintable(), stage.name
        assert "\u202e" not in stage.text


@pytest.fixture(scope="module")
def lessons() -> Iterator[dict[str, Diagnosis]]:
    """What the first route of each lesson of the lab gives."""
    found = {}
    with Lab() as lab:
        for lesson in LESSONS:
            engine = Engine(lab.scope(lesson), resolver=lab.resolver, state=lab.state)
            read = engine.load()
            found[lesson.name] = engine.diagnose(read, read.routes[:1]).diagnoses[0]
        yield found


def test_every_lesson_has_a_short_sentence_of_the_sign_of_its_connection(
    lessons: dict[str, Diagnosis],
) -> None:
    said = {name: connection.sentence(found) for name, found in lessons.items()}
    assert {name for name, (state, _) in said.items() if state != "bad"} == {
        "not-verified", "overdue-exception", "reverse", "loop",
    }  # fmt: skip
    assert said["ip-address"][1].endswith("no name in it is 127.0.0.1")
    assert said["re-keyed"][1].endswith("the Acme Root CA that httpd trusts did not sign its chain")
    assert said["wrong-ca"][1].endswith("nothing leads from it to a CA that httpd trusts")
    assert said["engine-off"][1].endswith("SSLProxyEngine is off")
    assert max(len(text) for _, text in said.values()) < 160


def test_no_lesson_shows_a_green_answer_that_httpd_does_not_get(
    lessons: dict[str, Diagnosis],
) -> None:
    for name, found in lessons.items():
        made = stages(found)
        if found.verdict.outcome == "fail":
            assert all(one.state != "good" for one in made.values() if one.name == "HTTP"), name
        if found.verdict.stage in ("verify", "name"):
            assert made["TLS"].state == "bad", name
            told = made["TLS"].checks
            assert told is not None
            assert "fails" in told, name


def test_the_checks_of_each_lesson(lessons: dict[str, Diagnosis]) -> None:
    assert {name: connection.checks(found) for name, found in lessons.items()} == {
        "engine-off": ("unchecked", "holds", "holds"),
        "internal-ca": ("fails", "holds", "holds"),
        "wrong-ca": ("fails", "holds", "holds"),
        "depth": ("fails", "holds", "holds"),
        "missing-intermediate": ("fails", "holds", "holds"),
        "re-keyed": ("fails", "holds", "holds"),
        "preserve-host": ("holds", "holds", "fails"),
        "ip-address": ("holds", "holds", "fails"),
        "not-verified": ("unchecked", "holds", "holds"),
        "hidden-cause": ("holds", "holds", "fails"),
        "dead-at-start": ("fails", "holds", "holds"),
        "overdue-exception": ("unchecked", "holds", "holds"),
        "wrong-section": ("unchecked", "holds", "holds"),
        "final-slash": ("holds", "holds", "holds"),
        "expired": ("holds", "fails", "holds"),
        "plain-http": None,
        "reverse": ("holds", "holds", "holds"),
        "loop": ("holds", "holds", "holds"),
        "host": ("holds", "holds", "holds"),
    }
