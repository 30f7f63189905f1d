"""No command of a remedy changes a file that exists: run beside copies of every file it names."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from tests.findings.cases import CASE, LEAF, policy
from tests.findings.pairs import CHECKS, START
from tests.findings.test_snippets import blocks, is_config, remedies
from wizard.demo import pki
from wizard.findings import diagnose, pages, reissue, shell
from wizard.findings.facts import Facts
from wizard.findings.table import TABLE
from wizard.fix.decide import handover
from wizard.fix.decide.route_repair import leaf_of
from wizard.model.certificate import TrustMaterial
from wizard.x509 import client_certificate, trust_file
from wizard.x509.disk import Content

_TOUCHES = re.compile(r">|-out\b|-keyout\b|\b(mv|rm|cp|tee|sed)\b")
_FILE = re.compile(
    r"(?<![\w/.@-])(?:/etc/)?[\w-][\w./-]*\.(?:pem|key|csr|crl|ext|p12|der|new|cnf)\b"
)
"""A file that a command names, by its path or in the current directory."""
_NAMED = ("/etc/hosts",)
"""What a remedy says that it adds a line to."""
_UPDATED = ("mv /etc/ssl/backend-ca.crl.new",)
"""What a page replaces on purpose, once the new one was looked at: a list that is renewed."""
HELD = "what stood here\n"


def printed() -> dict[str, str]:
    """Every command of a remedy, of a plan's handover and of a page."""
    found = {command: slug for slug, command in remedies()}
    found |= {body: slug for slug in TABLE for body in blocks(pages.text(slug), "sh")}
    for slug, check in CHECKS.items():
        case, _ = check.fires
        for finding in diagnose(*check.fires):
            leaf = leaf_of(case)
            left = (
                handover.explained(finding, case, case.route, leaf, None),
                handover.handed_over(finding, case.route, leaf, ()),
            )
            found |= {command: slug for one in left for command in one.commands}
    for kind in get_args(reissue.Kind):
        found |= dict.fromkeys(reissue.commands(kind, CASE.route, LEAF, "CN=ca"), kind)
    return found


def touching() -> list[tuple[str, str]]:
    return [
        (slug, command)
        for command, slug in printed().items()
        if not is_config(command)
        and _TOUCHES.search(re.sub(r"</dev/null|2>/dev/null", "", command))
        and not re.search(r"s_client|curl|systemctl|apt|a2en|proxy-wizard", command)
        and not any(name in command for name in (*_NAMED, *_UPDATED))
    ]


