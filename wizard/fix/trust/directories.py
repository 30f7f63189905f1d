"""The certificates in a directory and in those below it, within bounds.

A directory may hold whatever somebody put there: a hundred thousand names, files of terabytes,
loops. Links to files are followed (``guarded``), links to directories are not.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wizard.fix.trust import guarded, stores
from wizard.fix.trust.guarded import NotGuardedError
from wizard.fix.trust.stores import Store

MOST_NAMES = 20_000
"""Names listed in one walk, whichever the file systems give first."""
MOST_FILES = 1000
"""Files looked at in one walk."""
MOST_BYTES = 16 << 20
"""Bytes of them in all; a file for each of Mozilla's CAs makes a quarter of a megabyte."""
LONGEST = 3.0
"""Seconds of one walk; it is looked at between two files."""
_SKIPPED = frozenset({"private", "keys"})
"""Directories of keys."""
_NAME = re.compile(
    r"\.(?:pem|crt|cert?|der|p7[bc]|ca-bundle)$|(?:ca|root|chain)(?:certs?)?(?![a-z])"
)
"""With what ends the name of a file of certificates, or a word in it."""
_OTHER = re.compile(
    r"key(?:\.pem)?$|\.(?:conf|load|cnf|csr|crl|srl|so|p12|pfx|jks)$|^[0-9a-f]{8}\.r?[0-9]+$"
)
"""Private keys, what holds no certificate alone, and the names that openssl rehash gives to links.
"""
_MOST_HINTS = 1000
"""Names looked at in a directory that is passed over, before that is told."""
Refused = Callable[[NotGuardedError, str], None]
"""Told why a file or a directory, whose path is the second argument, was passed over."""


@dataclass(slots=True)
class Walk:
    """What is left of the bounds of one walk, and what it has seen.

    Args:
        refused: told what others could have changed; that is left out.
        known: directories whose files are known already, also where links lead to them.
    """

    refused: Refused
    known: tuple[str, ...] = ()
    names: int = MOST_NAMES
    files: int = MOST_FILES
    bytes: int = MOST_BYTES
    ends: float = field(default_factory=lambda: time.monotonic() + LONGEST)
    seen: set[str] = field(default_factory=set)

    def stores(self, path: str, *, depth: int = 1) -> Iterator[Store]:
        """The files of a directory that hold certificates, those nearest to it first, by name.

        Args:
            path: of the directory.
            depth: levels of directories below it that are looked through.
        """
        files = [file for file in self._listed(path, depth) if is_named_like(file)]
        files.sort(key=lambda file: (file.count("/"), file))
        for file in files:
            real = os.path.realpath(file)
            if real in self.seen or os.path.dirname(real) in self.known:  # noqa: PTH120
                continue
            self.seen.add(real)
            self.files -= 1
            self.bytes -= _size(real)
            if self.files < 0 or self.bytes < 0 or time.monotonic() > self.ends:
                return
            try:
                store = stores.read(file)
            except NotGuardedError as error:
                self.refused(error, file)
                continue
            if store.certificates:
                yield store

    def _listed(self, directory: str, depth: int) -> Iterator[str]:
        """What lies in a directory and below; nothing where that cannot be read."""
        waiting = deque([(directory, depth)])
        while waiting and time.monotonic() < self.ends:
            place, levels = waiting.popleft()
            try:
                with _scanned(place) as entries:
                    for entry in entries:
                        self.names -= 1
                        if self.names < 0:
                            return
                        path = f"{place.rstrip('/')}/{entry.name}"
                        yield path
                        below = levels and entry.is_dir(follow_symlinks=False)
                        if below and entry.name not in _SKIPPED:
                            waiting.append((path, levels - 1))
            except NotGuardedError as error:
                if _may_hold(place):
                    self.refused(error, place)
            except (OSError, ValueError):
                continue


def is_named_like(path: str) -> bool:
    """Whether a file is named as one that holds certificates, and no private key alone."""
    name = os.path.basename(path).lower()  # noqa: PTH119  # thousands of files
    return _NAME.search(name) is not None and _OTHER.search(name) is None


def _may_hold(directory: str) -> bool:
    """Whether names in a directory look like certificates; nothing in it is opened."""
    try:
        with os.scandir(directory) as entries:
            return any(is_named_like(one.name) for one in itertools.islice(entries, _MOST_HINTS))
    except (OSError, ValueError):
        return True


@contextlib.contextmanager
def _scanned(directory: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    with guarded.opened(directory) as descriptor:
        listing = guarded.for_reading(descriptor)
        try:
            with os.scandir(listing) as entries:
                yield entries
        finally:
            os.close(listing)


def _size(path: str) -> int:
    """Bytes that reading a file takes: none if it is refused for its size."""
    try:
        size = os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
    return size if size <= stores.LARGEST else 0
