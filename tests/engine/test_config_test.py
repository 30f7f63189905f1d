"""httpd itself is asked: its own test, beside the reader."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.support.command import WIZARD
from tests.support.httpd import MODULES
from wizard.engine import config_test
from wizard.engine.engine import Engine
from wizard.errors import StoppedError
from wizard.httpd import command
from wizard.model.config import Problem
from wizard.model.plan import FixChoice
from wizard.model.scope import HttpdChoice, Scope

LOADED = ("mpm_event", "authz_core", "proxy", "proxy_http", "ssl", "socache_shmcb")


@pytest.fixture
def main(tmp_path: Path) -> Path:
    made = tmp_path / "httpd.conf"
    lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED]
    head = ["ServerName x.example", f"PidFile {tmp_path}/pid", f"ErrorLog {tmp_path}/log"]
    made.write_text(
        "\n".join([*head, "Listen 127.0.0.2:18099", *lines, "ProxyPass / http://127.0.0.1:1/", ""])
    )
    return made


def _add(main: Path, line: str) -> int:
    main.write_text(f"{main.read_text()}{line}\n")
    return main.read_text().count("\n")


def _problems(main: Path, httpd: HttpdChoice | None = None, **scope: object) -> list[Problem]:
    chosen = Scope(str(main), httpd=httpd or HttpdChoice(), **scope)  # type: ignore[arg-type] # any field
    return list(Engine(chosen).load().problems)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("User nobody-of-that-name", "bad user name nobody-of-that-name"),
        ("Group nobody-of-that-name", "bad group name nobody-of-that-name"),
        ("LoadModule our_module /nonexistent/our.so", "Cannot load /nonexistent/our.so into"),
        ("Error \"not on this machine\"", "not on this machine"),
        ("SSLSessionCacheTimeout 1 2", "SSLSessionCacheTimeout takes one argument"),
    ],
)  # fmt: skip
def test_what_httpd_refuses_is_the_verdict(main: Path, line: str, said: str) -> None:
    number = _add(main, line)
    report = Engine(Scope(str(main), probe=False)).check()
    problem = report.configuration.problems[0]
    assert (problem.file, problem.line) == (str(main), number)
    assert said in problem.message
    (diagnosis,) = report.diagnoses
    assert (diagnosis.verdict.outcome, diagnosis.verdict.stage) == ("fail", "config")
    assert said in diagnosis.verdict.reason
    critical = [one for one in diagnosis.findings if one.severity == "critical"]
    assert len(critical) == 1
    assert said in critical[0].explanation


def test_the_command_line_tells_it(main: Path) -> None:
    number = _add(main, "User nobody-of-that-name")
    call = [*WIZARD, "check", str(main), "--no-probe", "--format", "json"]
    done = subprocess.run(call, capture_output=True, timeout=60)
    (problem,) = json.loads(done.stdout)["config"]["problems"]
    assert (problem["line"], problem["stage"]) == (number, "config")
    assert done.returncode == 2


def test_a_fix_does_not_end_well_for_what_only_httpd_refuses(main: Path) -> None:
    _add(main, 'Error "not on this machine"')
    repair = Engine(Scope(str(main))).repair(FixChoice())
    assert "configuration-refused" in {left.finding.slug for left in repair.plan.unresolved}


def test_names_are_passed_on(main: Path) -> None:
    number = _add(main, "<IfDefine OURS>\nUser nobody-of-that-name\n</IfDefine>") - 1
    assert _problems(main) == []
    assert [one.line for one in _problems(main, defines=("OURS",))] == [number]


def test_when_it_is_not_asked(main: Path, tmp_path: Path) -> None:
    _add(main, "User nobody-of-that-name")
    assert _problems(main)
    for choice in (HttpdChoice(ask=False), HttpdChoice(version="2.4.37"),
                   HttpdChoice(openssl="1.1.1w")):  # fmt: skip
        assert _problems(main, choice) == []
    assert _problems(main, overlay={}) == []
    alone = tmp_path / "vhost.conf"
    alone.write_text(
        "<VirtualHost *:80>\nProxyPass / http://127.0.0.1:1/\nUser nobodyx\n</VirtualHost>\n"
    )
    assert not [one for one in _problems(alone) if one.by_httpd]


@pytest.mark.parametrize("whose", ["a repository", "others", "a module of others"])
def test_what_others_may_have_written_is_not_given_to_httpd(main: Path, whose: str) -> None:
    """``-t`` loads modules, which run as this user: a pull request would run what it brings."""
    module = main.parent / "evil.so"
    module.write_bytes(b"")
    _add(main, f"LoadModule evil_module {module}\nUser nobody-of-that-name")
    assert any(one.by_httpd for one in _problems(main))
    if whose == "a repository":
        (main.parent / ".git").mkdir()
    else:
        (main if whose == "others" else module).chmod(0o666)
    assert not any(one.by_httpd for one in _problems(main))


def test_httpd_is_right_where_the_reader_alone_refuses(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(main, "OfTheNextRelease on")
    assert [one.phase for one in _problems(main)] == ["config"]
    said = command.CommandResult(True, "Syntax OK")
    monkeypatch.setattr(command, "configtest", lambda *_: said)
    report = Engine(Scope(str(main), probe=False)).check()
    (problem,) = report.configuration.problems
    assert problem.phase == "warning"
    assert "httpd -t accepts this line" in problem.message
    assert {one.verdict.stage for one in report.diagnoses} == {None}


def test_a_test_that_hangs_costs_its_limit_and_is_noted(
    main: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "command", lambda *_: ["sh", "-c", "sleep 987"])
    monkeypatch.setattr(config_test, "SECONDS", 0.3)
    (problem,) = _problems(main)
    assert problem.phase == "warning"
    assert "did not end within" in problem.message


def test_a_stop_ends_a_test_that_hangs(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "command", lambda *_: ["sh", "-c", "exec sleep 988"])
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(StoppedError):
        Engine(Scope(str(main)), stop=stop).load()
    assert time.monotonic() - began < 5
    assert not [one for one in Path("/proc").glob("[0-9]*/cmdline") if _reads(one) == b"sleep988"]


def _reads(file: Path) -> bytes:
    try:
        return file.read_bytes().replace(b"\0", b"")
    except OSError:
        return b""


def test_a_flood_of_words_is_bounded(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flood = "head -c 4000000 /dev/zero | tr '\\0' 'a'; echo; exit 1"
    monkeypatch.setattr(command, "command", lambda *_: ["sh", "-c", flood])
    (problem,) = _problems(main)
    assert len(problem.message) < 2000
    if os.geteuid() != 0:
        assert problem.phase == "warning"
