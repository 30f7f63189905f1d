"""Ten broken proxies from open to repaired, by keys alone, which are counted: real backends, a real
httpd that runs and is reloaded, at 80 by 24."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.screen import ModalScreen

from tests.screens.sites.bed import Site, standing
from tests.screens.sites.kinds import API, KINDS
from tests.screens.sites.walk import Walk, opened
from tests.screens.tmux import Tmux
from tests.support.command import WIZARD
from tests.support.running import with_temporary

CA_LINE = "+ SSLProxyCACertificateFile"
CHANGES = {
    "ip": ("- ProxyPass / https://127.0.0.1:", "+ ProxyPass / https://erp.corp.test:"),
    "ip_by_certificate": ("- ProxyPass / https://127.", "+ ProxyPass / https://erp.corp.test:"),
    "preserve": ("- ProxyPreserveHost On", "+ ProxyPreserveHost Off"),
    "missing_intermediate": ("- SSLProxyCACertificateFile", CA_LINE),
    "engine_off": ("+ SSLProxyEngine on",),
    "depth": ("+ SSLProxyVerifyDepth 2",),
    "refused": ("- SSLProxyVerifyy require", "+ SSLProxyVerify require"),
    "internal_ca": (CA_LINE,),
    "no_ca_file": (CA_LINE,),
    "self_signed": (CA_LINE,),
}
"""The lines that decide, of each site that its configuration can repair."""
NO_DECISION = ["ip", "preserve", "missing_intermediate", "engine_off", "depth", "refused"]


@pytest.fixture
def site(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    with standing(request.param, tmp_path) as made:
        yield made


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("site", kinds, indirect=True)


async def apply(walk: Walk) -> None:
    """From the case that shows its change to the running server's answer."""
    site = walk.site
    lines, before, answered = CHANGES[site.name], site.contents(), site.answer()
    assert all(line in walk.screen for line in lines), walk.screen
    await walk.press("a")
    assert all(line in walk.screen for line in lines), walk.screen
    assert site.contents() == before
    assert site.answer() == answered
    await walk.press("y")
    assert site.answer() == 200
    assert site.contents() != before
    assert "Repaired. The running server answers 200" in walk.screen
    assert walk.colour("Repaired.") == "green"


@of(*KINDS)
def test_it_is_broken_and_runs(site: Site) -> None:
    reads_no_more = bool(site.parts.broken)
    assert site.answer() == (200 if reads_no_more else 500)
    assert with_temporary(site.directory)


def test_nothing_of_it_is_left(tmp_path: Path) -> None:
    with standing("ip", tmp_path) as site:
        assert site.directory.exists()
    assert not with_temporary(site.directory)
    assert not site.directory.exists()


