"""A plan is held against the checks: what does not help is taken back, what appears is repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wizard.demo import pki
from wizard.fix import confirm
from wizard.model.certificate import TrustMaterial
from wizard.model.config import (
    Backend,
    Configuration,
    Route,
    Setting,
    Source,
    SourceFile,
    TlsPolicy,
    VirtualHost,
)
from wizard.model.diagnosis import Case, Diagnosis, Finding, Outcome, Report, Stage, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.plan import BundlePlace, FixChoice, RouteTrust, TrustChoice, TrustFound
from wizard.model.probe import AnswerFault, HttpResult, ProbeReport, ProbeRequest, TlsResult
from wizard.model.remark import Point, as_told
from wizard.model.route_id import RouteId
from wizard.model.scope import Assumed
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

FILE = "/etc/site.conf"
TEXT = b"""<VirtualHost *:80>
ServerName a.test
SSLProxyVerify none
ProxyPass /a https://b.test/
ProxyPass /b https://b.test/
</VirtualHost>
"""
ROOT = pki.issue("Example Root", ca=True)
LEAF = parse_der(pki.issue("b.test", ROOT, dns=["b.test"]).der)
ANCHOR = parse_der(ROOT.der)
NOW = datetime.now(UTC)
VHOST = VirtualHost("a.test", (), ("*:80",), Source(FILE, 1), 6)


def route(path: str, line: int) -> Route:
    backend = Backend("https://b.test/", "https", "b.test", 443, "/", "b.test", "b.test", "b.test")
    policy = TlsPolicy(verify=Setting("none", Source(FILE, 3)))
    identity = RouteId(1, "a.test", path, "ProxyPass")
    return Route(identity, VHOST, path, "ProxyPass", Source(FILE, line), backend, policy)


ROUTES = (route("/a", 4), route("/b", 5))


OF_MAIN = replace(ROUTES[0], id=RouteId(0, None, "/m", "ProxyPass"), path="/m")
AS_USED = replace(OF_MAIN, id=RouteId(1, "a.test", "/m", "ProxyPass", inherited=True))


def diagnosis(route: Route, outcome: Outcome, *slugs: str) -> Diagnosis:
    probe = ProbeReport(
        ProbeRequest("b.test", 443, True), NOW, tls=TlsResult(True, 0.0, chain=(LEAF,))
    )
    findings = tuple(Finding(slug, "critical", slug, (), "") for slug in slugs)
    verdict = Verdict(outcome, reason="because." if outcome == "fail" else "")
    return Diagnosis(Case(route, TrustMaterial(), probe, NOW), verdict, findings)


def report(*diagnoses: Diagnosis) -> Report:
    file = SourceFile(FILE, FILE, TEXT)
    configuration = Configuration(
        FILE, "/etc", "file", HttpdInfo(), (VHOST,), ROUTES, files={FILE: file}
    )
    return Report(configuration, diagnoses, 0.0)


def search(found: Report) -> TrustFound:
    choice = TrustChoice((ANCHOR,), "file", as_told("for the test"))
    trust = RouteTrust(choice, (LEAF, ANCHOR))
    return TrustFound(dict.fromkeys(found.by_route, trust), BundlePlace("/etc/proxy-trust"))


class Check:
    """Answers of the check of a patched configuration, one after the other."""

    def __init__(self, *answers: Report) -> None:
        self.answers = list(answers)
        self.overlays: list[Mapping[str, bytes]] = []

    def __call__(self, overlay: Mapping[str, bytes], _: Sequence[Assumed]) -> Report:
        self.overlays.append(overlay)
        return self.answers.pop(0)


BROKEN = report(*(diagnosis(r, "fail", "engine-off") for r in ROUTES))
FINE = report(*(diagnosis(r, "ok") for r in ROUTES))


def test_a_plan_that_helps_is_taken() -> None:
    check = Check(FINE)
    made, after = confirm.confirm(BROKEN, FixChoice(), search, check)
    assert after is FINE
    assert made.repairs == ("a.test /a: engine-off", "a.test /b: engine-off")
    overlay = check.overlays[0]
    assert b"SSLProxyEngine on" in overlay[FILE]
    assert b"/proxy-trust/" not in overlay[FILE]  # its new files lie elsewhere for the moment


def test_a_repair_that_does_not_help_is_taken_back_and_told() -> None:
    failing = report(diagnosis(ROUTES[0], "ok"), diagnosis(ROUTES[1], "fail"))
    check = Check(failing, failing)
    made, _ = confirm.confirm(BROKEN, FixChoice(), search, check)
    assert made.repairs == ("a.test /a: engine-off",)
    (left,) = made.unresolved
    assert left.route == ROUTES[1].id
    assert "would still fail: because." in sentence(left.reason)


def test_a_fault_that_stays_is_told_with_the_line_where_it_stands_now() -> None:
    def taken(line: int) -> Report:
        found = diagnosis(ROUTES[1], "fail", "engine-off")
        verdict = replace(found.verdict, reason=f"{FILE}:{line} takes every request away.")
        return report(diagnosis(ROUTES[0], "ok"), replace(found, verdict=verdict))

    made, _ = confirm.confirm(taken(4), FixChoice(), search, Check(taken(7), taken(7)))
    (left,) = made.unresolved
    assert f"{FILE}:4 takes every request away." in sentence(left.reason)


def answering(answer: HttpResult, status: int) -> Report:
    """Both routes: httpd's verdict on an answer that is an error."""
    found = (diagnosis(r, "fail", "backend-error-status") for r in ROUTES)
    return report(
        *(
            replace(
                each,
                case=replace(each.case, probe=replace(each.case.probe, http=answer)),
                verdict=replace(each.verdict, stage="http", status=status),
            )
            for each in found
            if each.case.probe is not None
        )
    )


