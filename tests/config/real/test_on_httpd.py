"""What people write, each held against what a real httpd does with it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.config.real import lab
from tests.config.real.cases import Case, cases
from tests.config.routing.compare import works
from tests.support import httpd
from wizard import config
from wizard.errors import ConfigError
from wizard.model.config import Problem, Route
from wizard.model.host_names import bare_name

CASES = cases()
ACCEPTED = [case for case in CASES if not case.refused]
TOGETHER = [case for case in ACCEPTED if not case.alone]
ALONE = [case for case in ACCEPTED if case.alone]
REFUSED = [case for case in CASES if case.refused]
_WITHOUT_HTTP = ("ajp", "fcgi", "scgi", "uwsgi", "h2", "h2c", "ftp")
_NAMED = re.compile(r"^ +(?:default server|port \S+ namevhost) (\S+) \((.+):(\d+)\)$", re.MULTILINE)
_SINGLE = re.compile(r"^\S+:\S+ +(\S+) \((.+):(\d+)\)$", re.MULTILINE)


def _id(case: Case) -> str:
    return f"{case.field}-{case.name}"


@pytest.fixture(scope="module")
def world() -> Iterator[lab.World]:
    # not below pytest's own directory, which is closed to httpd's user when another run begins
    with TemporaryDirectory(prefix="real-") as root, lab.world(Path(root)) as made:
        yield made


@pytest.fixture(scope="module")
def together(world: lab.World) -> Iterator[lab.Running]:
    with lab.running(world, "together", TOGETHER) as made:
        yield made


@pytest.mark.parametrize("case", TOGETHER, ids=_id)
def test_routes_are_what_httpd_does(case: Case, together: lab.Running) -> None:
    _hold(case, together)


@pytest.mark.parametrize("case", ALONE, ids=_id)
def test_routes_are_what_httpd_does_alone(case: Case, world: lab.World) -> None:
    with lab.running(world, _id(case), [case]) as running:
        assert not [p for p in running.configuration.problems if p.phase != "warning"]
        _hold(case, running)


def _hold(case: Case, running: lab.Running) -> None:
    routes = running.routes(case)
    assert len(routes) == case.routes, [f"{r.path} {r.backend.url}" for r in routes]
    told = {"shadowed": {r.path for r in routes if r.shadowed_by}}
    told["unknown"] = {r.path for r in routes if r.unknown and not r.shadowed_by}
    assert told == {key: set(case.values(key)) for key in told}, [r.unknown for r in routes]
    for route in routes:
        if route.path not in case.values("unknown") + case.values("conditional"):
            _compare(route, running, path=route.path not in case.values("variable"))
    for place in case.values("not"):
        host, _, path = place.partition("/")
        taken = running.world.taken()
        answer = lab.ask(running.ports["http"], host or case.host, f"/{path}", tls=False)
        assert answer.report is None
        assert running.world.taken() == taken


def _compare(route: Route, running: lab.Running, *, path: bool) -> None:
    """Send the request that a route imagines, and see whether it comes out as the route says."""
    taken = running.world.taken()
    answer = running.ask(route)
    report = answer.report or {}
    if route.backend.scheme in _WITHOUT_HTTP:
        assert running.world.taken() > taken or route.shadowed_by, running.log
        return
    asked = route.request_url.split("://", 1)[1].partition("/")[2]
    expected = {
        "port": route.backend.port if route.backend.socket is None else 0,
        "host": route.backend.host_header,
        "sni": route.backend.sni,
    }
    if path:
        expected["path"] = f"/{asked}".replace(" ", "%20")
    if route.shadowed_by or route.worker.parameters.get("status") is not None:
        assert {key: report.get(key) for key in expected} != expected
    elif works(route, running.world.routing):
        assert answer.status == 200, running.log
        assert {key: report.get(key) for key in expected} == expected
    else:
        assert (answer.status, answer.report) == (500, None)


def test_no_problem_is_found_in_what_httpd_takes(together: lab.Running) -> None:
    assert not [p for p in together.configuration.problems if p.phase != "warning"]


def test_the_virtual_hosts_are_httpds(together: lab.Running) -> None:
    dumped = subprocess.run(
        [httpd.HTTPD, "-t", "-D", "DUMP_VHOSTS", "-f", str(together.main)],
        env=httpd.environment(together.world.routing.hosts),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    found = _NAMED.findall(dumped) + _SINGLE.findall(dumped)
    theirs = {_place(name, file, int(line)) for name, file, line in found}
    ours = {
        _place(bare_name(host.server_name or "main.test"), host.source.file, host.source.line)
        for host in together.configuration.virtual_hosts
        if not host.is_main
    }
    assert ours == theirs


def _place(name: str, file: str, line: int) -> tuple[str, str, int]:
    """httpd counts a macro's lines from its definition, and names the macro as the file."""
    return (name, "", 0) if "macro" in name or file.startswith("macro ") else (name, file, line)


@pytest.mark.parametrize("case", REFUSED, ids=_id)
def test_what_httpd_refuses_is_refused(case: Case, world: lab.World) -> None:
    main, _ = lab.configuration(world, f"refused-{_id(case)}", [case])
    done = subprocess.run(
        [httpd.HTTPD, "-t", "-f", str(main)],
        env=httpd.environment(world.routing.hosts),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode != 0
    first = _first(main)
    said = done.stderr.strip()
    assert f"Syntax error on line {first.line} of {first.file}:" in said
    assert said.splitlines()[-1].rstrip().endswith(_logged(first.message.rstrip()))


def _logged(text: str) -> str:
    """A text as httpd logs it: bytes beyond ASCII by number (ap_escape_errorlog_item)."""
    return "".join(
        chr(b) if b < 128 else f"\\x{b:02x}" for b in text.encode(errors="surrogateescape")
    )


def _first(main: Path) -> Problem:
    try:
        problems = [p for p in config.load(str(main)).problems if p.phase == "config"]
    except ConfigError as error:
        problems = [Problem(error.file, error.line, error.message)]
    return problems[0]
