"""Step 1: what one sees of routes and of what is in force, at every size, and what its keys do."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from screens.app import WizardApp
from screens.terminal import glyphs
from screens.texts import in_force, listing
from screens.texts import route as present
from screens.texts.listing import Widths
from screens.widgets.routes import RouteTable
from tests.cli.samples import FILE, HOSTILE, ROUTE
from tests.screens.asking import focused, opened, press, running, screen, settle, until
from tests.screens.fake import FakeEngine, app, configuration
from wizard.errors import ConfigError
from wizard.model.config import Configuration, Problem, Route, Setting, Source, SourceFile
from wizard.model.diagnosis import Diagnosis
from wizard.model.route_id import RouteId

SIZES = ((60, 20), (120, 40))
REFUSED = Problem(FILE, 7, "Invalid command 'SSLProxyVerfy'", hint="SSLProxyVerify is meant.")


class Mixed(FakeEngine):
    """Every fourth route fails, for one of two causes.

    Args:
        routes: number of routes.
        hosts: names of VirtualHosts, in turn.
    """

    def __init__(self, routes: int = 9, hosts: tuple[str, ...] = ("www.corp.test",)) -> None:
        super().__init__(routes)
        made = []
        for number, route in enumerate(self.configuration.routes):
            vhost = replace(route.vhost, server_name=hosts[number % len(hosts)])
            backend = replace(route.backend, url=f"https://backend-{number}.corp.test:8443/")
            made.append(replace(route, vhost=vhost, backend=backend))
        self.configuration = replace(self.configuration, routes=tuple(made), problems=())

    def diagnosis(self, route: Route, index: int) -> Diagnosis:
        found = super().diagnosis(route, index % 4)
        if index != 4:
            return found
        expired = replace(found.findings[0], slug="certificate-expired")
        return replace(found, findings=(expired,))


def routes(wizard: WizardApp) -> RouteTable:
    return wizard.screen.query_one("#routes", RouteTable)


async def load(pilot: Pilot[Any]) -> None:
    await press(pilot, "1")
    assert pilot.app.current_mode == "load"


def said(wizard: WizardApp) -> str:
    """The screen in one line, without frames."""
    return re.sub(r"[\s│]+", " ", screen(wizard))


async def typed(pilot: Pilot[Any], text: str) -> None:
    """A search for a text."""
    await press(pilot, "slash")
    for letter in text:
        pilot.app.simulate_key(letter)
    await settle(pilot)


async def paged(pilot: Pilot[Any], wizard: WizardApp) -> str:
    """All that scrolling shows, wherever the focus is."""
    pages = [said(wizard)]
    while True:
        await press(pilot, "pagedown")
        if said(wizard) == pages[-1]:
            return " ".join(pages)
        pages.append(said(wizard))


@pytest.mark.parametrize("size", SIZES)
def test_path_backend_and_answer_are_seen_at_every_size(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app(Mixed(9, ("www.corp.test", "a-department-with-a-long-name.intranet.test")))
        async with opened(wizard, size) as pilot:
            await load(pilot)
            rows = screen(wizard).splitlines()
            row = next(line for line in rows if "/app1/" in line and "https://" in line)
            assert re.search(r"✓ \S+ +/app1/ +https://\S+ +200", row)
            assert ":8443/" in row
            first = next(line for line in rows if "› ✗" in line)
            assert re.search(r" / +https://\S+ +500", first)
            assert routes(wizard).max_scroll_x == 0
            assert "9 routes · 3 fail" in said(wizard)
            assert "2 ca-not-trusted, 1 certificate-expired" in said(wizard)

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES)
def test_what_differs_from_the_default_comes_first_each_with_its_place(
    size: tuple[int, int],
) -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard, size) as pilot:
            await load(pilot)
            found = said(wizard)
            assert re.search(r"In force for /[ ─]", found)
            assert "SSLProxyEngine on app.conf:5" in found
            assert "SSLProxyVerify require app.conf:6" in found
            assert re.search(r"ProxyPass / https:\S+:8443/ app\.conf:9", found)
            assert "SSLProxyVerifyDepth" not in found
            assert "15 more at httpd's default: x shows them" in found
            await press(pilot, "x")
            assert "15 at httpd's default: x hides them" in said(wizard)
            assert "SSLProxyVerifyDepth 1" in said(wizard)
            assert "SSLProxyMachineCertificateChainFile -" in await paged(pilot, wizard)
            assert focused(wizard) == "routes"
            await press(pilot, "x")
            assert "SSLProxyEngine on app.conf:5" in said(wizard)  # from the beginning
            assert "SSLProxyVerifyDepth" not in await paged(pilot, wizard)

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES)
def test_the_file_stands_below_or_beside_with_its_lines_marked(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard, size) as pilot:
            await load(pilot)
            for _ in range(3):
                await press(pilot, "pagedown")
            shown = screen(wizard)
            assert re.search(r" 6 ▌    SSLProxyVerify require", shown)
            assert re.search(r" 9 ▌    ProxyPass / https:", shown)
            assert re.search(r" 7      ProxyPreserveHost Off", shown)
            assert ("# the shop" in shown) == (size[0] >= 100)  # the whole file has room beside

    asyncio.run(go())


def test_the_list_has_a_good_half_of_a_small_screen_and_no_more_than_it_needs() -> None:
    async def go() -> None:
        for number, rows in ((2, 2), (40, 5)):
            wizard = app(Mixed(number))
            async with opened(wizard, (60, 20)) as pilot:
                await load(pilot)
                assert routes(wizard).size.height == rows

    asyncio.run(go())


def test_in_ascii_marked_lines_have_a_sign_too() -> None:
    async def go() -> None:
        wizard = app(Mixed(), encoding="ascii")
        async with opened(wizard, (120, 40)) as pilot:
            await load(pilot)
            assert " 6 >    SSLProxyVerify require" in screen(wizard)
            assert screen(wizard).isascii()

    asyncio.run(go())


def test_a_search_narrows_as_it_is_typed_and_enter_goes_to_the_hits() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            before = wizard.session.current
            field = wizard.screen.query_one("#search", Input)
            assert not field.display
            await typed(pilot, "expired")
            assert field.display
            assert focused(wizard) == "search"
            assert "Esc Show all" in screen(wizard).splitlines()[-1]
            assert routes(wizard).row_count == 1
            assert "1 of 9 routes" in screen(wizard)
            assert "Enter List" in screen(wizard).splitlines()[-1]
            assert wizard.session.current == before  # nobody went there yet
            await press(pilot, "enter")
            assert focused(wizard) == "routes"
            assert wizard.session.route is wizard.session.routes[4]
            assert wizard.current_mode == "load"
            assert routes(wizard).row_count == 1
            await press(pilot, "escape")
            assert routes(wizard).row_count == 9
            assert not field.display
            assert field.value == ""
            assert routes(wizard).cursor_row == 4  # where it was gone to
            assert wizard.current_mode == "load"
            await press(pilot, "escape")
            assert wizard.current_mode == "case"

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES)
def test_a_search_without_hits_says_so_and_escape_ends_it(size: tuple[int, int]) -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard, size) as pilot:
            await load(pilot)
            await press(pilot, "down")
            before = wizard.session.current
            await typed(pilot, "[x]yz")
            assert "No route holds '[x]yz': Esc shows all." in said(wizard)
            assert "Enter" not in screen(wizard).splitlines()[-1]
            await press(pilot, "enter")
            assert focused(wizard) == "search"  # there is nothing to go to
            await press(pilot, "escape")
            assert "No route holds" not in screen(wizard)
            assert focused(wizard) == "routes"
            assert routes(wizard).row_count == 9
            assert wizard.session.current == before
            assert routes(wizard).cursor_row == 1

    asyncio.run(go())


def test_an_empty_field_is_gone_when_it_is_left() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            await press(pilot, "slash", "tab")
            assert focused(wizard) == "routes"
            assert not wizard.screen.query_one("#search").display

    asyncio.run(go())


def test_a_search_stays_when_the_same_files_are_read_again() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            await typed(pilot, "app1")
            await press(pilot, "enter", "r")
            assert routes(wizard).row_count == 1
            assert wizard.screen.query_one("#search").display
            wizard.read_again(path="/elsewhere")
            await settle(pilot)
            assert routes(wizard).row_count == 9
            assert wizard.screen.query_one("#search", Input).value == ""
            assert not wizard.screen.query_one("#search").display

    asyncio.run(go())


def test_enter_probes_the_route_under_the_cursor() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            assert "Enter Probe it" in screen(wizard).splitlines()[-1]
            for key in ("down", "down", "enter"):  # typed ahead
                wizard.simulate_key(key)
            await settle(pilot)
            assert wizard.current_mode == "probe"
            assert wizard.session.route is wizard.session.routes[2]
            await press(pilot, "1")
            assert routes(wizard).cursor_row == 2
            await press(pilot, "tab", "enter")  # wherever the focus is
            assert wizard.current_mode == "probe"

    asyncio.run(go())


def test_another_step_is_about_the_route_under_the_cursor() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            for key in ("down", "down", "down", "3"):
                wizard.simulate_key(key)
            await settle(pilot)
            assert wizard.current_mode == "diagnose"
            assert wizard.session.route is wizard.session.routes[3]

    asyncio.run(go())


def test_a_key_that_is_held_down_begins_few_works() -> None:
    async def go() -> None:
        engine = Mixed(500)
        wizard = app(engine)
        async with opened(wizard) as pilot:
            await load(pilot)
            await until(pilot, lambda: routes(wizard).row_count == 500)
            chosen: list[object] = []
            choose = wizard.choose

            def counted(route: RouteId) -> None:
                chosen.append(route)
                choose(route)

            wizard.choose = counted  # type: ignore[method-assign]
            for _ in range(60):
                wizard.simulate_key("down")
            await until(pilot, lambda: routes(wizard).cursor_row == 60)
            await settle(pilot)
            assert wizard.session.route is wizard.session.routes[60]
            assert len(chosen) < 5

    asyncio.run(go())


def test_results_that_come_in_leave_the_cursor_where_the_operator_moved_it() -> None:
    async def go() -> None:
        wizard = app(Mixed(60))
        async with opened(wizard) as pilot:
            await load(pilot)
            table = routes(wizard)
            table.action_cursor_down()
            table.action_cursor_down()
            await until(pilot, lambda: wizard.session.current == wizard.session.routes[1].id)
            wizard.refresh_step()  # the cursor is ahead of what is chosen
            assert table.cursor_row == 2
            await settle(pilot)
            assert wizard.session.route is wizard.session.routes[2]

    asyncio.run(go())


def test_who_only_looks_at_the_list_has_not_chosen() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard) as pilot:
            await load(pilot)
            assert not wizard.session.is_chosen
            await typed(pilot, "app")
            await press(pilot, "escape")
            assert not wizard.session.is_chosen
            await press(pilot, "down")
            assert wizard.session.is_chosen

    asyncio.run(go())


@pytest.mark.parametrize("size", SIZES)
def test_what_httpd_refuses_is_the_first_line(size: tuple[int, int]) -> None:
    async def go() -> None:
        engine = Mixed()
        warned = Problem(FILE, 12, "Config variable ${X} is not defined", "warning", "AH00111")
        engine.configuration = replace(engine.configuration, problems=(warned, REFUSED))
        wizard = app(engine)
        async with opened(wizard, size) as pilot:
            await load(pilot)
            top = said(wizard).partition("╭")[0]
            assert "✗ httpd does not start with this configuration: app.conf:7: Invalid" in top
            assert "Invalid command 'SSLProxyVerfy'. 1 more below." in top
            style = wizard.screen.query_one("#problems", Static).render()
            assert "red" in str(style.spans[0].style)  # type: ignore[union-attr]
            told = await paged(pilot, wizard)
            assert "SSLProxyVerify is meant." in told
            assert "Config variable ${X}" in told

    asyncio.run(go())


def test_without_routes_enter_opens_another_configuration() -> None:
    class Empty(FakeEngine):
        def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
            return replace(configuration(1), routes=())

    async def go() -> None:
        wizard = app(Empty())
        async with opened(wizard) as pilot:
            await load(pilot)
            assert "0 routes" in screen(wizard)
            assert "Nothing is proxied in this configuration: o opens another one." in said(wizard)
            bar = screen(wizard).splitlines()[-1]
            assert "Enter Open" in bar
            assert "x " not in bar
            assert "/ Filter" not in bar
            assert "Config variable" in wizard.screen.readable()[1]  # type: ignore[attr-defined]
            await press(pilot, "enter")
            assert type(wizard.screen).__name__ == "OpenDialogue"
            wizard.screen.query_one("#path", Input).value = ""
            await press(pilot, "enter")  # the installed httpd's
            assert wizard.session.scope.path is None

    asyncio.run(go())


def test_what_cannot_be_read_says_why_in_red() -> None:
    class Missing(FakeEngine):
        def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
            raise ConfigError("no httpd is installed here.", hint="Name a file.")

    async def go() -> None:
        wizard = app(Missing())
        async with opened(wizard) as pilot:
            await load(pilot)
            top = said(wizard).partition("╭")[0]
            assert "✗ no httpd is installed here." in top
            assert "o opens another configuration." in top
            assert "Enter Open" in screen(wizard).splitlines()[-1]
            assert "no httpd is installed" in wizard.screen.readable()[1]  # type: ignore[attr-defined]

    asyncio.run(go())


def test_routes_that_were_not_asked_are_counted_and_a_asks_them() -> None:
    async def go() -> None:
        wizard = app(Mixed(60))
        async with opened(wizard) as pilot:
            await load(pilot)
            assert "60 routes · 1 fails · 59 not asked" in screen(wizard)
            assert re.search(r"· /app1/ +https://backend-1\.\S+ +– ", screen(wizard))
            assert "A Ask all" in screen(wizard).splitlines()[-1]
            await press(pilot, "A")
            assert "60 routes · 15 fail " in screen(wizard)
            assert "A Ask all" not in screen(wizard).splitlines()[-1]
            assert re.search(r"✓ /app1/ +https://backend-1\.\S+ +200 ", screen(wizard))

    asyncio.run(go())


def test_what_was_searched_for_appears_when_it_is_found_out() -> None:
    async def go() -> None:
        wizard = app(Mixed(60))
        async with opened(wizard) as pilot:
            await load(pilot)
            await typed(pilot, "fail")
            assert routes(wizard).row_count == 1
            await press(pilot, "enter", "A")
            assert routes(wizard).row_count == 15

    asyncio.run(go())


class Reading(Mixed):
    """Reads on until the test lets it end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.end = threading.Event()

    def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
        assert seen is not None
        for route in self.configuration.routes:
            seen(route)
        self.end.wait()
        return super().load()


