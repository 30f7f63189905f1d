"""What a file is besides its bytes, and that its replacement is the same.

Source: acl(5), linux/posix_acl_xattr.h, ioctl_iflags(2), xattr(7).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator

from wizard.record import record

_ACL = "system.posix_acl_access"
_DEFAULT_ACL = "system.posix_acl_default"
_LABEL = "security.selinux"
_OF_THE_BYTES = ("security.ima", "security.evm")
"""Checksums of a file's bytes: the kernel makes those of the new bytes."""
_NO_ATTRIBUTES = (errno.ENODATA, errno.ENOTSUP)
_NO_FLAGS = (errno.ENOTTY, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS)
_GET_FLAGS = 0x80006601 | struct.calcsize("l") << 16
_SET_FLAGS = 0x40006602 | struct.calcsize("l") << 16
IMMUTABLE, APPEND_ONLY = 0x10, 0x20
_KEPT_FLAGS = 0x0080C0CF
"""What chattr(1) sets and a replacement can have: secrm, unrm, compr, sync, nodump, noatime,
journal_data, notail, nocow. Immutable and append-only files are not replaced at all."""
_ACL_OWNER, _ACL_READ = 0x01, 0x04


@record
class Attributes:
    """What of a file must survive its replacement.

    Args:
        mode: permissions.
        uid: its owner.
        gid: its group.
        extended: extended attributes: POSIX ACL and SELinux label are among them.
        flags: those of chattr(1) that a replacement can have.
    """

    mode: int
    uid: int
    gid: int
    extended: tuple[tuple[str, bytes], ...] = ()
    flags: int = 0


def of(fd: int) -> Attributes:
    """The attributes of an open file.

    Raises:
        OSError: they cannot be read.
    """
    status = os.fstat(fd)
    return Attributes(
        stat.S_IMODE(status.st_mode),
        status.st_uid,
        status.st_gid,
        _extended(fd),
        flags(fd) & _KEPT_FLAGS,
    )


def _extended(fd: int) -> tuple[tuple[str, bytes], ...]:
    try:
        names = sorted(os.listxattr(fd))
    except OSError as error:
        if error.errno not in _NO_ATTRIBUTES:
            raise
        return ()  # a file system without them
    return tuple((name, os.getxattr(fd, name)) for name in names if name not in _OF_THE_BYTES)


def flags(fd: int) -> int:
    """The flags of chattr(1) that an open file or directory has; 0 where there are none.

    Raises:
        OSError: they cannot be read.
    """
    try:
        return int.from_bytes(fcntl.ioctl(fd, _GET_FLAGS, bytes(8))[:4], "little")
    except OSError as error:
        if error.errno not in _NO_FLAGS:
            raise
        return 0


def give(fd: int, wanted: Attributes) -> None:
    """Give a new file the attributes of the one that it replaces: all of them, or it fails.

    Args:
        fd: the new file, in a directory that nobody else enters.
        wanted: by ``of``.

    Raises:
        OSError: one of them cannot be kept; it says which.
    """
    status = os.fstat(fd)
    if (status.st_uid, status.st_gid) != (wanted.uid, wanted.gid):
        with _kept("owner and group"):
            os.fchown(fd, wanted.uid, wanted.gid)
    without_acl(fd)
    for name, value in wanted.extended:
        with _kept(f"attribute {name}"):
            if _value(fd, name) != value:
                os.setxattr(fd, name, value)
    os.fchmod(fd, wanted.mode)  # after fchown, which clears set-id bits
    now = flags(fd)
    if now & _KEPT_FLAGS != wanted.flags:
        with _kept("flags (lsattr)"):
            both = now & ~_KEPT_FLAGS | wanted.flags
            fcntl.ioctl(fd, _SET_FLAGS, both.to_bytes(8, "little"))


@contextlib.contextmanager
def _kept(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"a replacement cannot have this file's {what} ({error.strerror})"
        raise OSError(error.errno, reason) from error


def _value(fd: int, name: str) -> bytes | None:
    try:
        return os.getxattr(fd, name)
    except OSError:
        return None


def without_acl(fd: int) -> None:
    """Take away what a directory's default ACL gave to a file or directory that was made in it.

    Args:
        fd: just made, for its owner alone (mode 0600 or 0700): the ACL lets in nobody so far, but
            would at a wider mode.
    """
    for name in (_ACL, _DEFAULT_ACL):
        try:
            os.removexattr(fd, name)
        except OSError as error:
            # EACCES: a file can have no default ACL
            if error.errno not in (*_NO_ATTRIBUTES, errno.EACCES):
                raise


def for_new(directory: int, ending: str, mode: int) -> Attributes:
    """The attributes of a new file: those of the file beside it that lets in the fewest.

    Args:
        directory: open; where it goes.
        ending: of its name (``.pem``). Its neighbours are this user's regular files that end so.
        mode: the most that it may get. Nobody but its owner may write it, whatever others may do
            with its neighbours.

    Returns:
        Mode, group, ACL and SELinux label of that neighbour; without one the mode, this user's
        group or the directory's if that hands it down (setgid), and the directory's label.

    Raises:
        OSError: the directory cannot be read.
    """
    found = [
        attributes
        for name in sorted(os.listdir(directory))
        if name.endswith(ending) and (attributes := _neighbour(directory, name)) is not None
    ]
    at = os.fstat(directory)
    group = at.st_gid if at.st_mode & stat.S_ISGID else os.getegid()
    fallback = Attributes(mode, os.geteuid(), group, _extended(directory))
    like = min(found, key=lambda one: (one.mode & 0o044).bit_count(), default=fallback)
    extended = tuple(
        (name, _read_only(value) if name == _ACL else value)
        for name, value in like.extended
        if name == _LABEL or (name == _ACL and found)
    )
    if os.geteuid() != 0 and like.gid not in (os.getegid(), *os.getgroups()):
        return Attributes(like.mode & mode & ~0o070, os.geteuid(), os.getegid(), extended)
    return Attributes(like.mode & mode, os.geteuid(), like.gid, extended)


def _neighbour(directory: int, name: str) -> Attributes | None:
    """The attributes of a regular file of this user's; None: it is none, or not to be read."""
    way = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        fd = os.open(name, way, dir_fd=directory)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        mine = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        return of(fd) if mine else None
    finally:
        os.close(fd)


def _read_only(acl: bytes) -> bytes:
    """An ACL of which only the owner's entry lets write: version, then tag, permissions, number."""
    entries = struct.iter_unpack("<HHI", acl[4:])
    return acl[:4] + b"".join(
        struct.pack("<HHI", tag, bits if tag == _ACL_OWNER else bits & _ACL_READ, number)
        for tag, bits, number in entries
    )
