"""Certificates, keys and commands of TLS towards the browser: the reader beside a real start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config
from wizard.config.checks import front_files
from wizard.demo.pki import crl, issue
from wizard.verdict.refused_configuration import refusal

PAIR = "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @own.key\n"
LOCKED = "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @locked.key\n"
CASES: dict[str, tuple[str, str]] = {
    "pair": ("", PAIR),
    "key-of-another": ("", "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @rsa.key"),
    "key-of-another-of-its-kind": (
        "", "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @other.key",
    ),
    "key-is-certificate": ("", "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @own.crt"),
    "key-cut": ("", "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @cut.key"),
    "key-in-der": ("", "SSLCertificateFile @own.crt\nSSLCertificateKeyFile @der.key"),
    "no-key": ("", "SSLCertificateFile @own.crt"),
    "chain-before-leaf": ("", "SSLCertificateFile @wrong-order\nSSLCertificateKeyFile @own.key"),
    "certificate-broken": ("", "SSLCertificateFile @broken\nSSLCertificateKeyFile @own.key"),
    "certificate-weak": ("", "SSLCertificateFile @weak.crt\nSSLCertificateKeyFile @weak.key"),
    "certificate-weak-level": (
        "",
        "SSLCipherSuite DEFAULT@SECLEVEL=0\nSSLCertificateFile @weak.crt\n"
        "SSLCertificateKeyFile @weak.key",
    ),
    "key-of-the-main-server": ("SSLCertificateKeyFile @other.key", "SSLCertificateFile @own.crt"),
    "second-pair": (
        "", f"{PAIR}SSLCertificateFile @rsa.crt\nSSLCertificateKeyFile @other.key",
    ),
    "bom": ("", "SSLCertificateFile @bom.crt\nSSLCertificateKeyFile @own.key"),
    "locked": ("", LOCKED),
    "locked-program": ("SSLPassPhraseDialog exec:@say", LOCKED),
    "locked-program-not-executable": ("SSLPassPhraseDialog exec:@own.crt", LOCKED),
    "locked-pipe-missing": ("SSLPassPhraseDialog |/nowhere/say", LOCKED),
    "chain-broken": ("", f"{PAIR}SSLCertificateChainFile @broken"),
    "ca-broken": ("", f"{PAIR}SSLCACertificateFile @broken"),
    "ca-names-of-a-list": ("", f"{PAIR}SSLCACertificateFile @own.crt\nSSLCADNRequestFile @crl"),
    "crl-check-alone": ("", f"{PAIR}SSLCARevocationCheck chain"),
    "curve": ("", f"{PAIR}SSLOpenSSLConfCmd Curves nosuch"),
    "curves": ("", f"{PAIR}SSLOpenSSLConfCmd Curves X25519:P-256"),
    "curve-replaced": (
        "", f"{PAIR}SSLOpenSSLConfCmd Curves nosuch\nSSLOpenSSLConfCmd Curves X25519",
    ),
    "command-value": ("", f"{PAIR}SSLOpenSSLConfCmd MinProtocol TLSv9"),
    "command-pair": (
        "", "SSLOpenSSLConfCmd Certificate @own.crt\nSSLOpenSSLConfCmd PrivateKey @own.key",
    ),
    "command-other-pair": ("", f"{PAIR}SSLOpenSSLConfCmd Certificate @other.crt"),
    "srp": ("", f"{PAIR}SSLSRPVerifierFile @crl"),
    "none": ("", ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("front").resolve()
    root = issue("Root", ca=True)
    own, other = (issue(name, root, dns=["app.test"]) for name in ("own", "other"))
    rsa = issue("rsa", root, dns=["app.test"], key="rsa")
    weak = issue("weak", root, dns=["app.test"], key="rsa-1024")
    der = subprocess.run(
        ["openssl", "pkey", "-outform", "DER"], input=own.key_pem, capture_output=True, check=True
    ).stdout
    contents = {
        "own.crt": own.pem, "own.key": own.key_pem, "other.crt": other.pem,
        "other.key": other.key_pem, "rsa.crt": rsa.pem, "rsa.key": rsa.key_pem,
        "weak.crt": weak.pem, "weak.key": weak.key_pem, "cut.key": own.key_pem[:150],
        "der.key": der, "wrong-order": root.pem + own.pem, "broken": own.pem + own.pem[:200],
        "bom.crt": b"\xef\xbb\xbf" + own.pem, "locked.key": own.encrypted_key_pem(b"secret"),
        "crl": crl(root), "say": b"#!/bin/sh\necho secret\n", "hosts": b"",
    }  # fmt: skip
    for name, data in contents.items():
        (directory / name).write_bytes(data)
    (directory / "say").chmod(0o755)
    return directory


def write(place: Path, server: str, host: str) -> Path:
    port = httpd.free_port()
    text = (
        f"{httpd.main_config(place, [f'{httpd.LISTEN}:{port}'])}{server}\n"
        f"<VirtualHost *:{port}>\nServerName app.test\nSSLEngine on\n{host}\n</VirtualHost>\n"
    )
    file = place / "httpd.conf"
    file.write_text(text.replace("@", f"{place}/").replace(f"DEFAULT{place}/", "DEFAULT@"))
    return file


@pytest.mark.parametrize("name", CASES)
def test_a_start_ends_where_it_is_foretold(name: str, place: Path) -> None:
    file = write(place, *CASES[name])
    problems = [p for p in config.load(str(file)).problems if p.phase != "warning"]
    said = httpd.refused(file, place / "hosts")
    assert bool(said) == bool(problems), (said, problems)
    if said:
        (first, *_), verdict = problems, refusal(tuple(problems))
        assert first.line, first
        assert verdict is not None
        for line in verdict.log:
            assert f"{line.code}: " in said, line


def test_no_pipe_of_a_directory_is_opened(place: Path) -> None:
    """OpenSSL would open all of it, and wait: what stands after it is still looked at."""
    pipes = place / "pipes"
    pipes.mkdir()
    os.mkfifo(pipes / "ca.pem")
    commands = "SSLOpenSSLConfCmd RequestCAPath @pipes\nSSLOpenSSLConfCmd MinProtocol TLSv9"
    file = write(place, "", f"{PAIR}{commands}")
    (problem,) = [p for p in config.load(str(file)).problems if p.phase != "warning"]
    assert problem.directive == "SSLOpenSSLConfCmd MinProtocol TLSv9"


def test_no_key_is_read_in_this_process(place: Path, tmp_path: Path) -> None:
    """Nor is any of it printed."""
    events = tmp_path / "events"
    file = write(place, *CASES["key-of-another"])
    recorder = Path(__file__).parents[2] / "privacy" / "recorder.py"
    words = ["check", str(file), "--no-probe", "--format", "json"]
    done = subprocess.run(
        [sys.executable, str(recorder), str(events), *words], capture_output=True, text=True
    )
    noted = [json.loads(line) for line in events.read_text().splitlines()]
    assert any(event[0] == "start" and "server_contexts" in str(event) for event in noted)
    assert not any(event[0] == "open" and event[1].endswith(".key") for event in noted)
    key = (place / "rsa.key").read_text().splitlines()
    assert not any(line in done.stdout + done.stderr for line in key[1:-1])


def test_a_directory_that_many_servers_have_is_listed_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorities = place / "authorities"
    authorities.mkdir()
    listed: list[str] = []

    def entries(path: str) -> dict[str, bool]:
        listed.append(path)
        return {}

    monkeypatch.setattr(front_files, "entries", entries)
    file = write(place, f"SSLCACertificatePath {authorities}", PAIR)
    file.write_text(file.read_text() + file.read_text()[file.read_text().index("<VirtualHost") :])
    config.load(str(file))
    assert listed == [str(authorities)]
