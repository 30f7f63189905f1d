"""The OpenSSL that a module loads, read from files: nothing is run or loaded.

Source: ELF (System V ABI, chapters 4 and 5), ld.so(8) for the order in which libraries are looked
for and for ld.so.cache.
"""
# ruff: noqa: PTH118, PTH120
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import contextlib
import os
import re
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import BinaryIO

from wizard import plain_file
from wizard.config.installation.filesystem import stamp
from wizard.model.config import LayoutKind
from wizard.record import record

CACHE = "/etc/ld.so.cache"
LARGEST = 64 << 20
"""Bytes of one file that are read; a libcrypto has 3 to 8 MiB, an httpd with all built in 20."""
_STANDARD = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
"""Where else a loader looks: glibc's own, and musl's."""
_DEPTH = 4
"""How far below the module a library that needs OpenSSL is looked for."""
_VERSION = re.compile(
    rb"OpenSSL (\d{1,2}\.\d{1,2}\.\d{1,3}[a-z]{0,2})[-+.\w]{0,40}(?: +FIPS)?"
    rb" +\d{1,2} [A-Z][a-z]{2} \d{4}"
)
"""What OPENSSL_VERSION_TEXT looks like: ``OpenSSL 1.1.1k  FIPS 25 Mar 2021``."""
_NEEDED, _STRTAB, _STRSZ, _RPATH, _RUNPATH = 1, 5, 10, 15, 29  # DT_*
_LOAD, _DYNAMIC = 1, 2  # PT_*
_LARGEST_TABLE = 1 << 20
"""Bytes of one table of an object that are looked at."""


@record
class OpenSsl:
    """An OpenSSL.

    Args:
        version: ``3.0.19``, ``1.1.1w``; None if its files do not say.
        library: its libssl; None: it is linked into the module or the program.
    """

    version: str | None = None
    library: str | None = None


@record
class _Object:
    """What the dynamic section of an ELF file says.

    Args:
        machine: class, byte order and machine: objects of one process have the same.
        needed: sonames.
        rpath: directories searched before LD_LIBRARY_PATH.
        runpath: directories searched after it; ``rpath`` is then ignored.
    """

    machine: tuple[int, int, int]
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()


def openssl(module: str, program: str | None = None, library_path: str = "") -> OpenSsl:
    """The OpenSSL that a module uses.

    Args:
        module: path of mod_ssl.so, or of the program that has it built in.
        program: that loads the module; its RPATH is searched too.
        library_path: LD_LIBRARY_PATH of the process.

    Returns:
        Without a version if the module is no ELF file, or its OpenSSL is not on this machine.
    """
    own = _object(module)
    if own is None:
        return OpenSsl()
    loader = _object(program) if program is not None else None
    paths = _Paths(library_path, loader.rpath if loader is not None else ())
    ssl = paths.find("libssl.so", module, own)
    crypto = paths.find("libcrypto.so", module, own)
    if crypto is None and ssl is None:
        return OpenSsl(version(module))
    return OpenSsl(version(crypto or ssl or module), ssl)


def standard(soname: str) -> str | None:
    """Where a program without directories of its own finds a library.

    Args:
        soname: ``libssl.so.3``.
    """
    directories = [os.path.join(directory, soname) for directory in _STANDARD]
    found = (*_cached(soname), *directories)
    return next((path for path in found if _object(path) is not None), None)


def version(path: str) -> str | None:
    """The version of OpenSSL in a file: its libcrypto, or a program with OpenSSL built in.

    Args:
        path: of a plain file.
    """
    state = stamp(path)
    return None if state is None else _version(path, *state)


def knows_profiles(libssl: str | None, kind: LayoutKind) -> bool | None:
    """Whether httpd's OpenSSL takes ``PROFILE=SYSTEM`` as a list of ciphers (crypto-policies(7)).

    RHEL's and Fedora's does: its libssl contains the name, as the default.

    Args:
        libssl: path of the library; None: it is not here.
        kind: of the configuration; one laid out as RHEL's is taken at its word then.

    Returns:
        None: that is not known.
    """
    if libssl is None:
        return True if kind == "rhel" else None
    state = stamp(libssl)
    return state is not None and _has_profiles(libssl, *state)


@lru_cache(maxsize=64)
def _has_profiles(path: str, *_state: int) -> bool:
    return b"PROFILE=SYSTEM" in _content(path)


@lru_cache(maxsize=64)
def _version(path: str, *_state: int) -> str | None:
    found = _VERSION.search(_content(path))
    return found[1].decode("ascii") if found else None


def _content(path: str) -> bytes:
    """The bytes of a plain file of bounded size; empty for anything else."""
    with contextlib.suppress(OSError, ValueError), _opened(path) as file:
        return b"" if file is None else file.read(LARGEST)
    return b""


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO | None]:
    """A plain file of bounded size; None: it is something else."""
    with os.fdopen(plain_file.opened(path), "rb", buffering=0) as file:
        yield file if os.fstat(file.fileno()).st_size <= LARGEST else None


