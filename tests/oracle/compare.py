"""Where the product and httpd differ, field by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.oracle import expected
from tests.oracle.scenario import UNJUDGED, Scenario
from tests.oracle.truth import Truth
from tests.support import errorlog
from wizard.model.diagnosis import Diagnosis, Stage

_SERIOUS = ("emerg", "alert", "crit", "error")
_BY_CODE: tuple[tuple[frozenset[str], Stage], ...] = (
    (frozenset({"AH02276", "AH02039", "AH02040"}), "verify"),
    (frozenset({"AH02004"}), "expiry"),
    (frozenset({"AH02411", "AH02005"}), "name"),
    (frozenset({"AH01102", "AH01992"}), "http"),
    (frozenset({"AH10273", "AH02003"}), "tls"),
    (frozenset({"AH00957", "AH01114"}), "connect"),
    (frozenset({"AH01961", "AH01144", "AH01170", "AH01083", "AH02439"}), "route"),
)


_TELLING = frozenset().union(
    *(codes for codes, at in _BY_CODE if at in ("verify", "expiry", "name"))
)
"""Lines that say why a certificate was refused."""


@dataclass(frozen=True)
class Difference:
    """One field that differs."""

    field: str
    httpd: object
    product: object

    def __str__(self) -> str:
        return f"{self.field}: httpd {self.httpd!r}, product {self.product!r}"


def stage_of(truth: Truth) -> Stage | None:
    """The stage that failed, as httpd's log tells it."""
    if truth.stage == "config":
        return "config"
    if truth.stage == "start":
        return "start"
    if truth.proxied:
        return "http" if _is_fault(truth.status) else None
    if any("DNS lookup failure" in entry.text for entry in truth.entries):
        return "dns"
    told = (stage for code in truth.codes for codes, stage in _BY_CODE if code in codes)
    # mod_proxy_http2 and mod_proxy_wstunnel say nothing of an answer that does not come
    return next(told, "http" if set(truth.codes) <= {"AH01964"} else None)


def _is_fault(status: int | None) -> bool:
    """Whether a backend's own answer means that it does not serve the route."""
    return status is not None and (status >= 500 or status in (400, 421))


def differences(
    scenario: Scenario, truth: Truth, diagnosis: Diagnosis | str
) -> tuple[Difference, ...]:
    """What httpd did, and what the product says instead; empty when they agree."""
    if isinstance(diagnosis, str):
        return (Difference("diagnosis", truth.status, diagnosis),)
    if diagnosis.case.route.shadowed_by is not None:  # httpd was asked, and answered for another
        return _differing([("cause", scenario.cause, _cause(diagnosis, scenario.cause))])
    verdict, backend = diagnosis.verdict, diagnosis.case.route.backend
    wanted = expected.cause(scenario, truth, diagnosis.case.httpd.release)
    served = truth.proxied and not _is_fault(truth.status)
    pairs: list[tuple[str, object, object]] = [
        ("outcome", "ok" if served else "fail", verdict.outcome),
        ("stage", stage_of(truth), verdict.stage),
        *_codes(truth, diagnosis),
    ]
    if not (served and backend.scheme == "h2"):  # no request is made over HTTP/2
        pairs.append(("status", truth.status, verdict.status))
    if truth.stage is None:
        pairs.append(("library", frozenset(), _words(diagnosis) - truth.library))
        error = verdict.openssl
        pairs.append(
            ("openssl", truth.openssl, None if error is None else (error.code, error.text))
        )
    if truth.seen is not None and truth.seen.sni is not None:
        pairs.append(("sni", truth.seen.sni, backend.sni))
    if truth.seen is not None and truth.seen.host is not None:
        pairs.append(("host_header", truth.seen.host, backend.host_header))
        if truth.seen.version is not None:
            pairs.append(("sni", truth.seen.sni, backend.sni))
    if truth.stage is None and not served and _TELLING & set(truth.codes):
        hidden = not _TELLING & set(truth.codes_at_level)
        said = any(f.slug == "log-level-hides-cause" for f in diagnosis.findings)
        pairs.append(("log-level-hides-cause", hidden, said))
    if wanted != UNJUDGED:
        pairs.append(("cause", wanted, _cause(diagnosis, wanted)))
    elif not served and not diagnosis.findings:
        pairs.append(("cause", "some", None))
    return _differing(pairs)


def _differing(pairs: Sequence[tuple[str, object, object]]) -> tuple[Difference, ...]:
    return tuple(
        dict.fromkeys(Difference(name, one, other) for name, one, other in pairs if one != other)
    )


def _codes(truth: Truth, diagnosis: Diagnosis) -> list[tuple[str, object, object]]:
    verdict = diagnosis.verdict
    if truth.stage is None:
        return [
            ("ah_codes", truth.codes, verdict.ah_codes),
            ("ah_codes_at_log_level", truth.codes_at_level, verdict.ah_codes_at_log_level),
        ]
    # refused: the words went to several files, whose lines have no order among them
    said = {e.code for e in truth.entries if e.code and e.level in _SERIOUS}
    said |= set(re.findall(r"^(AH\d{5}): ", truth.output, re.MULTILINE))
    return [("ah_codes", frozenset(said), frozenset(verdict.ah_codes))]


def _words(diagnosis: Diagnosis) -> frozenset[str]:
    """What OpenSSL's library says."""
    return frozenset(
        line.text.removeprefix(errorlog.LIBRARY) for line in diagnosis.verdict.log if not line.code
    )


def _cause(diagnosis: Diagnosis, wanted: str | None) -> str | None:
    """The first finding; mere information beside nothing to find does not count."""
    findings = diagnosis.findings
    if wanted is None:
        findings = tuple(f for f in findings if f.severity != "info")
    return findings[0].slug if findings else None
