"""What the catalogue says of the command line, in the wizard's words: steps and keys."""

from __future__ import annotations

import re
from typing import Final

from wizard.wording.moment import localised

_STEPS: Final = {
    "check": "r in step 3", "fix": "step 4", "apply": "a", "prove": "step 5",
    "rollback": "step 5", "explain": "e in step 3", "rules": "m in step 3",
}  # fmt: skip
"""Where the wizard does what a command does."""
_DOES: Final = {**_STEPS, "check": "the wizard", "apply": "the wizard", "explain": "step 3"}
"""The same as the subject of a sentence."""
_COMMANDS: Final = "|".join(_STEPS)
_OPTIONS: Final = (
    (" (or `--ca` or `--accept-fingerprint` names it)", " (or you name it)"),
    (" (`--policy temporary --until`)", ""),
    (
        "`--timeout` seconds a stage (10 by default)",
        "ten seconds a stage, or as long as it was told",
    ),
    ("that of `--host` or the ServerName", "that of h in step 2 or the ServerName"),
    ("`apply --yes` takes a name only if", "Such a name stands in a plan by itself only if"),
    ("`fix --ca`: of that it takes", "step 4: of that it takes"),
    ("given with `fix --ca`", "given in step 4"),
    ("prints that address", "shows that address"),
    ("that fix and the wizard take", "that the wizard takes"),
    (
        " until then (exit code 1) and fails the route afterwards (2)",
        " until then, and counts the route as failed afterwards",
    ),
    ("check fails this route", "this route counts as failed"),
)
_NAMED: Final = re.compile(rf"`(?:proxy-wizard )?({_COMMANDS})(?: [^`]*)?`")
_FENCE: Final = re.compile(r"^```\w*\n(.*?)^```\n?", re.MULTILINE | re.DOTALL)
_CALL: Final = re.compile(rf"\bproxy-wizard ({_COMMANDS})\b")
_RULES: Final = re.compile(r"`proxy-wizard rules ([a-z-]+)`")
_AT_START: Final = re.compile(r"(?:^|\. )$")


def prose(text: str) -> str:
    """Sentences of the catalogue without names of commands and options, times as they are here.

    Args:
        text: one paragraph, as the catalogue or a finding has it.
    """
    text = _RULES.sub(r"the page `\1`", " ".join(text.split()))
    for theirs, ours in _OPTIONS:
        text = text.replace(theirs, ours)
    return localised(_NAMED.sub(_named, text))


def _named(match: re.Match[str]) -> str:
    told = _DOES[match[1]]
    starts = _AT_START.search(match.string[: match.start()])
    return told[:1].upper() + told[1:] if starts else told


def key(command: str) -> str:
    """Where the wizard does what a command does: ``r in step 3``; empty: it is another program's.

    Args:
        command: to be pasted.
    """
    found = _CALL.search(command)
    return _STEPS[found[1]] if found else ""


def page(text: str) -> str:
    """A page of the catalogue in Markdown; where it has a command of this program, the wizard's
    key.

    Args:
        text: as ``wizard.findings.pages.text`` gives it.
    """
    parts = []
    place = 0
    for fence in _FENCE.finditer(text):
        parts += [_paragraphs(text[place : fence.start()]), _fence(fence)]
        place = fence.end()
    return "".join((*parts, _paragraphs(text[place:])))


def _fence(fence: re.Match[str]) -> str:
    """Code without the lines that call this program; these as a sentence below it."""
    lines = fence[1].splitlines(keepends=True)
    kept = [line for line in lines if not _CALL.search(line)]
    if len(kept) == len(lines):
        return fence[0]
    keys = dict.fromkeys(key(line) for line in lines if _CALL.search(line))
    head = fence[0].partition("\n")[0]
    code = f"{head}\n{''.join(kept)}```\n\n" if "".join(kept).strip() else ""
    return f"{code}In the wizard: {', '.join(keys)}.\n"


def _paragraphs(text: str) -> str:
    """Prose between code; its lines stay where nothing is replaced."""
    return "\n\n".join(_paragraph(part) for part in text.split("\n\n"))


def _paragraph(text: str) -> str:
    items = re.split(r"\n(?=- )", text)
    told = "\n".join(prose(item) for item in items)
    if told == "\n".join(" ".join(item.split()) for item in items):
        return text
    before = text[: len(text) - len(text.lstrip("\n"))]
    after = text[len(text.rstrip("\n")) :]
    return f"{before}{told}{after}"
