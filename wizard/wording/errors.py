"""Errors in words: what is wrong and where, what is on disk, and what to do next."""

from __future__ import annotations

from wizard.errors import STOPS, Advice, EditedError, FileError, Left, StoppedError, WizardError
from wizard.text import printable

_HINTS = {
    "settle": (
        "Finish it with `proxy-wizard apply --finish`, or undo it with `proxy-wizard rollback "
        "{change}`.",
        "Finish it, or undo it (u), in step 5.",
    ),
    "undo": ("Undo it: proxy-wizard rollback {change}", "Undo it (u) in step 5."),
    "plan": ("Run the command again.", "r in the case reads it again."),
    "changed": (
        "Somebody changed it since the plan was made; run the command again.",
        "Somebody changed it since the plan was made: r in the case reads it again.",
    ),
    "httpd": (
        "Run proxy-wizard where httpd runs, or start it with --httpd FILE.",
        "The wizard has to run where httpd runs, or to be told at its start which httpd is meant.",
    ),
    "ended": (
        "Find out why it ended before it is reloaded again: proxy-wizard check",
        "Find out why it ended before it is reloaded again: r in the case reads the configuration.",
    ),
    "edits": (
        "Take these edits back and run the command again, or change the file by hand.",
        "Take these edits back and try it again, or change the file by hand.",
    ),
    "list": (
        "All changes: proxy-wizard rollback --list",
        "Step 5 shows them all.",
    ),
}
"""On the command line, and in the wizard."""
_OBSTACLES = {
    "full": "The file system at {where} is full: make room there.",
    "quota": "What this user may use of the file system at {where} is used up.",
    "read-only": "The file system at {where} is read-only; `mount -o remount,rw {quoted}` "
    "ends that.",
    "immutable": "{where} is immutable (lsattr -d), for root too; `chattr -i {quoted}` ends that.",
    "append-only": "{where} may only be appended to (lsattr -d), by root too; `chattr -a "
    "{quoted}` ends that.",
    "mounted": "",
    "permission": "This user may not write there; root may.",
    "forbidden": "Root may not write there either: SELinux, AppArmor, a container with fewer "
    "capabilities, or a network file system may be why.",
    "other": "",
}
_AGAIN = (
    "Run the command again when that is mended.",
    "Try it again when that is mended.",
)
_DONE = ("Run the command again when that is done.", "Try it again when that is done.")
_WHOLE = ("applied", "undone")  # states of a change
_NAMED = 5  # files of a list


def describe(error: WizardError | OSError, *, wizard: bool = False) -> str:
    """What is wrong, where, what is on disk after a change that failed, and what to do next; safe
    to show.

    Args:
        error: of the engine or of the system.
        wizard: for the wizard, which has fields where the command line has options.
    """
    if isinstance(error, WizardError):
        return _described(error, wizard=wizard)
    name = str(error.filename) if error.filename is not None else ""
    reason = error.strerror or str(error)
    return printable(f"{name}: {reason}" if name else reason)


def edits(error: EditedError) -> list[str]:
    """What somebody edited, as lines of a diff without secrets, safe to show; what is left out is
    said."""
    from wizard.masking import lines as masking

    shown = [printable(line.rstrip("\r")) for line in masking.diff(error.diff)]
    if error.more > 0:
        shown.append(f"… {error.more} more lines of this diff are left out.")
    if error.more < 0:
        shown.append("The file is too long to show here what was edited.")
    return shown


def _described(error: WizardError, *, wizard: bool) -> str:
    from wizard.model.change import BusyError  # `explain` starts without the model
    from wizard.model.remark import ChoiceError

    if isinstance(error, ChoiceError):
        from wizard.wording import remarks

        place = f"{printable(error.file)}: " if error.file else ""
        return place + remarks.sentence(error.why, wizard=wizard)
    if isinstance(error, BusyError):
        from wizard.wording import change

        return f"{change.busy(error.holder, wizard=wizard)} {_DONE[wizard]}"
    parts = []
    if isinstance(error, FileError):
        import shlex  # each command would load it at its start

        quoted = shlex.quote(error.where)
        parts.append(_OBSTACLES[error.obstacle].format(where=error.where, quoted=quoted))
    if error.left is not None:
        parts.append(on_disk(error.left))
    if isinstance(error.hint, Advice):
        parts.append(_HINTS[error.hint.step][wizard].format(change=error.hint.change))
    else:
        parts.append(error.hint)
    if error.left is not None and not isinstance(error, StoppedError):
        parts.append(_next(error.left, error.hint, wizard=wizard))
    said = printable(error.with_hint(""))
    # each by itself: however much httpd says, what is on disk and what goes on is not cut off
    more = " ".join(printable(part) for part in parts if part)
    return f"{said}{'' if said.endswith(STOPS) else '.'} {more}" if more else said


def on_disk(left: Left) -> str:
    """What is on disk after a change failed, in a sentence or two; not yet safe to show."""
    if not (left.new or left.old or left.other):
        return "Nothing was changed."
    if not left.new and not left.other:
        said = "All files are as they were."
    elif not left.old and not left.other:
        said = f"All files are as the change makes them: {_names(left.new)}."
    else:
        count = len(left.new) + len(left.old) + len(left.other)
        said = f"{len(left.new)} of {count} files are new"
        said += f": {_names(left.new)}." if left.new else "."
        if left.old:
            said += f" As they were: {_names(left.old)}."
        if left.other:
            said += f" Neither as before nor as after, or not to be read: {_names(left.other)}."
    if left.state in _WHOLE:
        return said
    return f"{said} The change {left.change} is half made ({left.state}), {left.journal} has both."


def _next(left: Left, hint: str | Advice, *, wizard: bool) -> str:
    """What goes on, unless the hint says so."""
    if left.change and left.state not in _WHOLE:
        settles = isinstance(hint, Advice) and hint.step in ("settle", "undo")
        return "" if settles else _HINTS["settle"][wizard].format(change=left.change)
    return "" if hint else _AGAIN[wizard]


def _names(files: tuple[str, ...]) -> str:
    more = f" and {len(files) - _NAMED} more" if len(files) > _NAMED else ""
    return ", ".join(files[:_NAMED]) + more
