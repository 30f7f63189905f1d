"""Runs ``proxy-wizard`` and notes, by Python's audit events, what it opens, asks and starts.

``python recorder.py FILE WORD…`` (``wizard`` as first word: its screens) appends one JSON list an
event to FILE: ``open`` PATH FLAGS, ``connect`` ADDRESS, ``resolve`` NAME, ``start`` ARGV
ENVIRONMENT, ``shell`` COMMAND, and ``remove`` and ``stage`` with the modes of everything in a
temporary directory that is about to be removed, and in the one of a rehearsal.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import Any

_LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _note(*event: Any) -> None:
    os.write(_LOG, json.dumps(event, default=str).encode() + b"\n")


def _modes(top: str) -> dict[str, int]:
    found = {top: stat.S_IMODE(os.lstat(top).st_mode)}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = os.path.join(folder, name)  # noqa: PTH118
            found[path] = stat.S_IMODE(os.lstat(path).st_mode)
    return found


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes):
        path = os.fsdecode(arguments[0])
        _note("open", path, arguments[2])
        if path.endswith((".error", ".access")) and os.path.exists(path):  # noqa: PTH110
            _note("stage", _modes(os.path.dirname(path)))  # noqa: PTH120
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        _note("connect", *arguments[1][:2])
    elif event == "socket.getaddrinfo":
        _note("resolve", os.fsdecode(arguments[0]))
    elif event == "subprocess.Popen":
        _note("start", arguments[1], arguments[3])
    elif event in ("os.system", "pty.spawn"):
        _note("shell", arguments)
    elif event == "shutil.rmtree" and os.path.isdir(arguments[0]):  # noqa: PTH112
        _note("remove", _modes(os.fspath(arguments[0])))


sys.addaudithook(_hook)
sys.argv = ["proxy-wizard", *sys.argv[2:]]
if sys.argv[1:2] == ["wizard"]:  # everything from here on is recorded
    from tests.privacy.walk import main as run
else:
    from wizard.cli.main import main as run

code = run()
sys.stdout.flush()
sys.exit(code)
