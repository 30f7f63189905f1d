"""``apply`` and ``rollback`` say 0 only where the running httpd has read the files, or surely none
runs; and one that hangs costs its time once."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support import httpd
from tests.support.site import REQUIRE, Site, standing_at_address
from tests.support.waiting import until
from wizard.cli.main import main
from wizard.config.installation import processes
from wizard.exit_codes import ExitCode
from wizard.httpd import running
from wizard.model.change import SECONDS

SHORT = 3
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with standing_at_address(tmp_path) as made:
        made.write(REQUIRE)
        yield made


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; its exit code, and what it said on stderr."""
    monkeypatch.setenv("PROXY_WIZARD_STATE", str(site.directory / "state"))
    monkeypatch.setattr(processes, "_FRESH", 0.0)  # each command is a process of its own

    def command(*words: str) -> tuple[int, str]:
        capfd.readouterr()
        code = main(list(words))
        return code, " ".join(capfd.readouterr().err.replace("proxy-wizard: ", "").split())

    return command


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of a change are short."""
    for step in ("test", "reload"):
        monkeypatch.setitem(cast("dict[str, Any]", SECONDS), step, SHORT)


def pid(site: Site) -> int:
    return int((site.directory / "httpd.pid").read_text())


def apply(site: Site, run: Run, *words: str) -> tuple[int, str]:
    return run("apply", str(site.main), "--yes", *site.ca, *words)


def generations(site: Site) -> int:
    return (site.directory / "error.log").read_text().count(httpd.READY)


def test_a_pid_file_that_is_gone(site: Site, run: Run) -> None:
    """Of the server that runs; -k graceful would start a second one."""
    with site.running():
        server = pid(site)
        (site.directory / "httpd.pid").unlink()
        code, said = apply(site, run)
        assert code == ExitCode.OK, said
        assert "answers app.test /: 200" in said
        (site.directory / "httpd.pid").unlink()
        code, said = run("rollback")
        assert (code, site.answer()) == (ExitCode.OK, 500)
        assert "httpd was reloaded." in said
        assert running.alive(server)
        assert generations(site) == 3


@contextlib.contextmanager
def two_servers(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """The site's httpd, and a second one with the same file and a PID file of its own."""
    call = [httpd.HTTPD, "-d", str(site.directory), "-f", str(site.main), "-DFOREGROUND"]
    text = site.main.read_text()
    with site.running():
        site.main.write_text(text.replace(f":{site.port}\n", f":{httpd.free_port()}\n", 1))
        with subprocess.Popen([*call, "-c", f"PidFile {site.directory}/b.pid"]) as second:
            until(lambda: (site.directory / "b.pid").exists() and generations(site) == 2)
            site.main.write_text(text)
            try:
                yield second
            finally:
                second.terminate()


def test_two_that_nothing_tells_apart(site: Site, run: Run) -> None:
    with two_servers(site) as second:
        servers = f"pid {pid(site)}, pid {second.pid}"
        (site.directory / "httpd.pid").unlink()
        code, said = apply(site, run)
        assert code == ExitCode.NOT_RELOADED, said
        assert f"More than one httpd runs with this configuration ({servers})" in said
        assert "On disk the change is made; what runs goes on with what it read before" in said
        assert "Reload it with: " in said
        code, said = run("rollback")
        assert code == ExitCode.NOT_RELOADED, said
        assert "On disk the files are as they were before the change" in said
        assert generations(site) == 2


def test_a_second_one_beside_the_one_that_is_meant(site: Site, run: Run) -> None:
    with two_servers(site) as second:
        code, said = apply(site, run)
    assert code == ExitCode.NOT_RELOADED, said
    assert "answers app.test /: 200" in said
    assert f"Further servers read these files (pid {second.pid})" in said
    assert f"Reload it with: kill -USR1 {second.pid}" in said


def test_old_files_that_do_not_pass(site: Site, run: Run) -> None:
    """They are brought back all the same; the server goes on with the new ones."""
    with site.running():
        assert apply(site, run)[0] == ExitCode.OK
        with site.main.open("a") as file:
            file.write("NoSuchDirective on\n")
        code, said = run("rollback")
        assert code == ExitCode.NOT_RELOADED, said
        assert "-t does not pass" in said
        assert "NoSuchDirective" in said
        assert "On disk the files are as they were before the change" in said
        assert site.answer() == 200


