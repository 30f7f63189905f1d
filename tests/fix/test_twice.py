"""A plan that was carried out leaves nothing to do for the next one, on every lesson of the lab."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.change import transaction
from wizard.change.journal import Store
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS, Lesson
from wizard.engine.engine import Engine
from wizard.fix.source import unified_diff
from wizard.model.plan import FixChoice, Repair

UNTIL = (datetime.now(UTC) + timedelta(days=30)).date()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab").resolve() / "files") as made:
        yield made


def carried_out(lab: Lab, lesson: Lesson, choice: FixChoice, store: Store) -> tuple[Repair, Repair]:
    """The repair of a lesson, and the one that is found after it; the lesson is broken again."""
    engine = Engine(lab.scope(lesson), resolver=lab.resolver)
    first = engine.repair(choice)
    if first.plan.is_empty:
        return first, first
    files = first.report.configuration.files
    wanted = transaction.targets(unified_diff.apply_to(first.plan, files), files)
    with store.locked("apply") as held:
        change = transaction.apply(held, "", first.plan.repairs, wanted)
        try:
            return first, engine.repair(choice)
        finally:
            transaction.undo(held, change)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_there_is_nothing_left_to_do(lab: Lab, lesson: Lesson, tmp_path: Path) -> None:
    store = Store(tmp_path.resolve() / "state")
    _, again = carried_out(lab, lesson, FixChoice(ca_files=lab.ca_files(lesson)), store)
    assert again.plan.is_empty
    assert (again.plan.unresolved != ()) == (lesson.repair == "backend")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_an_exception_until_the_same_day_is_there_already(
    lab: Lab, lesson: Lesson, tmp_path: Path
) -> None:
    store = Store(tmp_path.resolve() / "state")
    _, again = carried_out(lab, lesson, FixChoice(policy="temporary", until=UNTIL), store)
    assert again.plan.is_empty, again.plan.edits


def test_no_check_is_disabled_where_httpd_only_refuses_a_place(lab: Lab, tmp_path: Path) -> None:
    lesson = next(entry for entry in LESSONS if entry.name == "wrong-section")
    choice = FixChoice(policy="temporary", until=UNTIL)
    first, _ = carried_out(lab, lesson, choice, Store(tmp_path.resolve() / "state"))
    patch = unified_diff.unified(first.plan, first.report.configuration.files)
    assert b"+    SSLProxyVerify require" in patch
    assert b"SSLProxyVerify none" not in patch
