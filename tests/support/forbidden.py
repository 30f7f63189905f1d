"""``python -m tests.support.forbidden ERRNO COMMAND …``: a command that may not connect anywhere.

As under a sandbox, connect() gives the error number, before a packet is sent: a seccomp filter
(BPF, linux/seccomp.h), which needs no right and cannot be taken off again.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence

_CONNECT = {"x86_64": 42, "aarch64": 203}
"""Number of the system call, by machine."""
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def command(number: int) -> Sequence[str]:
    """What to put before a command.

    Args:
        number: errno that connect() is to give.
    """
    return [sys.executable, "-m", "tests.support.forbidden", str(number)]


def main() -> None:
    """Forbid it, and become the command."""
    number, *words = sys.argv[1:]
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD, 0, 0, 0),
            (_JUMP_IF_EQUAL, 0, 1, _CONNECT[os.uname().machine]),
            (_RETURN, 0, 0, _ERRNO | int(number)),
            (_RETURN, 0, 0, _ALLOW),
        )
    )
    buffer = ctypes.create_string_buffer(program)
    wanted = _Program(len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or libc.prctl(
        _SECCOMP, _FILTER, ctypes.byref(wanted), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "no seccomp filter can be set")
    os.execvp(words[0], words)


if __name__ == "__main__":
    main()
