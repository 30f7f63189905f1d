"""Handshakes that a backend ends with one alert for many causes, before the real httpd."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL

from tests.support import choosy, httpd, openssl_cnf
from tests.support.command import WIZARD
from wizard.demo import pki

NAME = "localhost"
ROOT = pki.issue("Root", ca=True)
RSA = pki.issue(NAME, ROOT, dns=[NAME], key=pki.new_key("rsa", shared=0))
P256 = pki.issue(NAME, ROOT, dns=[NAME])
BRAINPOOL = pki.issue(NAME, ROOT, dns=[NAME], key=ec.generate_private_key(ec.BrainpoolP256R1()))
BOTH = "brainpoolP384r1:brainpoolP256r1"
STRONG = "ECDHE:@SECLEVEL=0"
OLD = SSL.TLS1_2_VERSION


@dataclass(frozen=True)
class Case:
    """A backend.

    Args:
        leaf: its certificate.
        takes: what it takes, for ``choosy.serving``.
        cause: slug of the first finding; None: it works.
        lines: of the virtual host.
        after: lines in their place that, with the groups of ``GROUPS``, let httpd have an answer;
            None: nothing here does.
    """

    leaf: pki.Issued
    takes: dict[str, Any]
    cause: str | None
    lines: str = ""
    after: str | None = ""


GROUPS = "X25519:P-256:X448:P-521:P-384:ffdhe2048:brainpoolP256r1:brainpoolP384r1"
LIMIT = "SSLProxyProtocol TLSv1.2\n"
CASES = {
    "brainpool": Case(BRAINPOOL, {"groups": BOTH}, "group-mismatch", after=LIMIT),
    "brainpool-key": Case(
        BRAINPOOL, {"groups": "P-256:brainpoolP256r1", "highest": OLD}, "group-mismatch",
        after=LIMIT,
    ),
    "brainpool-exchange": Case(P256, {"groups": BOTH}, "group-mismatch", after=LIMIT),
    "brainpool-13": Case(
        P256, {"groups": "brainpoolP256r1tls13", "lowest": SSL.TLS1_3_VERSION}, "group-mismatch",
        after=None,
    ),
    "p-521": Case(RSA, {"groups": "P-521"}, None),
    "x448": Case(RSA, {"groups": "X448"}, None),
    "ffdhe": Case(RSA, {"groups": "ffdhe2048", "lowest": SSL.TLS1_3_VERSION}, None),
    "another-share": Case(RSA, {"groups": "P-384", "lowest": SSL.TLS1_3_VERSION}, None),
    "sha-1": Case(RSA, {"signatures": "rsa_pkcs1_sha1", "ciphers": STRONG},
                  "signature-mismatch", after=None),
    "aria": Case(
        RSA, {"ciphers": "ECDHE-ARIA256-GCM-SHA384", "highest": OLD}, "cipher-mismatch",
        after="SSLProxyCipherSuite ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE-ARIA256-GCM-SHA384\n",
    ),
    "null": Case(RSA, {"ciphers": "NULL-SHA256:@SECLEVEL=0", "highest": OLD}, "cipher-mismatch",
                 after=None),
    "level": Case(P256, {}, "cipher-mismatch", "SSLProxyCipherSuite HIGH:@SECLEVEL=4\n",
                  after="SSLProxyCipherSuite HIGH:@SECLEVEL=2\n"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Backends that run, and where configurations are written."""

    directory: Path
    ports: dict[str, int]

    def check(self, *, after: bool) -> dict[str, tuple[int, Any]]:
        """Of each case the status that httpd gives, and what ``check`` says of its route."""
        front = httpd.free_port()
        hosts, site = self.directory / "hosts", self.directory / "httpd.conf"
        hosts.touch()
        text = httpd.main_config(self.directory, [f"{httpd.LISTEN}:{front}"])
        for name, port in self.ports.items():
            lines = (CASES[name].after or "") if after else CASES[name].lines
            text += (
                f"<VirtualHost *:{front}>\nServerName {name}.test\nSSLProxyEngine on\n"
                f"SSLProxyVerify require\nSSLProxyCACertificateFile {self.directory}/root.pem\n"
                f"{lines}ProxyPass / https://{NAME}:{port}/\n</VirtualHost>\n"
            )
        site.write_text(text)
        env = {**os.environ}
        if after:
            env["OPENSSL_CONF"] = str(self.directory / "openssl.cnf")
        with httpd.running(site, hosts, env=env):
            status = {name: httpd.get(front, f"{name}.test").status for name in self.ports}
        words = [*WIZARD, "check", str(site), "--format", "json", "--no-httpd"]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=100)
        routes = json.loads(done.stdout)["routes"]
        of = {route["vhost"]["server_name"].removesuffix(".test"): route for route in routes}
        return {name: (status[name], of[name]) for name in self.ports}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("handshakes")
    (directory / "root.pem").write_bytes(ROOT.pem)
    openssl_cnf.write(directory, f"Groups = {GROUPS}")
    with contextlib.ExitStack() as stack:
        yield Place(
            directory,
            {
                name: stack.enter_context(choosy.serving(case.leaf, **case.takes))
                for name, case in CASES.items()
            },
        )


def test_the_cause_behind_the_alert_and_what_helps(place: Place) -> None:
    """One httpd for all: the status of each, the first finding, and the remedies as printed."""
    for name, (status, route) in place.check(after=False).items():
        cause = CASES[name].cause
        assert status == (200 if cause is None else 500), name
        assert route["verdict"]["status"] == status, name
        if cause is not None:
            assert route["findings"][0]["slug"] == cause, (name, route["findings"])
    for name, (status, route) in place.check(after=True).items():
        assert status == (500 if CASES[name].after is None else 200), name
        assert route["verdict"]["status"] == status, (name, route["verdict"])
