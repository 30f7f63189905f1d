"""The engine's door: what it holds, and which routes it rehearses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site, standing_at_address
from wizard.engine import gate
from wizard.engine.engine import Engine
from wizard.errors import StoppedError
from wizard.model.permission import Consent, Reason, Refused
from wizard.model.plan import Edit, FixChoice, FixPlan, Repair, Resolved
from wizard.model.progress import Progress
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

NOW = datetime(2031, 5, 1, tzinfo=UTC)


def test_another_run_keeps_clock_and_resolver_and_nothing_else() -> None:
    resolver = FixedResolver({})
    stop = threading.Event()
    engine = Engine(
        Scope("/a"), now=NOW, resolver=resolver, progress=print, observe=print, stop=stop
    )
    other = engine.about(Scope("/b"))
    assert (other.scope.path, other.now, other.resolver) == ("/b", NOW, resolver)
    assert (other.progress, other.observe, other.stop.is_set()) == (None, None, False)
    assert other.stop is not stop
    assert (engine.scope.path, engine.progress, engine.stop) == ("/a", print, stop)
    assert engine.about().scope == engine.scope


def test_a_log_is_read_until_it_is_stopped() -> None:
    engine = Engine()

    def endless() -> Iterator[str]:
        yield "AH02276: Certificate Verification: Error (20)"
        while True:
            engine.stop.set()
            yield "AH01961: SSL Proxy requested"

    assert [line.code for line in engine.explain(endless()).lines] == ["AH02276"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as made:
        made.write(f"{REQUIRE}\n    ProxyPass /late/ https://127.0.0.1:{made.backend.port}/")
        yield made


def test_dates_are_judged_by_the_engines_clock(site: Site) -> None:
    choice = FixChoice(ca_files=(str(site.directory / "private/root.pem"),))
    repair = Engine(Scope(str(site.main)), now=NOW).repair(choice)
    assert {d.case.now for d in repair.report.diagnoses} == {NOW}
    assert {left.finding.slug for left in repair.plan.unresolved} >= {"certificate-expired"}


def test_a_rehearsal_ends_once_it_is_stopped(site: Site) -> None:
    told: list[Progress] = []
    engine = Engine(Scope(str(site.main)), progress=told.append)
    configuration = engine.load()
    assert len(engine.rehearse_present(configuration)) == 2
    assert told == [Progress(0, 1, "app.test"), Progress(1, 1)]
    engine.stop.set()
    with pytest.raises(StoppedError):
        engine.rehearse_present(configuration)


def test_a_neighbour_outside_of_the_scope_is_rehearsed_and_seen_to_break(site: Site) -> None:
    """The plan repairs one route, and takes away what another of its virtual host works by."""
    port = site.backend.port
    site.write(
        f"SSLProxyEngine on\n    ProxyPass /works/ https://127.0.0.1:{port}/\n"
        f"    <Proxy https://127.0.0.1:{port}/sub>\n    SSLProxyVerify require\n    </Proxy>\n"
        f"    ProxyPass /sub/ https://127.0.0.1:{port}/sub/"
    )
    engine = Engine(Scope(str(site.main), route="/sub/"))
    report = engine.check()
    (diagnosis,) = report.diagnoses
    route = diagnosis.case.route.id
    lines = site.vhost.read_bytes().splitlines(keepends=True)
    edits = (
        Edit(str(site.vhost), 3, 3, (b"SSLProxyEngine on\nSSLProxyVerify require\n",), ""),
        Edit(str(site.vhost), 6, 6, (b"SSLProxyVerify none\n",), ""),
    )
    assert (lines[2].strip(), lines[5].strip()) == (b"SSLProxyEngine on", b"SSLProxyVerify require")
    plan = FixPlan("production", edits, resolved=(Resolved(route, "ca-not-trusted"),))
    repair = Repair(report, plan)
    played = engine.rehearse(repair)
    shown = {r.route.path: (r.before.proxied, r.last.proxied) for r in played}
    assert shown == {"/sub/": (False, True), "/works/": (True, False), "/": (True, False)}
    decision = gate.decide(repair, played, Consent(True, frozenset()))
    assert isinstance(decision, Refused)
    assert decision.reason is Reason.BREAKS_ROUTE
    assert [one.route.path for one in decision.concerns] == ["/works/", "/"]
