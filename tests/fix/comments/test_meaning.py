"""What a comment says, by its words."""

from __future__ import annotations

import time

import pytest

from wizard.fix.comments import meaning
from wizard.fix.comments.meaning import Says


@pytest.mark.parametrize(
    "text",
    [
        "ignore certificate errors",
        "do not verify the backend",
        "Don't check the cert",
        "SSL verification off, internal only",
        "no name check",
        "ne vérifie pas le certificat, car auto-signé",
        "n'a pas de certificat valide",
        "Zertifikat wird nicht geprüft",
        "sin comprobar el certificado",
        "não verificar o certificado",
        "не проверять сертификат",
        "证书不验证",
        "証明書を検証しない",
        "accept any certificate",
        "TLS is not needed in here",
        "trust everything in here",
    ],
)
def test_the_opposite(text: str) -> None:
    assert meaning.of_checks(text) is Says.OPPOSITE


@pytest.mark.parametrize(
    "text",
    [
        "backend has self-signed cert",
        "selbst signiert",
        "certificat auto-signé",
        "autofirmado",
        "uses the snakeoil one",
    ],
)
def test_the_backend_is_self_signed(text: str) -> None:
    assert meaning.of_checks(text) is Says.FOREMOST


@pytest.mark.parametrize(
    "text",
    [
        "TODO remove",
        "FIXME",
        "just for testing",
        "temporary, until the migration",
        "vorübergehend",
        "certificate of the old machine",
        "hostname differs",
    ],
)
def test_of_what_is_changed(text: str) -> None:
    assert meaning.of_checks(text) is Says.OF_IT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "websocket of the editor",
        "static files, images",
        "SSL to the backend",
        "CA of the store",
        "Verify the backend's certificate",
        "require a trusted peer",
        "SSLProxyVerify none",
        "SSLProxyCACertificateFile /etc/ssl/certs/root.pem",
        "no caching",
        "forge, see the wiki",
        "retired in 2031",
    ],
)
def test_of_something_else(text: str) -> None:
    assert meaning.of_checks(text) is Says.NOTHING


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("keep the client's host", Says.OPPOSITE),
        ("preserve the Host header", Says.OPPOSITE),
        ("garder le nom DNS du client", Says.OPPOSITE),
        ("absolute links are built from it", Says.OF_IT),
        ("do not keep the host", Says.OF_IT),
        ("ProxyPreserveHost Off", Says.NOTHING),
        ("timeouts of the backend", Says.NOTHING),
        ("", Says.NOTHING),
    ],
)
def test_of_the_host(text: str, says: Says) -> None:
    assert meaning.of_host(text) is says


def test_a_directive_with_a_sentence_is_a_sentence() -> None:
    text = "SSLProxyVerify none, as the backend's certificate is self-signed"
    assert meaning.of_checks(text) is Says.OPPOSITE


@pytest.mark.parametrize("part", ["a ", "no ", "certif", "n'", "self", "\U000e0041", "\x00#"])
def test_a_long_one_takes_no_time(part: str) -> None:
    begin = time.process_time()
    meaning.of_checks(part * 300_000)
    meaning.of_host(part * 300_000)
    assert time.process_time() - begin < 1
