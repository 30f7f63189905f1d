"""The signs that the screens draw with: Unicode, or ASCII where the locale has no more."""

from __future__ import annotations

import codecs
import locale
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Signs; each stands beside a word, none carries a meaning alone."""

    good: str
    bad: str
    warn: str
    unknown: str
    waiting: str
    line: str
    arrow: str
    broken: str
    last: str
    dot: str
    none: str
    mark: str
    ellipsis: str
    folded: str
    unfolded: str


UNICODE = Glyphs(good="✓", bad="✗", warn="!", unknown="?", waiting="·", line="──",
                 arrow="──▶", broken="──✗",
                 last="└─ ", dot="·", none="–", mark="›", ellipsis="…",
                 folded="▸", unfolded="▾")  # fmt: skip
ASCII = Glyphs(good="+", bad="x", warn="!", unknown="?", waiting=".", line="--",
               arrow="-->", broken="--x",
               last="`- ", dot="-", none="-", mark=">", ellipsis="...",
               folded="+", unfolded="-")  # fmt: skip


def for_encoding(encoding: str | None) -> Glyphs:
    """The signs that an encoding can show.

    Args:
        encoding: of the terminal; None: the locale's.
    """
    name = encoding or locale.getencoding()
    try:
        return UNICODE if codecs.lookup(name).name.startswith("utf") else ASCII
    except LookupError:
        return ASCII
