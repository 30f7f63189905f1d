"""Log files, line by line, however long they are and whatever bytes they hold."""

from __future__ import annotations

import errno
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from wizard import plain_file
from wizard.errors import UsageError
from wizard.logs.log_line import LINE_LIMIT

if TYPE_CHECKING:
    import gzip

_CHUNK = 4 * LINE_LIMIT  # bytes: at most four make a character
_GZIP = b"\x1f\x8b"
_NAME = "Name a log file."
Stop = Callable[[], bool]


def lines(path: str, stop: Stop, *, waiting: bool = True) -> Iterator[str]:
    """The lines of a file, compressed by logrotate or not.

    Args:
        path: of the operator's choice.
        stop: asked again and again; true ends the reading.
        waiting: whether a pipe or a terminal is read, which waits for what somebody writes there.

    Raises:
        UsageError: it is no log: a directory, a device, a file of the kernel's; or compressed and
            damaged.
        OSError: it cannot be read.
    """
    # pathlib costs a tenth of the start; whether a device is a terminal shows when it is open
    _refuse(os.stat(path), path, waiting=waiting, terminal=True)  # noqa: PTH116
    # Where nothing may wait, O_NONBLOCK: a pipe may have taken the file's place.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | (0 if waiting else os.O_NONBLOCK)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        refuse(stream.fileno(), path, waiting=waiting)
        if stream.peek(2)[:2] == _GZIP:
            yield from _unpacked(stream, path, stop)
        else:
            yield from decoded(stream, stop)


def _unpacked(stream: IO[bytes], path: str, stop: Stop) -> Iterator[str]:
    import gzip

    try:
        yield from decoded(gzip.GzipFile(fileobj=stream), stop)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError("the compressed data are damaged or cut off.", file=path) from error


def refuse(descriptor: int, name: str, *, waiting: bool = True) -> None:
    """Refuse what is no log.

    Args:
        descriptor: of what is to be read.
        name: for the message.
        waiting: see ``lines``.

    Raises:
        UsageError: see ``lines``.
    """
    _refuse(os.fstat(descriptor), name, waiting=waiting, terminal=os.isatty(descriptor))


def _refuse(found: os.stat_result, name: str, *, waiting: bool, terminal: bool) -> None:
    kind = found.st_mode
    if stat.S_ISDIR(kind):
        raise UsageError("this is a directory.", file=name, hint="Name a file in it.")
    if stat.S_ISSOCK(kind):
        raise UsageError("this is a socket, not a log.", file=name)
    if stat.S_ISFIFO(kind) and not waiting:
        raise UsageError("this is a pipe, which may never end.", file=name, hint=_NAME)
    if plain_file.is_of_the_kernel(found):
        raise UsageError("this is a file that the kernel makes up.", file=name, hint=_NAME)
    # Devices such as /dev/zero never end. A terminal does, and /dev/null.
    if (stat.S_ISCHR(kind) or stat.S_ISBLK(kind)) and not (
        (waiting and terminal) or found.st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116
    ):
        raise UsageError("this is a device, not a log.", file=name)


def decoded(stream: IO[bytes] | gzip.GzipFile, stop: Stop) -> Iterator[str]:
    """Lines of a stream, each cut to a bounded length, whatever bytes they hold.

    Args:
        stream: to its end.
        stop: asked before each piece of it is read; true ends the reading.
    """
    inside = False
    while not stop() and (chunk := stream.readline(_CHUNK)):
        if not inside:
            yield chunk.decode("utf-8", "backslashreplace")
        inside = not chunk.endswith(b"\n")
        if inside and isinstance(stream, io.BufferedReader) and not chunk.strip(b"\0"):
            _skip_hole(stream)


def _skip_hole(stream: io.BufferedReader) -> None:
    """Go on where the next data are: a log that was truncated while httpd had it open begins with
    as many zeros as it was long, which are stored nowhere (lseek(2), SEEK_DATA)."""
    try:
        stream.seek(os.lseek(stream.fileno(), stream.tell(), os.SEEK_DATA))
    except OSError as error:
        if error.errno == errno.ENXIO:  # there are none
            stream.seek(0, os.SEEK_END)
