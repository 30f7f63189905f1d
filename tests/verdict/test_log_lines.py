"""The tables of log lines agree with httpd's own (wizard.logs) and with OpenSSL's names."""

import re

import pytest

from tests.verdict.samples import INFO, WARN
from wizard.reference.ah_codes import AH_CODES
from wizard.reference.openssl import ALERTS as KNOWN_ALERTS
from wizard.reference.openssl import library_error
from wizard.verdict import library_errors, log_lines

CUT = {"AH00526", "AH02564", "AH10124"}  # the message goes on: next line, server and file, header


@pytest.mark.parametrize("code", sorted(log_lines.TEMPLATES))
def test_module_level_and_words_are_httpds(code: str) -> None:
    module, level, text = log_lines.TEMPLATES[code]
    known = AH_CODES[code]
    assert module == known.module
    assert level == known.level
    pieces = [p for p in re.split(r"%(?:pI|hu|ld|[sdu])", known.text) if p.strip(" :[]().,'")]
    place = 0
    for piece in pieces if code not in CUT else pieces[:1]:
        found = text.find(piece.strip().replace("%%", "%"), place)
        assert found >= 0, f"{piece!r} is not in {text[place:]!r}"
        place = found


@pytest.mark.parametrize("number", sorted(library_errors.ALERTS))
def test_alerts_are_known(number: int) -> None:
    assert (
        library_errors.ALERTS[number]
        .rpartition(" alert ")[2]
        .endswith(KNOWN_ALERTS[number].text.removeprefix("certificate ").split()[-1])
    )


@pytest.mark.parametrize(
    ("old", "text"),
    [
        (False, "error:0A000418:SSL routines::tlsv1 alert unknown ca (SSL alert number 48)"),
        (
            True,
            "error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca "
            "(SSL alert number 48)",
        ),
    ],
)
def test_alert_as_openssl_prints_it(old: bool, text: str) -> None:
    assert library_errors.alert(48, old=old) == text


@pytest.mark.parametrize(
    ("old", "head"),
    [(False, "0A0000B5:SSL routines:"), (True, "141A90B5:SSL routines:ssl_cipher_list_to_bytes")],
)
def test_no_cipher_as_openssl_prints_it(old: bool, head: str) -> None:
    assert library_errors.error("no-cipher", old=old) == (
        f"error:{head}:no ciphers available (No ciphers enabled for max supported SSL/TLS version)"
    )


def test_unknown_alert_keeps_its_number() -> None:
    assert "alert number 200" in library_errors.alert(200)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("failure", ["verify", "not-tls", "protocol"])
def test_explain_reads_what_the_library_says(failure: str, old: bool) -> None:
    """Whatever release says it, the reason is the same."""
    text = library_errors.error(failure, old=old)
    assert text is not None
    assert library_error(text) == library_error(library_errors.error(failure) or "")


def test_shown_follows_the_level_of_the_module() -> None:
    assert log_lines.write(INFO, "AH02003").shown
    assert not log_lines.write(WARN, "AH02003").shown
    assert log_lines.write(WARN, "AH01084", address="a", host="b").shown


def test_text_from_outside_is_no_template() -> None:
    assert log_lines.write(INFO, "AH02411", name="{0.__class__}").text.endswith("{0.__class__}")


def test_library_errors_have_no_code() -> None:
    line = log_lines.library(INFO, "error:…")
    assert (line.code, line.module, line.level, line.shown) == (None, "ssl", "info", True)
