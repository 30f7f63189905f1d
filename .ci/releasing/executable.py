"""Makes the executable, with the Python that runs this and for the machine it runs on.

Standard library only and no network: the wheels are there already. Needs readelf and objcopy
(binutils).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

RELEASING = Path(__file__).resolve().parent
sys.path.insert(0, str(RELEASING.parent))

from releasing import bundle, pins  # noqa: E402  # found only now


def main(arguments: Sequence[str]) -> None:
    """Make it; see ``--help``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", type=Path, required=True, help="the wheel of proxy-wizard")
    parser.add_argument("--wheels", type=Path, required=True, help="those that it needs")
    parser.add_argument("--tools", type=Path, required=True, help="those that make the executable")
    parser.add_argument("--work", type=Path, required=True, help="an empty directory for the work")
    parser.add_argument("--out", type=Path, required=True, help="the directory for the results")
    parser.add_argument("--when", type=int, required=True, help="time of the release, from 1970")
    args = parser.parse_args(arguments)
    for program in ("readelf", "objcopy"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: install binutils")
    python = _environment(args.product, args.wheels, args.tools, args.work)
    name = f"proxy-wizard-{args.product.name.split('-')[1]}-linux-{platform.machine()}"
    held = [pin.name for pin in pins.parse(pins.CONSTRAINTS.read_text())]
    _run(
        [python, "-I", "-m", "PyInstaller", "--noconfirm", "--log-level=WARN",
         "--distpath", str(args.work / "dist"), "--workpath", str(args.work / "build"),
         str(RELEASING / "proxy-wizard.spec")],
        PROXY_WIZARD_RELEASING=str(RELEASING.parent),
        PROXY_WIZARD_WORK=str(args.work),
        PROXY_WIZARD_NAME=name,
        PROXY_WIZARD_HELD=" ".join(["proxy-wizard", *held]),
        SOURCE_DATE_EPOCH=str(args.when),
        PYTHONHASHSEED="1",  # for the same result of the same sources
    )  # fmt: skip
    one = args.out / name
    shutil.copy(args.work / "dist" / name, one)
    directory = args.work / "dist" / f"{name}.d"
    # In place of the virtual environment that it is elsewhere: the same paths.
    members = {
        f"bin/{path.relative_to(directory)}": (path.read_bytes(), path.stat().st_mode & 0o755)
        for path in directory.rglob("*")
        if path.is_file()
    }
    members["share/man/man1/proxy-wizard.1"] = (
        (args.work / "venv/share/man/man1/proxy-wizard.1").read_bytes(),
        0o644,
    )
    bundle.write_tar(args.out / f"{name}.tar.gz", "proxy-wizard", members, args.when)
    found = _run([python, "-I", str(RELEASING / "contents.py"), str(one)])
    (args.work / "contents.json").write_text(json.dumps(json.loads(found)))


def _environment(product: Path, wheels: Path, tools: Path, work: Path) -> str:
    """A virtual environment with the product and what makes the executable."""
    venv = work / "venv"
    _run([sys.executable, "-I", "-m", "venv", "--without-pip", str(venv)])
    python = str(venv / "bin/python")
    pip = next(tools.glob("pip-*.whl")) / "pip"
    install = [python, "-I", str(pip), "--isolated", "install", "--quiet", "--no-index",
               "--no-cache-dir", "--root-user-action=ignore", "--only-binary=:all:"]  # fmt: skip
    _run([*install, "--require-hashes", "--find-links", str(wheels),
          "--requirement", str(pins.CONSTRAINTS)])  # fmt: skip
    _run([*install, "--require-hashes", "--find-links", str(tools),
          "--requirement", str(tools / "requirements.txt")])  # fmt: skip
    _run([*install, "--no-deps", str(product)])
    return python


def _run(command: Sequence[str], **environment: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
