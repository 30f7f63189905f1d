"""Logs of real httpd, one request to each fault: the cause must be found."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.logs.world import LEVELS, World
from wizard.logs import explain
from wizard.model.explanation import Explanation

#: Faults that look like others in the log: theirs must be among the first so many.
ALIKE = {
    ("missing-intermediate", "info"): 2,  # error 20, as for a CA that is not trusted
    ("expired-ca", "warn"): 2,  # AH02039 does not name the certificate
    ("http-to-tls", "info"): 2,  # AH01102, as on a connection that the backend closed
    ("reset-http", "info"): 3,
    ("reset", "info"): 1,
}


SEEN_AS = {
    "missing-intermediate": "ca-not-trusted",
    "http-to-tls": "stale-pooled-connection",
    "reset-http": "stale-pooled-connection",
}


def slugs(explanation: Explanation) -> list[str]:
    return [cause.slug for cause in explanation.causes]


def rank(name: str, level: str) -> int:
    return ALIKE.get((name, level)) or ALIKE.get((name, "info"), 1)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_cause_is_named_first(faults: World, logs: dict[tuple[str, str], str], level: str) -> None:
    wrong = {}
    for name, fault in faults.faults.items():
        found = slugs(explain(logs[name, level].splitlines()))
        if fault.expected not in found[: rank(name, level)]:
            wrong[name] = (fault.expected, found, logs[name, level])
    assert not wrong


def test_cause_is_named_among_thousands_of_lines_of_trace(faults: World) -> None:
    wrong = {}
    for (name, _), log in faults.logs(["trace8"]).items():
        found = slugs(explain(log.splitlines()))
        # A trace slows httpd down: a backend that hangs up is noticed at another place.
        if faults.faults[name].expected not in found[: rank(name, "debug") + 1]:
            wrong[name] = (faults.faults[name].expected, found)
    assert not wrong


def test_one_request_is_counted_with_the_status_that_its_client_got(
    faults: World, logs: dict[tuple[str, str], str]
) -> None:
    wrong, told = {}, 0
    for (name, level), log in logs.items():
        failures, status = explain(log.splitlines()).failures, faults.statuses[name, level]
        said = {int(one[:3]) for one in failures.statuses}
        told += len(said)
        tries = 1 if name != "h2" else failures.requests or 1  # which tries again, and logs each
        if failures.requests != tries * bool(log) or (said and said != {status}):
            wrong[name, level] = (failures, status, log)
    assert not wrong
    assert told > len(logs) / 2


def test_nothing_is_called_hidden_at_level_info(logs: dict[tuple[str, str], str]) -> None:
    hidden = [
        name
        for name, level in logs
        if level != "warn" and explain(logs[name, level].splitlines()).hidden
    ]
    assert not hidden


def test_at_level_warn_the_cause_is_named_or_called_hidden(
    faults: World, logs: dict[tuple[str, str], str]
) -> None:
    wrong = {}
    for name, fault in faults.faults.items():
        log = logs[name, "warn"]
        explanation = explain(log.splitlines())
        found = slugs(explanation)
        if fault.shown_at_warn:
            good = not explanation.hidden and fault.expected in found[: rank(name, "warn")]
        elif name in ("client-12", "client-13"):  # AH02268 is a warning
            good = found[0] == fault.expected
        elif not log:  # h2: httpd 2.4.71 writes nothing at all
            good = name == "h2"
        else:
            good = bool(explanation.hidden) and fault.expected in found
        if not good:
            wrong[name] = (fault.expected, found, explanation.hidden, log)
    assert not wrong


def test_what_hides_the_cause_is_told_with_the_way_to_see_it(
    logs: dict[tuple[str, str], str],
) -> None:
    explanation = explain(logs["name", "warn"].splitlines())
    assert explanation.hidden is not None
    assert "LogLevel warn ssl:info proxy:info" in explanation.hidden
    assert "graceful" in explanation.hidden
    assert explanation.causes[0].evidence
    assert all(cause.explains == 0 and not cause.certain for cause in explanation.causes)


def test_lines_that_are_left_out_are_not_called_hidden_by_the_level(
    logs: dict[tuple[str, str], str],
) -> None:
    lines = [line for line in logs["name", "info"].splitlines() if "AH02411" not in line]
    hidden = explain(lines).hidden
    assert hidden is not None
    assert "give the whole log" in hidden
    assert "LogLevel warn" not in hidden


def test_evidence_is_the_line_that_names_the_cause(logs: dict[tuple[str, str], str]) -> None:
    cause = explain(logs["name", "info"].splitlines()).causes[0]
    assert "AH02411" in cause.evidence[0]
    assert cause.explains == 1
    assert cause.remedies
    assert cause.explanation


def test_verify_errors_have_their_number(logs: dict[tuple[str, str], str]) -> None:
    numbers = {}
    for name in ("other-ca", "self-signed", "no-root", "revoked", "crl-expired", "not-a-ca"):
        lines = explain(logs[name, "info"].splitlines()).lines
        numbers[name] = [line.openssl for line in lines if line.code == "AH02276"]
    assert numbers == {
        "other-ca": [20], "self-signed": [18], "no-root": [2], "revoked": [23],
        "crl-expired": [12], "not-a-ca": [79],
    }  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        "",
        'ErrorLogFormat "{ \\"time\\":\\"%{cu}t\\", \\"module\\":\\"%-m\\", \\"level\\":\\"%l\\", '
        '\\"pid\\":\\"%P\\", \\"tid\\":\\"%T\\", \\"errno\\":\\"%E\\", \\"client\\":\\"%a\\", '
        '\\"message\\":\\"%M\\" }"',
        'ErrorLogFormat "%{cu}t %P/%T %l %E: %M"',
        'ErrorLogFormat "[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M% ,\\ referer\\ '
        '%{Referer}i"',
    ],
)
def test_requests_at_once_in_one_log_are_told_apart(faults: World, form: str) -> None:
    """All faults are met at the same time: lines of different threads are interleaved."""
    log = faults.logs(["info"], form=form, shared=True)["", "info"]
    assert log.count("AH0") > 100
    explanation = explain(log.splitlines())
    assert explanation.hidden is None
    counted = Counter({c.slug: c.explains for c in explanation.causes if c.explains})
    # Those whose lines are like another fault's count as that one.
    expected = Counter(SEEN_AS.get(n, f.expected) for n, f in faults.faults.items())
    # AH01897, no CA, stands there twice: it counts as well, and explains each error 20.
    expected["ca-not-configured"] += expected.pop("ca-not-trusted") + 2
    expected["alpn-missing"] += 1  # httpd tries it twice
    if "%P/%T" in form:  # nothing tells the threads apart: which causes there are is all
        assert set(expected) - set(counted) <= {"preserve-host-changes-name"}
    else:
        assert counted == expected


THREAD = "[pid 7:tid 9]"
OVER = f"""\
[ssl:info] {THREAD} [client 192.0.2.1:443] AH01964: Connection to child 0 established (server a:80)
[ssl:info] {THREAD} [client 192.0.2.1:443] AH10273: SSL Proxy: Peer did not select any of our ALPN \
protocols [h2].
[ssl:info] {THREAD} [client 192.0.2.1:443] AH01997: SSL handshake failed: sending 502
"""
"""A request over h2: mod_proxy_http2 writes nothing more of it."""


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        (
            f"[proxy:error] {THREAD} (111)Connection refused: AH00957: https: attempt to connect "
            "to 192.0.2.2:8443 (backend.internal:8443) failed",
            "connection-refused",
        ),
        (
            f"[proxy_balancer:error] {THREAD} [client 198.51.100.7:47540] AH01171: "
            "balancer://none: No workers in balancer",
            "balancer-member-disabled",
        ),
        (
            f"[proxy:warn] {THREAD} [client 198.51.100.7:47524] AH01144: No protocol handler was "
            "valid for the URL /x (scheme 'gopher'). If you are using a DSO version of mod_proxy",
            "module-missing",
        ),
    ],
)
def test_after_a_handshake_was_given_up_a_thread_serves_another_request(
    line: str, slug: str
) -> None:
    explanation = explain([*OVER.splitlines(), line])
    explaining = {c.slug: c.explains for c in explanation.causes if c.explains}
    assert explaining == {"alpn-missing": 1, slug: 1}


def test_prefixes_of_journald_docker_and_syslog_change_nothing(
    logs: dict[tuple[str, str], str],
) -> None:
    log = logs["preserve-host", "info"].splitlines()
    expected = slugs(explain(log))
    forms = [
        "Nov 25 02:17:05 web1 apache2[25420]: {}",
        "2026-11-25T02:17:05.531924+00:00 web1 apache2: {}",
        "proxy-1  | {}",
        "<187>Nov 25 02:17:05 web1 httpd[25420]: {}",
    ]
    for form in forms:
        assert slugs(explain([form.format(line) for line in log])) == expected, form
    docker = [
        json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-25T02:17:05.5Z"})
        for line in log
    ]
    assert slugs(explain(docker)) == expected


def test_levels_are_all_there(logs: dict[tuple[str, str], str]) -> None:
    assert {level for _, level in logs} == set(LEVELS)
    assert "AH02275" in logs["other-ca", "debug"]
    assert "AH02276" not in logs["other-ca", "warn"]
