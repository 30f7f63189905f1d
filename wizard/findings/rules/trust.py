"""Why OpenSSL does not find a trusted authority above the backend's certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.findings.rules.trust_files import (
    OWN_CA_FILE,
    SYSTEM_STORE,
    VERIFICATION_OFF,
    trust_authority,
)
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference.openssl import VERIFY_ERRORS

NO_ISSUER = (2, 19, 20, 21, 27)
"""X509_V_ERR_*: nothing trusted was found above a certificate."""

_APPEND_INTERMEDIATE = Remedy(
    "backend",
    "Append the intermediate to the backend's certificate file (nginx: ssl_certificate; "
    "httpd: SSLCertificateFile; HAProxy: crt) and reload it.",
    "(set -C; cat server.pem intermediate.pem > fullchain.pem)",
)


def unseen_issuer(facts: Facts) -> list[str]:
    """Where the certificate that is looked for can be had, as far as the last one says so."""
    return evidence.issuer_lies_at(facts.top) if facts.top is not None else []


def how_to_tell(facts: Facts) -> Remedy:
    """How a root that is not trusted is told from an intermediate that is not sent."""
    top = facts.top
    who = top.issuer if top is not None else "the issuer"
    return Remedy(
        "ca",
        f"Tell the two causes apart by the certificate of {who}, from the CA that it belongs to: a "
        "root has itself as issuer, an intermediate another.",
        shell.show_issuer(top) if top is not None else None,
    )


class _TrustRule(Rule):
    family = "trust"
    scope = "engine"
    explains = True

    @staticmethod
    def _shown(facts: Facts) -> list[str]:
        return [
            *evidence.openssl(facts),
            *evidence.policy(facts, "ca_certificate_file"),
            *evidence.leaf(facts),
        ]


class SelfSignedCertificate(_TrustRule):
    """No authority signed the backend's certificate but itself."""

    slug = "self-signed-certificate"
    order = 20
    best_practice = "internal-ca"
    title = "The backend's certificate is self-signed and not trusted"
    signs = Signs(verify_errors="18", log_codes="AH02039/2 AH02276/2")
    repair = Repairability(
        actor="backend",
        traits=("trust",),
        leavable=True,
        or_reissue="a CA that httpd trusts, or will trust, must sign a certificate for the "
        "backend.",
    )
    alternatives = (
        Alternative(
            "Have a CA sign a certificate for the backend",
            "It can be renewed without touching the proxy.",
            "Needs a CA and the backend's owner.",
            take="leave",
        ),
        Alternative(
            "Trust this one certificate, after its fingerprint was compared",
            "Can be done here, and every check stays on.",
            "Each renewal breaks the proxy until the new one is trusted.",
            take="plan",
        ),
        VERIFICATION_OFF,
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        leaf = facts.leaf
        fingerprint = leaf.sha256 if leaf else "SHA256"
        return self.found(
            facts,
            "The certificate was signed with its own key: no authority vouches for it, so it must "
            "itself be trusted by httpd.",
            self._shown(facts),
            [
                Remedy(
                    "backend",
                    "Best: have an authority of yours issue the backend's certificate, and trust "
                    "that authority. The next renewal then needs no change here.",
                ),
                Remedy(
                    "config",
                    "Else trust this one certificate, after comparing its SHA-256 with the "
                    "backend's owner by another way.",
                    shell.fix(facts, "internal-ca", accept=fingerprint),
                ),
            ],
        )


class CaFileHoldsServerCertificate(_TrustRule):
    """The backend's own certificate in the CA file does not make it trusted."""

    slug = "ca-file-holds-server-certificate"
    order = 40
    best_practice = "internal-ca"
    title = "The CA file holds the backend's certificate instead of its authority's"
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
        held = "the backend's own certificate" if itself else "server certificates, no authority's"
        return self.found(
            facts,
            f"{facts.trust.ca_file.path or 'The CA file'} holds {held}. OpenSSL goes up to a "
            f"self-signed certificate: it needs the one of {leaf.issuer}, and whatever is above.",
            self._shown(facts),
            trust_authority(facts),
        )


class CaFileWithoutRoot(_TrustRule):
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
            f"at an intermediate. The root above {top.subject} is missing: {top.issuer}.",
            [*self._shown(facts), *evidence.certificate(top, "in the CA file")],
            [
                Remedy(
                    "ca",
                    f"Add the root {top.issuer} to the CA file, beside the intermediate.",
                    shell.fix(facts, "internal-ca", ca_file="root.pem"),
                )
            ],
        )


