"""What httpd's own test says, merged with what the reader found."""

from __future__ import annotations

import pytest

from wizard.model.config import Problem, SourceFile
from wizard.verdict import config_test
from wizard.verdict.refused_configuration import refusal

MAIN = "/c/httpd.conf"
FILES = {
    MAIN: SourceFile(MAIN, MAIN, b"User nobodyx\nInclude a.conf\n"),
    "/c/a b.conf": SourceFile("/c/a b.conf", "/c/a b.conf", b"# x\nTimeout \\\n 1 2\nError no\n"),
}
PLACED = "AH00526: Syntax error on line 3 of /c/a b.conf:\nTimeout takes one argument"
WARNED = (
    "[Mon Nov 30 07:10:05.5 2026] [core:warn] [pid 5:tid 5] AH00111: Config variable ${A} is not "
    "defined\nAH00558: apache2: Could not reliably determine the server's name\n"
)


@pytest.mark.parametrize("before", ["", WARNED], ids=["alone", "after warnings"])
@pytest.mark.parametrize(
    ("text", "place", "message", "code"),
    [
        (PLACED, ("/c/a b.conf", 3), "Timeout takes one argument", "AH00526"),
        (
            f"httpd: Syntax error on line 2 of {MAIN}: Syntax error on line 4 of /c/a b.conf: "
            "Cannot load m.so into server: m.so: cannot open shared object file",
            ("/c/a b.conf", 4),
            "Cannot load m.so into server: m.so: cannot open shared object file",
            None,
        ),
        ("AH00543: apache2: bad user name nobodyx", (MAIN, 1), "bad user name nobodyx", "AH00543"),
        ("AH00544: apache2: bad group name x", (MAIN, 0), "bad group name x", "AH00544"),
        ("AH00534: httpd: Configuration error: No MPM loaded.", (MAIN, 0),
         "Configuration error: No MPM loaded.", "AH00534"),
        ("thing: no licence", (MAIN, 0), "thing: no licence", None),
    ],
)  # fmt: skip
def test_what_httpd_refuses(
    before: str, text: str, place: tuple[str, int], message: str, code: str | None
) -> None:
    found = config_test.refused(before + text, MAIN, FILES, root=True)
    assert found is not None
    assert (found.file, found.line) == place
    assert (found.message, found.code, found.phase) == (message, code, "config")


def test_the_line_is_named_as_written() -> None:
    found = config_test.refused(PLACED, MAIN, FILES, root=True)
    assert found is not None
    assert found.directive == "Timeout  1 2"


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("Invalid command 'Foo', perhaps misspelled", "unknown-directive"),
        ("Foo not allowed here", "directive-not-allowed-here"),
        ("Foo not allowed in <Location> context", "directive-not-allowed-here"),
        ("no", "configuration-refused"),
    ],
)
def test_which_finding_tells_of_it(said: str, slug: str) -> None:
    found = config_test.refused(
        f"AH00526: Syntax error on line 1 of /x:\n{said}", MAIN, {}, root=True
    )
    assert found is not None
    assert found.slug == slug


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("", True),
        (WARNED, True),
        ("AH00112: Warning: DocumentRoot [/x] does not exist", True),
        ("AH00526: Syntax error on line 3 of /x:\nSSLCertificateFile: file 'k' does not exist or "
         "is empty", False),
        (f"httpd: Syntax error on line 2 of {MAIN}: Could not open configuration file /c/a: "
         "Permission denied", False),
        ("(13)Permission denied: AH00091: httpd: could not open error log file /l.", False),
        ("thing: no licence", False),
    ],
)  # fmt: skip
def test_what_is_no_refusal(text: str, root: bool) -> None:
    assert config_test.refused(text, MAIN, FILES, root=root) is None


def test_a_user_who_is_not_root_hears_what_concerns_no_file() -> None:
    for text in (PLACED, "AH00543: httpd: bad user name nobodyx"):
        assert config_test.refused(text, MAIN, FILES, root=False) is not None


def test_hostile_words_are_bounded_and_keep_no_secret() -> None:
    line = b"ProxyPass / http://b/ secret=hunter22hunter22 x=y\n"
    files = {MAIN: SourceFile(MAIN, MAIN, line)}
    text = f"AH00526: Syntax error on line 1 of {MAIN}:\nbad hunter22hunter22 \x1b[2J" + "A" * 9999
    found = config_test.refused(text, MAIN, files, root=True)
    assert found is not None
    assert len(found.message) <= 1000
    assert "hunter22" not in found.message


READ = Problem("/c/a b.conf", 3, "Timeout takes one argument.", code="AH00526", hint="Say one.")
LATER = Problem(MAIN, 9, "Invalid command 'B'", code="AH00526", slug="unknown-directive")
START = Problem(MAIN, 5, "No SSL protocols available", "start", "AH02231")


def _httpd() -> Problem:
    found = config_test.refused(PLACED, MAIN, FILES, root=True)
    assert found is not None
    return found


def test_what_both_refuse_is_one_problem_and_the_first() -> None:
    found = config_test.merged((LATER, READ, START), _httpd())
    assert [(p.line, p.hint) for p in found] == [(3, "Say one."), (9, ""), (5, "")]
    verdict = refusal(found)
    assert verdict is not None
    assert "a b.conf:3: Timeout takes one argument" in verdict.reason


def test_what_httpd_alone_refuses_is_the_verdict() -> None:
    found = config_test.merged((START,), _httpd())
    verdict = refusal(found)
    assert verdict is not None
    assert (verdict.outcome, verdict.stage) == ("fail", "config")
    assert [line.code for line in verdict.log] == ["AH00526"]


def test_httpd_gives_the_place_that_the_reader_lacks() -> None:
    reader = Problem(MAIN, 0, "Timeout takes one argument")
    (found,) = config_test.merged((reader,), _httpd())
    assert (found.file, found.line) == ("/c/a b.conf", 3)


def test_what_the_reader_alone_refuses_is_a_note() -> None:
    found = config_test.accepted((LATER, START))
    assert [p.phase for p in found] == ["warning", "start"]
    assert "httpd -t accepts this line" in found[0].message
    assert refusal(config_test.accepted((LATER,))) is None


def test_a_planned_change_keeps_what_httpd_said_of_its_lines() -> None:
    before = config_test.merged(config_test.accepted((LATER,)), _httpd())
    moved = {"/c/a b.conf": SourceFile("/c/a b.conf", "", b"A\nB\nC\nTimeout \\\n 1 2\n")}
    found = config_test.carried((LATER,), before, moved)
    assert [(p.line, p.phase) for p in found] == [(5, "config"), (9, "warning")]
    mended = {"/c/a b.conf": SourceFile("/c/a b.conf", "", b"Timeout 1\n")}
    assert refusal(config_test.carried((LATER,), before, mended)) is None