@of(*NO_DECISION)
def test_two_keys_where_no_decision_is_missing(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            assert "Rehearsed on a private httpd" in walk.screen
            assert walk.colour("The browser gets" if site.answer() == 500 else "httpd") == "red"
            await apply(walk)
            assert walk.keys == 2

    asyncio.run(go())


@of("ip", "missing_intermediate")
def test_undone_it_is_what_it_was_and_the_screen_says_what_is_now(site: Site) -> None:
    before, answered = site.contents(), site.answer()

    async def go() -> None:
        async with opened(site) as walk:
            await walk.press("a", "y")
            assert site.answer() == 200
            await walk.press("u")
            assert site.contents() != before
            await walk.press("y")
            assert "Undone" in walk.screen
            assert "Repaired" not in walk.screen
            assert site.contents() == before
            assert site.answer() == answered
            await walk.press("escape")  # what is now: the case again, with its change
            assert all(line in walk.screen for line in CHANGES[site.name]), walk.screen
            await walk.press("a", "y")
            assert site.answer() == 200

    asyncio.run(go())


@of("ip_by_certificate")
def test_a_name_that_only_the_certificate_gives_is_asked_about(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            await walk.press("a")
            assert "only the certificate" in walk.screen
            await walk.press("escape")
            walk.keys = 0
            await apply(walk)
            assert walk.keys == 2

    asyncio.run(go())


@of("internal_ca")
def test_three_keys_where_the_ca_is_to_be_chosen(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            assert "One question: which file holds Corp Root CA 2024?" in walk.screen
            before = site.contents()
            await walk.press("enter")
            assert site.contents() == before
            await apply(walk)
            assert walk.keys == 3

    asyncio.run(go())


@of("no_ca_file")
def test_a_ca_file_of_the_operators(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            await walk.press("f")
            await walk.field()
            await walk.press("ctrl+u")
            await walk.paste(site.given)
            await walk.press("enter")
            await apply(walk)
            assert walk.keys <= 6

    asyncio.run(go())


@of("no_ca_file")
def test_after_a_file_that_is_no_ca_another_can_be_named(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            await walk.press("f")
            await walk.field()
            await walk.press("ctrl+u")
            await walk.paste("/etc/hostname")
            await walk.press("enter")
            assert "/etc/hostname" in walk.screen
            await walk.press("f")
            await walk.field()
            await walk.press("ctrl+u")
            await walk.paste(site.given)
            await walk.press("enter")
            await apply(walk)

    asyncio.run(go())


@of("self_signed")
def test_a_fingerprint_as_its_owner_told_it(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            await walk.press("down", "enter")
            await walk.paste(site.parts.fingerprint)
            await walk.press("enter")
            await apply(walk)
            assert walk.keys == 6

    asyncio.run(go())


@of("self_signed")
@pytest.mark.parametrize("step", ["2", "3"])
def test_a_fingerprint_that_was_copied_from_the_screen_confirms_nothing(
    site: Site, step: str
) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            await walk.press(step, "c")
            shown = "".join(walk.app.clipboard.split()).replace(":", "").upper()
            assert site.parts.fingerprint.replace(":", "") in shown
            await walk.press("escape", "down", "enter")
            await walk.paste(site.parts.fingerprint)
            await walk.press("enter")
            assert "confirms nothing" in walk.screen
            assert walk.app.session.repair is None or walk.app.session.repair.plan.is_empty

    asyncio.run(go())


@of("expired")
def test_what_only_the_backends_owner_can_do_is_saved_for_them(site: Site, tmp_path: Path) -> None:
    before = site.contents()

    async def go() -> None:
        async with opened(site) as walk:
            assert "has expired" in walk.screen
            assert "For the backend's owner" in walk.screen
            earlier = set(tmp_path.iterdir())
            await walk.press("s", "enter")
            assert walk.keys == 2
            (saved,) = set(tmp_path.iterdir()) - earlier
            assert saved.suffix == ".txt"
            assert "renew the certificate" in saved.read_text()
            assert "\n@@" not in saved.read_text()
            await walk.press("a", "y")  # there is nothing to apply
            assert not isinstance(walk.app.screen, ModalScreen)

    asyncio.run(go())
    assert site.contents() == before
    assert site.answer() == 500


@of("several")
def test_enter_leads_from_fault_to_fault(site: Site, tmp_path: Path) -> None:
    routes = ("/reports/", *(f"/shop{number}/" for number in range(1, 5)))

    async def go() -> None:
        async with opened(site) as walk:
            assert "/crm/ 6/12" in walk.screen
            assert '+ <Proxy "https://crm.corp.test:' in walk.screen
            await walk.press("a")
            assert CA_LINE in walk.screen
            await walk.press("y")
            assert (site.answer("/crm/"), site.answer("/old/"), site.answer()) == (200, 500, 500)
            assert "Repaired. The running server answers 200" in walk.screen
            assert "2 more routes" in walk.screen
            await walk.press("enter")
            assert "has expired" in walk.screen
            await walk.press("s", "enter")
            await walk.press("down")
            assert "- ProxyPass / https://127.0.0.1:" in walk.screen
            await walk.press("a", "y")
            assert (site.answer("/crm/"), site.answer("/old/"), site.answer()) == (200, 500, 200)
            assert "1 more route" in walk.screen
            assert walk.keys == 8

    asyncio.run(go())
    assert {site.answer(path) for path in routes} == {200}
    assert site.answer("/v1/", API) == 200
    assert len(list(tmp_path.glob("*.txt"))) == 1


@of("refused", "unclosed")
def test_that_httpd_refuses_it_is_said_first(site: Site) -> None:
    async def go() -> None:
        async with opened(site) as walk:
            said = walk.screen.partition("5 Prove")[2]
            place = said.find("httpd does not start with this configuration")
            assert 0 <= place < 40, said
            assert walk.colour("httpd does not start") == "red"

    asyncio.run(go())


AWAY = ["a", "f", "w", "s", "o", "u", "question_mark", "ctrl+p", "c", "enter"]


@of("ip_by_certificate", "internal_ca", "refused")
def test_no_and_escape_write_nothing(site: Site) -> None:
    before, answered = site.contents(), site.answer()

    async def go() -> None:
        async with opened(site) as walk:
            if site.name == "internal_ca":
                await walk.press("enter")
            for key in ("n", "escape", "enter"):
                await walk.press("a", key)
                assert not isinstance(walk.app.screen, ModalScreen), key
                assert site.contents() == before, key

    asyncio.run(go())
    assert site.answer() == answered


@pytest.mark.timeout(400)
@of("internal_ca", "preserve")
def test_escape_everywhere_leads_back_and_writes_nothing(site: Site) -> None:
    before, answered = site.contents(), site.answer()

    async def go() -> None:
        async with opened(site) as walk:
            first = walk.screen
            for key in AWAY:
                if key == "enter" and site.name == "internal_ca":
                    continue  # an answer: there is another plan
                await walk.press(key, "escape")
                assert not isinstance(walk.app.screen, ModalScreen), key
                assert walk.app.current_mode == "case", key
                assert site.contents() == before, key
            for step in "12345":
                await walk.press(step, "c", "s", "escape", "escape")
                assert walk.app.current_mode == "case", step
                assert site.contents() == before, step
            assert walk.screen.partition("5 Prove")[0] == first.partition("5 Prove")[0]

    asyncio.run(go())
    assert site.contents() == before
    assert site.answer() == answered


@of("preserve")
def test_from_open_to_repaired_in_a_terminal(site: Site, tmp_path: Path) -> None:
    with Tmux(tmp_path, [*WIZARD, str(site.main)]) as tmux:
        shown = tmux.see("Rehearsed on a private httpd")
        assert "ProxyPreserveHost Off" in shown
        tmux.press("a")
        tmux.see("Write this")
        assert site.answer() == 500
        tmux.press("y")
        tmux.see("Repaired. The running server answers 200")
        assert site.answer() == 200
        tmux.press("q")
        tmux.see("exit=0")
