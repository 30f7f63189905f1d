"""Every line that httpd's proxy and TLS modules show at level info or above is explained."""

from __future__ import annotations

import pytest

from wizard.findings.table import LOG_CODES
from wizard.reference.ah_codes import AH_CODES, AhCode, shown_at

MODULES = [
    "proxy", "proxy_balancer", "proxy_connect", "proxy_hcheck", "proxy_http", "proxy_http2",
    "proxy_wstunnel", "ssl", "http", "http2", "proxy_ajp", "proxy_fcgi",
    "proxy_scgi", "proxy_uwsgi", "slotmem_shm",
]  # fmt: skip
#: SNI and Host differ: also what the backend says when it is an httpd.
ALSO_OF_A_BACKEND = {"AH02031", "AH02032", "AH02033"}


@pytest.mark.parametrize("module", MODULES)
def test_each_line_of_a_module_has_a_meaning_beyond_its_words(module: str) -> None:
    codes = [known for known in AH_CODES.values() if known.module == module]
    shown = [known for known in codes if shown_at(known.level, "info")]
    assert shown
    assert [known.code for known in shown if not known.explained] == []
    assert [known.code for known in shown if repeats(known)] == []


def repeats(known: AhCode) -> bool:
    return known.meaning.strip(".").casefold() == known.text.strip(".").casefold()


@pytest.mark.parametrize("code", ["AH00935", "AH00939", "AH00952", "AH00957", "AH00958"])
def test_what_is_tried_with_the_next_address_is_an_error_with_the_last(code: str) -> None:
    """``backend_addr->next ? APLOG_DEBUG : APLOG_ERR`` (modules/proxy/proxy_util.c)."""
    assert AH_CODES[code].level == "error"


@pytest.mark.parametrize("code", ["AH10221", "AH10404"])
def test_what_ends_or_is_late_names_both(code: str) -> None:
    assert LOG_CODES[code] == ("connection-reset", "connection-timeout")


def test_lines_of_the_front_side_point_to_no_finding_about_a_backend() -> None:
    front = [known.code for known in AH_CODES.values() if "not the backend" in known.meaning]
    assert len(front) > 50
    pointing = {code for code in front if LOG_CODES.get(code) and not AH_CODES[code].consequence}
    assert pointing <= ALSO_OF_A_BACKEND
