"""Text that was PEM before an editor, a script or a download changed it: named, and repaired."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from wizard.demo import pki
from wizard.findings import shell
from wizard.x509 import trust_file

ONE = pki.issue("Root", ca=True).pem
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "text in UTF-16": lambda pem: pem.decode().encode("utf-16"),
    "PEM with \\n instead of line ends": lambda pem: pem.replace(b"\n", b"\\n"),
    "PEM with indented lines": lambda pem: b"".join(b"  " + line for line in pem.splitlines(True)),
    "base64 without BEGIN and END": lambda pem: b"".join(pem.splitlines(True)[1:-1]),
    "a block begins on the line where another ends": lambda pem: pem.rstrip() + pem,
}


@pytest.mark.parametrize("form", DAMAGES)
def test_the_command_makes_a_file_that_loads(tmp_path: Path, form: str) -> None:
    file, repaired = tmp_path / "it's ca.pem", tmp_path / "new.pem"
    file.write_bytes(DAMAGES[form](ONE))
    read = trust_file.read_file(str(file), "certificates")
    assert not read.loads
    assert read.detail == form
    command = f"{shell.converted(form, str(file))} > {repaired}"
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert trust_file.read_file(str(repaired), "certificates").loads


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"\n<!DOCTYPE html>\n<html>", "a web page (HTML)"),
        (b"aGVsbG8=\n", "no PEM block"),
        (b"hello, world\n", "no PEM block"),
    ],
)
def test_what_cannot_be_repaired_is_not(tmp_path: Path, data: bytes, form: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(data)
    assert trust_file.read_file(str(file), "certificates").detail == form
    assert not shell.converted(form, str(file))
