"""Comments of a configuration beside what a plan changes."""

from __future__ import annotations

from wizard.record import record


@record
class OutdatedComment:
    """A comment that may not hold once a plan is applied; the patch leaves it as it is.

    Args:
        file: path as httpd names it.
        line: its first line before the change, from 1.
        last_line: inclusive.
        text: its lines as one, without their ``#``; nothing in it is masked or escaped.
        directives: that change beside it.
        opposite: it says the opposite of what is in force then; else it speaks of it.
    """

    file: str
    line: int
    last_line: int
    text: str
    directives: tuple[str, ...]
    opposite: bool = True
