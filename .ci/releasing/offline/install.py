"""Installs proxy-wizard from this directory: ``install`` has found a Python and runs this."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAM = "bin/proxy-wizard"
PAGE = "share/man/man1/proxy-wizard.1"


class InstallError(Exception):
    """Something that cannot be done, in one sentence."""


def main(arguments: Sequence[str]) -> int:
    """Install or uninstall; returns the exit status."""
    parser = argparse.ArgumentParser("install", add_help=False)
    parser.add_argument("--prefix", type=Path, default=Path("/opt/proxy-wizard"))
    parser.add_argument("--links", type=Path, default=Path("/usr/local"))
    parser.add_argument("--no-links", action="store_true")
    parser.add_argument("--python")
    parser.add_argument("--uninstall", action="store_true")
    args = parser.parse_args(arguments)
    prefix = args.prefix.absolute()
    links = None if args.no_links else args.links.absolute()
    os.umask(0o022)  # for all users to run, for root alone to write
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is taken back
    try:
        _own(prefix)
        if args.uninstall:
            _uninstall(prefix, links)
        else:
            _install(prefix, links)
    except InstallError as failure:
        print(f"install: error: {failure}", file=sys.stderr)
    except OSError as error:
        print(f"install: error: {error.filename}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("install: interrupted, nothing was changed", file=sys.stderr)
        return 130
    else:
        return 0
    return 1


def _own(prefix: Path) -> None:
    """Make sure that the prefix is free, or holds an installation."""
    if not os.path.lexists(prefix):
        return
    if prefix.is_symlink() or not prefix.is_dir():
        raise InstallError(f"{prefix} is not a directory of its own; name another with --prefix.")
    if any(prefix.iterdir()) and not (prefix / PROGRAM).exists():
        raise InstallError(
            f"{prefix} holds something else than proxy-wizard; name another with --prefix."
        )


def _install(prefix: Path, links: Path | None) -> None:
    _verify()
    machine = (HERE / "machine").read_text("ascii").strip()
    if machine != _machine():
        raise InstallError(
            f"this bundle is for {machine}, and this machine is {platform.machine()}."
        )
    with _replaced(prefix):
        _say(f"installing to {prefix} with Python {platform.python_version()}")
        _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(prefix)],
             "the virtual environment could not be made")  # fmt: skip
        python = prefix / "bin/python"
        pip = next(HERE.glob("installer/pip-*.whl"))
        _run([str(python), "-I", str(pip / "pip"), "--isolated", "install", "--quiet", "--no-index",
              "--no-cache-dir", "--disable-pip-version-check", "--root-user-action=ignore",
              "--only-binary=:all:", "--require-hashes", "--find-links", str(HERE / "wheels"),
              "--requirement", str(HERE / "requirements.txt")],
             "the wheels could not be installed")  # fmt: skip
        said = _run([str(prefix / PROGRAM), "--version"], "what was installed does not run")
    if links is not None:
        for path in _links(links):
            _link(path, prefix / path.relative_to(links))
    _say(f"{said.strip()} is installed: {links / PROGRAM if links else prefix / PROGRAM}")


def _machine() -> str:
    """As the kernel says it, whatever it is called elsewhere."""
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())


def _uninstall(prefix: Path, links: Path | None) -> None:
    if not (prefix / PROGRAM).exists():
        raise InstallError(f"proxy-wizard is not installed in {prefix}.")
    if links is not None:
        for path in _links(links):
            if path.is_symlink() and path.readlink() == prefix / path.relative_to(links):
                path.unlink()
    shutil.rmtree(prefix)
    _say(f"{prefix} is removed")


def _verify() -> None:
    """Every file is the one that was packed, and all are there."""
    for line in (HERE / "SHA256SUMS").read_text("utf-8").splitlines():
        expected, _, name = line.partition("  ")
        try:
            found = hashlib.sha256((HERE / name).read_bytes()).hexdigest()
        except FileNotFoundError:
            raise InstallError(f"{name} is missing from the bundle; unpack it again.") from None
        if found != expected:
            raise InstallError(f"{name} is damaged; fetch and unpack the bundle again.")


@contextlib.contextmanager
def _replaced(prefix: Path) -> Iterator[None]:
    """The old installation out of the way, and back again if the new one fails.

    A virtual environment holds its own path: it has to be made where it will be.
    """
    prefix.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    if prefix.exists():
        kept = Path(tempfile.mkdtemp(prefix=f".{prefix.name}-", dir=prefix.parent))
        prefix.rename(kept / "old")
    try:
        yield
    except BaseException:
        shutil.rmtree(prefix, ignore_errors=True)
        if kept is not None:
            (kept / "old").rename(prefix)
            kept.rmdir()
        raise
    if kept is not None:
        shutil.rmtree(kept, ignore_errors=True)


def _links(links: Path) -> tuple[Path, Path]:
    return links / PROGRAM, links / PAGE


def _link(path: Path, target: Path) -> None:
    """A link, in place of a link; a file of somebody else's stays."""
    if path.exists() and not path.is_symlink():
        raise InstallError(f"{path} is no link and was left alone; {target} is installed.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _run(command: list[str], otherwise: str) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise InstallError(f"{otherwise}: {said[-1]}")
    return done.stdout


def _say(text: str) -> None:
    print(f"install: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
