"""What a rule of the catalogue is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from wizard.findings import commands, evidence
from wizard.findings.facts import Facts
from wizard.findings.table import TABLE, Family
from wizard.model.config import Problem
from wizard.model.diagnosis import BestPractice, Finding, Remedy, Severity

Scope = Literal["route", "tls", "engine", "probe", "leaf"]
"""What a rule needs to look at: any ``route``; one whose backend speaks ``tls``; one whose
``engine`` is on too; one that was asked by a ``probe``; one whose certificate was seen (``leaf``,
with the engine on)."""


class Rule:
    """One fault: what it is called, how bad it is, how it is recognised, what helps.

    The page about it is ``texts/SLUG.md``. Subclasses set ``slug``, ``scope`` and ``_check``; the
    rest comes from the table.
    """

    slug: ClassVar[str] = ""
    scope: ClassVar[Scope] = "route"
    explains: ClassVar[bool] = False
    """Whether it explains the symptom of a failing route: of these, the first that fits (in the
    order of ``causes``) is reported, and no other."""
    family: ClassVar[Family]
    severity: ClassVar[Severity]
    best_practice: ClassVar[BestPractice | None]
    title: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if cls.slug:
            cls.family, cls.severity, cls.best_practice, cls.title = TABLE[cls.slug]

    def __init__(self) -> None:
        self.check = self._check  # bound once: it is called for every route
        """The finding, if the rule applies to the facts; else None."""

    def _check(self, facts: Facts) -> Finding | None:
        raise NotImplementedError

    def found(
        self,
        facts: Facts,
        explanation: str,
        shown: Iterable[str] = (),
        remedies: Iterable[Remedy] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """The finding, with the connection it is about as last evidence."""
        lines = list(shown)
        if facts.backend.uses_tls:
            lines.append(evidence.connection(facts))
        return Finding(
            self.slug,
            severity or self.severity,
            self.title,
            tuple(lines),
            explanation,
            self.best_practice,
            tuple(remedies),
        )

    def of_problem(self, facts: Facts, problem: Problem) -> Finding:
        """The finding for a problem of the configuration, wherever it stands.

        Args:
            facts: of the route that it keeps from working.
            problem: as the reader or the start-up check met it.
        """
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        when = (
            "httpd does not start or reload with this configuration"
            if problem.stage == "config"
            else "The configuration test passes, but httpd ends when it starts or reloads"
        )
        hint = (problem.hint or "Correct the line").rstrip(".")
        return Finding(
            self.slug,
            "critical",
            self.title,
            (f"{place}  {problem.directive or problem.message}",),
            f"{when}, so no route of it works: {problem.message.rstrip('.')}.",
            self.best_practice,
            (Remedy("config", f"{place}: {hint}."), _test(facts, problem)),
        )


def _test(facts: Facts, problem: Problem) -> Remedy:
    if problem.stage == "config":
        test = facts.case.httpd.service.configtest
        return Remedy("config", "Test it before you reload: httpd names one error a run.", test)
    return Remedy(
        "config",
        "httpd's own test does not see this kind of fault. Before you reload, check again.",
        commands.check(facts),
    )
