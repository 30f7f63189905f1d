"""Every line that httpd's proxy and TLS modules show at level info or above is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import wizard
from wizard.findings.table import ALERTS, LOG_CODES, VERIFY_ERRORS
from wizard.logs import explain
from wizard.reference import openssl
from wizard.reference.ah_codes import AH_CODES, AhCode, shown_at
from wizard.reference.tables import load
from wizard.verdict.log_lines import TEMPLATES

MODULES = [
    "proxy", "proxy_balancer", "proxy_connect", "proxy_hcheck", "proxy_http", "proxy_http2",
    "proxy_wstunnel", "ssl", "http", "http2", "proxy_ajp", "proxy_fcgi",
    "proxy_scgi", "proxy_uwsgi", "slotmem_shm",
]  # fmt: skip
DATA = Path(wizard.__file__).with_name("reference") / "data/ah_meanings.json"
#: SNI and Host differ: also what the backend says when it is an httpd.
ALSO_OF_A_BACKEND = {"AH02031", "AH02032", "AH02033"}
OF_ACCESS = {"AH01627"}
"""What httpd answers itself on a proxied route is a finding of that route."""


@pytest.mark.parametrize("module", MODULES)
def test_each_line_of_a_module_has_a_meaning_beyond_its_words(module: str) -> None:
    codes = [known for known in AH_CODES.values() if known.module == module]
    shown = [known for known in codes if shown_at(known.level, "info")]
    assert shown
    assert [known.code for known in shown if not known.explained] == []
    assert [known.code for known in shown if repeats(known)] == []


def test_what_quotes_httpd_has_no_conversion_of_its_format_string() -> None:
    assert AH_CODES["AH00096"].meaning == "httpd (core) says: removed PID file … (pid=…)"
    quoted = [known for known in AH_CODES.values() if not known.explained]
    assert [k.code for k in quoted if re.search("%[^ ]|%$", k.meaning)] == []


def test_each_meaning_is_written_once() -> None:
    rows: list[tuple[str, Any]] = json.loads(DATA.read_text(), object_pairs_hook=list)
    codes = [code for code, _ in rows]
    own = {code: str(row) for code, row in rows if not isinstance(row, str)}
    assert codes == list(dict.fromkeys(codes))
    assert len(set(own.values())) == len(own)
    assert {row for _, row in rows if isinstance(row, str)} <= set(own)


def test_a_line_without_a_cause_tells_more_than_its_words() -> None:
    harmless = set(" ".join(load("no_finding.json")["harmless"][1]).split())
    for known in AH_CODES.values():
        if known.explained and known.code not in LOG_CODES.keys() | harmless:
            told = f"{known.meaning} {known.next_step or known.without_finding}"
            new = set(re.findall(r"[a-z]{3,}", told.lower()))
            assert len(new - set(re.findall(r"[a-z]+", known.text.lower()))) > 5, known


def repeats(known: AhCode) -> bool:
    return known.meaning.strip(".").casefold() == known.text.strip(".").casefold()


@pytest.mark.parametrize("code", ["AH00935", "AH00939", "AH00952", "AH00957", "AH00958"])
def test_what_is_tried_with_the_next_address_is_an_error_with_the_last(code: str) -> None:
    """``backend_addr->next ? APLOG_DEBUG : APLOG_ERR`` (modules/proxy/proxy_util.c)."""
    assert AH_CODES[code].level == "error"


@pytest.mark.parametrize("code", ["AH10221", "AH10404"])
def test_what_ends_or_is_late_names_both(code: str) -> None:
    assert LOG_CODES[code][:2] == ("connection-reset", "connection-timeout")


def test_lines_of_the_front_side_point_to_no_finding_about_a_backend() -> None:
    front = [known.code for known in AH_CODES.values() if "not the backend" in known.meaning]
    assert len(front) > 50
    pointing = {code for code in front if LOG_CODES.get(code) and not AH_CODES[code].consequence}
    assert pointing <= ALSO_OF_A_BACKEND | OF_ACCESS


def test_a_code_points_to_a_finding_or_says_why_it_does_not() -> None:
    """Each that has a meaning; one place alone."""
    groups = load("no_finding.json")
    told = [code for _, lines in groups.values() for line in lines for code in line.split()]
    assert len(told) == len(set(told))
    assert set(told) <= set(AH_CODES)
    assert set(told).isdisjoint(LOG_CODES)
    explained = {known.code for known in AH_CODES.values() if known.explained}
    assert explained == set(told) | set(LOG_CODES)


def test_what_check_predicts_leads_explain_to_a_finding_or_only_follows() -> None:
    predicted = set(TEMPLATES)
    for file in (Path(wizard.__file__).parent / "config" / "checks").glob("*.py"):
        predicted |= set(re.findall(r'"(AH\d{5})"', file.read_text("utf-8")))
    follows = set(" ".join(load("no_finding.json")["follows"][1]).split())
    harmless = set(" ".join(load("no_finding.json")["harmless"][1]).split())
    assert predicted - set(LOG_CODES) <= follows | harmless


def test_another_cause_is_named_only_where_one_would_be_certain() -> None:
    others = load("other_causes.json")
    assert all(len(LOG_CODES[code]) == 1 for code in others["log_codes"])
    assert not any(AH_CODES[code].consequence for code in others["log_codes"])
    assert all(len(VERIFY_ERRORS[int(code)]) == 1 for code in others["verify_errors"])
    assert all(len(ALERTS[int(code)]) == 1 for code in others["alerts"])
    said = [text for table in others.values() for text in table.values()]
    assert all(text.endswith(".") for text in said)


@pytest.mark.parametrize(
    ("line", "slug", "certain"),
    [
        ("AH00134: Invalid method in request \\x16\\x03\\x01", "backend-speaks-plain-http", False),
        ("AH01083: error parsing URL //b:8080login: Invalid host/port", "missing-trailing-slash",
         True),
        ("AH01083: error parsing URL //b:99999/: Invalid host/port", "backend-url-invalid",
         True),
        ("AH01071: Got error 'PHP message: PHP Fatal error: Uncaught'", "backend-error-status",
         False),
        ("AH01899: Host a:443: CRL checking has been enabled, but neither "
         "SSLCARevocationFile nor SSLCARevocationPath is configured",
         "configuration-refused", True),
        ("AH01899: Host a:443: CRL checking has been enabled, but neither "
         "SSLProxyCARevocationFile nor SSLProxyCARevocationPath is configured",
         "crl-check-without-crl", True),
        ("AH00534: apache2: Configuration error: More than one MPM loaded.",
         "configuration-refused", True),
        ("AH00534: apache2: Configuration error: No MPM loaded.", "module-missing", True),
        ("AH02532: SSLProxyProtocol: Protocol 'TLSv1.2' overrides already set parameter(s).",
         "protocol-mismatch", False),
    ],
)  # fmt: skip
def test_certain_only_where_nothing_else_writes_the_line(
    line: str, slug: str, certain: bool
) -> None:
    (cause,) = explain([f"[x:error] [pid 1:tid 1] {line}"]).causes
    assert (cause.slug, cause.certain) == (slug, certain)


@pytest.mark.parametrize(
    "line",
    [
        "AH02443: error apr_pollset_create()",
        "AH10214: proxy: WS: polling failed",
        "AH02532: SSLProtocol: Protocol 'TLSv1.2' overrides already set parameter(s).",
        "AH01902: Host a:443: X.509 CRL storage locations configured, but CRL checking "
        "(SSLCARevocationCheck) is not enabled",
    ],
)
def test_what_is_no_fault_of_a_backend_has_no_cause(line: str) -> None:
    found = explain([f"[x:error] [pid 1:tid 1] {line}"])
    assert found.causes == ()
    assert "backend" in found.lines[0].meaning


def test_a_line_without_a_cause_says_what_to_do() -> None:
    said = explain(["AH01080: ajp_msg_check_header() got bad signature 4854"]).lines[0].meaning
    assert "for an HTTP port the route is http://" in said
    assert "fault inside httpd" in explain(["AH00102: assertion failed"]).lines[0].meaning


#: Alerts that can mean one thing only once it is known that a backend sent them.
ONE_MEANING = {70, 116, 120}


def test_an_alert_is_certain_only_of_a_backend() -> None:
    assert {number for number, slugs in ALERTS.items() if len(slugs) == 1} - {
        int(number) for number in load("other_causes.json")["alerts"]
    } == ONE_MEANING
    for number in openssl.ALERTS:
        error = f"{20 << 23 | 1000 + number:08X}"
        text = f"SSL Library Error: error:{error}:SSL routines::reason({1000 + number})"
        alone = explain([f"[ssl:info] [pid 1:tid 1] {text}"]).causes
        assert not any(cause.certain for cause in alone), number
        failed = explain([
            "[ssl:info] [pid 1:tid 1] [remote 192.0.2.1:443] AH02003: SSL Proxy connect failed",
            f"[ssl:info] [pid 1:tid 1] {text}",
        ]).causes  # fmt: skip
        assert any(cause.certain for cause in failed) is (number in ONE_MEANING), number
