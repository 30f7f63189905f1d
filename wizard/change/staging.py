"""Where the contents that a change writes lie, complete, until they get their names.

httpd's ``Include DIRECTORY`` reads whatever lies there, hidden files and directories too: a
temporary name beside the target would be configuration for a moment, and for good after a crash. So
they lie in a directory of their own, for this user alone, where no Include looks: in the journal if
that is on the target's mount (a rename does not leave it), else in the target's directory or the
nearest above it that no Include reads.

Source: httpd 2.4, server/config.c (ap_process_resource_config); rename(2).
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from wizard.change import attributes
from wizard.change.atomic_file import directory, make_directories, missing_directories, write
from wizard.change.attributes import Attributes
from wizard.config.preprocess.includes import reads
from wizard.errors import Advice, ChangeError
from wizard.model.change import Change

_WAY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FIXED = attributes.IMMUTABLE | attributes.APPEND_ONLY


def directory_name(identifier: str) -> str:
    """The name of the directory in which a change is staged."""
    return f".proxy-wizard-{identifier}"


def included(identifier: str, listed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Where a change is not to be staged: an Include would read it.

    Args:
        identifier: of the change.
        listed: the directories in which Includes look, and the pattern for what is read there
            (``Tree.listed``).

    Returns:
        The real paths of those directories.
    """
    name = directory_name(identifier)
    read = {place for place, pattern in listed if reads(pattern, [name])}
    return tuple(sorted({os.path.realpath(place) for place in read}))


class Staging:
    """The contents of one change on their way. Leaving it removes what was not published.

    Args:
        change: whose files are written.
        home: its directory in the journal.
    """

    def __init__(self, change: Change, home: Path) -> None:
        self._change = change
        self._home = os.path.realpath(home)
        self._open: dict[str, int] = {}
        self._at: dict[int, int] = {}
        self._made: list[str] = []

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for fd in self._open.values():
            os.close(fd)
        clear(self._change, self._home)
        if error is not None:
            remove_directories(self._made)

    def make_directory(self, number: int) -> None:
        """Make the directory that a file goes into, if it is missing; removed after an error.

        Raises:
            OSError: it cannot be made.
        """
        parent = str(Path(self._change.files[number].path).parent)
        self._made.extend(missing_directories(parent))
        make_directories(parent)

    def write(self, number: int, data: bytes, like: Attributes) -> None:
        """Write what is to be the content of a file, and see whether it can get its name.

        Args:
            number: of the file in the change.
            data: its bytes.
            like: its attributes.

        Raises:
            OSError: no space, no permission, an attribute that cannot be kept …
        """
        file = self._change.files[number]
        with at(file.path) as (folder, name):
            require_replaceable(folder, name)
            self._at[number] = self._near(folder, str(Path(file.path).parent))
            write(self._at[number], str(number), data, like)

    def publish(self, number: int, *, new: bool) -> None:
        """Give a content that was written its name.

        Args:
            number: of the file in the change.
            new: no file of this name may exist yet.

        Raises:
            ChangeError: ``new``, and something stands there now.
            OSError: the directory cannot be written.
        """
        file = self._change.files[number]
        step = os.link if new else os.rename
        with at(file.path) as (folder, name):
            try:
                step(str(number), name, src_dir_fd=self._at[number], dst_dir_fd=folder)
            except FileExistsError as error:
                raise ChangeError(
                    "a file of this name stands there now.",
                    file=file.path,
                    hint=Advice("plan"),
                ) from error
            os.fsync(folder)

    def _near(self, folder: int, parent: str) -> int:
        """The open directory in which the files for an open directory are staged."""
        reach = _reach(folder)
        refused: OSError = OSError(
            errno.EBUSY,
            "its directory is mounted by itself, and an Include reads all that lies there: a file "
            "that is not complete would be read too; it can be replaced only where it is mounted "
            "from",
        )
        for candidate in (self._home, parent, *map(str, Path(parent).parents)):
            if candidate in self._change.included:
                continue
            with directory(candidate) as fd:
                if _reach(fd) == reach:
                    try:
                        return self._opened(candidate, fd)
                    except OSError as error:
                        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                            raise
                        refused = error
                elif candidate != self._home:
                    break
        raise refused

    def _opened(self, candidate: str, fd: int) -> int:
        if candidate not in self._open:
            self._open[candidate] = _make(fd, directory_name(self._change.id))
        return self._open[candidate]


