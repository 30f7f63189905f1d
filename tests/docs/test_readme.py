"""What README.md and the quick start say of the commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wizard.cli import parser
from wizard.cli.commands import COMMANDS
from wizard.demo.lessons import LESSONS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
}
_TYPED = re.compile(r"^(?:\$ )?(?:sudo )?proxy-wizard ([^#|>&;\n]*)", re.MULTILINE)


def blocks(text: str) -> str:
    return "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def test_the_table_of_commands_is_complete() -> None:
    assert set(re.findall(r"^\| `proxy-wizard ([a-z]+)", README, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize(
    "page", [name for name, text in DOCS.items() if _TYPED.search(blocks(text))]
)
def test_whatever_is_typed_is_understood(page: str) -> None:
    """Every command line of the documentation has options that there are, with values they take."""
    for typed in _TYPED.findall(blocks(DOCS[page])):
        words = re.findall(r"'[^']*'|\S+", typed.replace("\\", ""))
        if words and words[0] in COMMANDS:
            words = [word.strip("'") for word in words]
            parser.build_parser(words[0]).parse_args(words)


def test_the_number_of_lessons() -> None:
    assert len(LESSONS) == 19
    for page in ("README.md", "docs/index.md"):
        assert "nineteen broken proxies" in DOCS[page]


def test_exit_codes_are_told_of_every_command() -> None:
    told = re.findall(r"^\| `([a-z]+)", DOCS["docs/reference/exit-codes.md"], re.MULTILINE)
    assert set(told) == set(COMMANDS)


def test_two_commands_set_it_up() -> None:
    """One installs and runs the demo, one runs the tests; the server has a section of its own."""
    section = README.partition("\n## Set-up\n")[2].partition("\n## ")[0]
    commands = re.findall(r"^```sh\n(.*?)\n```", section, re.MULTILINE | re.DOTALL)
    assert [command.count("\n") for command in commands] == [0, 0]
    assert commands[0].endswith("proxy-wizard demo --check")
    assert commands[1] == "tests/run"
    assert "/opt/proxy-wizard" not in section