def test_old_files_that_would_end_it(site: Site, run: Run) -> None:
    (site.directory / "bad.pem").write_bytes(b"this is no certificate\n")
    with site.running():
        assert apply(site, run)[0] == ExitCode.OK
        with site.main.open("a") as file:
            file.write(
                f"<VirtualHost *:{site.port}>\nServerName other.test\nSSLProxyEngine on\n"
                f"SSLProxyCACertificateFile {site.directory}/bad.pem\n</VirtualHost>\n"
            )
        code, said = run("rollback")
        assert code == ExitCode.NOT_RELOADED, said
        assert "it would end at it" in said
        assert site.answer() == 200


def test_without_a_program_a_server_that_runs(site: Site, run: Run) -> None:
    options = ("--no-httpd", "--override", "not-rehearsed")
    with site.running():
        code, said = apply(site, run, *options)
        assert code == ExitCode.NOT_RELOADED, said
        assert f"(there run: pid {pid(site)})" in said
        code, said = run("rollback")
        assert (code, "not reloaded" in said) == (ExitCode.OK, False), said
        assert (generations(site), site.answer()) == (2, 500)
    assert apply(site, run, *options)[0] == ExitCode.OK


def test_a_lone_file_of_a_server_that_was_started_with_its_own_main_file(
    site: Site, run: Run
) -> None:
    """No layout leads from the file to it: the command lines of the servers that run do."""
    with site.running():
        trust = ("--trust-file", str(site.directory / "private/trust.pem"))
        code, said = run("apply", str(site.vhost), "--yes", *site.ca, *trust)
        assert code == ExitCode.OK, said
        assert "answers app.test /: 200" in said
        code, said = run("rollback")
        assert (code, "not reloaded" in said) == (ExitCode.OK, False), said
        assert site.answer() == 500


@pytest.mark.parametrize("how", ["Include", "-c"])
def test_files_that_a_server_reads_with_another_main_file(site: Site, run: Run, how: str) -> None:
    """The configuration that is named runs nowhere, and yet somebody reads the file."""
    other = site.directory / "other.conf"
    text = site.main.read_text().replace("Include site.conf\n", "").replace("httpd.pid", "o.pid")
    other.write_text(text + ("Include site.conf\n" if how == "Include" else ""))
    options = () if how == "Include" else ("-c", f"Include {site.directory}/s*.conf")
    with httpd.running(other, site.hosts, options=options):
        server = (site.directory / "o.pid").read_text().strip()
        code, said = apply(site, run)
        assert code == ExitCode.NOT_RELOADED, said
        assert f"httpd reads these files with another main file (pid {server})" in said
        code, said = run("rollback")
        assert code == ExitCode.NOT_RELOADED, said
    assert apply(site, run)[0] == ExitCode.OK


def test_a_further_server_that_reads_the_files(site: Site, run: Run) -> None:
    other = site.directory / "other.conf"
    port = f":{site.port}\n"
    text = site.main.read_text().replace(port, f":{httpd.free_port()}\n").replace("httpd", "other")
    other.write_text(text)
    with site.running(), httpd.running(other, site.hosts):
        code, said = apply(site, run)
        assert code == ExitCode.NOT_RELOADED, said
        assert "answers app.test /: 200" in said
        assert "Further servers read these files (pid" in said


@pytest.mark.usefixtures("impatient")
def test_a_server_that_hangs(site: Site, run: Run) -> None:
    """Stopped, say, by a debugger: waited for once, and told; what it reads later is the old."""
    before = site.vhost.read_bytes()
    with site.running():
        server = pid(site)
        os.kill(server, signal.SIGSTOP)
        begun = time.monotonic()
        code, said = apply(site, run)
        took = time.monotonic() - begun
        try:
            assert code == ExitCode.UNKNOWN, said
            assert f"graceful reload (at most {SHORT} s)" in said
            assert (
                f"waiting for the reloaded httpd to serve requests, at most {SHORT - 2} s more"
                in said
            )
            assert f"no new children after {SHORT} s" in said
            assert "httpd reads what is on disk when it goes on. The change" in said
            assert "was rolled back" in said
            assert took < _without_waiting(site) + 1.6 * SHORT
            assert site.vhost.read_bytes() == before
        finally:
            os.kill(server, signal.SIGCONT)
        until(lambda: generations(site) > 1)
        assert site.answer() == 500
        code, said = apply(site, run)
        assert (code, site.answer()) == (ExitCode.OK, 200), said
        os.kill(server, signal.SIGSTOP)
        code, said = run("rollback")
        os.kill(server, signal.SIGCONT)
        assert code == ExitCode.NOT_RELOADED, said
        assert (
            f"waiting for the reloaded httpd to serve requests, at most {SHORT - 2} s more" in said
        )
        assert site.vhost.read_bytes() == before
        until(lambda: site.answer() == 500)


