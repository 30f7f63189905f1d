"""Configurations, each of one virtual host before backends of known kinds (data/*.txt).

A case begins with ``### NAME routes=COUNT``, then ``shadowed=PATH`` for each route that never gets
a request because another line takes it, and ``dead=PATH`` for each that httpd never uses; its lines
follow. In a URL ``{good}`` stands for the port of such a backend; the path names the line that took
the request, so that a test sees which one it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Case:
    """One virtual host's lines; its ServerName is ``NAME.test``."""

    name: str
    body: str
    routes: int
    shadowed: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    main: int | None = None
    none: tuple[str, ...] = ()


def cases(name: str) -> list[Case]:
    """The cases of a file."""
    return parse((_DATA / f"{name}.txt").read_text())


def parse(text: str) -> list[Case]:
    """The cases of a text."""
    found = []
    for block in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        case, *words = title.split()
        pairs = [word.partition("=")[::2] for word in words]
        found.append(
            Case(
                case,
                body.strip(),
                int(next(value for key, value in pairs if key == "routes")),
                tuple(value for key, value in pairs if key == "shadowed"),
                tuple(value for key, value in pairs if key == "dead"),
                next((int(value) for key, value in pairs if key == "main"), None),
                tuple(value for key, value in pairs if key == "none"),
            )
        )
    return found
