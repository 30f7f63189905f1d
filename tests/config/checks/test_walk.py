"""What ``-t`` refuses: the same file, line and words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import httpd
from wizard import config
from wizard.demo.pki import issue
from wizard.errors import ConfigError
from wizard.model.config import Problem

_FILES = sorted((Path(__file__).parent / "data").glob("refused*.txt"))
CASES = [
    text.strip("\n") for file in _FILES for text in file.read_text().strip("\n").split("\n---\n")
]
_WITHOUT_PLACE = ("AH02291", "AH02297")
"""Directories of logs, which httpd looks for when all is read."""


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
    if first.code in _WITHOUT_PLACE:
        assert f"{first.code}: {first.message}" in said
        return
    assert f"Syntax error on line {first.line} of {first.file}:" in said
    assert said.splitlines()[-1].rstrip().endswith(first.message.rstrip())


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("SSLProxyCACertifcateFile {}/root.pem", "SSLProxyCACertificateFile"),
        ("SSLProxyCACertifcateFile {}/not-there.pem", "SSLProxyCACertificateFile"),
        ("SSLProxyCACertifcateFile {}/client.key", ""),
        ("SSLProxyCACertifcateFile {}", ""),
        ("SSLProxyCACertifcateFile on", ""),
        ("SSLProxyCACertifcatePath {}", "SSLProxyCACertificatePath"),
        ("SSLProxyCACertifcatePath {}/root.pem", ""),
        ("SSLProxyMachineCertifcateFile {}/client.key", "SSLProxyMachineCertificateFile"),
        ("SSLCertifcateKeyFile {}/client.key", "SSLCertificateKeyFile"),
        ("SSLCertifcateKeyFile {}/root.pem", ""),
        ("SSLProxyVerfy require", "SSLProxyVerify"),
        ("SSLProxyVerfy /etc/ssl/ca.pem", ""),
        ("SSLProxyEngin on", "SSLProxyEngine"),
        ("SSLProxyEngin TLSv1.2", ""),
        ("SSLProxyProtocl TLSv1.2", "SSLProxyProtocol"),
        ("SSLProxyProtocl HIGH", ""),
        ("SSLProxyVerifyDeph 3 4", ""),
        ("ProxyPas / http://127.0.0.1:1/", "ProxyPass"),
    ],
)
def test_a_name_is_offered_where_it_takes_the_arguments(
    line: str, meant: str, tmp_path: Path
) -> None:
    root = issue("Root", ca=True)
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "client.key").write_bytes(root.key_pem)
    file = tmp_path / "httpd.conf"
    file.write_text(httpd.main_config(tmp_path, ["1"]) + line.format(tmp_path) + "\n")
    problem = next(p for p in config.load(str(file)).problems if p.slug == "unknown-directive")
    assert problem.meant == meant
    assert (f"Probably {meant} is meant." in problem.hint) is bool(meant)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("proxy_pass http://127.0.0.1:1/;", "ProxyPass PATH URL"),
        ("proxy_ssl_verify on;", "SSLProxyVerify require"),
        ("SSLProxyCertficateFile /x", "SSLProxyMachineCertificateFile"),
        ("SSLProxyCACertFile /x", "SSLProxyCACertificateFile"),
        ("backend app", ""),
        ("Return 200", ""),
    ],
)
def test_beside_modules_of_others_only_what_is_nobodys_is_refused(
    line: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "site.conf"  # its modules are not known
    file.write_text(f"<VirtualHost *:1>\nServerName a.test\n{line}\n</VirtualHost>\n")
    hints = [problem.hint for problem in config.load(str(file)).problems]
    assert any(told in hint for hint in hints) if told else not hints
