"""Who may pose as a backend besides its own CA: what else the CA file makes httpd trust."""

from __future__ import annotations

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy

MOST_SHOWN = 5
"""CAs that are named; a public bundle has more than a hundred."""


class CaFileTrustsMore(Rule):
    """Roots in the CA file that took no part in the chain."""

    slug = "ca-file-trusts-more"
    family = "trust"
    order = 190
    severity = "info"
    best_practice = "internal-ca"
    title = "Other CAs than the backend's own are trusted for it as well"
    repair = Repairability()
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        if not facts.verifies or facts.error or not verified:
            return None
        anchor = verified[-1]
        others = [c for c in _others(facts, anchor) if c not in verified]
        if not others:
            return None
        count = f"{len(others)} other CA{'s' if len(others) != 1 else ''}"
        what = "they are named" if len(others) != 1 else "it is named"
        text = (
            f"{anchor.subject} signed this backend's chain. httpd takes a certificate for "
            f"{facts.backend.check_name} from {count} just as well: {what} below."
        )
        if all(_owner(c) == _owner(anchor) for c in others):
            text += (
                " They bear the same name, as while a CA is renewed: take the old one out "
                "when no backend needs it any more."
            )
        more = len(others) - MOST_SHOWN
        return self.found(
            facts,
            text,
            [
                *evidence.policy(facts, *_named(facts)),
                *(f"trusted besides: {c.subject}, SHA-256 {c.sha256}" for c in others[:MOST_SHOWN]),
                *([f"trusted besides: {more} more"] if more > 0 else []),
            ],
            [
                Remedy(
                    "config",
                    f'Name a file with "{evidence.short(anchor.subject)}" alone, in a <Proxy> '
                    "section where other backends need other CAs:",
                    "SSLProxyCACertificateFile FILE",
                )
            ],
            at=evidence.line_of(facts, *evidence.CA_FIELDS),
            proof=[
                *evidence.ca_directives(facts),
                f"trusted besides: {evidence.few([evidence.short(c.subject) for c in others])}",
            ][:3],
            why="A certificate from any of these CAs is enough to pose as this backend.",
        )


def _others(facts: Facts, anchor: Certificate) -> list[Certificate]:
    """The trusted roots, but for the anchor's own key and those that verify nothing any more.

    A chain ends at a self-signed certificate (without X509_V_FLAG_PARTIAL_CHAIN, which mod_ssl does
    not set), so an intermediate alone lets nobody in.
    """
    found = {c.sha256: c for c in facts.trust.anchors if not c.error}
    return [
        c
        for c in found.values()
        if c.is_ca
        and c.self_issued
        and c.not_before <= facts.now <= c.not_after
        and (c.subject_der, c.subject_key_id) != (anchor.subject_der, anchor.subject_key_id)
    ]


def _owner(ca: Certificate) -> str:
    """Whose a CA is: its organisation, else its whole name."""
    parts = ca.subject.split(",")
    return next((part for part in parts if part.startswith("O=")), ca.subject)


def _named(facts: Facts) -> list[str]:
    fields = ("ca_certificate_file", "ca_certificate_path")
    return [name for name in fields if getattr(facts.policy, name).value is not None]
