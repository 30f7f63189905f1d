"""Log files, line by line, however long they are and whatever bytes they hold."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from wizard.errors import UsageError
from wizard.logs.lines import LINE_LIMIT

if TYPE_CHECKING:
    import gzip

_CHUNK = 4 * LINE_LIMIT  # bytes: at most four make a character
_GZIP = b"\x1f\x8b"


def lines(path: str) -> Iterator[str]:
    """The lines of a file, compressed by logrotate or not.

    Args:
        path: of the operator's choice.

    Raises:
        UsageError: it is a directory, or compressed and damaged.
        OSError: it cannot be read.
    """
    if stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116 - pathlib costs a tenth of the start
        raise UsageError("this is a directory.", file=path, hint="Name a file in it.")
    with open(path, "rb") as stream:  # noqa: PTH123 - see above
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


def decoded(stream: IO[bytes] | gzip.GzipFile) -> Iterator[str]:
    """Lines of a stream, each cut to a bounded length, whatever bytes they hold."""
    inside = False
    while chunk := stream.readline(_CHUNK):
        if not inside:
            yield chunk.decode("utf-8", "backslashreplace")
        inside = not chunk.endswith(b"\n")
