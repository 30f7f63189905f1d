"""Headers of an answer that come twice."""

from __future__ import annotations

from wizard.answer.repeated import cure, repeated
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.diagnosis import Finding


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
