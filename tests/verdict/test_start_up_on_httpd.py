"""The refusals of TLS policies held against real httpd: ``-t``, whether it starts, which codes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import httpd
from wizard.config import load
from wizard.demo import pki
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.verdict import refused_configuration as refusals
from wizard.verdict import start_up
from wizard.x509 import trust_material

CA, CA_DIR = "ca_certificate_file", "ca_certificate_path"
CRL, CHECK = "ca_revocation_file", "ca_revocation_check"
OWN, OWN_DIR = "machine_certificate_file", "machine_certificate_path"
CHAIN = "machine_certificate_chain_file"
_START_CODES = re.compile(r"\bAH0(?:189[5-9]|190[12]|2206|2210|2231|2252|2326)\b|\bAH10127\b")

POLICIES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "engine-off-junk": {"engine": False, CA: "junk", "cipher_suite": "NOPE", CHECK: "chain"},
    "engine-off-missing": {"engine": False, CA: "nowhere"},
    "ca": {CA: "root"},
    "ca-junk": {CA: "junk"},
    "ca-der": {CA: "der"},
    "ca-key": {CA: "key"},
    "ca-crl": {CA: "crl"},
    "ca-trusted": {CA: "trusted"},
    "ca-second-broken": {CA: "second-broken"},
    "ca-bad-base64": {CA: "bad-base64"},
    "ca-with-key": {CA: "key+root"},
    "ca-with-text": {CA: "text+root+text"},
    "ca-crlf": {CA: "crlf"},
    "ca-missing": {CA: "nowhere"},
    "ca-empty": {CA: "empty"},
    "ca-directory": {CA: "bare"},
    "dir": {CA_DIR: "loose"},
    "dir-hashed": {CA_DIR: "hashed", "verify": "require"},
    "dir-bare": {CA_DIR: "bare"},
    "dir-of-junk": {CA_DIR: "junkyard"},
    "dir-missing": {CA_DIR: "nowhere"},
    "dir-is-file": {CA_DIR: "root"},
    "dir-bare-and-file": {CA_DIR: "bare", CA: "root"},
    "require": {"verify": "require"},
    "optional": {"verify": "optional"},
    "optional-no-ca": {"verify": "optional_no_ca"},
    "protocol-none": {"protocol": "-all"},
    "protocol-minus": {"protocol": "-TLSv1.3"},
    "protocol-off-again": {"protocol": "TLSv1.2 -TLSv1.2"},
    "protocol-replaced": {"protocol": "TLSv1.2 TLSv1.3"},
    "protocol-all": {"protocol": "all -SSLv3"},
    "ciphers-none": {"cipher_suite": "NOPE"},
    "ciphers-excluded": {"cipher_suite": "eNULL"},
    "ciphers-some": {"cipher_suite": "NOPE:AES128-SHA"},
    "ciphers-13-none": {"cipher_suite_tls13": "NOPE"},
    "ciphers-13-some": {"cipher_suite_tls13": "NOPE:TLS_AES_128_GCM_SHA256"},
    "check-alone": {CHECK: "chain", CA: "root"},
    "check-leaf-alone": {CHECK: "leaf"},
    "check-flag-alone": {CHECK: "chain no_crl_for_cert_ok"},
    "crl": {CHECK: "chain", CRL: "crl", CA: "root"},
    "crl-alone": {CRL: "crl"},
    "crl-junk": {CHECK: "chain", CRL: "junk"},
    "crl-junk-alone": {CRL: "junk"},
    "crl-is-certificate": {CHECK: "chain", CRL: "root"},
    "crl-missing": {CRL: "nowhere"},
    "crl-dir-bare": {CHECK: "chain", "ca_revocation_path": "bare"},
    "own": {OWN: "own"},
    "own-no-key": {OWN: "certificate"},
    "own-key-only": {OWN: "key"},
    "own-other-key": {OWN: "own-other-key"},
    "own-encrypted": {OWN: "own-encrypted"},
    "own-junk": {OWN: "junk"},
    "own-missing": {OWN: "nowhere"},
    "own-empty": {OWN: "empty"},
    "own-dir": {OWN_DIR: "mine"},
    "own-dir-bare": {OWN_DIR: "bare"},
    "own-dir-missing": {OWN_DIR: "nowhere"},
    "chain": {OWN: "own", CHAIN: "root"},
    "chain-missing": {OWN: "own", CHAIN: "nowhere"},
    "order-protocol": {"protocol": "-all", CA: "junk", "cipher_suite": "NOPE"},
    "order-ca": {CA: "junk", "cipher_suite": "NOPE", CHECK: "chain", OWN: "own-encrypted"},
    "order-ciphers": {CA: "root", "cipher_suite": "NOPE", CHECK: "chain"},
    "order-crl": {CA: "root", CHECK: "chain", OWN: "own-encrypted"},
    "order-warning": {"verify": "require", CHECK: "chain", OWN: "certificate"},
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad files, and directories of them."""
    directory = tmp_path_factory.mktemp("trust")
    root = pki.issue("Root", ca=True)
    own, other = pki.issue("own", root), pki.issue("other", root)
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    contents = {
        "root": root.pem,
        "der": root.der,
        "key": root.key_pem,
        "junk": b"junk\n",
        "empty": b"",
        "crl": pki.crl(root),
        "trusted": pki.trusted_pem(root),
        "second-broken": root.pem + broken,
        "bad-base64": broken.replace(b"AAAA", b"!!!!"),
        "key+root": root.key_pem + root.pem,
        "text+root+text": b"Root\n" + root.pem + b"the end\n",
        "crlf": root.pem.replace(b"\n", b"\r\n"),
        "own": own.pem + own.key_pem,
        "certificate": own.pem,
        "own-other-key": own.pem + other.key_pem,
        "own-encrypted": own.pem + own.encrypted_key_pem(b"secret"),
        "loose/root.pem": root.pem,
        "hashed/root.pem": root.pem,
        "junkyard/junk.pem": b"junk\n",
        "mine/own.pem": own.pem + own.key_pem,
    }
    (directory / "bare").mkdir()
    for name, data in contents.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    openssl = shutil.which("openssl") or "openssl"
    subprocess.run([openssl, "rehash", str(directory / "hashed")], check=True)
    return directory


