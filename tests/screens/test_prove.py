"""Step 5: one result, what differs, logs folded, and the changes of this configuration alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from screens.app import WizardApp
from screens.steps.prove import ProveScreen
from screens.terminal.glyphs import UNICODE
from screens.texts import comparison, journal, prove
from screens.texts.comparison import Row
from tests.cli.samples import FILE, ROUTE
from tests.screens.asking import opened, press, running, screen, settle, until
from tests.screens.fake import CHANGE, PLAN, REHEARSAL, FakeEngine, app
from tests.support.site import Site, standing_at_address
from wizard.engine.engine import Engine
from wizard.model.change import Holder
from wizard.model.config import Route, Setting
from wizard.model.plan import Repair
from wizard.model.progress import Progress
from wizard.model.rehearsal import Impostor, Pretence, Reception, Rehearsal, Run
from wizard.model.scope import Scope

NAMES = ("CN=Corp Root,O=Corp", "CN=backend.internal")
WORKS = Run(
    True, status=200, backend_status=200, proxied=True, certificates=NAMES,
    impostors=tuple(Impostor(pretence, Reception.REFUSED) for pretence in Pretence),
)  # fmt: skip
LET_IN = replace(
    WORKS, impostors=tuple(Impostor(pretence, Reception.LET_IN) for pretence in Pretence)
)
FAILS = Run(True, status=502, codes=("AH01114",), log=("[proxy:error] AH01114: HTTP: failed",))
OTHER = "/etc/other/httpd.conf"


def neighbour(path: str, before: Run, after: Run) -> Rehearsal:
    return Rehearsal(replace(ROUTE.id, path=path), "app.example.com", path, before, after)


def labels(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.label: row for row in rows}


async def rows_of(engine: FakeEngine, route: Route | None = None) -> dict[str, Row]:
    """The rows of the first route's rehearsal."""
    if route is not None:
        others = engine.configuration.routes[1:]
        engine.configuration = replace(engine.configuration, routes=(route, *others))
    wizard = app(engine)
    async with opened(wizard):
        return labels(comparison.rows(wizard.session))


# The result


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
def test_one_result_and_what_differs(size: tuple[int, int]) -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, after=WORKS),)
        wizard = app(engine)
        async with opened(wizard, size) as pilot:
            await press(pilot, "5")
            shown = " ".join(screen(wizard).split())
            assert "on a private httpd 2.4.71: 500 becomes 200" in shown
            assert "✗ 500 from httpd ✓ 200 from the backend" in shown or size[0] < 80
            for label in ("answer", "name asked for", "chain", "name check", "an impostor"):
                assert label in shown
            assert "✗ AH02276" in shown
            assert "httpd's log as it is (1 line)" in shown

    asyncio.run(go())


def test_certificates_that_httpd_refused_are_not_called_verified() -> None:
    """httpd names every certificate that it looks at, in a run that ends by refusing them too."""

    async def go() -> None:
        engine = FakeEngine()
        refused = replace(REHEARSAL.before, certificates=NAMES)
        engine.rehearsals = (replace(REHEARSAL, before=refused, after=WORKS),)
        chain = (await rows_of(engine))["chain"]
        assert chain.before.how == "bad"
        assert "verified" not in chain.before.text
        assert chain.after is not None
        assert chain.after == comparison.Cell("good", "verified up to Corp Root")

    asyncio.run(go())


def test_nor_is_a_chain_that_nobody_checks_or_that_an_impostor_may_show() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, before=WORKS, after=LET_IN),)
        row = (await rows_of(engine))["chain"]
        assert row.before.text.startswith("verified")
        assert row.after == comparison.Cell("bad", "not verified")
        off = replace(ROUTE, tls=replace(ROUTE.tls, verify=Setting("none")))
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, before=WORKS),)
        assert (await rows_of(engine, off))["chain"].before == comparison.Cell("off", "not checked")

    asyncio.run(go())