def test_routes_are_shown_while_the_files_are_read() -> None:
    async def go() -> None:
        engine = Reading(300)
        wizard = app(engine)
        async with running(wizard) as pilot:
            await until(pilot, lambda: len(wizard.session.seen) == 300)
            wizard.simulate_key("1")
            await until(pilot, lambda: wizard.current_mode == "load")
            await until(pilot, lambda: bool(wizard.screen.query("#routes")))
            await until(pilot, lambda: routes(wizard).row_count == 300)
            await until(pilot, lambda: "Reading · 300 routes so far" in screen(wizard))
            assert "/app1/" in screen(wizard)
            engine.end.set()
            await until(pilot, lambda: "300 routes · 1 fails" in screen(wizard))

    asyncio.run(go())


def test_a_secret_of_the_file_is_masked_below_and_beside() -> None:
    secret = b"RequestHeader set Authorization geheim-4711\n"

    async def go() -> None:
        for size in ((80, 24), (120, 40)):
            engine = Mixed()
            data = engine.configuration.files[FILE].data.replace(b"    ProxyPres", secret + b"#")
            files = {FILE: SourceFile(FILE, FILE, data)}
            engine.configuration = replace(engine.configuration, files=files)
            wizard = app(engine)
            async with opened(wizard, size) as pilot:
                await load(pilot)
                told = await paged(pilot, wizard)
                assert "RequestHeader set Authorization" in told
                assert "geheim" not in told

    asyncio.run(go())


