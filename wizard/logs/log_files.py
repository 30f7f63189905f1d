"""Log files, line by line, however long they are and whatever bytes they hold."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from wizard.errors import UsageError
from wizard.logs.log_line import LINE_LIMIT

if TYPE_CHECKING:
    import gzip

_CHUNK = 4 * LINE_LIMIT  # bytes: at most four make a character
_GZIP = b"\x1f\x8b"


def lines(path: str, *, pipes: bool = True) -> Iterator[str]:
    """The lines of a file, compressed by logrotate or not.

    Args:
        path: of the operator's choice.
        pipes: whether a FIFO is read, which waits for its writer and as long as that writes.

    Raises:
        UsageError: it is a directory or a device, or compressed and damaged.
        OSError: it cannot be read.
    """
    kind = os.stat(path).st_mode  # noqa: PTH116 - pathlib costs a tenth of the start
    if stat.S_ISDIR(kind):
        raise UsageError("this is a directory.", file=path, hint="Name a file in it.")
    if stat.S_ISFIFO(kind) and not pipes:
        raise UsageError("this is a pipe, which may never end.", file=path)
    with open(path, "rb") as stream:  # noqa: PTH123 - see above
        refuse_device(stream.fileno(), path)
        if stream.peek(2)[:2] == _GZIP:
            yield from _unpacked(stream, path)
        else:
            yield from decoded(stream)


def _unpacked(stream: IO[bytes], path: str) -> Iterator[str]:
    import gzip

    try:
        yield from decoded(gzip.GzipFile(fileobj=stream))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError("the compressed data are damaged or cut off.", file=path) from error


def refuse_device(descriptor: int, name: str) -> None:
    """Devices such as ``/dev/zero`` never end. A terminal does, and ``/dev/null``.

    Args:
        descriptor: of what is to be read.
        name: for the message.

    Raises:
        UsageError: it is one.
    """
    found = os.fstat(descriptor)
    if not (stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode)):
        return
    if found.st_rdev != os.stat(os.devnull).st_rdev and not os.isatty(descriptor):  # noqa: PTH116
        raise UsageError("this is a device, not a log.", file=name)


def decoded(stream: IO[bytes] | gzip.GzipFile) -> Iterator[str]:
    """Lines of a stream, each cut to a bounded length, whatever bytes they hold."""
    inside = False
    while chunk := stream.readline(_CHUNK):
        if not inside:
            yield chunk.decode("utf-8", "backslashreplace")
        inside = not chunk.endswith(b"\n")