def _without_waiting(site: Site) -> float:
    """Seconds that the rest of a change takes here."""
    begun = time.monotonic()
    done = site.wizard("apply", str(site.main), "--yes", "--no-reload", *site.ca)
    assert done.returncode == 0, done.stderr
    assert site.wizard("rollback", "--no-reload").returncode == 0
    return time.monotonic() - begun


@pytest.mark.usefixtures("impatient")
def test_a_configtest_that_hangs(site: Site, run: Run) -> None:
    """The server was not told anything, and is not told when the files are back."""
    program = site.directory / "httpd"
    program.write_text(
        f'#!/bin/sh\nfor word; do last=$word; done\ntest "$last" != -t || sleep 301\n'
        f'exec {httpd.HTTPD} "$@"\n'
    )
    program.chmod(0o755)
    before = site.vhost.read_bytes()
    with site.running():
        code, said = apply(site, run, "--httpd", str(program))
        assert code == ExitCode.UNKNOWN, said
        assert f"waiting for the end of httpd -t, at most {SHORT - 2} s more" in said
        assert f"-t did not end within {SHORT} s. The change" in said
        assert "was rolled back" in said
        assert site.vhost.read_bytes() == before
        assert generations(site) == 1
    left = subprocess.run(["pgrep", "-fx", "sleep 301"], capture_output=True, text=True)
    assert left.stdout == ""


@pytest.mark.parametrize(
    ("first", "meanwhile", "expected", "answer"),
    [
        ("start", "stop", (0, "there was nothing to reload"), None),
        ("", "start", (0, "answers app.test /: 200"), 200),
        ("start", "stop start", (0, "answers app.test /: 200"), 200),
    ],
)
def test_a_server_that_is_stopped_or_started_meanwhile(
    site: Site, run: Run, first: str, meanwhile: str, expected: tuple[int, str], answer: int | None
) -> None:
    """Who runs is asked again when the files are there: one that was started just before has read
    the old ones."""
    call = f"{httpd.HTTPD} -d {site.directory} -f {site.main} -k"
    gone = f"while test -e {site.directory}/httpd.pid; do sleep 0.1; done"
    there = f"until test -e {site.directory}/httpd.pid; do sleep 0.1; done"
    steps = {"stop": f"{call} stop; {gone}", "start": f"{call} start; {there}"}
    then = "; ".join(steps[step] for step in meanwhile.split())
    program = site.directory / "httpd"
    program.write_text(
        f'#!/bin/sh\nfor word; do last=$word; done\ntest "$last" != -t || {{ {then}; }}\n'
        f'exec {httpd.HTTPD} "$@"\n'
    )
    program.chmod(0o755)
    try:
        for step in first.split():
            subprocess.run(["sh", "-c", steps[step]], check=True, timeout=30)
        code, said = apply(site, run, "--httpd", str(program))
        assert (code, expected[1] in said) == (expected[0], True), said
        assert (site.answer() if answer else None) == answer
    finally:
        subprocess.run(["sh", "-c", steps["stop"]], check=True, timeout=30)


def test_a_server_that_does_not_answer_afterwards(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All answers share one bound, and what is not asked for counts as no answer."""
    monkeypatch.setitem(cast("dict[str, Any]", SECONDS), "look", 0)
    with site.running():
        code, said = apply(site, run)
        assert code == ExitCode.FAILURE, said
        assert "not asked: the 0 s for all answers are over" in said
        assert "to undo it: proxy-wizard rollback" in said
