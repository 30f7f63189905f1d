"""The OpenSSL that a mod_ssl loads, told from its files."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.config.installation import elf
from wizard.config.installation import linked

MOD_SSL = "/usr/lib/apache2/modules/mod_ssl.so"
OLD = b"OpenSSL 1.1.1w  11 Sep 2023\0"
NEW = b"OpenSSL 3.5.4 30 Sep 2025\0"


def test_debians_as_the_loader_finds_it() -> None:
    listed = subprocess.run(["ldd", MOD_SSL], capture_output=True, text=True, check=True).stdout
    loaded = {line.split()[0]: line.split()[2] for line in listed.splitlines() if "=>" in line}
    library = next(path for name, path in loaded.items() if name.startswith("libssl.so"))
    crypto = next(path for name, path in loaded.items() if name.startswith("libcrypto.so"))
    found = linked.openssl(MOD_SSL, "/usr/sbin/apache2")
    assert found.library is not None
    assert os.path.samefile(found.library, library)  # noqa: PTH121 # of texts
    said = subprocess.run(
        ["python3", "-c", f"import ctypes; c = ctypes.CDLL({crypto!r});"
         "c.OpenSSL_version.restype = ctypes.c_char_p; print(c.OpenSSL_version(0).decode())"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.split()[1] == found.version


def pair(place: Path, text: bytes = OLD, **more: Any) -> Path:
    """A libssl and its libcrypto in a directory."""
    elf.write(place / "libssl.so.1.1", "libcrypto.so.1.1", **more)
    elf.write(place / "libcrypto.so.1.1", text=text, **more)
    return place


def mod_ssl(place: Path, *needed: str, **more: Any) -> str:
    names = needed or ("libssl.so.1.1", "libcrypto.so.1.1")
    return str(elf.write(place / "modules/mod_ssl.so", *names, **more))


@pytest.mark.parametrize(("wide", "little"), [(True, True), (True, False), (False, True)])
def test_by_runpath(wide: bool, little: bool, tmp_path: Path) -> None:
    kind: dict[str, Any] = {"wide": wide, "little": little}
    lib = pair(tmp_path / "lib", **kind)
    found = linked.openssl(mod_ssl(tmp_path, runpath=str(lib), **kind))
    assert found == linked.OpenSsl("1.1.1w", str(lib / "libssl.so.1.1"))


@pytest.mark.parametrize("origin", ["$ORIGIN", "${ORIGIN}"])
def test_by_rpath_relative_to_the_module(origin: str, tmp_path: Path) -> None:
    pair(tmp_path / "lib")
    assert linked.openssl(mod_ssl(tmp_path, rpath=f"{origin}/../lib")).version == "1.1.1w"


def test_by_the_programs_rpath(tmp_path: Path) -> None:
    program = elf.write(tmp_path / "bin/httpd", "libc.so.6", rpath=str(pair(tmp_path / "lib")))
    assert linked.openssl(mod_ssl(tmp_path), str(program)).version == "1.1.1w"
    with_runpath = elf.write(tmp_path / "bin/other", runpath=str(tmp_path / "lib"))
    assert linked.openssl(mod_ssl(tmp_path), str(with_runpath)).version is None


def test_library_path_comes_after_rpath_and_before_runpath(tmp_path: Path) -> None:
    old, new = pair(tmp_path / "old"), pair(tmp_path / "new", NEW)
    by_rpath, by_runpath = (
        linked.openssl(mod_ssl(tmp_path / kind, **{kind: str(old)}), None, f"/nowhere:{new}")
        for kind in ("rpath", "runpath")
    )
    assert (by_rpath.version, by_runpath.version) == ("1.1.1w", "3.5.4")


def test_through_another_library(tmp_path: Path) -> None:
    lib = pair(tmp_path / "lib")
    elf.write(lib / "libmine.so", "libssl.so.1.1", "libcrypto.so.1.1", runpath="$ORIGIN")
    found = linked.openssl(mod_ssl(tmp_path, "libmine.so", runpath=str(lib)))
    assert found.version == "1.1.1w"


def test_of_another_machine_is_passed_over(tmp_path: Path) -> None:
    foreign, own = pair(tmp_path / "foreign", NEW, machine=183), pair(tmp_path / "own")
    path = mod_ssl(tmp_path, runpath=f"{foreign}:{own}")
    assert linked.openssl(path).version == "1.1.1w"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (b"x OpenSSL 1.1.1k  FIPS 25 Mar 2021 y", "1.1.1k"),
        (b"OpenSSL 3.6.0-beta1 16 Sep 2025", "3.6.0"),
        (b"OpenSSL 1.0.2zh 30 May 2023", "1.0.2zh"),
        (b"LibreSSL 3.8.2", None),
        (b"OpenSSL 3.0.0", None),
        (b"OpenSSL %s built", None),
    ],
)
def test_linked_in_statically(text: bytes, version: str | None, tmp_path: Path) -> None:
    path = elf.write(tmp_path / "mod_ssl.so", "libc.so.6", text=text)
    assert linked.openssl(str(path)) == linked.OpenSsl(version)


def test_not_on_this_machine(tmp_path: Path) -> None:
    assert linked.openssl(mod_ssl(tmp_path, "libssl.so.1.1")) == linked.OpenSsl()


@pytest.mark.parametrize("what", ["missing", "empty", "text", "directory", "fifo", "huge"])
def test_no_object_file(what: str, tmp_path: Path) -> None:
    path = tmp_path / "mod_ssl.so"
    if what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what != "missing":
        path.write_bytes(b"#!/bin/sh\n" if what == "text" else b"")
    if what == "huge":
        os.truncate(path, linked.LARGEST + 1)
    assert linked.openssl(str(path)) == linked.OpenSsl()


def test_damaged_object_files(tmp_path: Path) -> None:
    """Cut off anywhere, and with bytes changed: never more than no answer."""
    whole = elf.build(("libssl.so.3",), runpath="/nowhere", text=NEW)
    path = tmp_path / "mod_ssl.so"
    draw = random.Random(14)
    for number in range(600):
        data = bytearray(whole)
        if number < len(whole):
            del data[number:]
        for _ in range(draw.randrange(4)):
            if data:
                data[draw.randrange(len(data))] = draw.randrange(256)
        if number % 7 == 0 and len(data) > 64:
            struct.pack_into("<Q", data, 32, draw.choice([1 << 63, (1 << 64) - 1, 1 << 40]))
        path.write_bytes(data)
        os.utime(path, ns=(number, number))
        linked.openssl(str(path))


def test_an_endless_chain_of_libraries(tmp_path: Path) -> None:
    for number in range(200):
        elf.write(tmp_path / f"lib{number}.so", f"lib{number + 1}.so", runpath="$ORIGIN")
    elf.write(tmp_path / "lib200.so", "lib0.so", runpath="$ORIGIN")
    assert linked.openssl(str(tmp_path / "lib0.so")).library is None


def test_the_standard_place_of_a_library() -> None:
    found = linked.standard("libc.so.6")
    assert found is not None
    assert Path(found).is_file()
    assert linked.standard("libnobody.so.9") is None
