"""Tables of OpenSSL's errors, held against the libcrypto that mod_ssl links, and pyOpenSSL's."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from OpenSSL import SSL

from wizard.logs import explain
from wizard.reference import openssl
from wizard.reference.tables import load

CRYPTO = ctypes.CDLL("libcrypto.so.3")
CRYPTO.X509_verify_cert_error_string.restype = ctypes.c_char_p
UNKNOWN = CRYPTO.X509_verify_cert_error_string(12345)


def text_of(code: int) -> str:
    said = CRYPTO.X509_verify_cert_error_string(code)
    return "" if said == UNKNOWN else said.decode()


def test_verify_errors_are_libcryptos() -> None:
    """Each release adds errors after the last; this machine's may lack the newest ones."""
    theirs = {code: text_of(code) for code in range(1, 200) if text_of(code)}
    ours = {code: error.text for code, error in openssl.VERIFY_ERRORS.items()}
    if theirs[9].endswith("clock is incorrect"):  # since 3.6
        ours[9] += " or the system clock is incorrect"
    assert {code: ours[code] for code in ours if code <= max(theirs)} == theirs
    assert len(theirs) > 90


def test_verify_errors_reach_up_to_the_newest_openssl() -> None:
    """pyOpenSSL brings a newer one along, and the probe's errors are its."""
    ask, read = SSL._lib.X509_verify_cert_error_string, SSL._ffi.string  # type: ignore[attr-defined]  # private names
    theirs = {code: read(ask(code)).decode() for code in range(1, 200)}
    unknown = read(ask(12345)).decode()
    for code, text in theirs.items():
        known = openssl.verify_error(text)
        assert text == unknown or (known is not None and known.code == code), text


def test_a_number_without_a_text_has_a_meaning_and_the_text_has_no_number() -> None:
    assert openssl.verify_error("unknown certificate verification error") is None
    assert openssl.verify_error("X509_V_ERR_CRL_VERIFY_FAILED") == openssl.VERIFY_ERRORS[101]


def test_verify_errors_have_names_and_meanings() -> None:
    for error in openssl.VERIFY_ERRORS.values():
        assert openssl.verify_error(error.name) == error
        assert re.fullmatch(r"X509_V_ERR_[A-Z0-9_]+", error.name)
        assert error.meaning.endswith((".", ")"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("self-signed certificate", 18),
        ("self signed certificate", 18),
        ("SELF SIGNED CERTIFICATE IN CERTIFICATE CHAIN", 19),
        ("X509_V_ERR_CERT_HAS_EXPIRED", 10),
        ("unsupported certificate purpose", 26),
        ("Hostname mismatch", 62),
        ("certificate is not yet valid or the system clock is incorrect", 9),
        ("Raw public key untrusted, no trusted keys configured", 95),
        ("nonsense", None),
    ],
)
def test_verify_errors_are_found_by_their_text(text: str, code: int | None) -> None:
    error = openssl.verify_error(text)
    assert (error.code if error else None) == code


