"""What real openssl s_client, curl, wget and apache2 -t print about the same faults."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.logs.world import HOST, World, output_of
from tests.support import httpd
from tests.support.httpd import MODULES
from wizard.demo import pki
from wizard.logs import explain


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hosts") / "hosts"
    file.write_text(f"127.0.0.1 {HOST}\n")
    return file


def address(faults: World, name: str) -> str:
    return faults.faults[name].url.split("//")[1].strip("/")


def ca_of(faults: World, name: str) -> str | None:
    found = re.search(r"CACertificateFile (\S+)", faults.faults[name].directives)
    return found[1] if found else None


def first(output: str) -> str | None:
    causes = explain(output.splitlines()).causes
    return causes[0].slug if causes else None


S_CLIENT = {
    "other-ca": "ca-not-trusted",
    "self-signed": "self-signed-certificate",
    "missing-intermediate": "missing-intermediate",
    "no-root": "ca-file-without-root",
    "expired-verified": "certificate-expired",
    "expired-ca": "ca-expired",
    "not-yet": "certificate-not-yet-valid",
    "purpose": "wrong-purpose",
    "not-a-ca": "issuer-not-a-ca",
    "dns": "dns-failure",
    "refused": "connection-refused",
    "plain": "backend-speaks-plain-http",
    "sni": "sni-rejected",
    "reset": "connection-reset",
    "closed": "connection-reset",
}


@pytest.mark.parametrize(("name", "expected"), S_CLIENT.items())
def test_s_client(faults: World, hosts: Path, name: str, expected: str) -> None:
    command = ["openssl", "s_client", "-servername", HOST, "-connect"]
    where = address(faults, name)
    command.append(where if ":" in where else f"{where}:443")
    ca = ca_of(faults, name)
    command += ["-CAfile", ca] if ca else []
    output = output_of(*command, hosts=hosts)
    assert first(output) == expected, output


UNKNOWN = ("unknown-directive",)
MISSING = ("module-missing", *UNKNOWN)


def test_openssl_verify_tells_whose_certificate_it_is(faults: World, tmp_path: Path) -> None:
    old = pki.issue("Old Root", ca=True, days=(-90, -3))
    leaf = pki.issue(HOST, old, dns=[HOST])
    (tmp_path / "ca.pem").write_bytes(old.pem)
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    output = output_of(
        "openssl", "verify", "-CAfile", str(tmp_path / "ca.pem"), str(tmp_path / "leaf.pem")
    )
    assert first(output) == "ca-expired", output


def test_a_log_that_was_searched_with_colours(tmp_path: Path) -> None:
    line = (
        "[Wed Nov 25 02:17:05.485049 2026] [ssl:info] [pid 4711:tid 3] [remote 192.0.2.7:8443] "
        "AH02276: Certificate Verification: Error (20): unable to get local issuer certificate"
    )
    log = tmp_path / "error.log"
    log.write_text(line + "\n")
    searched = subprocess.run(
        ["grep", "--color=always", "AH02276", str(log)], capture_output=True, text=True, check=True
    ).stdout
    assert "\x1b[KAH02276" in searched
    assert explain([searched]).lines == explain([line]).lines
    assert explain([searched]).causes == explain([line]).causes


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["-tls1_3"], "protocol-mismatch"), (["-tls1_2", "-cipher", "AES128-SHA"], "cipher-mismatch")],
)
def test_s_client_without_anything_in_common(
    faults: World, hosts: Path, options: list[str], expected: str
) -> None:
    name = {"protocol-mismatch": "protocol", "cipher-mismatch": "cipher"}[expected]
    output = output_of(
        "openssl", "s_client", *options, "-connect", address(faults, name), hosts=hosts
    )
    assert first(output) == expected, output


CURL = {
    "other-ca": "ca-not-trusted",
    "self-signed": "self-signed-certificate",
    "expired-verified": "certificate-expired",
    "not-yet": "certificate-not-yet-valid",
    "purpose": "wrong-purpose",
    "not-a-ca": "issuer-not-a-ca",
    "name": "name-mismatch",
    "dns": "dns-failure",
    "refused": "connection-refused",
    "plain": "backend-speaks-plain-http",
    "sni": "sni-rejected",
    "reset": "connection-reset",
    "closed": "connection-reset",
    "silent-http": "connection-timeout",
}


@pytest.mark.parametrize("verbose", [False, True], ids=["-sS", "-v"])
@pytest.mark.parametrize(("name", "expected"), CURL.items())
def test_curl(faults: World, hosts: Path, name: str, expected: str, verbose: bool) -> None:
    ca = ca_of(faults, name)
    output = output_of(
        "curl", "-sS", "-m", "1", *(["-v"] if verbose else []), *(["--cacert", ca] if ca else []),
        "--noproxy", "*", faults.faults[name].url, hosts=hosts,
    )  # fmt: skip
    assert first(output) == expected, output


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("other-ca", "ca-not-trusted"),
        ("name", "name-mismatch"),
        ("refused", "connection-refused"),
        ("dns", "dns-failure"),
    ],
)
def test_wget(faults: World, hosts: Path, name: str, expected: str) -> None:
    ca = ca_of(faults, name)
    output = output_of(
        "wget", "--no-proxy", "-O", "-", "-T", "2", "-t", "1",
        *([f"--ca-certificate={ca}"] if ca else []), faults.faults[name].url, hosts=hosts,
    )  # fmt: skip
    assert first(output) == expected, output


SSL = "".join(
    f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in ("ssl", "proxy", "proxy_http")
)

CONFIGURATIONS = {
    "SSLProxyEngine on": "module-missing",
    SSL + "SSLProxyEngin on": "unknown-directive",
    SSL + "<Location /x>\nSSLProxyEngine on\n</Location>": "directive-not-allowed-here",
    SSL + "SSLProxyCACertificateFile /nowhere/ca.pem": "ca-file-missing",
    SSL + "SSLProxyCACertificatePath /nowhere": "ca-file-missing",
    SSL + "SSLProxyVerify maybe": "configuration-refused",
    SSL + "ProxyPass / nonsense": "configuration-refused",
    "LoadModule proxy_http_module /nowhere/mod_proxy_http.so": "module-missing",
    "<VirtualHost *:80>": "configuration-refused",
    SSL + "SSLProxyEngine on\nSSLProxyCACertificateFile {garbage}": "ca-file-invalid",
    SSL + "SSLProxyEngine on\nSSLProxyCARevocationCheck chain": "crl-check-without-crl",
    SSL + "SSLProxyEngine on\nSSLProxyCipherSuite NOPE": "cipher-mismatch",
    SSL + "SSLProxyEngine on\nSSLProxyMachineCertificateFile {wrong_key}": (
        "client-certificate-without-key"
    ),
    SSL + f"LoadModule proxy_balancer_module {MODULES}/mod_proxy_balancer.so\n": ("module-missing"),
}


@pytest.mark.parametrize(("directives", "expected"), CONFIGURATIONS.items())
def test_what_httpd_says_when_it_does_not_start(
    tmp_path: Path, directives: str, expected: str
) -> None:
    garbage, wrong_key = tmp_path / "garbage.pem", tmp_path / "wrong.pem"
    garbage.write_text("garbage\n")
    wrong_key.write_bytes(pki.issue("a").pem + pki.issue("b").key_pem)
    config = tmp_path / "httpd.conf"
    config.write_text(
        f"LoadModule mpm_event_module {MODULES}/mod_mpm_event.so\n"
        f"LoadModule authz_core_module {MODULES}/mod_authz_core.so\n"
        f"ServerName localhost\nListen {httpd.LISTEN}:{httpd.free_port()}\nPidFile {tmp_path}/pid\n"
        f"ErrorLog {tmp_path}/error.log\nDefaultRuntimeDir {tmp_path}\n"
        + directives.replace("{garbage}", str(garbage)).replace("{wrong_key}", str(wrong_key))
        + "\n"
    )
    output = output_of(httpd.HTTPD, "-d", str(tmp_path), "-f", str(config), "-DFOREGROUND")
    log = tmp_path / "error.log"
    output += log.read_text() if log.exists() else ""
    assert first(output) == expected, output


@pytest.mark.parametrize(
    ("name", "meaning", "slugs"),
    [
        ("SSLProxyEngine", "belongs to mod_ssl, which is not loaded.", MISSING),
        ("SSLProxyEngin", "Most like it is SSLProxyEngine.", UNKNOWN),
        # as httpd 2.4.37 refuses them: every httpd has its core, so that no module is missing
        ("StrictHostCheck", "exists since httpd 2.4.49: this httpd is another release.", UNKNOWN),
        ("MergeSlashes", "exists since httpd 2.4.39: this httpd is another release.", UNKNOWN),
        (
            "H2AltSvc",
            "belongs to mod_http2, which is not loaded, or this httpd is another release: "
            "it exists since httpd 2.4.17 and until httpd 2.4.54.",
            MISSING,
        ),
        ("ServerName", "a character beside it does not show", UNKNOWN),
    ],
)
def test_unknown_directives(name: str, meaning: str, slugs: tuple[str, ...]) -> None:
    text = (
        "AH00526: Syntax error on line 3 of /etc/apache2/a.conf:",
        f"Invalid command '{name}', perhaps misspelled or defined by a module not included "
        "in the server configuration",
    )
    line = explain(text).lines[1]
    assert meaning in line.meaning
    assert line.slugs == slugs


def test_a_passed_configuration_test_is_no_promise() -> None:
    explanation = explain(["Syntax OK"])
    assert explanation.lines_recognised == 1
    assert explanation.causes == ()
    assert "fail to start" in explanation.lines[0].meaning
