"""The program as one executable file, with a Python of its own inside (PyInstaller's bootloader).

Two things differ from an installed program. ``sys.executable`` is the program itself, no Python: a
helper that needs an interpreter of its own is started as the program with :data:`_HELPER` before
its module's name. And the bootloader puts its directory of libraries into the environment; httpd,
openssl and whatever else is started must load this machine's, so each process of the program
takes that out again before it does anything else.

Source: PyInstaller 6, "Run-time information" and "LD_LIBRARY_PATH / LIBPATH considerations".
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from types import ModuleType

_HELPER = "--as-helper"
_HELPERS = frozenset(
    {
        "wizard.config.installation.server_contexts",
        "wizard.httpd.sandbox.supervisor",
        "wizard.probe.openssl_default",
    }
)
_SEARCHED = "LD_LIBRARY_PATH"
_BEFORE = f"{_SEARCHED}_ORIG"
"""What the bootloader found in it, if there was anything."""
_BOOTLOADER = "_PYI_"
"""Its own variables begin so: by them a helper finds what is unpacked, and does not do it again."""

_kept: dict[str, str] = {}
"""The bootloader's variables, since :func:`enter` has taken them from the environment; of the
libraries' directories its own alone."""
_made: list[str] = []
"""What the executable was made for, once :func:`enter` knows."""


def version(number: str) -> str:
    """What ``--version`` says: of an executable also the machines that it runs on.

    Args:
        number: the version of proxy-wizard.
    """
    return f"{number} ({', '.join(_made)})" if _made else number


def helper(module: ModuleType) -> list[str]:
    """The command line that runs a module as a program, without site-packages.

    Args:
        module: standard library only, with a ``main()`` that reads ``sys.argv``.
    """
    if _made:
        return [sys.executable, _HELPER, module.__name__]
    assert module.__file__ is not None  # noqa: S101 # nosec B101 # only a namespace has none
    return [sys.executable, "-I", "-S", module.__file__]


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment to start a helper in, for the helper to have ``env``.

    A helper's bootloader does not put its libraries into the environment again: that is done here.
    """
    theirs = env.get(_SEARCHED)
    if theirs is None or _SEARCHED not in _kept:
        return {**env, **_kept}
    both = f"{_kept[_SEARCHED]}:{theirs}" if theirs else _kept[_SEARCHED]
    return {**env, **_kept, _SEARCHED: both, _BEFORE: theirs}


def enter(made: str) -> None:
    """Begin an executable: put the environment right, and if this is to be a helper, be one.

    Args:
        made: what it was made for, such as ``x86_64, glibc 2.31 or later``.

    Raises:
        SystemExit: it was a helper, and is done.
    """
    _made[:] = ["executable", made]
    before = os.environ.pop(_BEFORE, None)
    searched = os.environ.pop(_SEARCHED, None)
    if before is not None:
        os.environ[_SEARCHED] = before
    if searched is not None:
        _kept[_SEARCHED] = searched.removesuffix(f":{before or ''}")
    for name in [name for name in os.environ if name.startswith(_BOOTLOADER)]:
        _kept[name] = os.environ.pop(name)
    if len(sys.argv) > 2 and sys.argv[1] == _HELPER and sys.argv[2] in _HELPERS:
        del sys.argv[:2]
        importlib.import_module(sys.argv[0]).main()
        raise SystemExit(0)
