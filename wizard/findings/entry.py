"""What a row of the table of findings holds. Apart from the table, which is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from wizard.model.diagnosis import BestPractice, Severity
    from wizard.model.remedy import Where

Family = Literal[
    "configuration", "trust", "names and dates", "handshake", "network and HTTP", "answers"
]
Trait = Literal["trust", "weak", "unverified", "name", "structure", "unsent", "stopping", "crl"]
"""What a plan has to know of a finding; below is what each of them means."""


class Entry(NamedTuple):
    """One finding. See ``wizard.findings.rule.Rule``, whose attributes these are."""

    family: Family
    severity: Severity
    best_practice: BestPractice | None
    title: str
    actor: Where
    traits: tuple[Trait, ...]
    leavable: bool
