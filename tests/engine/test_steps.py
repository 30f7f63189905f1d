"""The steps of a repair: none of check's remedies is lost, and nothing is said twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.findings.cases import CASE, LEAF, ROUTE
from tests.findings.pairs import CHECKS
from wizard.engine.steps import side, steps
from wizard.findings import diagnose
from wizard.fix.decide.decide import decide_route
from wizard.model.config import Configuration
from wizard.model.diagnosis import Diagnosis, Finding, Remedy, Report, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.plan import (
    Because,
    Condition,
    Edit,
    FixChoice,
    FixPlan,
    Repair,
    Resolved,
    RouteTrust,
    Unresolved,
)
from wizard.model.remark import Point, Remark, Value, as_told, remark
from wizard.model.steps import Step
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece

PLAN = FixPlan("production")
SEARCHED: dict[str, Value] = {"places": ("/etc/ssl",), "files": 3}
UNKNOWN_CA = remark(Point.NO_CA_FOUND, issuer="CN=Example Root", **SEARCHED)
OTHER = replace(ROUTE.id, path="/other")
RENEW = Remedy("backend", "Renew it.", "renew")
OPEN_IT = Remedy("network", "Let it through.", "setsebool -P httpd_can_network_connect 1")


def repair(*left: Unresolved, plan: FixPlan | None = None) -> Repair:
    routes = dict.fromkeys(one.route for one in left)
    diagnoses = tuple(
        Diagnosis(replace(CASE, route=replace(ROUTE, id=route)), Verdict("fail"))
        for route in routes
    )
    configuration = Configuration("/etc/httpd.conf", "/etc", "file", HttpdInfo(), (), ())
    made = plan or FixPlan("production")
    return Repair(Report(configuration, diagnoses, 0.0), replace(made, unresolved=left))


def left(*remedies: Remedy, reason: Remark | None = None, **fields: Any) -> Unresolved:
    finding = Finding("a-fault", "critical", "A fault", (), "", remedies=remedies)
    made = Unresolved(ROUTE.id, finding, reason or as_told("Because."))
    return replace(made, **fields)


def again(name: str, more: Sequence[str]) -> str:
    return " ".join(("proxy-wizard", name, *more))


def pieces(found: tuple[Step, ...], plan: FixPlan = PLAN) -> list[Piece]:
    return [
        piece
        for number, step in enumerate(found, 1)
        for piece in wording.pieces(number, step, plan, again, wording.Patch())
    ]


def told(found: tuple[Step, ...]) -> str:
    return "\n".join(piece.whole for piece in pieces(found))


def sentences(found: list[Piece]) -> list[str]:
    """Those of six words and more."""
    prose = (piece.text for piece in found if piece.role != "command")
    parts = (part for text in prose for part in re.split(r"[.:;?!](?=\s|$)", text))
    return [part.strip().lower() for part in parts if len(part.split()) >= 6]


@pytest.mark.parametrize("slug", CHECKS)
def test_no_remedy_of_what_stays_is_lost(slug: str) -> None:
    case, verdict = CHECKS[slug].fires
    found = Diagnosis(case, verdict, diagnose(case, verdict))
    decided = decide_route(found, case.route, RouteTrust(error=UNKNOWN_CA), FixChoice(), pending={})
    unresolved = decided.unresolved if decided is not None else ()
    made = steps(repair(*unresolved))
    text = told(made)
    found_no_ca = any(one.reason == UNKNOWN_CA for one in unresolved)
    for one in unresolved:
        for remedy in one.finding.remedies:
            command = remedy.command or ""
            if command.endswith(" --ca FILE") and one.needs_choice:
                assert any(step.again and step.wanted for step in made)
            elif command.startswith("proxy-wizard fix") and not any(
                word in command for word in (" --ca ", " --accept-fingerprint ", " --until ")
            ):
                continue  # that plan was just made
            elif found_no_ca and f" --ca {CASE.httpd.service.store}" in command:
                continue  # no CA of it signed the chain
            elif one.needs_choice and remedy.where == "config":
                continue  # the patch does it, once the CA is known
            else:
                for line in command.split("\n"):
                    assert line in text, (slug, remedy)


@pytest.mark.parametrize("slug", CHECKS)
def test_no_sentence_is_said_twice(slug: str) -> None:
    case, verdict = CHECKS[slug].fires
    found = Diagnosis(case, verdict, diagnose(case, verdict))
    decided = decide_route(found, case.route, RouteTrust(error=UNKNOWN_CA), FixChoice(), pending={})
    unresolved = decided.unresolved if decided is not None else ()
    said = pieces(steps(repair(*unresolved)))
    assert sorted(set(sentences(said))) == sorted(sentences(said))
    for piece, following in pairwise(said):
        if piece.text.endswith(":"):
            assert following.role in ("command", "quote"), piece.text


def test_the_patch_gives_each_reason_once_and_names_every_directive() -> None:
    why = Because(("SSLProxyVerify",), "without require, any certificate is accepted")
    same = Because(("SSLProxyCheckPeerName",), "in force already")
    lines = (b"SSLProxyVerify require\n", b"SSLProxyCheckPeerName on\n")
    edits = [
        Edit(f"/etc/{name}.conf", line, line - 1, lines, "", parts=(why, same))
        for name, line in (("a", 3), ("a", 9), ("b", 5))
    ]
    gone = Edit("/etc/b.conf", 7, 7, (), "off here switches the name check off")
    plan = FixPlan("production", (*edits, gone), resolved=(Resolved(ROUTE.id, "no-check"),))
    said = [piece.whole for piece in pieces(steps(repair(plan=plan)), plan)]
    assert said[2:-1] == [
        "/etc/a.conf:3, 9",
        "+ SSLProxyVerify   without require, any certificate is accepted",
        "+ SSLProxyCheckPeerName   in force already",
        "/etc/b.conf:5, 7",
        "+ SSLProxyVerify   as above",
        "+ SSLProxyCheckPeerName   as above",
        "- line 7   off here switches the name check off",
    ]


def test_what_is_typed_next_is_not_said_before() -> None:
    name = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))
    made = steps(repair(left(RENEW, reason=UNKNOWN_CA, needs_choice=True, condition=name)))
    last = wording.pieces(3, made[-1], PLAN, again, wording.Patch(), last=True)
    assert [piece.text for piece in last][1:] == ["Then have the patch made with it."]


def test_what_the_patch_does_is_not_asked_for_and_the_rest_follows_it() -> None:
    edit = Edit("/etc/a.conf", 3, 3, (b"SSLProxyVerify require\n",), "strict")
    plan = FixPlan("production", (edit,), resolved=(Resolved(ROUTE.id, "verification-off"),))
    made = steps(repair(left(RENEW), left(OPEN_IT), plan=plan))
    assert [step.is_patch for step in made] == [True, False, False]
    assert [step.deeds[0].side for step in made[1:]] == ["machine", "backend"]
    assert made[0].slugs == ("verification-off",)


def test_equal_steps_of_several_routes_are_one() -> None:
    made = steps(repair(left(RENEW), left(RENEW, route=OTHER)))
    assert len(made) == 1
    assert made[0].routes == (ROUTE.id, OTHER)
    assert "app.example.com / and 1 more: a-fault" in told(made)


def test_nothing_is_said_twice() -> None:
    open_ones = [
        replace(left(RENEW, OPEN_IT, reason=UNKNOWN_CA, needs_choice=True), route=route)
        for route in (ROUTE.id, OTHER)
    ]
    more = replace(open_ones[0], finding=replace(open_ones[0].finding, slug="another-fault"))
    lines = told(steps(repair(*open_ones, more))).splitlines()
    assert sorted(set(lines)) == sorted(lines)


def test_a_ca_is_got_first_then_this_machine_then_the_plan_is_made_anew() -> None:
    name = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))
    made = steps(repair(left(RENEW, reason=UNKNOWN_CA, needs_choice=True, condition=name)))
    assert [step.deeds[0].side for step in made] == ["ca", "machine", "configuration"]
    assert wording.closing(made, PLAN, again).command == "proxy-wizard fix --ca FILE"
    assert '"Example Root"' in wording.closing(made, PLAN, again).note
    assert '"Example Root" (the CA\'s owner has it)' in wording.missing(made[-1].wanted)


def test_a_patch_that_waits_for_a_name_comes_after_it() -> None:
    edit = Edit("/etc/a.conf", 3, 3, (b"SSLProxyVerify require\n",), "strict")
    name = Condition("backend.internal", "192.0.2.1", (ROUTE.id,))
    plan = FixPlan("production", (edit,), conditions=(name,))
    made = steps(repair(plan=plan))
    assert [step.is_patch for step in made] == [False, True]
    assert "echo '192.0.2.1 backend.internal' >> /etc/hosts" in told(made)
    assert wording.closing(made, plan, again).note == "once backend.internal leads to 192.0.2.1"


def test_a_backends_own_certificate_is_its_owners_and_has_a_fingerprint() -> None:
    own = replace(LEAF, issuer=LEAF.subject, issuer_der=LEAF.subject_der)
    assert CASE.probe is not None
    assert CASE.probe.tls is not None
    shown = replace(CASE.probe, tls=replace(CASE.probe.tls, chain=(own,)))
    accept = f"proxy-wizard fix --accept-fingerprint {own.sha256}"
    one = left(Remedy("config", "Compare it.", accept), needs_choice=True)
    one = replace(one, reason=remark(Point.SELF_SIGNED_UNKNOWN, issuer=own.subject, **SEARCHED))
    before = repair(one)
    diagnoses = (Diagnosis(replace(CASE, probe=shown), Verdict("fail")),)
    made = steps(replace(before, report=replace(before.report, diagnoses=diagnoses)))
    assert made[0].deeds[0].side == "backend"
    assert made[-1].wanted[0].own
    assert accept in told(made)
    assert made[-1].wanted[0].sha256 == own.sha256


def test_several_cas_that_are_wanted_have_a_file_each() -> None:
    first = left(RENEW, reason=UNKNOWN_CA, needs_choice=True)
    second = replace(
        first, route=OTHER, reason=remark(Point.NO_CA_FOUND, issuer="CN=Second", **SEARCHED)
    )
    made = steps(repair(first, second))
    assert wording.closing(made, PLAN, again).command == "proxy-wizard fix --ca FILE1 --ca FILE2"


def test_trust_that_waits_for_a_name_is_not_asked_for_again() -> None:
    why = remark(Point.NAME_NOT_COVERED, covered=("a.test",), name="b.test")
    trust = left(Remedy("ca", "Get the CA.", "proxy-wizard fix --ca FILE"), reason=why)
    trust = replace(trust, finding=replace(trust.finding, slug="ca-not-configured"))
    name = left(RENEW, reason=why)
    name = replace(name, finding=replace(name.finding, slug="name-mismatch"))
    made = steps(repair(trust, name))
    assert [step.slugs for step in made] == [("name-mismatch",), ("ca-not-configured",)]
    assert made[-1].again
    assert not made[-1].wanted
    assert "Get the CA" not in told(made)


@pytest.mark.parametrize(
    ("remedy", "where"),
    [
        (Remedy("config", "Set it.", "SSLProxyVerifyDepth 2"), "configuration"),
        (Remedy("config", "Set it.", "<Proxy balancer://b>\n</Proxy>"), "configuration"),
        (Remedy("config", "Set it.", "ttl=4"), "configuration"),
        (Remedy("config", "Set it.", "https://a.test/$1"), "configuration"),
        (Remedy("config", "Write it."), "configuration"),
        (Remedy("config", "Load it.", "a2enmod ssl && systemctl restart apache2"), "machine"),
        (Remedy("config", "Make the links.", "openssl rehash /etc/ssl/ca"), "machine"),
        (Remedy("config", "Convert it.", "(umask 077; set -C; openssl x509)"), "machine"),
        (OPEN_IT, "machine"),
        (Remedy("network", "Ask for it."), "network"),
        (RENEW, "backend"),
        (Remedy("ca", "Sign it.", "openssl x509 -req"), "ca"),
    ],
)
def test_who_does_it_and_where(remedy: Remedy, where: str) -> None:
    assert side(remedy) == where