# texts


@pytest.mark.parametrize("room", range(54, 200, 7))
@pytest.mark.parametrize("one_host", [True, False])
def test_columns_never_need_more_room_than_there_is(room: int, one_host: bool) -> None:
    for wanted in (
        Widths(12, 6, 24, 3, 17),
        Widths(60, 40, 90, 8, 30),
        Widths(60, 4, 20, 3, 0),
        Widths(5, 1, 9, 3, 14),
        Widths(14, 90, 30, 3, 20),
    ):
        found = listing.fitted(room, wanted, one_host=one_host)
        parts = (found.vhost, found.path, found.backend, found.answer, found.cause)
        assert 4 + sum(parts) + 2 * (sum(map(bool, parts)) - 1) <= room
        assert found.path >= min(wanted.path, 10)
        assert found.backend >= min(wanted.backend, 8)
        assert found.answer >= 3
        if not one_host:
            assert found.vhost >= min(wanted.vhost, 12)


def test_the_virtual_host_goes_first_where_it_is_always_the_same() -> None:
    wanted = Widths(13, 8, 26, 3, 19)
    assert listing.fitted(100, wanted, one_host=True) == wanted
    assert listing.fitted(75, wanted, one_host=True) == replace(wanted, vhost=0)
    assert listing.fitted(70, wanted, one_host=False) == replace(wanted, cause=0)


