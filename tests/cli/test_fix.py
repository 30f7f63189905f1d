"""``proxy-wizard fix`` on one virtual host and a real backend: exit codes, streams, options."""

from __future__ import annotations

import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from tests.support import httpd
from tests.support.site import REQUIRE, TEMPORARY, UNTIL, Site, standing
from wizard.demo import pki

TOO_FAR = f"{date.today() + timedelta(days=92):%Y-%m-%d}"


def test_a_ca_that_the_operator_names(site: Site) -> None:
    site.write(REQUIRE)
    done = site.fix(*site.ca)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("diff --git ")
    assert "the operator named" in done.stderr
    site.patch(done.stdout)
    assert site.status() == 200
    assert site.fix().returncode == 1


def test_the_backends_own_ca_after_its_fingerprint_was_compared(site: Site) -> None:
    site.write(REQUIRE)
    digest = site.root.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    done = site.fix("--accept-fingerprint", digest)
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    assert site.status() == 200


def test_without_a_ca_nothing_is_trusted(site: Site) -> None:
    site.write(REQUIRE)
    done = site.fix()
    assert (done.returncode, done.stdout) == (3, "")
    assert "--ca FILE" in done.stderr
    assert site.root.certificate.fingerprint(hashes.SHA256()).hex(":").upper() in done.stderr


def test_what_cannot_be_determined_is_not_called_well(site: Site) -> None:
    trust = f"SSLProxyCACertificateFile {site.directory}/private/root.pem"
    site.write(
        f"{REQUIRE}\n{trust}\n" + "<If \"%{REQUEST_URI} == '/x'\">\nProxyPreserveHost On\n</If>\n"
    )
    done = site.fix()
    assert (done.returncode, done.stdout) == (3, "")
    assert "not determined: " in done.stderr
    assert "ProxyPreserveHost: it depends on the request." in done.stderr
    assert "nothing to fix" not in done.stderr


def test_the_diff_goes_into_a_file(site: Site) -> None:
    site.write(REQUIRE)
    target = site.directory / "fix.patch"
    done = site.fix(*site.ca, "-o", str(target))
    assert (done.returncode, done.stdout) == (0, "")
    assert f"patch -p1 -d / < {target}" in done.stderr
    site.patch(target.read_text())
    assert site.status() == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ca", "/nowhere.pem"), "cannot be read"),
        (("--ca", "/etc/passwd"), "is no certificate"),
        (("--accept-fingerprint", "12:34"), "no SHA-256 fingerprint"),
        (("--accept-fingerprint", "ab" * 32), "no backend presents"),
        (("--policy", "temporary"), "needs its last day"),
        (("--policy", "temporary", "--until", "2020-01-01"), "is over"),
        (("--policy", "temporary", "--until", "9999-12-31"), "more than 90 days ahead"),
        (("--policy", "temporary", "--until", TOO_FAR), "more than 90 days ahead"),
        (("--until", UNTIL), "--policy temporary"),
        (("--policy", "temporary", "--until", "soon"), "no date"),
        (("--policy", "none"), "invalid choice"),
        (("--vhost", "nobody.test"), "no virtual host"),
    ],
)
def test_one_sentence_for_a_bad_option(site: Site, options: tuple[str, ...], message: str) -> None:
    site.write(REQUIRE)
    done = site.fix(*options)
    assert (done.returncode, done.stdout) == (3, "")
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("proxy-wizard: error: ")
    assert message in last


def test_another_ca_of_the_same_name_is_refused(site: Site) -> None:
    site.write(REQUIRE)
    impostor = site.directory / "impostor.pem"
    impostor.write_bytes(pki.issue("Example Root", ca=True).pem)
    done = site.fix("--ca", str(impostor))
    assert (done.returncode, done.stdout) == (3, "")
    assert "right name but another key" in done.stderr


def test_a_temporary_exception_its_renewal_and_its_end(site: Site) -> None:
    site.write(REQUIRE)
    done = site.fix(*TEMPORARY)
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    assert f"    # proxy-wizard: temporary exception until {UNTIL} (" in site.vhost.read_text()
    assert site.status() == 200
    checked = site.check()
    assert checked.returncode == 1, checked.stdout
    assert "temporary-exception:" in checked.stdout

    site.vhost.write_text(site.vhost.read_text().replace(UNTIL, "2026-01-31"))
    checked = site.check()
    assert checked.returncode == 2, checked.stdout
    assert "temporary-exception-expired" in checked.stdout

    done = site.fix(*TEMPORARY)
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    assert site.vhost.read_text().count("temporary exception") == 1
    assert site.check().returncode == 1

    done = site.fix(*site.ca)
    assert done.returncode == 0, done.stderr
    site.patch(done.stdout)
    assert "temporary exception" not in site.vhost.read_text()
    assert "SSLProxyVerify require" in site.vhost.read_text()
    assert site.status() == 200
    assert site.check().returncode == 0


