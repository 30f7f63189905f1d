"""A ProxyPassReverse that maps the backend's redirects wrongly."""

from __future__ import annotations

from wizard.answer import reverse_line
from wizard.answer.reverse_line import Wrong
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.diagnosis import Finding

_WHY = {
    "doubles": "its path ends in a slash and its URL does not: a redirect to {url}/login becomes "
    "{path}/login, with two slashes",
    "joins": "its URL ends in a slash and its path does not: a redirect to {url}login becomes "
    "{path}login, joined to one word",
    "base": "its URL has another path of the backend than the route has: a redirect keeps a part "
    "of the backend's path, or loses one",
    "expression": "it stands in <LocationMatch>, and httpd writes the expression itself into the "
    "redirect",
    "foreign": "its URL is a path, which fits every absolute URL of any host as well: a redirect "
    "to another site, a login provider's too, leads here instead",
    "order": "it fits before the one that is right, since httpd takes the first that fits, and "
    "leads out of the application",
}


class ReverseMappingWrong(Rule):
    """ProxyPassReverse in LocationMatch, with a slash too many or too few, in the wrong order."""

    slug = "reverse-mapping-wrong"
    family = "answers"
    order = 50
    severity = "warning"
    title = "A ProxyPassReverse makes wrong redirects"

    def _check(self, facts: Facts) -> Finding | None:
        wrong = reverse_line.wrong(facts.case)
        found, answer = facts.redirect, facts.answer
        if wrong is None and found is not None and answer is not None:
            out = found.kind == "leaves-mount"
            wrong = reverse_line.misplaced(facts.case, found, answer) if out else None
        if wrong is None and answer is not None and answer.location is not None:
            wrong = reverse_line.foreign(facts.case, answer.location)
        return self._of(facts, wrong) if wrong is not None else None

    def _of(self, facts: Facts, wrong: Wrong) -> Finding:
        mapping = wrong.mapping
        why = _WHY[wrong.kind].format(url=mapping.url, path=mapping.path)
        line = evidence.line(mapping.source, mapping.directive)
        return self.found(
            facts,
            f"This line changes the redirects of the backend: {why}.",
            [line, evidence.route(facts.route)],
            lines((wrong.cure,)),
            at=mapping.source,
            proof=[line],
            cures=(wrong.cure,),
        )
