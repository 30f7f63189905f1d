"""A directory in which CAs are looked for, filled by somebody who means harm: bounded, harmless."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import measuring
from tests.support.site import REQUIRE, Site
from wizard.fix.trust import stores
from wizard.fix.trust.directories import Walk

NAMES = 100_000
"""Entries that are no certificates; more than are listed."""
MOST_MEMORY = 2 * measuring.MOST_MEMORY
EVIL = "e\x1b[2J\x1b]0;owned\x07\u202e\n[bold]x.pem"


@pytest.fixture
def tmp_path(roots: Path) -> Path:
    """Where CAs are looked for at all."""
    return roots


@pytest.fixture
def site(site: Site) -> Site:
    """A backend whose CA httpd does not know, and a directory for it that is named."""
    (site.directory / "private/root.pem").unlink()
    (site.directory / "trust" / "hostile").mkdir(parents=True)
    site.write(f"{REQUIRE}\n    SSLProxyCACertificatePath trust/hostile")
    return site


def odd(directory: Path) -> None:
    """What no CA directory should hold, under names that a CA file may have."""
    os.mkfifo(directory / "fifo.pem")
    (directory / "loop.pem").symlink_to(directory / "loop.pem")
    (directory / "up").symlink_to(directory)
    (directory / "below").mkdir()
    (directory / "below" / "again").symlink_to(directory)
    (directory / "dangling.crt").symlink_to("/nowhere")
    (directory / "folder.pem").mkdir()
    for name in ("zero", "full", "tty", "random"):
        (directory / f"{name}.pem").symlink_to(f"/dev/{name}")
    (directory / "mem.pem").symlink_to("/proc/self/mem")
    (directory / "secret.pem").write_bytes(b"")
    (directory / "secret.pem").chmod(0)
    (directory / EVIL).write_bytes(
        b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    )
    (directory / "latin\udcff.pem").write_bytes(b"\x30\x82\xff\xff")


def huge(directory: Path) -> None:
    """Two terabytes that take no room: half in files that are too large, half in many."""
    for number in range(1000):
        with (directory / f"huge{number}.pem").open("wb") as file:
            file.truncate((1 << 31) if number % 2 else stores.LARGEST)


def many(directory: Path) -> None:
    """A hundred thousand names."""
    for number in range(NAMES):
        os.close(os.open(directory / f"n{number}.crt", os.O_CREAT | os.O_WRONLY, 0o600))


def nested(directory: Path) -> None:
    """Directories in directories, and a thousand beside each other, none with a file."""
    for number in range(1000):
        (directory / f"d{number}" / "e" / "f").mkdir(parents=True)


@pytest.mark.parametrize("fill", [odd, huge, many, nested])
def test_the_search_ends_and_finds(site: Site, fill: Callable[[Path], None]) -> None:
    """The CA beside the directory is found, whatever lies in that."""
    fill(site.directory / "trust" / "hostile")
    for found in (False, True):
        if found:
            (site.directory / "trust" / "root.pem").write_bytes(site.root.pem)
        words = ["fix", str(site.main), "--timeout", "20"]
        done, seconds, memory = measuring.run(words, environment=site.environment)
        said = done.stderr.decode()
        assert done.returncode == (0 if found else 3), said
        assert "Traceback" not in said
        assert all(line.isprintable() for line in said.splitlines())
        assert (b"proxy-trust-" in done.stdout) is found
        assert seconds < measuring.SECONDS
        assert memory < MOST_MEMORY


def test_no_device_is_opened(roots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To open one may be an order (``/dev/watchdog``), and a reader ends a FIFO's writer.

    With O_PATH nothing is opened but looked at (open(2)).
    """
    odd(roots)
    opened: list[str] = []
    real = os.open

    def watched(path: str, flags: int, *mode: int, dir_fd: int | None = None) -> int:
        if not flags & os.O_PATH:
            opened.append(os.path.realpath(path))
        return real(path, flags, *mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", watched)
    assert list(Walk(lambda *_: None).stores(str(roots))) == []
    assert all(Path(path).is_file() or Path(path).is_dir() for path in opened)
