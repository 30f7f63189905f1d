"""What ``explain`` found, for people and as docs/reference/explain.schema.json describes it."""

from __future__ import annotations

from typing import Any

from wizard.cli import output
from wizard.cli.formats import plain
from wizard.model.explanation import Cause, ExplainedLine, Explanation
from wizard.model.remedy import PLACES
from wizard.text import printable
from wizard.wording.fold import wrap

SCHEMA_VERSION = 1

_MOST_CAUSES = 8  # explained; the others by name
_MOST_LINES = 12
_LINE_WIDTH = 300  # characters of a log line that are shown


def document(found: Explanation) -> dict[str, Any]:
    """The JSON document."""
    return {
        "schema_version": SCHEMA_VERSION,
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


def render(found: Explanation, palette: output.Palette) -> str:
    """The explanation as text, ready to print."""
    if not found.lines_recognised:
        return _nothing(found)
    blocks = []
    if found.hidden:
        blocks.append(f"{palette('The cause is hidden', 'bold')}\n{wrap(found.hidden, '  ')}")
    if found.causes:
        blocks.append(_causes(found, palette))
    blocks.append(_lines(found, palette))
    return "\n\n".join(blocks) + "\n"


def _nothing(found: Explanation) -> str:
    lines = f"{found.lines_read} line{'s' if found.lines_read != 1 else ''} read"
    return wrap(
        f"Nothing was recognised ({lines}). Give lines of httpd's error log (not the access log), "
        "an AH code such as AH02276, or the output of `openssl s_client` or `curl -v`."
    ) + "\n"  # fmt: skip


def _causes(found: Explanation, palette: output.Palette) -> str:
    several = len(found.causes) > 1
    title = "Possible causes, the most likely first" if several else "Cause"
    parts = [palette(title, "bold")]
    for number, cause in enumerate(found.causes[:_MOST_CAUSES], 1):
        in_full = cause.explains > 0 or (number == 1 and not found.hidden)
        parts.append(_cause(number, cause, palette, in_full=in_full))
    others = [cause.slug for cause in found.causes[_MOST_CAUSES:]]
    if others:
        parts.append(wrap(f"also possible: {', '.join(others)}", "  ", "    "))
    if several:
        parts.append("  `proxy-wizard rules NAME` tells what to do about each.")
    return "\n".join(parts)


def _cause(number: int, cause: Cause, palette: output.Palette, *, in_full: bool) -> str:
    times = f" ({cause.explains} times)" if cause.explains > 1 else ""
    lines = [
        f"{number:>3}. {palette(cause.slug, 'bold', 'red' if cause.certain else 'yellow')}{times}",
        wrap(printable(cause.explanation), "     "),
    ]
    if not in_full:
        return "\n".join(lines)
    shown = [printable(line.strip(), _LINE_WIDTH) for line in cause.evidence]
    lines += [palette(f"     | {line}", "dim") for line in shown]
    for remedy in cause.remedies:
        text = f"> {PLACES[remedy.where]}: {printable(remedy.text)}"
        lines.append(wrap(text, "     ", " " * 7))
        if remedy.command:
            # One command a line, unwrapped and without decoration: it is there to be copied.
            lines += [f"       {printable(line)}" for line in remedy.command.split("\n")]
    return "\n".join(lines)


def _lines(found: Explanation, palette: output.Palette) -> str:
    kinds: dict[tuple[str | None, str], list[ExplainedLine]] = {}
    for line in found.lines:
        kinds.setdefault((line.code, line.meaning), []).append(line)
    # What points to a cause comes first; among equals the order of the input stays.
    ordered = sorted(kinds.values(), key=lambda lines: not lines[0].slugs)
    parts = [palette("What the lines say", "bold")]
    for lines in ordered[:_MOST_LINES]:
        first = lines[0]
        label = first.code or (f"error {first.openssl}" if first.openssl is not None else "")
        times = f" ({len(lines)} lines)" if len(lines) > 1 else ""
        if label:
            meaning = f"{label}{times}: {first.meaning}"
            parts.append(wrap(printable(meaning), "  ", " " * 11))
        else:
            parts.append(palette(f"  {printable(first.text.strip(), 100)}{times}", "dim"))
            parts.append(wrap(printable(first.meaning), " " * 11))
    left = len(ordered) - _MOST_LINES
    if left > 0:
        parts.append(f"  and {left} more kinds of lines (--format json lists them)")
    parts.append(
        f"  {found.lines_recognised} of {found.lines_read} "
        f"line{'s' if found.lines_read != 1 else ''} recognised"
    )
    return "\n".join(parts)
