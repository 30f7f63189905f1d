"""What ``-t`` refuses: the same file, line and words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config
from wizard.errors import ConfigError
from wizard.model.config import Problem

_LINES = (Path(__file__).parent / "data" / "refused.txt").read_text().split("\n---\n")
CASES = [text.strip("\n") for text in _LINES]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("refused")
    (root / "empty.pem").write_text("")
    (root / "head.conf").write_text(
        f"ServerRoot {root}\nDefaultRuntimeDir {root}\nErrorLog /dev/null\nServerName x\n"
        f"Listen 127.0.0.1:1\n{httpd.load_modules()}"
    )
    return root


def _said(main: Path) -> str:
    done = subprocess.run(
        [httpd.HTTPD, "-t", "-f", str(main)], capture_output=True, text=True, timeout=30
    )
    return done.stderr.strip()


@pytest.mark.parametrize("text", CASES, ids=lambda text: text.replace("\n", " | ")[:60])
def test_refusal_is_httpds_own(text: str, directory: Path) -> None:
    part = directory / "part.conf"
    main = directory / "main.conf"
    part.write_text(text + "\n")
    main.write_text(f"Include {directory}/head.conf\nInclude {part}\n")
    said = _said(main)
    try:
        problems = [p for p in config.load(str(main)).problems if p.phase == "config"]
    except ConfigError as error:
        problems = [Problem(error.file, error.line, error.message)]
    if said.endswith("Syntax OK"):
        assert not problems
        return
    assert problems, said
    first = problems[0]
    assert f"Syntax error on line {first.line} of {first.file}:" in said
    assert said.splitlines()[-1].rstrip().endswith(first.message.rstrip())
