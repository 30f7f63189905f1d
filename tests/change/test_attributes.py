"""Whatever a file is besides its bytes, it is after a change and after its undo; a directory's
default ACL lets nobody in."""

from __future__ import annotations

import codecs
import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import disks, others
from wizard.change import attributes, transaction
from wizard.change.journal import Held, Store, Target
from wizard.change.save_file import save
from wizard.change.staging import directory_name
from wizard.model.change import Change

OLD, NEW = b"old\n", b"new\n"
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
LABEL = b"system_u:object_r:httpd_config_t:s0\0"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that others can enter, in which a default ACL gives them all that is made."""
    if os.geteuid() != 0:
        pytest.fail("this test tries as another user what others may do: run it as root")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        found = Path(name)
        found.chmod(0o755)
        (found / "etc").mkdir()
        others.let_write_by_default(found)
        others.let_write_by_default(found / "etc")
        yield found


@pytest.fixture(params=["in the journal", "beside", "above"])
def store(
    request: pytest.FixtureRequest, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Held]:
    """A journal on the same file system, or on another, so that contents are staged elsewhere."""
    home = place if request.param == "in the journal" else tmp_path
    with Store(home / "state").locked("apply") as found:
        if request.param == "above":
            real = found.prepare

            def prepare(
                config: str, reasons: list[str], new: list[Target], program: str | None, _: object
            ) -> Change:
                """As for a configuration with an Include of the directory."""
                return real(config, reasons, new, program, [(str(place / "etc"), "")])

            monkeypatch.setattr(found, "prepare", prepare)
        yield found


def of(path: Path) -> attributes.Attributes:
    fd = os.open(path, os.O_RDONLY)
    try:
        return attributes.of(fd)
    finally:
        os.close(fd)


def make(path: Path, mode: int) -> None:
    path.write_bytes(OLD)
    path.chmod(0o600)
    os.removexattr(path, ACCESS)
    path.chmod(mode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o660, 0o664, 0o400])
def test_a_default_acl_adds_nothing(place: Path, store: Held, mode: int) -> None:
    file = place / "etc" / "site.conf"
    make(file, mode)
    before = of(file)
    change = transaction.apply(store, "main", ["x"], [Target(str(file), OLD, NEW)])
    for content in (NEW, OLD):
        assert file.read_bytes() == content
        assert of(file) == before
        assert others.may(file, os.O_RDONLY) == bool(mode & 0o004)
        assert not others.may(file, os.O_WRONLY)
        if content == NEW:
            transaction.undo(store, change)


def test_all_that_a_file_is_stays(place: Path, store: Held) -> None:
    file = place / "etc" / "site.conf"
    make(file, 0o640)
    os.chown(file, 12, 34)
    os.setxattr(file, ACCESS, others.acl((2, 4, others.NOBODY), (8, 6, 7), owner=6, mask=6))
    os.setxattr(file, "security.selinux", LABEL)
    os.setxattr(file, "security.capability", b"\x01\0\0\x02" + b"\0\x04" + bytes(14))
    os.setxattr(file, "trusted.note", b"kept")
    before = of(file)
    assert {name for name, _ in before.extended} >= {ACCESS, "security.selinux", "trusted.note"}
    assert others.may(file, os.O_RDONLY)
    change = transaction.apply(store, "main", ["x"], [Target(str(file), OLD, NEW)])
    assert of(file) == before
    transaction.undo(store, change)
    assert (of(file), file.read_bytes()) == (before, OLD)


def test_flags_stay(tmp_path: Path) -> None:
    file = tmp_path.resolve() / "site.conf"
    file.write_bytes(OLD)
    subprocess.run(["chattr", "+Ad", file], check=True)
    before = of(file)
    assert before.flags & 0xC0 == 0xC0
    with Store(tmp_path / "state").locked("apply") as store:
        change = transaction.apply(store, "main", ["x"], [Target(str(file), OLD, NEW)])
        assert of(file) == before
        transaction.undo(store, change)
    assert of(file) == before


@pytest.mark.parametrize("lost", [ACCESS, "security.selinux", "trusted.note"])
def test_what_cannot_be_kept_is_not_lost_in_silence(
    place: Path, store: Held, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its ACL a file of mode 0660 is writable for its whole group."""
    file = place / "etc" / "site.conf"
    make(file, 0o640)
    os.setxattr(file, ACCESS, others.acl((2, 6, others.NOBODY), owner=6, mask=6))
    os.setxattr(file, "security.selinux", LABEL)
    os.setxattr(file, "trusted.note", b"kept")
    before = of(file)
    real = os.setxattr

    def refused(path: Any, name: str, value: bytes) -> None:
        if name == lost:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        real(path, name, value)

    monkeypatch.setattr(os, "setxattr", refused)
    with pytest.raises(PermissionError, match=lost) as caught:
        transaction.apply(store, "main", ["x"], [Target(str(file), OLD, NEW)])
    assert caught.value.filename == str(file)
    assert (of(file), file.read_bytes()) == (before, OLD)
    assert [entry.name for entry in file.parent.iterdir()] == ["site.conf"]
    assert store.unfinished() is None


