"""Why OpenSSL does not find a trusted CA above the backend's certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts, named_root
from wizard.findings.rule import Alternative, Repairability, Signs
from wizard.findings.rules.ca_file import NO_ISSUER, CaRekeyed, TrustRule
from wizard.findings.rules.trust_files import (
    OWN_CA_FILE,
    SYSTEM_STORE,
    VERIFICATION_OFF,
    trust_ca,
    trust_itself,
)
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference.openssl import VERIFY_ERRORS

_APPEND = "Append the intermediate to the backend's certificate file"
_RELOAD = (
    "That file is ssl_certificate in nginx, SSLCertificateFile in httpd, crt in HAProxy. Then "
    "reload it."
)
_FULL_CHAIN = "(set -C; cat server.pem intermediate.pem > fullchain.pem)"


def unseen_issuer(facts: Facts) -> list[str]:
    """Where the certificate that is looked for can be had, as far as the last one says so."""
    return evidence.issuer_lies_at(facts.top) if facts.top is not None else []


def how_to_tell(facts: Facts) -> Remedy:
    """How a root that is not trusted is told from an intermediate that is not sent."""
    top = facts.top
    who = f'"{evidence.short(top.issuer)}"' if top is not None else "the issuer"
    return Remedy(
        "ca",
        f"See in the certificate {who} which of the two it is: a root has itself as issuer, an "
        "intermediate another CA.",
        shell.show_issuer(top) if top is not None else None,
        looks=True,
    )


class SelfSignedCertificate(TrustRule):
    """No CA signed the backend's certificate but itself."""

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
        return self.found(
            facts,
            "The certificate was signed with its own key. No CA vouches for it, so httpd must "
            "trust the certificate itself. Take it from the backend's owner, not from the "
            "connection: whoever sits there may send his own.",
            self.shown(facts),
            [
                *trust_itself(facts, facts.leaf),
                Remedy(
                    "backend",
                    "Better in the long run: have a CA of yours issue the backend's certificate, "
                    "and trust that CA. The next renewal then needs no change here.",
                ),
            ],
            at=self.at(facts),
            proof=self.proof(facts),
            why="No CA vouches for this certificate. httpd accepts it only if its CA file holds "
            "the certificate itself.",
        )


class MissingIntermediate(TrustRule):
    """The backend does not send the certificate that signed its own."""

    slug = "missing-intermediate"
    order = 30
    best_practice = "production"
    title = "The backend does not send its intermediate certificate"
    signs = Signs(
        stages={"verify": 70}, verify_errors="2/2 20/2 21", log_codes="AH02039/4 AH02276/4"
    )
    repair = Repairability(
        actor="backend",
        traits=("trust", "unsent"),
        leavable=True,
        there=Remedy("backend", f"{_APPEND}. {_RELOAD}", _FULL_CHAIN),
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
            self.shown(facts),
            self._remedies(facts),
            at=self.at(facts),
            proof=[
                self._sent(facts, "not in the CA file" if sent else "not sent"),
                *evidence.ca_directives(facts)[:2],
            ],
            why="OpenSSL took an issuer from the CA file, and looks for the next one only there."
            if sent
            else "The backend must send it: httpd does not fetch it, as browsers do.",
        )

    @staticmethod
    def _sent(facts: Facts, lacks: str) -> str:
        """What the backend sends, and what lacks."""
        missing = f"; {lacks}: {evidence.short(facts.top.issuer)}" if facts.top else ""
        return f"sent: {evidence.few(list(map(evidence.owner, facts.chain)))}{missing}"

    @staticmethod
    def _remedies(facts: Facts) -> list[Remedy]:
        depth = max(len(facts.chain) + 1, facts.policy.verify_depth.value)
        return [
            Remedy("backend", f"{_APPEND}:", _FULL_CHAIN),
            Remedy("backend", _RELOAD, then=True),
            Remedy(
                "config",
                "If the backend cannot be changed: get the intermediate from its owner, and have "
                "it written into the CA file, beside the root:",
                shell.fix(facts, ca_file="FILE"),
            ),
            Remedy(
                "config", "The depth must allow for it:", f"SSLProxyVerifyDepth {depth}", then=True
            ),
            Remedy("backend", "See what it sends.", shell.show_chain(facts), looks=True),
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
            [*self.shown(facts), *unseen_issuer(facts)],
            [*self._remedies(facts)[:2], how_to_tell(facts), *self._remedies(facts)[2:]],
            at=self.at(facts),
            proof=[self._sent(facts, "not sent"), *evidence.ca_directives(facts)[:2]],
            why=f'"{evidence.short(issuer)}" is neither sent by the backend nor in the CA file. '
            "If it is an intermediate, the backend must send it.",
        )
        return replace(
            finding, title="Perhaps the backend does not send its intermediate certificate"
        )

    def also(self, facts: Facts) -> Iterable[Finding]:
        """Where the issuer's certificate is unseen, it may be a root as well."""
        if facts.issuer_unseen:
            yield CaNotTrusted().untrusted(facts)