def changed(command: str, directory: Path) -> list[str]:
    """The files that a command names and changes when it runs in a sandbox: where all of them
    exist, and where one alone does."""
    names = sorted(set(_FILE.findall(command)))
    harmed = []
    for number, held in enumerate([names, *([name] for name in names)]):
        place = directory / str(number)
        (place / "etc").mkdir(parents=True)
        files = [place / name.lstrip("/") for name in held]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(HELD)
        subprocess.run(
            ["sh", "-c", command.replace("/etc/", f"{place}/etc/")],
            cwd=place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
        harmed += [f.name for f in files if not f.exists() or f.read_text() != HELD]
    return harmed


@pytest.mark.parametrize(("slug", "command"), touching())
def test_a_command_changes_no_file_that_exists(slug: str, command: str, tmp_path: Path) -> None:
    assert changed(command, tmp_path) == []


def test_there_are_such_commands_and_harm_is_seen(tmp_path: Path) -> None:
    assert {"client-certificate-without-key", "client-certificate-required"} <= {
        slug for slug, _ in touching()
    }
    harmful = "cat a.pem > /etc/ssl/store.p12; openssl req -newkey ed25519 -nodes -keyout own.key"
    assert {"store.p12", "own.key"} <= set(changed(harmful, tmp_path))


ROOT = pki.issue("Example Root", ca=True)
LIST = pki.crl(ROOT, [])
CA, CRL = "SSLProxyCACertificateFile", "SSLProxyCARevocationFile"
CHAIN = "SSLProxyMachineCertificateChainFile"
FORMS = {
    "certificate in DER": (CA, "one certificate in DER", ROOT.der),
    "chain in DER": (CHAIN, "one certificate in DER", ROOT.der),
    "list in DER": (
        CRL, "a revocation list in DER", x509.load_pem_x509_crl(LIST).public_bytes(Encoding.DER),
    ),
    "PKCS#7": (
        CA, "holds PKCS7", pkcs7.serialize_certificates([ROOT.certificate], Encoding.PEM),
    ),
    "PKCS#7 in DER": (
        CHAIN, "PKCS#7 in DER", pkcs7.serialize_certificates([ROOT.certificate], Encoding.DER),
    ),
    "PKCS#12": (
        CA, "PKCS#12",
        pkcs12.serialize_key_and_certificates(None, None, None, [ROOT.certificate], NoEncryption()),
    ),
    "trusted": (CA, "holds TRUSTED CERTIFICATE", pki.trusted_pem(ROOT)),
    "UTF-16": (CA, "text in UTF-16", ROOT.pem.decode().encode("utf-16")),
    "UTF-16 of another order": (
        CRL, "text in UTF-16", b"\xfe\xff" + LIST.decode().encode("utf-16-be"),
    ),
    "UTF-16 without its mark": (CA, "text in UTF-16LE", ROOT.pem.decode().encode("utf-16-le")),
    "CR alone": (CRL, "PEM whose lines end in CR alone", LIST.replace(b"\n", b"\r")),
    "blanks": (CHAIN, "PEM with indented lines", b"  " + ROOT.pem.replace(b"\n", b"\n  ")),
    "line ends as text": (
        CA, "PEM with \\n instead of line ends", ROOT.pem.replace(b"\n", b"\\n"),
    ),
    "one line": (CA, "PEM on one line", 2 * ROOT.pem.replace(b"\n", b"")),
    "list on one line": (CRL, "PEM on one line", LIST.replace(b"\n", b" ")),
    "base64 alone": (
        CA, "base64 without BEGIN and END", b"".join(ROOT.pem.splitlines(keepends=True)[1:-1]),
    ),
    "glued": (
        CA, "a block begins on the line where another ends", ROOT.pem.rstrip() + ROOT.pem,
    ),
    "glued lists": (
        CRL, "a block begins on the line where another ends", LIST.rstrip() + LIST,
    ),
}  # fmt: skip
HOSTILE = "it's; touch $(id) `x` -nodes *.{}"
"""A file's name."""


@pytest.mark.parametrize("name", FORMS)
def test_a_file_of_another_form_becomes_a_new_one(name: str, tmp_path: Path) -> None:
    directive, form, data = FORMS[name]
    source = tmp_path / HOSTILE.format("crt")
    source.write_bytes(data)
    content: Content = "crls" if directive == CRL else "certificates"
    held = trust_file.read_file(str(source), content)
    assert held.detail == form
    assert held.loads is (name == "trusted")  # OpenSSL takes it, with what it is trusted for
    (remedy,) = shell.converted_file(directive, form, str(source), Facts(CASE, START))
    command = (remedy.command or "").replace("openssl pkcs12 ", "openssl pkcs12 -passin pass: ")
    for fails in (False, True):  # the second time the file exists
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=20)
        assert (done.returncode != 0) is fails, done.stderr
    new = tmp_path / HOSTILE.format("pem")
    assert trust_file.read_file(str(new), content).state == "ok"
    assert sorted(tmp_path.iterdir()) == sorted([new, source])
    assert source.read_bytes() == data
    assert f'{directive} "{new}"' in remedy.text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (pki.issue("a").key_pem, "holds PRIVATE KEY"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
         "holds CERTIFICATE REQUEST"),
        (pki.issue("a").key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
         "a private key in DER"),
        (pki.issue("a").key.private_bytes(
            Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
         "a private key in DER"),
        (bytes.fromhex("3006300402010030"), "DER, but no certificate"),  # a request begins so
        (bytes.fromhex("30"), "DER, but no certificate"),
        (x509.load_pem_x509_crl(LIST).public_bytes(Encoding.DER), "a revocation list in DER"),
        (b"\xff\xfeh\0i\0", "no PEM block"),
        (b"<html></html>", "a web page (HTML)"),
        (b"\n<!DOCTYPE html>\n<html>", "a web page (HTML)"),
        (b"aGVsbG8=\n", "no PEM block"),
        (b"hello, world\n", "no PEM block"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_no_certificate_can_be_made_of_is_named(
    data: bytes, told: str, tmp_path: Path
) -> None:
    source = tmp_path / "ca.pem"
    source.write_bytes(data)
    held = trust_file.read_file(str(source), "certificates")
    assert held.detail == told
    assert shell.converted_file(CA, held.detail, str(source), Facts(CASE, START)) == ()


def test_a_conversion_that_fails_leaves_nothing_in_its_own_way(tmp_path: Path) -> None:
    source = tmp_path / "ca.p12"
    source.write_bytes(b"no key store")
    (remedy,) = shell.converted_file(CA, "PKCS#12", str(source), Facts(CASE, START))
    command = remedy.command or ""
    assert subprocess.run(["sh", "-c", command], check=False, timeout=20).returncode != 0
    assert list(tmp_path.iterdir()) == [source]


def test_there_is_a_new_name_whatever_the_configuration_names() -> None:
    case = policy(
        ca_certificate_file="/d/x-new4.pem",
        ca_revocation_file="/d/x-new.pem",
        machine_certificate_file="/d/x-new2.pem",
        machine_certificate_chain_file="/d/x-new3.pem",
    )
    _, target = shell.into_new_file("cat a", "/d/x.pem/", Facts(case, START))
    assert target == "/d/x-new5.pem"


@pytest.mark.parametrize("form", ["p12", "encrypted"])
def test_a_client_certificate_of_another_form_becomes_a_new_file(form: str, tmp_path: Path) -> None:
    own = pki.issue("proxy")
    store = tmp_path / "key store.p12"
    data = pkcs12.serialize_key_and_certificates(
        None, own.key, own.certificate, [ROOT.certificate], NoEncryption()
    )
    store.write_bytes(data if form == "p12" else own.pem + own.encrypted_key_pem(b"secret"))
    before = store.read_bytes()
    held = client_certificate.read(str(store))
    case = replace(
        policy(CASE, machine_certificate_file=str(store)),
        trust=TrustMaterial(client_certificate=held),
    )
    found = next(f for f in diagnose(case, START) if f.slug == "client-certificate-without-key")
    remedy = found.remedies[0]
    command = remedy.command or ""
    words = "-passin pass:secret" if form == "encrypted" else "-passin pass:"
    command = re.sub(r"(openssl (?:pkcs12|pkey)) ", rf"\1 {words} ", command)
    for expected in (0, 2):  # the second time the file exists
        done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=20)
        assert (done.returncode != 0) is (expected != 0), done.stderr
    new = tmp_path / "key store.pem"
    assert client_certificate.read(str(new)).state == "ok"
    assert new.stat().st_mode & 0o077 == 0
    assert str(new) in remedy.text
    assert store.read_bytes() == before
