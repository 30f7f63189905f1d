"""The report of a fault of the wizard itself."""

from __future__ import annotations

import traceback

from rich.text import Text

from wizard.text import printable


def report() -> Text:
    """The traceback of the exception that is being handled, safe to show.

    Textual's own holds the value of every variable: of the configuration's passwords too.
    """
    lines = [printable(line) for line in traceback.format_exc().splitlines()]
    return Text("\n".join([*lines, "This is a fault of proxy-wizard; please report these lines."]))