@pytest.mark.parametrize(
    ("code", "label", "others"),
    [("AH02411", "name check", "dates"), ("AH02004", "dates", "name check")],
)
def test_a_check_after_the_handshake_says_that_the_chain_was_good(
    code: str, label: str, others: str
) -> None:
    async def go() -> None:
        engine = FakeEngine()
        refused = Run(True, status=500, codes=(code,), certificates=NAMES)
        engine.rehearsals = (replace(REHEARSAL, before=refused, after=WORKS),)
        found = await rows_of(engine)
        assert found[label].before == comparison.Cell("bad", code)
        assert found["chain"].before.how == "good"
        assert others not in found or found[others].before.how == "none"

    asyncio.run(go())


def test_a_check_that_is_off_is_said() -> None:
    async def go() -> None:
        policy = replace(
            ROUTE.tls,
            check_peer_expire=Setting(False),
            check_peer_name=Setting(False, ROUTE.source),
            check_peer_cn=Setting(False, ROUTE.source),
        )
        found = await rows_of(FakeEngine(), replace(ROUTE, tls=policy))
        assert found["dates"].before == comparison.Cell("off", "not checked")
        assert found["name check"].before == comparison.Cell("off", "not checked")

    asyncio.run(go())


def test_without_tls_there_is_nothing_but_the_answer() -> None:
    async def go() -> None:
        plain = replace(ROUTE, backend=replace(ROUTE.backend, scheme="http", sni=None))
        assert list(await rows_of(FakeEngine(), plain)) == ["answer"]

    asyncio.run(go())


def test_what_speaks_against_the_plan_is_named_route_by_route() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (
            REHEARSAL,
            neighbour("/breaks", WORKS, FAILS),
            neighbour("/silent", FAILS, FAILS),
            neighbour("/fine", WORKS, WORKS),
        )
        wizard = app(engine)
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "5")
            told = prove.against(wizard.session, UNICODE)
            said = [one.text for one in told]
            assert "A route that works would fail afterwards." in said
            assert any(s.startswith("would break: app.example.com /breaks") for s in said)
            assert any("no answer from the backend: app.example.com /silent" in s for s in said)
            assert not any("/fine" in s for s in said)
            assert all("red" in one.style for one in told if "break" in one.text)
            shown = screen(wizard)
            assert "✗  Rehearsed" in shown
            assert "/breaks" in shown
            assert "1 other route that the plan can touch answers with it, too." in shown

    asyncio.run(go())


def test_what_the_plan_leaves_broken_elsewhere_is_said() -> None:
    class TwoFail(FakeEngine):
        def repair(self, choice: object) -> Repair:
            made = super().repair(choice)  # type: ignore[arg-type]
            second = self.configuration.routes[1]
            left = replace(made.report.diagnoses[0])
            left = replace(left, case=replace(left.case, route=second))
            report = replace(made.report, diagnoses=(*made.report.diagnoses, left))
            return replace(made, report=report, after=replace(report, diagnoses=(left,)))

    async def go() -> None:
        wizard = app(TwoFail())
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "5")
            assert "still fails afterwards: app.example.com /app1/" in screen(wizard)

    asyncio.run(go())


def test_why_no_answer_came_is_in_httpds_words() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, after=FAILS),)
        wizard = app(engine)
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "5")
            assert "✗  Rehearsed" in screen(wizard)
            assert "500 becomes 502" in screen(wizard)
            assert "The rehearsal did not bring the backend's answer." in screen(wizard)
            assert "AH01114: HTTP: failed" in text_of(wizard, "#against")

    asyncio.run(go())


def text_of(wizard: WizardApp, selector: str) -> str:
    """The lines of the screen on which a widget stands."""
    region = wizard.screen.query_one(selector).region
    return "\n".join(screen(wizard).splitlines()[region.y : region.bottom])


