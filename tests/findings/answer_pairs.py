"""Findings of what a client gets of an answer: a case that has each, and one close to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.findings.cases import CASE, OK, PUBLIC, at, backend, plain, probe, route
from tests.findings.check import Check
from wizard.model.barrier import Barrier
from wizard.model.config import Setting
from wizard.model.diagnosis import Case, Verdict
from wizard.model.further import Further, Question
from wizard.model.own_path import OwnPath
from wizard.model.probe import AnswerFault, HttpResult
from wizard.model.way_back import HeaderEdit, RequestHeader, ReverseMapping, WayBack

INNER = "http://backend.internal:8080"
NAMED = backend(CASE, host_header="backend.internal:8080")
BASE = plain(route(NAMED, request_url=f"{INNER}/", request_path="/", client_host=PUBLIC))
SECURE = route(BASE, vhost=replace(BASE.route.vhost, front_tls=Setting(True, at(2))))
REFUSED = Verdict("fail", "http", 400, reason="The backend answers 400; httpd passes it on.")


def answered(case: Case = BASE, status: int = 302, *fields: tuple[str, str]) -> Case:
    """The case whose backend gives this answer."""
    location = next((value for name, value in fields if name == "Location"), None)
    return probe(case, http=HttpResult("GET", status, 0.01, location=location, fields=fields))


def sent_to(url: str, case: Case = BASE) -> Case:
    """The case whose backend redirects."""
    return answered(case, 302, ("Location", url))


def further(case: Case, question: Question, status: int, **values: Any) -> Case:
    """The case with the answer to a further request."""
    assert case.probe is not None
    http = HttpResult("GET", status, 0.01, **values)
    return replace(case, further=(Further(question, "/", replace(case.probe, http=http)),))


def reverse(case: Case, path: str, url: str) -> Case:
    """The case with a ProxyPassReverse."""
    mapping = ReverseMapping(path, url, at(9), f"ProxyPassReverse {path} {url}")
    return route(case, way_back=WayBack(reverse=(mapping,)))


def mounted(path: str, case: Case = BASE) -> Case:
    """The case below a path."""
    return route(case, path=path, request_path=path)


def own(directive: str, path: str, *, line: int, excludes: bool = False) -> OwnPath:
    """A line of the virtual host about a path."""
    return OwnPath(f"^{path}", path, directive, at(line), excludes=excludes)


def saying(*paths: OwnPath) -> Case:
    """The case whose virtual host has such lines."""
    return route(BASE, vhost=replace(BASE.route.vhost, own_paths=paths))


DENIED = Barrier("access", 403, at(4), "Require all denied", everyone=True, code="AH01630")
KEPT_OUT = Verdict("fail", "access", 403, reason="httpd itself keeps it out.", behind=OK)
TOO_LONG = Verdict("fail", "http", 502, reason="The answer has a header line that is too long.")
ALIAS = own("Alias /static/ /srv/static/", "/static/", line=3)
FRAME = HeaderEdit(
    "always", "set", "x-frame-options", "DENY", "", "", at(4), "Header always set X-Frame-Options"
)
FRAMED = route(BASE, way_back=WayBack(headers=(FRAME,)))
COOKIE = "Set-Cookie"

ANSWERS = {
    "redirect-leaks-backend": Check(
        (sent_to(f"{INNER}/login"), OK), (sent_to("http://files.corp.example/x"), OK),
        severity="warning", says=(f"ProxyPassReverse / {INNER}/", f"Location: {INNER}/login"),
    ),
    "redirect-leaves-mount": Check(
        (further(sent_to("/login", mounted("/wiki/")), Question.INSIDE, 200), OK),
        (further(sent_to("/wiki/login", mounted("/wiki/")), Question.INSIDE, 200), OK),
        severity="warning", says=('Header edit Location "^/(?!/|wiki/)" "/wiki/"',),
    ),
    "redirect-loop": Check(
        (further(sent_to(f"https://{PUBLIC}/", SECURE), Question.SCHEME, 200), OK),
        (further(sent_to(f"https://{PUBLIC}/", SECURE), Question.COOKIES, 200), OK),
        severity="warning", says=("RequestHeader set X-Forwarded-Proto https",),
    ),
    "scheme-unknown-to-backend": Check(
        (further(sent_to(f"http://{PUBLIC}/in", SECURE), Question.SCHEME, 200), OK),
        (sent_to(f"https://{PUBLIC}/in", SECURE), OK),
        severity="warning", says=("RequestHeader set X-Forwarded-Proto https",),
    ),
    "reverse-mapping-wrong": Check(
        (reverse(BASE, "/", INNER), OK), (reverse(BASE, "/", f"{INNER}/"), OK),
        severity="warning", says=(f"ProxyPassReverse / {INNER}/", "two slashes"),
    ),
    "cookie-path-outside-mount": Check(
        (answered(mounted("/app/"), 200, (COOKIE, "sid=secret; Path=/ctx")), OK),
        (answered(mounted("/app/"), 200, (COOKIE, "sid=secret; Path=/app/x")), OK),
        severity="warning", says=("ProxyPassReverseCookiePath /ctx /app/ctx", "the cookie sid"),
    ),
    "cookie-domain-of-backend": Check(
        (answered(BASE, 200, (COOKIE, "sid=secret; Domain=.backend.internal")), OK),
        (answered(BASE, 200, (COOKIE, "sid=secret; Domain=example.com")), OK),
        severity="warning",
        says=(f"ProxyPassReverseCookieDomain .backend.internal {PUBLIC}",),
    ),
    "cookie-secure-over-http": Check(
        (answered(BASE, 200, (COOKIE, "sid=secret; Secure")), OK),
        (answered(SECURE, 200, (COOKIE, "sid=secret; Secure")), OK), severity="info",
    ),
    "header-sent-twice": Check(
        (answered(FRAMED, 200, ("X-Frame-Options", "SAMEORIGIN")), OK),
        (answered(FRAMED, 200, ("X-Content-Type-Options", "nosniff")), OK),
        severity="warning", says=("Header unset X-Frame-Options",),
    ),
    "forwarded-header-twice": Check(
        (route(BASE, request_headers=(RequestHeader("X-Forwarded-Host", PUBLIC, at(6)),)), OK),
        (route(BASE, request_headers=(RequestHeader("X-Forwarded-Port", "443", at(6)),)), OK),
        severity="warning", says=("Take line 6 away",),
    ),
    "host-refused": Check(
        (further(answered(BASE, 400), Question.HOST, 200), REFUSED),
        (further(answered(BASE, 400), Question.HOST, 403), REFUSED), cause=True,
        says=("ProxyPreserveHost On", f"with Host {PUBLIC}: 200"),
    ),
    "double-slash-in-path": Check(
        (further(answered(mounted("/office"), 404), Question.SINGLE_SLASH, 200), OK),
        (further(answered(mounted("/office"), 404), Question.SINGLE_SLASH, 404), OK),
        severity="warning", says=(INNER,),
    ),
    "exclusion-missing": Check(
        (saying(ALIAS), OK),
        (saying(ALIAS, own("ProxyPass /static/ !", "/static/", line=1, excludes=True)), OK),
        severity="warning", says=("ProxyPass /static/ !",),
    ),
    "access-denied": Check(
        (route(BASE, barriers=(DENIED,)), KEPT_OUT),
        (BASE, OK), cause=True, says=("Require all denied", "Every such client gets 403"),
    ),
    "header-line-too-long": Check(
        (probe(BASE, http=HttpResult("GET", None, 0.01, failure="invalid",
                                     fault=AnswerFault("line-too-long", "X-Long: xxx"))), TOO_LONG),
        (probe(BASE, http=HttpResult("GET", None, 0.01, failure="invalid",
                                     fault=AnswerFault("nul", "X-Long: xxx"))), TOO_LONG),
        cause=True, says=("responsefieldsize=65536",),
    ),
    "encoded-slashes-refused": Check(
        (route(BASE, vhost=replace(BASE.route.vhost, encoded_slashes_meant=at(1))), OK),
        (BASE, OK), severity="warning", says=("AllowEncodedSlashes NoDecode",),
    ),
    "websocket-not-passed": Check(
        (further(answered(BASE, 200), Question.UPGRADE, 101), OK),
        (further(answered(BASE, 200), Question.UPGRADE, 400), OK),
        severity="warning", says=("upgrade=websocket",),
    ),
}  # fmt: skip
