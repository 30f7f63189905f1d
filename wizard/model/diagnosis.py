"""What httpd does with a route, why, and what can be done about it."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal

from wizard.model.balancer import BalancerVerdict
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Configuration, Problem, Route, VirtualHost
from wizard.model.cure import Cure
from wizard.model.further import Further
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import ProbeReport
from wizard.model.remedy import Remedy as Remedy
from wizard.model.remedy import Where as Where
from wizard.model.route_id import RouteId
from wizard.model.scope import Assumed, HttpdChoice, Scope
from wizard.record import record

Outcome = Literal["ok", "fail", "unknown"]
Stage = Literal[
    "config",
    "start",
    "access",
    "rewrite",
    "route",
    "dns",
    "connect",
    "tls",
    "verify",
    "name",
    "expiry",
    "http",
]
Severity = Literal["critical", "warning", "info"]
BestPractice = Literal["internal-ca", "production", "temporary", "long-term"]


@record
class Site:
    """What else the same httpd serves.

    Args:
        virtual_hosts: of the configuration, the main server first.
        routes: those of the case's virtual host, and of the main server.
    """

    virtual_hosts: tuple[VirtualHost, ...] = ()
    routes: tuple[Route, ...] = ()


_ALONE = Site()


@record
class Case:
    """Everything that decides a verdict and its findings: plain values only.

    Args:
        route: the route.
        trust: contents of the files that its policy names.
        probe: what was observed, None when nothing was probed.
        now: the moment of the decision, UTC, with timezone.
        httpd: version and loaded modules.
        problems: of the whole configuration, start-up problems included.
        partial: the server level is unknown (a lone virtual host file).
        config: the configuration as it was named on the command line; None: the installed one.
        defines: names for httpd's ``-D`` that it was read with.
        choice: the operator's choice of httpd.
        assumed: names that were looked up as if they led to these addresses.
        fatal: problems that end the server that runs at its next reload; they are no route's own,
            and one route of a run has them.
        further: what further requests showed, where the first answer asked for them.
        site: what else is served, for what a redirect or a path outside the route means.
        leads_to_file: a redirect of the answer leads to a file of the document root.
    """

    route: Route
    trust: TrustMaterial
    probe: ProbeReport | None
    now: datetime
    httpd: HttpdInfo = HttpdInfo()
    problems: tuple[Problem, ...] = ()
    partial: bool = False
    config: str | None = None
    defines: tuple[str, ...] = ()
    choice: HttpdChoice = HttpdChoice()
    assumed: tuple[Assumed, ...] = ()
    fatal: tuple[Problem, ...] = ()
    further: tuple[Further, ...] = ()
    site: Site = field(default=_ALONE, repr=False)
    leads_to_file: bool = False


@record
class OpenSSLError:
    """A certificate verification error (X509_V_ERR_*) with OpenSSL 3.0's text."""

    code: int
    text: str


@record
class LogLine:
    """A line that httpd writes to its error log for this request."""

    code: str | None
    module: str
    """Whose LogLevel counts: ssl, proxy, proxy_http, core …"""
    level: str
    text: str
    shown: bool
    """Whether the configured LogLevel lets it through."""
    instead_of: str | None = None
    """The code that LogLevel info shows instead (AH02276 for AH02039)."""


@record
class Verdict:
    """What httpd does with a request to the route."""

    outcome: Outcome
    stage: Stage | None = None
    """The stage that fails; None when none does or nothing is known."""
    status: int | None = None
    """What the client of httpd gets."""
    log: tuple[LogLine, ...] = ()
    """In httpd's order: its lines at LogLevel info, and those at the configured one instead."""
    openssl: OpenSSLError | None = None
    reason: str = ""
    """One sentence: why. For ``unknown``: why it is not known."""
    behind: Verdict | None = None
    """At the stages ``access`` and ``rewrite``: what httpd does with a request that gets past."""

    @property
    def answers_itself(self) -> bool:
        """Whether httpd answers every client by itself, before it asks the backend."""
        return self.stage in ("access", "rewrite")

    @property
    def ah_codes(self) -> tuple[str, ...]:
        """Every AH code, in the order of the log at LogLevel info."""
        return tuple(line.instead_of or line.code for line in self.log if line.code)

    @property
    def ah_codes_at_log_level(self) -> tuple[str, ...]:
        """Those that the configured LogLevel shows, or shows instead."""
        return tuple(line.code for line in self.log if line.code and line.shown)


@record
class Finding:
    """One fault of the catalogue, found in one route."""

    slug: str
    severity: Severity
    title: str
    evidence: tuple[str, ...]
    """The lines (``FILE:LINE  directive``) and certificate fields that show it."""
    explanation: str
    best_practice: BestPractice | None = None
    remedies: tuple[Remedy, ...] = ()
    place: str = ""
    """``FILE:LINE`` of the line to edit; empty: none of this configuration."""
    proof: tuple[str, ...] = ()
    """The lines, three at most, that prove it at a glance; written like ``evidence``."""
    why: str = ""
    """The explanation in one or two sentences."""
    cures: tuple[Cure, ...] = ()
    """The lines that repair it, all together; empty: see ``remedies``."""


@record
class Diagnosis:
    """A route with all that is known of it; the first finding of a failing one is the cause."""

    case: Case
    verdict: Verdict
    findings: tuple[Finding, ...] = ()

    @property
    def reached(self) -> Verdict:
        """The verdict for a request that reaches the backend, whatever httpd answers itself."""
        return self.verdict.behind or self.verdict

    @property
    def severity(self) -> Literal["ok", "warning", "critical", "unknown"]:
        """How the route counts in the summary and in the exit code."""
        if self.verdict.outcome == "fail":
            return "critical"
        if any(f.severity == "critical" for f in self.findings):
            return "critical"
        if self.verdict.outcome == "unknown":
            return "unknown"
        return "warning" if any(f.severity == "warning" for f in self.findings) else "ok"

    @property
    def sentence(self) -> str:
        """The verdict in a sentence: what the client of httpd gets, and why. Not yet escaped."""
        verdict = self.verdict
        if verdict.outcome == "fail":
            status = f"The client of httpd gets {verdict.status}: " if verdict.status else ""
            return f"{status}{verdict.reason}"
        if verdict.outcome == "unknown":
            return verdict.reason or "What httpd does here could not be determined."
        answered = f"The client of httpd gets {verdict.status}." if verdict.status else "It works."
        return f"{answered} {verdict.reason}".rstrip()


@record
class Report:
    """One run of check."""

    configuration: Configuration
    diagnoses: tuple[Diagnosis, ...]
    seconds: float
    probed: bool = True
    scope: Scope = Scope()
    """What the run was about."""
    balancers: tuple[BalancerVerdict, ...] = ()
    """What clients get of each balancer whose members are all among the diagnoses."""

    @property
    def by_route(self) -> dict[RouteId, Diagnosis]:
        """The diagnosis of each route."""
        return {diagnosis.case.route.id: diagnosis for diagnosis in self.diagnoses}
