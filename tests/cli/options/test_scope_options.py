"""Options that say what to check: what is no such thing ends the command with one sentence."""

from __future__ import annotations

import pytest

from wizard.cli.main import main
from wizard.cli.options import scope_options
from wizard.cli.parser import build_parser
from wizard.model.scope import Assumed


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
        (("--resolve", "b.test"), "'b.test' is not NAME:ADDRESS, such as backend.internal:192.0.2"),
        (("--resolve", "b.test:443:127.0.0.1"), "(an IP address, without a port)"),
        (("--resolve", "b.test:[::1"), "is not NAME:ADDRESS"),
        (("--resolve", "b.test:a.test"), "is not NAME:ADDRESS"),
        (("--resolve", "b.test:fe80::1%\x1b[2J"), "is not NAME:ADDRESS"),
        (("--resolve", "b.test:[::1%lo\nInclude x]"), "is not NAME:ADDRESS"),
        (("--resolve", ":127.0.0.1"), "'' in ':127.0.0.1' is not a host name"),
        (("--resolve", "127.0.0.1:127.0.0.2"), "'127.0.0.1' in '127.0.0.1:127.0.0.2' is not a ho"),
        (("--resolve", "*.test:127.0.0.1"), "is not a host name"),
        (("--resolve", "b\x1b:127.0.0.1"), "is not a host name"),
        (("--resolve", "b.test:::1", "--resolve", "B.test.:::2"), "two addresses, ::1 and ::2"),
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


@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        ("b.test:127.0.0.1", Assumed("b.test", "127.0.0.1")),
        ("B.Test.:[2001:DB8::0:7]", Assumed("b.test", "2001:db8::7")),
        ("b_1:::1", Assumed("b_1", "::1")),
    ],
)
def test_a_name_and_its_address(text: str, assumed: Assumed) -> None:
    for words in (["--resolve", text], ["--resolve", text, "--resolve", text.lower()]):
        args = build_parser("check").parse_args(["check", *words])
        assert scope_options.from_args(args).resolve == (assumed,)
