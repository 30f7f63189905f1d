"""What the CA file holds, and why OpenSSL does not get by with it."""

from __future__ import annotations

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.findings.rules.trust_files import VERIFICATION_OFF, trust_ca
from wizard.model.config import Source
from wizard.model.diagnosis import Finding, Remedy

NO_ISSUER = (2, 19, 20, 21, 27)
"""X509_V_ERR_*: nothing trusted was found above a certificate."""


class TrustRule(Rule):
    """OpenSSL finds no trusted CA above the backend's certificate."""

    family = "trust"
    scope = "engine"
    explains = True

    @staticmethod
    def shown(facts: Facts) -> list[str]:
        """The evidence of each of these rules."""
        return [
            *evidence.openssl(facts),
            *evidence.policy(facts, "ca_certificate_file"),
            *evidence.leaf(facts),
        ]

    @staticmethod
    def proof(facts: Facts, *others: str) -> list[str]:
        """The backend's certificate, the line that names the CAs, and what else matters."""
        return [*evidence.leaf_in_short(facts), *evidence.ca_directives(facts)[:2], *others][:3]

    @staticmethod
    def at(facts: Facts) -> Source:
        """The line that names the CAs, or after which it belongs."""
        return evidence.line_of(facts, *evidence.CA_FIELDS)


class CaFileHoldsServerCertificate(TrustRule):
    """The backend's own certificate in the CA file does not make it trusted."""

    slug = "ca-file-holds-server-certificate"
    order = 40
    best_practice = "internal-ca"
    title = "The CA file holds the backend's certificate instead of its CA's"
    signs = Signs(stages={"verify": 30}, verify_errors="20/5")
    repair = Repairability(traits=("trust",))

    def _check(self, facts: Facts) -> Finding | None:
        leaf, anchors = facts.leaf, facts.trust.anchors
        if facts.error not in NO_ISSUER or leaf is None or not anchors:
            return None
        if facts.top is not leaf and facts.top in anchors:
            return None  # the intermediate is there as well: ca-file-without-root
        itself = any(a.sha256 == leaf.sha256 for a in anchors)
        if not itself and any(a.is_ca or a.self_issued for a in anchors):
            return None
        held = "the backend's own certificate" if itself else "server certificates, no CA's"
        return self.found(
            facts,
            f"{facts.trust.ca_file.path or 'The CA file'} holds {held}. OpenSSL goes up to a "
            f"self-signed certificate: it needs the one of {leaf.issuer}, and whatever is above.",
            self.shown(facts),
            trust_ca(facts),
            at=self.at(facts),
            proof=[
                evidence.in_short(leaf if itself else anchors[0], "in the CA file"),
                *evidence.ca_directives(facts)[:1],
            ],
            why="OpenSSL needs the root certificate in the CA file, and it is not there.",
        )


class CaFileWithoutRoot(TrustRule):
    """Error 2: an intermediate is trusted, its issuer is not known."""

    slug = "ca-file-without-root"
    order = 50
    best_practice = "internal-ca"
    title = "The CA file holds an intermediate, but not the root above it"
    signs = Signs(stages={"verify": 40}, verify_errors="2")
    repair = Repairability(traits=("trust",))

    def _check(self, facts: Facts) -> Finding | None:
        top = facts.top
        if facts.error not in NO_ISSUER or top is None or top is facts.leaf:
            return None
        if top.self_issued or top not in facts.trust.anchors or facts.lacks_intermediate:
            return None
        return self.found(
            facts,
            "OpenSSL follows the chain up to a self-signed root, and httpd has no option to stop "
            f"at an intermediate. The root above {top.subject} is missing: {top.issuer}. The CA "
            "file needs it beside the intermediate.",
            [*self.shown(facts), *evidence.certificate(top, "in the CA file")],
            [
                Remedy(
                    "ca",
                    f'Get the root certificate "{evidence.short(top.issuer)}" from the CA\'s '
                    "owner, then:",
                    shell.fix(facts, ca_file="FILE"),
                )
            ],
            at=self.at(facts),
            proof=[
                evidence.in_short(top, "in the CA file"),
                *evidence.ca_directives(facts)[:1],
                *evidence.leaf_in_short(facts),
            ],
            why="OpenSSL follows the chain up to a root; httpd cannot make it stop earlier.",
        )


class CaRekeyed(TrustRule):
    """The trusted CA has the right name and another key."""

    slug = "ca-rekeyed"
    order = 60
    best_practice = "internal-ca"
    title = "The trusted CA has the right name, but another key"
    signs = Signs(stages={"verify": 50}, verify_errors="4 5/2 7 8/2 19/3 20/4 29 30 31 77")
    repair = Repairability(traits=("trust",))
    alternatives = (
        Alternative(
            "Add the CA's new certificate and keep the old one for now",
            "Backends of both generations work.",
            "The old one is to be removed once no backend uses it.",
            take="plan",
        ),
        VERIFICATION_OFF,
    )

    def _check(self, facts: Facts) -> Finding | None:
        top = facts.top
        if facts.error not in (*NO_ISSUER, 7) or top is None:
            return None
        if top.self_issued and top is not facts.leaf and top in facts.trust.anchors:
            # By name and key identifiers the chain ends in trust, and yet it does not verify.
            held, wanted = top, facts.chain[-1].authority_key_id
        else:
            namesakes = [a for a in facts.namesakes if a.sha256 != top.sha256]
            wanted = top.subject_key_id if top.self_issued else top.authority_key_id
            if not namesakes or any(a.subject_key_id == wanted for a in namesakes if wanted):
                return None
            held = namesakes[0]
        return self.found(
            facts,
            f"{held.subject} was given a new key. The CA file still holds the old certificate, "
            "which did not sign the backend's chain; both bear the same name.",
            [
                *self.shown(facts),
                *evidence.certificate(held, "in the CA file"),
                f"key identifier wanted {wanted or 'unknown'}, "
                f"in the CA file {held.subject_key_id or 'unknown'}",
            ],
            [
                Remedy(
                    "ca",
                    f'Get the new certificate "{evidence.short(held.subject)}" from the CA\'s '
                    "owner, then:",
                    shell.fix(facts, ca_file="FILE"),
                ),
                Remedy(
                    "config",
                    "Keep the old certificate in the CA file while other backends have "
                    "certificates that it signed.",
                    then=True,
                ),
            ],
            at=self.at(facts),
            proof=[
                f"key identifier: CA file {_cut(held.subject_key_id)}, chain {_cut(wanted)}",
                evidence.in_short(held, "in the CA file"),
                *evidence.ca_directives(facts)[:1],
            ],
            why="The CA has a new key under its old name. The CA file holds its old certificate, "
            "which did not sign this chain.",
        )


def _cut(key_identifier: str | None) -> str:
    """The first bytes of a key identifier, which is enough to tell two apart."""
    return evidence.clipped(key_identifier, 9) if key_identifier else "unknown"
