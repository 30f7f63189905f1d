"""A bare root of Debian, in which commands run without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIRROR = os.environ.get("MIRROR", "http://deb.debian.org/debian")
EXERCISE = Path(__file__).with_name("exercise")
_NAMESPACE = """\
ip link set lo up
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
exec chroot "$@"
"""


class Root:
    """A root that packages are installed in, and that commands run in without a network."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "etc/resolv.conf").unlink(missing_ok=True)
        shutil.copy("/etc/resolv.conf", path / "etc/resolv.conf")
        (path / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")  # start no server
        (path / "usr/sbin/policy-rc.d").chmod(0o755)
        (path / "srv").mkdir(exist_ok=True)
        shutil.copy(EXERCISE, path / "exercise")

    def apt(self, *packages: str) -> None:
        """Install Debian packages."""
        for words in (["update", "-qq"], ["install", "-yqq", "--no-install-recommends", *packages]):
            command = ["unshare", "--mount", "chroot", str(self.path), "env", "-i",
                       "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                       "apt-get", *words]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"apt-get {' '.join(words)}: {done.stderr}")

    def run(self, *command: str, before: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as sudo would, on loopback alone.

        Args:
            command: program and arguments.
            before: shell commands to run in the namespace first; $1 is the root.
        """
        script = _NAMESPACE.replace("exec ", f"{before}\nexec ") if before else _NAMESPACE
        return subprocess.run(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "env", "-i",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
             "sh", "-euc", script, "sh", str(self.path), *command],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip

    def must(self, *command: str, before: str = "", code: int = 0, says: str = "") -> str:
        """Run a command that must end with a code and say something."""
        done = self.run(*command, before=before)
        said = done.stdout + done.stderr
        if done.returncode != code or says not in said or "Traceback" in said:
            raise SystemExit(f"FAILED  (status {done.returncode}) {' '.join(command)}\n{said}")
        return said

    def exercise(self, program: str, *jobs: str, before: str = "") -> None:
        """Put an installed program through its jobs; ``before`` as for :meth:`run`."""
        said = self.must("/exercise", program, *jobs, before=before)
        sys.stdout.write("".join(f"    {line}\n" for line in said.splitlines()))


@contextmanager
def copied(suite: str, base: str) -> Iterator[Root]:
    """A root of one's own."""
    with tempfile.TemporaryDirectory(prefix=f"proxy-wizard-{suite}-") as directory:
        path = Path(directory, "root")
        if base:
            subprocess.run(["cp", "-a", base, str(path)], check=True)
        else:
            subprocess.run(["debootstrap", "--variant=minbase", suite, str(path), MIRROR],
                           stdout=subprocess.DEVNULL, check=True)  # fmt: skip
        yield Root(path)
