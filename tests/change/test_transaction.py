"""A change: all or nothing; a fault at every step; what must be kept, and what refused."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from tests.support import disks, others
from wizard.change import journal, transaction
from wizard.change.journal import Held, Store, Target
from wizard.change.staging import Staging
from wizard.change.transaction import UnfinishedError
from wizard.errors import ChangeError, EditedError
from wizard.wording.errors import describe

ROOT = os.geteuid() == 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Held]:
    with Store(tmp_path.resolve() / "state").locked("apply") as held:
        yield held


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "etc" / "site.conf"
    path.parent.mkdir()
    path.write_bytes(b"old\n")
    path.chmod(0o640)
    return path


def change(store: Held, *targets: Target) -> str:
    return transaction.apply(store, "/etc/main.conf", ["because"], targets).id


@pytest.mark.parametrize("action", ["apply", "finish", "undo"])
@pytest.mark.parametrize(
    ("kind", "staged"),
    [
        *((kind, "in the journal") for kind in ("kill", "ENOSPC", "EROFS", "EACCES", "EIO")),
        *((kind, staged) for kind in ("kill", "EIO") for staged in ("beside", "above")),
    ],
)
def test_a_fault_at_every_step_leaves_the_old_or_the_new_state(
    kind: str, action: str, staged: str, tmp_path: Path
) -> None:
    memory = "/dev/shm"  # thousands of fsync; and another file system than that of the tests
    state = {"in the journal": [], "beside": [f"{tmp_path}/s"], "above": [f"{tmp_path}/s", "above"]}
    with tempfile.TemporaryDirectory(dir=memory) as place:
        assert Path(place).stat().st_dev != tmp_path.stat().st_dev
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.change.faults", f"{place}/world", kind, action),
                *state[staged],
            ],
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["faults"] >= 8, told
    if kind != "kill" and action == "apply":
        assert not any(outcome.startswith("mixed") for outcome in told["outcomes"])


def test_owner_mode_and_attributes_stay(store: Held, file: Path) -> None:
    os.setxattr(file, "user.note", b"kept")
    if ROOT:
        os.chown(file, 12, 34)
    before = file.stat()
    identifier = change(store, Target(str(file), b"old\n", b"new\n"))
    for content in (b"new\n", b"old\n"):
        after = file.stat()
        assert file.read_bytes() == content
        assert (after.st_mode, after.st_uid, after.st_gid) == (
            before.st_mode,
            before.st_uid,
            before.st_gid,
        )
        assert os.getxattr(file, "user.note") == b"kept"
        if content == b"new\n":
            transaction.undo(store, store.read(identifier))


def test_new_files_and_directories_come_and_go(store: Held, file: Path) -> None:
    bundle = file.parent / "ssl" / "ca" / "bundle.pem"
    os.umask(old := os.umask(0o077))
    identifier = change(store, Target(str(bundle), None, b"pem\n"))
    os.umask(old)
    assert bundle.read_bytes() == b"pem\n"
    assert bundle.stat().st_mode & 0o777 == 0o644
    assert bundle.parent.stat().st_mode & 0o777 == 0o755
    transaction.undo(store, store.read(identifier))
    assert not (file.parent / "ssl").exists()


def test_backups_are_for_their_owner_only(store: Held, file: Path) -> None:
    identifier = change(store, Target(str(file), b"old\n", b"new\n"))
    assert store.directory.stat().st_mode & 0o777 == 0o700
    for entry in (store.directory / identifier).iterdir():
        assert entry.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_edited_since_the_plan_is_refused_with_a_diff(
    store: Held, file: Path
) -> None:
    file.write_bytes(b"old\nand more\n")
    with pytest.raises(EditedError) as caught:
        change(store, Target(str(file), b"old\n", b"new\n"))
    assert "+and more" in caught.value.diff
    assert file.read_bytes() == b"old\nand more\n"
    assert store.changes() == []


def test_a_file_that_was_edited_after_the_change_is_not_rolled_back(
    store: Held, file: Path
) -> None:
    identifier = change(store, Target(str(file), b"old\n", b"new\n"))
    file.write_bytes(b"new\nmine\n")
    with pytest.raises(EditedError) as caught:
        transaction.undo(store, store.read(identifier))
    assert "+mine" in caught.value.diff
    assert store.read(identifier).state == "applied"


def test_a_concurrent_editor_wins(store: Held, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves the file while the new one is being staged."""

    write = Staging.write

    def slow(*args: Any) -> None:
        write(*args)
        file.write_bytes(b"edited\n")

    monkeypatch.setattr(Staging, "write", slow)
    with pytest.raises(EditedError):
        change(store, Target(str(file), b"old\n", b"new\n"))
    assert file.read_bytes() == b"edited\n"
    assert [p.name for p in file.parent.iterdir()] == ["site.conf"]
    assert store.unfinished() is None


