"""Who may connect to a unix domain socket: httpd's children are not root, as a check mostly is."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
from pathlib import Path

_SEARCH, _WRITE = 1, 2
_ACL = "system.posix_acl_access"


def kept_out(path: str, user: str | None, group: str | None) -> str | None:
    """What keeps a user from connecting to a socket.

    Connecting needs write permission on the socket and search permission on each directory of its
    path (unix(7), path_resolution(7)). SELinux and the like are not asked.

    Args:
        path: of the socket.
        user: name, or ``#`` and a number, as of httpd's directive User.
        group: the same of Group; None: the user's own.

    Returns:
        The path that keeps it out; None where none does, or where that is not known. Of root, and
        of the user of this process, only the kernel knows.
    """
    who = _identity(user, group)
    if who is None or who[0] in (0, os.geteuid()):
        return None
    socket = Path(os.path.realpath(path))  # Path.resolve() raises where links lead in a circle
    for place in (*reversed(socket.parents), socket):
        try:
            found = place.stat()
        except OSError:
            return None
        if not _may(found, *who, _WRITE if place == socket else _SEARCH) and not _has_acl(place):
            return str(place)
    return None


def is_own_alone(path: str, user: str | None, group: str | None) -> bool:
    """Whether a refusal that this process met at a socket says nothing about httpd's children.

    Args:
        path: of the socket.
        user: see ``kept_out``; None: not known.
        group: see ``kept_out``.
    """
    who, own = _identity(user, group), os.geteuid()
    known = own == 0 or (who is not None and who[0] == own)
    return not known and kept_out(path, user, group) is None


def _identity(user: str | None, group: str | None) -> tuple[int, frozenset[int]] | None:
    """Number of a user, and those of the groups that httpd gives its children.

    They are Group in the place of the user's own group, and the others of the user's name
    (initgroups(3)), for a number too.

    Source: httpd 2.4, modules/arch/unix/mod_unixd.c, set_group_privs; measured.
    """
    if user is None:
        return None
    numbered = user.startswith("#")
    try:
        uid = int(user[1:]) if numbered else pwd.getpwnam(user).pw_uid
        own = None if group is None else _number(group)
    except (KeyError, ValueError):
        return None
    try:
        entry = pwd.getpwuid(uid)
        name = entry.pw_name if numbered else user
        groups = os.getgrouplist(name, entry.pw_gid if own is None else own)
    except (KeyError, OverflowError):  # nobody's number, or no group's
        return uid, frozenset() if own is None else frozenset({own})
    return uid, frozenset(groups)


def _number(group: str) -> int:
    return int(group[1:]) if group.startswith("#") else grp.getgrnam(group).gr_gid


def _may(found: os.stat_result, uid: int, groups: frozenset[int], wanted: int) -> bool:
    """Whether the bits of a file's mode allow it: those of its owner, of its group, or the rest."""
    shift = 6 if found.st_uid == uid else 3 if found.st_gid in groups else 0
    return bool(stat.S_IMODE(found.st_mode) >> shift & wanted)


def _has_acl(path: Path) -> bool:
    """Whether more than the mode decides."""
    with contextlib.suppress(OSError):
        return bool(os.getxattr(path, _ACL))
    return False
