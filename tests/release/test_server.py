"""README's block for servers: after it, every ``sudo proxy-wizard`` of the documentation runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_readme import DOCS, blocks
from tests.release.conftest import Built
from wizard.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
SECURE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where Debian's sudo looks, whatever PATH its caller has."""
_SECTION = re.compile(
    r"^## Install(?: on a server)?\n.*?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL
)
_SUDO = re.compile(r"^(?:\$ )?sudo (\S*proxy-wizard) ?([a-z]*)", re.MULTILINE)
# What is there stays in sight, what is written goes to memory.
_OVER = """\
set -eu
mount -t tmpfs tmpfs "$1"
for place in /opt /usr/local; do
  mkdir -p "$1$place.new" "$1$place.work"
  mount -t overlay overlay -o "lowerdir=$place,upperdir=$1$place.new,workdir=$1$place.work" $place
done
"""


def block(page: str) -> str:
    """The commands that install it."""
    found: list[str] = _SECTION.findall(DOCS[page])
    assert len(found) == 1, page
    return found[0]


def test_the_pages_agree() -> None:
    assert block("README.md") == block("docs/index.md")
    assert block("README.md") in DOCS["docs/install.md"]


def sudo() -> set[tuple[str, str]]:
    """Each program and command that the documentation has sudo run."""
    return {found for text in DOCS.values() for found in _SUDO.findall(blocks(text))}


def paths() -> set[str]:
    """Each path that recipes call the program by."""
    recipes = [p.read_text() for p in (ROOT / "docs/recipes").rglob("*") if p.is_file()]
    return set(re.findall(r"/[\w./-]+/bin/proxy-wizard", "".join(recipes))) - {
        "/tmp/venv/bin/proxy-wizard"  # which that recipe makes itself
    }


@pytest.mark.timeout(600)
def test_what_is_typed_with_sudo_is_found(built: Built, tmp_path: Path) -> None:
    typed = sudo()
    assert {command for _, command in typed} >= {"apply", "rollback", "prove"}
    called = [f"{program} {command} --help" for program, command in sorted(typed)]
    called += [f"{path} --version" for path in sorted(paths())]
    assert len(called) > 3
    wheels = built.wheel.parent / "all"
    wheels.mkdir()
    for wheel in (*built.wheels, built.backend):
        (wheels / wheel.name).symlink_to(wheel)
    own = Path(sys.base_prefix, "bin")
    script = f"{_OVER}\n( PATH={own}:$PATH\n{block('README.md')})\n" + "".join(
        f"echo '$ {line}'; {line} || exit 9\n" for line in called
    )
    users = [] if os.geteuid() == 0 else ["--map-root-user"]
    (tmp_path / "sources").mkdir()
    subprocess.run(["tar", "-xzf", built.sdist, "-C", tmp_path / "sources", "--strip-components=1"],
                   check=True)  # fmt: skip
    (tmp_path / "over").mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "--net", *users, "sh", "-c", script, "sh", str(tmp_path / "over")],
        cwd=tmp_path / "sources",
        env={
            "PATH": SECURE_PATH,
            "HOME": str(tmp_path),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        },
        capture_output=True,
        text=True,
        timeout=580,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("usage: proxy-wizard") == len(typed)
    assert not Path("/opt/proxy-wizard/bin/proxy-wizard").is_symlink()


def test_nothing_calls_it_where_nothing_puts_it() -> None:
    assert paths() == {"/opt/proxy-wizard/bin/proxy-wizard"}
    printed = [p.read_text() for p in (ROOT / "wizard").rglob("*.py")]
    called = set(re.findall(r"sudo (\S*proxy-wizard)\b", "".join([*printed, *DOCS.values()])))
    assert called == {"proxy-wizard"}


def test_every_command_is_there() -> None:
    assert {command for _, command in sudo()} <= set(COMMANDS)
