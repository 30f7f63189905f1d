"""Every error of a change says what is wrong where, what is on disk, and what goes on."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import disks, others
from wizard.change import left, staging, transaction
from wizard.change.journal import Held, Store, Target
from wizard.errors import EditedError, FileError, Left, Obstacle, WizardError
from wizard.model.change import Change
from wizard.wording.errors import describe, edits, on_disk

OLD, NEW = b"old\n", b"new\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Held]:
    with Store(tmp_path.resolve() / "state").locked("apply") as held:
        yield held


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """64 KiB, with a file."""
    place = tmp_path.resolve() / "disk"
    place.mkdir()
    with disks.small(place):
        (place / "site.conf").write_bytes(OLD)
        yield place


def apply(store: Held, *targets: Target) -> Change:
    with left.telling(store):
        return transaction.apply(store, "", ["because"], targets)


def undo(store: Held, change: Change) -> Change:
    with left.telling(store, change):
        return transaction.undo(store, change)


def flagged(path: Path, flag: str) -> contextlib.ExitStack:
    """A file or directory with a flag of chattr(1), until the stack is closed."""
    done = subprocess.run(["chattr", f"+{flag}", str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.fail(f"this test needs root and a file system with flags: {done.stderr.strip()}")
    stack = contextlib.ExitStack()
    stack.callback(subprocess.run, ["chattr", f"-{flag}", str(path)], check=True)
    return stack


def refused(caught: pytest.ExceptionInfo[FileError], obstacle: Obstacle, *said: str) -> None:
    """What is said names the obstacle, and that nothing is changed."""
    assert caught.value.obstacle == obstacle
    told = describe(caught.value)
    for words in said:
        assert words in told, told
    for wizard in (False, True):
        told = describe(caught.value, wizard=wizard)
        assert re.search("Nothing was changed.|All files are as they were.", told), told
        assert told.endswith("when that is mended.")


def test_a_full_disk(store: Held, disk: Path) -> None:
    (disk / "filler").write_bytes(b"x" * 40 * 1024)
    with pytest.raises(FileError) as caught:
        apply(store, Target(f"{disk}/site.conf", OLD, b"n" * 48 * 1024))
    refused(
        caught, "full", f"{disk}/site.conf: No space left on device. ",
        f"The file system at {disk} is full", "Nothing was changed.",
    )  # fmt: skip


def test_a_full_disk_of_the_journal(disk: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_bytes(OLD)
    with Store(disk / "state").locked("apply") as held, pytest.raises(FileError) as caught:
        apply(held, Target(str(file), OLD, b"n" * 80 * 1024))
    refused(caught, "full", f"{disk}/state/", "/0.new: No space left", "Nothing was changed.")


def test_a_journal_that_is_full_after_it_was_begun_keeps_nobody(
    store: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack: nothing was touched, and each later change was refused as interrupted."""
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(store.directory))

    with monkeypatch.context() as until:
        until.setattr(Held, "mark", full)
        with pytest.raises(FileError) as caught:
            apply(store, Target(str(file), OLD, NEW))
    refused(caught, "full", f"{store.directory}: ", "Nothing was changed.")
    assert store.changes() == []
    assert apply(store, Target(str(file), OLD, NEW)).state == "applied"


def test_a_full_disk_at_the_way_back(store: Held, disk: Path) -> None:
    file = Target(f"{disk}/site.conf", OLD, NEW)
    big = Target(f"{disk}/big.conf", b"o" * 16 * 1024, b"n\n")
    (disk / "big.conf").write_bytes(big.before or b"")
    change = apply(store, file, big)
    with contextlib.suppress(OSError), (disk / "filler").open("wb", 0) as filler:
        while filler.write(b"x" * 4096):
            pass
    with pytest.raises(FileError) as caught:
        undo(store, change)
    told = describe(caught.value)
    assert f"{disk}/big.conf: No space left on device." in told
    assert re.search(r"Nothing was changed|\d of 2 files are new: |as the change makes them", told)


def test_a_read_only_disk(store: Held, disk: Path) -> None:
    disks.read_only(disk)
    with pytest.raises(FileError) as caught:
        apply(store, Target(f"{disk}/site.conf", OLD, NEW))
    refused(
        caught, "read-only", f"{disk}/site.conf: Read-only file system.",
        f"`mount -o remount,rw {disk}`",
    )  # fmt: skip


