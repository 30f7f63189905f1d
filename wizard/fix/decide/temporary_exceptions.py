"""The comment of a temporary exception: which check is off, why, and until when.

It stands directly above the lines that it excuses::

    # proxy-wizard: temporary exception until 2026-12-31 (ca-not-trusted): SSLProxyVerify none

``check`` warns before that day is over and fails the route after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from wizard.fix.decide import best_practice
from wizard.fix.source.edits import split_lines
from wizard.model.config import Configuration, Route, SourceFile, TemporaryException
from wizard.model.config import Source as Place
from wizard.record import record

BEGINNING = b"# proxy-wizard: temporary exception until "
_COMMENT = re.compile(
    rb"[ \t]*"
    + re.escape(BEGINNING)
    + rb"(\d{4}-\d{2}-\d{2}) \(([a-z-]+)\): ([^\r\n]{1,1000})\r?\n?\Z"
)
_REACH = 8
"""Lines below the comment that its settings may stand on; further down nothing is excused."""


@record
class NewException:
    """An exception to be made.

    Args:
        until: last day.
        slug: the finding that it is made for.
        directives: names of those that it is about.
    """

    until: date
    slug: str
    directives: frozenset[str]


def comment(until: date, slug: str, settings: Sequence[str]) -> str:
    """The comment line, without indentation and line end.

    Args:
        until: last day.
        slug: the finding that the exception is made for.
        settings: directives with their values.
    """
    return f"{BEGINNING.decode()}{until:%Y-%m-%d} ({slug}): {', '.join(settings)}"


def parse(line: bytes, place: Place) -> TemporaryException | None:
    """The exception that a line announces; None if it is no such comment."""
    match = _COMMENT.match(line)
    if match is None:
        return None
    try:
        until = date.fromisoformat(match[1].decode())
    except ValueError:  # 2026-02-30
        return None
    settings = match[3].decode("utf-8", "surrogateescape").split(", ")
    return TemporaryException(until, match[2].decode(), tuple(settings), place)


def annotated(configuration: Configuration) -> Configuration:
    """The configuration whose routes know the exceptions that cover their settings."""
    found = {
        name: tuple(_in_file(file))
        for name, file in configuration.files.items()
        if BEGINNING in file.data
    }
    if not any(found.values()):
        return configuration
    routes = tuple(
        replace(route, exceptions=covering) if (covering := _covering(route, found)) else route
        for route in configuration.routes
    )
    return replace(configuration, routes=routes)


def _in_file(file: SourceFile) -> Iterator[TemporaryException]:
    for number, line in enumerate(split_lines(file.data), 1):
        if BEGINNING in line:
            exception = parse(line, Place(file.path, number))
            if exception is not None:
                yield exception


def _covering(
    route: Route, found: Mapping[str, Sequence[TemporaryException]]
) -> tuple[TemporaryException, ...]:
    covering: dict[TemporaryException, None] = {}
    for name, field in best_practice.FIELDS.items():
        source = getattr(route.tls, field).source
        for exception in found.get(source.file, ()) if source else ():
            named = any(text.partition(" ")[0] == name for text in exception.settings)
            if named and 0 < source.line - exception.source.line <= _REACH:
                covering[exception] = None
    return tuple(covering)
