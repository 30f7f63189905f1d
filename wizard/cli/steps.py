"""The steps of a repair on stderr, around the patch that goes to stdout."""

from __future__ import annotations

import argparse
import shlex
import sys
from functools import partial
from typing import TYPE_CHECKING

from wizard.cli import diagnostics, layout, output
from wizard.cli.options import again
from wizard.engine.steps import notes, steps
from wizard.text import printable
from wizard.wording import remarks
from wizard.wording import steps as wording
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.plan import Repair


class Telling:
    """Tells the steps; on a terminal that shows the patch too, this stands at its step.

    Args:
        repair: what they are of.
        args: of the command line, which has the options of a plan; of ``fix``, or of a command
            that has no patch to show.
    """

    def __init__(self, repair: Repair, args: argparse.Namespace) -> None:
        self._repair = repair
        self._args = args
        self._steps = steps(repair)
        self._again = partial(again.command, args)
        self._palette = output.Palette(stream=sys.stderr)
        self._output: str | None = getattr(args, "output", None)
        self._told = getattr(args, "format", "text") == "json"
        to_stdout = self._output is None and not self._told
        both = sys.stdout.isatty() and sys.stderr.isatty() and to_stdout
        self._shown = both and any(step.is_patch for step in self._steps)

    def write_to_patch(self) -> None:
        """The steps up to the patch; all, where it goes somewhere else."""
        self._write(rest=False)
        if not self._shown:
            self._write_notes()

    def write_rest(self) -> None:
        """What stands behind the patch."""
        if self._shown:
            self._write(rest=True)
            self._write_notes()

    def write_next(self) -> None:
        """What is typed next."""
        if self._steps:
            step = wording.closing(self._steps, self._repair.plan, self._again)
            diagnostics.write_all(layout.next_lines(step, self._palette))

    def _write(self, *, rest: bool) -> None:
        behind = False
        for number, step in enumerate(self._steps, 1):
            if behind is rest:
                place = number if len(self._steps) > 1 else 0
                told = wording.pieces(
                    place,
                    step,
                    self._repair.plan,
                    self._again,
                    self._where,
                    last=number == len(self._steps),
                )
                diagnostics.write_all(layout.lines(told, self._palette, 3))
            behind = behind or (self._shown and step.is_patch)

    def _write_notes(self) -> None:
        found = notes(self._repair.plan, self._steps)
        told = (Piece("note", remarks.sentence(note), "note") for note in found)
        diagnostics.write_all(layout.lines(told, self._palette))

    @property
    def _where(self) -> wording.Patch:
        if self._output is None and self._told:
            return wording.Patch(": -o FILE writes it")
        if self._output is None:
            shown = " that follows; for the whole of it: > FILE, or -o FILE"
            return wording.Patch(shown if self._shown else " (it went to stdout)")
        name = printable(shlex.quote(self._output))
        if self._args.mask:
            return wording.Patch(f" ({name} is masked, to be shown and not to be applied)")
        return wording.Patch(f" ({name})", f"patch -p1 -d / < {name}")
