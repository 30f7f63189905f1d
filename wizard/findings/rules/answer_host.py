"""Backends that refuse what httpd asks for: the Host, or a path with two slashes."""

from __future__ import annotations

from dataclasses import replace

from wizard.answer import remedy
from wizard.answer.mount import mount
from wizard.answer.questions import REFUSALS
from wizard.answer.supposed import with_other_host
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.findings.rules.redirect_faults import lines, works
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.further import Further, Question
from wizard.model.probe import HttpResult

_WELL = range(200, 400)


def _answered(facts: Facts, question: Question) -> Further | None:
    """The further answer to a question, if it is a good one."""
    for one in facts.case.further:
        http = one.report.http
        if one.question is question and http is not None and http.status in _WELL:
            return one
    return None


def _first(facts: Facts) -> HttpResult | None:
    return facts.probe.http if facts.probe is not None else None


def _status(answer: HttpResult | None) -> str:
    return f"{answer.status} {answer.reason}".rstrip() if answer is not None else ""


class HostRefused(Rule):
    """The backend answers to another Host than httpd sends."""

    slug = "host-refused"
    family = "answers"
    order = 90
    severity = "warning"
    title = "The backend refuses the Host that httpd sends, and takes the other"
    signs = Signs(stages={"http": 5, "answer": 5})
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        answer, seen = _first(facts), _answered(facts, Question.HOST)
        if answer is None or seen is None or answer.status not in REFUSALS:
            return None
        other = with_other_host(facts.route)
        if not works(replace(facts.case, route=other, probe=seen.report, further=())):
            return None
        sent, taken = facts.backend.host_header, other.backend.host_header
        cures = (remedy.other_host(facts.case),)
        proof = [
            f"with Host {sent}: {_status(answer)}",
            f"with Host {taken}: {_status(seen.report.http)}",
            evidence.route(facts.route),
        ]
        return self.found(
            facts,
            f"The application answers to the name {taken} alone. httpd sends {sent}, "
            + (
                "the client's, as ProxyPreserveHost On says. "
                if facts.route.preserve_host.value
                else "that of the URL; with ProxyPreserveHost On it sends the client's. "
            )
            + _names(facts, other.backend.sni),
            proof,
            (
                *lines(cures),
                Remedy("backend", f"Or have it accept the name {sent} (Host)."),
            ),
            proof=proof,
            cures=cures,
        )


def _names(facts: Facts, sni: str | None) -> str:
    """What the other Host does to TLS, which was tried."""
    if not facts.backend.uses_tls or sni is None:
        return "Asked so once, it answers."
    return (
        f"SNI and the name that the certificate is compared with are then {sni}, too: tried so, "
        "the backend's certificate stands, and it answers."
    )


class DoubleSlash(Rule):
    """ProxyPass whose URL ends in a slash and whose path does not."""

    slug = "double-slash-in-path"
    family = "answers"
    order = 100
    severity = "warning"
    title = "httpd asks the backend for a path with two slashes"
    signs = Signs(stages={"http": 6, "answer": 6})
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        answer, seen = _first(facts), _answered(facts, Question.SINGLE_SLASH)
        url = facts.backend.url
        if answer is None or seen is None or facts.probe is None:
            return None
        if not facts.route.kind.startswith("ProxyPass") or not url.endswith("/"):
            return None
        if facts.route.path.endswith("/") or "Match" in facts.route.kind:
            return None
        asked, single = facts.probe.request.path, seen.report.request.path
        cure = Cure("url", url.rstrip("/"), "path and URL end alike, for httpd joins them as text")
        proof = [
            f"{asked}: {_status(answer)}",
            f"{single}: {_status(seen.report.http)}",
            evidence.route(facts.route),
        ]
        public = mount(facts.route).public
        return self.found(
            facts,
            f"The URL of the route ends in a slash and its path does not, and httpd joins the rest "
            f"of the path to the URL as text: of {public} it makes {asked}.",
            proof,
            (
                *lines((cure,)),
                Remedy("backend", "Look at both answers.", shell.curl(facts), looks=True),
            ),
            proof=proof,
            cures=(cure,),
        )
