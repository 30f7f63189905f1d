"""``proxy-wizard explain`` as its users meet it."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.test_formats import assert_harmless
from wizard.cli import output
from wizard.cli.formats import explanation
from wizard.cli.main import main
from wizard.logs import explain

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests/logs/data"
SCHEMA = json.loads((ROOT / "docs/reference/explain.schema.json").read_text())
WIZARD = [sys.executable, "-m", "wizard"]
PLAIN = output.Palette(enabled=False)
HOSTILE = (
    "AH02411: SSL Proxy: Peer certificate does not match for hostname \x1b[2J\x00\u202e\udcff\x07x"
)


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*WIZARD, "explain", *arguments], input=stdin, capture_output=True, cwd=ROOT, timeout=60
    )


def document_of(*arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    done = run("--format", "json", *arguments, stdin=stdin)
    assert done.stderr == b""
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert done.returncode == (0 if document["lines"] else 1)
    return document


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        (("AH02411",), "name-mismatch"),
        (("ah2411",), "name-mismatch"),
        (("2411",), "name-mismatch"),
        (("20",), "ca-not-trusted"),
        (("error", "18"), "self-signed-certificate"),
        (("X509_V_ERR_CERT_HAS_EXPIRED",), "certificate-expired"),
        (("verify error:num=21:unable to verify the first certificate",), "missing-intermediate"),
        (("(13)Permission denied",), "connection-not-permitted"),
        (("curl: (60) SSL certificate problem: self-signed certificate",),
         "self-signed-certificate"),
        (("alert", "112"), "sni-rejected"),
        ((str(DATA / "selinux.log"),), "connection-not-permitted"),
        ((str(DATA / "httpd22.log"), str(DATA / "httpd22-verify.log")), "connection-refused"),
    ],
)  # fmt: skip
def test_arguments(
    arguments: tuple[str, ...], slug: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--format", "json", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["causes"][0]["slug"] == slug


def test_codes_that_hide_the_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "AH01084 and AH00898"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "The cause is hidden" in shown
    assert "LogLevel warn ssl:info proxy:info" in shown
    assert "name-mismatch" in shown


def test_standard_input_file_and_compressed_file_are_the_same(tmp_path: Path) -> None:
    log = (DATA / "httpd22-verify.log").read_bytes()
    compressed = tmp_path / "error.log.2.gz"
    compressed.write_bytes(gzip.compress(log))
    documents = [
        document_of(stdin=log),
        document_of("-", stdin=log),
        document_of(str(DATA / "httpd22-verify.log")),
        document_of(str(compressed)),
    ]
    assert documents[0]["lines_recognised"] == 6
    assert all(document == documents[0] for document in documents)


def test_bytes_of_any_kind() -> None:
    noise = bytes(range(256)) * 40 + b"\n" + b"\xff\xfe" * 400_000 + b"\n" + b"\x00" * 70_000
    document = document_of(stdin=noise + b"\nAH02411: \xff\xe4\x00\x1b[31m\n")
    assert [line["code"] for line in document["lines"]] == ["AH02411"]


def test_the_rest_of_a_long_line_is_no_line_of_its_own() -> None:
    document = document_of(stdin=b"x" * 100_000 + b" AH02411\nAH02040\n")
    assert document["lines_read"] == 2
    assert [line["code"] for line in document["lines"]] == ["AH02040"]


def test_a_line_without_a_code_is_told_by_its_words_and_not_by_its_time() -> None:
    words = "SSL Library Error: error:0A00018A:SSL routines::dh key too small"
    line = f"[Mon Nov 30 12:20:29.605354 2026] [ssl:info] [pid 1408:tid 1499] {words}"
    said = explanation.render(explain([line]), PLAIN, verbose=True)
    assert f"\n  {words}: " in said


def test_nothing_recognised_is_exit_code_1() -> None:
    done = run("hello, world")
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"Nothing was recognised" in done.stdout
    assert run(stdin=b"").returncode == 1


def test_what_cannot_be_read_is_exit_code_3(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 3
    assert done.stdout == b""
    assert done.stderr.startswith(b"proxy-wizard: error: ")
    assert done.stderr.count(b"\n") == 1
    assert run("/no/such/error.log").returncode == 3
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"\x1f\x8b" + b"x" * 100)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"AH02411\n" * 1000)[:-12])
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(b"AH02411\n" * 1000)[:14] + b"\xff" * 50)
    for file in (broken, cut, damaged):
        done = run(str(file))
        assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), done.stderr
    assert run("--format", "xml", "AH02411").returncode == 3


def test_output_for_people_is_harmless_and_foldable() -> None:
    shown = explanation.render(explain([HOSTILE]), PLAIN)
    assert_harmless(shown)
    assert "\\x1b[2J\\x00\\u202e\\xff" in shown


def test_json_of_hostile_lines_is_unicode() -> None:
    document = explanation.document(explain([HOSTILE]))
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_on_a_terminal_it_says_how_to_paste() -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*WIZARD, "explain"], stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT,
    )  # fmt: skip
    os.close(terminal)
    assert process.stderr is not None
    assert b"Ctrl-D" in process.stderr.readline()
    os.write(controller, b"AH02411\n\x04")
    shown, _ = process.communicate(timeout=60)
    os.close(controller)
    assert process.returncode == 0
    assert b"name-mismatch" in shown


def test_the_reference_shows_a_document_of_the_schema() -> None:
    text = (ROOT / "docs/reference/explain.md").read_text()
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(example[1]))


def test_only_what_is_needed_is_imported() -> None:
    script = (
        "import sys; from wizard.cli.main import main; main(['explain', 'AH02411', 'verify'])\n"
        "print('\\n'.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"OpenSSL", "cryptography", "asyncio", "apacheconfig", "h11", "textual", "hashlib"}
    heavy |= {
        "socket",
        "subprocess",
        "dataclasses",
        "wizard.findings.catalogue",
        "wizard.model.config",
    }
    assert not set(done.stdout.split()) & heavy
