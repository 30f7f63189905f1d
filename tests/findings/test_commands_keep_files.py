"""No command of a remedy changes a file that exists: run beside copies of every file it names."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from tests.findings.cases import CASE, policy
from tests.findings.pairs import START
from tests.findings.test_snippets import is_config, remedies
from wizard.demo import pki
from wizard.findings import diagnose
from wizard.model.certificate import TrustMaterial
from wizard.x509 import client_certificate

_TOUCHES = re.compile(r">|-out\b|-keyout\b|\b(mv|rm|cp|tee|sed)\b")
_PATH = re.compile(r"/etc/[\w./-]+\.\w+")
_NAMED = ("/etc/hosts",)
"""What a remedy says that it adds a line to."""
HELD = "what stood here\n"


def touching() -> list[tuple[str, str]]:
    return [
        (slug, command)
        for slug, command in remedies()
        if not is_config(command)
        and _TOUCHES.search(command.replace("</dev/null", ""))
        and not re.search(r"s_client|curl|systemctl|apt|a2en|proxy-wizard", command)
        and not any(name in command for name in _NAMED)
    ]


def changed(command: str, directory: Path) -> list[str]:
    """The files of /etc that the command names and changes when it runs in a sandbox."""
    files = [directory / path.lstrip("/") for path in _PATH.findall(command)]
    files.append(directory / "proxy.key")
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HELD)
    inside = command.replace("/etc/", f"{directory}/etc/")
    subprocess.run(
        ["sh", "-c", inside],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    return [f.name for f in files if not f.exists() or f.read_text() != HELD]


@pytest.mark.parametrize(("slug", "command"), touching())
def test_a_command_changes_no_file_that_exists(slug: str, command: str, tmp_path: Path) -> None:
    assert changed(command, tmp_path) == []


def test_there_are_such_commands_and_harm_is_seen(tmp_path: Path) -> None:
    assert {"client-certificate-without-key", "client-certificate-required"} <= {
        slug for slug, _ in touching()
    }
    assert changed("cat a.pem > /etc/ssl/store.p12", tmp_path) == ["store.p12"]


@pytest.mark.parametrize("form", ["p12", "encrypted"])
def test_a_client_certificate_of_another_form_becomes_a_new_file(form: str, tmp_path: Path) -> None:
    own = pki.issue("proxy")
    store = tmp_path / "key store.p12"
    data = pkcs12.serialize_key_and_certificates(
        None, own.key, own.certificate, None, NoEncryption()
    )
    store.write_bytes(data if form == "p12" else own.pem + own.encrypted_key_pem(b"secret"))
    before = store.read_bytes()
    held = client_certificate.read(str(store))
    case = replace(
        policy(CASE, machine_certificate_file=str(store)),
        trust=TrustMaterial(client_certificate=held),
    )
    found = next(f for f in diagnose(case, START) if f.slug == "client-certificate-without-key")
    remedy = found.remedies[0]
    command = remedy.command or ""
    words = "-passin pass:secret" if form == "encrypted" else "-passin pass:"
    command = re.sub(r"(openssl (?:pkcs12|pkey)) ", rf"\1 {words} ", command)
    for expected in (0, 2):  # the second time the file exists
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=20)
        assert (done.returncode != 0) is (expected != 0), done.stderr
    new = tmp_path / "key store.pem"
    assert client_certificate.read(str(new)).state == "ok"
    assert new.stat().st_mode & 0o077 == 0
    assert str(new) in remedy.text
    assert store.read_bytes() == before