def _directives(fields: dict[str, Any], files: Path) -> str:
    lines = []
    for name, value in {"engine": True, **fields}.items():
        word = files / value if name.endswith(("_file", "_path")) else shown(value)
        lines.append(f"{DIRECTIVES[name]} {word}\n")
    return "".join(lines)


@pytest.mark.parametrize("name", POLICIES)
def test_httpd_agrees(name: str, files: Path, tmp_path: Path) -> None:
    config = tmp_path / "httpd.conf"
    (port,) = httpd.free_ports(1)
    listen = f"{httpd.LISTEN}:{port}"
    config.write_text(httpd.main_config(tmp_path, [listen]) + _directives(POLICIES[name], files))
    hosts = tmp_path / "hosts"
    hosts.write_text("")

    configuration = load(str(config))
    policies = [(policy, trust_material.read(policy)) for policy in configuration.policies]
    problems = configuration.problems + start_up.problems(policies)
    refusal = refusals.refusal(problems)
    said = ""
    accepted, words = httpd.configtest(config, hosts)
    stage = None if accepted else "config"
    if accepted:
        try:
            with httpd.running(config, hosts):
                said = httpd.text_of(tmp_path / "error.log")
        except httpd.RefusedError as error:
            stage, said = "start", str(error)
    assert (refusal.stage if refusal else None) == stage, words + said
    expected = _expected(problems, stage)
    assert list(dict.fromkeys(_START_CODES.findall(said))) == expected
    if stage == "config":
        assert problems[0].message in words


def _expected(problems: Any, stage: str | None) -> list[str]:
    """httpd ends at the first fatal problem; what comes before it is logged."""
    if stage == "config":
        return []
    codes: list[str] = []
    for problem in problems:
        codes.append(problem.code)
        if problem.phase == "start":
            return codes + (["AH01896"] if problem.code == "AH02210" else [])
    return codes
