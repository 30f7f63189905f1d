"""How a file that cannot be read is refused: one sentence, the place once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.httpd import INSTALLED
from wizard import config
from wizard.demo import pki
from wizard.errors import ConfigError
from wizard.model.scope import HttpdChoice
from wizard.wording.errors import describe


def refusal(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(str(file))
    return describe(caught.value)


def test_a_section_without_end(tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text("<VirtualHost *:80>\nServerName a.test\n")
    assert refusal(file) == (
        f"{file}:1: <VirtualHost> was not closed. Close it with </VirtualHost> in the same file."
    )


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<location /a>\n", "<Location> of line 2"),
        ("<Location /a>\n<Limit GET>\n", "<Limit> of line 3 and <Location> of line 2"),
        (
            "<Location /a>\n" * 50,
            "<Location> of line 51 and <Location> of line 50 and 48 more",
        ),
    ],
)
def test_sections_without_end(inside: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(f"<VirtualHost *:80>\n{inside}")
    assert refusal(file) == (
        f"{file}:1: <VirtualHost> was not closed. Close it with </VirtualHost> in the same file, "
        f"after {named}."
    )


ELF = b"\x7fELF\0\1\2"


@pytest.mark.parametrize(
    "data", [ELF, b"PK\3\4\0\n<a>\n", b"\x1f\x8b\x08\0\xff\n</b>\n", b"Use\0\n<VirtualHost x>\n"]
)
def test_a_binary_file_is_named(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_bytes(data)
    said = f"{file}: this is a binary file, not a configuration."
    assert refusal(file) == said
    main = tmp_path / "main.conf"
    main.write_text(f"<IfDefine !x>\nInclude {file}\n</IfDefine>\n")
    assert refusal(main) == said


def test_programs_are_binary(tmp_path: Path) -> None:
    program = shutil.which("openssl")
    assert program is not None
    assert refusal(Path(program)).endswith("openssl: this is a binary file, not a configuration.")


def test_a_text_with_a_nul_far_behind_is_refused_for_its_fault(tmp_path: Path) -> None:
    """A file system that lost its end fills it up with NULs; the fault has its line."""
    file = tmp_path / "site.conf"
    file.write_bytes(b"# x\n" * 300 + b"</Location>\n" + b"\0" * 100)
    assert refusal(file).startswith(f"{file}:301: </Location> without matching <Location> section")


def test_a_nul_alone_is_no_fault(tmp_path: Path) -> None:
    """httpd takes it for the line's end."""
    file = tmp_path / "site.conf"
    file.write_bytes(b"<VirtualHost *:80>\n#\0\nProxyPass / http://b.internal/\n</VirtualHost>\n")
    assert len(config.load(str(file)).routes) == 1


PORT = "Port must be specified"
RANGE = "is outside the appropriate range (i.e., 1..65535)."
PROXY = "ProxyRemote: Bad syntax for a remote proxy server (bad port number)"
LONG = "5" * 5000
"""More digits than Python makes a number of."""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Listen ²", PORT),
        ("Listen 127.0.0.1:٣", PORT),
        ("Listen 127.0.0.1:http", PORT),
        ("Listen [::1]:x", "Invalid address or port"),
        (f"Listen {LONG}", "Invalid address or port"),
        ("ServerName x:²", f'The port number "x:²" {RANGE}'),
        ("ProxyRemote * http://h:²", PROXY),
        ("<VirtualHost *:²>\n</VirtualHost>", None),
        ("ProxyErrorOverride on ٣٠٠", "status codes to intercept must be numeric"),
        (f"ProxyErrorOverride on {LONG}", "valid HTTP Status Codes >=400 && <600"),
        (f"ProxyPass / http://h/ responsefieldsize={LONG}", None),
        ("ProxyPass / http://h/ responsefieldsize=²", None),
    ],
    ids=range(12),
)
def test_digits_that_are_none_of_httpds(line: str, message: str | None, tmp_path: Path) -> None:
    """What apache2 -t of 2.4.71 says to each."""
    file = tmp_path / "httpd.conf"
    loaded = INSTALLED.load("proxy", "proxy_http")
    file.write_text(f"ServerName a\n{loaded}{'' if line[0] == 'L' else 'Listen 1'}\n{line}\n")
    found = config.load(str(file), httpd=HttpdChoice(ask=False))
    said = [problem.message for problem in found.problems if problem.phase != "warning"]
    assert len(said) == (message is not None)
    assert not said or said[0].endswith(message or "")


@pytest.mark.parametrize(
    "line",
    [
        "ErrorLog '|/nowhere/p swordfish'",
        "CustomLog '|/nowhere/p swordfish' common",
        "SSLPassPhraseDialog '|/nowhere/p swordfish'",
        "SSLPassPhraseDialog 'exec:/nowhere/p swordfish'",
        "RewriteEngine on\nRewriteMap m 'prg:@/nowhere/p swordfish'",
    ],
)
def test_of_a_program_its_path_is_told_alone(line: str, tmp_path: Path) -> None:
    own = pki.issue("a.test", dns=["a.test"])
    (tmp_path / "nowhere").mkdir()
    (tmp_path / "nowhere/p").touch()
    (tmp_path / "crt").write_bytes(own.pem)
    (tmp_path / "key").write_bytes(own.encrypted_key_pem(b"secret"))
    loaded = INSTALLED.load("ssl", "mpm_event", "authz_core", "socache_shmcb", "rewrite")
    file = tmp_path / "httpd.conf"
    file.write_text(
        f"ServerName a\nListen 1\n{loaded}{line.replace('@', str(tmp_path))}\n"
        f"<VirtualHost *:1>\nSSLEngine on\nSSLCertificateFile {tmp_path}/crt\n"
        f"SSLCertificateKeyFile {tmp_path}/key\n</VirtualHost>\n"
    )
    said = [problem.message for problem in config.load(str(file)).problems]
    assert any("/nowhere/p" in message for message in said)
    assert not any("swordfish" in message for message in said)
