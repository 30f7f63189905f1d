"""Whether a file that something from outside points to may be run or loaded.

A configuration is hostile until proven otherwise, and it names programs: the httpd beside it, the
one whose modules it loads. Such a file is run only where nobody but root and the user who runs this
could have put it there. A file in a working copy (a pull request that is checked, say) belongs to
this user, but anyone may have written it.
"""
# ruff: noqa: PTH116
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import struct
from collections.abc import Iterable, Iterator

_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_ACL = "system.posix_acl_access"
_NO_ACL = (errno.ENODATA, errno.ENOTSUP, errno.ELOOP)
"""ELOOP: a symbolic link, which has none."""
_ACL_USER, _ACL_GROUP, _ACL_MASK = 0x02, 0x08, 0x10
_ACL_WRITE = 0x02
_MOST_LINKS = 40
"""As the kernel follows (path_resolution(7))."""
_REPOSITORIES = (".git", ".hg", ".svn")
"""Entries of a working copy's top directory."""


def objection(path: str) -> str:
    """Why a file is not to be run.

    Args:
        path: absolute, without symbolic links (``os.path.realpath``).

    Returns:
        A clause that goes with the file's name; ``""``: only root or this user can have put it
        there, and change it or a directory that leads to it. For root, only root can.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "is no plain file"
        return changeable(path) or next(filter(None, map(_working_copy, _way_to(path))), "")
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"
    except ValueError:  # a NUL in the name
        return "has no name that a file can have"


def objection_to_any(paths: Iterable[str]) -> str:
    """Why one of many files is not to be used, as ``objection``, of the first such.

    Args:
        paths: each absolute, without symbolic links; directories that lead to several are looked at
            once.
    """
    try:
        steps = list(dict.fromkeys(step for path in paths for step in _way_to(path)))
        return next(filter(None, map(_of_one, steps)), "") or next(
            filter(None, map(_working_copy, steps)), ""
        )
    except (OSError, ValueError) as error:
        return f"cannot be looked at ({error})"


def changeable(path: str) -> str:
    """Why somebody else can have put a file or directory where it is, or can change it.

    Args:
        path: absolute, without symbolic links (``os.path.realpath``).

    Returns:
        As for ``objection``.

    Raises:
        OSError: it, or a directory that leads to it, cannot be looked at.
    """
    return next(filter(None, map(_of_one, _way_to(path))), "")


def replaceable(path: str) -> str:
    """Why somebody else can put something in the place of a directory, or lead to another one.

    Args:
        path: absolute; links on the way are followed, and must be fit as well. It need not exist;
            in a sticky directory somebody else may then make it first.

    Returns:
        As for ``objection``. A sticky directory is fit: nobody else can replace what is in it.

    Raises:
        OSError: one that leads to it cannot be looked at.
    """
    for place in _followed(path):
        try:
            status = os.lstat(place)
        except FileNotFoundError:
            return ""
        if stat.S_ISLNK(status.st_mode):
            if status.st_uid not in (0, os.geteuid()):
                return f"can be changed by {user(status.st_uid)}, who owns {place}"
        elif why := _of_one(place):
            return why
    return ""


def _followed(path: str) -> Iterator[str]:
    """Each directory and link that is passed on the way from / to a path."""
    yield "/"
    place, names, links = "", path.split("/")[::-1], 0
    while names:
        name = names.pop()
        if name == "..":
            place = place.rpartition("/")[0]
        elif name not in ("", "."):
            yield f"{place}/{name}"
            if not os.path.islink(f"{place}/{name}"):  # noqa: PTH114
                place = f"{place}/{name}"
                continue
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            target = os.readlink(f"{place}/{name}")  # noqa: PTH115
            place = "" if target.startswith("/") else place
            names += target.split("/")[::-1]


def shared(directory: str) -> str:
    """Why somebody else can put files into a directory, or where it is to be made.

    Args:
        directory: absolute; links on the way to it are followed. It need not exist.

    Returns:
        As for ``objection``.
    """
    place = directory
    while not os.path.lexists(place):
        place = os.path.dirname(place)  # noqa: PTH120
    try:
        real = os.path.realpath(place, strict=True)
        status = os.stat(real)
        if not stat.S_ISDIR(status.st_mode):
            return f"cannot be, since {place} is no directory"
        return _of_one(real, sticky_guards=False) or changeable(real)
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"


def _way_to(path: str) -> Iterator[str]:
    """A path and each directory that leads to it."""
    while True:
        yield path
        if path == "/":
            return
        path = os.path.dirname(path)  # noqa: PTH120


def acl_writers(place: str) -> tuple[str, ...]:
    """Whom the ACL of a file or directory lets write, besides root, its owner and its own group.

    The mode's bits for the group are the ACL's mask then: they do not say who is meant (acl(5)).

    Args:
        place: its path.

    Returns:
        Each as ``the user NAME`` or ``the group NAME``; empty without an ACL.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        raw = os.getxattr(place, _ACL)
    except OSError as error:
        if error.errno in _NO_ACL:
            return ()
        raise
    if len(raw) % 8 != 4:
        return ("whoever it names",)
    # linux/posix_acl_xattr.h: a version, then tag, permissions and number of each entry
    entries = list(struct.iter_unpack("<HHI", raw[4:]))
    mask = next((bits for tag, bits, _ in entries if tag == _ACL_MASK), _ACL_WRITE)
    named = {_ACL_USER: user, _ACL_GROUP: _group}
    return tuple(
        named[tag](number)
        for tag, bits, number in entries
        if tag in named and bits & mask & _ACL_WRITE and (tag, number) != (_ACL_USER, 0)
    )


def _of_one(place: str, *, sticky_guards: bool = True) -> str:
    """Why a file or a directory itself is not trusted.

    Args:
        place: its path.
        sticky_guards: a sticky directory is fit: what counts is only that others cannot replace
            what root has in it, not what they lay there.
    """
    status = os.lstat(place)
    if status.st_uid not in (0, os.geteuid()):
        return f"can be changed by {user(status.st_uid)}, who owns {place}"
    mode = status.st_mode
    if stat.S_ISLNK(mode):  # it was replaced a moment ago
        return f"can be changed through {place}"
    if sticky_guards and stat.S_ISDIR(mode) and mode & stat.S_ISVTX:
        return ""  # its entries only their owners can replace
    if mode & stat.S_IWOTH or (mode & _OTHERS and not _only_mine(status.st_gid)):
        return f"can be changed by others, who may write {place}"
    writers = acl_writers(place)
    if writers:
        return f"can be changed by {' and '.join(writers)}, by the ACL of {place}"
    return ""


def _working_copy(place: str) -> str:
    """Why nothing below a directory of a repository is trusted."""
    marks = [name for name in _REPOSITORIES if os.path.lexists(f"{place}/{name}")]
    return f"was put there by who writes to the repository {place}" if marks else ""


def _only_mine(gid: int) -> bool:
    """Whether a group is the user's private one, as many systems make it for each user."""
    try:
        me, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    private = gid == me.pw_gid and group.gr_name == me.pw_name
    return private and set(group.gr_mem) <= {me.pw_name} and me.pw_uid != 0


def user(uid: int) -> str:
    """``the user NAME``, or its number where it has no name."""
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"the user with number {uid}"


def _group(gid: int) -> str:
    try:
        return f"the group {grp.getgrgid(gid).gr_name}"
    except KeyError:
        return f"the group with number {gid}"
