"""Small ELF files: a dynamic section and nothing that runs."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

_NEEDED, _STRTAB, _STRSZ, _RPATH, _RUNPATH = 1, 5, 10, 15, 29


def build(
    needed: tuple[str, ...] = (),
    *,
    rpath: str = "",
    runpath: str = "",
    text: bytes = b"",
    wide: bool = True,
    little: bool = True,
    machine: int = 62,
) -> bytes:
    """The bytes of a shared object.

    Args:
        needed: sonames.
        rpath: DT_RPATH.
        runpath: DT_RUNPATH.
        text: what else stands in it.
        wide: 64 bits.
        little: byte order.
        machine: EM_*.
    """
    order = "<" if little else ">"
    strings = b"\0"
    tags: list[tuple[int, int]] = []
    for tag, value in (
        *((_NEEDED, name) for name in needed),
        *(((_RPATH, rpath),) if rpath else ()),
        *(((_RUNPATH, runpath),) if runpath else ()),
    ):
        tags.append((tag, len(strings)))
        strings += value.encode() + b"\0"
    base = 0x10000  # where the file's bytes are in memory
    head, segment = (64, 56) if wide else (52, 32)
    start = head + 2 * segment
    tags += [(_STRTAB, base + start), (_STRSZ, len(strings)), (0, 0)]
    table = b"".join(struct.pack(f"{order}{'qQ' if wide else 'iI'}", *tag) for tag in tags)
    at = start + len(strings)
    total = at + len(table) + len(text)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if little else 2, 1]) + bytes(9)
    if wide:
        rest = struct.pack(
            f"{order}HHIQQQIHHHHHH", 3, machine, 1, 0, head, 0, 0, head, segment, 2, 0, 0, 0
        )
        segments = [
            (1, 5, 0, base, base, total, total, 1),
            (2, 6, at, base + at, base + at, len(table), len(table), 8),
        ]
        parts = b"".join(struct.pack(f"{order}IIQQQQQQ", *one) for one in segments)
    else:
        rest = struct.pack(
            f"{order}HHIIIIIHHHHHH", 3, machine, 1, 0, head, 0, 0, head, segment, 2, 0, 0, 0
        )
        segments = [
            (1, 0, base, base, total, total, 5, 1),
            (2, at, base + at, base + at, len(table), len(table), 6, 8),
        ]
        parts = b"".join(struct.pack(f"{order}IIIIIIII", *one) for one in segments)
    return ident + rest + parts + strings + table + text


def write(path: Path, *needed: str, **more: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(build(needed, **more))
    return path
