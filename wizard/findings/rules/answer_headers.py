"""Headers of an answer that come twice."""

from __future__ import annotations

from wizard.answer.repeated import cure, repeated
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.host_names import bare_name

_ADDED = frozenset({"x-forwarded-host", "x-forwarded-server"})
_HTTP = frozenset({"http", "https", "h2", "h2c"})


class HeaderSentTwice(Rule):
    """``Header always set`` beside the backend's own."""

    slug = "header-sent-twice"
    family = "answers"
    order = 80
    severity = "warning"
    scope = "probe"
    title = "The client gets a header twice of which there may be one"

    def _check(self, facts: Facts) -> Finding | None:
        answer = facts.answer
        found = repeated(facts.route, answer) if answer is not None else ()
        if not found or facts.at_forward_proxy:
            return None
        cures = tuple(cure(facts.case, one) for one in found)
        shown = [evidence.line(one.edit.source, one.edit.directive) for one in found]
        shown += [f"the backend sends {one.name} as well" for one in found]
        names = " and ".join(one.name for one in found)
        return self.found(
            facts,
            "httpd keeps two tables of headers: Header always writes into its own, the backend's "
            "are in the other, and both are sent; Header add writes beside what is there. Browsers "
            f"refuse an answer with two {names}, or take neither.",
            [*shown, evidence.route(facts.route)],
            lines(cures),
            at=found[0].edit.source,
            why="This line writes a second one beside the backend's. Browsers refuse such an "
            "answer, or take neither.",
            proof=shown[:3],
            cures=cures,
        )


class ForwardedHeaderTwice(Rule):
    """RequestHeader writes what mod_proxy adds by itself."""

    slug = "forwarded-header-twice"
    family = "answers"
    order = 85
    severity = "warning"
    title = "The backend gets a forwarded header with two values"

    def _check(self, facts: Facts) -> Finding | None:
        route = facts.route
        if not route.adds_forwarded or facts.backend.scheme not in _HTTP:
            return None
        found = [one for one in route.request_headers if one.name.lower() in _ADDED and one.value]
        if not found:
            return None
        same = [one for one in found if one.certain and one.value == _own(facts, one.name)]
        reason = "mod_proxy adds this header by itself"
        cures = tuple(Cure("instead", "", reason, one.source) for one in same)
        names = " and ".join(one.name for one in found)
        shown = [evidence.line(one.source, f"RequestHeader set {one.name}") for one in found]
        return self.found(
            facts,
            f"mod_proxy adds X-Forwarded-Host and -Server by itself, behind what is there "
            f"(ProxyAddHeaders): the backend gets {names} with two values, and many applications "
            "take none of them then.",
            [*shown, evidence.route(route)],
            lines(cures)
            or (Remedy("config", "Leave it to mod_proxy, or write ProxyAddHeaders Off."),),
            None if cures else "info",
            at=found[0].source,
            proof=shown[:3],
            why="mod_proxy adds this header by itself, behind what the line writes: the backend "
            "gets two values.",
            cures=cures,
        )


def _own(facts: Facts, name: str) -> str:
    """What mod_proxy adds."""
    route = facts.route
    server = name.lower() == "x-forwarded-server"
    return bare_name(route.vhost.server_name or "") if server else route.client_host