@pytest.mark.parametrize("flag", ["i", "a"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_flag_that_binds_root(store: Held, tmp_path: Path, flag: str, whole: bool) -> None:
    file = tmp_path.resolve() / "etc" / "site.conf"
    file.parent.mkdir()
    file.write_bytes(OLD)
    place = file.parent if whole else file
    obstacle: Obstacle = "immutable" if flag == "i" else "append-only"
    with flagged(place, flag):
        with pytest.raises(FileError) as caught:
            apply(store, Target(str(file), OLD, NEW))
        refused(
            caught, obstacle, f"{file}: ", f"{place} ", "lsattr -d", f"`chattr -{flag} {place}`"
        )
        assert "become root" not in describe(caught.value)
    assert file.read_bytes() == OLD


def test_a_journal_with_a_flag(store: Held, tmp_path: Path) -> None:
    """A rename fails for the name that it gives: SELinux was named."""
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)
    change = apply(store, Target(str(file), OLD, NEW))
    journal = store.directory / change.id / "journal.json"
    with flagged(journal, "i"), pytest.raises(FileError) as caught:
        undo(store, change)
    refused(caught, "immutable", f"`chattr -i {journal}`", "Nothing was changed.")


def test_whoever_may_not(tmp_path: Path) -> None:
    """As another user, to whom the directory is closed."""
    place = tmp_path.resolve() / "etc"
    place.mkdir()
    (place / "site.conf").write_bytes(OLD)
    home = tmp_path / "home"
    home.mkdir()
    others.give(home)
    for above in (tmp_path, *tmp_path.parents):
        if above.owner() == "root" and above not in (Path("/"), Path("/tmp")):
            above.chmod(above.stat().st_mode | 0o011)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setresgid(others.NOBODY, others.NOBODY, others.NOBODY)
            os.setresuid(others.NOBODY, others.NOBODY, others.NOBODY)
            with Store(home / "state").locked("apply") as held:
                try:
                    apply(held, Target(f"{place}/site.conf", OLD, NEW))
                except FileError as error:
                    told = describe(error)
                    good = error.obstacle == "permission" and "root may" in told
                    code = 0 if good and f"{place}/site.conf: Permission denied" in told else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize(
    ("number", "obstacle"),
    [
        (errno.EDQUOT, "quota"),
        (errno.EBUSY, "mounted"),
        (errno.ETXTBSY, "other"),
        (errno.EIO, "other"),
        (errno.EMFILE, "other"),
    ],
)
def test_what_the_system_says_is_never_lost(
    store: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, obstacle: Obstacle
) -> None:
    """With the file, whose name write(2), fsync(2) and their like do not give."""
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)

    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(staging, "write", failing)
    with pytest.raises(FileError) as caught:
        apply(store, Target(str(file), OLD, NEW))
    refused(caught, obstacle, f"{file}: {os.strerror(number)}.")


def test_files_that_differ_are_counted_and_named() -> None:
    half = Left("20261130-000000-0001", "applying", ("/a", "/b"), ("/c",), (), "/var/lib/x/2026")
    assert on_disk(half) == (
        "2 of 3 files are new: /a, /b. As they were: /c. The change 20261130-000000-0001 is half "
        "made (applying), /var/lib/x/2026 has both."
    )
    error = WizardError("it failed.")
    error.left = half
    assert "apply --finish" in describe(error)
    assert "proxy-wizard rollback 20261130-000000-0001" in describe(error)
    assert "Finish it, or undo it (u), in step 5." in describe(error, wizard=True)
    many = Left("1", "undone", tuple(f"/{n}" for n in range(9)))
    assert on_disk(many) == (
        "All files are as the change makes them: /0, /1, /2, /3, /4 and 4 more."
    )


def test_what_is_on_disk_is_said_however_much_httpd_says() -> None:
    error = WizardError("httpd -t: " + "Syntax error " * 1000)
    error.left = Left("20260101-000000-0001", "written", ("/a",), ("/b",))
    told = describe(error)
    assert len(told) < 3000
    assert "… 1 of 2 files are new: /a." in told
    assert told.endswith("proxy-wizard rollback 20260101-000000-0001`.")


def test_what_a_change_of_ours_made_nobody_edited(store: Held, tmp_path: Path) -> None:
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)
    other = apply(store, Target(str(file), OLD, b"other\n"))
    with pytest.raises(EditedError) as caught:
        apply(store, Target(str(file), OLD, NEW))
    told = describe(caught.value)
    assert f"the change {other.id} wrote this file since the plan was made." in told
    assert "edited" not in told
    assert "Nothing was changed. Run the command again." in told
    assert "r in the case reads it again." in describe(caught.value, wizard=True)
    undo(store, other)
    with pytest.raises(EditedError) as caught:
        apply(store, Target(str(file), b"other\n", NEW))
    assert f"the change {other.id} was taken back since" in describe(caught.value)
    file.write_bytes(b"edited\n")
    with pytest.raises(EditedError, match="was edited since"):
        apply(store, Target(str(file), OLD, NEW))


def test_the_difference_is_whole_bounded_and_masked(store: Held, tmp_path: Path) -> None:
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)
    change = apply(store, Target(str(file), OLD, NEW))
    secret = b"RequestHeader set Authorization hunter2hunter2\n"
    file.write_bytes(NEW + secret + b"".join(b"Listen %d\n" % n for n in range(300)))
    with pytest.raises(EditedError) as caught:
        undo(store, change)
    shown = edits(caught.value)
    assert "+Listen 7" in shown
    assert len(shown) == 201
    assert shown[-1] == "… 105 more lines of this diff are left out."
    assert "hunter2" not in "".join(shown)
    file.write_bytes(b"x\n" * 1_000_000)
    with pytest.raises(EditedError) as caught:
        undo(store, change)
    assert edits(caught.value) == ["The file is too long to show here what was edited."]
    assert store.read(change.id).state == "applied"


def test_an_error_in_the_middle_says_what_is_there(
    store: Held, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file is back, the next cannot be written."""
    files = [tmp_path.resolve() / name for name in ("a.conf", "b.conf")]
    for file in files:
        file.write_bytes(OLD)
    change = apply(store, *(Target(str(file), OLD, NEW) for file in files))
    real = os.rename

    def failing(source: str, name: str, **directories: int) -> None:
        if name == "a.conf":  # files are brought back in the opposite order
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(source, name, **directories)

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(FileError) as caught:
        undo(store, change)
    told = describe(caught.value)
    assert f"{files[0]}: Input/output error. 1 of 2 files are new: {files[0]}." in told
    assert f"As they were: {files[1]}." in told
    assert f"proxy-wizard rollback {change.id}" in told
