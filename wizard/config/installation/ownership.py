"""Whether a file that something from outside points to may be run or loaded.

A configuration is hostile until proven otherwise, and it names programs: the httpd beside it, the
one whose modules it loads. Such a file is run only where nobody but root and the user who runs this
could have put it there. A file in a working copy (a pull request that is checked, say) belongs to
this user, but anyone may have written it.
"""
# ruff: noqa: PTH116
# Paths stay str, as everywhere in `wizard.config`.

from __future__ import annotations

import grp
import os
import pwd
import stat

_OTHERS = stat.S_IWGRP | stat.S_IWOTH
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
        place = path
        while True:
            status = os.lstat(place)
            found = _of_one(place, status) or _working_copy(place, status)
            if found:
                return found
            if place == "/":
                return ""
            place = os.path.dirname(place)  # noqa: PTH120
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"
    except ValueError:  # a NUL in the name
        return "has no name that a file can have"


def _of_one(place: str, status: os.stat_result) -> str:
    """Why a file or a directory itself is not trusted."""
    if status.st_uid not in (0, os.geteuid()):
        return f"can be changed by {_user(status.st_uid)}, who owns {place}"
    mode = status.st_mode
    if stat.S_ISLNK(mode):  # it was replaced a moment ago
        return f"can be changed through {place}"
    if stat.S_ISDIR(mode) and mode & stat.S_ISVTX:  # whose entries only their owners can replace
        return ""
    if mode & stat.S_IWOTH or (mode & _OTHERS and not _only_mine(status.st_gid)):
        return f"can be changed by others, who may write {place}"
    return ""


def _working_copy(place: str, status: os.stat_result) -> str:
    """Why nothing below a directory of a repository is trusted."""
    if not stat.S_ISDIR(status.st_mode):
        return ""
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


def _user(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"the user with number {uid}"