def test_the_owner_that_this_user_cannot_give(place: Path) -> None:
    """A directory of nobody's, in which a file is root's: nobody may replace it, not as root."""
    file = place / "etc" / "site.conf"
    make(file, 0o644)
    others.give(file.parent)
    others.give(place)
    codecs.lookup("ascii")  # what the other user cannot import any more
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgroups([])
            os.setresgid(others.NOBODY, others.NOBODY, others.NOBODY)
            os.setresuid(others.NOBODY, others.NOBODY, others.NOBODY)
            with Store(place / "s").locked("apply") as held:
                transaction.apply(held, "main", ["x"], [Target(str(file), OLD, NEW)])
        except PermissionError as error:
            code = 0 if "owner and group" in str(error) else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert file.read_bytes() == OLD
    assert [entry.name for entry in file.parent.iterdir()] == ["site.conf"]


def test_a_new_file_alone(place: Path, store: Held) -> None:
    """Mode 0644 in directories of mode 0755, no ACL, and the label of its directory."""
    os.setxattr(place / "etc", "security.selinux", LABEL)
    bundle = place / "etc" / "trust" / "ca" / "bundle.pem"
    transaction.apply(store, "main", ["x"], [Target(str(bundle), None, NEW)])
    for directory in (bundle.parent, bundle.parent.parent):
        assert directory.stat().st_mode & 0o7777 == 0o755
        assert not {ACCESS, DEFAULT} & set(os.listxattr(directory))
    assert (of(bundle).mode, of(bundle).uid, of(bundle).gid) == (0o644, 0, 0)
    assert ACCESS not in os.listxattr(bundle)
    assert not others.may(bundle, os.O_WRONLY)
    beside = place / "etc" / "bundle.pem"
    transaction.apply(store, "main", ["x"], [Target(str(beside), None, NEW)])
    assert of(beside).extended == (("security.selinux", LABEL),)


@pytest.mark.parametrize(
    ("theirs", "ours"), [(0o644, 0o644), (0o640, 0o640), (0o600, 0o600), (0o666, 0o644),
                         (0o775, 0o644), (0o400, 0o400), (0o4644, 0o644)],
)  # fmt: skip
def test_a_new_file_is_like_its_neighbour_and_never_more(
    place: Path, store: Held, theirs: int, ours: int
) -> None:
    neighbour = place / "etc" / "other.pem"
    make(neighbour, theirs)
    os.chown(neighbour, 0, 34)
    neighbour.chmod(theirs)
    make(place / "etc" / "wide.pem", 0o666)
    make(place / "etc" / "key.txt", 0o600)
    bundle = place / "etc" / "bundle.pem"
    change = transaction.apply(store, "main", ["x"], [Target(str(bundle), None, NEW)])
    found = of(bundle)
    assert found.mode == ours
    if ours != 0o644:
        assert (found.uid, found.gid) == (0, 34)
    assert others.may(bundle, os.O_RDONLY) == bool(ours & 0o004)
    assert not others.may(bundle, os.O_WRONLY)
    transaction.undo(store, change)
    assert not bundle.exists()


