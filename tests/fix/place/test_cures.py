"""The lines that repair answers: where each stands, and httpd takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import command, httpd
from wizard import config
from wizard.fix import plan
from wizard.fix.source.unified_diff import apply_to, unified
from wizard.model.certificate import TrustMaterial
from wizard.model.config import Configuration, Route, Source
from wizard.model.cure import Cure, Where
from wizard.model.diagnosis import Case, Diagnosis, Finding, Report, Verdict
from wizard.model.plan import BundlePlace, FixChoice, FixPlan, TrustFound
from wizard.wording.remarks import sentence

WHY = "the backend's redirects name its own address"
REVERSE = "ProxyPassReverse /app/ http://127.0.0.1:9/"
HEADER = "RequestHeader set X-Forwarded-Proto https"


class Tree:
    """Files of a configuration, and plans for it."""

    def __init__(
        self,
        directory: Path,
        body: str,
        *,
        without: Sequence[str] = (),
        paths: Sequence[str] = ("",),
    ) -> None:
        self.paths = paths
        self.main = directory / "httpd.conf"
        self.directory = directory
        self.body = body
        head = httpd.main_config(directory, ["127.0.0.1:1"], without=without)
        head = head.replace("\n", "\r\n") if "\r" in body else head
        self.begins = len(head.encode())
        self.main.write_bytes((head + body).encode())

    def plan(self, cures: Callable[[Route], Sequence[Cure]]) -> tuple[FixPlan, Configuration]:
        """A plan for findings that have these cures."""
        found = config.load(str(self.main))
        told = []
        asked = (replace(r, id=replace(r.id, asked=p)) for r in found.routes for p in self.paths)
        for route in asked:
            wanted = tuple(cures(route))
            finding = Finding("redirect-points-to-backend", "warning", "", (), "", cures=wanted)
            case = Case(route, TrustMaterial(), None, datetime.now(UTC))
            told.append(Diagnosis(case, Verdict("ok", status=200), (finding,) if wanted else ()))
        report = Report(found, tuple(told), 0.0)
        trust = TrustFound({}, BundlePlace(None))
        return plan.make(report, FixChoice(), trust), found

    def patched(self, cures: Callable[[Route], Sequence[Cure]]) -> str:
        """What follows the server level, once patched with ``patch -p1`` and taken by httpd."""
        made, found = self.plan(cures)
        assert made.unresolved == (), [sentence(one.reason) for one in made.unresolved]
        assert made.resolved
        meant: Mapping[str, bytes] = apply_to(made, found.files)
        command.patch(unified(made, found.files))
        for path, data in meant.items():
            assert Path(path).read_bytes() == data
        fine, said = httpd.configtest(self.main, self.directory / "none")
        assert fine, said
        return self.main.read_bytes()[self.begins :].decode()

    def refused(self, cures: Callable[[Route], Sequence[Cure]]) -> list[str]:
        """Why nothing is written, for each finding."""
        made, _ = self.plan(cures)
        assert made.edits == ()
        assert made.resolved == ()
        return [sentence(one.reason) for one in made.unresolved]


def cure(where: Where, line: str = REVERSE, replaced: Source | None = None) -> Cure:
    return Cure(where, line, WHY, replaced)


def each(where: Where, line: str = REVERSE) -> Callable[[Route], Sequence[Cure]]:
    return lambda _: [cure(where, line)]


def host(*lines: str, end: str = "\n") -> str:
    return end.join(("<VirtualHost *:1>", *lines, "</VirtualHost>", ""))


PASS = "ProxyPass /app/ http://127.0.0.1:9/"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["", "\t", "    "])
@pytest.mark.parametrize("where", ["after-route", "server"])
def test_it_stands_below_the_route_with_its_blanks_and_line_ends(
    tmp_path: Path, where: Where, indent: str, end: str
) -> None:
    tree = Tree(tmp_path, host(f"{indent}{PASS}", f"{indent}ProxyTimeout 9", end=end))
    after = host(*(f"{indent}{one}" for one in (PASS, REVERSE, "ProxyTimeout 9")), end=end)
    assert tree.patched(each(where)) == after


def test_a_continued_line_stays_whole(tmp_path: Path) -> None:
    lines = ("  ProxyPass /app/ \\", "    http://127.0.0.1:9/")
    tree = Tree(tmp_path, host(*lines))
    assert tree.patched(each("after-route")) == host(*lines, f"  {REVERSE}")


def test_a_section_of_its_own_takes_the_blanks_of_the_file(tmp_path: Path) -> None:
    section = "<Location /app/>\n    ProxyPreserveHost On\n</Location>"
    tree = Tree(tmp_path, host(f"\t{PASS}"))
    new = ("\t<Location /app/>", "\t\tProxyPreserveHost On", "\t</Location>")
    assert tree.patched(each("after-route", section)) == host(f"\t{PASS}", *new)


def test_another_url_takes_the_place_of_the_route_s(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host('  ProxyPass /app "http://127.0.0.1:9/" retry=0'))
    after = tree.patched(each("url", "http://127.0.0.1:9"))
    assert after == host('  ProxyPass /app "http://127.0.0.1:9" retry=0')


def test_an_exclusion_stands_before_the_section_that_makes_the_route(tmp_path: Path) -> None:
    lines = ("  <Location /app/>", "    ProxyPass http://127.0.0.1:9/", "  </Location>")
    but = "ProxyPass /app/static !"
    tree = Tree(tmp_path, host(*lines))
    assert tree.patched(each("before-route", but)) == host(f"  {but}", *lines)


def test_before_the_route_and_the_comments_that_are_its_own(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host("", "# the application", PASS))
    but = "ProxyPass /app/static !"
    after = host("", but, "# the application", PASS)
    assert tree.patched(each("before-route", but)) == after


def test_a_parameter_ends_the_line_that_makes_the_route(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host("  ProxyPass /app/ \\", "\thttp://127.0.0.1:9/ retry=0  ", "#"))
    after = tree.patched(each("parameter", "upgrade=websocket"))
    assert after == host("  ProxyPass /app/ \thttp://127.0.0.1:9/ retry=0 upgrade=websocket", "#")


def test_a_file_without_a_last_line_end(tmp_path: Path) -> None:
    tree = Tree(tmp_path, f"<IfModule proxy_module>\n</IfModule>\n{PASS}")
    after = f"<IfModule proxy_module>\n</IfModule>\n{PASS}\n{REVERSE}\n"
    assert tree.patched(each("after-route")) == after


def test_in_a_location_it_stands_beside_the_route_and_for_the_server_at_its_end(
    tmp_path: Path,
) -> None:
    lines = ("<Location /app/>", "  ProxyPass http://127.0.0.1:9/", "</Location>")
    beside = "ProxyPassReverse http://127.0.0.1:9/"
    tree = Tree(tmp_path, host(*lines))
    after = tree.patched(
        lambda _: [cure("after-route", beside), cure("server", "ProxyPreserveHost On")]
    )
    inside = (*lines[:2], f"  {beside}", lines[2])
    assert after == host(*inside, "    ProxyPreserveHost On")


def test_the_main_server_s_line_follows_the_section_that_holds_the_route(tmp_path: Path) -> None:
    body = f"<Location /app/>\n  {PASS.replace(' /app/', '')}\n</Location>\n# end\n"
    after = Tree(tmp_path, body).patched(each("server"))
    assert after == body.replace("# end", f"{REVERSE}\n# end")


def test_a_line_is_changed_where_it_stands_or_taken_away(tmp_path: Path) -> None:
    lines = (PASS, "\tProxyPassReverse \\", "   /app/ http://127.0.0.1:8/", "ProxyVia On")
    tree = Tree(tmp_path, host(*lines))
    first = tree.main.read_bytes()[: tree.begins].count(b"\n")
    wrong, via = Source(str(tree.main), first + 4), Source(str(tree.main), first + 5)
    after = tree.patched(lambda _: [cure("instead", REVERSE, wrong), cure("instead", "", via)])
    assert after == host(PASS, f"\t{REVERSE}")


def test_what_several_routes_need_of_a_server_is_written_once(tmp_path: Path) -> None:
    other = "ProxyPass /two/ http://127.0.0.1:9/two/"
    tree = Tree(tmp_path, host(PASS, other))
    assert tree.patched(each("after-route", HEADER)) == host(PASS, HEADER, other)


def test_what_several_requests_of_a_route_need_is_written_once(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host(PASS), paths=("", "/app/deep/"))
    assert tree.patched(each("server", HEADER)) == host(PASS, HEADER)


def test_what_the_members_of_a_balancer_need_is_written_once(tmp_path: Path) -> None:
    lines = (
        "<Proxy balancer://b>",
        *(f"  BalancerMember http://127.0.0.1:{port}" for port in (8, 9)),
        "</Proxy>",
        "ProxyPass / balancer://b/",
    )
    line = "ProxyPassReverse / balancer://b/"
    tree = Tree(tmp_path, host(*lines))
    assert tree.patched(each("after-route", line)) == host(*lines, line)


def test_cures_that_contradict_are_left_both(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host(PASS, "ProxyPass /two/ http://127.0.0.1:9/"))
    said = tree.refused(
        lambda route: [
            cure("server", f"ProxyPreserveHost {'On' if route.path == '/app/' else 'Off'}")
        ]
    )
    assert len(said) == 2
    assert all("need different lines there: ProxyPreserveHost On," in one for one in said)


def test_of_one_finding_all_cures_are_written_or_none(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host(PASS))
    (said,) = tree.refused(lambda _: [cure("server"), cure("server", "<Location />")])
    assert said == "the line that would repair it is not one that can be written"


@pytest.mark.parametrize("line", ["A\nB", "ProxyVia ${SECRET}", "ProxyVia On \\"])
def test_what_is_no_single_line_is_not_written(tmp_path: Path, line: str) -> None:
    assert Tree(tmp_path, host(PASS)).refused(each("after-route", line))


def test_a_line_that_httpd_refuses_at_this_place_is_not_written(tmp_path: Path) -> None:
    body = host("<Location /app/>", "ProxyPass http://127.0.0.1:9/", "</Location>")
    (said,) = Tree(tmp_path, body).refused(each("after-route", "ProxyVia On"))
    assert "ProxyVia On" in said


def test_without_mod_headers_the_plan_says_how_it_is_loaded(tmp_path: Path) -> None:
    tree = Tree(tmp_path, host(PASS), without=("headers",))
    (said,) = tree.refused(each("after-route", HEADER))
    assert said.startswith(f"{HEADER} needs headers_module, which is not loaded: ")
    assert "mod_headers.so" in said or "a2enmod headers" in said


def test_in_a_file_that_one_host_includes_it_stands_in_that_file(tmp_path: Path) -> None:
    routes = tmp_path / "routes.inc"
    routes.write_text(f"  {PASS}\n")
    body = host(f"  Include {routes}")
    assert Tree(tmp_path, body).patched(each("after-route")) == body
    assert routes.read_text() == f"  {PASS}\n  {REVERSE}\n"


def test_where_all_hosts_that_read_a_file_need_it_it_is_written_there_once(
    tmp_path: Path,
) -> None:
    routes = tmp_path / "routes.inc"
    routes.write_text(f"{PASS}\n")
    body = host("ServerName a.test", f"Include {routes}") * 2
    assert Tree(tmp_path, body).patched(each("after-route")) == body
    assert routes.read_text() == f"{PASS}\n{REVERSE}\n"


def test_where_another_host_reads_the_file_too_it_stands_behind_the_include(
    tmp_path: Path,
) -> None:
    routes = tmp_path / "routes.inc"
    routes.write_text(f"{PASS}\n")
    one, two = ("ServerName a.test", f"  Include {routes}"), ("ServerName b.test",)
    include = f"  Include {routes}"
    tree = Tree(tmp_path, host(*one) + host(*two, include))
    after = tree.patched(
        lambda route: [cure("after-route")] if route.id.server_name == "a.test" else []
    )
    assert after == host(*one, f"  {REVERSE}") + host(*two, include)


MACRO = (
    "<Macro App $name>\n  ProxyPass /$name/ http://127.0.0.1:9/$name/\n"
    "  ProxyPreserveHost Off\n</Macro>\n"
)


def test_a_macro_s_lines_are_shared_by_all_that_use_it(tmp_path: Path) -> None:
    body = (
        MACRO
        + host("ServerName a.test", "  Use App one")
        + host("ServerName b.test", "Use App two")
    )
    changed = body.replace("/$name/\n", f"/$name/\n  {HEADER}\n", 1)
    assert Tree(tmp_path, body).patched(each("after-route", HEADER)) == changed


def test_what_one_use_of_a_macro_needs_stands_behind_it(tmp_path: Path) -> None:
    one, two = host("ServerName a.test", "  Use App one"), host("ServerName b.test", "Use App two")
    tree = Tree(tmp_path, MACRO + one + two)
    after = tree.patched(
        lambda route: [cure("after-route")] if route.id.server_name == "a.test" else []
    )
    assert after == MACRO + one.replace("Use App one\n", f"Use App one\n  {REVERSE}\n") + two


@pytest.mark.parametrize("where", ["after-route", "server"])
def test_hosts_of_one_macro_get_nothing_that_only_one_of_them_needs(
    tmp_path: Path, where: Where
) -> None:
    macro = f"<Macro Host $name>\n{host('ServerName $name', PASS)}</Macro>\n"
    body = f"{macro}Use Host a.test\nUse Host b.test\n"

    def only_one(route: Route) -> Sequence[Cure]:
        return [cure(where)] if route.id.server_name == "a.test" else []

    (said,) = Tree(tmp_path, body).refused(only_one)
    assert said.startswith("other virtual hosts read ")
    assert said.endswith(f"so write it by hand: {REVERSE}")


def test_a_main_server_s_route_that_a_host_uses_is_cured_in_that_host(tmp_path: Path) -> None:
    own = ("  SSLProxyEngine on", "  ProxyPass /own/ https://127.0.0.1:9/", "  ProxyVia On")
    body = f"ProxyPass /app/ https://127.0.0.1:9/\n{host(*own)}"
    tree = Tree(tmp_path, body)
    after = tree.patched(lambda route: [cure("server")] if route.id.inherited else [])
    assert after == body.replace("  ProxyVia On\n", f"  ProxyVia On\n  {REVERSE}\n")