@pytest.mark.parametrize(
    "answer",
    [
        HttpResult("GET", None, 0.1, failure="invalid", fault=AnswerFault("name", "a b: c")),
        HttpResult("GET", 600, 0.1),
    ],
)
def test_an_answer_that_httpd_does_not_pass_on_is_no_answer(answer: HttpResult) -> None:
    vain = answering(answer, 500)
    made, _ = confirm.confirm(BROKEN, FixChoice(), search, Check(vain, vain))
    assert not any("the backend's own affair" in sentence(note) for note in made.notes)


def test_a_backend_that_answers_an_error_is_reached_all_the_same() -> None:
    reached = answering(HttpResult("GET", 503, 0.1), 503)
    made, after = confirm.confirm(BROKEN, FixChoice(), search, Check(reached, reached))
    assert after is reached
    assert made.repairs == ("a.test /a: engine-off", "a.test /b: engine-off")
    assert any("the backend's own affair" in sentence(note) for note in made.notes)


def test_a_route_that_works_is_not_broken() -> None:
    before = report(diagnosis(ROUTES[0], "fail", "engine-off"), diagnosis(ROUTES[1], "ok"))
    after = report(diagnosis(ROUTES[0], "ok"), diagnosis(ROUTES[1], "fail"))
    made, result = confirm.confirm(before, FixChoice(), search, Check(after))
    assert made.is_empty
    assert result is None
    assert "would break a.test /b, which works" in sentence(made.unresolved[0].reason)


def test_a_route_of_the_main_server_is_not_broken_under_the_name_of_a_virtual_host() -> None:
    """It is a route of the virtual host only afterwards: what worked before is the main one."""
    before = report(diagnosis(OF_MAIN, "ok"), diagnosis(ROUTES[0], "fail", "engine-off"))
    after = report(diagnosis(OF_MAIN, "ok"), diagnosis(AS_USED, "fail"), diagnosis(ROUTES[0], "ok"))
    made, result = confirm.confirm(before, FixChoice(), search, Check(after))
    assert made.is_empty
    assert result is None
    assert "would break a.test /m, which works" in sentence(made.unresolved[0].reason)


@pytest.mark.parametrize(
    ("outcome", "used"),
    [
        ("fail", AS_USED),
        ("ok", replace(AS_USED, shadowed_by=Source(FILE, 2))),  # none of its requests gets there
    ],
)
def test_a_route_of_the_main_server_that_did_not_work_there_before_is_not_broken(
    outcome: Outcome, used: Route
) -> None:
    before = report(diagnosis(OF_MAIN, outcome), diagnosis(ROUTES[0], "fail", "engine-off"))
    after = report(diagnosis(OF_MAIN, outcome), diagnosis(used, "fail"), diagnosis(ROUTES[0], "ok"))
    made, _ = confirm.confirm(before, FixChoice(), search, Check(after))
    assert made.repairs == ("a.test /a: engine-off",)


