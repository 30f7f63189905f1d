"""A plan to repair: edits to named files, files to create, and what only others can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding

FixPolicy = Literal["internal-ca", "production", "temporary"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the physical lines ``first_line``..``last_line`` of a file by ``new_lines``.

    ``last_line = first_line - 1`` inserts before ``first_line`` and removes nothing.

    Args:
        file: path as httpd names it.
        first_line: from 1.
        last_line: inclusive.
        new_lines: bytes of each new line with its line end.
        reason: one line, in plain words.
        affects: other virtual hosts or files that read the same lines.
    """

    file: str
    first_line: int
    last_line: int
    new_lines: tuple[bytes, ...]
    reason: str
    affects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that the plan creates (trust bundle, converted CA)."""

    path: str
    data: bytes
    mode: int
    reason: str


@dataclass(frozen=True, slots=True)
class TrustChoice:
    """A trust anchor, where it was found, and why it may be trusted.

    Args:
        certificates: the root (or anchor) first, then intermediates that are missing.
        origin: ``FILE`` it was read from, ``system``, or ``backend``.
        basis: why it is trusted, in one sentence for the operator and the bundle's comment.
        path: the file httpd can use as it stands (the system's bundle), None: to be written.
    """

    certificates: tuple[Certificate, ...]
    origin: str
    basis: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class FixChoice:
    """What the operator chose."""

    policy: FixPolicy = "production"
    ca_file: str | None = None
    accept_fingerprint: str | None = None
    """SHA-256 in hexadecimal, colons and case ignored."""
    until: date | None = None
    """Last day of a temporary exception."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A finding that the plan leaves, with the reason."""

    route: str
    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class FixPlan:
    """Everything that one fix changes; nothing is written until it is applied."""

    policy: FixPolicy
    edits: tuple[Edit, ...] = ()
    new_files: tuple[NewFile, ...] = ()
    resolved: tuple[str, ...] = ()
    """``VHOST PATH: slug`` of each finding that it resolves."""
    unresolved: tuple[Unresolved, ...] = ()
    trust: tuple[TrustChoice, ...] = ()
    notes: tuple[str, ...] = ()
    """Consequences and next steps, each one sentence."""

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.edits and not self.new_files