def test_a_file_swapped_for_a_link_is_refused(store: Held, file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"old\n")
    file.unlink()
    file.symlink_to(victim)
    with pytest.raises(ChangeError, match="symbolic link"):
        change(store, Target(str(file), b"old\n", b"new\n"))
    assert victim.read_bytes() == b"old\n"


def test_a_directory_swapped_for_a_link_is_refused(store: Held, file: Path, tmp_path: Path) -> None:
    other = tmp_path.resolve() / "other"
    file.parent.rename(other)
    file.parent.symlink_to(other)
    with pytest.raises(ChangeError, match="symbolic link"):
        change(store, Target(str(file), b"old\n", b"new\n"))
    assert (other / "site.conf").read_bytes() == b"old\n"


def test_a_link_planted_where_a_new_file_goes_is_not_followed(
    store: Held, file: Path, tmp_path: Path
) -> None:
    planted = file.parent / "bundle.pem"
    planted.symlink_to(tmp_path / "victim")
    with pytest.raises(ChangeError):
        change(store, Target(str(planted), None, b"pem\n"))
    assert not (tmp_path / "victim").exists()


def test_a_new_file_below_a_link_goes_where_the_link_leads(
    store: Held, file: Path, tmp_path: Path
) -> None:
    link = tmp_path.resolve() / "link"
    link.symlink_to(file.parent)
    wanted = transaction.targets({f"{link}/proxy-trust/new.pem": b"new\n"}, {})
    assert [t.path for t in wanted] == [f"{file.parent}/proxy-trust/new.pem"]
    identifier = change(store, *wanted)
    assert (link / "proxy-trust/new.pem").read_bytes() == b"new\n"
    transaction.undo(store, store.read(identifier))
    assert not (link / "proxy-trust").exists()


def test_what_somebody_else_settled_meanwhile_is_not_done_again(store: Held, file: Path) -> None:
    applied = store.read(change(store, Target(str(file), b"old\n", b"new\n")))
    interrupted = store.mark(applied, "applying")
    transaction.undo(store, interrupted)
    with pytest.raises(ChangeError, match="is undone by now"):
        transaction.finish(store, interrupted)
    with pytest.raises(ChangeError, match="is undone already"):
        transaction.undo(store, applied)
    assert file.read_bytes() == b"old\n"


def test_changes_are_undone_in_reverse_order(store: Held, file: Path) -> None:
    first = change(store, Target(str(file), b"old\n", b"new\n"))
    second = change(store, Target(str(file), b"new\n", b"newer\n"))
    assert second > first
    with pytest.raises(ChangeError):
        transaction.undo(store, store.read(first))
    transaction.undo(store, store.read(second))
    transaction.undo(store, store.read(first))
    assert file.read_bytes() == b"old\n"
    with pytest.raises(ChangeError, match="undone already"):
        transaction.undo(store, store.read(first))


