"""Read the directive tables out of httpd's own binaries.

httpd keeps every module as ``struct module`` with a pointer to its ``command_rec`` array
(include/http_config.h). They are read from the ELF file with its relocations applied, so that
the table in wizard/reference/data/directives.json can be held against the very httpd that is
installed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

KINDS = (
    "RAW_ARGS",
    "TAKE1",
    "TAKE2",
    "ITERATE",
    "ITERATE2",
    "FLAG",
    "NO_ARGS",
    "TAKE12",
    "TAKE3",
    "TAKE23",
    "TAKE123",
    "TAKE13",
    "TAKE_ARGV",
)
EXEC_ON_READ = 256
_SIZES = (104, 112)
"""Of ``struct module``: until httpd 2.4.33, and with the flags that it has had since."""
_R_X86_64_64, _R_X86_64_GLOB_DAT, _R_X86_64_RELATIVE = 1, 6, 8


@dataclass(frozen=True)
class Command:
    name: str
    override: int
    kind: str
    message: str


@dataclass(frozen=True)
class Module:
    identifier: str
    source: str
    commands: tuple[Command, ...]


class _Image:
    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        section_offset = struct.unpack_from("<Q", self.data, 40)[0]
        entry_size, count = struct.unpack_from("<HH", self.data, 58)
        self.sections = [
            struct.unpack_from("<IIQQQQIIQQ", self.data, section_offset + index * entry_size)
            for index in range(count)
        ]
        self.symbols: list[tuple[str, int, int]] = []
        self.pointers: dict[int, int] = {}
        for section in self.sections:
            if section[1] == 11:  # SHT_DYNSYM
                self._read_symbols(section)
        for section in self.sections:
            if section[1] == 4:  # SHT_RELA
                self._read_relocations(section)

    def _read_symbols(self, section: tuple[int, ...]) -> None:
        strings = self.sections[section[6]][4]
        for offset in range(section[4], section[4] + section[5], 24):
            name, _info, _other, _index, value, size = struct.unpack_from(
                "<IBBHQQ", self.data, offset
            )
            start = strings + name
            text = self.data[start : self.data.index(b"\0", start)].decode()
            self.symbols.append((text, value, size))

    def _read_relocations(self, section: tuple[int, ...]) -> None:
        for offset in range(section[4], section[4] + section[5], 24):
            where, info, addend = struct.unpack_from("<QQq", self.data, offset)
            kind, symbol = info & 0xFFFFFFFF, info >> 32
            if kind == _R_X86_64_RELATIVE:
                self.pointers[where] = addend
            elif kind in (_R_X86_64_64, _R_X86_64_GLOB_DAT):
                self.pointers[where] = self.symbols[symbol][1] + addend

    def offset(self, address: int) -> int:
        for section in self.sections:
            if section[1] != 8 and section[3] and section[3] <= address < section[3] + section[5]:
                return int(section[4] + address - section[3])
        raise ValueError(hex(address))

    def integer(self, address: int) -> int:
        value: int = struct.unpack_from("<i", self.data, self.offset(address))[0]
        return value

    def text(self, pointer_at: int) -> str | None:
        address = self.pointers.get(pointer_at)
        if address is None:
            return None
        start = self.offset(address)
        return self.data[start : self.data.index(b"\0", start)].decode()


def modules(path: Path) -> list[Module]:
    """Every module in a shared object or in httpd itself."""
    image = _Image(path)
    found = []
    for name, address, size in image.symbols:
        if not name.endswith("_module") or size not in _SIZES:
            continue
        source = image.text(address + 16)
        commands = []
        record = image.pointers.get(address + 88)
        while record is not None and (command := image.text(record)) is not None:
            commands.append(
                Command(
                    command,
                    image.integer(record + 24),
                    KINDS[image.integer(record + 28)],
                    image.text(record + 32) or "",
                )
            )
            record += 40
        found.append(Module(name, source or "", tuple(commands)))
    return found


def installed() -> list[Module]:
    """Every module of the installed httpd."""
    paths = [Path("/usr/sbin/apache2"), *sorted(Path("/usr/lib/apache2/modules").glob("*.so"))]
    return [module for path in paths for module in modules(path)]
