"""What ``explain`` says first: what happened, why, and the next command, in one paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.logs import explain
from wizard.model.explanation import Cause, ExplainedLine, Explanation
from wizard.reference.ah_codes import AH_CODES
from wizard.reference.openssl import ALERTS, VERIFY_ERRORS
from wizard.wording.explanation import causes, lead, summary
from wizard.wording.fold import wrap

DATA = Path(__file__).parents[1] / "logs/data"
AT = "[Tue Nov 24 10:0{minute}:00.123456 2026]"
END = "[proxy:error] [pid 9:tid {tid}] [client 198.51.100.4:50122] AH00898: {said} returned by /app"
UNTRUSTED = (
    "[ssl:info] [pid 9:tid {tid}] [remote 192.0.2.1:8443] AH02276: Certificate Verification: "
    "Error (20): unable to get local issuer certificate [subject: CN=backend.internal / issuer: "
    "CN=Corp Root / serial: 01 / notbefore: Jan  1 00:00:00 2021 GMT / notafter: Jan  1 00:00:00 "
    "2031 GMT]",
    "[proxy:error] [pid 9:tid {tid}] (103)Software caused connection abort: [client "
    "198.51.100.4:50122] AH01084: pass request body failed to 192.0.2.1:8443 "
    "(backend.internal:8443)",
    END.replace("{said}", "Error during SSL Handshake with remote server"),
)
HIDDEN = UNTRUSTED[1:]
REFUSED = (
    "[proxy:error] [pid 9:tid {tid}] (111)Connection refused: AH00957: https: attempt to connect "
    "to 192.0.2.9:8443 (app.internal:8443) failed",
    "[proxy_http:error] [pid 9:tid {tid}] [client 198.51.100.4:50122] AH01114: HTTP: failed to "
    "make connection to backend: app.internal",
)
LINE = ExplainedLine("1", "AH02411", None, "What it means.")
NO_NAME = (END.replace("{said}", "DNS lookup failure for: gone.internal"),)


def log(*requests: tuple[str, ...]) -> Explanation:
    """Each request a minute after the one before, by a thread of its own."""
    return explain(
        AT.format(minute=number) + " " + line.format(tid=number)
        for number, lines in enumerate(requests)
        for line in lines
    )


def test_requests_of_one_cause_are_counted_with_backend_times_and_status() -> None:
    found = log(REFUSED, REFUSED, REFUSED)
    assert summary(found) == (
        "3 requests to app.internal:8443 failed (Nov 24 10:00:00 to 10:02:00); their clients got "
        "503, unless another member of a balancer answered. The cause is connection-refused: "
        "Nothing listens on the backend's port. The next command checks how it is now, and "
        "says what to do:"
    )
    assert found.command == "proxy-wizard check"


def test_where_a_cause_is_only_likely_it_says_so() -> None:
    said = summary(log(UNTRUSTED))
    assert said.startswith(
        "One request to backend.internal:8443 failed (Nov 24 10:00:00); its client got 500. The "
        "likeliest cause is ca-not-trusted: "
    )
    assert " others are possible. " in said
    assert said.endswith("The next command connects as httpd does, and decides it:")


def test_where_the_level_hides_the_cause_none_is_named() -> None:
    found = log(HIDDEN, HIDDEN)
    said = summary(found)
    assert "2 requests to backend.internal:8443 failed" in said
    assert "These lines do not say why; how to make the log say it stands below." in said
    assert not any(cause.slug in said for cause in found.causes)
    assert "LogLevel warn ssl:info proxy:info" in (found.hidden or "")


def test_mixed_faults_are_counted_each_with_its_backend() -> None:
    said = summary(log(UNTRUSTED, REFUSED, NO_NAME, REFUSED, HIDDEN))
    assert said.startswith("5 requests failed (Nov 24 10:00:00 to 10:04:00); their clients got 500")
    assert "The lines point to 3 causes: " in said
    assert "connection-refused (2, app.internal:8443)" in said
    assert "dns-failure (1, gone.internal)" in said
    assert "For one request no line names the cause." in said


def test_a_certain_cause_of_some_requests_is_not_said_of_all() -> None:
    later = (
        "[proxy:error] [pid 9:tid {tid}] AH00940: HTTPS: disabled connection for (app.internal)",
    )
    assert "The cause of 1 of them is connection-refused: " in summary(log(REFUSED, later))


@pytest.mark.parametrize(
    ("text", "says", "command"),
    [
        ("AH02276", "AH02276: OpenSSL refused a certificate", "proxy-wizard check"),
        ("AH02411", "The likeliest cause is name-mismatch: ", "proxy-wizard check"),
        ("AH00126", "No line points to a fault between httpd and a backend", ""),
        ("hello, world", "Nothing was recognised (1 line read).", ""),
        ("curl: (7) Failed to connect to app.internal port 8443 after 3 ms: Couldn't connect",
         "connection-refused: Nothing listens", "proxy-wizard check"),
        ("502", "502 (Bad Gateway, Proxy Error): httpd", "proxy-wizard check"),
        ("verify error:num=10:certificate has expired", "certificate-expired: ",
         "proxy-wizard check"),
    ],
)  # fmt: skip
def test_what_is_no_log_is_told_by_its_line(text: str, says: str, command: str) -> None:
    found = explain([text])
    assert says in summary(found)
    assert "request" not in summary(found).partition(".")[0] or text == "AH00126"
    assert found.command == command


def test_a_line_that_httpd_does_not_read_is_named() -> None:
    said = summary(
        explain(
            [
                "AH00526: Syntax error on line 7 of /etc/apache2/sites-enabled/app.conf:",
                "Invalid command 'SSLProxyVerfy', perhaps misspelled or defined by a module not "
                "included in the server configuration",
            ]
        )
    )
    assert said.startswith("There is no such directive (/etc/apache2/sites-enabled/app.conf:7). ")
    assert "The cause is unknown-directive: httpd does not know a directive" in said


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.log")))
def test_the_paragraph_of_a_log_has_five_rows_and_four_sentences_at_most(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = explain((DATA / name).read_text(errors="replace").splitlines())
    assert wrap(summary(found)).count("\n") < 5


def test_the_paragraph_of_a_code_has_five_rows_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    numbers = [str(status) for status in range(400, 600)]
    numbers += [f"error {number}" for number in VERIFY_ERRORS]
    numbers += [f"alert {number}" for number in ALERTS]
    numbers += [f"curl: ({number})" for number in range(1, 100)]
    long = {
        code: said
        for code in (*AH_CODES, *numbers)
        if wrap(said := summary(explain([code]))).count("\n") >= 5
    }
    assert not long


def test_no_sentence_of_the_paragraph_is_said_again_below() -> None:
    found = log(REFUSED)
    (paragraph, command, *_), below = list(lead(found)), list(causes(found))
    assert command.role == "command"
    assert "Nothing listens on the backend's port" in paragraph.text
    assert not any("Nothing listens on the backend's port" in piece.text for piece in below)
    assert not any(piece.text == command.text for piece in below)


def test_a_cause_has_three_lines_of_the_log_unless_all_are_asked_for() -> None:
    cause = Cause("name-mismatch", "Why. More.", ("1", "2", "3", "4"), explains=1)
    possible = Cause("crl-missing", "Perhaps. More.", ())
    found = Explanation((cause, possible), (LINE,), lines_recognised=4, lines_read=4)
    for whole, lines, told in ((False, 3, "Perhaps."), (True, 4, "Perhaps. More.")):
        pieces = list(causes(found, whole=whole))
        assert sum(piece.role == "quote" for piece in pieces) == lines
        assert pieces[-1].text == told


def test_a_cause_that_was_found_by_probing_is_marked() -> None:
    found = Explanation(
        (
            Cause("ca-not-trusted", "why", ("\x1b[2J",), explains=2),
            Cause("crl-missing", "why not", ()),
        ),
        (LINE,),
        lines_recognised=2,
        lines_read=2,
    )
    assert [piece.whole for piece in causes(found, {"ca-not-trusted"})][:4] == [
        "1. ca-not-trusted  (also found here by probing) (2 times)",
        "| \\x1b[2J",
        "2. crl-missing (possible)",
        "why not",
    ]
