"""The engine's sentences, as the fields of step 4 say them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from screens.texts import fix
from tests.fix.trust.test_select import LEAF, ONE, ROOT, STRANGER, find, given
from wizard.errors import UsageError, describe
from wizard.fix.plan import check_choice
from wizard.model.plan import FixChoice
from wizard.x509 import parse_der


def test_what_the_engine_says_names_no_option_of_the_command_line(tmp_path: Path) -> None:
    """The engine's own sentences: were they others, the fields would not be what is asked for."""
    certificate = given(tmp_path, STRANGER.pem)
    asked: list[Callable[[], object]] = [
        lambda: check_choice(FixChoice("temporary", until=date(2020, 1, 1)), date(2026, 1, 1)),
        lambda: find(tmp_path, ca=certificate),
        lambda: find(tmp_path, ca=os.devnull),
    ]
    for ask in asked:
        with pytest.raises(UsageError, match="--") as refused:
            ask()
        assert "--" not in fix.refusal(describe(refused.value), "")
    for found in (
        find(tmp_path, (LEAF, ONE, ROOT), ca=given(tmp_path, ROOT.pem)),
        find(tmp_path, (LEAF, ONE, ROOT), accept_fingerprint=parse_der(ROOT.der).sha256),
    ):
        assert found.choice is not None
        assert "(--" in found.choice.basis
        assert "--" not in fix.said(found.choice.basis)
    nothing = find(tmp_path).error
    assert "--ca" in nothing
    assert "--" not in fix.said(nothing)
