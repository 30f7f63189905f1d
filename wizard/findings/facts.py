"""What the rules look at: a case, its verdict, and what follows from both."""

from __future__ import annotations

import re
from functools import cached_property

from wizard import names
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, Verdict

_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON_WORDS = frozenset(
    {
        *("root", "authority", "certificate", "certification", "issuing", "intermediate"),
        *("signing", "server", "servers", "services", "trust", "tls", "ssl", "rsa", "ecc"),
        *("ecdsa", "the", "inc", "llc", "ltd", "corp", "gmbh", "internal", "public", "private"),
        *("global", "class", "test"),
    }
)
"""Words of authorities' names that say nothing about whose they are."""
_BELOW_A_ROOT = re.compile(r"intermediate|issuing|signing|\bsub", re.IGNORECASE)


class Facts:
    """A case and its verdict; whatever costs time is worked out once, when it is asked for.

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
        self.error = verdict.openssl.code if verdict.openssl is not None else 0
        """X509_V_ERR_* that httpd fails with; 0 for none."""
        self.failing = verdict.outcome == "fail"

    @cached_property
    def chain(self) -> tuple[Certificate, ...]:
        """The readable certificates that the backend presented, its own first."""
        shown = self.tls.chain if self.tls is not None else ()
        return tuple(c for c in shown if not c.error) if shown and not shown[0].error else ()

    @property
    def leaf(self) -> Certificate | None:
        """The backend's own certificate."""
        return self.chain[0] if self.chain else None

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
            wanted = self.backend.check_name.lower()  # no wildcards here: AH02005
            return any(cn.lower() == wanted for cn in self.leaf.common_names)
        return names.covers(self.leaf, self.backend.check_name)

    @property
    def name_is_checked(self) -> bool:
        """Whether a wrong name makes httpd refuse the backend."""
        return self.policy.engine.value and (self.policy.checks_name or self.policy.checks_cn_only)

    @cached_property
    def top(self) -> Certificate | None:
        """The last certificate that the presented chain leads to, by the names of its issuers."""
        if not self.chain:
            return None
        current, rest = self.chain[0], list(self.chain[1:])
        while not current.self_issued:
            issuer = next((c for c in rest if c.subject_der == current.issuer_der), None)
            if issuer is None:
                break
            rest.remove(issuer)
            current = issuer
        return current

    @cached_property
    def namesakes(self) -> tuple[Certificate, ...]:
        """Trusted certificates that bear the name of the issuer that ``top`` asks for."""
        if self.top is None:
            return ()
        return tuple(a for a in self.trust.anchors if a.subject_der == self.top.issuer_der)

    @property
    def asks_for_intermediate(self) -> bool:
        """Whether what the presented chain lacks looks like an intermediate, not like the root.

        The certificate that is missing is not there to be looked at. Its name tells: one that
        says so itself, or one that shares a word of its own with a trusted root.
        """
        if self.top is None or self.top.self_issued:
            return False
        wanted = self.top.issuer
        if re.search(r"\broot\b", wanted, re.IGNORECASE):
            return False
        if _BELOW_A_ROOT.search(wanted):
            return True
        words = _own_words(wanted)
        return any(words & _own_words(a.subject) for a in self.trust.anchors if a.self_issued)


def _own_words(name: str) -> set[str]:
    values = [part.partition("=")[2] for part in name.split(",")]
    found = {word.lower() for value in values for word in _WORD.findall(value)}
    return found - _COMMON_WORDS
