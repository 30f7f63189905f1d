"""``proxy-wizard rules``: the catalogue of findings, or one of them in full."""

from __future__ import annotations

import argparse
import re
from typing import Any

from wizard.cli import output
from wizard.cli.parser import add_command
from wizard.errors import UsageError
from wizard.findings import pages
from wizard.findings.table import TABLE
from wizard.text import printable
from wizard.wording.fold import width, wrap

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_EMPHASIS = re.compile(r"(?<=^- )\*([^*]+)\*|\*\*([^*]+)\*\*")
"""Advice to avoid, in italics, and what is bold."""
_STYLES = {"critical": ("red", "bold"), "warning": ("yellow", "bold"), "info": ("cyan",)}


def add_parser(subparsers: Any) -> None:
    """Add the command's parser."""
    parser = add_command(
        subparsers,
        "rules",
        description="List what check may find, by family; or print the page of one finding: what "
        "it is, why it matters, what to do instead, which advice to avoid, how to verify.",
        examples="  proxy-wizard rules\n"
        "  proxy-wizard rules chain-too-deep\n"
        "  proxy-wizard rules --format json",
    )
    parser.add_argument("slug", nargs="?", metavar="SLUG", help="name of a finding")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="output format (default: text)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the command."""
    slug = None if args.slug is None else _known(args.slug)
    if args.format == "json":
        _write_json(slug)
    else:
        palette = output.Palette()
        output.write(_list(palette) if slug is None else _page(slug, palette))
    return 0


def _known(name: str) -> str:
    """The slug that is meant.

    Raises:
        UsageError: there is none of that name; its hint is the nearest one.
    """
    slug = name.strip().lower()
    if slug in TABLE:
        return slug
    import difflib  # only for a misspelt name

    near = difflib.get_close_matches(slug[:100], TABLE, n=1, cutoff=0.5)
    raise UsageError(
        f"there is no finding '{printable(name, 100)}'.",
        hint=f"Did you mean {near[0]}?" if near else "proxy-wizard rules lists them all.",
    )


def _list(palette: output.Palette) -> str:
    longest = max(map(len, TABLE))
    blocks = []
    for family, slugs in pages.families().items():
        lines = [palette(family, "bold")]
        for slug in slugs:
            entry = TABLE[slug]
            severity = palette(entry.severity, *_STYLES[entry.severity])
            lines += [f"  {slug:<{longest}}  {severity}", wrap(entry.title, "      ")]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _page(slug: str, palette: output.Palette) -> str:
    entry = TABLE[slug]
    row = f", best practice: {entry.best_practice}" if entry.best_practice else ""
    head = [
        palette(slug, "bold"),
        wrap(entry.title),
        f"{entry.family}, {palette(entry.severity, *_STYLES[entry.severity])}{row}",
        "",
    ]
    return "\n".join([*head, *_markdown(pages.text(slug), palette)]) + "\n"


def _markdown(source: str, palette: output.Palette) -> list[str]:
    """The little Markdown of the pages as text: headings, prose, lists and blocks of code."""
    shown: list[str] = []
    paragraph: list[str] = []
    code, pasted = False, False

    def end() -> None:
        if paragraph:
            first = paragraph[0]
            hanging = "    " if first.startswith(("- ", "1. ")) else "  "
            plain = _EMPHASIS.sub(r"\1\2", " ".join(paragraph))
            shown.append(wrap(plain, "  ", hanging))
            paragraph.clear()

    for line in source.strip().split("\n"):
        if line.startswith("```"):
            end()
            code, pasted = not code, line == "```sh"
        elif code:
            # a command stays as it is, so that it can be pasted
            whole = pasted or len(line) + 4 <= width()
            shown.append(f"    {line}".rstrip() if whole else wrap(line, "    ", "        "))
        elif line.startswith("## "):
            end()
            shown.append(palette(line.removeprefix("## "), "bold"))
        elif not line.strip():
            end()
            if shown and shown[-1]:
                shown.append("")
        else:
            if line.startswith("- "):
                end()
            paragraph.append(_LINK.sub(r"\1 <\2>", line.strip()))
    end()
    return shown


def _write_json(slug: str | None) -> None:
    rules = [
        {
            "slug": name,
            "family": entry.family,
            "severity": entry.severity,
            "best_practice": entry.best_practice,
            "title": entry.title,
            **({"page": pages.text(name)} if name == slug else {}),
        }
        for name, entry in TABLE.items()
        if slug is None or name == slug
    ]
    output.write_json({"schema_version": 1, "rules": rules})
