"""What a change brings with it is told beside it: in the case, in step 4, and in the question."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from screens.texts import case, fix
from tests.screens import plans
from tests.screens.plans import SITE
from wizard.fix.comments import outdated
from wizard.model.comment import OutdatedComment
from wizard.model.plan import Repair
from wizard.model.remark import Point, remark

COMMENTS = tuple(
    OutdatedComment(SITE, line, line, f"no check number {line}", ("SSLProxyVerify",), line > 3)
    for line in (3, 9, 12)
)
HOST = remark(Point.HOST_CHANGES, route="www.corp.test /", host="erp.corp.test")


def repair() -> Repair:
    """With comments that it makes wrong, and another Host."""
    made, _ = plans.plain()
    notes = (HOST, *outdated.notes(COMMENTS))
    return replace(made, plan=replace(made.plan, comments=COMMENTS, notes=notes))


def session() -> Any:
    made = repair()
    return SimpleNamespace(repair=made, plan=made.plan)


def test_the_case_has_them_in_short() -> None:
    told = case.why(session()).plain.splitlines()[1:]
    assert told == [
        "The backend gets erp.corp.test as Host then: step 4 says what follows.",
        "www.corp.test.conf:3: the comment there may not hold afterwards.",
        "www.corp.test.conf:9: the comment there says the opposite afterwards.",
        "… 1 more comment: step 4 shows them.",
    ]


def test_step_4_has_the_sentences_below_the_change() -> None:
    text = fix.below(session()).plain
    assert "CSRF checks compare it with Origin" in text
    assert f"{SITE}:9: the comment “no check number 9” says the opposite" in text
    assert f"{SITE}:3: the comment “no check number 3” speaks of what changes here" in text
    assert "--leave" not in text  # there is a way for that


def test_the_question_has_them_too() -> None:
    _, patch = plans.plain()
    text = " ".join(plans.asked(lambda: (repair(), patch)).above(100).plain.split())
    assert "the comment “no check number 12” says the opposite" in text
    assert "The application may notice it" in text