def test_what_appears_behind_a_repaired_fault_is_repaired_too() -> None:
    revealed = report(*(diagnosis(r, "ok", "verification-off") for r in ROUTES))
    made, after = confirm.confirm(BROKEN, FixChoice(), search, Check(revealed, FINE))
    assert after is FINE
    assert "a.test /a: verification-off" in made.repairs


LEFT = FixChoice(leave=("cipher-mismatch",))


def test_what_another_repair_repairs_too_is_not_called_left() -> None:
    broken = report(*(diagnosis(r, "fail", "engine-off", "cipher-mismatch") for r in ROUTES))
    made, _ = confirm.confirm(broken, LEFT, search, Check(FINE))
    assert "a.test /a: cipher-mismatch" in made.repairs
    assert made.unresolved == ()
    assert any("cipher-mismatch was to be left, but" in sentence(note) for note in made.notes)


def test_a_route_may_fail_on_for_what_is_left() -> None:
    broken = report(*(diagnosis(r, "fail", "engine-off", "cipher-mismatch") for r in ROUTES))
    waiting = report(*(diagnosis(r, "fail", "cipher-mismatch") for r in ROUTES))
    made, after = confirm.confirm(broken, LEFT, search, Check(waiting))
    assert after is waiting
    assert made.repairs == ("a.test /a: engine-off", "a.test /b: engine-off")
    assert {u.finding.slug for u in made.unresolved if u.handed_over} == {"cipher-mismatch"}
    assert Point.NOT_REPAIRED not in {note.point for note in made.notes}


def test_what_is_left_and_shows_only_behind_a_repair_is_left_as_well() -> None:
    broken = report(*(diagnosis(r, "fail", "ca-not-trusted") for r in ROUTES))
    waiting = report(*(diagnosis(r, "fail", "cipher-mismatch") for r in ROUTES))
    made, after = confirm.confirm(broken, LEFT, search, Check(waiting, waiting))
    assert after is waiting
    assert made.repairs == ("a.test /a: ca-not-trusted", "a.test /b: ca-not-trusted")
    assert {u.finding.slug for u in made.unresolved} == {"cipher-mismatch"}


def test_a_route_that_works_is_not_broken_for_what_is_left() -> None:
    weak = report(*(diagnosis(r, "ok", "verification-off", "cipher-mismatch") for r in ROUTES))
    failing = report(*(diagnosis(r, "fail", "cipher-mismatch") for r in ROUTES))
    made, after = confirm.confirm(weak, LEFT, search, Check(failing, failing))
    assert made.is_empty
    assert after is None


def test_it_ends_even_if_every_repair_breaks_another() -> None:
    failing = report(*(diagnosis(r, "fail") for r in ROUTES))
    made, after = confirm.confirm(BROKEN, FixChoice(), search, Check(*[failing] * 10))
    assert made.is_empty
    assert after is None
    assert len(made.unresolved) == 2


@pytest.mark.parametrize("broken", [ROUTES[1], AS_USED], ids=["own", "of_main"])
def test_a_repair_of_the_url_does_not_break_a_route_either(broken: Route) -> None:
    """It stays where the repair of TLS is taken back: it is wrong whatever the backend is like."""
    url = replace(ROUTES[0].backend, url="https://b.test")
    glued = replace(ROUTES[0], backend=url)
    text = TEXT.replace(b"/a https://b.test/", b"/a https://b.test")
    works = [diagnosis(OF_MAIN, "ok"), diagnosis(ROUTES[1], "ok", "log-level")]
    works[1] = replace(works[1], findings=(replace(works[1].findings[0], severity="info"),))

    def of(*diagnoses: Diagnosis) -> Report:
        made = report(*diagnoses)
        files = {FILE: SourceFile(FILE, FILE, text)}
        routes = (glued, ROUTES[1])
        return replace(made, configuration=replace(made.configuration, files=files, routes=routes))

    before = of(*works, diagnosis(glued, "fail", "missing-trailing-slash"))
    after = of(*works, diagnosis(ROUTES[0], "ok"))
    fine = {d.case.route.id: d for d in (*after.diagnoses, diagnosis(broken, "fail"))}
    after = replace(after, diagnoses=tuple(fine.values()))
    made, result = confirm.confirm(before, FixChoice(), search, Check(*[after] * 9))
    assert made.is_empty
    assert result is None
    assert [(u.route, u.finding.slug) for u in made.unresolved] == [
        (glued.id, "missing-trailing-slash")
    ]


