"""The heart: before the patch httpd fails or is weak; after ``patch -p1`` it answers, strictly.

Real httpd, real backends, real patch. That verification is on is not read from the file but seen:
once every backend shows another certificate of the same name, no route answers any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fix.scenarios import SCENARIOS, Scenario
from tests.support import command, guarded, httpd
from tests.support.site import Backend
from wizard import config
from wizard.demo import pki
from wizard.fix import plan, policy_order
from wizard.fix.source import unified_diff
from wizard.fix.trust import select
from wizard.fix.trust.stores import Places
from wizard.model.config import Configuration, Route
from wizard.model.diagnosis import Case, Diagnosis, Finding, Outcome, Report, Verdict
from wizard.model.plan import FixChoice, FixPlan
from wizard.model.probe import ProbeReport, ProbeRequest, TcpResult, TlsResult
from wizard.x509 import parse_der, trust_material

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class World:
    """The lab after the plan was made and applied."""

    directory: Path
    hosts: Path
    port: int
    backends: dict[str, Backend]
    before: dict[str, int]
    refused: dict[str, str]
    report: Report
    plan: FixPlan


@contextmanager
def standing(directory: Path) -> Iterator[dict[str, Backend]]:
    """Running backends; directories for ``sites`` and keys, files of CAs, and ``hosts``."""
    for name in ("sites", "keys"):
        (directory / name).mkdir()
    root = pki.issue("Example Root", ca=True)
    one = pki.issue("Example Issuing 1", root, ca=True)
    two = pki.issue("Example Issuing 2", one, ca=True)
    other = pki.issue("Other Root", ca=True)
    files = {
        "anchors/example-root.pem": root.pem,
        "anchors/example-one.crt": one.der,
        "other/root.pem": root.pem,
        "other/root.der": root.der,
        "other/intermediate.pem": one.pem,
        "other/wrong.pem": other.pem,
        "other/rekeyed.pem": pki.issue("Example Root", ca=True).pem,
        "unhashed/root.pem": root.pem,
    }
    chains = {
        "direct": (root, ()),
        "via1": (one, (one,)),
        "deep": (two, (two, one)),
        "forgets": (one, ()),
        "self": (None, ()),
        "good": (other, ()),
    }
    made = {}
    for name, (issuer, sent) in chains.items():
        leaf = pki.issue(f"{name}.test", issuer, dns=[f"{name}.test"])
        made[name] = Backend(leaf, *sent)
        files[f"other/{name}.pem"] = leaf.pem
    files["other/leaf.pem"] = made["direct"].leaf.pem
    files["anchors/self.pem"] = made["self"].leaf.pem
    for path, data in files.items():
        file = directory / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    (directory / "hosts").write_text("".join(f"127.0.0.1 {name}.test\n" for name in made))
    try:
        yield made
    finally:
        for backend in made.values():
            backend.stop()


def site(scenario: Scenario, directory: Path, made: dict[str, Backend], port: int) -> str:
    values = {
        "dir": str(directory),
        "backend": scenario.backend,
        "port": str(made[scenario.backend].port),
        "good": str(made["good"].port),
    }
    text = (
        f"{scenario.before}<VirtualHost *:{port}>\n    ServerName {scenario.name}.test\n"
        f"    # as it was found\n    {scenario.body}\n</VirtualHost>{scenario.after}"
    )
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text.replace("\n", scenario.line_end)


def main_file(directory: Path, name: str, port: int, included: str) -> Path:
    file = directory / name
    file.write_text(f"{httpd.main_config(directory, [f'{httpd.LISTEN}:{port}'])}{included}\n")
    return file


def presented(backend: Backend, route: Route) -> ProbeReport:
    """What a probe of a backend of this lab observes; its chain is known."""
    chain = tuple(parse_der(c.der) for c in (backend.leaf, *backend.sent))
    request = ProbeRequest(route.backend.host, route.backend.port, True)
    tcp = TcpResult("127.0.0.1", route.backend.port, 0.0)
    return ProbeReport(request, NOW, tcp=tcp, tls=TlsResult(True, 0.0, chain=chain))


def report(configuration: Configuration, made: dict[str, Backend]) -> Report:
    """A report with the findings that the scenarios name."""
    scenarios = {f"{s.name}.test": s for s in SCENARIOS}
    by_port = {backend.port: (name, backend) for name, backend in made.items()}
    diagnoses = []
    for route in configuration.routes:
        scenario = scenarios[route.vhost.server_name or ""]
        name, backend = by_port[route.backend.port]
        slugs = scenario.slugs if name == scenario.backend else ()
        findings = tuple(Finding(s, "critical", s, (), "") for s in slugs)
        case = Case(route, trust_material.read(route.tls), presented(backend, route), NOW)
        outcome: Outcome = "fail" if slugs and not scenario.works else "ok"
        diagnoses.append(Diagnosis(case, Verdict(outcome), findings))
    return Report(configuration, tuple(diagnoses), 0.0)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with guarded.tree() as directory, standing(directory) as made:
        hosts = directory / "hosts"
        port = httpd.free_port()
        refused = {}
        for scenario in SCENARIOS:
            group = "a" if scenario.starts else "z"
            file = directory / "sites" / f"{group}-{scenario.name}.conf"
            file.write_text(site(scenario, directory, made, port))
            if not scenario.starts:
                alone = main_file(directory, "alone.conf", port, f"Include {file}")
                refused[scenario.name] = httpd.refused(alone, hosts)
        starting = main_file(directory, "starting.conf", port, "Include sites/a-*.conf")
        with httpd.running(starting, hosts):
            before = answers(port, [s for s in SCENARIOS if s.starts])
        whole = main_file(directory, "httpd.conf", port, f"Include {directory}/sites/*.conf")
        found = report(config.load(str(whole)), made)
        places = Places(local=(str(directory / "anchors"),), bundles=(), loose=())
        resolve = {f"{n}.test": frozenset({"127.0.0.1"}) for n in made}
        search = select.find(
            found, FixChoice(), places=places, resolve=lambda n: resolve.get(n, frozenset())
        )
        made_plan = plan.make(found, FixChoice(), search)
        text = unified_diff.unified(made_plan, found.configuration.files)
        command.patch(text, "--dry-run")
        command.patch(text)
        yield World(directory, hosts, port, made, before, refused, found, made_plan)


def answers(port: int, scenarios: list[Scenario]) -> dict[str, int]:
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda s: httpd.get(port, f"{s.name}.test", s.path), scenarios)
        return {s.name: answer.status for s, answer in zip(scenarios, found, strict=True)}


@pytest.fixture(scope="module")
def after(world: World) -> tuple[dict[str, int], dict[str, int]]:
    """Status of each scenario after the patch; and with impostors for backends."""
    with httpd.running(world.directory / "httpd.conf", world.hosts):
        honest = answers(world.port, list(SCENARIOS))
        for backend in world.backends.values():
            backend.impostor = True
        try:
            false = answers(world.port, list(SCENARIOS))
        finally:
            for backend in world.backends.values():
                backend.impostor = False
    return honest, false


each = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)


@each
def test_before_the_patch_it_fails_or_is_weak(world: World, scenario: Scenario) -> None:
    if not scenario.starts:
        assert world.refused[scenario.name] != ""
    elif scenario.works:
        assert world.before[scenario.name] == 200
    else:
        assert world.before[scenario.name] >= 500


@each
def test_after_the_patch_httpd_answers(
    world: World, after: tuple[dict[str, int], dict[str, int]], scenario: Scenario
) -> None:
    log = httpd.text_of(world.directory / "error.log")
    assert after[0][scenario.name] == 200, log[-3000:]


@each
def test_after_the_patch_an_impostor_is_refused(
    after: tuple[dict[str, int], dict[str, int]], scenario: Scenario
) -> None:
    assert after[1][scenario.name] >= 500


@each
def test_the_policy_in_force_is_strict(world: World, scenario: Scenario) -> None:
    configuration = config.load(str(world.directory / "httpd.conf"))
    routes = [r for r in configuration.routes if r.vhost.server_name == f"{scenario.name}.test"]
    assert routes
    for route in routes:
        assert route.tls.engine.value
        assert route.tls.verify.value == "require"
        assert route.tls.checks_name
        assert route.tls.check_peer_expire.value
        before = world.report.by_route[route.id].case.route.tls
        assert policy_order.weaker(before, route.tls, policy_order.Need(depth=3)) == ()


@each
def test_the_edits_are_where_one_would_make_them(world: World, scenario: Scenario) -> None:
    group = "a" if scenario.starts else "z"
    file = world.directory / "sites" / f"{group}-{scenario.name}.conf"
    text = file.read_bytes().decode()  # line ends as they are
    for line in scenario.expect:
        assert line in text, text
    assert "    # as it was found" in text


def test_nothing_is_left_unresolved(world: World) -> None:
    assert world.plan.unresolved == ()
    expected = {f"{s.name}.test" for s in SCENARIOS}
    assert {entry.route.server_name for entry in world.plan.resolved} == expected
