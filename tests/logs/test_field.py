"""Logs as people paste them, each with its first cause: ``data/field.txt``.

A case begins with ``=== SLUG``, or ``=== none``, then what holds: ``certain`` or ``possible`` of
its first cause, ``has`` or ``lacks`` of its commands, ``says`` of the meanings and remedies.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.logs import explain

_FILE = Path(__file__).parent / "data" / "field.txt"


def _cases() -> Iterator[tuple[str, list[str], str]]:
    for block in _FILE.read_text().split("=== ")[1:]:
        head, _, text = block.rstrip("\n").partition("\n")
        slug, *claims = head.split(" ;; ")
        yield slug, claims, text


@pytest.mark.parametrize(("slug", "claims", "text"), _cases())
def test_the_first_cause(slug: str, claims: list[str], text: str) -> None:
    said = explain(text.splitlines())
    assert (said.causes[0].slug if said.causes else "none") == slug
    remedies = said.causes[0].remedies if said.causes else ()
    commands = "\n".join(remedy.command or "" for remedy in remedies)
    prose = "\n".join([line.meaning for line in said.lines] + [remedy.text for remedy in remedies])
    for claim in claims:
        kind, _, words = claim.partition(" ")
        holds = {
            "certain": said.causes and said.causes[0].certain,
            "possible": not any(cause.certain for cause in said.causes),
            "has": words in commands,
            "lacks": words not in commands,
            "says": words in prose,
        }
        assert holds[kind], (claim, commands, prose)