class CaRekeyed(_TrustRule):
    """The trusted authority has the right name and another key."""

    slug = "ca-rekeyed"
    order = 60
    best_practice = "internal-ca"
    title = "The trusted authority has the right name, but another key"
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
            "which did not sign the backend's chain; name and appearance are the same.",
            [
                *self._shown(facts),
                *evidence.certificate(held, "in the CA file"),
                f"key identifier wanted {wanted or 'unknown'}, "
                f"in the CA file {held.subject_key_id or 'unknown'}",
            ],
            [
                Remedy(
                    "ca",
                    "Get the authority's new certificate and add it to the CA file. Keep the old "
                    "one there while other backends have certificates that it signed.",
                    shell.fix(facts, "internal-ca", ca_file="new-root.pem"),
                )
            ],
        )


class MissingIntermediate(_TrustRule):
    """The backend does not send the certificate that signed its own."""

    slug = "missing-intermediate"
    order = 30
    best_practice = "production"
    title = "The backend does not send its intermediate certificate"
    signs = Signs(
        stages={"verify": 70}, verify_errors="2/2 20/2 21", log_codes="AH02039/4 AH02276/4"
    )
    repair = Repairability(
        actor="backend", traits=("trust", "unsent"), leavable=True, there=_APPEND_INTERMEDIATE
    )
    alternatives = (
        Alternative(
            "Let the backend send its whole chain",
            "The right place: every client needs it, and a renewed intermediate needs no "
            "change here.",
            "Needs the backend's owner.",
            take="leave",
        ),
        Alternative(
            "Put root and intermediate into httpd's CA file",
            "Can be done here and now.",
            "The intermediate is to be replaced by hand when the CA changes it.",
            take="plan",
        ),
    )

    def _check(self, facts: Facts) -> Finding | None:
        top = facts.top
        if facts.error not in NO_ISSUER or top is None or facts.namesakes:
            return None
        if not facts.trust.anchors or not facts.lacks_intermediate:
            return None
        if facts.issuer_unseen:
            return self.possible(facts)
        count = len(facts.chain)
        sent = any(c.subject_der == top.issuer_der for c in facts.chain)
        where = (
            "The backend sends it, but once OpenSSL has taken an issuer from the CA file, it looks "
            "for the next one only there"
            if sent
            else f"The backend presents {count} certificate{'s' if count != 1 else ''} without "
            "it, and the CA file does not hold it"
        )
        return self.found(
            facts,
            f"{top.issuer}, which signed {top.subject}, is missing. {where}. Browsers often hide "
            "this because they fetch or remember intermediates; httpd does not.",
            self._shown(facts),
            self._remedies(facts),
        )

    @staticmethod
    def _remedies(facts: Facts) -> list[Remedy]:
        depth = max(len(facts.chain) + 1, facts.policy.verify_depth.value)
        return [
            _APPEND_INTERMEDIATE,
            Remedy(
                "config",
                "If the backend cannot be changed, add the intermediate to the CA file, "
                "beside the root; the depth must allow for it.",
                f"SSLProxyVerifyDepth {depth}",
            ),
            Remedy("backend", "See what it sends.", shell.show_chain(facts)),
        ]

    def possible(self, facts: Facts) -> Finding:
        """The finding where nobody has seen the issuer's certificate, so that it may be a root."""
        top = facts.top
        issuer = top.issuer if top is not None else "the issuer"
        sent = len(facts.chain)
        finding = self.found(
            facts,
            f"The backend presents {sent} certificate{'s' if sent != 1 else ''}; the next one, of "
            f"{issuer}, is neither among them nor in the CA file. If it is an intermediate below a "
            "root that httpd trusts, the backend has to send it; if it is a root, it has to be "
            "trusted (ca-not-trusted). Only its certificate tells. Browsers often hide a missing "
            "intermediate because they fetch or remember it; httpd does not.",
            [*self._shown(facts), *unseen_issuer(facts)],
            [how_to_tell(facts), *self._remedies(facts)],
        )
        return replace(
            finding, title="Perhaps the backend does not send its intermediate certificate"
        )

    def also(self, facts: Facts) -> Iterable[Finding]:
        """Where the issuer's certificate is unseen, it may be a root as well."""
        if facts.issuer_unseen:
            yield CaNotTrusted().untrusted(facts)


