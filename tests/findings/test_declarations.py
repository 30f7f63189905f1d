"""What the rules say of themselves is what everything else says: no copy disagrees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import screens
import wizard
from tests.findings.cases import (
    OTHER_ROOT,
    Pair,
    anchors,
    backend,
    fails,
    handshake,
    refused,
)
from wizard import findings
from wizard.demo.lessons import LESSONS
from wizard.findings import CATALOGUE, catalogue, diagnose, rules, table
from wizard.findings.rule import places
from wizard.logs import explain
from wizard.reference.ah_codes import AH_CODES
from wizard.reference.openssl import ALERTS, ALERTS_ABOUT_CERTIFICATE, VERIFY_ERRORS
from wizard.reference.tables import load

TABLE_FILE = Path(findings.__file__).with_name("table.json")

#: Findings that a verify error names by itself; others depend on what the files hold.
OF_AN_ERROR = (
    "self-signed-certificate",
    "chain-too-deep",
    "wrong-purpose",
    "path-length-exceeded",
    "name-constraint-violated",
    "weak-key",
    "weak-signature",
    "issuer-not-a-ca",
    "certificate-revoked",
    "crl-expired",
    "ocsp-for-backend",
    "crl-missing",
)
DECISIVE = {
    code: next(slug for slug in slugs if slug in OF_AN_ERROR)
    for code, slugs in table.VERIFY_ERRORS.items()
    if not set(slugs).isdisjoint(OF_AN_ERROR)
}

QUOTED = re.compile(r'"([a-z]+(?:-[a-z]+)+)"')
#: Beside the words that wizard.model and wizard.reference define, the names of lessons, and those
#: that Textual takes: directories, programs, units, header fields, themes, an expression …
NO_SLUGS = """
a-z ca-file cgi-script cipher-protocol-is-spelt conf-available conf-enabled default-handler
fcgid-script httpd-event httpd-prefork httpd-worker is-active keep-alive libnss-wrapper lua-script
append-only mods-available mods-enabled no-cipher no-protocol no-proxy
once-per-connection ossl-modules proxy-authorization proxy-server proxy-trust proxy-wizard read-only
proxy-authenticate proxy-connection transfer-encoding www-authenticate
set-cookie content-type dbd-group dbd-login dbd-logout dbm-file-group dbm-group file-group
file-owner forward-dns ldap-attribute ldap-dn ldap-filter ldap-group ldap-search ldap-user
mutual-failure parent-first parent-last proxy-html ssl-stapling valid-user
access-control-allow-credentials access-control-allow-origin x-frame-options double-slash
leaves-mount content-location max-age unix-group unix-user ssl-verify-client no-user
section-is-named log-after log-before text-accent
https-only one-name x-forwarded-proto
sites-available sites-enabled textual-dark textual-light wrong-name
"""


def test_the_table_is_what_the_rules_say() -> None:
    stale = "run: python -m wizard.findings.catalogue docs/rules"
    assert TABLE_FILE.read_text("utf-8") == catalogue.table_text(), stale


def test_every_module_of_rules_is_read() -> None:
    files = {file.stem for file in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert {module.__name__.rpartition(".")[2] for module in rules.MODULES} == files


def test_no_two_rules_of_a_family_claim_one_place() -> None:
    claimed = [(rule.family, rule.order) for rule in CATALOGUE.values()]
    assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize("field", ["verify_errors", "log_codes", "alerts"])
def test_each_code_has_one_likeliest_cause_one_second_and_so_on(field: str) -> None:
    ranks: dict[str, list[int]] = {}
    for rule in CATALOGUE.values():
        for code, place in places(getattr(rule.signs, field)).items():
            ranks.setdefault(code, []).append(place)
    assert {c: sorted(r) for c, r in ranks.items()} == {
        c: list(range(1, len(r) + 1)) for c, r in ranks.items()
    }


def test_no_two_rules_are_asked_first_for_one_symptom() -> None:
    for symptom in {s for rule in CATALOGUE.values() for s in rule.signs.stages}:
        order = [r.signs.stages[symptom] for r in CATALOGUE.values() if symptom in r.signs.stages]
        assert len(order) == len(set(order)), symptom


def test_codes_are_httpds_and_openssls() -> None:
    assert set(table.VERIFY_ERRORS) <= set(VERIFY_ERRORS)
    assert set(table.ALERTS) <= set(ALERTS)
    assert set(table.LOG_CODES) <= {code for code, known in AH_CODES.items() if known.explained}


def test_slugs_of_other_tables_are_the_catalogues() -> None:
    texts = load("texts.json")
    used = {slug for _, _, slugs in load("openssl_reasons.json").values() for slug in slugs}
    used |= {
        s
        for part in ("texts", "programs", "browsers", "errors", "socket_errors", "statuses", "curl")
        for row in texts[part].values()
        for s in row[1]
    }
    assert used <= set(CATALOGUE)
    assert set(texts["codes"].values()) <= set(AH_CODES)


def test_slugs_in_the_code_of_others_are_the_catalogues() -> None:
    """A finding that is renamed leaves a word behind that is nothing else either."""
    engine, front = Path(wizard.__file__).parent, Path(screens.__file__).parent
    sources = {
        file: file.read_text("utf-8")
        for directory in (engine, front)
        for file in directory.rglob("*.py")
        if not file.is_relative_to(engine / "findings")
    }
    named = {word for source in sources.values() for word in QUOTED.findall(source)}
    other = {lesson.name for lesson in LESSONS} | set(NO_SLUGS.split())
    for file, source in sources.items():
        if file.is_relative_to(engine / "model") or file.is_relative_to(engine / "reference"):
            other |= set(QUOTED.findall(source))
        elif file.is_relative_to(front):
            other |= set(re.findall(r'\b(?:id|group|classes)="([a-z-]+)"', source))
            other |= set(re.findall(r'\b[A-Z]\w+\("([a-z]+-[a-z]+)"', source))  # ids of widgets
    assert len(named & set(CATALOGUE)) > 40
    assert named - other <= set(CATALOGUE)


@pytest.mark.parametrize(("code", "slug"), DECISIVE.items())
def test_check_and_explain_say_the_same_of_a_verify_error(code: int, slug: str) -> None:
    """37 is a CA where none may be, 54 a list's own chain (OpenSSL's x509_vfy.c, check_extensions
    and check_crl): neither the fault of an issuer nor of name constraints."""
    found = diagnose(anchors(OTHER_ROOT), refused(code, VERIFY_ERRORS[code].text))
    assert found[0].slug == slug
    assert explain([f"error {code}"]).causes[0].slug == slug


@pytest.mark.parametrize(
    ("code", "slug"), [(5, "crl-missing"), (37, "wrong-purpose"), (54, "crl-missing")]
)
def test_errors_that_were_told_in_two_ways(code: int, slug: str) -> None:
    assert DECISIVE[code] == slug


def _alert(number: int) -> Pair:
    special: dict[int, dict[str, Any]] = {109: {"sni": None}, 120: {"scheme": "h2"}}
    fields, asked = special.get(number, {}), number in ALERTS_ABOUT_CERTIFICATE
    seen = {"failure": "alert", "alert": number, "client_certificate_requested": asked}
    return handshake(backend(**fields), **seen), fails("tls")


@pytest.mark.parametrize("number", [40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 86, 109, 112, 116, 120])
def test_check_and_explain_say_the_same_of_an_alert(number: int) -> None:
    slug = table.ALERTS[number][0]
    assert diagnose(*_alert(number))[0].slug == slug
    line = f"error:0A000{1000 + number:03X}:SSL routines::alert (SSL alert number {number})"
    assert explain([line]).causes[0].slug == slug


def test_every_finding_that_is_left_says_what_is_to_be_done() -> None:
    for slug, rule in CATALOGUE.items():
        assert bool(rule.repair.reissue) == bool(rule.repair.reason), slug
        if rule.repair.or_reissue or rule.repair.there:
            assert rule.repair.leavable, slug


@pytest.mark.parametrize("slug", ["engine-off", "verification-off", "ca-not-trusted"])
def test_what_a_configuration_repairs_is_nothing_to_be_issued_anew(slug: str) -> None:
    assert CATALOGUE[slug].repair.reason == ""
