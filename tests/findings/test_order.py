"""Several faults at once: the cause comes first, each is said once, none is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.findings.cases import (
    CASE,
    DAY,
    FILE,
    ISSUING,
    LEAF,
    NOW,
    OK,
    OTHER_ROOT,
    PUBLIC,
    ROOT,
    UNKNOWN,
    Pair,
    anchors,
    at,
    backend,
    by_address,
    certificate,
    excepted,
    fails,
    handshake,
    leaf,
    plain,
    policy,
    preserved,
    probe,
    problem,
    refused,
    route,
    tls,
    trust,
)
from tests.support.yardstick import bounded
from wizard.findings import CATALOGUE, diagnose
from wizard.model.certificate import Certificate, TrustFile
from wizard.model.config import Problem, Setting
from wizard.model.diagnosis import LogLine, Stage, Verdict
from wizard.model.probe import DnsResult, HttpResult
from wizard.model.scope import HttpdChoice
from wizard.verdict import predict

VIA = certificate("backend.internal", ISSUING, dns_names=("backend.internal",))
SELF = certificate("backend.internal", dns_names=("backend.internal",))
OLD = {"not_after": NOW - DAY}
WRONG: dict[str, Any] = {"dns_names": ("old.internal",), "common_names": ()}
NO_ISSUER = refused(20)
WEAK = policy(CASE, verify="none", check_peer_name=False, check_peer_expire=False)

#: Name to case, verdict and the slugs expected, in order; log-level-hides-cause left out.
COMBINED: dict[str, tuple[Pair, list[str]]] = {
    "untrusted, expired and misnamed": (
        (leaf(anchors(OTHER_ROOT), **OLD, **WRONG), NO_ISSUER),
        ["ca-not-trusted", "missing-intermediate", "name-mismatch", "certificate-expired"],
    ),
    "no authority before whatever the chain is like": (
        (tls(policy(trust(ca_file=TrustFile()), ca_certificate_file=None), chain=(VIA,)),
         NO_ISSUER),
        ["ca-not-configured"],
    ),
    "self-signed and no authority": (
        (tls(policy(trust(ca_file=TrustFile()), ca_certificate_file=None), chain=(SELF,),
             verified_chain=(SELF,)), refused(18)),
        ["self-signed-certificate", "ca-not-configured"],
    ),
    "an intermediate left out, and the depth that will fail next": (
        (tls(chain=(VIA,), verified_chain=()), NO_ISSUER),
        ["missing-intermediate", "ca-not-trusted"],
    ),
    "depth, and a name that will fail next": (
        (leaf(policy(tls(chain=(VIA, ISSUING), verified_chain=(VIA, ISSUING, ROOT))), **WRONG),
         fails("verify", 500, "AH02040")),
        ["chain-too-deep", "name-mismatch"],
    ),
    "address in the URL and the engine off": (
        (policy(by_address(), engine=False), fails("tls", 500, "AH00961")),
        ["engine-off", "ip-address-backend"],
    ),
    "DNS fails because of the slash": (
        (probe(backend(url="https://backend.internal:8443"), dns=DnsResult((), 0.1, "not-found"),
               tcp=None, tls=None, http=None), fails("dns")),
        ["missing-trailing-slash"],
    ),
    "the client's Host, refused as SNI": (
        (handshake(preserved(), failure="alert", alert=112), fails("tls")),
        ["preserve-host-changes-name"],
    ),
    "the client's Host against a certificate for neither name": (
        (preserved(leaf(**WRONG)), fails("name")),
        ["name-mismatch"],
    ),
    "the client's Host with an address in the URL": (
        (preserved(by_address()), fails("name")),
        ["preserve-host-changes-name"],
    ),
    "everything off": (
        (WEAK, OK),
        ["verification-off", "name-check-off", "expiry-check-off"],
    ),
    "everything off, and the certificate would not pass": (
        (leaf(WEAK, **OLD, **WRONG), OK),
        ["verification-off", "name-check-off", "expiry-check-off", "name-mismatch",
         "certificate-expired"],
    ),
    "an exception that is over": (
        (excepted(date(2026, 1, 1)), OK),
        ["temporary-exception-expired", "verification-off"],
    ),
    "another site's line keeps httpd from starting": (
        (replace(problem("ca-file-missing", line=70), probe=None), fails("config", 0)),
        ["ca-file-missing"],
    ),
    "the backend's 400 to plain HTTP": (
        (probe(plain(port=8443), http=HttpResult("HEAD", 400, 0.1)), OK),
        ["unencrypted-backend", "backend-speaks-tls"],
    ),
    "an answer that comes when httpd has given up": (
        (probe(http=HttpResult("HEAD", 200, 70.0)), fails("http", 502)),
        ["connection-timeout"],
    ),
    "a forward proxy that refuses the tunnel": (
        (probe(tls=None, http=HttpResult("CONNECT", 403, 0.1, failure="other")),
         fails("connect", 503)),
        ["connection-reset"],
    ),
    "a misspelt scheme": (
        (backend(scheme="htps", url="htps://backend.internal:8443/"), fails("route", 500)),
        ["module-missing", "unencrypted-backend"],
    ),
    "an alert about nothing that a rule knows": (
        (handshake(failure="alert", alert=80), fails("tls")),
        ["connection-reset"],
    ),
    "421": (
        (probe(http=HttpResult("HEAD", 421, 0.1)), OK),
        ["sni-rejected"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMBINED)
def test_the_cause_comes_first(name: str) -> None:
    pair, expected = COMBINED[name]
    found = diagnose(*pair)
    assert [f.slug for f in found if f.slug != "log-level-hides-cause"] == expected
    if pair[1].outcome == "fail":
        assert found[0].severity == "critical"


@pytest.mark.parametrize("code", [2, 7, 19, 20, 21, 27, 30, 34, 99])
def test_every_verification_error_has_a_cause(code: int) -> None:
    found = diagnose(anchors(OTHER_ROOT), refused(code, "some text of OpenSSL"))
    assert found[0].slug == "ca-not-trusted"
    assert any("some text of OpenSSL" in line for line in found[0].evidence)


def test_first_problem_of_the_stage_is_the_cause_and_the_routes_own_rule_says_more() -> None:
    missing = trust(ca_file=TrustFile("/etc/ssl/backend-ca.pem", "missing", loads=False))
    own = replace(missing, problems=(
        Problem(FILE, 7, "does not exist", "config", "AH00526", "ca-file-missing"),
        Problem(FILE, 9, "typo", "config", "AH00526", "unknown-directive"),
    ))  # fmt: skip
    found = diagnose(own, fails("config", 0))
    assert [f.slug for f in found] == ["ca-file-missing"]
    assert f"{FILE}:7  SSLProxyCACertificateFile /etc/ssl/backend-ca.pem" in found[0].evidence
    elsewhere = replace(CASE, problems=own.problems[1:])
    assert diagnose(elsewhere, fails("config", 0))[0].evidence == (f"{FILE}:9  typo",)


def test_a_problem_that_stops_nothing_is_no_finding_of_the_route() -> None:
    assert diagnose(problem("unknown-directive", "warning"), OK) == ()


def test_a_date_that_no_check_minds_is_a_warning_on_a_failing_route() -> None:
    case = leaf(policy(CASE, verify="none", check_peer_expire=False), **OLD, **WRONG)
    found = {f.slug: f.severity for f in diagnose(case, fails("name", 500, "AH02411"))}
    assert next(iter(found)) == "name-mismatch"
    assert found["certificate-expired"] == "warning"


@pytest.mark.parametrize(
    ("shown", "hides"),
    [
        ({"AH02276": False, "AH02039": True, "AH01084": True}, False),
        ({"AH02276": False, "AH02039": False}, True),  # LogLevel crit
        ({"AH01964": False, "AH02411": False, "AH01084": True}, True),
        ({"AH01964": False, "AH02003": False, "AH01084": True}, True),
        ({"AH01964": False, "AH01102": True}, False),
        ({"AH00957": False, "AH01114": False}, True),
        ({"AH01964": True, "AH02411": True}, False),
        ({"AH01964": False, "AH01998": False}, False),  # the backend's own 503: nothing to hide
    ],
)
def test_the_log_level_hides_the_line_that_tells(shown: dict[str, bool], hides: bool) -> None:
    log = tuple(LogLine(code, "ssl", "info", "words", seen) for code, seen in shown.items())
    found = {f.slug for f in diagnose(CASE, Verdict("fail", "tls", 500, log))}
    assert ("log-level-hides-cause" in found) is hides


def test_optional_no_ca_forgives_no_date() -> None:
    case = leaf(policy(verify="optional_no_ca", check_peer_expire=False), not_after=NOW - DAY)
    found = {f.slug: f for f in diagnose(case, refused(10))}
    assert "OpenSSL refuses it (error 10)" in found["certificate-expired"].explanation


def test_the_moment_a_certificate_ends_is_past_it() -> None:
    case = leaf(policy(verify="none"), not_after=NOW)
    assert diagnose(case, predict(case))[0].slug == "certificate-expired"


def test_names_of_the_virtual_host_that_would_fail_under_preserve_host() -> None:
    found = diagnose(preserved(leaf(dns_names=(PUBLIC,))), OK)
    assert [(f.slug, f.severity) for f in found] == [("preserve-host-changes-name", "warning")]
    assert "www.example.com" in found[0].explanation


def test_cn_only_compares_the_common_name() -> None:
    case = policy(leaf(common_names=("other",)), check_peer_name=False, check_peer_cn=True)
    found = {f.slug: f for f in diagnose(case, fails("name", 500, "AH02005"))}
    assert next(iter(found)) == "name-mismatch"
    assert "AH02005" in found["name-mismatch"].explanation
    assert "name-check-off" in found


def test_a_section_of_the_main_server_is_named() -> None:
    case = route(policy(CASE, verify="none"), policy_in_main_section=True, policy_section=at(2))
    found = diagnose(case, OK)
    assert any(line.startswith(f"{FILE}:2  this <Proxy> section") for line in found[0].evidence)


def test_hostile_text_never_gets_into_a_command_unquoted() -> None:
    evil = "x'; touch /tmp/pwned; '"
    case = backend(CASE, host=evil, check_name=evil, sni=evil, host_header=evil,
                   url=f"https://{evil}/")  # fmt: skip
    case = leaf(case, dns_names=(evil, "ok.internal"), subject=evil, issuer=evil)
    pairs = [
        (case, fails("name")),
        (case, refused(26)),
        (handshake(case, failure="not-tls"), fails("tls")),
        (handshake(case, failure="alert", alert=70), fails("tls")),
        (probe(case, dns=DnsResult((), 0.1), tcp=None, tls=None, http=None), fails("dns")),
        (trust(case, ca_file=TrustFile(evil, "der", loads=False)), fails("start")),
    ]
    commands = [r.command for pair in pairs for f in diagnose(*pair) for r in f.remedies]
    risky = [c for c in commands if c and "touch" in c and not c.startswith("SSLProxy")]
    assert risky
    for command in risky:
        assert evil not in command


def test_unreadable_certificate_is_no_fault_by_itself() -> None:
    broken = Certificate(b"x", "", "", (), "", "00", NOW, NOW, error="not DER")
    case = tls(CASE, chain=(broken,), verified_chain=())
    assert diagnose(case, UNKNOWN) == ()
    assert diagnose(case, refused(20))[0].slug == "ca-not-trusted"


@pytest.mark.parametrize("stage", ["route", "dns", "connect", "tls", "verify", "name", "expiry"])
def test_a_failure_without_a_trace_invents_nothing(stage: Stage) -> None:
    assert diagnose(CASE, Verdict("fail", stage, 500)) == ()


def test_five_thousand_routes_without_a_probe() -> None:
    cases = [replace(policy(CASE, verify_depth=n % 3), probe=None) for n in range(5000)]
    assert set(CATALOGUE)  # loaded before the clock starts
    with bounded(1.0):  # it takes 50 ms
        for case in cases:
            assert diagnose(case, UNKNOWN) == ()


def test_settings_are_shown_as_the_operator_would_write_them() -> None:
    case = policy(CASE, check_peer_expire=False)
    lines = diagnose(case, OK)[0].evidence
    assert lines[0] == f"{FILE}:30  SSLProxyCheckPeerExpire off"
    assert diagnose(policy(CASE, engine=True), OK) == ()
    unset = replace(case.route.tls, check_peer_expire=Setting(True), verify=Setting("none"))
    found = diagnose(route(case, tls=unset), OK)
    assert found[0].evidence[0] == "default  SSLProxyVerify none (no directive sets it)"
    assert LEAF.subject not in found[0].explanation


def test_commands_name_the_configuration_that_was_checked() -> None:
    commands = {r.command for f in diagnose(WEAK, OK) for r in f.remedies}
    assert "proxy-wizard fix '/srv/my site'" in commands
    installed = {r.command for f in diagnose(replace(WEAK, config=None), OK) for r in f.remedies}
    assert "proxy-wizard fix" in installed


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (HttpdChoice("/opt/my httpd/bin/httpd"), "'--httpd=/opt/my httpd/bin/httpd'"),
        (HttpdChoice(ask=False), "--no-httpd"),
        (HttpdChoice(version="2.4.37"), "--httpd-version=2.4.37"),
        (HttpdChoice(openssl="1.1.1w"), "--openssl-version=1.1.1w"),
    ],
)
def test_commands_say_how_it_was_read_and_which_httpd_is_meant(
    choice: HttpdChoice, words: str
) -> None:
    """Else the repair would be of another configuration, for another httpd."""
    case = replace(WEAK, defines=("STAGING", "A=b c"), choice=choice)
    commands = {r.command for f in diagnose(case, OK) for r in f.remedies}
    read = "--define=STAGING '--define=A=b c'"
    assert f"proxy-wizard fix '/srv/my site' {read} {words}" in commands


def test_a_variable_that_nothing_defines_is_named() -> None:
    unknown = DnsResult((), 0.1, "not-found", "Name or service not known")
    case = backend(url="https://${APP}/", host="${app}", check_name="${app}")
    found = diagnose(probe(case, dns=unknown, tcp=None, tls=None, http=None), fails("dns", 500))
    assert found[0].slug == "dns-failure"
    assert "undefined: ${APP}" in found[0].evidence
    assert found[0].remedies[0].command == "Define APP HOST"


def test_a_backend_that_wants_a_name_and_gets_an_address() -> None:
    case = by_address(CASE)
    (found, *_) = diagnose(handshake(case, failure="alert", alert=112), fails("tls", 500))
    assert found.slug == "sni-rejected"
    assert found.explanation.startswith("httpd sends no name (SNI) to an IP address")
    assert found.remedies[0].command is None
