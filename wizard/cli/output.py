"""The one module that writes to stdout.

Every command imports it, so what only some of it needs is imported where it is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn, TextIO

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


class Palette:
    """Colours, if the reader is a terminal that wants them (NO_COLOR, TERM=dumb).

    Args:
        enabled: True or False to force it; None to look at the stream and the environment.
        stream: that is written to; None: stdout.
    """

    def __init__(self, enabled: bool | None = None, stream: TextIO | None = None) -> None:
        if enabled is None:
            stream = stream or sys.stdout
            enabled = (
                stream is not None
                and stream.isatty()
                and not os.environ.get("NO_COLOR")
                and os.environ.get("TERM") != "dumb"
            )
        self.enabled = enabled

    def __call__(self, text: str, *styles: str) -> str:
        """``text`` in the named styles; the text itself must be safe to print."""
        if not self.enabled or not text:
            return text
        codes = ";".join(_STYLES[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"


def write(text: str) -> None:
    """Write text to stdout, whatever its encoding can show."""
    stream = sys.stdout
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout unchanged (a diff of files that may hold any bytes)."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # replaced by a text-only stream
        write(data.decode("utf-8", "backslashreplace"))
        return
    sys.stdout.flush()
    buffer.write(data)


class Encoded(NamedTuple):
    """An item of a list that is JSON already."""

    text: str


def write_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document: a top-level field a line, and each item of its lists.

    Lines that grep can use, and no indentation: Python's encoder is compiled only without, which
    counts at 5,000 routes. ASCII only: its text cannot steer a terminal that shows it.
    """
    import json

    encode = json.JSONEncoder(ensure_ascii=True).encode
    parts: list[str] = []
    for name, value in document.items():
        parts += (",\n " if parts else "{", encode(name), ": ")
        if isinstance(value, list) and value:
            start = "[\n  "
            for item in value:
                parts += (start, item.text if isinstance(item, Encoded) else encode(item))
                start = ",\n  "
            parts.append("\n ]")
        else:
            parts.append(encode(value))
    write("".join(parts) + "}\n")


def flush() -> None:
    """Flush stdout, so that a broken pipe shows while it can still be handled."""
    sys.stdout.flush()


def end_process(code: int) -> NoReturn:
    """End the process after everything was written, without the interpreter's own clearing up.

    It frees what was read object by object: at 5,000 routes a tenth of the whole run. Only for a
    command that has nothing left to close.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
