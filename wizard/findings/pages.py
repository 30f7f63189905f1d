"""The page of each rule: read from ``texts/``, written to docs/rules/.

``python -m wizard.findings.pages docs/rules`` writes every page and the index.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from typing import Final

from wizard.findings.catalogue import CATALOGUE
from wizard.findings.rule import Rule

HEADINGS: Final = (
    "What it is",
    "Why it matters",
    "Known limits",
    "Example",
    "Use instead",
    "Wrong fixes",
    "How to verify",
    "References",
)
"""The sections of a page, in this order."""


def text(slug: str) -> str:
    """The page's sections in Markdown, as they stand in ``texts/SLUG.md``.

    Raises:
        KeyError: there is no such rule.
    """
    rule = CATALOGUE[slug]
    return (
        resources.files("wizard.findings").joinpath("texts", f"{rule.slug}.md").read_text("utf-8")
    )


def section(slug: str, heading: str) -> str:
    """One section of a page, without its heading; empty if the page has none of that name."""
    _, found, rest = f"\n{text(slug)}".partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0].strip() if found else ""


def page(rule: Rule) -> str:
    """The whole page in Markdown, heading first."""
    row = f" · best practice: {rule.best_practice}" if rule.best_practice else ""
    return (
        f"# {rule.slug}\n\n{rule.title}\n\n{rule.family} · {rule.severity}{row}\n\n"
        f"{text(rule.slug).strip()}\n"
    )


def index() -> str:
    """The table of all rules by family, in Markdown."""
    lines = [
        "# Findings",
        "",
        "What `proxy-wizard check` may find. A route that works has warnings at most.",
        "The same pages in the terminal: `proxy-wizard rules SLUG`.",
    ]
    for family, rules in by_family().items():
        lines += ["", f"## {family[0].upper()}{family[1:]}", "", "| finding | severity | |"]
        lines.append("|---|---|---|")
        lines += [f"| [{r.slug}]({r.slug}.md) | {r.severity} | {r.title} |" for r in rules]
    return "\n".join(lines) + "\n"


def by_family() -> dict[str, list[Rule]]:
    """The rules of each family, in the catalogue's order."""
    families: dict[str, list[Rule]] = {}
    for rule in CATALOGUE.values():
        families.setdefault(rule.family, []).append(rule)
    return families


def documents() -> dict[str, str]:
    """File name to contents of everything that belongs into docs/rules/."""
    return {f"{slug}.md": page(rule) for slug, rule in CATALOGUE.items()} | {"index.md": index()}


def main(arguments: list[str]) -> int:
    """Write the pages to the directory that is named, and remove those of rules that are gone."""
    directory = Path(arguments[0])
    directory.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    for name, contents in wanted.items():
        (directory / name).write_text(contents, "utf-8")
    for stale in directory.glob("*.md"):
        if stale.name not in wanted:
            stale.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
