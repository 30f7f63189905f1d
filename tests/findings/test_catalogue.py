"""The catalogue is complete, its pages are, and docs/rules/ is what they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from tests.findings.pairs import CHECKS
from wizard.findings import CATALOGUE, diagnose, pages
from wizard.findings.catalogue import asked, candidates
from wizard.findings.table import TABLE
from wizard.model.diagnosis import OpenSSLError, Stage, Verdict

ROOT = Path(__file__).parents[2]

# The contract's list, word by word: a slug that is lost or misspelt breaks somebody's monitoring.
CONTRACT = """
engine-off module-missing directive-not-allowed-here verification-off verification-optional
name-check-off expiry-check-off ca-not-configured ca-file-missing ca-file-invalid
ca-path-not-hashed crl-check-without-crl crl-not-checked client-certificate-without-key
ip-address-backend preserve-host-changes-name route-shadowed missing-trailing-slash
unencrypted-backend temporary-exception temporary-exception-expired log-level-hides-cause
unknown-directive balancer-member-disabled
ca-not-trusted self-signed-certificate missing-intermediate ca-file-holds-server-certificate
ca-file-without-root ca-rekeyed chain-too-deep ca-expired wrong-purpose path-length-exceeded
name-constraint-violated weak-key weak-signature issuer-not-a-ca certificate-revoked crl-expired
crl-missing
name-mismatch wrong-virtual-host-certificate wildcard-too-deep certificate-expired
certificate-not-yet-valid certificate-expires-soon
protocol-mismatch cipher-mismatch client-certificate-required sni-rejected
backend-speaks-plain-http backend-speaks-tls alpn-missing
dns-failure connection-refused connection-timeout connection-reset connection-not-permitted
stale-pooled-connection stale-backend-address backend-error-status
"""
ADDED = {
    *("configuration-refused", "ocsp-for-backend", "ca-file-trusts-more"),
    *("dh-parameters-too-small", "legacy-renegotiation", "crl-path-not-hashed"),
    *("group-mismatch", "signature-mismatch"),
    "backend-url-invalid",
}


def test_every_slug_that_was_released_is_there() -> None:
    slugs = CONTRACT.split()
    assert len(slugs) == len(set(slugs)) == 62
    assert set(CATALOGUE) >= set(slugs) | ADDED
    assert list(CATALOGUE) == list(TABLE)


def test_every_rule_has_a_case_that_fires_and_a_near_miss() -> None:
    assert set(CHECKS) == set(CATALOGUE)


@pytest.mark.parametrize("slug", TABLE)
def test_a_title_fits_a_line(slug: str) -> None:
    entry = TABLE[slug]
    assert len(entry.title) <= 74
    assert not entry.title.endswith(".")


@pytest.mark.parametrize("slug", TABLE)
def test_a_page_has_every_section_and_fits_a_terminal(slug: str) -> None:
    text = pages.text(slug)
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == pages.HEADINGS
    assert all(pages.section(slug, heading) for heading in pages.HEADINGS)
    assert text.count("```") % 2 == 0
    for number, block in enumerate(text.split("```")):
        for line in block.splitlines():
            marker = "proxy-wizard: temporary exception until" in line  # must be one line
            assert number % 2 == 0 or len(line) <= 76 or marker, line
    for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text):
        known = code in TABLE or code in {"proxy-nokeepalive", "update-ca-certificates"}
        assert known, f"{slug} points to {code}"


def test_pages_in_docs_are_what_the_catalogue_says() -> None:
    written = {file.name: file.read_text("utf-8") for file in (ROOT / "docs/rules").glob("*.md")}
    stale = "run: python -m wizard.findings.catalogue docs/rules"
    assert written == pages.documents(), stale


def test_writing_pages_takes_away_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "no-such-rule.md").write_text("old")
    pages.write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(pages.documents())


def test_the_documented_command_writes_table_and_pages(tmp_path: Path) -> None:
    """The table of a copy: the command writes it where its package stands."""
    copied = shutil.copytree(ROOT / "wizard", tmp_path / "wizard")
    copy = copied / "findings/table.json"
    copy.write_text(copy.read_text("utf-8").replace("\n", "\n\n"), "utf-8")
    command = [sys.executable, "-m", "wizard.findings.catalogue", "docs/rules"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    assert copy.read_bytes() == (ROOT / "wizard/findings/table.json").read_bytes()
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "docs/rules").iterdir()}
    assert written == pages.documents()


def test_an_unknown_page_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        pages.text("../table")


def test_whatever_explains_a_symptom_is_asked_at_some_stage() -> None:
    verdicts = [Verdict("fail", stage) for stage in get_args(Stage)]
    verdicts += [Verdict("fail", "verify", openssl=OpenSSLError(n, "")) for n in range(100)]
    found = {slug for verdict in verdicts for slug in candidates(verdict)} | set(asked("answer"))
    assert {slug for slug, rule in CATALOGUE.items() if rule.explains} <= found


@pytest.mark.parametrize("slug", CHECKS)
def test_best_practice_and_commands_of_a_finding(slug: str) -> None:
    finding = next(f for f in diagnose(*CHECKS[slug].fires) if f.slug == slug)
    assert finding.best_practice == TABLE[slug].best_practice
    for remedy in finding.remedies:
        assert remedy.text.rstrip().endswith((".", ":"))
        assert remedy.command != ""


def test_listing_the_table_loads_no_rule() -> None:
    script = (
        "import sys, wizard.findings.pages\n"
        "print([m for m in sys.modules if m in ('wizard.findings.catalogue', 'dataclasses')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_pages_in_docs_link_to_each_other() -> None:
    page = pages.page("missing-intermediate")
    assert "[`chain-too-deep`](chain-too-deep.md)" in page
    links = re.findall(r"\]\(([a-z-]+)\.md\)", "".join(pages.documents().values()))
    assert set(links) == set(TABLE)
