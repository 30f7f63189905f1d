"""What a plan has to say, in words."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import pytest

from tests.fix.trust.test_select import LEAF, ONE, ROOT, STRANGER, find, given
from wizard.fix.plan import check_choice
from wizard.model.plan import FixChoice
from wizard.model.remark import ChoiceError, Point, Value, as_told, remark
from wizard.wording import remarks
from wizard.wording.errors import describe
from wizard.wording.remarks import sentence
from wizard.x509 import parse_der

VALUES: dict[str, Value] = {
    "day": date(2026, 12, 31),
    "first": as_told("first"),
    "second": as_told("second"),
    "what": as_told("what"),
    "why": as_told("why"),
    "sha256": "ab" * 32,
}


def parameters(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


@pytest.mark.parametrize("point", Point, ids=lambda point: point.value)
def test_every_point_has_a_sentence_and_the_wizard_names_no_option(point: Point) -> None:
    names = parameters(remarks._TEXTS[point])
    told = remark(point, **{name: VALUES.get(name, f"<{name}>") for name in names})
    assert "{" not in sentence(told)
    in_the_wizard = sentence(told, wizard=True)
    assert "{" not in in_the_wizard
    if point is not Point.DAY_WITHOUT_EXCEPTION and point is not Point.EXCEPTION_WITHOUT_DAY:
        assert "--" not in in_the_wizard  # these two the wizard's fields rule out


def test_what_comes_from_outside_is_safe_to_show_and_no_template() -> None:
    told = remark(Point.FILE_HOLDS_LEAF, file="/a\x1b[31m", issuer="CN={file}\n")
    assert "\x1b" not in sentence(told)
    assert "\n" not in sentence(told)
    assert "CN={file}" in sentence(told)


def test_a_choice_that_is_not_possible_is_said_as_the_front_end_asks_for_it(
    tmp_path: Path,
) -> None:
    stranger, empty = given(tmp_path, STRANGER.pem), tmp_path / "empty.pem"
    empty.touch()
    for ask, option, field in (
        (
            lambda: check_choice(FixChoice("temporary", until=date(2020, 1, 1)), date(2026, 1, 1)),
            "--until 2020-01-01 is over. Name a day to come.",
            "2020-01-01 is over. Name a day to come.",
        ),
        (
            lambda: check_choice(FixChoice("temporary", until=date(2026, 4, 2)), date(2026, 1, 1)),
            "--until 2026-04-02 is more than 90 days ahead",
            "2026-04-02 is more than 90 days ahead",
        ),
        (lambda: find(tmp_path, ca=stranger), "--ca does not help", "this CA's file does not help"),
        (lambda: find(tmp_path, ca=str(empty)), "--ca takes a CA", "Needed is a CA certificate."),
    ):
        with pytest.raises(ChoiceError) as refused:
            ask()
        assert option in describe(refused.value)
        assert field in describe(refused.value, wizard=True)


def test_the_ninetieth_day_is_the_last_one_for_an_exception() -> None:
    check_choice(FixChoice("temporary", until=date(2026, 4, 1)), date(2026, 1, 1))


def test_the_basis_of_trust_names_the_option_on_the_command_line_alone(tmp_path: Path) -> None:
    sha256 = parse_der(ROOT.der).sha256
    for found, option in (
        (find(tmp_path, (LEAF, ONE, ROOT), ca=given(tmp_path, ROOT.pem)), "(--ca)"),
        (
            find(tmp_path, (LEAF, ONE, ROOT), accept_fingerprint=sha256),
            "(--accept-fingerprint)",
        ),
    ):
        assert found.choice is not None
        assert option in sentence(found.choice.basis)
        assert "--" not in sentence(found.choice.basis, wizard=True)


def test_a_fingerprint_that_nobody_vouched_for_is_not_shown_in_the_wizard() -> None:
    told = remark(Point.PRESENTED_BY_BACKEND, subject="CN=Root", sha256="ab" * 32)
    assert "AB:AB" in sentence(told)
    assert "AB" not in sentence(told, wizard=True)
