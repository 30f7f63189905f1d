"""``proxy-wizard rules``: the catalogue of findings, or one of them in full."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from wizard.cli import output
from wizard.cli.main import add_command
from wizard.errors import UsageError
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.findings.rule import Rule

_WIDTH = 80
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
    rules = None if args.slug is None else [_rule(args.slug)]
    if args.format == "json":
        _write_json(rules)
    elif rules is None:
        output.write(_list(output.Palette()))
    else:
        output.write(_page(rules[0], output.Palette()))
    return 0


def _rule(slug: str) -> Rule:
    from wizard.findings import CATALOGUE

    rule = CATALOGUE.get(slug.strip().lower())
    if rule is not None:
        return rule
    import difflib  # only for a misspelt name

    near = difflib.get_close_matches(slug.lower(), CATALOGUE, n=1, cutoff=0.5)
    raise UsageError(
        f"there is no finding {printable(slug, 100)!r}.",
        hint=f"Did you mean {near[0]}?" if near else "proxy-wizard rules lists them all.",
    )


def _list(palette: output.Palette) -> str:
    from wizard.findings.pages import by_family

    families = by_family()
    longest = max(len(rule.slug) for rules in families.values() for rule in rules)
    blocks = []
    for family, rules in families.items():
        lines = [palette(family, "bold")]
        for rule in rules:
            name = palette(f"{rule.slug:<{longest}}", *_STYLES[rule.severity][:1])
            lines.append(f"  {name}  {rule.severity:<8}")
            lines.append(output.wrap(rule.title, "      "))
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _page(rule: Rule, palette: output.Palette) -> str:
    from wizard.findings.pages import text

    row = f", best practice: {rule.best_practice}" if rule.best_practice else ""
    head = [
        f"{palette(rule.slug, 'bold')}: {rule.title}"
        if len(rule.slug) + len(rule.title) + 2 <= _WIDTH
        else f"{palette(rule.slug, 'bold')}\n{output.wrap(rule.title)}",
        f"{rule.family}, {palette(rule.severity, *_STYLES[rule.severity])}{row}",
        "",
    ]
    return "\n".join([*head, *_markdown(text(rule.slug), palette)]) + "\n"


def _markdown(source: str, palette: output.Palette) -> list[str]:
    """The little Markdown of the pages as text: headings, prose, lists and blocks of code."""
    shown: list[str] = []
    paragraph: list[str] = []
    code = False

    def end() -> None:
        if paragraph:
            first = paragraph[0]
            hanging = "    " if first.startswith(("- ", "1. ")) else "  "
            shown.append(output.wrap(" ".join(paragraph), "  ", hanging))
            paragraph.clear()

    for line in source.strip().split("\n"):
        if line.startswith("```"):
            end()
            code = not code
        elif code:
            shown.append(f"    {line}".rstrip())
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
            paragraph.append(line.strip())
    end()
    return shown


def _write_json(rules: list[Rule] | None) -> None:
    from wizard.findings import CATALOGUE, pages

    full = rules is not None
    output.write_json(
        {
            "schema_version": 1,
            "rules": [
                {
                    "slug": rule.slug,
                    "severity": rule.severity,
                    "title": rule.title,
                    "family": rule.family,
                    "best_practice": rule.best_practice,
                }
                | ({"page": pages.text(rule.slug)} if full else {})
                for rule in (CATALOGUE.values() if rules is None else rules)
            ],
        }
    )
