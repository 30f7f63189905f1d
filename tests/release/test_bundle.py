"""The offline bundle: installed, upgraded, damaged and removed, without a network."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest
from cryptography.hazmat.backends.openssl import backend
from releasing import bundle, pins, sbom

from tests.release.conftest import WHEN, Built
from wizard import __version__


@dataclass(frozen=True)
class Bundle:
    """A bundle, unpacked.

    Args:
        archive: as it is handed out.
        directory: where it was unpacked.
        offline: what its commands are put behind.
    """

    archive: Path
    directory: Path
    offline: list[str]

    def install(self, place: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Run its script, as it is run by root: with places of ours."""
        return subprocess.run(
            [*self.offline, str(self.directory / "install"), "--python", sys.executable,
             "--prefix", str(place / "opt/proxy-wizard"), "--links", str(place / "usr"), *options],
            env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=400,
        )  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(built: Built, offline: list[str], tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    place = tmp_path_factory.mktemp("bundle")
    archive = bundle.assemble(
        built.wheel, built.wheels, built.installer, platform.machine(), place, WHEN
    )
    sbom.write(archive, __version__, map(sbom.wheel, (*built.wheels, built.installer)), WHEN)
    subprocess.run(["tar", "-xzf", archive, "-C", place], check=True)
    return Bundle(archive, place / archive.name.removesuffix(".tar.gz"), offline)


@pytest.fixture(scope="module")
def installed(unpacked: Bundle, tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, Path]:
    place = tmp_path_factory.mktemp("installed")
    done = unpacked.install(place)
    link = place / "usr/bin/proxy-wizard"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"proxy-wizard {__version__} is installed: {link}\n")
    return unpacked, place


def everything(place: Path) -> dict[str, object]:
    """Each file that is there, and what is in it."""
    return {
        str(path.relative_to(place)): path.is_symlink() or path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() or path.is_symlink()
    }


def test_it_runs_from_the_link(installed: tuple[Bundle, Path]) -> None:
    program = installed[1] / "usr/bin/proxy-wizard"
    lessons = subprocess.run(
        [program, "demo", "--list"], env={}, capture_output=True, text=True, check=True
    ).stdout
    assert "wrong-ca" in lessons
    assert (installed[1] / "usr/share/man/man1/proxy-wizard.1").read_text().startswith(".")


def test_every_user_can_run_it_and_only_the_owner_write(installed: tuple[Bundle, Path]) -> None:
    for path in (installed[1] / "opt").rglob("*"):
        mode = path.lstat().st_mode
        if not path.is_symlink():
            assert mode & 0o044 == 0o044, path
            assert mode & 0o022 == 0, path


