"""Faults of the chain itself: OpenSSL found the authorities and refuses one of the certificates."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.findings import commands, evidence, reissue
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.remedy import Where

_BROKEN_HASHES = ("md5", "sha1", "md2", "md4")


class _ChainRule(Rule):
    scope = "leaf"
    explains = True


def reissued(slug: str, facts: Facts, text: str) -> list[Remedy]:
    """The commands with which the backend's side gets another certificate."""
    authority = next((c.subject for c in facts.chain[1:] if c.is_ca), "the authority")
    lines = reissue.commands(slug, facts.route, facts.leaf, authority)
    where: Where = "ca" if slug in reissue.AUTHORITY or slug in reissue.LISTS else "backend"
    return [Remedy(where, text, "\n".join(lines) or None)]


def accused(facts: Facts, code: int) -> tuple[int, Certificate | None]:
    """Depth (0 the backend's own) and certificate that OpenSSL's error ``code`` is about."""
    if facts.tls is not None:
        for event in facts.tls.events:
            if not event.ok and event.code == code:
                everything = (*facts.chain, *facts.tls.verified_chain, *facts.trust.anchors)
                match = next((c for c in everything if c.sha256 == event.sha256), None)
                return event.depth, match
    return 0, facts.leaf


def _shown(facts: Facts, code: int) -> list[str]:
    depth, found = accused(facts, code)
    lines = evidence.openssl(facts)
    if found is not None:
        label = "backend's certificate" if depth == 0 else f"certificate {depth} above it"
        lines += evidence.certificate(found, label)
    return lines


class ChainTooDeep(Rule):
    """AH02040: more certificates above the leaf than SSLProxyVerifyDepth."""

    slug = "chain-too-deep"
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        allowed, above = facts.policy.verify_depth.value, len(verified) - 1
        refused = "AH02040" in facts.verdict.ah_codes or facts.error == 22
        if not refused and not (facts.verifies and above > allowed):
            return None
        needed = above if above > allowed else max(allowed + 1, len(facts.chain))
        chain = [f"certificate {n}: {c.subject}" for n, c in enumerate(verified or facts.chain)]
        return self.found(
            facts,
            f"SSLProxyVerifyDepth {allowed} allows {allowed} "
            f"certificate{'s' if allowed != 1 else ''} above the backend's own; the chain has "
            f"{needed}. The default is 1, so a single intermediate is already too many (AH02040).",
            [*evidence.policy(facts, "verify_depth"), *chain[:12]],
            [
                Remedy(
                    "config",
                    "Allow the length of this chain, in the virtual host or its <Proxy> section.",
                    f"SSLProxyVerifyDepth {needed}",
                )
            ],
        )


class WrongPurpose(_ChainRule):
    """Error 26."""

    slug = "wrong-purpose"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error != 26:
            return None
        leaf = facts.leaf
        usage = _usage(leaf) if leaf else []
        if leaf is not None and leaf.is_ca and leaf.self_issued:
            text = (
                "The backend shows an authority's certificate (CA:TRUE, for signing others) as "
                "its own. OpenSSL does not accept it for a TLS server (error 26)."
            )
        else:
            text = (
                "Its key usage or extended key usage does not allow a TLS server; it was issued "
                "for something else, often for clients (error 26)."
            )
        return self.found(
            facts,
            text,
            [*_shown(facts, 26), *usage],
            reissued(
                self.slug,
                facts,
                "Have a certificate with extendedKeyUsage serverAuth "
                "issued: key and request on the backend, signature at the authority.",
            ),
        )


def _usage(leaf: Certificate) -> list[str]:
    listed = [
        ("keyUsage", leaf.key_usage),
        ("extendedKeyUsage", leaf.extended_key_usage),
    ]
    return [
        f"backend's certificate: {name} {', '.join(values) if values is not None else 'absent'}"
        for name, values in listed
    ]


class PathLengthExceeded(_ChainRule):
    """Error 25."""

    slug = "path-length-exceeded"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error != 25:
            return None
        limits = [
            f"{c.subject}: pathlen {c.path_length}"
            for c in (facts.tls.verified_chain if facts.tls else facts.chain)
            if c.path_length is not None
        ]
        return self.found(
            facts,
            "A certificate above the backend's says how many authorities may follow it (pathlen "
            "of basicConstraints), and the chain has more. No setting of httpd overrides that.",
            [*_shown(facts, 25), *limits],
            reissued(
                self.slug,
                facts,
                "The authority that sets the limit must reissue the "
                "certificate with a larger pathlen, or issue the backend's one itself.",
            ),
        )


