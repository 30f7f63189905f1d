"""Input that means harm: no crash, no blow-up of time or memory, whatever the bytes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.yardstick import bounded
from wizard.findings.table import LOG_CODES
from wizard.logs import explain
from wizard.logs.explainer import LINES_KEPT
from wizard.logs.log_line import uncoloured
from wizard.logs.wrapping import retyped
from wizard.reference.ah_codes import AH_CODES
from wizard.reference.tables import load

ROOT = Path(__file__).parents[2]
_PIECES = [
    "[Wed Nov 25 02:17:05.485049 2026] ", "[ssl:info] ", "[error] ", "[pid 25420:tid 25448] ",
    "[client 127.0.0.1:1] ", "[remote 127.0.0.1:8443] ", "(111)Connection refused: ", "(EAI 2)Name",
    "AH02276: Certificate Verification: Error (20): ", "[subject: CN=a / issuer: CN=a / serial: 0",
    "AH00898: DNS lookup failure for: ", " returned by ", "AH01084: pass request body failed to ",
    "AH00526: Syntax error on line 1 of /x:", "Invalid command '", "verify error:num=", "20", ":",
    "Verify return code: 99999999999 (", "error:0A000086:SSL routines::", "error:FFFFFFFF:::x",
    "SSL alert number 300", " 0 s:", "   i:", "curl: (60) SSL certificate problem: ", "\x00",
    "* TLSv1.3 (IN), TLS alert, x (9999)", "\x1b[31m", "\u202e", "\udcff", '"', '{"pid": "', "\\",
    ", referer: ", "(scheme '", "for hostname ", "AH99999: ", "AH010117: ", "999999", "\r", " ",
    *list(load("texts.json")["texts"])[:20], *list(load("texts.json")["codes"])[:20],
]  # fmt: skip
_LINES = st.lists(
    st.one_of(
        st.lists(st.sampled_from(_PIECES), max_size=12).map("".join),
        st.text(max_size=80),
        st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=8).map("".join),
    ),
    max_size=30,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_LINES)
def test_any_lines_are_explained(lines: list[str]) -> None:
    explanation = explain(lines)
    assert explanation.lines_read == len(lines)
    assert explanation.lines_recognised <= len(lines)
    assert bool(explanation.lines) == bool(explanation.lines_recognised)
    assert len({cause.slug for cause in explanation.causes}) == len(explanation.causes)
    assert all(cause.evidence and cause.explanation for cause in explanation.causes)
    given_text = _bare(" ".join(lines))  # a broken line is joined, without the marks of a mail
    assert all(_bare(line) in given_text for cause in explanation.causes for line in cause.evidence)


def _bare(text: str) -> str:
    return re.sub(r"[\s>|]", "", retyped(uncoloured(text)))


def test_every_code_can_be_looked_up() -> None:
    assert len(AH_CODES) > 2000
    for code, known in AH_CODES.items():
        (line,) = explain([code.lower()]).lines
        assert line.code == code
        assert known.level in line.meaning
        assert line.slugs == LOG_CODES.get(code, ())


@pytest.mark.parametrize(
    "line",
    [
        "A" * 1_000_000,
        "[" * 100_000,
        '"GET ' * 20_000,
        '"pid": "' * 20_000,
        "(1)A" * 30_000,
        "error:" * 20_000,
        "error:0A000086:" * 10_000,
        " 0 s:" + "/CN=x" * 20_000,
        "AH02276: Certificate Verification: Error (20): x [subject: " + " / issuer: " * 10_000,
        "AH00898: DNS lookup failure for: " + "a/" * 50_000 + " returned by /" + "a/" * 50_000,
        "AH02276 " * 20_000,
        "verify error:num=20:" * 10_000,
        "x509_v_err_" * 20_000,
        "\x00" * 100_000,
        "AH01144: (scheme '" * 10_000,
    ],
    ids=lambda line: line[:20].encode("ascii", "backslashreplace").decode(),
)
def test_no_line_takes_long(line: str) -> None:
    explain([line])  # tables are read and expressions compiled
    with bounded(20 * 0.02):
        explain([line] * 20)


def _long_log(number: int) -> Iterator[str]:
    for n in range(number):
        yield (
            f"[Wed Nov 25 02:17:05.485049 2026] [ssl:info] [pid {n}:tid {n}] [remote 192.0.2.1:1] "
            f"AH02276: Certificate Verification: Error ({n % 95}): x [subject: CN={n} / issuer: "
            f"CN=b / serial: 1 / notbefore: x"
        )
        yield f"[Wed Nov 25 02:17:05.485049 2026] [php:notice] [pid {n}:tid {n}] noise {n}"
        yield f"curl: ({n % 100}) {n}"


def _peak_of(number: int) -> int:
    """Kibibytes of a fresh process that explains a log of three times that many lines."""
    script = (
        "import pathlib, re; from tests.logs.test_hostile import _long_log, explain\n"
        f"assert explain(_long_log({number})).lines_read == {3 * number}\n"
        # ru_maxrss would count the process that this one was forked from, too
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, cwd=ROOT)
    return int(done.stdout)


def test_memory_does_not_grow_with_the_log() -> None:
    short, long = _peak_of(6_000), _peak_of(24_000)
    assert long < short + 2000
    assert long < 150_000  # with pytest and hypothesis, which this file imports


def test_a_long_log_gives_its_first_lines_and_one_of_each_later_kind() -> None:
    same = ["[proxy:error] (111)Connection refused: AH00957: x"] * (3 * LINES_KEPT)
    explanation = explain([*same, "AH02411: for hostname a", "AH02411: for hostname b"])
    assert len(explanation.lines) == LINES_KEPT + 1
    assert explanation.lines[-1].code == "AH02411"
    assert explanation.lines_recognised == 3 * LINES_KEPT + 2


def test_100000_lines_take_seconds() -> None:
    lines = list(_long_log(100))
    with bounded(10):
        explain(lines * 334)


@pytest.mark.parametrize("name", ["/x;id", "/a`id`", "/$(id).pem", "-R", "/a.pem"])
def test_a_name_that_a_shell_would_act_on_is_in_no_command(name: str) -> None:
    """Whoever asks httpd for a file chooses what the audit log says that it was denied."""
    line = (
        f'avc:  denied  {{ open }} for  pid=1 comm="httpd" path="{name}" tclass=file permissive=0'
    )
    (told,) = explain([line]).lines
    shown = name if name == "/a.pem" else "FILE"
    assert f"`restorecon -v {shown}` gives" in told.meaning