def test_counts_by_cause_are_told_as_far_as_there_is_room() -> None:
    async def go() -> None:
        wizard = app(Mixed())
        async with opened(wizard):
            session = wizard.session
            whole = "2 ca-not-trusted, 1 certificate-expired"
            assert listing.causes(session, 80).plain == whole
            assert listing.causes(session, 38).plain == "2 ca-not-trusted, 1 other cause"
            session.diagnoses.pop(session.routes[0].id)
            session.diagnoses.pop(session.routes[4].id)
            assert listing.causes(session, 80).plain == ""  # one alone says it in its line

    asyncio.run(go())


def test_of_a_path_the_end_is_told() -> None:
    assert in_force.fitted("/etc/apache2/ssl/corp-root.pem", 40) == "/etc/apache2/ssl/corp-root.pem"
    assert in_force.fitted("/etc/apache2/ssl/corp-root.pem", 20) == "…/ssl/corp-root.pem"
    assert in_force.fitted("/etc/apache2/ssl/corp-root.pem", 16) == "…/corp-root.pem"
    assert len(in_force.fitted("/etc/apache2/ssl/corp-root.pem", 8)) == 8
    assert in_force.fitted("ECDHE-RSA-AES128-GCM-SHA256", 9) == "ECDH…A256"


@pytest.mark.parametrize("width", [40, 54, 76, 100])
def test_no_line_of_what_is_in_force_is_wider_than_the_frame(width: int) -> None:
    policy = replace(
        ROUTE.tls,
        ca_certificate_file=Setting("/etc/" + "long/" * 30 + "corp.pem", Source(FILE, 1)),
        machine_certificate_chain_file=Setting("/x" * 60, Source(f"/etc/{'n' * 50}.conf", 12345)),
    )
    route = replace(ROUTE, tls=policy)
    told = in_force.text(route, configuration(1), width, whole=True).plain
    table = told.partition("\n\n")[0] + "\n" + told.partition("hides them\n")[2]
    assert max(map(len, table.splitlines())) <= max(
        width, len("SSLProxyMachineCertificateChainFile")
    )
    assert "corp.pem" in told