class CaNotTrusted(_TrustRule):
    """Some other authority signed the chain."""

    slug = "ca-not-trusted"
    order = 10
    best_practice = "internal-ca"
    title = "The authority that signed the backend's certificate is not trusted"
    signs = Signs(
        stages={"verify": 80},
        verify_errors="2/3 18/2 19 20 21/2 27 28",
        log_codes="AH02039 AH02276",
        alerts="46/2 48/2",
    )
    repair = Repairability(traits=("trust", "unsent"))
    alternatives = (
        OWN_CA_FILE,
        SYSTEM_STORE,
        VERIFICATION_OFF,
    )

    def _check(self, facts: Facts) -> Finding | None:
        error = facts.verdict.openssl
        if error is None:
            return None
        text = f"OpenSSL refuses the chain: {error.text} (error {error.code})."
        if error.code in NO_ISSUER:
            return self.untrusted(facts)
        if error.code not in self.verify_errors | CaRekeyed.verify_errors:
            return self._of_another_error(facts, text)
        return self.found(facts, text, self._evidence(facts), trust_authority(facts))

    def untrusted(self, facts: Facts) -> Finding:
        """The finding where nothing trusted was found above a certificate."""
        top = facts.top
        who = (top.subject if top.self_issued else top.issuer) if top else "its issuer"
        text = f"The chain leads to {who}, which is in none of the files that httpd trusts."
        if not facts.issuer_unseen:
            return self.found(facts, text, self._evidence(facts), trust_authority(facts))
        text += (
            " Nobody has seen its certificate. If it is a root, it has to be trusted; if it is an "
            "intermediate, the right root may be trusted already and the backend has to send the "
            "intermediate (missing-intermediate). Only its certificate tells."
        )
        shown = [*self._evidence(facts), *unseen_issuer(facts)]
        return self.found(facts, text, shown, [how_to_tell(facts), *trust_authority(facts)])

    def also(self, facts: Facts) -> Iterable[Finding]:
        """Where the issuer's certificate is unseen, it may be an intermediate as well."""
        if facts.error in NO_ISSUER and facts.issuer_unseen:
            yield MissingIntermediate().possible(facts)

    def _evidence(self, facts: Facts) -> list[str]:
        anchors = [f"trusted: {a.subject}" for a in facts.trust.anchors[:5]]
        if len(facts.trust.anchors) > 5:
            anchors.append(f"trusted: {len(facts.trust.anchors) - 5} more")
        return [*self._shown(facts), *anchors]

    def _of_another_error(self, facts: Facts, text: str) -> Finding:
        """An error that no rule explains, and that trusting an authority does not repair."""
        known = VERIFY_ERRORS.get(facts.error)
        meaning = f" {known.meaning}" if known is not None else ""
        finding = self.found(
            facts,
            f"{text}{meaning}",
            self._shown(facts),
            [
                Remedy(
                    "backend",
                    "Look at the chain that the backend presents, and have what OpenSSL refuses "
                    "corrected where it comes from. To trust another authority does not help.",
                    shell.show_chain(facts),
                )
            ],
        )
        return replace(finding, title="OpenSSL refuses the backend's certificate or its chain")
