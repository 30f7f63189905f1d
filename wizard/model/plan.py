"""A plan of repair: edits to named files, files to create, and what only others can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import Enum
from typing import Literal

from wizard.model.certificate import Certificate
from wizard.model.comment import OutdatedComment
from wizard.model.config import Route
from wizard.model.diagnosis import Finding, Report
from wizard.model.remark import Remark
from wizard.model.route_id import RouteId
from wizard.model.scope import Assumed
from wizard.record import record

FixPolicy = Literal["internal-ca", "production", "temporary"]
Lies = Literal["given", "trusted", "beside", "named", "site", "added", "system", "machine"]
"""Where an authority was found: its owner gave the file; the route names it as its CA; beside the
configuration; in a file that the configuration names for something else; beside such a file; among
the CAs that were added to the system's trust store; in that store; elsewhere on this machine."""


@record
class Because:
    """Why an edit writes some of its directives.

    Args:
        directives: their names; of a section, its opening tag.
        reason: one line, in plain words.
    """

    directives: tuple[str, ...]
    reason: str


@record
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
        parts: ``reason`` by directive, where it writes several.
    """

    file: str
    first_line: int
    last_line: int
    new_lines: tuple[bytes, ...]
    reason: str
    affects: tuple[str, ...] = ()
    parts: tuple[Because, ...] = ()


@record
class NewFile:
    """A file that the plan creates (trust bundle, converted CA)."""

    path: str
    data: bytes
    reason: str


@record
class TrustChoice:
    """A trust anchor, where it was found, and why it may be trusted.

    Args:
        certificates: the root (or anchor) first, then intermediates that are missing.
        origin: ``FILE`` it was read from, or ``backend``.
        basis: why it is trusted, for the operator and the bundle's comment.
    """

    certificates: tuple[Certificate, ...]
    origin: str
    basis: Remark


@record
class Candidate:
    """An authority that was found on this machine.

    Args:
        certificate: its certificate.
        file: the first that holds it, for ``FixChoice.ca_files``.
        problem: why httpd would not accept the backend with it; empty where it would.
        lies: where the file was found.
        near: the configuration's file, or the directory (ServerRoot), that it lies beside or
            below; empty where it was found elsewhere.
        own: it is the certificate that the backend itself shows, self-signed.
    """

    certificate: Certificate
    file: str
    problem: str
    lies: Lies = "machine"
    near: str = ""
    own: bool = False


@record
class Authorities:
    """The authorities that were found on this machine.

    Args:
        candidates: those of interest.
        passed_over: what was not considered, and why.
    """

    candidates: tuple[Candidate, ...] = ()
    passed_over: tuple[Remark, ...] = ()


@record
class FixChoice:
    """What the operator chose."""

    policy: FixPolicy = "production"
    ca_files: tuple[str, ...] = ()
    """For each route the first of them that signed its chain."""
    accept_fingerprint: str | None = None
    """SHA-256 in hexadecimal, colons and case ignored."""
    trust_file: str | None = None
    """Where the first trust bundle is written; None: in httpd's own configuration tree."""
    until: date | None = None
    """Last day of a temporary exception."""
    offers: bool = True
    """Whether the plan may rest on an ``Offer``; without, such a repair is left to a choice."""
    minimal: bool = False
    """Whether ``production`` is to write only the lines that change something."""
    leave: tuple[str, ...] = ()
    """Findings (of ``wizard.findings.table.LEAVABLE``) that the other side is to repair, although
    the configuration could. Other findings of such a route are repaired."""


class OfferKind(Enum):
    """What an offer is about; in the order in which the operator is asked."""

    FOUND_CA = "found-ca"
    """A CA that lies on this machine, outside the system's trust store."""
    PUBLIC_CA = "public-ca"
    """A public CA, although the route trusts an internal one."""
    CERTIFICATE_NAME = "certificate-name"
    """A name for an address, from the certificate that answers there."""


@record
class Offer:
    """Something that was found and that nobody vouches for: it counts once the operator says so.

    Args:
        kind: what it is about.
        route: whose repair rests on it.
        remark: what the operator has to look at before the answer.
    """

    kind: OfferKind
    route: RouteId
    remark: Remark


@record
class Condition:
    """A name that has to lead to an address on this machine before a repair works.

    Args:
        name: of the backend's URL once it is repaired, as ``folded``.
        address: of the backend.
        routes: whose repair rests on it.
        now: where the name leads now; empty: nowhere.
        others: names of the backend's certificate that would do as well.
    """

    name: str
    address: str
    routes: tuple[RouteId, ...]
    now: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@record
