"""Faults of the chain itself: OpenSSL found the CAs and refuses one of the certificates."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.findings import evidence, reissue
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference.openssl import VERIFY_ERRORS


class _ChainRule(Rule):
    family = "trust"
    best_practice = "production"
    scope = "leaf"
    explains = True


def reissued(kind: reissue.Kind, facts: Facts, text: str) -> list[Remedy]:
    """How what has to be issued anew is had, each step with its command.

    Args:
        kind: what it is.
        facts: of the route.
        text: the first step: on the backend for its certificate, else at the CA.
    """
    ca = next((c.subject for c in facts.chain[1:] if c.is_ca), "the CA")
    first, *signed = reissue.commands(kind, facts.route, facts.leaf, ca)
    if kind == "certificate":
        signs = "The CA's owner signs that request."
        there = (Remedy("ca", signs, "\n".join(signed), then=True),)
        return [Remedy("backend", text, first), *there]
    if kind == "list":
        name = "The command writes a new file: name that in SSLProxyCARevocationFile, then reload."
        return [Remedy("ca", text, first), Remedy("config", name, then=True)]
    return [Remedy("ca", text, first)]


def chain_in_short(facts: Facts) -> str:
    """The verified chain on one line, from the backend's certificate up to the root."""
    chain = (facts.tls.verified_chain if facts.tls else ()) or facts.chain
    names = [evidence.owner(c) for c in chain]
    more = f" and {len(names) - _LINKS} more" if len(names) > _LINKS else ""
    return f"chain: {', '.join(names[:_LINKS])}{more}"


def failing_certificate(facts: Facts, code: int) -> tuple[int, Certificate | None]:
    """Depth (0: the backend's own) and certificate that OpenSSL refused with error ``code``."""
    if facts.tls is not None:
        for event in facts.tls.events:
            if not event.ok and event.code == code:
                everything = (*facts.chain, *facts.tls.verified_chain, *facts.trust.anchors)
                match = next((c for c in everything if c.sha256 == event.sha256), None)
                return event.depth, match
    return 0, facts.leaf


_LINKS = 4
"""Certificates of a chain that a short line shows."""
_LONGEST = 90
"""Characters of a line of constraints that a short line shows."""


def _shown(facts: Facts) -> list[str]:
    depth, found = failing_certificate(facts, facts.error)
    lines = evidence.openssl(facts)
    if found is not None:
        label = "backend's certificate" if depth == 0 else f"certificate {depth} above it"
        lines += evidence.certificate(found, label)
    return lines


def or_meaning(facts: Facts, usual: tuple[int, ...], text: str) -> str:
    """``text``, or what the verify error means where it is none of the ``usual`` ones."""
    if facts.error in usual:
        return text
    first, separator, rest = VERIFY_ERRORS[facts.error].meaning.partition(". ")
    return f"{first.rstrip('.')} (error {facts.error}).{separator[1:]}{rest}"


class ChainTooDeep(Rule):
    """AH02040: more certificates above the leaf than SSLProxyVerifyDepth."""

    slug = "chain-too-deep"
    family = "trust"
    order = 70
    best_practice = "internal-ca"
    title = "The chain is longer than SSLProxyVerifyDepth allows"
    signs = Signs(verify_errors="22", log_codes="AH02040")
    repair = Repairability(traits=("trust",))
    alternatives = (
        Alternative(
            "Raise SSLProxyVerifyDepth to the length of the chain",
            "No check is lost: depth only limits how far httpd follows the chain.",
            "None that matters.",
            take="plan",
        ),
        Alternative(
            "Trust the intermediate alone",
            "Only certificates of that one CA are accepted.",
            "OpenSSL as httpd uses it still wants the root in the same file.",
        ),
    )
    scope = "engine"

    def _check(self, facts: Facts) -> Finding | None:
        verified = facts.tls.verified_chain if facts.tls else ()
        allowed, above = facts.policy.verify_depth.value, len(verified) - 1
        refused = "AH02040" in facts.verdict.ah_codes or facts.error in self.verify_errors
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
                    "Write this in the virtual host or its <Proxy> section:",
                    f"SSLProxyVerifyDepth {needed}",
                )
            ],
            at=evidence.line_of(facts, "verify_depth"),
            proof=[*evidence.directives(facts, "verify_depth"), chain_in_short(facts)],
            why=f"The chain has {needed} certificates above the backend's own.",
        )


