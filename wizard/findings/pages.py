"""The page of each finding: read from ``texts/``, written to docs/rules/.

``wizard.findings.catalogue`` writes them, as it writes the table that they are made from.
"""

from __future__ import annotations

import pkgutil
import re
from typing import TYPE_CHECKING, Final

from wizard.findings.table import TABLE

if TYPE_CHECKING:
    from pathlib import Path

_SLUG = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")
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
        KeyError: there is no such finding.
    """
    if slug not in TABLE:
        raise KeyError(slug)
    data = pkgutil.get_data("wizard.findings", f"texts/{slug}.md")
    assert data is not None  # noqa: S101 # nosec B101 # every loader of files gives data
    return data.decode("utf-8")


def section(slug: str, heading: str) -> str:
    """One section of a page, without its heading; empty if the page has none of that name."""
    _, found, rest = f"\n{text(slug)}".partition(f"\n## {heading}\n")
    return rest.partition("\n## ")[0].strip() if found else ""


def families() -> dict[str, list[str]]:
    """The slugs of each family, in the table's order."""
    found: dict[str, list[str]] = {}
    for slug, entry in TABLE.items():
        found.setdefault(entry.family, []).append(slug)
    return found


def page(slug: str) -> str:
    """The whole page in Markdown, heading first."""
    entry = TABLE[slug]
    row = f" · best practice: {entry.best_practice}" if entry.best_practice else ""
    head = f"# {slug}\n\n{entry.title}\n\n{entry.family} · {entry.severity}{row}\n\n"
    return f"{head}{_SLUG.sub(_link, text(slug).strip())}\n"


def _link(match: re.Match[str]) -> str:
    """A finding's name in the text as a link to its page; other code as it is."""
    return f"[{match[0]}]({match[1]}.md)" if match[1] in TABLE else match[0]


def index() -> str:
    """The table of all findings by family, in Markdown."""
    lines = [
        "# Findings",
        "",
        "What `proxy-wizard check` may find. A route that works has warnings at most (but for an",
        "exception that is over).",
        "The same pages in the terminal: `proxy-wizard rules SLUG`.",
    ]
    for family, slugs in families().items():
        lines += ["", f"## {family[0].upper()}{family[1:]}", "", "| finding | severity | title |"]
        lines.append("|---|---|---|")
        lines += [f"| [{s}]({s}.md) | {TABLE[s].severity} | {TABLE[s].title} |" for s in slugs]
    return "\n".join(lines) + "\n"


def documents() -> dict[str, str]:
    """File name to contents of everything that belongs into docs/rules/."""
    return {f"{slug}.md": page(slug) for slug in TABLE} | {"index.md": index()}


def write(directory: Path) -> None:
    """Write the pages to a directory; remove those of findings that are gone."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted = documents()
    for name, contents in wanted.items():
        (directory / name).write_text(contents, "utf-8")
    for stale in directory.glob("*.md"):
        if stale.name not in wanted:
            stale.unlink()
