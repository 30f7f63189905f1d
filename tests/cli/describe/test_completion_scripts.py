"""Completions in real shells."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wizard.cli.commands import COMMANDS
from wizard.cli.main import main
from wizard.demo.lessons import LESSONS
from wizard.findings.table import TABLE

PROGRAM = Path(sys.executable).with_name("proxy-wizard")

#: What is typed, and what is offered for its last word.
TYPED = [
    ("che", {"check"}),
    ("check --form", {"--format"}),
    ("check --format ", {"text", "json", "sarif", "nagios"}),
    ("fix --policy int", {"internal-ca"}),
    ("rules chain", {"chain-too-deep"}),
    ("demo dep", {"depth"}),
    ("completion ", {"bash", "zsh", "fish"}),
    ("fix --ca cor", {"corp root.pem"}),
    ("check --vhost ", set()),
]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "corp root.pem").touch()
    return tmp_path


def script(shell: str, capsysbinary: pytest.CaptureFixture[bytes]) -> str:
    assert main(["completion", shell]) == 0
    return capsysbinary.readouterr().out.decode()


def run(arguments: list[str], directory: Path) -> list[str]:
    done = subprocess.run(
        arguments,
        cwd=directory,
        env=os.environ | {"HOME": str(directory), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def in_bash(completion: str, words: list[str], directory: Path) -> set[str]:
    asked = (
        f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _proxy_wizard\n"
        '((${#COMPREPLY[@]})) && printf "%s\\n" "${COMPREPLY[@]}"; true'
    )
    return set(run(["bash", "--norc", "-c", f"{completion}\n{asked}"], directory))


@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_bash(
    typed: str,
    offered: set[str],
    directory: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    completion = script("bash", capsysbinary)
    assert in_bash(completion, ["proxy-wizard", *typed.split(" ")], directory) == offered


def test_bash_takes_the_equals_sign_for_a_word(
    directory: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    completion = script("bash", capsysbinary)
    words = ["proxy-wizard", "check", "--format", "=", "js"]
    assert in_bash(completion, words, directory) == {"json"}
    assert in_bash(completion, words[:-1], directory) == {"text", "json", "sarif", "nagios"}


def test_bash_offers_commands_and_files_first(
    directory: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    offered = in_bash(script("bash", capsysbinary), ["proxy-wizard", ""], directory)
    assert offered == {*COMMANDS, "corp root.pem"}


@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_fish(
    typed: str,
    offered: set[str],
    directory: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    completion = script("fish", capsysbinary)
    asked = f"complete -C {shlex.quote(f'proxy-wizard {typed}')}"
    lines = run(["fish", "--no-config", "-c", f"{completion}\n{asked}"], directory)
    assert {line.split("\t")[0].replace("\\ ", " ") for line in lines} == offered


@pytest.fixture(scope="module")
def zsh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], str]]:
    """Types into a zsh in tmux, Tab last, and waits for what is to stand there then."""
    directory = tmp_path_factory.mktemp("zsh")
    (directory / "corp root.pem").touch()
    tmux = ["tmux", "-S", str(directory / "tmux"), "-f", os.devnull]

    def call(*words: str) -> str:
        done = subprocess.run([*tmux, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def until(expected: str) -> str:
        deadline = time.monotonic() + 30
        while expected not in (shown := call("capture-pane", "-p")):
            assert time.monotonic() < deadline, f"{expected!r} is not in\n{shown}"
            time.sleep(0.02)  # a terminal does not say when it is done
        return shown

    def ask(typed: str, expected: str) -> str:
        call("send-keys", "C-u")
        call("send-keys", "C-l")
        call("send-keys", "-l", f"proxy-wizard {typed}")
        call("send-keys", "Tab")
        return until(expected)

    size = ["-x", "120", "-y", "40"]
    call("new-session", "-d", *size, "-c", str(directory), "-e", f"HOME={directory}", "zsh -f -i")
    try:
        made = f'"$({shlex.quote(str(PROGRAM))} completion zsh)"'
        call("send-keys", "-l", f"autoload -Uz compinit; compinit -D; eval {made}; print rea''dy")
        call("send-keys", "Enter")
        until("\nready")
        yield ask
    finally:
        call("kill-server")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("chec", "proxy-wizard check"),
        ("check --form", "proxy-wizard check --format"),
        ("check --format na", "--format nagios"),
        ("rules chain", "rules chain-too-deep"),
        ("demo dep", "demo depth"),
        ("fix --ca corp", "--ca corp\\ root.pem"),
        ("prove --policy int", "--policy internal-ca"),
        ("explain --format j", "--format json"),
    ],
)
def test_zsh(zsh: Callable[[str, str], str], typed: str, shown: str) -> None:
    assert shown in zsh(typed, shown)


def test_zsh_reads_it_and_registers_it(
    directory: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    completion = script("zsh", capsysbinary)
    asked = f"autoload -U compinit; compinit -D\n{completion}\nprint $_comps[proxy-wizard]"
    assert run(["zsh", "-f", "-c", asked], directory) == ["_proxy_wizard"]
    for words in (COMMANDS, TABLE, (lesson.name for lesson in LESSONS)):
        assert all(word in completion for word in words)


def test_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["completion", "tcsh"])
    assert end.value.code == 3
    assert "tcsh" in capsys.readouterr().err


def test_it_loads_little() -> None:
    code = (
        "import sys; from wizard.cli.main import main; main(['completion', 'bash']);"
        "sys.exit(', '.join({'OpenSSL', 'cryptography', 'asyncio', 'textual', 'rich'}"
        " & sys.modules.keys()) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
