"""OCSP about backends: httpd asks until 2.4.41, in some releases though nothing is configured."""

from __future__ import annotations

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.model.diagnosis import Finding, Remedy
from wizard.verdict import ocsp


class OcspForBackend(Rule):
    """Error 50, or a responder on whose answer the route depends."""

    slug = "ocsp-for-backend"
    family = "trust"
    order = 170
    title = "httpd asks an OCSP responder about the backend's certificate"
    signs = Signs(
        verify_errors="50",
        log_codes="AH01922 AH01925 AH01972 AH01974 AH01976 AH01977 AH01988 AH02038",
    )
    repair = Repairability(traits=("stopping",))
    scope = "leaf"

    def _check(self, facts: Facts) -> Finding | None:
        checks = ocsp.Checks(facts.case)
        asked = ocsp.responders(facts.case)
        refused = facts.error in self.verify_errors
        if not asked and not refused:
            return None
        unissued = any(line.code == "AH02038" for line in facts.verdict.log)
        if unissued:
            text = (
                "SSLProxyVerify optional_no_ca accepts an unknown issuer, but the OCSP check that "
                "comes after it needs one: the backend is refused (AH02038, error 50)"
            )
        elif refused:
            text = (
                "The certificate names no OCSP responder that httpd can ask, and without a good "
                "answer the backend is refused (error 50)"
            )
        else:
            text = (
                f"httpd asks {asked[0]} about the certificate, and refuses the backend if it "
                "cannot be reached (AH01974), is no responder (AH01988), or does not answer "
                '"good" (error 50)'
            )
        why = (
            "httpd 2.4.34 to 2.4.41 does so though nothing asks for it"
            if checks.by_default
            else "SSLOCSPEnable is meant for clients, and counts for backends until 2.4.41"
        )
        return self.found(
            facts,
            f"{text}. {why}.",
            [
                *evidence.openssl(facts),
                evidence.directive("SSLOCSPEnable", facts.route.vhost.ocsp),
                *(f"responder: {one}" for one in asked),
            ],
            [
                Remedy(
                    "config",
                    "Switch it off in the virtual host; your own revocation lists can be checked "
                    "instead (SSLProxyCARevocationCheck):"
                    if checks.by_default
                    else "Ask about clients in a virtual host that proxies to no such backend.",
                    "SSLOCSPEnable off" if checks.by_default else None,
                ),
                Remedy("config", "Or update httpd: from 2.4.42 on backends are left out."),
            ],
            "critical" if refused else "warning",
            at=facts.route.vhost.ocsp.source or facts.route.vhost.source,
            proof=[
                evidence.directive("SSLOCSPEnable", facts.route.vhost.ocsp),
                *(f"responder: {one}" for one in asked[:1]),
                *evidence.openssl(facts),
            ],
            why=f"httpd refuses the backend without a good answer. {why}.",
        )