def test_of_a_neighbours_acl_a_new_file_gets_what_lets_read(place: Path, store: Held) -> None:
    neighbour = place / "etc" / "other.pem"
    make(neighbour, 0o640)
    os.setxattr(neighbour, ACCESS, others.acl((2, 6, others.NOBODY), owner=6, mask=6))
    os.setxattr(neighbour, "security.selinux", LABEL)
    assert others.may(neighbour, os.O_WRONLY)
    bundle = place / "etc" / "bundle.pem"
    transaction.apply(store, "main", ["x"], [Target(str(bundle), None, NEW)])
    assert others.may(bundle, os.O_RDONLY)
    assert not others.may(bundle, os.O_WRONLY)
    assert os.getxattr(bundle, "security.selinux") == LABEL


def test_a_file_of_somebody_elses_is_no_neighbour(place: Path, store: Held) -> None:
    make(place / "etc" / "other.pem", 0o600)
    others.give(place / "etc" / "other.pem")
    (place / "etc" / "link.pem").symlink_to("/etc/shadow")
    os.mkfifo(place / "etc" / "pipe.pem", 0o600)
    bundle = place / "etc" / "bundle.pem"
    transaction.apply(store, "main", ["x"], [Target(str(bundle), None, NEW)])
    assert (of(bundle).mode, of(bundle).uid) == (0o644, 0)


def test_nobody_reads_what_is_staged_or_backed_up(
    place: Path, store: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a change is made, and of the journal afterwards."""
    file = place / "etc" / "site.conf"
    make(file, 0o640)
    seen: list[Path] = []
    real = os.rename

    def looked(*words: Any, **options: Any) -> None:
        for top in (place, store.directory):
            for path in top.rglob("*"):
                if path.is_file() and path != file:
                    seen.append(path)
                    assert not others.may(path, os.O_RDONLY), path
                    assert not others.may(path, os.O_WRONLY), path
        real(*words, **options)

    others.let_write_by_default(store.directory)
    monkeypatch.setattr(os, "rename", looked)
    change = transaction.apply(store, "main", ["x"], [Target(str(file), OLD, NEW)])
    assert any(path.parent.name == directory_name(change.id) for path in seen)
    transaction.undo(store, change)


@pytest.mark.parametrize("there", [True, False])
def test_a_private_patch_has_no_acl(place: Path, there: bool) -> None:
    patch = place / "a.patch"
    if there:
        patch.write_bytes(b"an older one, for nobody too")
    save(str(patch), NEW, private=True)
    assert ACCESS not in os.listxattr(patch)
    patch.chmod(0o640)  # its owner lets the group read it, and nobody else
    assert not others.may(patch, os.O_RDONLY)


@pytest.mark.parametrize("journal", ["in it", "elsewhere"])
def test_a_containers_file_system(tmp_path: Path, journal: str) -> None:
    """Its files are on other devices than its directories."""
    lower, place = tmp_path.resolve() / "image", tmp_path.resolve() / "container"
    (lower / "etc").mkdir(parents=True)
    place.mkdir()
    file = place / "etc" / "site.conf"
    (lower / "etc" / "site.conf").write_bytes(OLD)
    (lower / "etc" / "site.conf").chmod(0o640)
    with disks.overlay(place, lower):
        assert file.stat().st_dev != file.parent.stat().st_dev
        before = of(file)
        home = place if journal == "in it" else tmp_path
        with Store(home / "state").locked("apply") as store:
            new = [Target(str(file), OLD, NEW), Target(str(place / "etc/a/b.pem"), None, NEW)]
            change = transaction.apply(store, "main", ["x"], new)
            assert (file.read_bytes(), of(file)) == (NEW, before)
            transaction.undo(store, change)
            assert (file.read_bytes(), of(file)) == (OLD, before)
        assert [entry.name for entry in (place / "etc").iterdir()] == ["site.conf"]
