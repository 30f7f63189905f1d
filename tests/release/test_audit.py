"""A known fault of what is needed fails CI; that an index does not answer is said.

The real pip-audit asks a PyPI on loopback, which a proxy of the tests hands it.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from releasing import audit, pins

from tests.support import servers
from wizard.demo.pki import issue

ROOT = Path(__file__).parents[2]
FAULT = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "fixed_in": ["99.0"],
    "details": "x",
    "published": "2026-01-01T00:00:00Z",
}


@contextmanager
def index(directory: Path, answer: Callable[[str], bytes]) -> Iterator[dict[str, str]]:
    """A PyPI that answers a path; the variables that lead pip-audit there."""
    authority = issue("Index CA", ca=True)
    context = servers.context(issue("pypi.org", authority, dns=["pypi.org"]), authority)
    (directory / "ca.pem").write_bytes(authority.pem)

    def handle(connection: socket.socket) -> None:
        connection.settimeout(20)
        servers.request(connection)  # CONNECT pypi.org:443
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                while head := servers.request(tls):
                    tls.sendall(answer(head.split(b" ")[1].decode()))
        except (OSError, ssl.SSLError):
            pass  # it hung up

    with servers.serving(handle) as port:
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            "https_proxy": f"http://127.0.0.1:{port}",
            "REQUESTS_CA_BUNDLE": str(directory / "ca.pem"),
        }


def audited(directory: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "releasing.audit"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / ".ci"),
            "XDG_CACHE_HOME": str(directory / "cache"),
            "PIP_CACHE_DIR": str(directory / "cache"),
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=110,
    )


def answer(faulty: str, *, known: bool = True) -> Callable[[str], bytes]:
    def of(path: str) -> bytes:
        if not known:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        name = path.split("/")[2]
        body = json.dumps({"vulnerabilities": [FAULT] if name == faulty else []}).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    return of


def test_a_known_fault_fails(tmp_path: Path) -> None:
    with index(tmp_path, answer("h11")) as variables:
        done = audited(tmp_path, variables)
    assert done.returncode == 1, done.stderr
    assert "what is shipped: h11 " in done.stderr
    assert "PYSEC-2026-1, repaired in 99.0" in done.stderr
    assert "NOT AUDITED" not in done.stderr


def test_none_known(tmp_path: Path) -> None:
    with index(tmp_path, answer("")) as variables:
        done = audited(tmp_path, variables)
    assert (done.returncode, done.stderr) == (0, "")
    pinned = pins.CONSTRAINTS.read_text().count("==")
    assert f"what is shipped: {pinned} audited" in done.stdout
    assert done.stdout.count(", 0 known faults") == 3


def test_an_index_without_advisories_is_said(tmp_path: Path) -> None:
    with index(tmp_path, answer("", known=False)) as variables:
        done = audited(tmp_path, variables)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("NOT AUDITED, nobody answers: the index knows none of") == 3


def test_no_network_is_said(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        done = audited(tmp_path, {"HTTPS_PROXY": proxy, "https_proxy": proxy})
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("NOT AUDITED") == 3
    assert "Traceback" not in done.stderr


def test_a_fault_of_pip_audit_itself_fails() -> None:
    with pytest.raises(RuntimeError, match="no such option"):
        audit.outcome(2, "", "usage: pip-audit\npip-audit: error: no such option")