def test_alerts_are_openssls() -> None:
    """Each alert's text is the one that OpenSSL writes when it received it."""
    for number, alert in openssl.ALERTS.items():
        if number == 0:
            continue  # close notify is no error
        said = subprocess.run(
            ["openssl", "errstr", f"0A{1000 + number:06X}"],
            capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        reason = openssl.library_error(said)
        assert reason is not None
        assert reason.alert == number, said
        if "reason(" in said:  # an alert that OpenSSL has no text for
            assert f"reason({1000 + number})" in said
        else:
            assert alert.text.split()[-1] in said, said


CRYPTO.ERR_reason_error_string.restype = CRYPTO.ERR_lib_error_string.restype = ctypes.c_char_p
CRYPTO.ERR_reason_error_string.argtypes = [ctypes.c_ulong]
CRYPTO.ERR_lib_error_string.argtypes = [ctypes.c_ulong]
SSL_LIBRARY = 20


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9']+", text.lower()))


def reasons_of(library: int, numbers: Iterable[int]) -> dict[int, set[str]]:
    """What the installed OpenSSL and pyOpenSSL's newer one call the reasons of a library."""
    ctypes.CDLL("libssl.so.3").OPENSSL_init_ssl(ctypes.c_uint64(0x00200000), None)  # its texts
    CRYPTO.OPENSSL_init_crypto(ctypes.c_uint64(0x00000002), None)  # its texts
    SSL.Context(SSL.TLS_METHOD)  # loads its texts
    newer, read = SSL._lib.ERR_reason_error_string, SSL._ffi.string  # type: ignore[attr-defined]  # private names
    said: dict[int, set[str]] = {}
    for number in numbers:
        packed = library << 23 | number
        texts = {CRYPTO.ERR_reason_error_string(packed)}
        texts.add(read(newer(packed)) if newer(packed) else None)
        said[number] = {text.decode() for text in texts if text}
    return said


def test_numbered_reasons_are_openssls() -> None:
    table = {row[0]: text for text, row in load("openssl_reasons.json").items() if row[0]}
    said = reasons_of(SSL_LIBRARY, table)
    assert {number: text for number, text in table.items() if text not in said[number]} == {}


def test_each_reason_of_the_ssl_library_says_more_than_its_words() -> None:
    """By its text, and by its number alone; and it says whose side it is, or what to do."""
    known = {n: texts for n, texts in reasons_of(SSL_LIBRARY, range(100, 1000)).items() if texts}
    assert len(known) > 320
    for number, texts in known.items():
        by_number = openssl.library_error(f"error:0A{number:06X}:lib(20)::reason({number})")
        for text in texts:
            by_text = openssl.library_error(f"error:0A{number:06X}:SSL routines::{text}")
            assert by_text is not None
            assert by_number is not None
            assert by_number.meaning, text
            assert len(words(by_text.meaning) - words(text)) > 3, text


#: Words that say nothing by themselves.
STOP = words(
    "the a an of is are was be to in for and or not it that this by with from on at its as"
)


def test_no_meaning_of_a_verify_error_alert_or_reason_only_repeats_its_words() -> None:
    said = {error.text: error.meaning for error in openssl.VERIFY_ERRORS.values()}
    said |= {alert.text: alert.meaning for alert in openssl.ALERTS.values() if alert.number}
    said |= {text: row[1] for text, row in load("openssl_reasons.json").items() if row[2]}
    poor = {text: said[text] for text in said if len(words(said[text]) - words(text) - STOP) < 5}
    assert poor == {}


def test_reasons_of_a_class_are_openssls() -> None:
    """Number, library and text of each are those of an OpenSSL; each class is used."""
    libraries = {
        CRYPTO.ERR_lib_error_string(number << 23).decode(): number
        for number in range(1, 80)
        if CRYPTO.ERR_lib_error_string(number << 23)
    }
    table = load("library_reasons.json")
    for key, (number, _, own) in table.items():
        library, _, text = key.partition(": ")
        said = reasons_of(libraries[library], [number])[number]
        assert text in {each.lower().split(" (")[0] for each in said}, key
        assert len(words(own) - words(text)) > 3, key
        assert own[0].isupper(), key
        assert own.endswith("."), key
    assert {group for _, group, _ in table.values()} == set(load("reason_classes.json"))


@pytest.mark.parametrize(
    "line",
    [
        "SSL Library Error: error:0A000086:SSL routines::certificate verify failed",
        "SSL Library Error: error:1416F086:SSL routines:tls_process_server_certificate:"
        "certificate verify failed",
        "SSL Library Error: 336134278 error:14090086:SSL routines:SSL3_GET_SERVER_CERTIFICATE:"
        "certificate verify failed",
        "error:0A000086:lib(20)::reason(134)",
        "error:14090086:lib(20):func(144):reason(134)",
        '"message":"SSL Library Error: error:0A000086:SSL routines::certificate verify failed" }',
    ],
)
def test_library_errors_of_every_release(line: str) -> None:
    reason = openssl.library_error(line)
    assert reason is not None
    assert reason.text == "certificate verify failed"


def test_a_key_exchange_that_openssl_1_1_1_refuses_for_its_signature() -> None:
    """3.0 has a reason of its own for it; measured on Debian 11, with a backend of TLS 1.0."""
    line = "SSL Library Error: error:1416D044:SSL routines:tls_process_key_exchange:internal error"
    assert [one.slug for one in explain([line]).causes] == ["protocol-mismatch", "weak-signature"]
    assert not explain([line.replace("key_exchange", "hello")]).causes


@pytest.mark.parametrize(
    "line",
    [
        "error:0A00042E:SSL routines::tlsv1 alert protocol version (SSL alert number 70)",
        "error:1409442E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:"
        "../ssl/record/rec_layer_s3.c:1544:SSL alert number 70",
        "error:1407742E:SSL routines:SSL23_GET_SERVER_HELLO:tlsv1 alert protocol version",
        "error:0A00042E:lib(20)::reason(1070)",
    ],
)
def test_alerts_of_every_release(line: str) -> None:
    reason = openssl.library_error(line)
    assert reason is not None
    assert reason.alert == 70
    assert [cause.slug for cause in explain([line]).causes] == ["protocol-mismatch"]


def test_needles_are_in_lower_case() -> None:
    texts = load("texts.json")
    needles = [needle for part in texts.values() for needle in part]
    assert needles == [needle.lower() for needle in needles]


def test_tables_are_data_beside_the_module() -> None:
    assert (Path(openssl.__file__).parent / "data" / "verify_errors.json").is_file()


OWN_CERTIFICATE = [
    # SSLCertificateFile is DER; SSLCertificateKeyFile is DER; another key: httpd 2.4.71
    "[ssl:emerg] [pid 7:tid 7] AH02562: Failed to configure certificate a:443:0 (with chain), "
    "check /etc/ssl/a.der\n[ssl:emerg] [pid 7:tid 7] SSL Library Error: error:0480006C:PEM "
    "routines::no start line (Expecting: TRUSTED CERTIFICATE) -- Bad file contents or format - or "
    "even just a forgotten SSLCertificateKeyFile?\n[ssl:emerg] [pid 7:tid 7] SSL Library Error: "
    "error:0A080009:SSL routines::PEM lib",
    "[ssl:error] [pid 7:tid 7] SSL Library Error: error:068000A8:asn1 encoding routines::wrong tag"
    "\n[ssl:emerg] [pid 7:tid 7] AH02564: Failed to configure encrypted (?) private key a:443:0, "
    "check /etc/ssl/a.key",
    "[ssl:emerg] [pid 7:tid 7] AH02565: Certificate and private key a:443:0 from /etc/ssl/a.pem "
    "and /etc/ssl/b.key do not match",
]


@pytest.mark.parametrize("log", OWN_CERTIFICATE)
def test_httpds_own_certificate_is_neither_the_backends_nor_an_authority(log: str) -> None:
    found = explain(log.splitlines())
    assert [cause.slug for cause in found.causes] == ["configuration-refused"]
    assert all(line.meaning for line in found.lines)


@pytest.mark.parametrize(
    ("said", "slugs"),
    [
        (
            "PEM routines::no start line",
            {"ca-file-invalid", "client-certificate-without-key", "configuration-refused"},
        ),
        (
            "x509 certificate routines::key values mismatch",
            {"client-certificate-without-key", "configuration-refused"},
        ),
        ("SSL routines::http request -- speaking HTTP to HTTPS port!?", {"backend-speaks-tls"}),
        ("SSL routines::peer did not return a certificate", {"client-certificate-required"}),
    ],
)
def test_an_error_of_the_library_alone_is_certain_of_nothing(said: str, slugs: set[str]) -> None:
    """Nothing in it says which file it is about, or whether the other side is a client."""
    found = explain([f"SSL Library Error: error:0480006C:{said}"])
    assert {cause.slug for cause in found.causes} == slugs
    assert not any(cause.certain for cause in found.causes)
