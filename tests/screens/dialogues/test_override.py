"""A refusal is overridden by typing its name; its reason and the field are in view."""

from __future__ import annotations

import pytest
from rich.text import Text

from screens.dialogues.override import OverrideDialogue
from tests.screens.asking import focused, opened, press, run, screen, settle, until
from tests.screens.fake import app

REASON = "The rehearsal did not bring the backend's answer."


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_the_reason_and_the_field_are_seen(size: tuple[int, int], rows: int) -> None:
    async def go() -> None:
        wizard = app()
        answers: list[str | None] = []
        async with opened(wizard, size) as pilot:
            text = Text("\n".join([REASON, *(f"route {number}" for number in range(rows))]))
            dialogue = OverrideDialogue(text, "no-answer")
            wizard.push_screen(dialogue, answers.append)
            await until(pilot, lambda: focused(wizard) == "override")
            await settle(pilot)
            shown = screen(wizard)
            assert REASON in shown
            assert "type no-answer and press Enter" in shown
            field = dialogue.query_one("#override")
            assert field.region.bottom < size[1]
            await press(pilot, "pagedown")
            assert (dialogue.asked.scroll_y > 0) is (rows == 60)
            assert focused(wizard) == "override"
            await press(pilot, "y", "enter")
            assert answers == []
            assert "That is not no-answer" in screen(wizard)
            await press(pilot, "backspace", *"no-answer", "enter")
            assert answers == ["no-answer"]

    run(go)
