"""Redirects of the backend that lead a client where it cannot go on."""

from __future__ import annotations

from collections.abc import Sequence

from wizard import verdict
from wizard.answer import remedy
from wizard.answer.mount import mount
from wizard.answer.redirects import RedirectFault
from wizard.answer.remedy import Repaired
from wizard.answer.reverse_line import misplaced, wrong
from wizard.answer.site import has_plain_host
from wizard.answer.supposed import FORWARDED_PROTO
from wizard.answer.urls import front_scheme, own_url
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.masking.free_text import masked
from wizard.model.cure import Cure
from wizard.model.diagnosis import Case, Finding, Remedy
from wizard.model.further import Question

_SHOWN = 120
"""Characters of a Location that are shown."""
_TELLING = {
    Question.SCHEME: f"told {FORWARDED_PROTO}",
    Question.HOST: "asked with the other Host",
    Question.HOST_AND_SCHEME: f"asked with the other Host and told {FORWARDED_PROTO}",
    Question.INSIDE: "asked for that path",
}


def works(case: Case) -> bool:
    """Whether httpd passes on what a case's probe shows, to those whom it lets in."""
    found = verdict.predict(case)
    return (found.behind or found).outcome == "ok"


_WHERE = {
    "after-route": "Write beside the route",
    "before-route": "Write before the route",
    "server": "Write in the virtual host",
    "parameter": "Write at the end of the route's line",
    "url": "Write as the route's URL",
}


def lines(cures: Sequence[Cure]) -> tuple[Remedy, ...]:
    """What to write, as remedies."""
    return tuple(_line(one, then=number > 0) for number, one in enumerate(cures))


def _line(cure: Cure, *, then: bool) -> Remedy:
    where = _WHERE.get(cure.where, f"Write in the place of line {_number(cure)}")
    if not cure.line:
        return Remedy("config", f"Take line {_number(cure)} away: {cure.reason}.", then=then)
    return Remedy("config", f"{where}: {cure.reason}.", cure.line, then=then)


def _number(cure: Cure) -> int:
    return cure.replaced.line if cure.replaced is not None else 0


class RedirectRule(Rule):
    """A redirect that a client cannot follow."""

    family = "answers"
    severity = "warning"
    scope = "probe"

    def told(
        self,
        facts: Facts,
        found: RedirectFault,
        explanation: str,
        repaired: Repaired,
        others: Sequence[Remedy] = (),
        why: str = "",
    ) -> Finding:
        """The finding with what the client gets, and the further answer that proves the cure.

        Args:
            facts: of the route.
            found: what is wrong.
            explanation: all that there is to say.
            repaired: what repairs it.
            others: what helps besides, or instead.
            why: the explanation in short; empty: its first sentences.
        """
        proof = [
            f"the client gets Location: {_clipped(found.arriving.location or '')}",
            evidence.route(facts.route),
        ]
        if found.sent != found.arriving.location:
            proof.insert(0, f"the backend sends Location: {_clipped(found.sent)}")
        if repaired.proof is not None:
            proof.append(_further(repaired))
        return self.found(
            facts,
            explanation,
            proof,
            (*lines(repaired.cures), *others),
            proof=proof[:3],
            why=why,
            cures=repaired.cures,
        )

    def _check(self, facts: Facts) -> Finding | None:
        found, answer = facts.redirect, facts.answer
        if found is None or answer is None or facts.at_forward_proxy:
            return None
        if wrong(facts.case) is not None:  # the mapping is to blame, and told
            return None
        if found.kind == "leaves-mount" and misplaced(facts.case, found, answer) is not None:
            return None
        return self.of(facts, found)

    def of(self, facts: Facts, found: RedirectFault) -> Finding | None:
        """The finding, if the rule is about this fault."""
        raise NotImplementedError

    def repair_of(self, facts: Facts, found: RedirectFault) -> Repaired:
        """The lines that repair it."""
        answer = facts.answer
        if answer is None:
            return remedy.NOTHING
        return remedy.repaired(facts.case, found, answer, works)