def test_the_order_of_changes_is_not_the_clocks(
    store: Held, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was set back made the older of two changes the last one, which the newer kept
    from being undone."""

    class Back(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Back:
            return cls(2020, 1, 1, tzinfo=tz)

    change(store, Target(str(file), b"old\n", b"new\n"))
    monkeypatch.setattr(journal, "datetime", Back)
    second = change(store, Target(str(file), b"new\n", b"newer\n"))
    assert store.to_undo(None).id == second
    for content in (b"new\n", b"old\n"):
        transaction.undo(store, store.to_undo(None))
        assert file.read_bytes() == content


def test_an_interrupted_change_must_be_settled_first(store: Held, file: Path) -> None:
    interrupted = store_prepared(store, file)
    with pytest.raises(UnfinishedError) as caught:
        change(store, Target(str(file), b"old\n", b"other\n"))
    assert caught.value.change.id == interrupted
    assert f"rollback {interrupted}" in describe(caught.value)
    assert "Finish it, or undo it (u), in step 5." in describe(caught.value, wizard=True)
    transaction.finish(store, store.read(interrupted))
    assert file.read_bytes() == b"new\n"
    assert store.unfinished() is None


def store_prepared(store: Held, file: Path) -> str:
    return store.prepare("main", ["x"], [Target(str(file), b"old\n", b"new\n")]).id


@pytest.mark.parametrize(
    "damage",
    [
        "", "{", "[]", '{"id": 1}', "\xff", "[" * 100_000, {"files": {"a": 1}}, {"files": "ab"},
        {"state": ["applied"]}, {"state": "\x1b[2J"}, {"id": "20260101-000000-0001"},
        {"created": 5}, {"created": "\x1b[2J"}, {"config": 5}, {"config": "/a\0b"}, {"httpd": 5},
        {"reasons": [1]}, {"path": "6162"}, {"path": ""}, {"path": "2f610062"},
    ],
)  # fmt: skip
def test_a_damaged_journal_is_told(
    store: Held, file: Path, damage: str | dict[str, object]
) -> None:
    """With what goes on: it keeps every other change from being made or undone."""
    identifier = change(store, Target(str(file), b"old\n", b"new\n"))
    journal = store.directory / identifier / "journal.json"
    if isinstance(damage, dict):
        document = json.loads(journal.read_bytes())
        document["files"][0]["path"] = damage.pop("path", document["files"][0]["path"])
        damage = json.dumps(document | damage)
    journal.write_text(damage)
    for asked in (lambda: store.read(identifier), store.changes, store.unfinished):
        with pytest.raises(ChangeError, match="damaged") as caught:
            asked()
        assert caught.value.file == str(journal)
        assert f"move {journal.parent} " in describe(caught.value)
    journal.parent.rename(file.parent / "elsewhere")
    assert store.changes() == []


def test_a_damaged_backup_is_not_written_back(store: Held, file: Path) -> None:
    identifier = change(store, Target(str(file), b"old\n", b"new\n"))
    (store.directory / identifier / "0.old").write_bytes(b"rubbish")
    with pytest.raises(ChangeError, match="damaged") as caught:
        transaction.undo(store, store.read(identifier))
    assert "by hand" in describe(caught.value)
    assert file.read_bytes() == b"new\n"


@pytest.mark.parametrize("name", ["../../etc", "20260101-000000-zzzz", ""])
def test_no_such_change(store: Held, name: str) -> None:
    with pytest.raises(ChangeError, match="no change"):
        store.read(name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path.resolve() / "disk"
    place.mkdir()
    with disks.small(place):
        yield place


def test_a_full_disk_changes_nothing(store: Held, small_disk: Path) -> None:
    file = small_disk / "site.conf"
    file.write_bytes(b"old\n")
    (small_disk / "filler").write_bytes(b"x" * 40 * 1024)
    with pytest.raises(OSError) as caught:
        change(
            store,
            Target(str(small_disk / "bundle.pem"), None, b"pem\n"),
            Target(str(file), b"old\n", b"n" * 48 * 1024),
        )
    assert caught.value.errno == errno.ENOSPC
    assert file.read_bytes() == b"old\n"
    assert sorted(p.name for p in small_disk.iterdir()) == ["filler", "site.conf"]
    assert store.unfinished() is None


def test_a_full_state_directory_changes_nothing(small_disk: Path, file: Path) -> None:
    store = Store(small_disk / "state")
    with store.locked("apply") as held, pytest.raises(OSError) as caught:
        change(held, Target(str(file), b"old\n", b"n" * 80 * 1024))
    assert caught.value.errno == errno.ENOSPC
    assert file.read_bytes() == b"old\n"
    assert store.changes() == []


def test_a_read_only_file_system_changes_nothing(store: Held, small_disk: Path) -> None:
    file = small_disk / "site.conf"
    file.write_bytes(b"old\n")
    disks.read_only(small_disk)
    with pytest.raises(OSError) as caught:
        change(store, Target(str(file), b"old\n", b"new\n"))
    assert caught.value.errno == errno.EROFS
    assert file.read_bytes() == b"old\n"
    assert store.unfinished() is None


def test_no_new_file_where_others_could_replace_it(store: Held, file: Path) -> None:
    """Whoever gives the directory away after the plan was made has no CA file written there."""
    bundle = file.parent / "ssl" / "bundle.pem"
    bundle.parent.mkdir()
    others.give(bundle.parent)
    with pytest.raises(ChangeError, match="who owns") as caught:
        change(store, Target(str(file), b"old\n", b"new\n"), Target(str(bundle), None, b"pem\n"))
    assert caught.value.file == str(bundle)
    assert file.read_bytes() == b"old\n"
    assert not bundle.exists()