@pytest.mark.parametrize(
    ("days", "names", "slug"),
    [
        ((-30, -1), ["good.test"], "certificate-expired"),
        ((1, 30), ["good.test"], "certificate-not-yet-valid"),
        ((-1, 365), ["another.test"], "name-mismatch"),
    ],
)
def test_what_only_the_backend_can_repair(
    tmp_path: Path, days: tuple[int, int], names: list[str], slug: str
) -> None:
    root = pki.issue("Example Root", ca=True)
    leaf = pki.issue(names[0], root, dns=names, days=days)
    with standing(tmp_path, leaf, root) as site:
        site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
        done = site.fix()
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert f"left: app.test /: {slug}" in done.stderr
    request = re.search(r"openssl req .*subjectAltName=(\S+)", done.stderr)
    assert request is not None, done.stderr
    assert "DNS:good.test" in request[1]
    assert "openssl x509 -req" in done.stderr


def test_the_commands_for_the_backend_make_a_certificate_that_httpd_takes(tmp_path: Path) -> None:
    directory = tmp_path.resolve()
    root = pki.issue("Example Root", ca=True)
    leaf = pki.issue("good.test", root, dns=["good.test"], days=(-30, -1))
    with standing(directory, leaf, root) as site:
        site.write(f"{REQUIRE}\n    SSLProxyCACertificateFile private/root.pem")
        told = site.fix().stderr
        (directory / "ca.pem").write_bytes(root.pem)
        (directory / "ca.key").write_bytes(root.key_pem)
        commands = [line.strip() for line in told.splitlines() if line.startswith("      (umask ")]
        assert len(commands) == 2
        for command in commands:
            subprocess.run(
                ["sh", "-c", command], cwd=directory, check=True, capture_output=True, timeout=30
            )
        site.backend.show(directory / "good.test.pem", directory / "good.test.key")
        assert site.status() == 200


@pytest.mark.parametrize(
    ("body", "slugs"),
    [
        ("SSLProxyEngine on", ("protocol-mismatch",)),
        ("", ("engine-off", "protocol-mismatch")),
        (
            "SSLProxyEngine on\n    SSLProxyCipherSuite ECDHE-RSA-NULL-SHA",
            ("cipher-mismatch",),
        ),
        (
            "ProxyPreserveHost On\n    SSLProxyCipherSuite ECDHE-RSA-NULL-SHA",
            ("engine-off", "cipher-mismatch"),
        ),
    ],
)
def test_faults_that_hide_one_another_until_the_certificate_is_seen(
    site: Site, body: str, slugs: tuple[str, ...]
) -> None:
    site.backend.limit()
    site.write(f"{body}\n    SSLProxyVerify require\n    SSLProxyProtocol TLSv1.3")
    done = site.fix(*site.ca)
    assert done.returncode == 0, done.stderr
    for slug in (*slugs, "ca-not-configured"):
        assert f"repairs: app.test /: {slug}\n" in done.stderr
    assert "TLSv1.2 is added to SSLProxyProtocol" in " ".join(done.stderr.split())
    site.patch(done.stdout)
    assert "SSLProxyProtocol TLSv1.3 +TLSv1.2\n" in site.vhost.read_text()
    assert site.status() == 200
    assert site.fix().returncode == 1


def test_the_suites_of_tls_1_3_are_widened(site: Site) -> None:
    """Python's ssl cannot choose them: the backend is openssl's."""
    identity = site.directory / "identity.pem"
    identity.write_bytes(site.backend.leaf.pem + site.backend.leaf.key_pem)
    port = httpd.free_port()
    words = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(identity)]
    words += ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384", "-www"]
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        while server.stdout.readline() not in (b"ACCEPT\n", b""):
            pass
        site.backend.stop()
        site.backend.port = port
        site.write(f"{REQUIRE}\n    SSLProxyCipherSuite TLSv1.3 TLS_AES_128_GCM_SHA256")
        try:
            done = site.fix(*site.ca)
            assert done.returncode == 0, done.stderr
            site.patch(done.stdout)
            assert site.vhost.read_text().count("SSLProxyCipherSuite TLSv1.3 ") == 1
            assert site.status() == 200
        finally:
            server.kill()


def test_what_cannot_be_left_is_refused_with_what_can(site: Site) -> None:
    site.write(REQUIRE)
    done = site.fix("--leave", "ca-not-trusted")
    assert done.returncode == 3
    assert "argument --leave: invalid choice: 'ca-not-trusted'" in done.stderr
    assert "missing-intermediate" in done.stderr