class NameConstraintViolated(_ChainRule):
    """Errors 47 to 54."""

    slug = "name-constraint-violated"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in range(47, 55) or facts.error == 50:
            return None
        chain = facts.tls.verified_chain if facts.tls and facts.tls.verified_chain else facts.chain
        limits = [f"{c.subject}: {c.name_constraints}" for c in chain if c.name_constraints]
        return self.found(
            facts,
            "An authority of the chain is limited to certain names (nameConstraints), and a name "
            "of the backend's certificate lies outside.",
            [*_shown(facts, facts.error), *limits],
            reissued(
                self.slug,
                facts,
                "Have the certificate issued by an authority that may "
                "sign this name, or by this one with names inside its limits.",
            ),
        )


class WeakKey(Rule):
    """Errors 66 and 67, or RSA below 2048 bits that still passes."""

    slug = "weak-key"
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        refused = facts.error in (66, 67)
        weak = [c for c in facts.chain if c.key.startswith("RSA") and 0 < c.key_bits < 2048]
        if not refused and not weak:
            return None
        effect = (
            f"OpenSSL's security level refuses it (error {facts.error})."
            if refused
            else "It passes with this OpenSSL, but not with stricter settings or the next release."
        )
        culprit = weak[0] if weak else accused(facts, facts.error)[1]
        described = f"{culprit.key} of {culprit.subject}" if culprit else "A key"
        return self.found(
            facts,
            f"{described} is shorter than 2048 bits (RSA) or 224 bits (elliptic curve) need be. "
            + effect,
            [*evidence.openssl(facts), *_weak(weak or ([culprit] if culprit else []))]
            if refused
            else _weak(weak),
            reissued(self.slug, facts, "Make a new key and have the certificate reissued for it."),
            None if refused else "warning",
        )


class WeakSignature(Rule):
    """Error 68, or a broken hash that still passes."""

    slug = "weak-signature"
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        refused = facts.error == 68
        # The signature of a root is never relied on: only the others count.
        weak = [
            c for c in facts.chain if not (c.self_issued and c.is_ca) and _broken_hash(c.signature)
        ]
        if not refused and not weak:
            return None
        culprit = weak[0] if weak else accused(facts, 68)[1]
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
        return self.found(
            facts,
            f"{described}; such signatures can be forged. {effect}",
            [*evidence.openssl(facts), *_weak(weak or ([culprit] if culprit else []))]
            if refused
            else _weak(weak),
            reissued(self.slug, facts, "Have the certificate reissued with SHA-256."),
            None if refused else "warning",
        )


def _broken_hash(signature: str) -> bool:
    name = signature.lower().replace("-", "")
    return any(name.startswith(h) or f"with{h}" in name for h in _BROKEN_HASHES)


def _weak(certificates: Sequence[Certificate]) -> list[str]:
    return [line for c in certificates[:3] for line in evidence.certificate(c)]


class IssuerNotACa(_ChainRule):
    """Errors 79, 24, 32 and 37."""

    slug = "issuer-not-a-ca"

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in (24, 32, 37, 79):
            return None
        return self.found(
            facts,
            "A certificate above the backend's lacks CA:TRUE or the right to sign certificates "
            f"(keyCertSign), so what it signed counts for nothing (error {facts.error}).",
            _shown(facts, facts.error),
            reissued(
                self.slug,
                facts,
                "The authority needs a certificate with CA:TRUE and "
                "keyCertSign; or a real authority issues the backend's certificate.",
            ),
        )


class CaExpired(Rule):
    """Error 10 (or 9) above the leaf."""

    slug = "ca-expired"
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        above = verified[1:] or facts.chain[1:]
        over = [c for c in above if not c.error and c.not_after <= facts.now]
        if facts.error == 10 and not over:
            depth, found = accused(facts, 10)
            over = [found] if depth > 0 and found is not None else []
        if not over:
            return None
        named = ", ".join(f"{c.subject} ({evidence.day(c.not_after)})" for c in over[:3])
        return self.found(
            facts,
            f"Expired: {named}. Every certificate below it is refused with it (error 10).",
            [line for c in over[:3] for line in evidence.certificate(c, "expired authority")],
            [
                *reissued(
                    self.slug,
                    facts,
                    "The authority must renew its certificate. With the "
                    "same key, what it signed before stays valid.",
                ),
                Remedy(
                    "config",
                    "Put the renewed certificate into the CA file in place of the expired one.",
                    commands.fix(facts, "--policy internal-ca --ca renewed-ca.pem"),
                ),
                Remedy("backend", "See which chain it sends.", commands.show_chain(facts)),
            ],
            None if facts.error == 10 else "warning",
        )
