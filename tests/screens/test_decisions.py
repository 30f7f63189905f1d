"""What the operator decided becomes a choice, or a sentence that says what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from screens.decisions import ASK_OWNER, NO_DIGEST, NO_SUCH, Decisions, fingerprint_problem
from tests.screens.fake import ROOT
from wizard.model.plan import FixChoice

DIGITS = "cd" * 32


def test_the_safe_row_to_begin_with() -> None:
    assert Decisions().is_safe
    assert Decisions().choice(()) == FixChoice("production", minimal=True)


@pytest.mark.parametrize(
    ("decisions", "choice"),
    [
        (Decisions(written_out=True), FixChoice("production")),
        (Decisions("internal-ca"), FixChoice("internal-ca", minimal=True)),
        (Decisions(trust="none"), FixChoice("production", minimal=True, offers=False)),
        (
            Decisions(trust="file", ca_file="/etc/ssl/corp.pem"),
            FixChoice("production", minimal=True, ca_files=("/etc/ssl/corp.pem",)),
        ),
        (
            Decisions("temporary", until="2026-12-24"),
            FixChoice("temporary", minimal=True, until=date(2026, 12, 24)),
        ),
        (
            Decisions(left=frozenset({"b", "a"})),
            FixChoice("production", minimal=True, leave=("a", "b")),
        ),
        (
            Decisions(trust="fingerprint", fingerprint=DIGITS),
            FixChoice("production", minimal=True, accept_fingerprint=DIGITS),
        ),
    ],
)
def test_choices(decisions: Decisions, choice: FixChoice) -> None:
    assert decisions.choice((ROOT,)) == choice


@pytest.mark.parametrize(
    ("decisions", "missing"),
    [
        (Decisions("temporary"), "YYYY-MM-DD"),
        (Decisions("temporary", until="tomorrow"), "YYYY-MM-DD"),
        (Decisions(trust="file"), "press f"),
        (Decisions(trust="fingerprint"), ASK_OWNER),
        (Decisions(trust="fingerprint", fingerprint="ab" * 32), NO_SUCH),
    ],
)
def test_what_is_missing_is_said(decisions: Decisions, missing: str) -> None:
    assert missing in str(decisions.choice((ROOT,)))


@pytest.mark.parametrize(
    "typed",
    [DIGITS, DIGITS.upper(), ":".join(["CD"] * 32), f"sha256 Fingerprint={':'.join(['CD'] * 32)}",
     " ".join(["cd"] * 32)],
)  # fmt: skip
def test_a_fingerprint_as_people_write_it(typed: str) -> None:
    assert fingerprint_problem(typed, (ROOT,)) == ""


@pytest.mark.parametrize("typed", ["cd" * 31, "cd" * 20, "no digits", "g" * 64])
def test_what_is_no_fingerprint(typed: str) -> None:
    assert fingerprint_problem(typed, (ROOT,)) == NO_DIGEST


def test_a_fingerprint_of_another_certificate_is_no_attack() -> None:
    said = fingerprint_problem("ab" * 32, (ROOT,))
    assert said == NO_SUCH
    assert "attack" not in said
    assert "somebody else" not in said


def test_without_an_exception_every_check_is_on() -> None:
    risky = Decisions("temporary", until="2026-12-24", trust="file", ca_file="/etc/ssl/x.pem")
    safe = risky.without_exception()
    assert safe.is_safe
    assert safe.until == ""
    assert safe.ca_file == risky.ca_file