def test_a_long_value_takes_the_room_beside_a_short_name() -> None:
    told = in_force.text(ROUTE, configuration(1), 56, whole=False).plain.splitlines()
    assert told[:3] == [
        "SSLProxyEngine  on                            app.conf:5",
        "SSLProxyVerify  require                       app.conf:6",
        "ProxyPass  / https://backend.internal:8443/   app.conf:9",
    ]


def test_what_keeps_requests_away_comes_first() -> None:
    route = replace(ROUTE, shadowed_by=Source(FILE, 4))
    lone = replace(configuration(1), partial=True)
    told = in_force.text(route, lone, 76, whole=False).plain.splitlines()
    assert told[0].startswith("A lone file")
    assert told[1] == "No request takes this route: app.conf:4 takes them before."


def test_names_that_are_the_same_are_told_at_once() -> None:
    told = in_force.text(ROUTE, configuration(1), 76, whole=False).plain
    assert "SNI sent, name checked backend.internal   Host sent backend.internal:8443" in told
    plain = replace(ROUTE, backend=replace(ROUTE.backend, scheme="http"))
    assert "SNI" not in in_force.text(plain, configuration(1), 76, whole=False).plain


def test_text_from_outside_is_harmless_everywhere() -> None:
    hostile = replace(
        ROUTE,
        path=f"/{HOSTILE}",
        vhost=replace(ROUTE.vhost, server_name=HOSTILE),
        backend=replace(ROUTE.backend, url=f"https://{HOSTILE}/"),
    )
    texts = (
        listing.line(hostile, None, Widths(60, 60, 60, 3), glyphs.UNICODE).plain,
        in_force.text(hostile, configuration(1), 100, whole=True).plain,
        in_force.title(hostile),
        in_force.problems([Problem(HOSTILE, 1, HOSTILE, "warning")], glyphs.UNICODE).plain,
        listing.no_hits(HOSTILE),
        present.policy_text(hostile),
    )
    for text in texts:
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "evil" in text


def test_lines_far_apart_are_not_filled_in_between() -> None:
    data = b"".join(b"# line %d\n" % number for number in range(1, 1001))
    text, first = in_force.lines(
        {FILE: SourceFile(FILE, FILE, data)}, {FILE: [900, 10]}, ">", around=1, short=True
    )
    lines = text.plain.splitlines()
    assert lines[0] == "app.conf"
    assert [line.split()[0] for line in lines[1:]] == ["9", "10", "11", "…", "899", "900", "901"]
    assert lines[first] == "   10 ># line 10"


def test_without_routes_the_line_that_httpd_refuses_comes_first() -> None:
    problem = Problem("/etc/apache2/site.conf", 7, "Invalid command 'ProxyPas', perhaps x")

    class Refused(FakeEngine):
        def load(self, seen: Callable[[Route], None] | None = None) -> Configuration:
            return replace(configuration(1), routes=(), problems=(problem,))

    async def go() -> None:
        wizard = app(Refused())
        async with opened(wizard) as pilot:
            await load(pilot)
            assert "site.conf:7: Invalid command 'ProxyPas'" in said(wizard)
            assert "Nothing is proxied in this configuration" not in said(wizard)

    asyncio.run(go())
