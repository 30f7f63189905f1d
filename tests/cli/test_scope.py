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
