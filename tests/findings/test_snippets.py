"""What the pages and remedies tell people to paste is accepted by real httpd and real openssl."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.findings.pairs import CHECKS
from wizard.findings import diagnose, pages
from wizard.findings.table import TABLE

HTTPD = shutil.which("apache2") or "/usr/sbin/apache2"
MODULES = Path("/usr/lib/apache2/modules")
LOADED = (
    *("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_balancer", "slotmem_shm"),
    *("lbmethod_byrequests", "ssl", "socache_shmcb", "headers", "rewrite"),
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"(SSL|Proxy|LogLevel|Balancer|<|LoadModule)\w*")


def blocks(text: str, language: str) -> list[str]:
    return [body for kind, body in _BLOCK.findall(text) if kind == language]


def recommended() -> list[tuple[str, str]]:
    return [(s, body) for s in TABLE for body in blocks(pages.section(s, "Use instead"), "apache")]


def remedies() -> list[tuple[str, str]]:
    found = {}
    for slug, check in CHECKS.items():
        for finding in diagnose(*check.fires):
            for remedy in finding.remedies:
                if remedy.command:
                    found[remedy.command] = slug
    return [(slug, command) for command, slug in found.items()]


def is_config(command: str) -> bool:
    return bool(_DIRECTIVE.match(command)) and not command.startswith("ttl=")


def syntax(snippet: str, directory: Path) -> str:
    """httpd's words about a snippet in a virtual host (or beside one); empty if it is fine."""
    pem = directory / "some.pem"
    pem.write_text("not looked into by -t\n")
    body = re.sub(r"/etc/\S+|\bFILE\b", str(pem), snippet)
    body = re.sub(r"modules/mod_", f"{MODULES}/mod_", body)
    if "<VirtualHost" not in body and "LoadModule" not in body:
        body = f"<VirtualHost *:8080>\n{body}\n</VirtualHost>"
    config = directory / "httpd.conf"
    loads = "".join(f"LoadModule {n}_module {MODULES}/mod_{n}.so\n" for n in LOADED)
    config.write_text(
        f"ServerRoot {directory}\nDefaultRuntimeDir {directory}\nPidFile {directory}/pid\n"
        f"ErrorLog {directory}/error.log\nListen 127.0.0.1:8080\nServerName x.test\n{loads}{body}\n"
    )
    done = subprocess.run(
        [HTTPD, "-t", "-f", str(config)], capture_output=True, text=True, timeout=60, check=False
    )
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize(("slug", "snippet"), recommended())
def test_httpd_accepts_what_a_page_recommends(slug: str, snippet: str, tmp_path: Path) -> None:
    assert syntax(snippet, tmp_path) == ""


@pytest.mark.parametrize(("slug", "command"), [r for r in remedies() if is_config(r[1])])
def test_httpd_accepts_the_lines_of_a_remedy(slug: str, command: str, tmp_path: Path) -> None:
    assert syntax(command, tmp_path) == ""


def test_the_syntax_check_refuses_what_is_wrong(tmp_path: Path) -> None:
    assert "Invalid command" in syntax("SSLProxyVerfy require", tmp_path)


def openssl_calls() -> list[tuple[str, str]]:
    texts = [(s, body) for s in TABLE for body in blocks(pages.text(s), "sh")]
    texts += [(slug, command) for slug, command in remedies() if not is_config(command)]
    found = {}
    for slug, text in texts:
        joined = text.replace("\\\n", " ")
        for call in re.findall(r"(?:^|[|&;\n]\s*)(openssl [^|;&\n<>]*)", joined):
            found[call.strip()] = slug
    return [(slug, call) for call, slug in found.items()]


@cache
def options(command: str) -> frozenset[str]:
    done = subprocess.run(
        ["openssl", command, "-help"], capture_output=True, text=True, timeout=60, check=True
    )
    return frozenset(re.findall(r"^ (-[\w_]+)", done.stdout + done.stderr, re.MULTILINE))


@pytest.mark.parametrize(("slug", "call"), openssl_calls())
def test_openssl_knows_the_options(slug: str, call: str) -> None:
    words = shlex.split(call)
    known = options(words[1]) | {"-sha256"}  # any digest's name is an option
    named = {w for w in words[2:] if re.match(r"-[a-z]", w)}
    assert named <= known


@pytest.mark.parametrize(
    ("slug", "text"), [(s, b) for s in TABLE for b in blocks(pages.text(s), "sh")]
)
def test_commands_of_a_page_are_shell(slug: str, text: str) -> None:
    done = subprocess.run(
        ["sh", "-n"], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize(("slug", "command"), [r for r in remedies() if not is_config(r[1])])
def test_commands_of_a_remedy_are_shell(slug: str, command: str) -> None:
    done = subprocess.run(
        ["sh", "-n"], input=command, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
