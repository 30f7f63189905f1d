"""Attacks: a journal where somebody else can put what roll-back then writes."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens.tmux import Tmux
from tests.support import others
from tests.support.command import WIZARD
from tests.support.site import REQUIRE, Site
from wizard.change import home as user_home
from wizard.change.journal import Store
from wizard.errors import ChangeError, UsageError

COMMANDS = (
    ("apply", "--yes", "--no-reload"), ("apply", "--finish"), ("rollback",), ("rollback", "--list"),
)  # fmt: skip


def relative(_: Path) -> str:
    return "state"


def relative_with_dots(_: Path) -> str:
    return "../state"


def in_the_home(_: Path) -> str:
    return "~/state"


def of_somebody_else(place: Path) -> str:
    (place / "state").mkdir()
    others.give(place / "state")
    return str(place / "state")


def below_somebody_elses(place: Path) -> str:
    (place / "theirs" / "deep").mkdir(parents=True)
    others.give(place / "theirs")
    return str(place / "theirs" / "deep" / "state")


def below_a_missing_one_of_theirs(place: Path) -> str:
    (place / "theirs").mkdir()
    others.give(place / "theirs")
    return str(place / "theirs" / "not" / "there")


def by_the_way_up(place: Path) -> str:
    (place / "theirs").mkdir()
    others.give(place / "theirs")
    return f"{place}/theirs/../state"


def behind_a_link_of_theirs(place: Path) -> str:
    (place / "real").mkdir(mode=0o700)
    (place / "link").symlink_to(place / "real")
    others.give(place / "link")
    return str(place / "link")


def behind_a_link_that_they_can_turn(place: Path) -> str:
    (place / "real").mkdir(mode=0o700)
    (place / "theirs").mkdir()
    (place / "theirs" / "link").symlink_to(place / "real")
    others.give(place / "theirs")
    return str(place / "theirs" / "link" / "state")


def behind_a_link_into_theirs(place: Path) -> str:
    (place / "theirs").mkdir()
    others.give(place / "theirs")
    (place / "link").symlink_to("theirs")
    return str(place / "link" / "state")


def below_one_that_everybody_writes(place: Path) -> str:
    (place / "shared" / "deep").mkdir(parents=True)
    (place / "shared").chmod(0o777)
    return str(place / "shared" / "deep" / "state")


def below_one_that_a_group_writes(place: Path) -> str:
    (place / "shared").mkdir()
    (place / "shared").chmod(0o775)
    return str(place / "shared" / "state")


def below_one_with_an_acl(place: Path) -> str:
    (place / "shared").mkdir()
    others.let_write(place / "shared")
    return str(place / "shared" / "state")


def below_a_sticky_one_of_theirs(place: Path) -> str:
    others.give(others.shared(place / "sticky"))
    return str(place / "sticky" / "state")


def a_sticky_one(place: Path) -> str:
    return str(others.shared(place / "sticky"))


def made_first_in_a_sticky_one(place: Path) -> str:
    state = others.shared(place / "sticky") / "state"
    state.mkdir(mode=0o700)
    others.give(state)
    return str(state)


THEIRS = [
    of_somebody_else, below_somebody_elses, below_a_missing_one_of_theirs, by_the_way_up,
    behind_a_link_of_theirs, behind_a_link_that_they_can_turn, behind_a_link_into_theirs,
    below_one_that_everybody_writes, below_one_that_a_group_writes, below_one_with_an_acl,
    below_a_sticky_one_of_theirs, a_sticky_one, made_first_in_a_sticky_one,
]  # fmt: skip
UNFIT = [relative, relative_with_dots, in_the_home, *THEIRS]


def run(site: Site, place: Path, words: tuple[str, ...], **environment: str) -> None:
    """A command that is to be refused, in one sentence, and to write nothing."""
    before = {str(path): path.lstat().st_mtime_ns for path in place.rglob("*")}
    config = [str(site.main), *site.ca] if words == COMMANDS[0] else []
    done = subprocess.run(
        [*WIZARD, words[0], *config, *words[1:]],
        env={**site.environment, **environment},
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "PROXY_WIZARD_STATE" in done.stderr
    assert {str(path): path.lstat().st_mtime_ns for path in place.rglob("*")} == before


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


@pytest.mark.parametrize("unfit", UNFIT, ids=lambda unfit: unfit.__name__)
def test_every_command_that_reads_it_refuses(
    site: Site, place: Path, unfit: Callable[[Path], str]
) -> None:
    site.write(REQUIRE)
    named = unfit(place)
    for words in COMMANDS:
        run(site, place, words, PROXY_WIZARD_STATE=named)


@pytest.mark.parametrize(
    "unfit", [relative, below_somebody_elses], ids=lambda unfit: unfit.__name__
)
def test_the_wizard_refuses_as_well(
    place: Path, monkeypatch: pytest.MonkeyPatch, unfit: Callable[[Path], str]
) -> None:
    words = ["env", f"PROXY_WIZARD_STATE={unfit(place)}", *WIZARD]
    with Tmux(place, words) as terminal:
        shown = terminal.see("exit=")
        assert "exit=3" in shown
        assert "PROXY_WIZARD_STATE" in shown


@pytest.mark.parametrize("unfit", THEIRS, ids=lambda unfit: unfit.__name__)
def test_a_home_of_somebody_elses(
    place: Path, monkeypatch: pytest.MonkeyPatch, unfit: Callable[[Path], str]
) -> None:
    """Where the variable is not set, and this is not root."""
    monkeypatch.delenv(user_home.VARIABLE, raising=False)
    monkeypatch.setattr(user_home, "ROOT", Path(unfit(place)))
    with pytest.raises(ChangeError, match="somebody else can write"):
        Store()


def test_a_relative_home_of_states_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG Base Directory Specification: "must be absolute", else ignored."""
    monkeypatch.delenv(user_home.VARIABLE, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name, value in (("XDG_STATE_HOME", "state"), ("HOME", "/home/joe")):
        monkeypatch.setenv(name, value)
    assert user_home.state_directory() == Path("/home/joe/.local/state/proxy-wizard")


@pytest.mark.parametrize("home", ["joe", None])
def test_who_has_no_home(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    for name in (user_home.VARIABLE, "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    for asked in ("geteuid", "getuid"):
        monkeypatch.setattr(os, asked, lambda: 4242)
    with pytest.raises(UsageError, match="no absolute path"):
        user_home.state_directory()
    monkeypatch.setenv(user_home.VARIABLE, "/srv/state")
    assert user_home.state_directory() == Path("/srv/state")


def test_what_is_made_on_the_way_is_this_users_alone(place: Path) -> None:
    before = os.umask(0)
    try:
        with Store(place / "a" / "b" / "state").locked("apply"):
            pass
        with Store(place / "a" / "b" / "state").locked("apply"):
            pass
    finally:
        os.umask(before)
    for made in (place / "a", place / "a" / "b", place / "a" / "b" / "state"):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_sticky_directory_may_lead_to_it(place: Path) -> None:
    """As ``/tmp`` does; and links of this user's own."""
    shared = others.shared(place / "sticky")
    (shared / "link").symlink_to("mine")
    (shared / "mine").mkdir(mode=0o700)
    for directory in (shared / "mine", shared / "link" / "state", shared / "new"):
        with Store(directory).locked("apply"):
            pass


def test_a_file_is_no_directory(place: Path) -> None:
    (place / "file").touch()
    with pytest.raises(ChangeError, match="in a directory"):
        Store(place / "file")
    with pytest.raises(NotADirectoryError):
        Store(place / "file" / "state")