def test_of_a_route_that_still_fails_the_old_cause_is_resolved_and_the_new_one_said() -> None:
    """Its policy was changed for the other route; what it fails of is in nobody's plan."""
    broken = report(
        diagnosis(ROUTES[0], "fail", "ca-file-missing"), diagnosis(ROUTES[1], "fail", "engine-off")
    )
    on = replace(ROUTES[1].tls, engine=Setting(True, Source(FILE, 3)))
    still = diagnosis(replace(ROUTES[1], tls=on), "fail", "connection-refused")
    check = Check(*[report(diagnosis(ROUTES[0], "ok"), still)] * 3)
    made, after = confirm.confirm(broken, FixChoice(), search, check)
    assert after is not None
    assert "a.test /b: engine-off" in made.repairs
    assert [(u.route, u.finding.slug) for u in made.unresolved] == [
        (ROUTES[1].id, "connection-refused")
    ]


@pytest.mark.parametrize(("stage", "told"), [("config", 1), ("start", 1), ("connect", 0)])
def test_where_httpd_does_not_start_no_route_is_repaired(stage: Stage, told: int) -> None:
    def fails(route: Route) -> Diagnosis:
        found = diagnosis(route, "fail", "configuration-refused")
        return replace(found, verdict=replace(found.verdict, stage=stage))

    before = report(diagnosis(ROUTES[0], "fail", "engine-off"), fails(ROUTES[1]))
    after = report(diagnosis(ROUTES[0], "ok"), fails(ROUTES[1]))
    made, _ = confirm.confirm(before, FixChoice(), search, Check(after))
    points = [note.point for note in made.notes]
    assert points.count(Point.NOT_REPAIRED) == told


def test_a_route_that_is_gone_afterwards_is_left_alone() -> None:
    renamed = replace(ROUTES[0], id=replace(ROUTES[0].id, path="/other"), path="/other")
    after = report(diagnosis(renamed, "fail"))
    made, _ = confirm.confirm(BROKEN, FixChoice(), search, Check(after))
    assert len(made.resolved) == 2


def test_a_route_of_the_same_name_and_path_is_another_one() -> None:
    """The repair of one is not held against the other, which no repair was made for."""
    first, number = ROUTES[0], replace(ROUTES[0].id, number=1)
    second = replace(first, id=number)
    before = report(
        diagnosis(first, "fail", "engine-off"), diagnosis(second, "fail", "dns-failure")
    )
    after = report(diagnosis(first, "ok"), diagnosis(second, "fail", "dns-failure"))
    made, result = confirm.confirm(before, FixChoice(), search, Check(after))
    assert result is after
    assert [one.route for one in made.resolved] == [first.id]
    (left,) = made.unresolved
    assert left.route == second.id
    assert "a repair was tried" not in sentence(left.reason)


def test_nothing_wrong_nothing_checked() -> None:
    made, after = confirm.confirm(FINE, FixChoice(), search, Check())
    assert made.is_empty
    assert after is None


def test_an_address_that_no_name_of_the_certificate_leads_to_is_told_what_helps() -> None:
    address = replace(ROUTES[0].backend, host="192.0.2.1", check_name="192.0.2.1")
    found = diagnosis(replace(ROUTES[0], backend=address), "fail", "ip-address-backend")
    made, _ = confirm.confirm(report(found), FixChoice(), search, Check())
    (left,) = made.unresolved
    assert sentence(left.reason).endswith(
        "covers b.test, but httpd compares 192.0.2.1; let such a name lead there (DNS or "
        "/etc/hosts), and use it in the URL"
    )


def test_a_repair_that_weakens_another_check_is_left() -> None:
    """Whatever decided so: no policy but a temporary exception switches a check off."""
    lax = replace(ROUTES[1].tls, check_peer_expire=Setting(False, Source(FILE, 4)))
    after = report(diagnosis(ROUTES[0], "ok"), diagnosis(replace(ROUTES[1], tls=lax), "ok"))
    made, _ = confirm.confirm(BROKEN, FixChoice(), search, Check(after, FINE))
    assert made.repairs == ("a.test /a: engine-off",)
    (left,) = made.unresolved
    assert "would weaken SSLProxyCheckPeerExpire" in sentence(left.reason)
