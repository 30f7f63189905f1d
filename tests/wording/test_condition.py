"""What a plan waits for on this machine, where the names and addresses are hostile."""

from __future__ import annotations

import shlex

from wizard.model.plan import Condition
from wizard.text import harmlessness
from wizard.wording import condition

HOSTILE = Condition(
    "a.test'; reboot #\x1b[2J", "fe80::1%\x1b[2J", (), ("::1%\x07",), ("b\u202e.test",)
)


def test_nothing_controls_the_terminal() -> None:
    for text in (condition.sentence(HOSTILE), condition.command(HOSTILE)):
        assert all(harmless for _, harmless in harmlessness(text))


def test_the_command_is_one_line_for_the_file_of_names() -> None:
    words = shlex.split(condition.command(HOSTILE))
    assert (words[0], words[2:]) == ("echo", [">>", "/etc/hosts"])
