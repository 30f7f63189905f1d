"""The corpus: one text file a group in ``constructs/``, and what text does not show well.

A case starts with ``=== name``; ``-D NAME`` and ``NAME=VALUE`` lines may follow. ``--- t.conf``
starts the configuration, ``--- other`` further files; ``--- dir/`` is an empty directory and
``--- link -> target`` a symbolic link. One blank line parts the cases.
"""

from __future__ import annotations

from pathlib import Path

from tests.config.oracle import byte_cases
from tests.config.oracle.case import Case

FOLDER = Path(__file__).parent / "constructs"


def parse(text: str) -> list[Case]:
    return [_case(chunk) for chunk in ("\n" + text).split("\n=== ")[1:]]


def _case(chunk: str) -> Case:
    head, *parts = chunk.split("\n--- ")
    name, *settings = head.split("\n")
    files: dict[str, str | bytes] = {}
    for part in [f"{part}\n" for part in parts[:-1]] + parts[-1:]:
        title, _, content = part.partition("\n")
        path, _, target = title.partition(" -> ")
        files[path] = f"->{target}" if target else content
    return Case(
        name,
        files.pop("t.conf"),
        files,
        [line.removeprefix("-D ") for line in settings if line.startswith("-D ")],
        dict(line.split("=", 1) for line in settings if not line.startswith("-D ")),
    )


GROUPS = {
    path.stem: parse(path.read_text(encoding="utf-8")) + byte_cases.GROUPS.get(path.stem, [])
    for path in sorted(FOLDER.glob("*.txt"))
}
CASES = [(group, case) for group, cases in GROUPS.items() for case in cases]
