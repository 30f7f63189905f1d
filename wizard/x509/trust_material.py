"""The contents of the files that a policy names, as httpd and OpenSSL 3.0 take them.

A file is read once as long as it does not change on disk, however many policies name it; one that
does not exist costs a single ``stat``. Sizes and counts are bounded, only plain files are opened.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from wizard.model.certificate import ClientCertificate, TrustFile, TrustMaterial
from wizard.model.release import NEWEST, Release
from wizard.record import record

if TYPE_CHECKING:
    from wizard.model.config import TlsPolicy

LARGEST = 16 << 20
"""Bytes of one file that are read."""
MOST_FILES = 5000
"""Files of a directory that are read."""
MOST_BYTES = 64 << 20
"""Bytes of a directory's files that are read in all."""
Content = Literal["certificates", "crls"]
_FRESH = 2.0
"""Seconds for which a directory's contents are taken as unchanged."""


@record
class Found:
    """A path on disk. Equal while the file is the same and unchanged.

    Args:
        path: as the policy names it.
        state: ``missing``, ``unreadable`` (its directory may not be searched), ``directory``,
            ``empty`` (also a pipe, socket or device, whose size is 0) or ``ok``.
        stamp: device, inode, size, modification and change time in nanoseconds.
    """

    path: str
    state: Literal["ok", "missing", "unreadable", "empty", "directory"]
    stamp: tuple[int, ...] = ()


def read(policy: TlsPolicy, release: Release = NEWEST) -> TrustMaterial:
    """Read every trust file of a policy.

    Args:
        policy: paths in it are absolute.
        release: the httpd and the OpenSSL that take them.

    Returns:
        What each file and directory holds, with the state that httpd sees. Never raises for what
        is found on disk.
    """
    return TrustMaterial(
        ca_file=_file(policy.ca_certificate_file.value, "certificates"),
        ca_path=_directory(policy.ca_certificate_path.value, "certificates"),
        crl_file=_file(policy.ca_revocation_file.value, "crls"),
        crl_path=_directory(policy.ca_revocation_path.value, "crls"),
        client_certificate=_client(
            policy.machine_certificate_file.value,
            policy.machine_certificate_path.value,
            release,
        ),
        machine_chain=_file(policy.machine_certificate_chain_file.value, "certificates"),
    )


_UNSET_FILE = TrustFile()
_UNSET_CLIENT = ClientCertificate()


def _file(path: str | None, content: Content) -> TrustFile:
    if path is None:
        return _UNSET_FILE
    found = look(path)
    if found.state != "ok":
        return TrustFile(path, found.state, loads=False)
    return _parsed_file(found, content)


def _directory(path: str | None, content: Content) -> TrustFile:
    if path is None:
        return _UNSET_FILE
    found = look(path)
    if found.state == "directory":
        return _parsed_directory(found, content, int(time.monotonic() / _FRESH))
    if found.state in ("missing", "unreadable"):
        return TrustFile(path, found.state, loads=False)
    return TrustFile(path, "not-a-directory", loads=False)


def _client(file: str | None, directory: str | None, release: Release) -> ClientCertificate:
    if file is not None:
        found = look(file)
        if found.state == "ok":
            return _parsed_client(found, 0, release)
        if found.state == "directory":
            return ClientCertificate(file, "missing", "is a directory")
        return ClientCertificate(file, found.state)
    if directory is not None:
        found = look(directory)
        if found.state == "directory":
            return _parsed_client(found, int(time.monotonic() / _FRESH), release)
        detail = "" if found.state == "missing" else "is no directory"
        return ClientCertificate(directory, "missing", detail)
    return _UNSET_CLIENT


def look(path: str) -> Found:
    """What kind of file a path names, following links."""
    try:
        info = os.stat(path)  # noqa: PTH116  # called for every policy: five times faster
    except PermissionError:
        return Found(path, "unreadable")
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return Found(path, "missing")
    stamp = (info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
    if stat.S_ISDIR(info.st_mode):
        return Found(path, "directory", stamp)
    if not stat.S_ISREG(info.st_mode) or not info.st_size:
        return Found(path, "empty", stamp)
    return Found(path, "ok", stamp)


def content(path: str) -> bytes | str:
    """The bytes of a plain file, or why it cannot be read. Never waits on a pipe or device."""
    try:
        # before it is opened, which a device may take as an order
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # thousands of files
            return "is not a plain file"
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        return error.strerror or "cannot be read"
    return data if len(data) <= LARGEST else f"is larger than {LARGEST >> 20} MiB"


def names(directory: str) -> list[str]:
    """The names in a directory: ``MOST_FILES`` of them, whichever the file system gives first.

    Raises:
        OSError: it cannot be read.
    """
    with os.scandir(directory) as entries:
        return [entry.name for entry in itertools.islice(entries, MOST_FILES)]


def pem_files(directory: str, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files that hold a PEM block, until ``MOST_BYTES`` were read.

    Args:
        directory: where they are.
        wanted: their names, those that matter most first.
    """
    left = MOST_BYTES
    for name in wanted:
        data = content(os.path.join(directory, name))  # noqa: PTH118  # thousands of names
        if isinstance(data, str):
            continue
        left -= len(data)
        if left < 0:
            return
        if b"-----BEGIN " in data:
            yield name, data


@lru_cache(maxsize=1024)
def _parsed_file(found: Found, content: Content) -> TrustFile:
    from wizard.x509 import trust_file  # cryptography

    return trust_file.read_file(found.path, content)


@lru_cache(maxsize=256)
def _parsed_directory(found: Found, content: Content, epoch: int) -> TrustFile:  # noqa: ARG001  # epoch: part of the key only
    from wizard.x509 import trust_file

    return trust_file.read_directory(found.path, content)


@lru_cache(maxsize=256)
def _parsed_client(found: Found, epoch: int, release: Release) -> ClientCertificate:  # noqa: ARG001  # epoch: part of the key only
    from wizard.x509 import client_certificate

    return client_certificate.read(found.path, release)
