"""What a rule of the catalogue is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple

from wizard.findings import evidence, shell
from wizard.findings.entry import Family, Trait
from wizard.findings.facts import Facts
from wizard.findings.reissue import Kind
from wizard.masking import lines as masking
from wizard.model.config import Problem, Source
from wizard.model.cure import Cure
from wizard.model.diagnosis import BestPractice, Finding, Remedy, Severity, Stage, Where

Scope = Literal["route", "tls", "engine", "probe", "leaf"]
"""What a rule needs to look at: any ``route``; one whose backend speaks ``tls``; one whose
``engine`` is on too; one that was asked by a ``probe``; one whose certificate was seen (``leaf``,
with the engine on)."""
Symptom = Stage | Literal["answer"]
"""The stage at which a route fails; ``answer``: none, but the backend answers with an error."""
Take = Literal["plan", "leave", "temporary", ""]


class Signs(NamedTuple):
    """What a failure looks like that a rule can explain.

    Args:
        stages: the symptoms for which the rule is asked, each with its place among the rules
            that are: the smallest number is asked first.
        verify_errors: numbers of OpenSSL's verify errors (X509_V_ERR_*) that point to it,
            separated by blanks. ``20/2``: another finding is a likelier cause of 20, this the
            second.
        log_codes: httpd's log codes that point to it, written like these: ``AH01114 AH00957/2``.
        alerts: numbers of TLS alerts of the backend that point to it, written so, too.
    """

    stages: Mapping[Symptom, int] = MappingProxyType({})
    verify_errors: str = ""
    log_codes: str = ""
    alerts: str = ""


def places(words: str) -> dict[str, int]:
    """The codes of a field of ``Signs``, each with its place from 1."""
    split = (word.partition("/") for word in words.split())
    return {code: int(place or 1) for code, _, place in split}


class Repairability(NamedTuple):
    """Who can repair a fault, and how.

    Args:
        actor: who can act; it is the administrator of httpd unless the rule says otherwise.
        traits: what resolves it, and what it keeps from being resolved.
        reissue: what only the other side can have issued anew; empty: nothing.
        reason: why no configuration repairs it then.
        leavable: repaired by configuration, but the operator may leave it to the backend's side.
        there: what the backend's side does about one that is left to it.
        or_reissue: why a new certificate repairs one that is left as well.
    """

    actor: Where = "config"
    traits: tuple[Trait, ...] = ()
    reissue: Kind = ""
    reason: str = ""
    leavable: bool = False
    there: Remedy | None = None
    or_reissue: str = ""


class Alternative(NamedTuple):
    """One of several ways to repair a fault, with what speaks for and against it.

    Left to itself the plan takes the way that needs no one else and weakens no check; an operator
    may prefer another for reasons that no configuration shows.

    Args:
        title: what is done.
        good: what speaks for it.
        bad: what speaks against it.
        take: how it is chosen: ``plan`` the way that a plan takes where it can, ``leave`` have the
            backend's side repair it, ``temporary`` the row of the table for tests; empty: nothing
            that the wizard can do.
    """

    title: str
    good: str
    bad: str
    take: Take = ""


class Rule:
    """One fault: what it is called, how bad it is, how it is recognised, what helps.

    All that is known of it stands here, but for its page (``texts/SLUG.md``). A class with a
    ``slug`` in a module of ``wizard.findings.rules`` is part of the catalogue.
    """

    slug: ClassVar[str] = ""
    family: ClassVar[Family]
    """What it is about."""
    order: ClassVar[int]
    """Its place within its family where findings are listed, the smallest number first."""
    severity: ClassVar[Severity] = "critical"
    """Unless the rule says otherwise for a case; on a route that works nothing is worse than a
    warning."""
    best_practice: ClassVar[BestPractice | None] = None
    """Row of the best-practice table that it is measured by."""
    title: ClassVar[str]
    """One line, no full stop."""
    scope: ClassVar[Scope] = "route"
    explains: ClassVar[bool] = False
    """Whether it explains the symptom of a failing route: of these, the first that fits (in the
    order of ``signs``) is reported, and no other."""
    signs: ClassVar[Signs] = Signs()
    repair: ClassVar[Repairability] = Repairability()
    alternatives: ClassVar[tuple[Alternative, ...]] = ()
    """The ways to repair it where there are several, the one to prefer first."""
    verify_errors: ClassVar[frozenset[int]] = frozenset()
    """The numbers of ``signs.verify_errors``."""

    def __init_subclass__(cls) -> None:
        cls.verify_errors = frozenset(map(int, places(cls.signs.verify_errors)))

    def __init__(self) -> None:
        self.check = self._check  # bound once: it is called for every route
        """The finding, if the rule applies to the facts; else None."""

    def _check(self, facts: Facts) -> Finding | None:
        raise NotImplementedError

    def also(self, facts: Facts) -> Iterable[Finding]:  # noqa: ARG002 -- a rule may override it
        """The other causes that look like this one: asked where the rule gave the cause.

        Args:
            facts: of the route that fails.
        """
        return ()

    def found(
        self,
        facts: Facts,
        explanation: str,
        shown: Iterable[str] = (),
        remedies: Iterable[Remedy] = (),
        severity: Severity | None = None,
        *,
        at: Source | None = None,
        proof: Iterable[str] = (),
        why: str = "",
        cures: Iterable[Cure] = (),
    ) -> Finding:
        """The finding, with the connection it is about as last evidence.

        Args:
            facts: of the route.
            explanation: all that there is to say.
            shown: the evidence.
            remedies: the best first.
            severity: None: the rule's.
            at: the line to edit; None: the first that the evidence names, else the route's.
            proof: the lines, three at most, that prove it at a glance; none: the first of the
                evidence that are not about the certificate as a whole.
            why: the explanation in one or two sentences; empty: its first two.
            cures: the lines that repair it, all together.
        """
        lines = list(shown)
        brief = tuple(proof) or evidence.brief(lines)
        if facts.backend.uses_tls:
            lines.append(evidence.connection(facts))
        return Finding(
            self.slug,
            severity or self.severity,
            self.title,
            evidence=tuple(lines),
            explanation=explanation,
            best_practice=self.best_practice,
            remedies=tuple(remedies),
            place=str(at) if at else evidence.place(brief) or str(facts.route.source),
            proof=tuple(evidence.clipped(line, evidence.LONGEST_PROOF) for line in brief),
            why=why or evidence.first_sentences(explanation),
            cures=tuple(cures),
        )

    def of_problem(self, facts: Facts, problem: Problem) -> Finding:
        """The finding for a problem of the configuration, wherever it stands.

        Args:
            facts: of the route that it keeps from working.
            problem: as the reader or the start-up check found it.
        """
        when = (
            "httpd does not start or reload with this configuration"
            if problem.phase == "config"
            else "The configuration test passes, but httpd ends when it starts or reloads"
        )
        hint = (problem.hint or "Correct the line").rstrip(".")
        (directive,) = masking.configuration([problem.directive])
        return Finding(
            self.slug,
            "critical",
            self.title,
            evidence=(f"{problem.place}  {directive or problem.message}",),
            explanation=f"{when}, so no route of it works: {problem.message.rstrip('.')}.",
            best_practice=self.best_practice,
            remedies=(Remedy("config", f"{problem.place}: {hint}."), _test(facts, problem)),
            place=problem.place,
            proof=(f"{problem.place}  {directive or problem.message}",),
            why=f"{when}: {problem.message.rstrip('.')}." if directive else f"{when}.",
        )


def _test(facts: Facts, problem: Problem) -> Remedy:
    if problem.phase == "config":
        test = facts.case.httpd.service.configtest
        text = "Test it before you reload: httpd names one error a run."
        return Remedy("config", text, test, then=True)
    return Remedy(
        "config",
        "httpd's own test does not see this kind of fault. Before you reload, check again.",
        shell.check(facts),
        then=True,
    )