class WrongPurpose(_ChainRule):
    """The certificate is not for a server, or a CA's stands in a server's place."""

    slug = "wrong-purpose"
    order = 90
    title = "The backend's certificate is not meant for a server"
    signs = Signs(verify_errors="26 37 39 80 82", log_codes="AH02039/5 AH02276/5")
    repair = Repairability(
        actor="backend",
        traits=("stopping",),
        reissue="certificate",
        reason="the backend's certificate is not meant for servers and must be reissued",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        leaf = facts.leaf
        usage = _usage(leaf) if leaf else []
        if leaf is not None and leaf.is_ca and leaf.self_issued:
            text = (
                "The backend shows a CA's certificate (CA:TRUE, for signing others) as its own. "
                "OpenSSL does not accept it for a TLS server (error 26)."
            )
        else:
            text = (
                "Its key usage or extended key usage does not allow a TLS server; it was issued "
                "for something else, often for clients (error 26)."
            )
        text = or_meaning(facts, (26,), text)
        _, refused = failing_certificate(facts, facts.error)
        return self.found(
            facts,
            text,
            [*_shown(facts), *usage],
            reissued(
                self.repair.reissue,
                facts,
                "Have the backend's owner get a certificate for servers (extendedKeyUsage "
                "serverAuth).",
            ),
            at=facts.route.source,
            proof=[_purpose(refused), *evidence.openssl(facts)]
            if refused is not None
            else evidence.openssl(facts),
            why=evidence.first_sentences(text),
        )


def _in_short(refused: Certificate | None) -> list[str]:
    return [evidence.in_short(refused)] if refused is not None else []


def _purpose(refused: Certificate) -> str:
    usage = _listed(refused.extended_key_usage), _listed(refused.key_usage)
    names = f"extendedKeyUsage {usage[0]}, keyUsage {usage[1]}"
    return f"certificate: {evidence.owner(refused)}, {names}"


def _may_sign(ca: Certificate) -> str:
    return f"CA:{'TRUE' if ca.is_ca else 'FALSE'}, keyUsage {_listed(ca.key_usage)}"


def _listed(usage: Sequence[str] | None) -> str:
    return "absent" if usage is None else evidence.few(usage)


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
    """More CAs follow one another than one of them allows."""

    slug = "path-length-exceeded"
    order = 100
    title = "A CA of the chain may not have so many CAs below it"
    signs = Signs(verify_errors="25")
    repair = Repairability(
        actor="ca",
        traits=("stopping",),
        reissue="path length",
        reason="the CA above allows fewer levels (pathlen) and must be reissued",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        above = facts.tls.verified_chain if facts.tls else facts.chain
        limited = [c for c in above if c.path_length is not None]
        limits = [f"{c.subject}: pathlen {c.path_length}" for c in limited]
        return self.found(
            facts,
            "A certificate above the backend's says how many CAs may follow it (pathlen of "
            "basicConstraints), and the chain has more. No setting of httpd overrides that.",
            [*_shown(facts), *limits],
            reissued(
                self.repair.reissue,
                facts,
                "Have the CA above issue this CA anew with a larger pathlen, or issue the "
                "backend's certificate itself.",
            ),
            at=facts.route.source,
            proof=[
                *(f"{evidence.owner(c)}: pathlen {c.path_length}" for c in limited[:2]),
                chain_in_short(facts),
            ],
            why="This CA's certificate limits how many CAs may follow it (pathlen), and the chain "
            "has more.",
        )


class NameConstraintViolated(_ChainRule):
    """A name outside what a CA of the chain may sign."""

    slug = "name-constraint-violated"
    order = 110
    title = "The CA may not issue certificates for this name"
    signs = Signs(verify_errors="47 48 49 51 52 53")
    repair = Repairability(
        actor="ca",
        traits=("stopping",),
        reissue="authority",
        reason="the CA may not sign this name: another CA must, or its constraints must be changed",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        chain = facts.tls.verified_chain if facts.tls and facts.tls.verified_chain else facts.chain
        limited = [c for c in chain if c.name_constraints]
        limits = [f"{c.subject}: {c.name_constraints}" for c in limited]
        text = or_meaning(
            facts,
            (47, 48),
            "A CA of the chain is limited to certain names (nameConstraints), and a name of the "
            "backend's certificate lies outside.",
        )
        return self.found(
            facts,
            text,
            [*_shown(facts), *limits],
            reissued(
                self.repair.reissue,
                facts,
                "Have the certificate issued by a CA that may sign this name, or with names inside "
                "this CA's limits.",
            ),
            at=facts.route.source,
            proof=[
                *(f"certificate names: {evidence.covered_in_short(c)}" for c in facts.chain[:1]),
                *(f"{evidence.owner(c)}: {c.name_constraints}"[:_LONGEST] for c in limited[:2]),
            ],
            why=evidence.first_sentences(text),
        )


class IssuerNotACa(_ChainRule):
    """A certificate that may not sign others, or no list, has signed one."""

    slug = "issuer-not-a-ca"
    order = 140
    title = "A certificate of the chain may not sign what it signed"
    signs = Signs(verify_errors="24 32 35 79 81 89 92")
    repair = Repairability(
        actor="ca",
        traits=("stopping",),
        reissue="authority",
        reason="a certificate of the chain may not sign what it signed: it must be reissued with "
        "CA:TRUE, keyCertSign and cRLSign",
    )

    def _check(self, facts: Facts) -> Finding | None:
        if facts.error not in self.verify_errors:
            return None
        text = or_meaning(
            facts,
            (24, 32, 79),
            "A certificate above the backend's lacks CA:TRUE or the right to sign certificates "
            f"(keyCertSign), so what it signed counts for nothing (error {facts.error}).",
        )
        _, refused = failing_certificate(facts, facts.error)
        flags = [_may_sign(refused)] if refused is not None else []
        return self.found(
            facts,
            text,
            _shown(facts),
            reissued(
                self.repair.reissue,
                facts,
                "Have the CA's certificate issued anew with CA:TRUE, keyCertSign and cRLSign, or "
                "use another CA.",
            ),
            at=facts.route.source,
            proof=[*_in_short(refused), *flags, *evidence.openssl(facts)],
            why=evidence.first_sentences(text),
        )
