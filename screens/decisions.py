"""What the operator decided for one route; what was not decided stands on the safe side."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from wizard.model.plan import FixChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wizard.model.certificate import Certificate
    from wizard.model.diagnosis import Diagnosis
    from wizard.model.plan import FixPolicy

Trust = Literal["found", "file", "fingerprint", "none"]
"""Where the CA comes from: this machine, a file that the operator names, or the backend, once the
operator has the fingerprint from its owner; ``none``: nobody gives the operator one."""

DEFAULT_DAYS: Final = 14
"""A temporary exception's length to begin with: long enough for a CA to answer."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")

ASK_OWNER: Final = (
    "Ask the owner of the CA for the SHA-256 fingerprint of its certificate, by telephone or on "
    "paper, and type it here. What this screen shows may be an attacker's."
)
NO_SUCH: Final = (
    "The backend shows no certificate with this fingerprint: it was mistyped, or it is that of "
    "another certificate. Compare it with the CA's owner once more."
)
COPIED: Final = (
    "This was copied from this screen, so it confirms nothing. Type the one that the CA's owner "
    "gives you."
)
NO_DIGEST: Final = "A SHA-256 fingerprint has 64 hexadecimal digits, in pairs or in one piece."


def last_day() -> str:
    """The last day of an exception to begin with, ``YYYY-MM-DD``."""
    return (datetime.now(UTC).date() + timedelta(days=DEFAULT_DAYS)).isoformat()


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions about one route.

    Args:
        policy: row of the best-practice table.
        written_out: for ``production``: also lines that only say what is in force already.
        trust: where the CA comes from.
        ca_file: of the operator's choice, for ``file``.
        fingerprint: as the CA's owner told it, for ``fingerprint``.
        until: last day of an exception, ``YYYY-MM-DD``; empty: none was entered.
        left: findings that the backend's side is to repair.
    """

    policy: FixPolicy = "production"
    written_out: bool = False
    trust: Trust = "found"
    ca_file: str = ""
    fingerprint: str = ""
    until: str = ""
    left: frozenset[str] = frozenset()

    @property
    def is_safe(self) -> bool:
        """Whether nothing is weakened or left to others."""
        return self.policy != "temporary" and not self.left

    def without_exception(self) -> Decisions:
        """The same, every check on."""
        if self.policy != "temporary":
            return self
        return replace(self, policy="production", until="")

    def choice(self, presented: Sequence[Certificate]) -> FixChoice | str:
        """What to plan with.

        Args:
            presented: certificates of the backend that their owner may vouch for.

        Returns:
            The choice, or what is missing in a sentence.
        """
        choice = FixChoice(
            self.policy,
            minimal=not self.written_out,
            offers=self.trust != "none",
            leave=tuple(sorted(self.left)),
        )
        if self.policy == "temporary":
            try:
                choice = replace(choice, until=date.fromisoformat(self.until.strip()))
            except ValueError:
                return "Enter the last day of the exception as YYYY-MM-DD."
        if self.trust == "file":
            if not self.ca_file:
                return "Name the CA's certificate file: press f."
            choice = replace(choice, ca_files=(self.ca_file,))
        if self.trust == "fingerprint":
            if problem := fingerprint_problem(self.fingerprint, presented):
                return problem
            choice = replace(choice, accept_fingerprint=self.fingerprint)
        return choice


def fingerprint_problem(text: str, presented: Sequence[Certificate]) -> str:
    """Why a fingerprint confirms none of the certificates; empty: it does."""
    if not text.strip():
        return ASK_OWNER
    if not _SHA256.fullmatch(digits(text)):
        return NO_DIGEST
    return "" if digits(text) in {c.sha256 for c in presented} else NO_SUCH


def presented(diagnosis: Diagnosis | None) -> tuple[Certificate, ...]:
    """The certificates of a backend that their owner may vouch for: its CAs, or one that signed
    itself."""
    probe = diagnosis.case.probe if diagnosis else None
    shown = probe.tls.chain if probe and probe.tls else ()
    return tuple(c for c in shown if c.is_ca or c.self_issued)


def digits(fingerprint: str) -> str:
    """A SHA-256 fingerprint however it was written, as its digits."""
    return re.sub(r"[:\s-]", "", fingerprint.rpartition("=")[2]).lower()
