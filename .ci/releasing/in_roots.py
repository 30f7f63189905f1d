"""Installs what .ci/release built in bare roots without a network, and runs it.

usage: .ci/release-test DIR [SUITE[=ROOT]…]

DIR holds the artefacts. SUITE is a release of Debian (default bookworm trixie), ROOT a root of it
that debootstrap made, which is copied and not changed; without one, debootstrap makes one. Needs
root. Packages come from Debian's mirror while a root is prepared; everything that is tested runs in
a network namespace in which there is nothing but loopback.
"""

from __future__ import annotations

import difflib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from releasing import pins, verify
from releasing.root import Root, copied

MACHINE = platform.machine()
LINK = "/usr/local/bin/proxy-wizard"
NOEXEC = 'mount -o remount,noexec "$1/tmp"'


class Artefacts:
    """What .ci/release wrote."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=directory, check=True)

    def one(self, pattern: str) -> Path:
        """The artefact of a name."""
        found = sorted(self.directory.glob(pattern))
        if len(found) != 1:
            raise SystemExit(f"{pattern}: {len(found)} files in {self.directory}")
        return found[0]


def executable(root: Root, artefacts: Artefacts) -> None:
    """One file, in a root that has no Python."""
    place(root, artefacts, "executable")
    said = root.must("proxy-wizard", "--version", says="(executable, ").strip()
    say(said)
    if (root.path / "usr/bin/python3").exists():
        raise SystemExit("this root has a Python: the executable could borrow from it")
    root.exercise("proxy-wizard", "bare", "user", "interrupt")
    refused = root.run("proxy-wizard", "--version", before=NOEXEC)
    if refused.returncode == 0:
        raise SystemExit("/tmp is not mounted noexec")
    root.must(
        "env", "TMPDIR=/root", "proxy-wizard", "--version", before=NOEXEC, says="(executable, "
    )
    say("with /tmp noexec: runs with TMPDIR elsewhere")
    remove(root)


def directory(root: Root, artefacts: Artefacts) -> None:
    """The executable as a directory, also where nothing in /tmp may be run."""
    place(root, artefacts, "directory")
    say(root.must("proxy-wizard", "--version", says="(executable, ").strip())
    root.exercise("proxy-wizard", "bare", "user", before=NOEXEC)
    say("with /tmp noexec: all of this")
    remove(root)


def refused(root: Root, artefacts: Artefacts) -> None:
    """The bundle says what is missing where there is no Python, or an old one."""
    place = unpacked(root, artefacts)
    root.must(f"{place}/install", code=1, says="install: error: no Python in PATH is CPython 3.11")
    say("the bundle says that there is no Python for it")


def bundle(root: Root, artefacts: Artefacts) -> None:
    """Install, install again, uninstall, install; links and manual page come and go."""
    place = unpacked(root, artefacts)
    say(root.must(f"{place}/install", says=f"is installed: {LINK}").strip())
    root.must("proxy-wizard", "--version", says="proxy-wizard ")
    page = root.path / "usr/local/share/man/man1/proxy-wizard.1"
    if not page.is_symlink():
        raise SystemExit("the manual page is missing")
    root.must(f"{place}/install", says="is installed")
    say("upgraded")
    root.must(f"{place}/install", "--uninstall", says="is removed")
    if (
        os.path.lexists(page)
        or os.path.lexists(root.path / LINK[1:])
        or (root.path / "opt/proxy-wizard").exists()
    ):
        raise SystemExit("something is left of it")
    say("uninstalled")
    (root.path / "opt/proxy-wizard").mkdir()
    (root.path / "opt/proxy-wizard/other").write_text("")
    root.must(f"{place}/install", code=1, says="holds something else")
    shutil.rmtree(root.path / "opt/proxy-wizard")
    wheel = next((root.path / place[1:] / "wheels").glob("h11-*"))
    kept = wheel.read_bytes()
    wheel.write_bytes(kept + b" ")
    root.must(f"{place}/install", code=1, says=f"{wheel.name} is damaged")
    wheel.write_bytes(kept)
    say("a damaged wheel is refused")
    root.must(f"{place}/install", says="is installed")
    root.exercise("proxy-wizard", "bare", "user", "interrupt")


def wheel(root: Root, artefacts: Artefacts) -> None:
    """The wheel by pip, from a directory of wheels."""
    place = unpacked(root, artefacts)
    shutil.copy(artefacts.one("proxy_wizard-*.whl"), root.path / "srv")
    root.must("python3", "-m", "venv", "/opt/proxy-wizard")
    root.must("sh", "-c", "/opt/proxy-wizard/bin/pip install --quiet --no-index "
              f"--find-links {place}/wheels /srv/proxy_wizard-*.whl")  # fmt: skip
    link(root, "/opt/proxy-wizard/bin/proxy-wizard")
    root.exercise("proxy-wizard", "bare", "user", "interrupt")


def with_httpd(root: Root, report: dict[str, object], name: str, *jobs: str) -> None:
    """Rehearsals on a real httpd and the wizard in a terminal."""
    root.exercise("proxy-wizard", "httpd", *jobs)
    found = json.loads((root.path / "srv/report.json").read_text())
    report[name] = comparable(found)


def comparable(found: object) -> object:
    """A report without what differs from run to run: times, ports and certificates."""
    text = json.dumps(found)
    for expression, instead in (
        (r"127\.0\.0\.1:\d+|erp\.backend\.test:\d+", "HOST:PORT"),
        (r"\bport \d+", "port PORT"),
        (r'"port": \d+', '"port": 0'),
        (r'"serial": "\w+"', '"serial": "SERIAL"'),
        (r"\b[0-9a-fA-F]{40,64}\b|(?:[0-9A-F]{2}:){19,31}[0-9A-F]{2}", "HASH"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(?:Z|\+00:00| UTC)", "TIME"),
        (r'"(\w*(?:seconds|time|took|elapsed|duration)\w*)": [\d.e-]+', r'"\1": 0'),
    ):
        text = re.sub(expression, instead, text)
    return json.loads(text)


def link(root: Root, target: str) -> None:
    """What docs/install.md says by hand."""
    path = root.path / LINK[1:]
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def remove(root: Root) -> None:
    """Uninstall by hand."""
    shutil.rmtree(root.path / "opt/proxy-wizard", ignore_errors=True)
    (root.path / LINK[1:]).unlink(missing_ok=True)


def unpacked(root: Root, artefacts: Artefacts) -> str:
    """The bundle, unpacked in the root."""
    archive = artefacts.one(f"proxy-wizard-*-offline-{MACHINE}.tar.gz")
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(root.path / "srv")], check=True)
    return f"/srv/{archive.name.removesuffix('.tar.gz')}"


def say(text: str) -> None:
    """A line of the report."""
    print(f"  {text}", flush=True)


def head(text: str) -> None:
    """What comes now."""
    print(f"== {text}", flush=True)


def place(root: Root, artefacts: Artefacts, name: str) -> None:
    """Install an artefact in the plainest way."""
    remove(root)
    if name == "executable":
        file = artefacts.one(f"proxy-wizard-*-linux-{MACHINE}")
        target = root.path / "opt/proxy-wizard/bin/proxy-wizard"
        subprocess.run(["install", "-D", "-m", "755", str(file), str(target)], check=True)
    elif name == "directory":
        archive = artefacts.one(f"proxy-wizard-*-linux-{MACHINE}.tar.gz")
        subprocess.run(["tar", "-xzf", str(archive), "-C", str(root.path / "opt")], check=True)
    else:
        root.must(f"{unpacked(root, artefacts)}/install", says="is installed")
        return
    link(root, "/opt/proxy-wizard/bin/proxy-wizard")


def main() -> None:
    """Test every artefact in every root."""
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__)
    artefacts = Artefacts(Path(sys.argv[1]).resolve())
    head("what the artefacts hold")
    for machine in pins.MACHINES:
        say(verify.offline(artefacts.one(f"proxy-wizard-*-offline-{machine}.tar.gz")))
    said = subprocess.run([artefacts.one(f"proxy-wizard-*-linux-{MACHINE}"), "--version"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    say(verify.executable(artefacts.one(f"proxy-wizard-*-linux-{MACHINE}.tar.gz"), said))
    for suite, _, base in (word.partition("=") for word in sys.argv[2:] or ["bookworm", "trixie"]):
        with copied(suite, base) as root:
            one_root(suite, root, artefacts)


def one_root(suite: str, root: Root, artefacts: Artefacts) -> None:
    """All that can be installed in a root: first where there is nothing, then with ever more."""
    head(f"{suite}: nothing but the root")
    executable(root, artefacts)
    directory(root, artefacts)
    refused(root, artefacts)
    root.apt("python3")
    python = root.must("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    fits = python in ("3.11", "3.12", "3.13", "3.14")
    head(f"{suite}: Python {python}, without venv and pip")
    if fits:
        bundle(root, artefacts)
    else:
        refused(root, artefacts)
    root.apt("apache2", "libnss-wrapper", "tmux", *(["python3-venv"] if fits else []))
    report: dict[str, object] = {}
    for name in ("bundle", "executable", "directory") if fits else ("executable", "directory"):
        head(f"{suite}: {name}, with httpd")
        place(root, artefacts, name)
        with_httpd(root, report, name, *(["environment"] if name != "bundle" else []))
    if fits:
        head(f"{suite}: wheel, with httpd")
        remove(root)
        wheel(root, artefacts)
        with_httpd(root, report, "wheel")
    first, *others = (json.dumps(found, indent=1).splitlines() for found in report.values())
    for other in others:
        if differences := list(difflib.unified_diff(first, other, lineterm="")):
            raise SystemExit("\n".join(["the artefacts' reports differ:", *differences]))
    say(f"{', '.join(report)}: one and the same report")
    head(f"{suite}: passed")


if __name__ == "__main__":
    main()