def test_what_is_installed_is_what_was_pinned(installed: tuple[Bundle, Path]) -> None:
    python = installed[1] / "opt/proxy-wizard/bin/python"
    listed = subprocess.run(
        [python, "-Ic", "from importlib.metadata import distributions as d\n"
         "print(*sorted(x.name.lower().replace('_', '-') + '==' + x.version for x in d()))"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    pinned = (installed[0].directory / "requirements.txt").read_text().splitlines()
    assert listed == sorted(line.split()[0] for line in pinned if not line.startswith("#"))


def test_upgraded_and_removed(unpacked: Bundle, tmp_path: Path) -> None:
    """Over an installation by hand, too; what is somebody else's stays."""
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/other").write_text("mine")
    by_hand = tmp_path / "opt/proxy-wizard/bin"
    by_hand.mkdir(parents=True)
    (by_hand / "proxy-wizard").write_text("an old executable")
    assert unpacked.install(tmp_path).returncode == 0
    assert b"an old" not in (by_hand / "proxy-wizard").read_bytes()
    done = unpacked.install(tmp_path, "--uninstall")
    assert (done.returncode, done.stderr) == (0, "")
    assert everything(tmp_path) == {"usr/bin/other": b"mine"}
    done = unpacked.install(tmp_path, "--uninstall")
    assert done.returncode == 1
    assert done.stderr.endswith("opt/proxy-wizard.\n"), done.stderr


@pytest.mark.parametrize("damage", ["changed", "missing", "foreign", "unlike"])
def test_what_is_not_as_it_was_packed_is_refused(
    unpacked: Bundle, tmp_path: Path, damage: str
) -> None:
    """One sentence, and the installation that was there is as it was."""
    wheel = next(unpacked.directory.glob("wheels/h11-*"))
    requirements = unpacked.directory / "requirements.txt"
    sums = unpacked.directory / "SHA256SUMS"
    before = {path: path.read_bytes() for path in (wheel, requirements, sums)}
    old = tmp_path / "opt/proxy-wizard/bin/proxy-wizard"
    old.parent.mkdir(parents=True)
    old.write_text("the old one")
    if damage == "changed":
        wheel.write_bytes(before[wheel] + b"\0")
    elif damage == "missing":
        wheel.unlink()
    elif damage == "foreign":
        old.rename(old.with_name("something"))
    else:  # the list of hashes was changed as well: pip's own check is the second
        told = bundle.sha256(wheel).encode()
        requirements.write_bytes(before[requirements].replace(told, told[::-1]))
        old_sum = hashlib.sha256(before[requirements]).hexdigest().encode()
        sums.write_bytes(before[sums].replace(old_sum, bundle.sha256(requirements).encode()))
    kept = everything(tmp_path)
    try:
        done = unpacked.install(tmp_path)
    finally:
        for path, data in before.items():
            path.write_bytes(data)
    assert done.returncode == 1
    assert done.stderr.startswith("install: error: ")
    assert done.stderr.count("\n") == 1
    assert everything(tmp_path) == kept


def test_no_python_that_fits(unpacked: Bundle, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    for words in ([], ["--python", str(old)], ["--python=/nonexistent/python"]):
        done = subprocess.run(
            ["/bin/sh", str(unpacked.directory / "install"), *words],
            env={"PATH": str(tmp_path)}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 1
        assert "CPython 3.11, 3.12, 3.13 or 3.14" in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr


def test_the_bill_is_of_what_it_holds(unpacked: Bundle) -> None:
    """Each wheel with its hash, and nothing else; it is valid by the schema, or was not written."""
    bill = json.loads(unpacked.archive.with_name(f"{unpacked.archive.name}.cdx.json").read_text())
    own = bill["metadata"]["component"]
    assert (own["name"], own["version"]) == ("proxy-wizard", __version__)
    assert own["hashes"][0]["content"] == hashlib.sha256(unpacked.archive.read_bytes()).hexdigest()
    told = {
        item["hashes"][0]["content"]: f"{pins.normal(item['name'])}=={item['version']}"
        for item in bill["components"]
    }
    held = {}
    for directory in ("wheels", "installer"):
        for wheel in (unpacked.directory / directory).iterdir():
            name, number = wheel.name.split("-")[:2]
            held[bundle.sha256(wheel)] = f"{pins.normal(name)}=={number}"
    assert len(held) > 15
    assert told == {k: name for k, name in held.items() if not name.startswith("proxy-wizard==")}


def test_the_bill_names_the_openssl_that_is_linked_in(unpacked: Bundle) -> None:
    bill = json.loads(unpacked.archive.with_name(f"{unpacked.archive.name}.cdx.json").read_text())
    (item,) = (item for item in bill["components"] if item["name"] == "cryptography")
    inside = [part["version"] for part in item["components"]]
    assert len(inside) == 1
    if version("cryptography") == item["version"]:  # the one that runs here is that wheel's
        assert backend.openssl_version_text().split()[1] == inside[0]


def test_the_same_sources_make_the_same_bundle(built: Built, tmp_path: Path) -> None:
    hashes = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        os.utime(built.wheel)
        archive = bundle.assemble(
            built.wheel, built.wheels, built.installer, platform.machine(), tmp_path / name, WHEN
        )
        hashes.add(bundle.sha256(archive))
    assert len(hashes) == 1
