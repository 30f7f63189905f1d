"""One at a time: who waits for whom, what a killed holder leaves, and a lock file that is none."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wizard.change import left, lock
from wizard.change.journal import Store
from wizard.errors import ChangeError, FileError, StoppedError
from wizard.model.change import BusyError, Holder
from wizard.wording import change as wording
from wizard.wording.errors import describe

HOLD = """
import sys, time
from pathlib import Path
from wizard.change.journal import Store
with Store(Path(sys.argv[1])).locked("rollback"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path.resolve() / "state")


@contextlib.contextmanager
def held_elsewhere(store: Store) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.directory)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.4)


def test_who_works_is_told_while_it_is_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch)
    told: list[tuple[Holder, float]] = []
    began = time.time()
    with held_elsewhere(store) as other:
        with (
            pytest.raises(BusyError) as caught,
            store.locked("apply", waiting=lambda *by: told.append(by)),
        ):
            pass
        assert store.holder() == caught.value.holder
    holder, waited = told[0]
    assert (holder.pid, holder.command) == (other.pid, "rollback")
    assert began - 2 <= holder.since <= time.time()
    assert waited < 0.3
    said = describe(caught.value)
    assert f"`proxy-wizard rollback` (process {other.pid}) has been working here since " in said
    assert "Nothing was changed" in said


def test_the_wait_ends_with_the_holder(store: Store) -> None:
    with held_elsewhere(store) as other:
        threading.Timer(0.5, other.kill).start()
        with store.locked("apply"):
            holder = store.holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    assert store.holder() is None
    assert (store.directory / "lock").read_bytes() == b""


def test_the_wait_can_be_left(store: Store) -> None:
    stop = threading.Event()
    with (
        held_elsewhere(store),
        pytest.raises(StoppedError),
        store.locked("wizard", waiting=lambda *_: stop.set(), stop=stop),
    ):
        pass


def test_a_holder_that_was_killed_holds_nothing(store: Store) -> None:
    with held_elsewhere(store) as other:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert (store.directory / "lock").read_bytes() != b""  # its last word
        assert store.holder() is None
        with store.locked("apply"):
            pass


def test_its_children_do_not_hold_it_either(store: Store) -> None:
    with store.locked("apply"):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert store.holder() is None
    finally:
        child.kill()
        child.communicate()


def test_the_lock_is_whole_in_one_process_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers of the wizard."""
    short(monkeypatch)
    with store.locked("wizard"), pytest.raises(BusyError), store.locked("wizard"):
        pass


def test_a_lock_file_that_was_removed_keeps_nobody_out_of_its_successor(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits at the old file must not have it, when the next has a new one."""
    short(monkeypatch)
    real = lock._is_there
    entered: list[bool] = []

    def removed_at_first(path: Path, descriptor: int) -> bool:
        if not entered:
            entered.append(True)
            path.unlink()
        return real(path, descriptor)

    monkeypatch.setattr(lock, "_is_there", removed_at_first)
    with store.locked("apply"), pytest.raises(BusyError), Store(store.directory).locked("apply"):
        pass


def link(place: Path) -> None:
    (place.parent / "victim").write_bytes(b"precious\n")
    place.symlink_to(place.parent / "victim")


def second_name(place: Path) -> None:
    (place.parent / "victim").write_bytes(b"precious\n")
    place.hardlink_to(place.parent / "victim")


def fifo(place: Path) -> None:
    os.mkfifo(place)


@pytest.mark.parametrize("make", [link, second_name, fifo, Path.mkdir])
def test_what_is_no_lock_file_is_refused(store: Store, make: Callable[[Path], None]) -> None:
    store.directory.mkdir(mode=0o700)
    place = store.directory / "lock"
    make(place)
    refused = pytest.raises(ChangeError, match="a lock file is to stand here")
    with refused as caught, store.locked("apply"):
        pass
    assert caught.value.file == str(place)
    assert store.holder() is None
    victim = store.directory / "victim"
    assert not victim.exists() or victim.read_bytes() == b"precious\n"


HOSTILE = {
    "empty": b"",
    "binary": bytes(range(256)),
    "huge": b"9" * 10_000_000,
    "escape": b"1 1 1 \x1b]0;owned\x07\n",
    "long ago": b"1 0 99999999999 apply\n",
    "no such process": b"4194305 7 1 apply\n",
    "no number": "１ 1 1 apply\n".encode(),
    "another process": f"{os.getpid()} 1 1 apply\n".encode(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_text_is_not_believed(store: Store, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    short(monkeypatch)
    with held_elsewhere(store):
        (store.directory / "lock").write_bytes(HOSTILE[kind])
        holder = store.holder()
        with pytest.raises(BusyError) as caught, store.locked("apply"):
            pass
    assert holder == caught.value.holder == Holder()
    assert describe(caught.value).startswith("another command of proxy-wizard is working here")
    with store.locked("apply"):  # and it stands in nobody's way
        assert len((store.directory / "lock").read_bytes()) < 64


def test_a_time_of_another_day_is_told_with_its_date() -> None:
    said = wording.working(Holder(7, "wizard", 99_999_999_999))
    assert said.startswith("the wizard (process 7) has been working here since 5138-")


def test_others_cannot_hold_it(store: Store) -> None:
    with store.locked("apply"):
        pass
    assert stat.S_IMODE((store.directory / "lock").stat().st_mode) == 0o600


def test_a_file_system_without_locks_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS without its lock daemon, some FUSE: whoever only reads is not kept from it."""

    def flock(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with store.locked("apply"):
        pass
    monkeypatch.setattr("fcntl.flock", flock)
    assert store.holder() is None
    with pytest.raises(FileError) as caught, left.telling(store), store.locked("apply"):
        pass
    told = describe(caught.value)
    assert told.startswith(f"{store.directory}/lock: No locks available. Nothing was changed.")
