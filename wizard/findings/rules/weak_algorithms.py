"""Keys and signatures of the chain that OpenSSL's security level refuses, or soon will."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.findings.rules.chain import failing_certificate, reissued
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference import tls_settings

_BROKEN_HASHES = ("md5", "sha1", "md2", "md4")
_STRICT = (
    "suffices for OpenSSL's usual security level, 2, but httpd's list of ciphers or openssl.cnf "
    "sets a higher one (SECLEVEL)."
)


def _level_2(facts: Facts) -> Remedy:
    listed = tls_settings.at_level_2(facts.policy.cipher_suite.value)
    return Remedy("config", "Set the usual level.", f"SSLProxyCipherSuite {listed}")


class WeakKey(Rule):
    """A verify error about a key, or RSA below 2048 bits that still passes."""

    slug = "weak-key"
    family = "trust"
    order = 120
    best_practice = "production"
    title = "A key of the backend's chain is too short"
    signs = Signs(verify_errors="66 67")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="a key of the backend's chain is too short: the certificate must be reissued "
        "with a new key",
    )
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        refused = facts.error in self.verify_errors
        weak = [c for c in facts.chain if c.key.startswith("RSA") and 0 < c.key_bits < 2048]
        if not refused and not weak:
            return None
        effect = (
            f"OpenSSL's security level refuses it (error {facts.error})."
            if refused
            else "It passes with this OpenSSL, but not with stricter settings or the next release."
        )
        culprit = weak[0] if weak else failing_certificate(facts, facts.error)[1]
        described = f"{culprit.key} of {culprit.subject}" if culprit else "A key"
        curve = culprit is not None and culprit.key.startswith("E")  # ECDSA, Ed25519, Ed448
        usual = culprit is not None and culprit.key_bits >= (224 if curve else 2048)
        text = (
            f"{described} {_STRICT}"
            if usual
            else f"{described} is shorter than 2048 bits (RSA) or 224 bits (elliptic curve) need "
            f"be. {effect}"
        )
        return self.found(
            facts,
            text,
            _evidence(facts, weak or ([culprit] if culprit else []), refused),
            [_level_2(facts)] * usual
            + reissued(
                self.repair.reissue,
                facts,
                "Make a new key and have the certificate reissued for it.",
            ),
            None if refused else "warning",
        )


class WeakSignature(Rule):
    """A verify error about a signature's hash, or a broken hash that still passes."""

    slug = "weak-signature"
    family = "trust"
    order = 130
    best_practice = "production"
    title = "A certificate of the backend's chain is signed with a broken hash"
    signs = Signs(verify_errors="68")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="a certificate of the chain is signed with a broken hash and must be reissued",
    )
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        refused = facts.error in self.verify_errors
        # The signature of a root is never relied on: only the others count.
        weak = [
            c for c in facts.chain if not (c.self_issued and c.is_ca) and _broken_hash(c.signature)
        ]
        if not refused and not weak:
            return None
        culprit = weak[0] if weak else failing_certificate(facts, facts.error)[1]
        described = (
            f"{culprit.subject} is signed with {culprit.signature}"
            if culprit
            else "A certificate is signed with a broken hash"
        )
        effect = (
            "OpenSSL's security level refuses it (error 68)."
            if refused
            else "It passes here; OpenSSL 3 at its default security level refuses it."
        )
        usual = culprit is not None and not _broken_hash(culprit.signature)
        text = (
            f"{described}, which {_STRICT}" if usual else f"{described}; it can be forged. {effect}"
        )
        return self.found(
            facts,
            text,
            _evidence(facts, weak or ([culprit] if culprit else []), refused),
            [_level_2(facts)] * usual
            + reissued(self.repair.reissue, facts, "Have the certificate reissued with SHA-256."),
            None if refused else "warning",
        )


def _broken_hash(signature: str) -> bool:
    name = signature.lower().replace("-", "")
    return any(name.startswith(h) or f"with{h}" in name for h in _BROKEN_HASHES)


def _evidence(facts: Facts, weak: Sequence[Certificate], refused: bool) -> list[str]:
    shown = [line for c in weak[:3] for line in evidence.certificate(c)]
    return [*evidence.openssl(facts), *shown] if refused else shown
