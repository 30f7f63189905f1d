"""Keys and signatures of the chain that OpenSSL's security level refuses, or soon will."""

from __future__ import annotations

from typing import ClassVar

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.findings.rules.chain import failing_certificate, reissued
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding

_BROKEN_HASHES = ("md5", "sha1", "md2", "md4")
_STRICT = (
    "suffices for OpenSSL's usual security level, 2, but httpd's list of ciphers or openssl.cnf "
    "sets a higher one (SECLEVEL)."
)


class _WeakRule(Rule):
    """A verify error about an algorithm of a certificate, or a weak one that still passes."""

    family = "trust"
    best_practice = "production"
    scope = "leaf"
    fault: ClassVar[str]
    """What is wrong, behind what the certificate has."""
    rule: ClassVar[str]
    """What it should have, or what follows."""
    strict: ClassVar[str]
    """That it is not, but for a security level above the usual one."""
    passes: ClassVar[str]
    """What holds where it is not refused."""
    renewal: ClassVar[str]
    """How the certificate is to be issued anew."""

    def _check(self, facts: Facts) -> Finding | None:
        refused = facts.error in self.verify_errors
        weak = [c for c in facts.chain if self._is_weak(c)]
        if not refused and not weak:
            return None
        culprit = weak[0] if weak else failing_certificate(facts, facts.error)[1]
        usual = culprit is not None and self._suffices(culprit)
        effect = (
            f"OpenSSL's security level refuses it (error {facts.error})."
            if refused
            else self.passes
        )
        shown = weak or ([culprit] if culprit else [])
        lines = [line for c in shown[:3] for line in evidence.certificate(c)]
        proof = [
            f"certificate: {evidence.owner(c)}, {self._fact(c)}" for c in shown[:3]
        ] or evidence.openssl(facts)
        return self.found(
            facts,
            self._described(culprit) + (self.strict if usual else f"{self.fault} {effect}"),
            [*evidence.openssl(facts), *lines] if refused else lines,
            [
                *([shell.level_2(facts)] if usual else ()),
                *reissued(self.repair.reissue, facts, self.renewal),
            ],
            None if refused else "warning",
            at=evidence.line_of(facts, "cipher_suite") if usual else facts.route.source,
            proof=proof,
            why=f"It {_STRICT}" if usual else self._why(refused=refused),
        )

    def _why(self, *, refused: bool) -> str:
        return f"OpenSSL refuses it: {self.rule}." if refused else self.passes

    def _is_weak(self, certificate: Certificate) -> bool:
        """Whether it is too weak, also where it passes."""
        raise NotImplementedError

    def _suffices(self, certificate: Certificate) -> bool:
        """Whether OpenSSL's usual security level lets it pass."""
        raise NotImplementedError

    def _described(self, certificate: Certificate | None) -> str:
        """What the certificate has; None: which one it is, is not known."""
        raise NotImplementedError

    @staticmethod
    def _fact(certificate: Certificate) -> str:
        """What of it is, or may be, too weak."""
        raise NotImplementedError


class WeakKey(_WeakRule):
    """A verify error about a key, or RSA below 2048 bits that still passes."""

    slug = "weak-key"
    order = 120
    title = "A key of the backend's chain is too short"
    signs = Signs(verify_errors="66 67")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="a key of the backend's chain is too short: the certificate must be reissued "
        "with a new key",
    )
    rule = "RSA keys need 2048 bits or more, elliptic curves 224"
    fault = " is shorter than 2048 bits (RSA) or 224 bits (elliptic curve) need be."
    strict = f" {_STRICT}"
    passes = "It passes with this OpenSSL, but not with stricter settings or the next release."
    renewal = "Make a new key and have the certificate reissued for it."

    def _is_weak(self, certificate: Certificate) -> bool:
        return certificate.key.startswith("RSA") and 0 < certificate.key_bits < 2048

    def _suffices(self, certificate: Certificate) -> bool:
        curve = certificate.key.startswith("E")  # ECDSA, Ed25519, Ed448
        return certificate.key_bits >= (224 if curve else 2048)

    def _described(self, certificate: Certificate | None) -> str:
        return f"{certificate.key} of {certificate.subject}" if certificate else "A key"

    @staticmethod
    def _fact(certificate: Certificate) -> str:
        return certificate.key


class WeakSignature(_WeakRule):
    """A verify error about a signature's hash, or a broken hash that still passes."""

    slug = "weak-signature"
    order = 130
    title = "A certificate of the backend's chain is signed with a broken hash"
    signs = Signs(verify_errors="68")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="a certificate of the chain is signed with a broken hash and must be reissued",
    )
    rule = "a signature with such a hash can be forged"
    fault = "; it can be forged."
    strict = f", which {_STRICT}"
    passes = "It passes here; OpenSSL 3 at its default security level refuses it."
    renewal = "Have the certificate reissued with SHA-256."

    def _is_weak(self, certificate: Certificate) -> bool:
        # The signature of a root is never relied on: only the others count.
        root = certificate.self_issued and certificate.is_ca
        return not root and _broken_hash(certificate.signature)

    def _suffices(self, certificate: Certificate) -> bool:
        return not _broken_hash(certificate.signature)

    def _described(self, certificate: Certificate | None) -> str:
        if certificate is None:
            return "A certificate is signed with a broken hash"
        return f"{certificate.subject} is signed with {certificate.signature}"

    @staticmethod
    def _fact(certificate: Certificate) -> str:
        return f"signed with {certificate.signature}"


def _broken_hash(signature: str) -> bool:
    name = signature.lower().replace("-", "")
    return any(name.startswith(h) or f"with{h}" in name for h in _BROKEN_HASHES)
