"""PEM files are read exactly as the system's OpenSSL reads them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.x509 import system_openssl
from wizard.demo import pki
from wizard.x509 import client_certificate, load_pem, pem

ISSUED = pki.issue("Pem CA", ca=True)
SECOND = pki.issue("Second CA", ca=True)
RSA = pki.issue("Rsa CA", ca=True, key="rsa")
CERT, KEY = ISSUED.pem, ISSUED.key_pem
ENCRYPTED = ISSUED.encrypted_key_pem(b"secret")
CRL = pki.crl(ISSUED, [ISSUED])
BODY = b"".join(CERT.splitlines()[1:-1])
BEGIN, END = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"


def block(label: bytes, content: bytes) -> bytes:
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, content, label)


FILES = {
    "plain": CERT,
    "crlf": CERT.replace(b"\n", b"\r\n"),
    "cr": CERT.replace(b"\n", b"\r"),
    "bom": b"\xef\xbb\xbf" + CERT,
    "bom-comment": b"\xef\xbb\xbf# root\n" + CERT,
    "comments": b"# root\nsubject=CN = x\n\n" + CERT + b"\n# end\n",
    "latin1": b"# r\xf6\xf6t\n" + CERT,
    "indented": b"  " + CERT,
    "trailing-blanks": CERT.replace(b"-----\n", b"-----  \t\n"),
    "blanks-everywhere": CERT.replace(b"\n", b" \n"),
    "one-line": BEGIN + BODY + b"\n" + END,
    "short-lines": BEGIN
    + b"\n".join(BODY[i : i + 10] for i in range(0, len(BODY), 10))
    + b"\n"
    + END,
    "x509-label": CERT.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    "trusted-label": pki.trusted_pem(ISSUED),
    "trusted-and-plain": pki.trusted_pem(ISSUED) + SECOND.pem,
    "two": CERT + SECOND.pem,
    "twice": CERT + CERT,
    "key": KEY,
    "certificate-key": CERT + KEY,
    "key-certificate": KEY + CERT,
    "certificate-encrypted": CERT + ENCRYPTED,
    "two-then-key": CERT + SECOND.pem + KEY,
    "key-then-two": KEY + CERT + SECOND.pem,
    "crl": CRL,
    "certificate-crl": CERT + CRL,
    "der": ISSUED.der,
    "junk": b"hello\n",
    "blank": b"\n \n",
    "broken-second": CERT + CERT.replace(b"M", b"!"),
    "broken-der-first": CERT.replace(b"MII", b"QUI") + CERT,
    "no-end": CERT[:-20],
    "second-no-end": CERT + CERT[:-40],
    "begin-only": CERT + BEGIN,
    "empty-block": BEGIN + END + CERT,
    "header": BEGIN + b"name: value\n\n" + BODY + b"\n" + END,
    "header-no-blank": BEGIN + b"name: value\n" + BODY + b"\n" + END,
    "blank-first": BEGIN + b"\n" + BODY + b"\n" + END,
    "unknown-block": block(b"SOMETHING", b"AAAA\n") + CERT,
    "unknown-block-junk": block(b"SOMETHING", b"!!!!\n") + CERT,
    "request": block(b"CERTIFICATE REQUEST", b"AAAA\n") + CERT,
    "pkcs7": block(b"PKCS7", base64.b64encode(b"\x30\x03\x02\x01\x00") + b"\n"),
    "other-end": CERT.replace(b"END CERT", b"END X509 CERT"),
    "garbage-after-der": block(b"CERTIFICATE", base64.encodebytes(ISSUED.der + b"zzzz")),
    "blank-lines": CERT.replace(b"\n", b"\n\n"),
    "comment-inside": CERT[:93] + b"# no\n" + CERT[93:],
    "equals-inside": CERT[:60] + b"=" + CERT[60:],
    "blank-inside-line": CERT[:60] + b" " + CERT[60:],
    "long-line-before": b"x" * 300 + CERT,
    "254-before": b"x" * 254 + CERT,
    "nul-line": b"\0\n" + CERT,
    "nul-in-comment": b"a\0b\n" + CERT,
    "lower-case": CERT.lower(),
    "four-dashes": CERT.replace(b"-----BEGIN", b"----BEGIN"),
    "text-after-begin": CERT.replace(b"E-----\n", b"E----- x\n", 1),
    "text-after-end": CERT.rstrip(b"\n") + b" x\n",
    "no-newline-at-end": CERT.rstrip(b"\n"),
    "text-and-no-newline": CERT + b"# end",
}


def summary(data: bytes) -> list[str] | None:
    """In the terms of the system's PEM_X509_INFO_read_bio."""
    entries = [""]
    try:
        for found in pem.blocks(data):
            letter = (
                "x"
                if found.label in pem.CERTIFICATES | {pem.TRUSTED}
                else "c"
                if found.label == pem.CRL
                else "k"
                if found.label in pem.KEYS
                else ""
            )
            if letter and letter in entries[-1]:
                entries.append("")
            entries[-1] = "".join(sorted(entries[-1] + letter, key="xck".index))
    except pem.PemError:
        return None
    return [entry for entry in entries if entry]


@pytest.mark.parametrize("name", FILES)
def test_blocks_are_those_that_openssl_finds(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.write_bytes(FILES[name])
    truth, held = system_openssl.infos(file), load_pem(FILES[name])
    assert (truth is None) == bool(held.problem)
    if truth is not None:
        assert summary(FILES[name]) == truth
        assert len(held.certificates) + len(held.trusted) == sum("x" in t for t in truth)
        assert len(held.crls) == sum("c" in t for t in truth)


PIECES = [
    CERT,
    SECOND.pem,
    RSA.pem,
    KEY,
    CRL,
    pki.trusted_pem(SECOND),
    b"# comment\n",
    b"\n",
    b"-----\n",
    BEGIN,
    END,
    BODY + b"\n",
    b"\r\n",
    b"text without newline",
    b"\xef\xbb\xbf",
    b"AAAA\n",
    b"a: b\n",
    block(b"SOMETHING", b"AAAA\n"),
    CERT.replace(b"\n", b"\r\n"),
    CERT[:-1],
]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join))
def test_any_mixture_is_read_as_openssl_reads_it(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file.pem"
    file.write_bytes(data)
    truth, held = system_openssl.infos(file), load_pem(data)
    assert (truth is None) == bool(held.problem)
    if truth is not None:
        assert len(held.certificates) + len(held.trusted) == sum("x" in t for t in truth)
        assert len(held.crls) == sum("c" in t for t in truth)


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, len(CERT + KEY + CRL) - 1),
    st.binary(max_size=3),
    st.integers(0, 3),
)
def test_damage_never_raises(at: int, inserted: bytes, removed: int) -> None:
    whole = CERT + KEY + CRL
    damaged = whole[:at] + inserted + whole[at + removed :]
    held = load_pem(damaged)
    assert len(held.certificates) <= 1


def test_no_key_is_ever_shown(tmp_path: Path) -> None:
    file = tmp_path / "own.pem"
    file.write_bytes(CERT + KEY)
    secret = KEY.splitlines()[1].decode()
    assert secret not in repr(list(pem.blocks(CERT + KEY)))
    assert secret not in repr(load_pem(CERT + KEY))
    assert secret not in repr(client_certificate.read(str(file)))


def test_size_is_bounded() -> None:
    held = load_pem(block(b"X", b"AAAA\n") * (pem.MOST_BLOCKS + 10))
    assert "more than" in held.problem