def _clipped(text: str) -> str:
    text = masked(text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _further(repaired: Repaired) -> str:
    seen = repaired.proof
    http = seen.report.http if seen is not None else None
    if seen is None or http is None:
        return ""
    to = f", Location: {_clipped(http.location)}" if http.location else ""
    return f"{_TELLING.get(seen.question, 'asked again')}, the backend answers {http.status}{to}"


class RedirectLeaksBackend(RedirectRule):
    """The client is sent to the backend's own address."""

    slug = "redirect-leaks-backend"
    order = 10
    title = "A redirect sends the client to the backend's own address"

    def of(self, facts: Facts, found: RedirectFault) -> Finding | None:
        """See ``RedirectRule.of``."""
        if found.kind == "parameter":
            return self._in_parameter(facts, found)
        if found.kind != "leak":
            return None
        repaired = self.repair_of(facts, found)
        why = (
            "No ProxyPassReverse in force begins like this Location: httpd compares scheme, name "
            "and port as text."
            if facts.route.way_back.reverse
            else "No ProxyPassReverse is in force for this route, so httpd passes the backend's "
            "Location on as it is."
        )
        return self.told(
            facts,
            found,
            f"The backend redirects to an address that clients cannot reach, or must not know. "
            f"{why}",
            repaired,
            () if repaired.cures else (_tell_backend(facts),),
        )

    def _in_parameter(self, facts: Facts, found: RedirectFault) -> Finding:
        repaired = self.repair_of(facts, found)
        explanation = (
            f"The redirect's parameter {found.parameter!r} tells the other site to send the "
            "browser on to the backend's own address. ProxyPassReverse changes the beginning of "
            "Location, never a parameter: the application has to know the public address."
        )
        others = () if repaired.cures else (_tell_backend(facts),)
        return self.told(facts, found, explanation, repaired, others)


def _tell_backend(facts: Facts) -> Remedy:
    return Remedy(
        "backend",
        f"Tell the application its public address, {own_url(facts.route)}: it keeps it in its own "
        "configuration.",
    )


class RedirectLeavesMount(RedirectRule):
    """The redirect loses the path under which the application is mounted."""

    slug = "redirect-leaves-mount"
    order = 20
    title = "A redirect leads out of the path under which the application is mounted"

    def of(self, facts: Facts, found: RedirectFault) -> Finding | None:
        """See ``RedirectRule.of``."""
        if found.kind != "leaves-mount":
            return None
        repaired = self.repair_of(facts, found)
        place = mount(facts.route)
        explanation = (
            f"Clients find the application below {place.public}, and it redirects as if it were "
            f"at {place.base}. Nothing else that httpd serves here answers that path."
        )
        others = [
            Remedy(
                "backend",
                f"Tell the application its path, {place.public}: some take it from the header "
                "X-Forwarded-Prefix, most from their own configuration.",
            )
        ]
        finding = self.told(facts, found, explanation, repaired, others)
        if repaired.cures:
            return finding
        return self.found(
            facts,
            f"{explanation} Whether it is meant is not known: the backend does not answer that "
            "path well either.",
            finding.evidence,
            others,
            "info",
            proof=finding.proof,
        )


class RedirectLoop(RedirectRule):
    """The redirect leads to what the client asked for."""

    slug = "redirect-loop"
    order = 30
    title = "The backend redirects the client to the page it asked for, without end"

    def of(self, facts: Facts, found: RedirectFault) -> Finding | None:
        """See ``RedirectRule.of``."""
        answer = facts.answer
        if found.kind != "loop" or answer is None or remedy.ended(facts.case, answer):
            return None
        repaired = self.repair_of(facts, found)
        scheme = front_scheme(facts.route.vhost)
        explanation = (
            f"The client asks for {own_url(facts.route)} and is sent there again, until the "
            "browser gives up (ERR_TOO_MANY_REDIRECTS). The backend does not see what it asked "
            f"for: httpd asks it for {facts.backend.host_header} over "
            f"{'TLS' if facts.backend.uses_tls else 'plain HTTP'}, and the client speaks {scheme}."
        )
        why = (
            "The client is sent to where it came from, until the browser gives up. The application "
            "does not see that the client uses its public address already."
        )
        return self.told(facts, found, explanation, repaired, (_tell_backend(facts),), why)


class SchemeUnknown(RedirectRule):
    """The application believes that clients speak plain HTTP."""

    slug = "scheme-unknown-to-backend"
    order = 40
    title = "The application does not know that clients speak https"

    def of(self, facts: Facts, found: RedirectFault) -> Finding | None:
        """See ``RedirectRule.of``."""
        if found.kind != "downgrade":
            return None
        repaired = self.repair_of(facts, found)
        if not repaired.cures and has_plain_host(facts.case):
            return None  # it may be meant: something serves it
        explanation = (
            "The redirect leads to plain HTTP of the same name, in the clear and by a detour at "
            "best. httpd does not tell a backend the client's scheme by itself: "
            f"{FORWARDED_PROTO} has to be set."
        )
        return self.told(facts, found, explanation, repaired, (_tell_backend(facts),))