def test_an_exception_is_red_and_has_the_word() -> None:
    async def go() -> None:
        engine = FakeEngine(plan=replace(PLAN, policy="temporary"))
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            (line,) = [s for s in prove.against(wizard.session, UNICODE) if "WEAKENS" in s.text]
            assert "red" in line.style
            assert "WEAKENS" in screen(wizard)

    asyncio.run(go())


def test_no_other_plan_is_said_to_weaken() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "WEAKENS" not in screen(wizard)

    asyncio.run(go())


class Counting(FakeEngine):
    """Rehearses on until the test lets it end."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Event()

    def rehearse(self, repair: Repair, asked: Route | None = None) -> tuple[Rehearsal, ...]:
        assert self.progress is not None
        self.progress(Progress(1, 3, "third.test"))
        while not self.end.is_set() and not self.stop.is_set():
            time.sleep(0.01)
        return super().rehearse(repair, asked)


def test_a_rehearsal_says_how_far_it_is_and_escape_ends_it() -> None:
    async def go() -> None:
        engine = Counting()
        wizard = app(engine)

        def in_step(words: str) -> bool:
            shown = " ".join(screen(wizard).split())  # it may break anywhere
            return isinstance(wizard.screen, ProveScreen) and words in shown

        async with running(wizard) as pilot:  # it rehearses by itself, and goes on until the end
            try:
                await until(pilot, lambda: "1 of 3 virtual hosts" in screen(wizard))
                wizard.simulate_key("5")
                await until(pilot, lambda: in_step("1 of 3 virtual hosts"))
                wizard.simulate_key("escape")
                await until(pilot, lambda: in_step("Cancelled. r rehearses the plan."))
            finally:
                engine.end.set()
            await press(pilot, "r")
            assert "500 becomes 200" in screen(wizard)
            await press(pilot, "escape")
            assert wizard.current_mode == "case"

    asyncio.run(go())


# What is folded


def test_logs_are_unfolded_where_the_mark_is() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, after=replace(WORKS, log=("an after line",))),)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "› ▸ httpd's log as it is (1 line)" in screen(wizard)
            assert "AH02276: Certificate" not in screen(wizard)
            await press(pilot, "enter")
            assert "› ▾ httpd's log as it is (1 line)" in screen(wizard)
            assert "AH02276: Certificate" in screen(wizard)
            await press(pilot, "down")
            assert "› ▸ httpd's log with the change (1 line)" in screen(wizard)
            assert "an after line" not in screen(wizard)
            await press(pilot, "enter", "up", "enter")
            assert "an after line" in screen(wizard)
            assert "AH02276: Certificate" not in screen(wizard)

    asyncio.run(go())


def test_where_there_is_room_both_logs_stand_side_by_side() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.rehearsals = (replace(REHEARSAL, after=replace(WORKS, log=("an after line",))),)
        wizard = app(engine)
        async with opened(wizard, (120, 40)) as pilot:
            await press(pilot, "5")
            (line,) = [one for one in screen(wizard).splitlines() if "an after line" in one]
            assert "AH02276: Certificate" in line

    asyncio.run(go())


def test_in_what_it_is_not_the_real_thing_can_be_read() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert "LogLevel is info." not in screen(wizard)
            await press(pilot, "down", "enter")
            assert "LogLevel is info." in screen(wizard)

    asyncio.run(go())


def test_a_long_log_is_scrolled_by_keys_wherever_the_mark_is() -> None:
    async def go() -> None:
        engine = FakeEngine()
        long = replace(REHEARSAL.before, log=tuple(f"line {n} of many" for n in range(60)))
        engine.rehearsals = (replace(REHEARSAL, before=long),)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5", "enter")
            assert "line 50 of many" not in screen(wizard)
            await press(pilot, "pagedown", "pagedown", "pagedown")
            assert "line 50 of many" in screen(wizard)

    asyncio.run(go())


# The changes


def test_only_the_changes_of_this_configuration_are_listed() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.made = [
            replace(CHANGE, id="20261124-120000-0001", config=OTHER),
            replace(CHANGE, id="20261124-120000-0002", created="2026-11-24T12:00:00+00:00"),
            replace(CHANGE, id="20261124-120000-0003", state="undone"),
        ]
        wizard = app(engine)
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "5")
            shown = text_of(wizard, "#changes")
            assert "Changes to this configuration" in shown
            assert "1 of other configuration" in shown
            assert shown.count("app.conf") == 2
            assert shown.index("undone") < shown.index("applied")  # the last first
            assert "ca-not-trusted" in shown
            assert "rollback" not in shown
            engine.configuration = replace(engine.configuration, root=OTHER)
            wizard.read_again(path=OTHER)
            await settle(pilot)
            assert "2 of other configurations" in text_of(wizard, "#changes")
            assert "undone" not in text_of(wizard, "#changes")

    asyncio.run(go())


def test_times_are_of_this_machine_with_their_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    try:

        async def go() -> None:
            engine = FakeEngine()
            engine.made = [replace(CHANGE, created="2026-11-24T03:00:00+00:00")]
            wizard = app(engine)
            async with opened(wizard, (80, 40)) as pilot:
                await press(pilot, "5")
                assert "2026-11-23 22:00 EST" in text_of(wizard, "#changes")

        asyncio.run(go())
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_configuration_is_known_by_its_real_path(tmp_path: Path) -> None:
    main = tmp_path / "apache2.conf"
    main.touch()
    link = tmp_path / "link.conf"
    link.symlink_to(main)

    async def go() -> None:
        engine = FakeEngine()
        engine.configuration = replace(engine.configuration, root=str(link))
        engine.made = [replace(CHANGE, config=str(main))]
        wizard = app(engine)
        async with opened(wizard):
            found = journal.of(wizard.session, wizard.changes)
            assert len(found.here) == 1

    asyncio.run(go())


def test_a_lone_virtual_hosts_changes_are_those_of_its_file() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.configuration = replace(engine.configuration, root=FILE, partial=True)
        nameless = replace(CHANGE, id="20261124-120000-0009", config="")
        elsewhere = replace(CHANGE, id="20261124-120000-0008", config=OTHER, files=())
        engine.made = [CHANGE, nameless, elsewhere]
        wizard = app(engine)
        async with opened(wizard):
            found = journal.of(wizard.session, wizard.changes)
            assert [one.id for one, _ in found.here] == [nameless.id, CHANGE.id]
            assert found.elsewhere == 1

    asyncio.run(go())


def test_the_marked_change_is_the_one_that_is_undone() -> None:
    async def go() -> None:
        engine = FakeEngine()
        first = replace(CHANGE, id="20261124-120000-0001")
        last = replace(CHANGE, id="20261124-120000-0002")
        undone = replace(CHANGE, id="20261124-120000-0003", state="undone")
        engine.made = [first, last, undone]
        wizard = app(engine)
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "5", "u")
            assert last.id in screen(wizard)  # none is marked: the last that can be undone
            await press(pilot, "n", *["down"] * 9)
            assert wizard.screen._chosen == first  # type: ignore[attr-defined]
            assert "›" in [one for one in screen(wizard).splitlines() if "applied" in one][-1]
            await press(pilot, "enter")
            assert "20261124-120000-0001" in text_of(wizard, "#changes")
            await press(pilot, "up", "up", "u")
            assert isinstance(wizard.screen, ProveScreen)  # that one is undone already
            await press(pilot, "down", "down", "u", "y")
            assert ("roll back", first.id) in engine.asked

    asyncio.run(go())


def test_an_interrupted_change_is_listed_whose_ever_it_is_and_finished_by_f() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.made = [replace(CHANGE, state="written", config=OTHER)]
        wizard = app(engine)
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "5")
            assert "interrupted" in text_of(wizard, "#changes")
            assert "f Finish…" in screen(wizard)
            await press(pilot, "f", "y")
            assert ("finish", CHANGE.id) in engine.asked
            assert "f Finish…" not in screen(wizard)

    asyncio.run(go())


def test_one_that_somebody_makes_just_now_is_not_called_interrupted() -> None:
    class Making(FakeEngine):
        def listed(self) -> list[tuple[object, Holder | None]]:  # type: ignore[override]
            return [(replace(CHANGE, state="applying"), Holder(4711, "apply", 1_700_000_000))]

    async def go() -> None:
        wizard = app(Making())
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "5")
            shown = text_of(wizard, "#changes")
            assert "being made" in shown
            assert "interrupted" not in shown
            assert "f Finish…" not in screen(wizard)
            await press(pilot, *["down"] * 9, "enter")
            assert "being made by process 4711" in screen(wizard)

    asyncio.run(go())


def test_the_journal_is_read_again_when_the_step_is_opened() -> None:
    async def go() -> None:
        engine = FakeEngine()
        wizard = app(engine)
        async with opened(wizard, (80, 40)) as pilot:
            engine.made.append(CHANGE)  # another command did it
            await press(pilot, "5")
            assert "applied" in text_of(wizard, "#changes")

    asyncio.run(go())


def test_a_journal_that_cannot_be_read_says_why() -> None:
    class Broken(FakeEngine):
        def listed(self) -> list[tuple[object, Holder | None]]:  # type: ignore[override]
            raise OSError(13, "Permission denied", "/var/lib/proxy-wizard")

    async def go() -> None:
        wizard = app(Broken())
        async with opened(wizard, (80, 40)) as pilot:
            await press(pilot, "5")
            assert "Permission denied" in text_of(wizard, "#changes")

    asyncio.run(go())


# Onward


def test_after_a_change_enter_leads_to_the_case() -> None:
    async def go() -> None:
        wizard = app()
        async with opened(wizard) as pilot:
            await press(pilot, "5", "a", "y")
            assert isinstance(wizard.screen, ProveScreen)
            assert "Repaired. The running server answers 200" in screen(wizard)
            assert "› Back to the case" in screen(wizard)
            await press(pilot, "enter")
            assert wizard.current_mode == "case"
            await press(pilot, "5", "u", "y")
            assert "Undone" in screen(wizard)

    asyncio.run(go())


def test_what_is_saved_is_whole() -> None:
    async def go() -> None:
        engine = FakeEngine()
        engine.made.append(CHANGE)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await press(pilot, "5")
            assert isinstance(wizard.screen, ProveScreen)
            name, told = wizard.screen.readable()
            assert name == "rehearsal.txt"
            assert "500 becomes 200" in told
            assert "AH02276: Certificate Verification" in told
            assert "note: LogLevel is info." in told
            assert FILE in told

    asyncio.run(go())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as made:
        made.write("SSLProxyVerify require\n    SSLProxyCACertificateFile private/root.pem")
        yield made


def test_a_running_httpd_is_repaired_and_what_was_done_is_taken_back(site: Site) -> None:
    before = site.vhost.read_bytes()

    async def go() -> None:
        engine = Engine(state=site.directory / "state")
        wizard = WizardApp(Scope(path=str(site.main)), encoding="utf-8", engine=engine)
        async with opened(wizard, (100, 40)) as pilot:
            await press(pilot, "5")
            assert "500 becomes 200" in screen(wizard), screen(wizard)
            await press(pilot, "a", "y")
            assert "Repaired. The running server answers 200" in screen(wizard), screen(wizard)
            assert site.vhost.read_bytes() != before
            assert site.answer() == 200
            assert "applied" in text_of(wizard, "#changes")
            await press(pilot, "u", "y")
            assert site.vhost.read_bytes() == before
            assert site.answer() == 500
            assert "undone" in text_of(wizard, "#changes")
            assert "500 becomes 200" in screen(wizard)

    with site.running():
        asyncio.run(go())
