"""Programs that answer as httpd does, and tell when they were run."""

from __future__ import annotations

import os
from pathlib import Path

UPSTREAM = "core.c mod_so.c http_core.c"


def httpd(
    path: Path,
    version: str = "2.4.50",
    *,
    vendor: str = "Unix",
    built_in: str = UPSTREAM,
    root: str = "/nowhere",
    main: str = "conf/httpd.conf",
) -> Path:
    """A program that answers to -v, -l and -V, and leaves ``PATH.ran`` behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = "".join(f"\\n  {source}" for source in built_in.split())
    path.write_text(
        f"""#!/bin/sh
echo "$*" >> {path}.ran
case "$*" in
-v) echo 'Server version: Apache/{version} ({vendor})' ;;
-l) printf 'Compiled in modules:{listed}\\n' ;;
"-f /dev/null -V")
    echo 'Server version: Apache/{version} ({vendor})'
    echo ' -D HTTPD_ROOT="{root}"'
    echo ' -D DEFAULT_PIDLOG="logs/httpd.pid"'
    echo ' -D SERVER_CONFIG_FILE="{main}"'
    exit 1 ;;
*) exit 3 ;;
esac
"""
    )
    path.chmod(0o755)
    return path


def was_run(program: Path) -> bool:
    return Path(f"{program}.ran").exists()


def prefix(root: Path, version: str = "2.4.50", lines: str = "") -> Path:
    """An installation from httpd's own source; its main file."""
    httpd(root / "bin/httpd", version, root=str(root))
    (root / "modules").mkdir()
    for name in ("mod_proxy.so", "mod_ssl.so"):
        (root / "modules" / name).write_bytes(b"")
    main = root / "conf" / "httpd.conf"
    main.parent.mkdir()
    main.write_text(f"ServerRoot {root}\nListen 80\n{lines}")
    return main


def process(
    proc: Path,
    pid: int,
    words: list[str],
    program: Path,
    *,
    parent: int = 1,
    name: str = "httpd",
    root: str = "/",
    owner: int | None = None,
) -> None:
    """A process as /proc shows it; ``owner`` None: this user's."""
    place = proc / str(pid)
    place.mkdir(parents=True)
    (place / "comm").write_text(f"{name}\n")
    (place / "stat").write_text(f"{pid} (({name}) x) S {parent} {'1 ' * 17}{pid} 0\n")
    user = os.geteuid() if owner is None else owner
    (place / "status").write_text(f"Name:\t{name}\nUid:\t{user}\t0\t0\t0\nNSpid:\t{pid}\n")
    (place / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in words))
    (place / "exe").symlink_to(program)
    (place / "root").symlink_to(root)