def _make(parent: int, name: str) -> int:
    os.mkdir(name, 0o700, dir_fd=parent)
    fd = os.open(name, _WAY, dir_fd=parent)
    if not _is_own(fd):
        os.close(fd)
        raise OSError(errno.EPERM, "somebody else replaced the directory that was made here")
    attributes.without_acl(fd)
    return fd


def _is_own(fd: int) -> bool:
    """Whether a directory is this user's, and nobody else enters it."""
    status = os.fstat(fd)
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _mount(fd: int) -> str:
    """The mount of an open file or directory."""
    lines = Path(f"/proc/self/fdinfo/{fd}").read_text("ascii").splitlines()
    return next(line for line in lines if line.startswith("mnt_id:"))


def _reach(directory_fd: int) -> tuple[int, str]:
    """What a rename does not leave: the mount of a directory, and of one the subvolume. Files of an
    overlay may be on other devices than their directories."""
    return os.fstat(directory_fd).st_dev, _mount(directory_fd)


def clear(change: Change, home: str) -> None:
    """Remove what an interruption left of a change's staging.

    Args:
        change: that was interrupted, or may have been.
        home: its directory in the journal.
    """
    above = {str(place) for file in change.files for place in Path(file.path).parents}
    for parent in (home, *above):
        with contextlib.suppress(OSError):
            _remove(parent, directory_name(change.id))


def _remove(parent: str, name: str) -> None:
    fd = os.open(f"{parent}/{name}", _WAY)
    try:
        if not _is_own(fd):
            return
        for entry in os.listdir(fd):  # noqa: PTH208 # relative to a descriptor
            os.unlink(entry, dir_fd=fd)
    finally:
        os.close(fd)
    Path(parent, name).rmdir()


def remove_directories(made: Iterable[str]) -> None:
    """Remove directories, given outermost first, in which nothing lies."""
    for path in reversed(list(made)):
        with contextlib.suppress(OSError):
            Path(path).rmdir()


def require_replaceable(folder: int, name: str) -> None:
    """Look whether a name in a directory can be given, replaced and taken away.

    A rename asks the same only when it is done; a change is not begun if it then fails.

    Args:
        folder: the open directory.
        name: of a file in it, or of one that is to be.

    Raises:
        OSError: what keeps it from being done.
    """
    if os.fstatvfs(folder).f_flag & os.ST_RDONLY:
        raise _system(errno.EROFS)
    if not os.access(f"/proc/self/fd/{folder}", os.W_OK | os.X_OK, effective_ids=True):
        raise _system(errno.EACCES)
    if attributes.flags(folder) & _FIXED:
        raise _system(errno.EPERM)
    try:
        fd = os.open(
            name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
        )
    except FileNotFoundError:
        return
    try:
        _require_file(folder, fd)
    finally:
        os.close(fd)


def _require_file(folder: int, fd: int) -> None:
    if attributes.flags(fd) & _FIXED:
        raise _system(errno.EPERM)
    if _mount(fd) != _mount(folder):
        # A bind mount of this one file: only its bytes could be changed here, which is not done in
        # one step and would leave half a file after a crash.
        raise OSError(
            errno.EBUSY,
            "this file is mounted by itself (a container's volume); it can be replaced only where "
            "it is mounted from",
        )
    at = os.fstat(folder)
    owners = (0, at.st_uid, os.fstat(fd).st_uid)
    if at.st_mode & stat.S_ISVTX and os.geteuid() not in owners:
        raise _system(errno.EPERM)


def _system(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@contextlib.contextmanager
def at(path: str) -> Iterator[tuple[int, str]]:
    """The open directory of a path, and its last name; errors name the whole path.

    What is done there names no directory (``openat``), or, like write(2), no file at all.
    """
    place = Path(path)
    with directory(str(place.parent)) as folder:
        try:
            yield folder, place.name
        except ChangeError as error:
            error.file = path
            raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from error
