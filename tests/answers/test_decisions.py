"""The decisions about answers, on plain values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.findings.answer_pairs import BASE, INNER, SECURE, answered, mounted, sent_to
from tests.findings.cases import OK, PUBLIC, at, route
from wizard.answer import questions, redirects
from wizard.answer.cookies import Cookie, parse, path_matches, sent_back
from wizard.answer.mount import Mount, mount
from wizard.answer.origins import whose
from wizard.answer.written import about_route, quoted
from wizard.findings import diagnose
from wizard.model.barrier import Barrier
from wizard.model.config import Setting
from wizard.model.diagnosis import Case, Site
from wizard.model.further import Question
from wizard.model.own_path import OwnPath
from wizard.model.way_back import RequestHeader
from wizard.verdict import before_backend


@pytest.mark.parametrize(
    ("kind", "path", "request_path", "url", "wanted"),
    [
        ("ProxyPass", "/", "/", "http://b/", Mount("/", "/")),
        ("ProxyPass", "/app/", "/app/x", "http://b/ctx/x", Mount("/app/", "/ctx/")),
        ("ProxyPass", "/app", "/app", "http://b", Mount("/app/", "/")),
        ("ProxyPass", "/app", "/app/x", "http://b/ctx/x", Mount("/app", "/ctx")),
        ("RewriteRule", "^/app/(.*)", "/app/x", "http://b/ctx/x", Mount("/app/", "/ctx/")),
        ("RewriteRule", "^/(.*)$", "/", "http://b/", Mount("/", "/")),
        ("ProxyPassMatch", "^/a$", "/a", "http://b/x", Mount("/a", "/x")),
    ],
)
def test_where_a_backends_paths_appear(
    kind: str, path: str, request_path: str, url: str, wanted: Mount
) -> None:
    one = route(BASE, kind=kind, path=path, request_path=request_path, request_url=url).route
    assert mount(one) == wanted


def test_a_path_of_the_backend_inside_a_mount() -> None:
    place = Mount("/app/", "/ctx/")
    assert place.inside("/ctx/login") == "/app/login"
    assert place.inside("/ctx") == "/app"
    assert place.inside("/other") is None
    assert place.holds("/app")
    assert not place.holds("/application")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (f"{INNER}/x", "backend"),
        ("http://backend.internal/x", "backend"),
        ("https://BACKEND.internal:8080/x", "backend"),
        ("http://backend.internal:9090/x", "other"),
        ("http://localhost:3000/", "backend"),
        ("http://127.0.0.9/", "backend"),
        ("http://[::1]:8080/", "backend"),
        (f"http://{PUBLIC}/x", "public"),
        (f"http://{PUBLIC}:8080/x", "backend"),
        (f"http://{PUBLIC}:9090/x", "other"),
        ("http://www.example.com/", "public"),
        ("http://files.corp.example/", "other"),
        ("http://backend.internal.evil.example/", "other"),
        ("http://backend.internal:99999/", "other"),
        ("javascript:alert(1)", "other"),
        ("/x", "other"),
    ],
)
def test_whose_address_a_url_has(url: str, wanted: str) -> None:
    assert whose(BASE, url) == wanted


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        (f"{INNER}/login", "leak"),
        (f"https://sso.example.org/?next={INNER}%2Fcb", "parameter"),
        ("https://sso.example.org/?next=https%3A%2F%2Fwww.example.com%2F", None),
        (f"https://{PUBLIC}/", "loop"),
        (f"https://{PUBLIC}/?x=1", None),
        (f"https://{PUBLIC}/#top", "loop"),
        ("/", "loop"),
        (f"http://{PUBLIC}/in", "downgrade"),
        ("/login", None),
        ("login", None),
        ("", None),
        ("http://[", None),
    ],
)
def test_what_is_wrong_with_a_redirect(location: str, kind: str | None) -> None:
    case = sent_to(location, SECURE)
    assert case.probe is not None
    assert case.probe.http is not None
    found = redirects.fault(case, case.probe.http)
    assert (found.kind if found is not None else None) == kind


def test_a_redirect_below_another_route_is_meant() -> None:
    case = sent_to("/login/", mounted("/app/"))
    assert case.probe is not None
    assert case.probe.http is not None
    found = redirects.fault(case, case.probe.http)
    assert found is not None
    assert found.kind == "leaves-mount"
    other = replace(case.route, path="/login/", source=at(15))
    beside = replace(case, site=Site((case.route.vhost,), (case.route, other)))
    assert redirects.fault(beside, case.probe.http) is None


def asked(case: Case) -> list[Question]:
    return [question for question, _ in questions.wanted(case)]


def test_no_question_where_the_first_answer_settles_it() -> None:
    assert not asked(answered(BASE, 200))
    assert not asked(sent_to(f"{INNER}/login"))  # a ProxyPassReverse maps it
    assert not asked(sent_to("https://sso.example.org/"))
    assert not asked(answered(BASE, 401))
    assert not asked(answered(BASE, 500))


def test_two_questions_at_most() -> None:
    loop = answered(SECURE, 302, ("Location", f"https://{PUBLIC}/"), ("Set-Cookie", "a=1; Path=/"))
    assert asked(loop) == [Question.COOKIES, Question.SCHEME]
    assert asked(sent_to(f"https://{PUBLIC}/", SECURE)) == [
        Question.SCHEME,
        Question.HOST_AND_SCHEME,
    ]
    assert asked(answered(BASE, 403)) == [Question.HOST]


def test_a_scheme_that_the_backend_is_told_is_not_asked_for() -> None:
    told = RequestHeader("X-Forwarded-Proto", "https", at(6))
    case = route(sent_to(f"https://{PUBLIC}/", SECURE), request_headers=(told,))
    assert asked(case) == [Question.HOST]


def test_the_other_host_changes_sni_and_the_name_that_is_checked() -> None:
    assert BASE.probe is not None
    ((question, request),) = questions.wanted(answered(BASE, 421))
    assert question is Question.HOST
    assert request.host_header == PUBLIC
    assert request.sni is None  # plain HTTP


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ("sid=1", "/app/x", True),
        ("sid=1; Path=/app", "/app/x", True),
        ("sid=1; Path=/ap", "/app/x", False),
        ("sid=1; path=/APP", "/app/x", False),
        ("sid=1; Path=/; Secure", "/app/x", False),
        ("sid=1; Domain=example.com; Path=/", "/app/x", True),
        ("sid=1; Domain=.app.example.com; Path=/", "/app/x", True),
        ("sid=1; Domain=ample.com; Path=/", "/app/x", False),
        ("sid=1; Path=/app; Path=/other", "/app/x", False),
    ],
)
def test_whether_a_browser_sends_a_cookie_back(text: str, path: str, wanted: bool) -> None:
    cookie = parse(text)
    assert cookie is not None
    sent = sent_back(cookie, scheme="http", host=PUBLIC, path=path, set_at="/app/")
    assert sent is wanted


def test_what_is_no_cookie() -> None:
    assert parse("") is None
    assert parse("novalue; Path=/") is None
    assert parse("a=" + "x" * 5000) is None
    assert parse("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT") == Cookie("a", deleted=True)
    assert path_matches("/a/b", "/a/")


def test_a_line_is_about_its_route_alone() -> None:
    line, reason = "ProxyPreserveHost On", "why"
    assert about_route(BASE, line, reason).line == line
    other = replace(BASE.route, path="/api/")
    beside = replace(BASE, site=Site((BASE.route.vhost,), (BASE.route, other)))
    made = about_route(beside, line, reason).line
    assert made == "<Location />\n    ProxyPreserveHost On\n</Location>"


def test_arguments_are_quoted_as_httpd_reads_them() -> None:
    assert quoted("/a/b") == "/a/b"
    assert quoted('/a "b"') == '"/a \\"b\\""'
    assert quoted("") == '""'


def test_plain_http_that_something_serves_may_be_meant() -> None:
    plain = replace(SECURE.route.vhost, front_tls=Setting(False), addresses=("*:80",))
    case = sent_to(f"http://{PUBLIC}/in", SECURE)
    slug = "scheme-unknown-to-backend"
    assert slug in {one.slug for one in diagnose(case, OK)}
    beside = replace(case, site=Site((plain, case.route.vhost), (case.route,)))
    assert slug not in {one.slug for one in diagnose(beside, OK)}


def test_https_and_http_that_send_a_client_to_each_other_are_a_loop() -> None:
    back = OwnPath("^/", "/", f"Redirect / https://{PUBLIC}/", at(2))
    plain = replace(SECURE.route.vhost, front_tls=Setting(False), own_paths=(back,))
    case = sent_to(f"http://{PUBLIC}/", SECURE)
    beside = replace(case, site=Site((plain, case.route.vhost), (case.route,)))
    assert "redirect-loop" in {one.slug for one in diagnose(beside, OK)}


def test_what_keeps_everybody_out_one_way_or_another_has_no_status() -> None:
    unsure = "It is 401 or 403, as the client is."
    barrier = Barrier("access", 403, at(4), "Require …", everyone=True, unsure=unsure)
    found = before_backend.decide(route(BASE, barriers=(barrier,)), OK)
    assert found is not None
    assert (found.outcome, found.stage, found.status) == ("fail", "access", None)
    assert unsure in found.reason
