"""Directories in which a CA is looked for: what counts as a certificate's name, and every bound."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from wizard import plain_file
from wizard.demo import pki
from wizard.fix.trust import stores
from wizard.fix.trust.directories import Walk, is_named_like
from wizard.fix.trust.guarded import NotGuardedError

ROOT = pki.issue("Example Root", ca=True)


@pytest.fixture
def tmp_path(roots: Path) -> Path:
    """Where a CA may be found."""
    return roots


def walk(
    directory: Path, depth: int = 1, bounds: Mapping[str, float] = MappingProxyType({})
) -> tuple[list[str], list[str]]:
    """What was found, and what was passed over."""
    refused: list[str] = []

    def told(_: NotGuardedError, path: str) -> None:
        refused.append(os.path.relpath(path, directory))

    made = Walk(told)
    for name, value in bounds.items():
        setattr(made, name, value)
    found = [os.path.relpath(s.path, directory) for s in made.stores(str(directory), depth=depth)]
    return found, refused


def put(directory: Path, *names: str) -> None:
    for name in names:
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(ROOT.pem)


@pytest.mark.parametrize(
    "name",
    ["a.pem", "A.CRT", "b.cer", "b.cert", "c.der", "d.p7b", "e.p7c", "corp.ca-bundle", "ca",
     "corp-ca.txt", "CorpRootCA", "root", "root_2024.txt", "chain.txt", "fullchain", "cacert"],
)  # fmt: skip
def test_names_of_certificates(name: str) -> None:
    assert is_named_like(f"/etc/ssl/{name}")


@pytest.mark.parametrize(
    "name",
    ["ca.key", "root-key.pem", "privkey.pem", "ca.conf", "ca.csr", "ca.crl", "ca.srl", "root.p12",
     "cache_disk.load", "apache2.conf", "envvars", "catalog", "6ca38420.0", "6ca38420.r0"],
)  # fmt: skip
def test_other_names(name: str) -> None:
    assert not is_named_like(f"/etc/ssl/{name}")


def test_so_deep_and_not_into_directories_of_keys(tmp_path: Path) -> None:
    put(tmp_path, "a.pem", "1/b.pem", "1/2/c.pem", "1/2/3/d.pem", "1/2/3/4/e.pem")
    put(tmp_path, "private/f.pem", "1/keys/g.pem")
    assert walk(tmp_path, 3) == (["a.pem", "1/b.pem", "1/2/c.pem", "1/2/3/d.pem"], [])
    assert walk(tmp_path, 1) == (["a.pem", "1/b.pem"], [])


def test_links_to_files_are_followed_to_where_root_alone_writes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    put(outside, "o.pem")
    outside.chmod(0o777)
    put(tmp_path, "1/own.pem", "elsewhere/private/x.pem")
    (tmp_path / "link.pem").symlink_to("elsewhere/private/x.pem")
    (tmp_path / "others.pem").symlink_to(outside / "o.pem")
    (tmp_path / "1" / "loop").symlink_to(tmp_path)
    (tmp_path / "1" / "out").symlink_to(outside)
    (tmp_path / "self.pem").symlink_to("self.pem")
    assert walk(tmp_path, 3) == (["link.pem", "1/own.pem"], ["others.pem"])


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    put(tmp_path, "public/a.pem", "own.pem")
    (tmp_path / "link.pem").symlink_to("public/a.pem")
    found = Walk(lambda *_: None, (str(tmp_path / "public"),)).stores(str(tmp_path))
    assert [store.path for store in found] == [str(tmp_path / "own.pem")]


def test_what_others_can_change_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "file.pem", "open/below.pem", "dull/readme", "good.pem")
    (tmp_path / "file.pem").chmod(0o666)
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "dull").chmod(0o777)  # of no interest, so it is not told either
    assert walk(tmp_path) == (["good.pem"], ["open", "file.pem"])


def test_a_private_key_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "ca.key", "ca-key.pem", "ca.pem", "private/ca.pem")
    opened: list[str] = []
    real = stores.read

    def watched(path: str) -> stores.Store:
        opened.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(stores, "read", watched)
    assert walk(tmp_path, 3)[0] == opened == ["ca.pem"]


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "ca.pem")
    with (tmp_path / "huge.pem").open("wb") as file:
        file.truncate(stores.LARGEST + 1)
    read: list[int] = []
    real = plain_file.contents

    def watched(descriptor: int, most: int) -> bytes:
        read.append(os.fstat(descriptor).st_size)
        return real(descriptor, most)

    monkeypatch.setattr(plain_file, "contents", watched)
    assert walk(tmp_path)[0] == ["ca.pem"]
    assert read == [len(ROOT.pem)]
    assert stores.read(str(tmp_path / "huge.pem")).problem == "is larger than 8 MiB"


@pytest.mark.parametrize(
    ("bound", "value", "found"),
    [("files", 3, 3), ("bytes", 4 * len(ROOT.pem), 4), ("names", 5, 5), ("ends", 0.0, 0)],
    ids=["files", "bytes", "names", "ends"],  # how long a signature is differs: so would the names
)
def test_each_bound_ends_the_walk(tmp_path: Path, bound: str, value: float, found: int) -> None:
    for number in range(20):
        put(tmp_path, f"{number:02}.pem")
        (tmp_path / f"{number:02}.pem").write_bytes(ROOT.pem)
    assert len(walk(tmp_path, bounds={bound: value})[0]) == found
