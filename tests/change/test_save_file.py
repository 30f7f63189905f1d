"""Where a patch is saved: what others laid there is neither followed nor filled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import others
from wizard.change.save_file import save
from wizard.errors import ChangeError


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return others.shared(tmp_path / "shared")


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        save(str(tmp_path / "a.patch"), b"new")
    finally:
        os.umask(old)
    assert (tmp_path / "a.patch").read_bytes() == b"new"
    assert (tmp_path / "a.patch").stat().st_mode & 0o777 == 0o640


def test_ones_own_file_and_link(tmp_path: Path, shared: Path) -> None:
    for place in (tmp_path, shared):
        target = tmp_path / "target"
        target.write_bytes(b"longer than that")
        (place / "link").symlink_to(target)
        save(str(place / "link"), b"new")
        assert (place / "link").is_symlink()
        assert target.read_bytes() == b"new"
        (place / "own").write_bytes(b"longer than that")
        save(str(place / "own"), b"new")
        assert (place / "own").read_bytes() == b"new"


def test_a_link_of_somebody_else(tmp_path: Path, shared: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    for place in (tmp_path, shared):
        (place / "link").symlink_to(victim)
        others.give(place / "link")
        with pytest.raises(ChangeError, match="somebody else"):
            save(str(place / "link"), b"new")
    assert victim.read_bytes() == b"kept"


def test_a_dangling_link_of_somebody_else(tmp_path: Path, shared: Path) -> None:
    (shared / "link").symlink_to(tmp_path / "nothing")
    others.give(shared / "link")
    with pytest.raises(ChangeError):
        save(str(shared / "link"), b"new")
    assert not (tmp_path / "nothing").exists()


def test_a_file_that_somebody_else_could_change_afterwards(shared: Path) -> None:
    (shared / "a.patch").write_bytes(b"theirs")
    others.give(shared / "a.patch")
    with pytest.raises(ChangeError):
        save(str(shared / "a.patch"), b"new")
    assert (shared / "a.patch").read_bytes() == b"theirs"


def test_a_second_name_of_a_file_elsewhere(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "victim").write_bytes(b"kept")
    os.link(tmp_path / "victim", shared / "a.patch")
    with pytest.raises(ChangeError):
        save(str(shared / "a.patch"), b"new")
    assert (tmp_path / "victim").read_bytes() == b"kept"


def test_what_is_no_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from wizard.change.save_file import save; save('/dev/stdout', b'x')",
        ],
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"x"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(
        tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK
    )  # a pipe without one is refused
    save(str(tmp_path / "pipe"), b"x")
    assert os.read(reader, 2) == b"x"
    os.close(reader)
    with pytest.raises(OSError, match="directory"):
        save(str(tmp_path), b"x")


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ChangeError, match="nobody reads"):
        save(str(tmp_path / "pipe"), b"new")


def test_a_pipe_that_somebody_reads(tmp_path: Path) -> None:
    """More than a pipe holds: what is written waits for the reader."""
    os.mkfifo(tmp_path / "pipe")
    taken = tmp_path / "taken"
    with taken.open("wb") as file:
        reader = subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=file)
    descriptor = os.open(tmp_path / "pipe", os.O_WRONLY)  # waits for the reader
    save(str(tmp_path / "pipe"), b"x" * 300_000)
    os.close(descriptor)
    assert reader.wait(60) == 0
    assert taken.stat().st_size == 300_000
