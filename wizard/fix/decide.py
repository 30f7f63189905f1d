"""Decides what one route needs, by the row of the best-practice table that the operator chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from wizard import names
from wizard.fix import hosts, left, practice
from wizard.fix.exceptions import Mark
from wizard.fix.slugs import (
    CRL_SLUGS,
    NAME_SLUGS,
    STOPPING,
    STRUCTURE_SLUGS,
    TRUST_SLUGS,
    UNSENT_SLUGS,
    UNVERIFIED_SLUGS,
    WEAK_SLUGS,
)
from wizard.fix.wants import Want, label, leaf_of
from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import Route, TemporaryException
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import FixChoice, RouteTrust, TrustChoice, Unresolved
from wizard.text import printable

_FOUND_BY = {
    "SSLProxyVerify": "ca-not-trusted",
    "SSLProxyCheckPeerName": "name-mismatch",
    "SSLProxyCheckPeerCN": "name-mismatch",
    "SSLProxyCheckPeerExpire": "certificate-expired",
}
"""What would be found if a check were on, for one that another fault keeps from being made."""
_NO_DIRECTORY = ("missing", "empty", "not-a-directory", "no-certificate")


def decide(
    diagnosis: Diagnosis,
    route: Route,
    trust: RouteTrust,
    choice: FixChoice,
    *,
    pending: Mapping[str, str],
    kept: str = "",
) -> Want | None:
    """What a route needs.

    Args:
        diagnosis: of the route.
        route: the same route, with what misspelt or misplaced directives were meant to set.
        trust: what can be trusted for it.
        choice: the operator's.
        pending: directives that were taken out of a place where httpd refuses them, and must be
            written again where they count.
        kept: why the TLS settings of this route are to be kept as they are; empty: repair them.

    Returns:
        None when nothing critical or weak was found.
    """
    findings = tuple(f for f in diagnosis.findings if f.severity != "info")
    if not findings:
        return None
    asked = left.asked(findings, diagnosis.case, route, trust, choice.leave)
    decision = _Decision(
        diagnosis,
        route,
        asked.trust,
        (*findings, *asked.unfound),
        asked.slugs,
        asked.unsent,
        settings=dict(pending),
    )
    decision.structure()
    if kept:
        decision.reason = kept
        return decision.want()
    decision.handshake()
    if choice.policy == "temporary" and choice.until is not None:
        decision.temporary(choice.until)
    else:
        decision.strict()
    return decision.want()


@dataclass(slots=True)
class _Decision:
    """The decision for one route while it is being made."""

    diagnosis: Diagnosis
    route: Route
    trust: RouteTrust
    findings: tuple[Finding, ...]
    asked: frozenset[str]
    unsent: tuple[Certificate, ...]
    settings: dict[str, str]
    resolved: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    reason: str = ""
    anchor: TrustChoice | None = None
    remove: frozenset[str] = frozenset()
    host: str | None = None
    slash: bool = False
    scheme: str | None = None
    mark: Mark | None = None
    renewed: tuple[TemporaryException, ...] = ()
    excused: frozenset[str] = frozenset()

    @property
    def slugs(self) -> set[str]:
        """What is to be repaired here."""
        return {f.slug for f in self.findings} - self.asked

    @property
    def leaf(self) -> Certificate | None:
        return leaf_of(self.diagnosis.case)

    @property
    def material(self) -> TrustMaterial:
        return self.diagnosis.case.trust

    def _broken(self) -> frozenset[str]:
        """Trust directives that httpd refuses with what they name."""
        policy, found = self.route.tls, set()
        if policy.ca_certificate_file.value and self.material.ca_file.state not in ("ok", "unset"):
            found.add(practice.CA_FILE)
        if policy.ca_certificate_path.value and self.material.ca_path.state in _NO_DIRECTORY:
            found.add(practice.CA_PATH)
        return frozenset(found)

    def structure(self) -> None:
        """What is wrong whatever the backend is like."""
        self.resolved |= self.slugs & STRUCTURE_SLUGS
        if self.settings.get("SSLProxyEngine") == "on":  # it stood where httpd refuses it
            self.resolved.add("engine-off")
        if "missing-trailing-slash" in self.slugs:
            self.slash = True
            self.resolved.add("missing-trailing-slash")
        if "alpn-missing" in self.slugs and self.route.backend.scheme == "h2":
            self.scheme = "https"
            self.resolved.add("alpn-missing")
            self.notes.append(
                f"{label(self.route)}: the backend does not offer HTTP/2 (ALPN h2), so the URL "
                "becomes https://."
            )
        revocation = practice.revocation(self.route.tls)
        if revocation and "crl-check-without-crl" in self.slugs:
            self.settings.update(revocation)
            self.resolved.add("crl-check-without-crl")
            self.notes.append(
                f"{label(self.route)}: revocation is not checked until a list is given with "
                "SSLProxyCARevocationFile; httpd would not start otherwise."
            )

    def handshake(self) -> None:
        """What keeps httpd and this backend from shaking hands, so that no certificate is seen."""
        policy = self.route.tls
        if "engine-off" in self.slugs and self.leaf is None:  # it hides what the handshake lacks
            self.settings["SSLProxyEngine"] = "on"
            self.resolved.add("engine-off")
        if "preserve-host-changes-name" in self.slugs and self.leaf is None:
            self.settings[practice.PRESERVE_HOST] = "Off"
            self.resolved.add("preserve-host-changes-name")
        if "protocol-mismatch" in self.slugs and not policy.protocol.is_default:
            self.settings["SSLProxyProtocol"] = "all -SSLv3 -TLSv1 -TLSv1.1"
            self.resolved.add("protocol-mismatch")
        if "cipher-mismatch" in self.slugs and not policy.cipher_suite.is_default:
            self.settings["SSLProxyCipherSuite"] = "HIGH:!aNULL"
            self.resolved.add("cipher-mismatch")

    def strict(self) -> None:
        """Strict verification, if the backend can pass it; else nothing.

        Where the operator leaves what stands against it to the backend's side: the rest of it.
        """
        policy = self.route.tls
        root_only = self.unsent and not self.trust.keep
        if not self.route.backend.uses_tls:
            return
        if not root_only and not self.slugs & (TRUST_SLUGS | NAME_SLUGS):
            return
        unverified = self._chain_waits()
        if not unverified and not self._chain_verifies():
            return
        stopping = [f for f in self.findings if f.slug in STOPPING and f.severity == "critical"]
        if stopping:
            self.reason = f"strict verification would still fail: {stopping[0].title}"
            return
        unnamed = self._name_waits()
        if not unnamed and not self._names():
            return
        repaired = self.slugs & (TRUST_SLUGS | NAME_SLUGS)
        wanted = practice.strict(policy, 0 if unverified else len(self.trust.chain) - 1)
        if unverified:
            repaired &= UNVERIFIED_SLUGS | NAME_SLUGS
            if policy.verify.value == "optional":  # as strict as require, so nothing breaks
                repaired |= self.slugs & {"verification-optional"}
            else:
                wanted.pop("SSLProxyVerify", None)
        else:
            self.anchor = self.trust.choice
            self.notes += self.trust.notes
            if policy.ca_certificate_path.value and self.material.ca_path.state != "ok":
                self.remove = frozenset({practice.CA_PATH})
        if unnamed:
            repaired -= NAME_SLUGS
            for directive in practice.NAME_CHECK:
                if wanted.pop(directive, None):
                    repaired -= {"name-check-off"}
        if unverified or unnamed:
            self.reason = (
                f"{', '.join(sorted(self.asked))} is left to the backend's side, and this waits "
                "for it: plan again when that is done"
            )
        self.settings.update(wanted)
        self.resolved |= repaired
        if practice.PRESERVE_HOST not in self.settings:  # it works, but not for every name
            self.resolved.discard("preserve-host-changes-name")

    def _chain_waits(self) -> bool:
        """Whether verification has to wait for what is left to the backend's side.

        A root is written for the day when the backend sends its intermediate; verification is
        not switched on before, where a route works without.
        """
        if "self-signed-certificate" in self.asked:
            return True
        verifies = self.route.tls.verify.value in ("require", "optional")
        known = self.trust.choice is not None
        return bool(self.asked & UNSENT_SLUGS) and not (verifies and known)

    def _chain_verifies(self) -> bool:
        """Whether OpenSSL accepts the chain with the CA that was found; says why not."""
        if self.trust.choice is None:
            self.reason = self.trust.error
            self.notes += self.trust.notes
        elif self.trust.openssl:
            self.reason = (
                f"even with the right CA, verification fails: {self.trust.openssl_text} "
                f"(error {self.trust.openssl})"
            )
        return self.trust.choice is not None and not self.trust.openssl

    def _name_waits(self) -> bool:
        """Whether the name check has to wait for a certificate with the clients' names."""
        leaf = self.leaf
        return (
            "preserve-host-changes-name" in self.asked
            and leaf is not None
            and not names.covers(leaf, self.route.backend.check_name)
        )

    def _names(self) -> bool:
        """Makes httpd compare a name that the certificate covers; False if that is impossible."""
        leaf, backend = self.leaf, self.route.backend
        if leaf is None or names.covers(leaf, backend.check_name):
            return True
        host = backend.host
        if self.route.preserve_host.value and names.covers(leaf, host):
            pass
        elif names.is_address(host) and self.trust.names:
            self.host = self._chosen_name()
        else:
            self.reason = hosts.uncovered(self.route, leaf, self.trust.names)
            return False
        if self.route.preserve_host.value:
            self.settings[practice.PRESERVE_HOST] = "Off"
            self.notes.append(
                f"{label(self.route)}: with ProxyPreserveHost Off the backend gets "
                f"{printable(self.host or host, 200)} as Host; the client's Host stays in "
                "X-Forwarded-Host. If it builds absolute links from Host, have its certificate "
                "reissued with the public name instead."
            )
        return True

    def _chosen_name(self) -> str:
        fitting = hosts.fitting(self.route, self.trust.names)
        if len(fitting) > 1:
            self.notes.append(
                f"{label(self.route)}: several names of the certificate lead to "
                f"{self.route.backend.host}: {', '.join(fitting)}; {fitting[0]} was chosen."
            )
        return fitting[0].lower()

    def temporary(self, until: date) -> None:
        """Disables the checks that fail, for a while; only for a route that fails now.

        A route that has an exception already gets a new last day for it.
        """
        policy = self.route.tls
        self.reason = "a temporary exception repairs no weakness: --policy production does"
        if self.route.exceptions and self.diagnosis.verdict.outcome == "ok":
            self._renew(until)
            return
        if self._refused_only():
            return
        if not self.route.backend.uses_tls or self.diagnosis.verdict.outcome != "fail":
            self.reason = "a temporary exception is made only for a route whose checks fail now"
            return
        leaf, now = self.leaf, self.diagnosis.case.now
        if leaf is None:
            self.reason = self.trust.error or "the backend's certificate was not seen"
            return
        untrusted = not self.trust.keep or bool(self.trust.openssl)
        chain_left = self.asked & (UNSENT_SLUGS | {"self-signed-certificate"})
        disabled = practice.exception(
            policy,
            untrusted=untrusted and not chain_left,
            wrong_name=policy.checks_name
            and not names.covers(leaf, self.route.backend.check_name)
            and "preserve-host-changes-name" not in self.asked,
            expired=not leaf.not_before <= now <= leaf.not_after,
        )
        needed = {} if policy.engine.value else {"SSLProxyEngine": "on"}
        if (
            not untrusted
            and not chain_left
            and policy.verify_depth.value < len(self.trust.chain) - 1
        ):
            needed[practice.DEPTH] = str(len(self.trust.chain) - 1)
        if not disabled and not needed:
            self.reason = "no check of httpd's is what fails here: disabling one would not help"
            return
        self.settings |= needed | disabled
        self.remove = self._broken()
        helped = TRUST_SLUGS | NAME_SLUGS | (STOPPING - CRL_SLUGS)
        self.resolved |= self.slugs & (helped - WEAK_SLUGS)
        self.excused = frozenset({"temporary-exception"})
        if disabled:
            plain = UNVERIFIED_SLUGS | ({"chain-too-deep"} if practice.DEPTH in needed else set())
            slugs = (f.slug for f in self.findings if f.slug in self.resolved - plain)
            slug = next(slugs, _FOUND_BY[next(iter(disabled))])
            self.mark = Mark(until, slug, frozenset(disabled))
            self._warn_of(until)

    def _renew(self, until: date) -> None:
        """Gives the exceptions in force a new last day; what they excuse is no news."""
        self.renewed = tuple(e for e in self.route.exceptions if e.until != until)
        if self.renewed:
            self.resolved |= self.slugs & {"temporary-exception", "temporary-exception-expired"}
            self._warn_of(until)
        directives = {text.partition(" ")[0] for e in self.route.exceptions for text in e.settings}
        off = {slug for name, slug in practice.OFF.items() if name in directives}
        self.excused = frozenset(off | {"temporary-exception"})

    def _refused_only(self) -> bool:
        """Whether httpd refuses the configuration and, so far, nothing else is known to fail.

        No check has failed then, so none is disabled: the next round sees what is left.
        """
        if not self.slugs & STRUCTURE_SLUGS:
            return False
        if any(f.severity == "critical" and f.slug not in STRUCTURE_SLUGS for f in self.findings):
            return False
        if self.route.tls.verify.value == "require":  # as it was meant
            self.resolved |= self.slugs & {"verification-off"}
        return True

    def _warn_of(self, until: date) -> None:
        self.notes.append(
            f"{label(self.route)}: until {until:%Y-%m-%d} anybody on the path to the "
            "backend can pose as it; check reports the exception, and an error once it is over."
        )

    def want(self) -> Want:
        """The decision as it stands."""
        return Want(
            route=self.route,
            label=label(self.route),
            settings=self.settings,
            trust=self.anchor,
            keep=self.trust.keep,
            remove=self.remove,
            broken=self._broken(),
            host=self.host,
            slash=self.slash,
            scheme=self.scheme,
            ca_file_missing=self.material.ca_file.state == "missing",
            mark=self.mark,
            renewed=self.renewed,
            resolved=tuple(f for f in self.findings if f.slug in self.resolved),
            unresolved=tuple(
                self._left(f)
                for f in self.findings
                if f.slug not in self.resolved and f.slug not in self.excused - self.asked
            ),
            notes=tuple(self.notes),
        )

    def _left(self, finding: Finding) -> Unresolved:
        who, case = label(self.route), self.diagnosis.case
        if finding.slug in self.asked:
            return left.handed_over(finding, who, self.route, self.leaf, self.unsent)
        told = left.explained(finding, who, case, self.route, self.leaf, self.reason)
        open_question = self.leaf is not None and told.reason == self.trust.error
        return replace(told, needs_choice=open_question)
