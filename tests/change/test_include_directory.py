"""A command that is killed leaves nothing that an Include reads: httpd starts, old or new."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.change.faults import Fault
from tests.support import disks, httpd
from wizard.change import staging, transaction
from wizard.change.journal import Store, Target
from wizard.config.installation.layout import locate
from wizard.config.preprocess import reader

OLD = b"<VirtualHost *:*>\n    ServerName a\n</VirtualHost>\n"
NEW = b"<VirtualHost *:*>\n    ServerName a\n    SSLProxyEngine on\n</VirtualHost>\n" * 200


class World:
    def __init__(self, place: Path, state: Path, includes: str) -> None:
        self.place, self.store = place, Store(state)
        self.main = place / "httpd.conf"
        self.site = place / "sites" / "more" / "site.conf"
        self.site.parent.mkdir(parents=True)
        self.site.write_bytes(OLD)
        listens = [f"{httpd.LISTEN}:{httpd.free_port()}"]
        self.main.write_text(f"{httpd.main_config(place, listens)}{includes}\n")
        self.listed = reader.read(locate(str(self.main))).listed

    def apply(self) -> str:
        target = Target(str(self.site), self.site.read_bytes(), NEW)
        with self.store.locked("apply") as held:
            words = (held, str(self.main), ["x"], [target])
            return transaction.apply(*words, listed=self.listed).id

    def undo(self) -> None:
        """The last change."""
        with self.store.locked("rollback") as held:
            transaction.undo(held, held.changes()[-1])

    def read(self) -> set[str]:
        """The files that httpd reads; it takes them."""
        done = subprocess.run(
            [httpd.HTTPD, "-f", str(self.main), "-t", "-D", "DUMP_INCLUDES"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return set(re.findall(r"^ *\(.*\) (/.*)$", done.stdout, re.MULTILINE))


@pytest.fixture(params=["in the journal", "elsewhere"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A directory for the configuration; the journal's, on the same or another file system."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        place = Path(name)
        assert place.stat().st_dev != tmp_path.stat().st_dev
        yield place / "etc", (place if request.param == "in the journal" else tmp_path) / "state"


@pytest.mark.parametrize(
    "includes",
    [
        "Include sites",
        "Include sites/*/",
        "Include sites/more/*.conf\nIncludeOptional sites/.*\nIncludeOptional sites/more/.*",
        "Include sites/more/*.conf\nIncludeOptional */*/.[a-z]*-wizard-*",
    ],
)
def test_killed_at_every_step(places: tuple[Path, Path], includes: str) -> None:
    place, state = places
    place.mkdir()
    world = World(place, state, includes)
    wanted = world.read()
    assert str(world.site) in wanted
    moments = 0
    for action in ("apply", "undo"):
        for after in (False, True):
            at = 1
            while killed(world, action, at, after=after):
                moments += 1
                at += 1
                assert world.read() == wanted, (action, at, after)
                assert world.site.read_bytes() in (OLD, NEW)
                if world.store.unfinished() or world.site.read_bytes() == NEW:
                    world.undo()
                assert world.read() == wanted
    assert moments > 30
    world.apply()
    found = [p.name for top in (place, world.store.directory) for p in top.rglob(".*")]
    assert found == []


def killed(world: World, action: str, at: int, *, after: bool) -> bool:
    """Whether the action was killed at a step; False: it has fewer."""
    if action == "undo":
        world.apply()
    pid = os.fork()
    if pid == 0:
        Fault(at, "kill", after=after).install()
        if action == "apply":
            world.apply()
        else:
            world.undo()
        os._exit(0)
    done = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    if not done and action == "apply":
        world.undo()
    return done


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[World]:
    """The included directory is a mount of its own, as a container's volume."""
    place = tmp_path.resolve() / "etc"
    (place / "sites").mkdir(parents=True)
    with disks.small(place / "sites"):
        yield World(place, tmp_path / "state", "Include sites")


def test_nowhere_to_stage_is_said(mounted: World) -> None:
    before = mounted.read()
    with pytest.raises(OSError, match="an Include reads all") as caught:
        mounted.apply()
    assert (caught.value.errno, caught.value.filename) == (errno.EBUSY, str(mounted.site))
    assert mounted.site.read_bytes() == OLD
    assert mounted.read() == before
    assert list(mounted.site.parent.iterdir()) == [mounted.site]
    assert mounted.store.unfinished() is None


def test_a_mount_of_which_an_include_reads_some(mounted: World) -> None:
    text = mounted.main.read_text().replace("Include sites", "Include sites/*/*.conf")
    mounted.main.write_text(text)
    mounted.listed = reader.read(locate(str(mounted.main))).listed
    mounted.apply()
    mounted.undo()
    assert mounted.site.read_bytes() == OLD
    assert list(mounted.site.parent.iterdir()) == [mounted.site]


@pytest.mark.parametrize(
    ("pattern", "reads"),
    [
        ("", True), ("*", False), ("*.conf", False), (".*", True), (".proxy*", True),
        ("[.]proxy*", False), ("\\.proxy*", True), ("?proxy*", False), (".*.tmp", False),
        (".proxy-wizard-2026*", True), (".[!q]*", True),
    ],
)  # fmt: skip
def test_which_patterns_read_what_is_staged(tmp_path: Path, pattern: str, reads: bool) -> None:
    place = tmp_path.resolve()
    listed = [(str(place), pattern), ("/elsewhere", "*")]
    found = staging.included("20261124-161500-3fa9", listed)
    assert found == ((str(place),) if reads else ())
    if pattern:  # httpd's own word
        (place / staging.directory_name("20261124-161500-3fa9")).mkdir()
        (place / staging.directory_name("20261124-161500-3fa9") / "0").write_text(
            "Include /nowhere\n"
        )
        main = place / "main.conf"
        main.write_text(f"ServerRoot {place}\nIncludeOptional {place}/{pattern}\n")
        done = subprocess.run([httpd.HTTPD, "-f", main, "-t"], capture_output=True, text=True)
        assert ("/nowhere" in done.stderr) == reads
