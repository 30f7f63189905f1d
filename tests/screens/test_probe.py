"""Step 2: what it shows of a connection, at every size, and what its keys do."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input

from screens.app import WizardApp
from screens.demo import DemoApp
from screens.steps.probe import ProbeScreen
from screens.terminal.glyphs import UNICODE
from screens.texts import chain as chain_text
from tests.cli.samples import FAILING, HOSTILE
from tests.screens.asking import focused, opened, press, run, running, screen, settle, text, until
from tests.screens.fake import LEAF, PROBED, ROOT, FakeEngine, app
from wizard.demo.lab import Lab
from wizard.errors import StoppedError
from wizard.model.config import Configuration, Route, Setting
from wizard.model.diagnosis import Diagnosis, Report, Verdict
from wizard.model.probe import DnsResult, ProbeReport, VerifyEvent
from wizard.model.scope import Assumed
from wizard.text import fingerprint

SIZES = [(60, 20), (120, 40)]


class Slow(FakeEngine):
    """Probes go on until the test lets them end, or ends them."""

    def __init__(self, routes: int = 1) -> None:
        super().__init__(routes)
        self.begun = threading.Event()
        self.end = threading.Event()
        self.stages: tuple[ProbeReport, ...] = ()

    def diagnose(
        self,
        configuration: Configuration,
        routes: Sequence[Route] | None = None,
        *,
        found: Callable[[int, Diagnosis], None] | None = None,
        began: float | None = None,
    ) -> Report:
        assert routes is not None
        for stage in self.stages if self.observe is not None else ():
            self.observe(stage)  # type: ignore[misc]  # it is there
        if found is not None and len(routes) > 1:
            found(0, self.diagnosis(routes[0], 0))
        self.begun.set()
        while not self.end.wait(0.005):
            if self.stop.is_set():
                raise StoppedError
        return super().diagnose(configuration, routes)


@contextlib.asynccontextmanager
async def asking(wizard: WizardApp, engine: Slow) -> AsyncIterator[Pilot[Any]]:
    """The wizard in step 2, while a backend is asked."""
    async with running(wizard) as pilot:
        await until(pilot, engine.begun.is_set)
        wizard.simulate_key("2")
        await until(pilot, lambda: wizard.current_mode == "probe")
        yield pilot


def asked(wizard: WizardApp, what: str) -> list[Any]:
    assert isinstance(wizard.engine, FakeEngine)
    return [value for name, value in wizard.engine.asked if name == what]


def top(wizard: WizardApp) -> str:
    return type(wizard.screen).__name__


def page(wizard: WizardApp) -> str:
    """Everything on the page, what is below the fold too."""
    assert isinstance(wizard.screen, ProbeScreen)
    return wizard.screen.readable()[1]


# what is shown


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as running:
        yield running


@pytest.mark.parametrize("size", SIZES)
def test_the_verdict_comes_first_then_a_row_for_each_stage(lab: Lab, size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = DemoApp(lab, "ip-address", encoding="utf-8")
        async with opened(wizard, size) as pilot:
            await press(pilot, "enter", "2")  # the ticket first
            rows = screen(wizard).splitlines()
            said = "✗ httpd refuses the certificate: no name in it is"
            places = [
                next(number for number, row in enumerate(rows) if part in row)
                for part in (said, "✓ DNS", "✓ TCP", "✗ TLS", "– HTTP", "─ Chain ─")
            ]
            assert places == sorted(places)
            for place in places[1:5]:
                assert rows[place].rstrip("│ ").endswith(" ms")
            shown = screen(wizard)
            assert "127.0.0.1 is an address" in shown
            assert "no SNI sent (address)" in shown
            assert "chain ✓ dates ✓ name ✗" in shown
            assert "– HTTP   HEAD / 200 OK, asked without checking" in shown
            assert "✓ HTTP" not in shown

    run(go)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_and_everything_is_reached_by_page_down(
    lab: Lab, size: tuple[int, int]
) -> None:
    async def go() -> None:
        wizard = DemoApp(lab, "internal-ca", encoding="utf-8")
        async with opened(wizard, size) as pilot:
            await press(pilot, "enter", "2")  # the ticket first
            seen = screen(wizard)
            for _ in range(4):
                await press(pilot, "pagedown")
                seen += screen(wizard)
            for part in ("─ Chain ─", "─ By hand ─", "─ SNI ─", "not sent by the backend",
                         "openssl s_client", "curl -sS", "the same certificate"):  # fmt: skip
                assert part in seen, part
            box = wizard.screen.query_one("#probe", VerticalScroll)
            assert box.max_scroll_x == 0
            await press(pilot, *["pageup"] * 5)
            assert box.scroll_y == 0

    run(go)


def test_frames_stand_side_by_side_where_there_is_room_for_two() -> None:
    async def go(size: tuple[int, int], *, beside: bool, routes: bool) -> None:
        wizard = app()
        async with opened(wizard, size) as pilot:
            await press(pilot, "2")
            chain, hand = (wizard.screen.query_one(f"#probe-{name}") for name in ("chain", "hand"))
            assert (hand.region.y == chain.region.y) is beside
            assert (hand.region.x > chain.region.x) is beside
            sni = wizard.screen.query_one("#probe-sni")
            assert sni.region.x == hand.region.x
            assert ("Routes" in screen(wizard)) is routes

    asyncio.run(go((80, 24), beside=False, routes=False))
    asyncio.run(go((120, 40), beside=True, routes=False))
    asyncio.run(go((200, 50), beside=True, routes=True))


def test_another_route_is_read_from_its_beginning() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (60, 20)) as pilot:
            await press(pilot, "2", "pagedown")
            box = wizard.screen.query_one("#probe", VerticalScroll)
            assert box.scroll_y > 0
            wizard.refresh_step()
            await settle(pilot)
            assert box.scroll_y > 0  # the same route: who reads on is left where they are
            wizard.choose(wizard.session.routes[1].id)
            await settle(pilot)
            assert box.scroll_y == 0

    run(go)


def test_a_window_that_grows_is_filled() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard, (60, 20)) as pilot:
            await press(pilot, "2")
            narrow = text(wizard, "#probe-stages")
            await pilot.resize_terminal(120, 40)
            await settle(pilot)
            wide = text(wizard, "#probe-stages")
            assert max(map(len, narrow.splitlines())) <= 56
            assert max(map(len, wide.splitlines())) > 90

    run(go)


def test_what_is_under_way_is_followed_stage_by_stage() -> None:
    async def go() -> None:
        engine = Slow()
        engine.stages = (
            ProbeReport(PROBED.request, PROBED.started, dns=PROBED.dns),
            ProbeReport(PROBED.request, PROBED.started, dns=PROBED.dns, tcp=PROBED.tcp),
        )
        wizard = app(engine)
        async with asking(wizard, engine) as pilot:
            await until(pilot, lambda: "127.0.0.1 port" in screen(wizard))
            rows = [line.split()[:2] for line in text(wizard, "#probe-stages").splitlines()]
            assert rows == [["✓", "DNS"], ["✓", "TCP"], ["·", "TLS"], ["·", "HTTP"]]
            assert "The backend is being asked" in screen(wizard)
            assert "Esc Cancel" in screen(wizard).splitlines()[-1]
            assert "Diagnose" not in screen(wizard).splitlines()[-1]
            engine.end.set()
            await settle(pilot)
            assert text(wizard, "#probe-stages").count(" ms") == 4

    run(go)


def test_escape_ends_the_probe_then_leads_to_the_case_and_r_asks_again() -> None:
    async def go() -> None:
        engine = Slow()
        wizard = app(engine)
        async with asking(wizard, engine) as pilot:
            await press(pilot, "escape")
            assert wizard.current_mode == "probe"
            assert "Cancelled" in text(wizard, "#probe-head")
            assert wizard.session.diagnosis is None
            engine.end.set()
            await press(pilot, "r")
            assert wizard.session.diagnosis is not None
            assert "Cancelled" not in page(wizard)
            await press(pilot, "escape")
            assert wizard.current_mode == "case"

    run(go)


def test_how_many_backends_have_answered_is_one_line_while_all_are_asked() -> None:
    async def go() -> None:
        engine = Slow(12)
        wizard = app(engine)
        async with asking(wizard, engine) as pilot:
            await until(pilot, lambda: wizard.session.asked == (1, 12))
            await until(pilot, lambda: "1 of 12 backends asked … Esc cancels" in screen(wizard))
            await press(pilot, "escape")
            assert "of 12 backends asked …" not in screen(wizard)
            assert len(wizard.session.diagnoses) == 1  # what was found stays
            engine.end.set()
            await press(pilot, "A")
            assert len(wizard.session.diagnoses) == 12
            assert wizard.current_mode == "probe"

    run(go)


def test_a_check_that_is_off_is_said_where_the_connection_works() -> None:
    class Unchecked(FakeEngine):
        def diagnosis(self, route: Route, index: int) -> Diagnosis:
            found = super().diagnosis(route, index)
            policy = replace(route.tls, verify=Setting("none"))
            case = replace(found.case, route=replace(route, tls=policy))
            return Diagnosis(case, Verdict("ok", status=200))

    async def go() -> None:
        wizard = app(Unchecked())
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert "! httpd connects, but does not check the chain" in screen(wizard)
            assert "chain not checked" in screen(wizard)
            assert "✓ HTTP" in screen(wizard)

    run(go)


class Unasked(FakeEngine):
    """As the real one: what the configuration alone says, where no backend is to be asked."""

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        found = super().diagnosis(route, index)
        if self.scope.probe:
            return found
        return Diagnosis(replace(found.case, probe=None), Verdict("unknown", reason="Not asked."))


def test_a_backend_that_nobody_asked_is_asked_by_enter() -> None:
    async def go() -> None:
        engine = Unasked()
        wizard = app(engine)
        wizard.session.scope = replace(wizard.session.scope, probe=False)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert "› Nobody has asked the backend yet: Enter asks it" in screen(wizard)
            assert "? Not asked" in screen(wizard)
            assert "Enter Ask the backend" in screen(wizard).splitlines()[-1]
            await press(pilot, "enter")
            assert wizard.session.scope.probe
            assert "HEAD / 200" in screen(wizard)
            assert "Enter Diagnose" in screen(wizard).splitlines()[-1]

    run(go)


# the chain and its fingerprints

UNKNOWN = (VerifyEvent(False, 19, 1, sha256=ROOT.sha256),)


def presenting(*chain: Any) -> Diagnosis:
    """A backend that shows these certificates, of which none is trusted."""
    assert PROBED.tls is not None
    probe = replace(PROBED, tls=replace(PROBED.tls, chain=chain, events=UNKNOWN))
    return Diagnosis(replace(FAILING.case, probe=probe), FAILING.verdict)


@pytest.mark.parametrize("width", [54, 75, 100])
def test_the_fingerprint_of_a_ca_that_the_backend_shows_is_whole_in_two_rows(width: int) -> None:
    shown = chain_text.chain(presenting(LEAF, ROOT), UNICODE, width).plain
    whole = fingerprint(ROOT.sha256)
    rows = [row.strip() for row in shown.splitlines()]
    assert "SHA-256, compare it with its owner:" in rows
    at = rows.index("SHA-256, compare it with its owner:")
    assert "".join(rows[at + 1 : at + 3]) == whole
    assert fingerprint(LEAF.sha256)[:23] + "…" in shown
    assert fingerprint(LEAF.sha256) not in shown.replace("\n", "").replace(" ", "")
    assert shown.count("compare it with its owner") == 1
    assert max(map(len, shown.splitlines())) <= width


def test_a_copy_has_every_fingerprint_whole_and_counts_as_copied() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert "c copies them whole" in screen(wizard)
            await press(pilot, "c")
            assert wizard.clipboard == page(wizard)
            flat = wizard.clipboard.replace("\n", "").replace(" ", "")
            for certificate in (LEAF, ROOT):
                assert fingerprint(certificate.sha256) in flat
            assert "openssl s_client" in wizard.clipboard

    run(go)


def test_names_from_outside_are_harmless() -> None:
    leaf = replace(
        LEAF, subject=f"CN={HOSTILE}", common_names=(HOSTILE,), dns_names=(HOSTILE,) * 20
    )
    shown = chain_text.chain(presenting(leaf), UNICODE, 75).plain
    assert all(row.isprintable() for row in shown.splitlines())
    assert "and 12 more" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 75


def test_no_certificate_and_no_probe_are_told_apart() -> None:
    assert PROBED.tls is not None
    tls = replace(PROBED.tls, completed=False, chain=(), error="no TLS")
    bare = Diagnosis(replace(FAILING.case, probe=replace(PROBED, tls=tls)), FAILING.verdict)
    assert chain_text.chain(bare, UNICODE, 75).plain == "No certificate was seen."
    assert not chain_text.chain(None, UNICODE, 75)
    unasked = Diagnosis(replace(FAILING.case, probe=None), FAILING.verdict)
    assert not chain_text.chain(unasked, UNICODE, 75)


def test_why_no_certificate_was_shown_is_read_without_scrolling_to_the_side() -> None:
    engine = FakeEngine()
    assert PROBED.tls is not None
    said = "the backend answers 'SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5', which is no TLS"
    tls = replace(PROBED.tls, completed=False, chain=(), error=said)
    engine.probe = replace(PROBED, tls=tls, http=None)

    async def go() -> None:
        wizard = app(engine)
        async with opened(wizard, (60, 20)) as pilot:
            await press(pilot, "2")
            shown = " ".join(text(wizard, "#probe-stages").split())
            assert "which is no TLS" in shown
            assert "Ubuntu-3ubuntu13.5" in shown

    run(go)


# SNI


def test_sni_with_and_without() -> None:
    assert PROBED.tls is not None

    def said(**changes: Any) -> str:
        assert PROBED.tls is not None
        return chain_text.sni(replace(PROBED, tls=replace(PROBED.tls, **changes)), 75).plain

    assert "sent     backend.internal" in said()
    assert "without  the same certificate" in said()
    other = replace(LEAF, sha256="ff" * 32, dns_names=("other.test",))
    assert "without  a certificate that names other.test" in said(without_sni=other)
    assert "chooses by the name that is sent" in said(without_sni=other)
    nothing = said(without_sni=None, without_sni_error="alert 112")
    assert "without  no certificate shown: alert 112" in nothing
    assert "RFC 6066" in said(sni=None)
    assert "without" not in said(sni=None)
    assert chain_text.sni(None, 75).plain == ""


# keys


def test_enter_leads_on_to_the_diagnosis() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert screen(wizard).splitlines()[-1].split()[:2] == ["Enter", "Diagnose"]
            assert focused(wizard) == "probe"
            await press(pilot, "enter")
            assert wizard.current_mode == "diagnose"

    run(go)


def test_again_host_path_and_all() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            before = len(asked(wizard, "diagnose"))
            await press(pilot, "r")
            assert asked(wizard, "diagnose")[before:] == [["/"]]
            await press(pilot, "p")
            wizard.screen.query_one("#text", Input).value = "/deep/er"
            await press(pilot, "enter")
            assert asked(wizard, "diagnose")[-1] == ["/deep/er"]
            assert "HEAD" in text(wizard, "#probe-stages")
            await press(pilot, "h")
            wizard.screen.query_one("#text", Input).value = "other.example.com"
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].host == "other.example.com"
            await press(pilot, "A")
            assert asked(wizard, "diagnose")[-1] == ["/", "/"]
            assert wizard.current_mode == "probe"

    run(go)


def test_a_path_that_the_route_does_not_take_is_not_asked_for() -> None:
    async def go() -> None:
        engine = FakeEngine()
        first, second = engine.configuration.routes
        first = replace(first, path="/app/", request_path="/app/")
        engine.configuration = replace(engine.configuration, routes=(first, second))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2", "p")
            before = len(asked(wizard, "diagnose"))
            wizard.screen.query_one("#text", Input).value = "/other/"
            await press(pilot, "enter")
            (said,) = [one.message for one in wizard._notifications]
            assert said.startswith("/other/ does not begin with /app/")
            assert len(asked(wizard, "diagnose")) == before

    run(go)


def test_a_key_that_can_do_nothing_is_dim_and_says_why() -> None:
    async def go() -> None:
        engine = FakeEngine()
        first, second = engine.configuration.routes
        pattern = replace(first, kind="ProxyPassMatch", path="^/(.*)$", request_path="/foo")
        engine.configuration = replace(engine.configuration, routes=(pattern, second))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            active = {a.binding.id: a for a in wizard.screen.active_bindings.values()}
            assert not active["probe.path"].enabled
            await press(pilot, "p")
            assert top(wizard) == "ProbeScreen"
            assert "with a pattern" in wizard.screen.why_not("probe.path")  # type: ignore[attr-defined]

    run(go)


def test_one_route_has_no_others_to_ask() -> None:
    async def go() -> None:
        wizard = app(FakeEngine(1))
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            shown = {a.binding.id for a in wizard.screen.active_bindings.values()}
            assert "probe.all" not in shown
            assert {"probe.retry", "probe.host", "probe.path", "probe.next"} <= shown

    run(go)


def test_without_a_route_no_key_promises_anything() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.configuration = replace(engine.configuration, routes=())
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "2")
            assert "Nothing is proxied in this configuration" in text(wizard, "#probe-head")
            shown = {a.binding.id for a in wizard.screen.active_bindings.values()}
            assert not shown & {
                "probe.next",
                "probe.retry",
                "probe.host",
                "probe.path",
                "probe.all",
            }

    run(go)


def test_a_name_is_taken_to_lead_to_an_address() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "2", "i")
            assert top(wizard) != "TextDialogue"  # the name resolves
            assert "i Name…" not in screen(wizard)
            found = wizard.session.diagnosis
            assert found is not None
            assert found.case.probe is not None
            probe = replace(found.case.probe, dns=DnsResult((), 0.0, "not-found"))
            lost = replace(found, case=replace(found.case, probe=probe))
            wizard.session.diagnoses[found.case.route.id] = lost
            wizard.refresh_step()
            await settle(pilot)
            assert "i Name…" in screen(wizard)
            await press(pilot, "i")
            field = wizard.screen.query_one("#text", Input)
            assert field.value == "backend.internal:"
            await press(pilot, "enter")
            (said,) = [one.message for one in wizard._notifications]
            assert said.startswith("'backend.internal:' is not NAME:ADDRESS")
            await press(pilot, "i")
            wizard.screen.query_one("#text", Input).value = "Backend.internal.:127.0.0.1 b.test:::1"
            await press(pilot, "enter")
            names = (Assumed("backend.internal", "127.0.0.1"), Assumed("b.test", "::1"))
            assert asked(wizard, "load")[-1].resolve == names
            await press(pilot, "i")
            assert wizard.screen.query_one("#text", Input).value == " ".join(map(str, names))
            wizard.screen.query_one("#text", Input).value = ""
            await press(pilot, "enter")
            assert asked(wizard, "load")[-1].resolve == ()

    run(go)
