"""Which lines of the throw-away httpd's log belong to a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import REQUIRE, Site, standing_at_address
from wizard import config
from wizard.httpd.rehearse import rehearse
from wizard.httpd.sandbox import logs
from wizard.model.scope import Scope

STAMP = "[Wed Nov 25 05:28:41.533921 2026]"
PARENT = f"{STAMP} [core:notice] [pid 7:tid 7] AH00094: Command line: 'apache2'"
STARTING = f"{STAMP} [unixd:alert] [pid 8:tid 8] AH02155: getpwuid: couldn't determine user name"
OTHER = f"{STAMP} [proxy:debug] [pid 8:tid 10] [client 127.0.0.1:41] AH01143: Running scheme http"
OWN = [
    f"{STAMP} [proxy:debug] [pid 8:tid 9] [client 127.0.0.1:40] AH01143: Running scheme https",
    f"{STAMP} [ssl:info] [pid 8:tid 9] [remote 127.0.0.1:41] AH02003: SSL Proxy connect failed",
    f"{STAMP} [proxy:error] [pid 8:tid 9] (111)Connection refused: AH00957: https: attempt",
    f"{STAMP} [proxy:error] [pid 8:tid 9] (20)Error: [client 127.0.0.1:40] AH01084: pass request",
]


def test_lines_of_others_in_between() -> None:
    log = [PARENT, OWN[0], STARTING, OWN[1], OTHER, OWN[2], PARENT, OWN[3]]
    assert logs.of_client(log, 40) == OWN
    assert logs.of_client(log, 41) == [OTHER]
    assert logs.of_client(log, 4) == []


def test_lines_of_a_child_that_starts_in_the_same_thread() -> None:
    """mod_mpm_prefork: a child is one thread."""
    before = STARTING.replace("tid 8", "tid 9")
    assert logs.of_client([before, *OWN, "no line of httpd's"], 40) == OWN


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as site:
        site.write(REQUIRE)
        yield site


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_children_that_complain_while_they_start(site: Site, mpm: str) -> None:
    """As root they do (AH02155); some of them after the server has said that it serves."""
    text = site.main.read_text().replace("mpm_event", f"mpm_{mpm}")
    site.main.write_text(f"{text}User #4242\nGroup #4242\n")
    configuration = config.load(str(site.main))
    seen = Counter(
        rehearse(Scope(str(site.main)), configuration.routes)[0].before.codes for _ in range(5)
    )
    codes = ("AH02276", "AH02003", "AH01997", "AH01084", "AH00898", "AH01097")
    assert seen == {codes: 5}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("40 200 200 200 200 proxy-server", logs.Access(200, 200, 200, True)),
        # the error page's backend
        ("40 200 500 - 200 proxy-server", logs.Access(200, None, 200, True)),
        # redirected inside, before any backend
        ("40 200 200 - 200 proxy-server", logs.Access(200, 200, 200, True)),
        # its own error, shown by another page
        ("40 404 404 404 - -", logs.Access(404, 404, None, False)),
        ("40 403 403 - - -", logs.Access(403, None, None, False)),
        ("40 302 302 302 302 proxy-server", logs.Access(302, 302, 302, True)),
    ],
)
def test_whose_status_it_is(line: str, found: logs.Access) -> None:
    assert logs.access(line.encode()) == {40: found}


def test_of_a_port_that_came_twice_the_route_counts_not_the_impostor() -> None:
    """Five hundred routes are asked once, and then three impostors for each."""
    log = b"40 200 200 200 200 proxy-server\n40 500 500 500 - proxy-server"
    assert logs.access(log) == {40: logs.Access(200, 200, 200, True)}


@pytest.mark.parametrize(
    "line", ["", "40 200", "x 200 200 - - -", "40 200 200 - - - -", "40 a b - - -"]
)
def test_lines_that_are_none_of_the_format(line: str) -> None:
    assert logs.access(line.encode()) == {}