class _Paths:
    """Where the loader looks for libraries."""

    def __init__(self, library_path: str, inherited: tuple[str, ...]) -> None:
        self._library_path = [one for one in re.split("[:;]", library_path) if one]
        self._inherited = inherited

    def find(self, name: str, path: str, of: _Object, depth: int = _DEPTH) -> str | None:
        """A library that an object loads, itself or through what it loads; breadth first.

        Args:
            name: how the soname begins.
            path: of the object's file.
            of: the object.
            depth: how many libraries may be between them.
        """
        level = [(path, of)]
        seen: set[str] = set()
        for _ in range(depth):
            below: list[tuple[str, _Object]] = []
            for place, each in level:
                for soname in each.needed:
                    if soname in seen:
                        continue
                    seen.add(soname)
                    found = self._library(soname, place, each)
                    if found is not None and soname.startswith(name):
                        return found[0]
                    if found is not None and not soname.startswith(("libc.so", "ld-")):
                        below.append(found)
            level = below
        return None

    def _library(self, soname: str, path: str, of: _Object) -> tuple[str, _Object] | None:
        for candidate in self._candidates(soname, path, of):
            found = _object(candidate)
            if found is not None and found.machine == of.machine:
                return candidate, found
        return None

    def _candidates(self, soname: str, path: str, of: _Object) -> Iterator[str]:
        if "/" in soname:
            yield os.path.realpath(soname)
            return
        origin = os.path.dirname(os.path.realpath(path))
        inherited = () if of.runpath else (*of.rpath, *self._inherited)
        for directory in (*inherited, *self._library_path, *of.runpath):
            yield os.path.join(_expanded(directory, origin), soname)
        yield from _cached(soname)
        for directory in _STANDARD:
            yield os.path.join(directory, soname)


def _expanded(directory: str, origin: str) -> str:
    return directory.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)


def _cached(soname: str) -> list[str]:
    """Paths of a library in ldconfig's cache, in its order; builds for newer processors are of the
    same release."""
    ending = b"/" + re.escape(os.fsencode(soname))
    paths = re.findall(
        rb"(?<=\0)/[^\0]{0,4000}" + ending + rb"(?=\0)", _ld_so_cache(CACHE, *(stamp(CACHE) or ()))
    )
    return [os.fsdecode(path) for path in paths if b"/glibc-hwcaps/" not in path]


@lru_cache(maxsize=1)
def _ld_so_cache(path: str, *_state: int) -> bytes:
    return _content(path)


def _string(data: bytes, start: int) -> str:
    end = data.find(b"\0", start, start + 4096)
    return data[start:end].decode("utf-8", "surrogateescape") if end >= 0 else ""


def _object(path: str) -> _Object | None:
    state = stamp(path)
    return None if state is None else _read(path, *state)


@lru_cache(maxsize=256)
def _read(path: str, *_state: int) -> _Object | None:
    try:
        with _opened(path) as file:
            return None if file is None else _parsed(lambda at, size: _piece(file, at, size))
    except (OSError, ValueError, OverflowError, struct.error):  # it is shorter than its headers say
        return None


def _piece(file: BinaryIO, at: int, size: int) -> bytes:
    return os.pread(file.fileno(), min(size, _LARGEST_TABLE), at)


def _parsed(piece: Callable[[int, int], bytes]) -> _Object | None:
    head = piece(0, 64)
    if head[:4] != b"\x7fELF" or head[4:5] not in (b"\1", b"\2") or head[5:6] not in (b"\1", b"\2"):
        return None
    wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
    machine = (head[4], head[5], struct.unpack_from(f"{order}H", head, 18)[0])
    segments = list(_segments(head, piece, wide, order))
    dynamic = next((one for kind, *one in segments if kind == _DYNAMIC), None)
    if dynamic is None:
        return _Object(machine)
    tags: list[tuple[int, int]] = []
    entry = struct.Struct(f"{order}qQ" if wide else f"{order}iI")
    table = piece(dynamic[0], dynamic[2])
    for tag, value in entry.iter_unpack(table[: len(table) // entry.size * entry.size]):
        if tag == 0:
            break
        tags.append((tag, value))
    named = dict(tags)
    address = named.get(_STRTAB, 0)
    start = next(
        (
            offset + address - begin
            for kind, offset, begin, length in segments
            if kind == _LOAD and begin <= address < begin + length
        ),
        None,
    )
    if start is None:
        return _Object(machine)
    strings = piece(start, named.get(_STRSZ, 0))

    def texts(tag: int) -> list[str]:
        return [_string(strings, value) for kind, value in tags if kind == tag]

    def directories(tag: int) -> tuple[str, ...]:
        return tuple(part for text in texts(tag) for part in text.split(":") if part)

    runpath = directories(_RUNPATH)
    needed = tuple(texts(_NEEDED))
    return _Object(machine, needed, () if runpath else directories(_RPATH), runpath)


def _segments(
    head: bytes, piece: Callable[[int, int], bytes], wide: bool, order: str
) -> Iterator[tuple[int, int, int, int]]:
    """Type, offset, address and size in the file, of each program header."""
    start = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", head, 32 if wide else 28)[0]
    size, count = struct.unpack_from(f"{order}HH", head, 54 if wide else 42)
    table = piece(start, size * count)
    for number in range(count):
        if wide:
            found = struct.unpack_from(f"{order}IIQQQQ", table, size * number)
            kind, _, offset, address, _, length = found
        else:
            found = struct.unpack_from(f"{order}IIIII", table, size * number)
            kind, offset, address, _, length = found
        yield kind, offset, address, length
