"""The service manager of this machine, systemd, asked about units.

Source: systemctl(1), sd_booted(3).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from wizard.config.installation import service
from wizard.errors import WizardError
from wizard.httpd import command as program
from wizard.httpd.budget import Budget

_ASKED = 10.0
"""Seconds for an answer."""


def systemctl() -> str | None:
    """The program that asks it; None: systemd does not run this machine."""
    found = shutil.which("systemctl")
    return found if found is not None and Path(service.BOOTED).is_dir() else None


def ask(*words: str) -> program.CommandResult | None:
    """Its answer to a call of ``systemctl``.

    Args:
        words: the arguments.

    Returns:
        None: there is no service manager, or it does not answer.
    """
    tool = systemctl()
    if tool is None:
        return None
    try:
        return program.call([tool, *words], {"LC_ALL": "C"}, Budget(_ASKED))
    except (WizardError, TimeoutError):
        return None
