"""An undo, or the rest of a change, begins only when all of it can be done; else nothing is marked,
nothing stays behind, and other changes are made as before."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.support import disks
from wizard.change import transaction
from wizard.change.journal import Held, Store, Target
from wizard.errors import ChangeError

OLD = {"1.conf": b"old 1\n", "2.conf": b"old 2\n", "3.conf": b"old 3\n"}
Obstacle = Callable[[Path, Held], AbstractContextManager[None]]


@contextlib.contextmanager
def _flag(path: Path, flag: str) -> Iterator[None]:
    done = subprocess.run(["chattr", f"+{flag}", path], capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"this test needs a file system with chattr, and root: {done.stderr}")
    try:
        yield
    finally:
        subprocess.run(["chattr", f"-{flag}", path], check=True)


def immutable_file(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc / "2.conf", "i")


def append_only_file(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc / "1.conf", "a")


def immutable_directory(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc, "i")


def append_only_directory(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc, "a")


def immutable_bundle(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc / "ca" / "new.pem", "i")


def immutable_directory_of_the_bundle(etc: Path, _: Held) -> AbstractContextManager[None]:
    return _flag(etc / "ca", "i")


def immutable_journal(_: Path, store: Held) -> AbstractContextManager[None]:
    """The backups can be read, and the change cannot be marked."""
    return _flag(store.place(store.changes()[0]), "i")


@contextlib.contextmanager
def read_only(etc: Path, _: Held) -> Iterator[None]:
    subprocess.run(["mount", "--bind", etc, etc], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", etc], check=True)
        yield
    finally:
        subprocess.run(["umount", etc], check=True)


@contextlib.contextmanager
def mounted_file(etc: Path, _: Held) -> Iterator[None]:
    subprocess.run(["mount", "--bind", etc / "3.conf", etc / "3.conf"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", etc / "3.conf"], check=True)


@contextlib.contextmanager
def _backup(store: Held, data: bytes | None) -> Iterator[None]:
    place = store.place(store.changes()[0]) / "2.old"
    kept = place.read_bytes()
    place.unlink()
    if data is not None:
        place.write_bytes(data)
    try:
        yield
    finally:
        place.write_bytes(kept)


def missing_backup(_: Path, store: Held) -> AbstractContextManager[None]:
    return _backup(store, None)


def truncated_backup(_: Path, store: Held) -> AbstractContextManager[None]:
    return _backup(store, b"")


def damaged_backup(_: Path, store: Held) -> AbstractContextManager[None]:
    return _backup(store, b"old x\n")


OBSTACLES = [
    immutable_file,
    append_only_file,
    immutable_directory,
    append_only_directory,
    immutable_bundle,
    immutable_directory_of_the_bundle,
    immutable_journal,
    read_only,
    mounted_file,
    missing_backup,
    truncated_backup,
    damaged_backup,
]


class World:
    def __init__(self, place: Path, store: Held) -> None:
        self.store = store
        self.etc = place / "etc"
        self.etc.mkdir()
        for name, data in OLD.items():
            (self.etc / name).write_bytes(data)
        (place / "elsewhere").mkdir()
        self.further = place / "elsewhere" / "further.conf"
        self.further.write_bytes(b"1")
        bundle = self.etc / "ca" / "new.pem"
        self.targets = [Target(str(self.etc / n), d, b"new" + d[3:]) for n, d in OLD.items()]
        self.targets.append(Target(str(bundle), None, b"pem\n"))

    def content(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in self.etc.rglob("*") if p.is_file()}

    def names(self) -> set[str]:
        """All there is: nothing may come or stay."""
        return {str(p) for top in (self.etc, self.store.directory) for p in top.rglob("*")}

    def another(self) -> None:
        """Another change, made and undone."""
        data = self.further.read_bytes()
        target = Target(str(self.further), data, data + b"1")
        transaction.apply(self.store, "main", ["x"], [target])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    if os.geteuid() != 0:
        pytest.fail("this test makes files immutable and mounts: run it as root")
    place = tmp_path.resolve()
    with Store(place / "state").locked("apply") as held:
        yield World(place, held)


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_an_undo_that_cannot_begin(world: World, obstacle: Obstacle) -> None:
    change = transaction.apply(world.store, "main", ["x"], world.targets)
    before = world.content()
    with obstacle(world.etc, world.store):
        there = world.names()
        for _ in range(2):
            with pytest.raises((OSError, ChangeError)):
                transaction.undo(world.store, change)
            assert world.content() == before
            assert world.store.read(change.id).state == "applied"
            assert world.names() == there
        world.another()
    transaction.undo(world.store, world.store.read(change.id))
    assert world.content() == OLD
    assert not (world.etc / "ca").exists()


@pytest.mark.parametrize(
    "obstacle",
    # there is no bundle yet, and no backup is read
    [o for o in OBSTACLES if "bundle" not in o.__name__ and "backup" not in o.__name__],
)
def test_the_rest_of_a_change_that_cannot_begin(world: World, obstacle: Obstacle) -> None:
    """Interrupted before anything was written."""
    change = world.store.prepare("main", ["x"], world.targets)
    with obstacle(world.etc, world.store):
        there = world.names()
        with pytest.raises((OSError, ChangeError)):
            transaction.finish(world.store, change)
        assert world.content() == OLD
        assert world.store.read(change.id).state == "prepared"
        assert world.names() == there
    transaction.finish(world.store, change)
    assert set(world.content()) == {*OLD, "new.pem"}


def test_an_undo_after_a_failed_reload_that_cannot_begin(world: World) -> None:
    """It was written and not taken: it stays so, and is named as interrupted."""
    change = transaction.apply(world.store, "main", ["x"], world.targets, then="written")
    there = world.names()
    with immutable_file(world.etc, world.store), pytest.raises(PermissionError):
        transaction.undo(world.store, change)
    assert world.names() == there
    assert world.store.read(change.id).state == "written"
    transaction.undo(world.store, change)
    assert world.content() == OLD


def test_an_undo_on_a_full_disk(tmp_path: Path) -> None:
    place = tmp_path.resolve() / "disk"
    place.mkdir()
    with disks.small(place), Store(place / "state").locked("apply") as held:
        world = World(place, held)
        big = world.etc / "big.conf"
        big.write_bytes(b"x" * 8_000)
        target = Target(str(big), big.read_bytes(), b"short\n")
        change = transaction.apply(world.store, "main", ["x"], [target])
        filler = place / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 1024)
        there = world.names()
        with pytest.raises(OSError, match="No space"):
            transaction.undo(world.store, change)
        assert world.names() == there
        assert world.store.read(change.id).state == "applied"
        filler.unlink()
        transaction.undo(world.store, change)
        assert big.read_bytes() == b"x" * 8_000


def test_a_rename_that_fails_before_anything_is_touched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no look tells beforehand (a security module, a server of files) is no half undo."""
    change = transaction.apply(world.store, "main", ["x"], world.targets[:3])
    real = os.rename

    def refused(*words: Any, **options: Any) -> None:
        if "dst_dir_fd" in options:
            raise PermissionError(13, "Permission denied")
        real(*words, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", refused)
        with pytest.raises(PermissionError) as caught:
            transaction.undo(world.store, change)
    assert caught.value.filename == str(world.etc / "3.conf")
    assert world.store.read(change.id).state == "applied"
    world.another()


def test_a_directory_that_others_use_by_now_stays(world: World) -> None:
    change = transaction.apply(world.store, "main", ["x"], world.targets)
    (world.etc / "ca" / "theirs.pem").write_bytes(b"theirs")
    transaction.undo(world.store, change)
    assert world.content() == {**OLD, "theirs.pem": b"theirs"}
