"""Options that say what to check: what is no such thing ends the command with one sentence."""

from __future__ import annotations

import pytest

from wizard.cli.main import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--host", "a b"), "argument --host: 'a b' is not a host name"),
        (("--host", ""), "argument --host: '' is not a host name"),
        (("--host", "a\x1b"), "is not a host name"),
        (("--timeout", "0"), "'0' is not a number of seconds above 0, 3600 at most"),
        (("--timeout", "nan"), "'nan' is not a number of seconds"),
        (("--jobs", "0"), "'0' is not a number from 1 to 1024"),
        (("--httpd", ""), "there is no such program. Name the program"),
        (("--httpd", "/nowhere/x\x1b"), "/nowhere/x\\x1b: there is no such program"),
        (("--httpd", "/etc"), "/etc: this is no program that may be run here"),
        (("--httpd", "/bin/true"), "/bin/true: this is no httpd, by its answer to -v"),
        (("--httpd", "/usr/sbin/apache2", "--no-httpd"), "not allowed with argument --httpd"),
        (("--httpd-version", "2.2.15"), "'2.2.15' is no version of httpd 2.4, such as 2.4.37"),
        (("--httpd-version", "2.4"), "is no version of httpd 2.4"),
        (("--httpd-version", "2.4.3\N{ARABIC-INDIC DIGIT ONE}"), "is no version of httpd 2.4"),
        (("--httpd-version", ""), "'' is no version of httpd 2.4"),
        (("--openssl-version", "3"), "'3' is no version of OpenSSL, such as 1.1.1w"),
        (("--openssl-version", "3.0.x\x1b"), "is no version of OpenSSL"),
        (("",), "CONFIG is empty"),
        (("--no\x1b[2Jthing",), "unrecognized arguments: --no\\x1b[2Jthing"),
    ],
)
def test_a_bad_option(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(["check", *words])
    except SystemExit as ended:  # as argparse ends on a bad option
        code = ended.code
    assert code == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "\x1b" not in shown.err
    assert shown.err.startswith("proxy-wizard: error: ")
    assert shown.err.count("\n") == 1
