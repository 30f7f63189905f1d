"""What ``explain`` found, for people and as docs/reference/explain.schema.json describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wizard.cli import layout, output
from wizard.cli.formats import plain
from wizard.model.explanation import Cause, ExplainedLine, Explanation
from wizard.text import printable
from wizard.wording import explanation as wording
from wizard.wording.pieces import Piece

SCHEMA_VERSION = 1

_MOST_LINES = 12


def document(found: Explanation) -> dict[str, Any]:
    """The JSON document."""
    return {
        "schema_version": SCHEMA_VERSION,
        "summary": plain.unicode(f"{wording.summary(found)} {found.command}".rstrip()),
        "causes": [_cause_document(cause) for cause in found.causes],
        "lines": [
            {
                "text": plain.unicode(line.text),
                "code": line.code,
                "openssl": line.openssl,
                "meaning": line.meaning,
                "slugs": list(line.slugs),
            }
            for line in found.lines
        ],
        "hidden": found.hidden,
        "lines_read": found.lines_read,
        "lines_recognised": found.lines_recognised,
    }


def _cause_document(cause: Cause) -> dict[str, Any]:
    return {
        "slug": cause.slug,
        "explanation": cause.explanation,
        "evidence": [plain.unicode(line) for line in cause.evidence],
        "remedies": plain.remedies(cause.remedies),
        "count": cause.explains,
        "certain": cause.certain,
    }


def render(found: Explanation, palette: output.Palette, *, verbose: bool = False) -> str:
    """The explanation as text, ready to print.

    Args:
        found: in the input.
        palette: colours, or none.
        verbose: every line of evidence, and all that is known of each cause and line.
    """
    parts = list(layout.lines(wording.lead(found), palette, 0))
    if found.causes or found.hidden:
        parts += ["", *layout.lines(wording.causes(found, whole=verbose), palette)]
    if len(found.causes) > 1:
        parts.append("\n`proxy-wizard rules NAME` tells what to do about each.")
    if found.lines_recognised:
        parts += ["", *layout.lines(_lines(found, verbose=verbose), palette, 2)]
    return "\n".join(parts) + "\n"


def _lines(found: Explanation, *, verbose: bool) -> Iterator[Piece]:
    kinds: dict[tuple[str | None, str], list[ExplainedLine]] = {}
    for line in found.lines:
        kinds.setdefault((line.code, line.meaning), []).append(line)
    # What points to a cause comes first; among equals the order of the input stays.
    ordered = sorted(kinds.values(), key=lambda lines: not lines[0].slugs)
    told = []
    for lines in ordered[:_MOST_LINES]:
        first = lines[0]
        times = f" ({len(lines)} lines)" if len(lines) > 1 else ""
        meaning = first.meaning if verbose else wording.unsaid(found, first.meaning)
        if meaning:
            told.append(Piece("text", printable(meaning), f"{wording.label(first)}{times}"))
    if told:
        yield Piece("heading", "What the lines say")
        yield from told
    left = len(ordered) - _MOST_LINES
    more = (
        f"; {left} more kind{'s' if left > 1 else ''} of lines: --format json lists them"
        if left > 0
        else ""
    )
    read = f"{found.lines_read} line{'s' if found.lines_read != 1 else ''}"
    yield Piece("text", f"{found.lines_recognised} of {read} recognised{more}")
