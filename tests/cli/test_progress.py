"""What a command says while it works: one row of a terminal, after a second, and wiped."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.screens.pty_terminal import Terminal
from tests.support import command, servers
from wizard.cli import diagnostics
from wizard.model.probe import (
    DnsResult,
    HttpResult,
    ProbeReport,
    ProbeRequest,
    TcpResult,
    TlsResult,
)
from wizard.model.progress import Progress
from wizard.wording.progress import sentence

NAMED, CONNECTED = DnsResult(("192.0.2.1",), 0.0), TcpResult("192.0.2.1", 8443, 0.0)
SHAKEN, ANSWERED = TlsResult(True, 0.0), HttpResult("HEAD", 200, 0.0)
NOW = datetime.now(UTC)
REQUEST = ProbeRequest("erp.corp.test", 8443, tls=True)


@pytest.mark.parametrize(
    ("seen", "stage"),
    [
        ({}, "name"),
        ({"dns": NAMED}, "connection"),
        ({"dns": NAMED, "tcp": CONNECTED}, "TLS"),
        ({"dns": NAMED, "tcp": CONNECTED, "tls": SHAKEN}, "HTTP"),
        ({"dns": NAMED, "tcp": CONNECTED, "tls": SHAKEN, "http": ANSWERED}, "TLS"),
    ],
)
def test_the_backend_and_the_stage_that_has_not_ended(seen: dict[str, object], stage: str) -> None:
    report = ProbeReport(REQUEST, NOW, **seen)  # type: ignore[arg-type] # of fields of any type
    expected = f"waiting for erp.corp.test:8443 ({stage})"
    assert sentence(Progress(3, 12, report)) == f"{expected}, 3 of 12 backends asked"
    assert sentence(Progress(0, 1, report)) == expected


def test_what_is_rehearsed() -> None:
    assert sentence(Progress(0, 1, "www.corp.test")) == "rehearsing www.corp.test"
    assert sentence(Progress(1, 3, "a\x1b[2J")) == (
        "rehearsing a\\x1b[2J, 1 of 3 virtual hosts done"
    )
    assert sentence(Progress(3, 3)) == ""


class Screen(io.StringIO):
    """A terminal that does not say its size: 80 columns are assumed."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", ["n" * 300, "日本" * 60, "\u202e" * 90])
def test_it_is_never_longer_than_a_row(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(diagnostics.Progress, "_PATIENCE", 0.0)
    with diagnostics.Progress[Progress](sentence) as progress:
        progress(Progress(0, 5, name))
        time.sleep(0.3)
    rows = re.findall(r"\r([^\r\x1b]*)\x1b\[K", screen.getvalue())
    assert len(rows) == 2  # the second wipes it
    assert rows[0].endswith("... (Ctrl-C ends)")
    assert sum(1 if char.isascii() else 2 for char in rows[0]) < 80
    assert rows[1] == ""


def test_nothing_within_the_first_second(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with diagnostics.Progress[Progress](sentence) as progress:
        progress(Progress(0, 5, "www.corp.test"))
        time.sleep(0.3)
    assert screen.getvalue() == ""


def test_a_silent_backend_is_named_on_a_terminal_alone(tmp_path: Path) -> None:
    config = tmp_path / "site.conf"

    def hang(connection: object) -> None:
        time.sleep(30)

    with servers.serving(hang) as port:
        config.write_text(
            f"<VirtualHost *:80>\nServerName a.test\nSSLProxyEngine on\n"
            f"ProxyPass / https://127.0.0.1:{port}/\n</VirtualHost>\n"
        )
        words = [*command.WIZARD, "check", str(config), "--timeout", "2.5"]
        waiting = f"waiting for 127.0.0.1:{port} (TLS) (Ctrl-C ends)"
        piped = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with Terminal(words, os.environ) as terminal:
            terminal.see(waiting)
            os.killpg(terminal.process.pid, signal.SIGINT)
            assert terminal.ended() == 130
            assert terminal.bytes.rpartition(b"(Ctrl-C ends)")[2].startswith(b"\x1b[K\r\x1b[K")
        out, told = piped.communicate(timeout=60)
    assert "connection-timeout" in out
    assert (told, "waiting for" in out) == ("", False)


def test_an_error_is_folded_between_words_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = "the CA to trust is not known: " + "its owner has it " * 9
    for screen, rows in ((Screen(), 3), (io.StringIO(), 1)):
        monkeypatch.setattr(sys, "stderr", screen)
        diagnostics.error(message)
        written = screen.getvalue().splitlines()
        assert len(written) == rows
        assert " ".join(" ".join(written).split()) == f"proxy-wizard: error: {message}".strip()