class CaNotTrusted(TrustRule):
    """Some other CA signed the chain."""

    slug = "ca-not-trusted"
    order = 10
    best_practice = "internal-ca"
    title = "The CA that signed the backend's certificate is not trusted"
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
        return self.found(
            facts,
            text,
            self._evidence(facts),
            trust_ca(facts),
            at=self.at(facts),
            proof=[*evidence.openssl(facts), *self.proof(facts)][:3],
            why=_meaning(error.code) or text,
        )

    def untrusted(self, facts: Facts) -> Finding:
        """The finding where nothing trusted was found above a certificate."""
        top = facts.top
        who = (top.subject if top.self_issued else top.issuer) if top else "its issuer"
        text = f"The chain leads to {who}, which is in none of the files that httpd trusts."
        why = f'"{evidence.short(who)}" is in no file that httpd trusts for backends.'
        shown, remedies = self._evidence(facts), trust_ca(facts)
        if facts.issuer_unseen:
            text += (
                " Nobody has seen its certificate. If it is a root, httpd has to trust it. If it "
                "is an intermediate, the right root may be trusted already, and the backend has to "
                "send the intermediate (missing-intermediate). Only its certificate tells."
            )
            if not named_root(who):
                why += " If it is an intermediate, the backend must send it."
            shown += unseen_issuer(facts)
            remedies = [*remedies[:1], how_to_tell(facts), *remedies[1:]]
        held = [evidence.short(a.subject) for a in facts.trust.anchors]
        return self.found(
            facts,
            text,
            shown,
            remedies,
            at=self.at(facts),
            proof=self.proof(facts, f"trusted: {evidence.few(held)}"),
            why=why,
        )

    def also(self, facts: Facts) -> Iterable[Finding]:
        """Where the issuer's certificate is unseen, it may be an intermediate as well."""
        if facts.error in NO_ISSUER and facts.issuer_unseen:
            yield MissingIntermediate().possible(facts)

    def _evidence(self, facts: Facts) -> list[str]:
        anchors = [f"trusted: {a.subject}" for a in facts.trust.anchors[:5]]
        if len(facts.trust.anchors) > 5:
            anchors.append(f"trusted: {len(facts.trust.anchors) - 5} more")
        return [*self.shown(facts), *anchors]

    def _of_another_error(self, facts: Facts, text: str) -> Finding:
        """An error that no rule explains, and that trusting a CA does not repair."""
        known = VERIFY_ERRORS.get(facts.error)
        meaning = f" {known.meaning}" if known is not None else ""
        finding = self.found(
            facts,
            f"{text}{meaning} To trust another CA does not help.",
            self.shown(facts),
            [
                Remedy(
                    "backend",
                    "Look at the chain that the backend sends, and have its owner correct what "
                    "OpenSSL refuses:",
                    shell.show_chain(facts),
                )
            ],
            at=facts.route.source,
            proof=[*evidence.openssl(facts), *evidence.leaf_in_short(facts)],
            why=f"{_meaning(facts.error) or text} To trust another CA does not help.",
        )
        return replace(finding, title="OpenSSL refuses the backend's certificate or its chain")


def _meaning(code: int) -> str:
    """What a verify error means, in a sentence; empty: it is not known."""
    known = VERIFY_ERRORS.get(code)
    return f"{known.meaning.partition('. ')[0].rstrip('.')}." if known is not None else ""
