"""What the rules look at: a case, its verdict, and what follows from both."""

from __future__ import annotations

import re
from functools import cached_property

from wizard.answer import redirects
from wizard.answer.redirects import RedirectFault
from wizard.model.certificate import Certificate, common_name
from wizard.model.diagnosis import Case, Verdict
from wizard.model.probe import HttpResult, OwnCertificate
from wizard.reference.behaviours import holds
from wizard.x509 import peer_names
from wizard.x509.issuer_urls import issuer_urls

_ROOT = re.compile(r"\broot\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON_WORDS = frozenset(
    {
        *("root", "authority", "certificate", "certification", "issuing", "intermediate"),
        *("signing", "server", "servers", "services", "trust", "tls", "ssl", "rsa", "ecc"),
        *("ecdsa", "the", "inc", "llc", "ltd", "corp", "gmbh", "internal", "public", "private"),
        *("global", "class", "test"),
    }
)
"""Words of CAs' names that say nothing about whose they are."""
_PUBLIC_STORE = 20
"""Roots from which on a CA file is taken for a store of public CAs."""
_LONGEST = 12
"""Certificates of a chain that are followed."""


class Facts:
    """A case and its verdict; what takes long to find out is found out once, at its first use.

    Args:
        case: the route with everything that was read and observed.
        verdict: what httpd does with it.
    """

    def __init__(self, case: Case, verdict: Verdict) -> None:
        route, probe = case.route, case.probe
        self.case = case
        self.verdict = verdict
        self.route = route
        self.backend = route.backend
        self.policy = route.tls
        self.trust = case.trust
        self.probe = probe
        self.now = case.now
        self.tls = probe.tls if probe is not None else None
        shown = self.tls.chain if self.tls is not None else ()
        self.chain: tuple[Certificate, ...] = (
            tuple(c for c in shown if not c.error) if shown and not shown[0].error else ()
        )
        """The readable certificates that the backend presented, its own first."""
        self.error = verdict.openssl.code if verdict.openssl is not None else 0
        """X509_V_ERR_* that httpd fails with; 0 for none."""
        self.failing = verdict.outcome == "fail"

    @property
    def leaf(self) -> Certificate | None:
        """The backend's own certificate."""
        return self.chain[0] if self.chain else None

    @property
    def presented(self) -> OwnCertificate | None:
        """The client certificate that httpd chooses for this backend."""
        if self.probe is None or self.tls is None:
            return None
        return self.probe.request.presented(self.tls.client_ca_names)

    @property
    def answer(self) -> HttpResult | None:
        """The answer that httpd passes on to the client; None: there is none."""
        http = self.probe.http if self.probe is not None and not self.failing else None
        return http if http is not None and http.status is not None else None

    @cached_property
    def redirect(self) -> RedirectFault | None:
        """What is wrong with the redirect of the backend's answer."""
        return redirects.fault(self.case, self.answer) if self.answer is not None else None

    @property
    def forward_proxy(self) -> str | None:
        """URL of the forward proxy that the probe went through (ProxyRemote)."""
        return self.probe.request.forward_proxy if self.probe is not None else None

    @property
    def at_forward_proxy(self) -> bool:
        """Whether a failed connection failed there: httpd did not get as far as the backend, or
        the forward proxy spoke to it (plain HTTP)."""
        return self.forward_proxy is not None and self.probe is not None and self.probe.tls is None

    @property
    def verifies(self) -> bool:
        """Whether httpd refuses a certificate that OpenSSL does not accept."""
        return self.policy.engine.value and self.policy.verify.value in ("require", "optional")

    @cached_property
    def name_fits(self) -> bool:
        """Whether the backend's certificate covers the name that httpd compares (or none is seen).

        The name is compared as the policy says; with the check off, as it would be.
        """
        if self.leaf is None:
            return True
        if self.policy.checks_cn_only:
            return peer_names.covers_by_common_name(self.leaf, self.backend.check_name)
        return peer_names.covers(self.leaf, self.backend.check_name)

    @property
    def name_is_checked(self) -> bool:
        """Whether a wrong name makes httpd refuse the backend."""
        if self.backend.scheme == "wss" and holds("wss-without-name", self.case.httpd.release):
            return False
        return self.policy.engine.value and (self.policy.checks_name or self.policy.checks_cn_only)

    @cached_property
    def top(self) -> Certificate | None:
        """The last certificate of the chain that OpenSSL can build, by names and key identifiers.

        Trusted certificates are tried before presented ones, and after the first trusted one
        only those (OpenSSL's x509_vfy.c, build_chain).
        """
        if not self.chain:
            return None
        current, rest = self.chain[0], self.chain[1:]
        for _ in range(_LONGEST):
            if current.self_issued:
                break
            issuer = _issuer(current, self.trust.anchors)
            if issuer is not None:
                rest = ()
            else:
                issuer = _issuer(current, rest)
            if issuer is None:
                break
            current = issuer
        return current

    @cached_property
    def namesakes(self) -> tuple[Certificate, ...]:
        """Trusted certificates that bear the name of the issuer that ``top`` asks for."""
        if self.top is None:
            return ()
        return tuple(a for a in self.trust.anchors if a.subject_der == self.top.issuer_der)

    @property
    def issuer_unseen(self) -> bool:
        """Whether roots are trusted and nobody has seen the certificate that ``top`` asks for.

        Two causes look alike then: it is a root that is not trusted, or an intermediate, below one
        that may be trusted, that the backend does not send.
        """
        top = self.top
        if top is None or top.self_issued or self.namesakes:
            return False
        if any(c.subject_der == top.issuer_der for c in self.chain):
            return False
        return any(anchor.self_issued for anchor in self.trust.anchors)

    @property
    def lacks_intermediate(self) -> bool:
        """Whether the issuer that ``top`` asks for looks like an intermediate, not like a root.

        If the backend presented it, its own certificate decides. If not, both are open
        (``issuer_unseen``), and its name says which is the likelier: an intermediate does not call
        itself a root, and shares the organisation or a distinctive word with a trusted root. Where
        public CAs are trusted, the certificate says where its issuer can be fetched, as theirs do.
        """
        top = self.top
        roots = [a for a in self.trust.anchors if a.self_issued]
        if top is None or top.self_issued or not roots:
            return False
        if any(c.subject_der == top.issuer_der and not c.self_issued for c in self.chain):
            return True
        if len(roots) >= _PUBLIC_STORE:
            return bool(issuer_urls(top))
        if named_root(top.issuer):
            return False
        words = _own_words(top.issuer)
        return any(words & _own_words(root.subject) for root in roots)


def named_root(name: str) -> bool:
    """Whether a CA calls itself a root in the common name of its subject."""
    return _ROOT.search(common_name(name)) is not None


def _issuer(of: Certificate, among: tuple[Certificate, ...]) -> Certificate | None:
    """Who issued a certificate: by name, and by key identifier where both have one."""
    wanted = of.authority_key_id
    for candidate in among:
        if candidate.subject_der == of.issuer_der and candidate.sha256 != of.sha256:
            key = candidate.subject_key_id
            if wanted is None or key is None or wanted == key:
                return candidate
    return None


def _own_words(name: str) -> set[str]:
    """What of a CA's name says whose it is: its words but for the common ones, its organisation."""
    parts = name.split(",")
    found = {word.lower() for part in parts for word in _WORD.findall(part.partition("=")[2])}
    return found - _COMMON_WORDS | {part for part in parts if part.startswith("O=")}
