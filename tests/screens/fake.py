"""An engine of fixed values: no file, no backend, no httpd, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from screens.app import WizardApp
from tests.cli.samples import CERTIFICATE, FAILING, FILE, FINDING, NOW, PROBE, ROUTE, report
from wizard.change.journal import Held
from wizard.engine.engine import Engine
from wizard.errors import WizardError
from wizard.fix.source.unified_diff import between
from wizard.model.change import (
    Change,
    ChangedFile,
    Command,
    Deployed,
    DeployStep,
    Holder,
    LiveCheck,
    Waiting,
)
from wizard.model.config import Configuration, Problem, Route, Setting, Source, SourceFile
from wizard.model.diagnosis import Case, Diagnosis, Report
from wizard.model.permission import Allowed
from wizard.model.plan import (
    Authorities,
    Candidate,
    Edit,
    FixChoice,
    FixPlan,
    NewFile,
    Repair,
    Resolved,
    TrustChoice,
    Unresolved,
)
from wizard.model.probe import ProbeReport
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run
from wizard.model.remark import Point, as_told, remark
from wizard.model.scope import Scope

SITE = b"""# the shop
Listen 443
<VirtualHost *:443>
    ServerName app.example.com
    SSLProxyEngine on
    SSLProxyVerify require
    ProxyPreserveHost Off
    # the backend of the ERP
    ProxyPass / https://backend.internal:8443/
