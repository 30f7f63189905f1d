"""Attacks on temporary directories: makers killed at every line, look-alikes, bad places."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import disks, others
from tests.support.command import WIZARD
from wizard import leftovers, scratch
from wizard.errors import WizardError

USE = """
import os, shutil, signal, sys, time
from wizard import leftovers, scratch, signals

place = os.environ["TMPDIR"]

def use():
    with scratch.directory("files") as made:
        (made / "key.pem").write_text("secret")
        (made / "more").mkdir()
        (made / "more" / "file").touch()
"""
KILLED = """
files = {module.__file__ for module in (leftovers, scratch, shutil)}

def ended_at(line):
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    def trace(frame, event, argument):
        nonlocal line
        if frame.f_code.co_filename not in files:
            return None
        line -= event == "line"
        if not line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)
    use()
    os._exit(0)

lines, stayed = 1, 0
while ended_at(lines):
    stayed += bool(os.listdir(place))
    leftovers.sweep()
    assert not os.listdir(place), (lines, os.listdir(place))
    lines += 1
print(lines, stayed)
"""
ENDED = """
number = getattr(signal, sys.argv[1])
signals.end_in_order()
begins, begun = os.pipe()

def ended_after(seconds):
    pid = os.fork()
    if pid:
        os.read(begins, 1)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
        os.kill(pid, number)
        return os.waitpid(pid, 0)[1]
    ended = 0
    try:
        os.write(begun, b"x")
        use()
    except SystemExit:
        ended = 1
    os._exit(ended)

use()
before = time.perf_counter()
use()
whole = time.perf_counter() - before
early = 0
for moment in range(400):
    early += ended_after(moment / 300 * whole) != 0
    assert not os.listdir(place), (moment, os.listdir(place))
print(early)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def told(code: str, *words: str) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", USE + code, *words], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return list(map(int, done.stdout.split()))


@pytest.mark.usefixtures("place")
def test_whose_maker_is_killed_at_any_line_the_next_one_removes() -> None:
    lines, stayed = told(KILLED)
    assert lines > 60
    assert stayed > 30


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGQUIT"])
def test_an_ending_signal_leaves_nothing(number: str) -> None:
    """At 400 moments from the first step to the last."""
    (early,) = told(ENDED, number)
    assert early > 100


