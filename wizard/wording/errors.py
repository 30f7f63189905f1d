"""Errors in words: what is wrong, where, and what to do next."""

from __future__ import annotations

from wizard.errors import Advice, WizardError
from wizard.text import printable

_HINTS = {
    "settle": (
        "Finish it with `proxy-wizard apply --finish`, or undo it with `proxy-wizard rollback "
        "{change}`.",
        "Finish it (f) or undo it (u) in the list of changes.",
    ),
    "undo": ("Undo it: proxy-wizard rollback {change}", "Undo it (u) in the list of changes."),
}
"""On the command line, and in the wizard."""
_AGAIN = ("Run the command again when that is done.", "Try it again when that is done.")


def describe(error: WizardError | OSError, *, wizard: bool = False) -> str:
    """One clear sentence, safe to show: what is wrong, where, and what to do next.

    Args:
        error: of the engine or of the system.
        wizard: for the wizard, which has fields where the command line has options.
    """
    if isinstance(error, WizardError):
        from wizard.model.change import BusyError  # `explain` starts without the model
        from wizard.model.remark import ChoiceError

        if isinstance(error, ChoiceError):
            from wizard.wording import remarks

            place = f"{printable(error.file)}: " if error.file else ""
            return place + remarks.sentence(error.why, wizard=wizard)
        if isinstance(error, BusyError):
            from wizard.wording import change

            return f"{change.busy(error.holder)} {_AGAIN[wizard]}"
        if isinstance(error.hint, Advice):
            hint = _HINTS[error.hint.step][wizard].format(change=error.hint.change)
            return printable(error.with_hint(hint))
        return printable(str(error))
    name = str(error.filename) if error.filename is not None else ""
    reason = error.strerror or str(error)
    return printable(f"{name}: {reason}" if name else reason)