class RouteTrust:
    """What can be trusted for one route, and where it was found.

    Args:
        choice: the anchor and the certificates that the backend does not send; None: see
            ``error``.
        chain: as OpenSSL builds it with ``choice``, the leaf first, the anchor last; empty when
            none was found.
        keep: the CA file that the policy already names is enough.
        error: why there is no choice (no CA found, the named one did not sign …); None: there is
            one, or none is needed.
        openssl: verification error (X509_V_ERR_*) that remains with ``choice``; 0 for none.
        openssl_text: OpenSSL's words for it.
        offers: what ``choice`` rests on and the operator has to accept.
        names: names that the backend's certificate covers and that resolve to its address, those
            first that the operator's own sources know.
        known_names: these (``wizard.fix.trust.own_names``).
        condition: the name that could be made to lead to the address, where none does; None: there
            is none, or none is needed.
        notes: what the operator should know.
    """

    choice: TrustChoice | None = None
    chain: tuple[Certificate, ...] = ()
    keep: bool = False
    error: Remark | None = None
    openssl: int = 0
    openssl_text: str = ""
    offers: tuple[Offer, ...] = ()
    names: tuple[str, ...] = ()
    known_names: tuple[str, ...] = ()
    condition: Condition | None = None
    notes: tuple[Remark, ...] = ()


@record
class Addition:
    """How the configured lists come to suit a backend; empty: they do not.

    Args:
        protocol: a version (``TLSv1.2``).
        cipher: for TLS up to 1.2, as OpenSSL calls it.
        cipher_tls13: a ciphersuite of TLS 1.3.
        without_dhe: whether ciphers with DHE are to be offered no more.
    """

    protocol: str = ""
    cipher: str = ""
    cipher_tls13: str = ""
    without_dhe: bool = False


@record
class BundlePlace:
    """Where the trust bundles of a plan go.

    Args:
        directory: absolute; None: there is none that others cannot write and no URL serves.
        file: the name that the operator gave the first bundle; None: they are named by backend.
        earlier: files there under the names of bundles, by path; without contents where they
            may be somebody else's.
        passed: directories that were looked at before, each with what speaks against it.
    """

    directory: str | None
    file: str | None = None
    earlier: Mapping[str, bytes] = field(default_factory=dict)
    passed: tuple[Remark, ...] = ()


@record
class TrustFound:
    """The result of a search for trust, and for what handshakes lack.

    Args:
        routes: for each route of the report.
        place: of what is written for them.
        additions: for routes whose lists of versions or ciphers are too narrow.
    """

    routes: Mapping[RouteId, RouteTrust]
    place: BundlePlace
    additions: Mapping[RouteId, Addition] = field(default_factory=dict)


@record
class Resolved:
    """A finding of a route that the plan resolves."""

    route: RouteId
    slug: str


@record
class Unresolved:
    """A finding that the plan leaves, with the reason.

    Args:
        route: that has it.
        finding: that stays.
        reason: why.
        commands: what the other side can run, each complete and ready to paste.
    """

    route: RouteId
    finding: Finding
    reason: Remark
    commands: tuple[str, ...] = ()
    needs_choice: bool = False
    """The configuration can repair it once the operator names what to trust."""
    handed_over: bool = False
    """The operator left it to the backend's side (``FixChoice.leave``)."""
    condition: Condition | None = None
    """What its repair rests on, once the operator has named what to trust."""


@record
class Intended:
    """What a plan is to change for one route; all else stays.

    Args:
        settings: directive to new value; empty: it is taken away.
        trusted: SHA-256 of each certificate that its new CA file holds; None: it gets none.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    trusted: frozenset[str] | None = None


@record
class FixPlan:
    """Everything that one fix changes; nothing is written until it is applied."""

    policy: FixPolicy
    edits: tuple[Edit, ...] = ()
    new_files: tuple[NewFile, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    trust: tuple[TrustChoice, ...] = ()
    offers: tuple[Offer, ...] = ()
    """What the operator has to accept before it is applied."""
    conditions: tuple[Condition, ...] = ()
    """What has to be so on this machine before it is applied."""
    notes: tuple[Remark, ...] = ()
    """Consequences and next steps."""
    comments: tuple[OutdatedComment, ...] = ()
    """What stands beside the changed lines and may not hold any more; the notes say so too."""
    intended: Mapping[RouteId, Intended] = field(default_factory=dict)
    """For each route that it repairs."""

    @property
    def assumed(self) -> tuple[Assumed, ...]:
        """Its conditions, for a look at what is once they are met."""
        return tuple(Assumed(one.name, one.address) for one in self.conditions)

    @property
    def repairs(self) -> tuple[str, ...]:
        """``VHOST PATH: SLUG`` of each resolved finding, once: routes may share a label."""
        return tuple(dict.fromkeys(f"{one.route.label}: {one.slug}" for one in self.resolved))

    @property
    def left(self) -> tuple[Unresolved, ...]:
        """What it leaves, without what reads like an earlier one."""
        read: dict[object, Unresolved] = {}
        for one in self.unresolved:
            read.setdefault((one.route.label, one.finding, one.reason, one.commands), one)
        return tuple(read.values())

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.edits and not self.new_files


@record
class Repair:
    """What ``wizard.engine.engine.Engine.repair`` gives.

    Args:
        report: the configuration as it is.
        plan: what to change.
        after: the configuration as the plan would make it, probed once more; None for a plan
            that changes nothing.
    """

    report: Report
    plan: FixPlan
    after: Report | None = None

    @property
    def planned(self) -> tuple[Route, ...]:
        """Every route as the plan would make it."""
        return self.after.configuration.routes if self.after is not None else ()

    @property
    def sources(self) -> dict[str, bytes]:
        """What the files hold before the change, by real path."""
        files = self.report.configuration.files.values()
        return {file.real_path: file.data for file in files}
