"""Whole commands on a backend whose every word is hostile: their output is text, and bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import measuring
from tests.hostile import servers

HEAD = (
    b"HTTP/1.1 502 \xc2\x9b31m[red]no[/red]\r\nServer: \xe2\x80\xae\xff[bold]"
    + b"s" * 65_000
    + b"\r\nLocation: https://x/\xe2\x80\xae\r\n\r\n"
)
LARGEST = 1_000_000
"""Bytes of output on one route; the certificate has 50,000, and JSON escapes them."""
TEXT = [
    ("check", "--verbose"),
    ("check", "--format", "nagios"),
    ("fix", "--policy", "internal-ca"),
    ("fix", "--policy", "temporary", "--until", "2040-01-01"),
    ("prove",),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    made = servers.context(tmp_path, servers.evil())
    file = tmp_path / "site.conf"
    with servers.serving(servers.answering(made, lambda tls: tls.sendall(HEAD))) as port:
        file.write_text(
            "<VirtualHost *:8080>\n    ServerName app.test\n    SSLProxyEngine on\n"
            "    SSLProxyVerify require\n    SSLProxyCheckPeerName off\n"
            f"    ProxyPass / https://127.0.0.1:{port}/\n</VirtualHost>\n"
        )
        yield str(file)


@pytest.mark.parametrize("words", TEXT, ids=" ".join)
def test_text(site: str, words: tuple[str, ...]) -> None:
    done, seconds, memory = measuring.run([*words, site])
    for said in (done.stdout, done.stderr):
        assert all(line.isprintable() for line in said.decode().split("\n")), said
        assert len(said) < LARGEST
    assert b"Traceback" not in done.stderr
    assert done.stdout + done.stderr
    assert seconds < measuring.SECONDS
    assert memory < 2 * measuring.MOST_MEMORY


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_json(site: str, form: str) -> None:
    done, _, _ = measuring.run(["check", "--format", form, site])
    assert done.stdout.isascii()
    assert json.loads(done.stdout)
    assert b"\x1b" not in done.stdout + done.stderr
    assert len(done.stdout) < LARGEST
