"""A wide route that takes what its virtual host means to answer itself."""

from __future__ import annotations

from wizard.answer.swallowed import swallowed
from wizard.answer.written import quoted
from wizard.config.syntax.words import split_words
from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.redirect_faults import lines
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding


class ExclusionMissing(Rule):
    """An Alias, a Redirect or a handler below a wide ProxyPass."""

    slug = "exclusion-missing"
    family = "answers"
    order = 110
    severity = "warning"
    title = "The route takes paths that other lines mean to answer"

    def _check(self, facts: Facts) -> Finding | None:
        found = swallowed(facts.case)
        if not found:
            return None
        cures = tuple(
            Cure(
                "before-route",
                f"ProxyPass {quoted(one.path)} !",
                f"{split_words(one.directive)[0].lstrip('<')} answers it",
            )
            for one in found
        )
        shown = [evidence.line(one.source, one.directive) for one in found]
        paths = ", ".join(one.path for one in found[:3])
        return self.found(
            facts,
            f"ProxyPass comes before Alias, Redirect and handlers: requests for {paths} go to the "
            "backend, and these lines do nothing. An exclusion before the wide route leaves them "
            "to httpd.",
            [*shown, evidence.route(facts.route)],
            lines(cures),
            at=facts.route.source,
            proof=[*shown[:2], evidence.route(facts.route)],
            why="ProxyPass comes before Alias, Redirect and handlers: the requests go to the "
            "backend, and these lines do nothing.",
            cures=cures,
        )
