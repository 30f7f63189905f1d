"""What undoing a change does to the files: the lines themselves, before anything is undone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wizard.change.edits import restoring
from wizard.change.journal import Store, Target
from wizard.model.change import Change
from wizard.wording.patch import counts

OLD = b"<VirtualHost *:80>\n    SSLProxyEngine on\n    ProxyPass / https://a/\n</VirtualHost>\n"
NEW = OLD.replace(b"https://a/", b"https://b/").replace(b" on\n", b" on\n    SSLProxyVerify none\n")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "journal")


def recorded(store: Store, *targets: Target) -> Change:
    with store.locked("apply") as held:
        return held.prepare("main", ["x"], targets)


def test_the_patch_makes_of_each_file_what_it_was(store: Store, tmp_path: Path) -> None:
    files = {"app.conf": (OLD, NEW), "with blank.conf": (b"a\nb", b"a\nc\n"), "ö.conf": (b"", b"x")}
    targets = []
    for name, (before, after) in files.items():
        (tmp_path / name).write_bytes(after)
        targets.append(Target(str(tmp_path / name), before, after))
    targets.append(Target(str(tmp_path / "ca.pem"), None, b"pem\n"))
    patch, sources = restoring(store, recorded(store, *targets))
    assert sources == {str(tmp_path / name): after for name, (_, after) in files.items()}
    subprocess.run(["patch", "-p1", "-d", "/"], input=patch, check=True, capture_output=True)
    for name, (before, _) in files.items():
        there = tmp_path / name
        assert (there.read_bytes() if there.exists() else b"") == before  # patch removes empty ones


def test_the_counts_are_those_of_the_patch(store: Store) -> None:
    change = recorded(store, Target("/etc/app.conf", OLD, NEW))
    patch = restoring(store, change)[0].decode().splitlines()
    signs = [line[0] for line in patch if line[:3] not in ("---", "+++")]
    assert counts(*restoring(store, change)) == {
        "/etc/app.conf": (signs.count("+"), signs.count("-"))
    }
    assert (signs.count("+"), signs.count("-")) == (1, 2)


def test_what_cannot_be_compared_is_left_out(store: Store) -> None:
    change = recorded(
        store,
        Target("/etc/long.conf", b"a\n" * 5000, b"b\n" * 5000),
        Target("/etc/gone.conf", OLD, NEW),
        Target("/etc/same.conf", OLD, OLD),
    )
    (store.place(change) / "1.old").unlink()
    assert restoring(store, change) == (b"", {"/etc/same.conf": OLD})
    assert counts(*restoring(store, change)) == {}
