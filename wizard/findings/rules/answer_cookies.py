"""Cookies of the backend that a browser does not send back (RFC 6265)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from wizard.answer import cookie_faults
from wizard.answer.cookie_faults import CookieFault, Kind
from wizard.answer.mount import mount
from wizard.answer.urls import bare_host
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.diagnosis import Finding, Remedy, Severity

_SHOWN = 3


class CookieRule(Rule):
    """A kind of fault of cookies."""

    family = "answers"
    severity: ClassVar[Severity] = "warning"
    scope = "probe"
    kind: ClassVar[Kind]

    def _check(self, facts: Facts) -> Finding | None:
        answer = facts.answer
        if answer is None or facts.at_forward_proxy or not answer.cookies:
            return None
        found = [one for one in cookie_faults.faults(facts.case, answer) if one.kind == self.kind]
        return self.of(facts, found) if found else None

    def of(self, facts: Facts, found: list[CookieFault]) -> Finding:
        """The finding."""
        raise NotImplementedError

    def told(
        self, facts: Facts, found: list[CookieFault], explanation: str, others: Iterable[Remedy]
    ) -> Finding:
        """The finding for cookies, of which the names are shown alone."""
        cures = tuple(dict.fromkeys(one.cure for one in found if one.cure is not None))
        shown = [f"the client gets the cookie {one.name} with {_said(one)}" for one in found]
        proof = [*shown[: _SHOWN - 1], evidence.route(facts.route)]
        return self.found(
            facts,
            explanation,
            [*shown, evidence.route(facts.route)],
            (*lines(cures), *others),
            proof=proof,
            cures=cures,
        )


def _said(found: CookieFault) -> str:
    return found.value if found.kind == "secure" else f"{found.kind.title()}={found.value}"


class CookiePath(CookieRule):
    """A cookie for the backend's own path."""

    slug = "cookie-path-outside-mount"
    order = 60
    title = "A cookie is for a path that clients never ask for"
    kind = "path"

    def of(self, facts: Facts, found: list[CookieFault]) -> Finding:
        """See ``CookieRule.of``."""
        return self.told(
            facts,
            found,
            f"Clients find the application below {mount(facts.route).public}, so a browser keeps "
            f"this cookie and never sends it back: every request begins a new session. "
            "ProxyPassReverse changes no cookies.",
            (),
        )


class CookieDomain(CookieRule):
    """A cookie for the backend's own name."""

    slug = "cookie-domain-of-backend"
    order = 70
    title = "A cookie is for the backend's own name"
    kind = "domain"

    def of(self, facts: Facts, found: list[CookieFault]) -> Finding:
        """See ``CookieRule.of``."""
        host = bare_host(facts.route.client_host)
        return self.told(
            facts,
            found,
            f"A browser takes no cookie for another domain than the one it asked, {host}: it "
            "drops this one, and the login is lost.",
            [Remedy("backend", "Or have the application set no Domain: then it fits every name.")],
        )


class CookieSecure(CookieRule):
    """A cookie for TLS alone where clients speak plain HTTP."""

    slug = "cookie-secure-over-http"
    order = 75
    severity = "info"
    title = "A cookie is for https alone, and this virtual host speaks plain HTTP"
    kind = "secure"

    def of(self, facts: Facts, found: list[CookieFault]) -> Finding:
        """See ``CookieRule.of``."""
        return self.told(
            facts,
            found,
            "A browser that speaks plain HTTP drops such a cookie. Nothing is wrong where "
            "something before httpd ends TLS, which no configuration of httpd shows.",
            [Remedy("config", "Serve the application over https (SSLEngine on).")],
        )
