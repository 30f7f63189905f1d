"""One sentence for one error."""

from __future__ import annotations

import pytest

from wizard.errors import ChangeError, HttpdEndedError, WizardError
from wizard.exit_codes import ExitCode, of_error
from wizard.wording.errors import describe


@pytest.mark.parametrize(
    ("message", "hint", "shown"),
    [
        ("No such file or directory", "", "a.conf:3: No such file or directory"),
        ("No such file", "Name a file.", "a.conf:3: No such file. Name a file."),
        ("there is none.", "Name one.", "a.conf:3: there is none. Name one."),
    ],
)
def test_the_hint_is_a_sentence_of_its_own(message: str, hint: str, shown: str) -> None:
    assert describe(WizardError(message, file="a.conf", line=3, hint=hint)) == shown


def test_the_end_of_httpd_has_an_exit_code_of_its_own() -> None:
    assert of_error(HttpdEndedError("it ended")) is ExitCode.HTTPD_ENDED
    assert of_error(ChangeError("it did not")) is of_error(OSError()) is ExitCode.UNKNOWN