def left(place: Path) -> Path:
    """What a killed command left."""
    code = (
        "import os, signal; from wizard import scratch\n"
        "with scratch.directory('files') as made:\n"
        "    (made / 'key.pem').write_text('secret'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    before = set(place.iterdir())
    subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    (found,) = set(place.iterdir()) - before
    assert (found / "files" / "key.pem").read_text() == "secret"
    assert [stat.S_IMODE(p.stat().st_mode) for p in (found, found / "files")] == [0o700, 0o700]
    return found


def contents(place: Path) -> set[str]:
    return {str(path) for path in place.rglob("*")}


@pytest.mark.parametrize("words", [["rules"], ["explain", "AH02276"], ["--version"]])
def test_any_command_removes_what_is_left(place: Path, words: list[str]) -> None:
    left(place)
    subprocess.run([*WIZARD, *words], capture_output=True, timeout=60, check=False)
    assert not contents(place)


def named_like_one(place: Path) -> None:
    for name in ("notes", "sandbox-abcdefgh", "demo-abcdefgh", "0123abcd"):
        (place / f"proxy-wizard-{name}").mkdir(mode=0o700)
        (place / f"proxy-wizard-{name}" / "mine").write_text("kept")


def empty(place: Path) -> None:
    (place / "proxy-wizard-0123abcd").mkdir(mode=0o700)


def sticky_and_in_use(place: Path) -> None:
    (place / "proxy-wizard-0123abcd").mkdir(mode=0o1700)
    (place / "proxy-wizard-0123abcd" / "mine").write_text("kept")


def a_file(place: Path) -> None:
    (place / "proxy-wizard-0123abcd.patch").write_text("kept")
    os.mkfifo(place / "proxy-wizard-fifo")


def with_a_mark_of_its_own(place: Path) -> None:
    mine = place / "proxy-wizard-0123abcd"
    mine.mkdir(mode=0o700)
    (mine / "mine").write_text("kept")
    (mine / leftovers.MARK).symlink_to(f"{mine.name} 1")


def a_copy(place: Path) -> None:
    found = left(place)
    shutil.copytree(found, place / "proxy-wizard-notes", symlinks=True)
    shutil.copytree(found, place / "elsewhere" / found.name, symlinks=True)
    shutil.rmtree(found)
    shutil.move(place / "elsewhere" / found.name, found)


def renamed(place: Path) -> None:
    left(place).rename(place / "proxy-wizard-notes")


def a_link(place: Path) -> None:
    (place / "else").mkdir()
    found = left(place).rename(place / "else" / "kept")
    (place / "proxy-wizard-0123abcd").symlink_to(found)


def open_to_others(place: Path) -> None:
    left(place).chmod(0o755)


def somebody_elses(place: Path) -> None:
    others.give(left(place))


@pytest.mark.parametrize(
    "made",
    [
        named_like_one, empty, sticky_and_in_use, a_file, with_a_mark_of_its_own, a_copy, renamed,
        a_link, open_to_others, somebody_elses,
    ],
    ids=lambda made: made.__name__,
)  # fmt: skip
def test_what_only_looks_like_one_stays(place: Path, made: Callable[[Path], None]) -> None:
    made(place)
    before = contents(place)
    for path in place.iterdir():
        os.utime(path, (0, 0), follow_symlinks=False)
    subprocess.run([*WIZARD, "rules"], capture_output=True, timeout=60, check=True)
    with scratch.directory("files"):
        pass
    assert contents(place) == before


def test_what_somebody_uses_stays(place: Path) -> None:
    """A supervisor whose rehearsal was killed goes on for a moment."""
    found = left(place)
    code = (
        "import fcntl, os, sys, time; place = os.open(sys.argv[1], os.O_RDONLY)\n"
        "fcntl.flock(place, fcntl.LOCK_SH); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(found)], stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        user.stdout.readline()
        leftovers.sweep()
        assert found.exists()
        user.kill()
    leftovers.sweep()
    assert not found.exists()


def test_what_is_mounted_in_it_stays(place: Path) -> None:
    found = left(place)
    (found / "files" / "disk").mkdir()
    with disks.small(found / "files" / "disk") as disk:
        (disk / "theirs").write_text("kept")
        leftovers.sweep()
        assert (disk / "theirs").read_text() == "kept"
    leftovers.sweep()
    assert not found.exists()


def test_files_of_other_users_go_as_well(place: Path) -> None:
    with scratch.directory("files") as made:
        (made / "logs").mkdir()
        (made / "logs" / "access").write_text("")
        (made / "logs" / "link").symlink_to("/etc")
        for path in (made / "logs" / "access", made / "logs" / "link", made / "logs"):
            others.give(path)
    assert not contents(place)
    assert Path("/etc/passwd").exists()


def test_a_tree_that_changes_while_it_is_removed(place: Path) -> None:
    """As by an httpd that is still ending; what then stays, the next command removes."""
    stop = threading.Event()

    def write(directory: Path) -> None:
        number = 0
        while not stop.wait(0.001):
            number += 1
            try:
                (directory / f"{number}").mkdir()
                (directory / f"{number}" / "file").touch()
            except OSError:
                continue

    with scratch.directory("files") as made:
        writer = threading.Thread(target=write, args=(made,))
        writer.start()
    stop.set()
    writer.join()
    leftovers.sweep()
    assert not contents(place)


def nobody(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A temporary directory, made by another user."""
    drop = "import os; os.setgroups([]), os.setgid(65534), os.setuid(65534)\n"
    use = f"from wizard import scratch\n{drop}with scratch.directory('files'): pass"
    return subprocess.run(
        [sys.executable, "-c", use],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def missing(place: Path) -> str:
    return str(place / "none")


def relative(place: Path) -> str:
    return "."


def a_plain_file(place: Path) -> str:
    (place / "file").touch()
    return str(place / "file")


def with_a_blank(place: Path) -> str:
    (place / "a b").mkdir()
    return str(place / "a b")


def with_a_variable(place: Path) -> str:
    (place / "${X}").mkdir()
    return str(place / "${X}")


def shared_and_not_sticky(place: Path) -> str:
    (place / "shared").mkdir()
    (place / "shared").chmod(0o777)
    return str(place / "shared")


def below_a_shared_one(place: Path) -> str:
    below = Path(shared_and_not_sticky(place)) / "mine"
    below.mkdir()
    return str(below)


def of_somebody_else(place: Path) -> str:
    (place / "theirs").mkdir()
    others.give(place / "theirs")
    return str(place / "theirs")


def behind_a_link_of_somebody_else(place: Path) -> str:
    (place / "real").mkdir()
    (place / "link").symlink_to("real")
    others.give(place / "link")
    return str(place / "link")


def a_link_to_itself(place: Path) -> str:
    (place / "link").symlink_to("link")
    return str(place / "link")


@pytest.mark.parametrize(
    "bad",
    [
        missing, relative, a_plain_file, with_a_blank, with_a_variable, shared_and_not_sticky,
        below_a_shared_one, of_somebody_else, behind_a_link_of_somebody_else, a_link_to_itself,
    ],
    ids=lambda bad: bad.__name__,
)  # fmt: skip
def test_an_unfit_place_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: Callable[[Path], str]
) -> None:
    named = bad(tmp_path)
    before = contents(tmp_path)
    done = subprocess.run(
        [*WIZARD, "demo", "--check"],
        env={**os.environ, "TMPDIR": named},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"proxy-wizard: error: {named}: ")
    assert done.stderr.endswith("with TMPDIR.\n")
    assert done.stderr.count("\n") == 1
    assert contents(tmp_path) == before


def test_a_place_where_this_user_may_not_write(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.fail("this test becomes another user: run it as root")
    top = Path("/var/lib")  # nobody may look into pytest's own
    assert "cannot be made" not in nobody(TMPDIR="/var/tmp").stderr
    told = nobody(TMPDIR=str(top)).stderr
    assert "WizardError: /var/lib: no temporary directory can be made here" in told


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk").mkdir()
    with disks.small(tmp_path / "disk") as disk:
        monkeypatch.setenv("TMPDIR", str(disk))
        told = f"{disk}: no space is left here for temporary files"
        with pytest.raises(WizardError, match=told), scratch.directory("files") as made:
            (made / "large").write_bytes(bytes(1 << 20))
        assert not contents(disk)


def test_a_disk_without_an_inode_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is left for the directory itself, none for what is in it; and then two, and three."""
    (tmp_path / "disk").mkdir()
    for free in range(4):
        with disks.small(tmp_path / "disk", f"nr_inodes={free + 1}") as disk:
            monkeypatch.setenv("TMPDIR", str(disk))
            if free == 3:
                with scratch.directory("files"):
                    pass
            else:
                told = rf"{disk}: no temporary directory can be made here \(No space left"
                with pytest.raises(WizardError, match=told), scratch.directory("files"):
                    pass
            assert not contents(disk)


def test_nothing_is_run_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``noexec`` does no harm."""
    (tmp_path / "disk").mkdir()
    with disks.small(tmp_path / "disk", "noexec") as disk:
        monkeypatch.setenv("TMPDIR", str(disk))
        with scratch.directory("files") as made:
            (made / "file").touch()
        assert not contents(disk)
