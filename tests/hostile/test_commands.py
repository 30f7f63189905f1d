"""Whole commands on a backend whose every word is hostile: their output is text, and bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import TextArea

from screens.app import WizardApp
from tests.hostile import der
from tests.hostile.test_certificates import showing
from tests.screens.asking import opened, press, screen, settle, text
from tests.support import measuring, servers
from wizard.model.scope import Scope

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
    ("apply", "--yes", "--no-reload"),
]


def configured(directory: Path, port: int) -> str:
    """A virtual host before a backend."""
    file = directory / "site.conf"
    file.write_text(
        "<VirtualHost *:8080>\n    ServerName app.test\n    SSLProxyEngine on\n"
        "    SSLProxyVerify require\n    SSLProxyCheckPeerName off\n"
        f"    ProxyPass / https://127.0.0.1:{port}/\n</VirtualHost>\n"
    )
    return str(file)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    made = servers.context(servers.evil())
    with servers.serving(servers.answering(made, lambda tls: tls.sendall(HEAD))) as port:
        yield configured(tmp_path, port)


def said(words: list[str], feed: bytes | None = None) -> bytes:
    """What a command says within bounds of time and memory: visible characters alone."""
    done, seconds, memory = measuring.run(words, None if feed is None else iter([feed]))
    for stream in (done.stdout, done.stderr):
        assert all(line.isprintable() for line in stream.decode().split("\n")), stream
        assert len(stream) < LARGEST
    assert b"Traceback" not in done.stderr
    assert done.stdout + done.stderr
    assert seconds < measuring.SECONDS
    assert memory < 2 * measuring.MOST_MEMORY
    return done.stdout + done.stderr


@pytest.mark.parametrize("words", TEXT, ids=" ".join)
def test_text(site: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_WIZARD_STATE", str(Path(site).with_name("state")))
    said([*words, site])


def test_what_httpd_logs_of_it_is_explained(site: str) -> None:
    log = said(["prove", "--current", site])
    assert b"AH02276" in log
    raw = HEAD + servers.EVIL.encode() + b"\n"
    assert b"self-signed-certificate" in said(["explain", "-"], raw + log + raw)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
def test_an_answer_that_breaks_off_is_no_proof(tmp_path: Path, head: bytes) -> None:
    """httpd notes the backend's 200, and answers 502 itself (AH01106)."""
    made = servers.context(servers.evil())
    with servers.serving(servers.answering(made, lambda tls: tls.sendall(head))) as port:
        site = Path(configured(tmp_path, port))
        site.write_text(site.read_text().replace("require", "none"))
        done, _, _ = measuring.run(["prove", "--current", str(site)])
    assert done.returncode == 2
    assert b"502 from httpd\n" in done.stdout
    assert b"AH01106" in done.stdout


CHAINS = {
    "exponents": der.chain(
        [der.rsa(der.odd(3072), der.odd(3071)) for _ in range(75)], b"\x7f" * 384
    ),
    "moduli": der.chain([der.rsa(der.odd(16_384)) for _ in range(22)], b"\x7f" * 2048),
    "one name": [
        der.certificate(der.rsa(der.odd(1024)), subject="A", issuer="A", serial=number)
        for number in range(150)
    ],
    "names": [
        der.certificate(
            der.rsa(der.odd(2048)), der.alternative_names(*(f"n{n}.a" for n in range(5000)))
        )
    ],
    "serial": [der.certificate(der.rsa(der.odd(2048)), serial=1 << 600_000)],
}


@pytest.mark.parametrize("ders", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("words", [("check", "--verbose"), ("fix",)], ids=" ".join)
def test_chains_that_cost(tmp_path: Path, ders: list[bytes], words: tuple[str, ...]) -> None:
    with servers.serving(showing(ders)) as port:
        assert b"app.test /" in said([*words, configured(tmp_path, port), "--timeout", "1"])


def test_the_wizard(site: str) -> None:
    """Every step, what it copies and saves, and its explanation of what httpd logged."""
    seen: list[str] = []

    async def go() -> None:
        wizard = WizardApp(Scope(site, timeout=10))
        async with opened(wizard, (120, 60)) as pilot:
            for key in "12345":
                await press(pilot, key)
                assert wizard.step is not None
                seen.extend([screen(wizard), wizard.step.readable()[1]])
                if key != "5":
                    seen.append(wizard.step.saved()[1].decode())
            await press(pilot, "3", "e")
            wizard.screen.query_one(TextArea).text = seen[-1] + servers.EVIL
            await settle(pilot)
            seen.append(text(wizard, "#explained"))

    asyncio.run(go())
    assert any("owned" in shown for shown in seen)
    for shown in seen:
        assert all(line.isprintable() for line in shown.split("\n")), ascii(shown)
        assert len(shown) < LARGEST


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_json(site: str, form: str) -> None:
    done, _, _ = measuring.run(["check", "--format", form, site])
    assert done.stdout.isascii()
    assert json.loads(done.stdout)
    assert b"\x1b" not in done.stdout + done.stderr
    assert len(done.stdout) < LARGEST