</VirtualHost>
"""
RESTORING = between(
    FILE,
    SITE,
    b"# the shop\nListen 443\n<VirtualHost *:443>\n    ServerName app\n" + SITE.split(b"Off\n")[1],
)
BUNDLE = "/etc/apache2/proxy-trust/backend.internal.pem"
ROOT = replace(
    CERTIFICATE,
    subject="CN=Corp Root,O=Corp",
    issuer="CN=Corp Root,O=Corp",
    common_names=("Corp Root",),
    dns_names=(),
    sha256="cd" * 32,
    is_ca=True,
    subject_der=b"root",
    issuer_der=b"root",
)
LEAF = replace(
    CERTIFICATE,
    subject="CN=backend.internal",
    issuer="CN=Corp Root,O=Corp",
    dns_names=("backend.internal",),
    subject_der=b"leaf",
    issuer_der=b"root",
)
assert PROBE.tls is not None
PROBED = replace(
    PROBE,
    tls=replace(PROBE.tls, chain=(LEAF, ROOT), client_ca_names=(), without_sni=LEAF),
    http=replace(PROBE.http, server="nginx") if PROBE.http else None,
)
CAUSE = replace(
    FINDING,
    evidence=(f"{FILE}:6  SSLProxyVerify require", "trusted: nothing"),
    explanation="The chain leads to CN=Corp Root,O=Corp, which httpd does not trust.",
    place=f"{FILE}:6",
    proof=(f"{FILE}:6  SSLProxyVerify require",),
    why="httpd does not trust the root.",
)
WEAK = replace(
    FINDING,
    slug="log-level-hides-cause",
    severity="info",
    title="The log hides the cause",
    evidence=("default  LogLevel warn",),
    explanation="AH02276 is logged at level info.",
    remedies=(),
)
AUTHORITIES = (
    Candidate(ROOT, "/usr/local/share/ca-certificates/corp.crt", ""),
    Candidate(
        replace(ROOT, sha256="ce" * 32),
        "/usr/local/share/ca-certificates/corp-2019.crt",
        "has the right name, but another key",
    ),
)
PLAN = FixPlan(
    "production",
    edits=(
        Edit(
            FILE,
            7,
            6,
            (b"    SSLProxyCACertificateFile " + BUNDLE.encode() + b"\n",),
            "httpd trusts no CA for backends unless this file names it",
        ),
    ),
    new_files=(NewFile(BUNDLE, b"# Trust\n", "the CA that signed the backend's chain"),),
    resolved=(Resolved(ROUTE.id, "ca-not-trusted"),),
    trust=(
        TrustChoice(
            (ROOT,),
            "/etc/ssl/corp.pem",
            remark(Point.FOUND_HERE, where="beside the site", file="/etc/ssl/corp.pem"),
        ),
    ),
    notes=(as_told("Every backend of the virtual host is now verified against this CA."),),
)
NO_CA = FixPlan(
    "production",
    unresolved=(
        Unresolved(
            ROUTE.id,
            CAUSE,
            remark(Point.NO_CA_FOUND, issuer="CN=Corp Root", places=("/etc/ssl",), files=3),
            needs_choice=True,
        ),
    ),
    notes=(remark(Point.PRESENTED_BY_BACKEND, subject="CN=Corp Root", sha256=ROOT.sha256),),
)
KEPT_OUT = tuple(Impostor(pretence, Reception.REFUSED) for pretence in Pretence)
REHEARSAL = Rehearsal(
    ROUTE.id,
    "app.example.com",
    "/",
    Run(
        True,
        status=500,
        log=("[ssl:info] AH02276: Certificate Verification: Error (20)",),
        codes=("AH02276",),
        certificates=("CN=backend.internal",),
        impostors=KEPT_OUT,
    ),
    Run(
        True,
        status=200,
        backend_status=200,
        proxied=True,
        certificates=("CN=backend.internal",),
        impostors=KEPT_OUT,
    ),
    notes=("LogLevel is info.",),
)
CHANGE = Change(
    "20261124-120000-0001",
    "2026-11-24T12:00:00Z",
    "applied",
    "/etc/apache2/apache2.conf",
    ("app.example.com /: ca-not-trusted",),
    (ChangedFile(FILE, "00", "11"), ChangedFile(BUNDLE, None, "22")),
)


def configuration(routes: int = 2) -> Configuration:
    """A site with some routes; the second works."""
    policy = replace(ROUTE.tls, check_peer_name=Setting(True, Source(FILE, 6)))
    first = replace(ROUTE, tls=policy, request_url=ROUTE.backend.url)
    more = (
        replace(first, id=replace(first.id, path=path), path=path)
        for path in (f"/app{number}/" for number in range(1, routes))
    )
    return replace(
        report().configuration,
        routes=(first, *more),
        problems=(Problem(FILE, 12, "Config variable ${X} is not defined", "warning", "AH00111"),),
        files={FILE: SourceFile(FILE, FILE, SITE)},
    )


class FakeEngine(Engine):
    """Answers at once, and remembers what it was asked.

    Args:
        routes: number of routes.
        plan: what a repair gives.
    """

    def __init__(self, routes: int = 2, plan: FixPlan = PLAN) -> None:
        super().__init__()
        self.configuration = configuration(routes)
        self.plan = plan
        self.probe: ProbeReport = PROBED
        self.asked: list[tuple[str, Any]] = []
        self.rehearsals: tuple[Rehearsal, ...] = (REHEARSAL,)
        self.made: list[Change] = []
        self.unfinished: Change | None = None
        self.refusal: WizardError | OSError | None = None

    def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
        self.asked.append(("load", self.scope))
        return self.configuration

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        """The first route fails, others work."""
        case = Case(route, FAILING.case.trust, self.probe, NOW)
        if index == 0:
            return Diagnosis(case, FAILING.verdict, (CAUSE, WEAK))
        return Diagnosis(case, replace(FAILING.verdict, outcome="ok", stage=None, status=200))

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        *,
        found: Callable[[int, Diagnosis], None] | None = None,
        began: float | None = None,
    ) -> Report:
        assert routes is not None
        self.asked.append(("diagnose", [route.request_path for route in routes]))
        places = {route.id: number for number, route in enumerate(configuration.routes)}
        made = tuple(self.diagnosis(route, places[route.id]) for route in routes)
        return Report(configuration, made, 0.5)

    def repair(self, choice: FixChoice) -> Repair:
        self.asked += [("repair", choice), ("target", self.scope.target)]
        if self.refusal is not None:
            raise self.refusal
        before = Report(self.configuration, (self.diagnosis(ROUTE, 0),), 0.5)
        return Repair(before, self.plan, None if self.plan.is_empty else before)

    def authorities(self, case: Case, configuration: Configuration) -> Authorities:
        self.asked.append(("authorities", case.route.path))
        return Authorities(AUTHORITIES)

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        self.asked.append(("rehearse", asked and asked.path))
        if self.refusal is not None:
            raise self.refusal
        return self.rehearsals

    @contextmanager
    def locked(
        self, command: Command, waiting: Callable[[Holder, float], None] = lambda *_: None
    ) -> Iterator[Held]:
        yield Held(Path("/nowhere"))

    def deploy(
        self,
        held: Held,
        repair: Repair,
        allowed: Allowed,
        *,
        asked: Route | None = None,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        self.asked.append(("deploy", repair.plan))
        step("write")
        step("test")
        step("reload")
        if self.refusal is not None:
            raise self.refusal
        self.made.append(CHANGE)
        looks = (LiveCheck(asked or ROUTE, "127.0.0.1", 443, 200),)
        return self.ends(Deployed(CHANGE, looks=looks), step)

    def ends(self, done: Deployed, step: Callable[[DeployStep | Waiting], None]) -> Deployed:
        """How a change, or taking it back, ends: for engines with which it ends otherwise."""
        return done

    def listed(self) -> list[tuple[Change, Holder | None]]:
        return [(change, None) for change in self.made]

    def interrupted(self, held: Held | None = None) -> Change | None:
        return self.unfinished

    def restoring(self, change: Change) -> tuple[bytes, dict[str, bytes]]:
        return RESTORING, {FILE: SITE}

    def roll_back(
        self,
        held: Held,
        change: Change,
        *,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        self.asked.append(("roll back", change.id))
        self.made[:] = [replace(change, state="undone")]
        return self.ends(Deployed(self.made[0]), step)

    def finish(
        self,
        held: Held,
        change: Change,
        *,
        graceful: bool = True,
        step: Callable[[DeployStep | Waiting], None] = lambda _: None,
    ) -> Deployed:
        self.asked.append(("finish", change.id))
        self.made[:] = [replace(change, state="applied")]
        return Deployed(self.made[0])


def app(engine: Engine | None = None, *, encoding: str = "utf-8") -> WizardApp:
    """The wizard on the fixed engine."""
    wizard = WizardApp(Scope(path="/etc/apache2"), encoding=encoding, engine=engine or FakeEngine())
    wizard.animation_level = "none"
    return wizard
