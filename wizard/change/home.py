"""Where this program keeps what it remembers: a directory of each user's own."""

from __future__ import annotations

import os
from pathlib import Path

from wizard.errors import UsageError

ROOT = Path("/var/lib/proxy-wizard")
VARIABLE = "PROXY_WIZARD_STATE"
"""Environment variable that names another state directory."""


def state_directory() -> Path:
    """``$PROXY_WIZARD_STATE``; else root's own, else below ``$XDG_STATE_HOME`` (XDG Base Directory
    Specification).

    Raises:
        UsageError: it has no absolute path.
    """
    chosen = os.environ.get(VARIABLE)
    if not chosen and os.geteuid() == 0:
        return ROOT
    state = os.environ.get("XDG_STATE_HOME", "")
    if not state.startswith("/"):
        state = os.path.expanduser("~/.local/state")  # noqa: PTH111  # who has no home keeps the ~
    directory = Path(chosen or f"{state}/proxy-wizard")
    if not directory.is_absolute():
        raise UsageError(
            "the directory where changes are remembered has no absolute path.",
            file=str(directory),
            hint=f"Name it by its absolute path in {VARIABLE}.",
        )
    return directory
