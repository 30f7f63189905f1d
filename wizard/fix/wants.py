"""What one route needs: settings, trust, another URL; and what configuration cannot repair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from wizard import names
from wizard.findings import reissue
from wizard.fix import exceptions, practice
from wizard.fix.slugs import CRL_SLUGS, NAME_SLUGS, STOPPING, STRUCTURE_SLUGS, TRUST_SLUGS
from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import Route, TemporaryException
from wizard.model.diagnosis import Case, Diagnosis, Finding, Remedy
from wizard.model.plan import FixChoice, RouteTrust, TrustChoice, Unresolved
from wizard.text import printable

_NO_DIRECTORY = ("missing", "empty", "not-a-directory", "no-certificate")


@dataclass(frozen=True, slots=True)
class Want:
    """What the plan is to do for one route.

    Args:
        route: with the settings that a misspelt or misplaced directive was meant to have.
        label: ``VHOST PATH``.
        settings: directive to new value, only where it differs from what is in force.
        trust: the anchor that the CA file must hold; None: leave the CA file alone.
        keep: the CA file in force holds it already.
        remove: directives that must not stay.
        broken: directives of these that keep httpd from starting wherever they stand.
        host: new host of the backend's URL.
        slash: the URL lacks its final slash.
        scheme: new scheme of the backend's URL.
        ca_file_missing: the CA file that the policy names is not there.
        marker: the comment that a temporary exception carries.
        renewed: exceptions in force whose comments are to carry a new last day.
        resolved: the findings that this resolves.
        unresolved: what it leaves.
        notes: consequences, each one sentence.
    """

    route: Route
    label: str
    settings: Mapping[str, str] = field(default_factory=dict)
    trust: TrustChoice | None = None
    keep: bool = False
    remove: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    host: str | None = None
    slash: bool = False
    scheme: str | None = None
    ca_file_missing: bool = False
    marker: str | None = None
    renewed: tuple[TemporaryException, ...] = ()
    resolved: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changes_policy(self) -> bool:
        """Whether any setting or the CA file changes."""
        return bool(self.settings or self.remove) or (self.trust is not None and not self.keep)


def label(route: Route) -> str:
    """``VHOST PATH``: how reports name a route."""
    return f"{route.vhost.server_name or 'main server'} {route.path}"


def decide(
    diagnosis: Diagnosis,
    route: Route,
    trust: RouteTrust,
    choice: FixChoice,
    *,
    pending: Mapping[str, str],
    left: str = "",
) -> Want | None:
    """What a route needs.

    Args:
        diagnosis: of the route.
        route: the same route, with what misspelt or misplaced directives were meant to set.
        trust: what can be trusted for it.
        choice: the operator's.
        pending: directives that were taken out of a place where httpd refuses them, and must be
            written again where they count.
        left: why the TLS settings of this route are to be left as they are; empty: repair them.

    Returns:
        None when nothing critical or weak was found.
    """
    findings = tuple(f for f in diagnosis.findings if f.severity != "info")
    if not findings:
        return None
    asked = frozenset(f.slug for f in findings) & frozenset(choice.leave)
    decision = _Decision(diagnosis, route, trust, findings, asked, settings=dict(pending))
    decision.structure()
    if left or asked:
        decision.reason = left or _asked_for(asked)
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
    settings: dict[str, str]
    resolved: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    reason: str = ""
    anchor: TrustChoice | None = None
    remove: frozenset[str] = frozenset()
    host: str | None = None
    slash: bool = False
    scheme: str | None = None
    marker: str | None = None
    renewed: tuple[TemporaryException, ...] = ()
    excused: frozenset[str] = frozenset()

    @property
    def slugs(self) -> set[str]:
        return {f.slug for f in self.findings}

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
        if "alpn-missing" in self.slugs - self.asked and self.route.backend.scheme == "h2":
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
        """Strict verification, if the backend can pass it; else nothing."""
        if not self.route.backend.uses_tls or not self.slugs & (TRUST_SLUGS | NAME_SLUGS):
            return
        if self.trust.choice is None:
            self.reason = self.trust.error
            self.notes += self.trust.notes
            return
        stopping = [f for f in self.findings if f.slug in STOPPING and f.severity == "critical"]
        if self.trust.openssl:
            self.reason = (
                f"even with the right CA, verification fails: {self.trust.openssl_text} "
                f"(error {self.trust.openssl})"
            )
            return
        if stopping:
            self.reason = f"strict verification would still fail: {stopping[0].title}"
            return
        if not self._names():
            return
        self.settings.update(practice.strict(self.route.tls, len(self.trust.chain) - 1))
        self.anchor = self.trust.choice
        if self.route.tls.ca_certificate_path.value and self.material.ca_path.state != "ok":
            self.remove = frozenset({practice.CA_PATH})
        self.notes += self.trust.notes
        self.resolved |= self.slugs & (TRUST_SLUGS | NAME_SLUGS)
        if practice.PRESERVE_HOST not in self.settings:  # it works, but not for every name
            self.resolved.discard("preserve-host-changes-name")

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
            self.reason = self._uncovered(leaf)
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
        public = {n.lower() for n in (self.route.vhost.server_name, *self.route.vhost.aliases) if n}
        own = [n for n in self.trust.names if n.lower() not in public]
        fitting = own or list(self.trust.names)
        if len(fitting) > 1:
            self.notes.append(
                f"{label(self.route)}: several names of the certificate lead to "
                f"{self.route.backend.host}: {', '.join(fitting)}; {fitting[0]} was chosen."
            )
        return fitting[0].lower()

    def _uncovered(self, leaf: Certificate) -> str:
        own = list(dict.fromkeys((*leaf.dns_names, *leaf.common_names)))
        covered = ", ".join(own[:5]) or "no name"
        reason = (
            f"the backend's certificate covers {printable(covered, 300)}, but httpd compares "
            f"{printable(self.route.backend.check_name, 200)}"
        )
        if self.trust.names:
            listed = ", ".join(self.trust.names[:3])
            reason += (
                f" ({listed} leads to the same address: if that site is meant, use it in the URL)"
            )
        elif names.is_address(self.route.backend.host) and not self.route.preserve_host.value:
            reason += "; let such a name lead there (DNS or /etc/hosts), and use it in the URL"
        return reason

    def temporary(self, until: date) -> None:
        """Disables the checks that fail, for a while; only for a route that fails now.

        A route that has an exception already gets a new last day for it.
        """
        policy = self.route.tls
        if self.route.exceptions and self.diagnosis.verdict.outcome == "ok":
            self.renewed = tuple(e for e in self.route.exceptions if e.until != until)
            if self.renewed:
                self.resolved |= self.slugs & (TRUST_SLUGS | NAME_SLUGS)
                self._warn_of(until)
            else:
                self.excused = TRUST_SLUGS | NAME_SLUGS
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
        needed = practice.exception(
            policy,
            untrusted=untrusted,
            wrong_name=policy.checks_name and not names.covers(leaf, self.route.backend.check_name),
            expired=not leaf.not_before <= now <= leaf.not_after,
        )
        shallow = self.trust.keep and policy.verify_depth.value < len(self.trust.chain) - 1
        if shallow and not untrusted:
            needed[practice.DEPTH] = str(len(self.trust.chain) - 1)
        if not needed:
            self.reason = "no check of httpd's is what fails here: disabling one would not help"
            return
        self.settings.update(needed)
        self.remove = self._broken()
        self.resolved |= self.slugs & (TRUST_SLUGS | NAME_SLUGS | (STOPPING - CRL_SLUGS))
        settings = [f"{name} {text}" for name, text in needed.items()]
        self.marker = exceptions.comment(until, self.findings[0].slug, settings)
        self._warn_of(until)

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
            marker=self.marker,
            renewed=self.renewed,
            resolved=tuple(f for f in self.findings if f.slug in self.resolved),
            unresolved=tuple(
                self._left(f)
                for f in self.findings
                if f.slug not in self.resolved and f.slug not in self.excused
            ),
            notes=tuple(self.notes),
        )

    def _left(self, finding: Finding) -> Unresolved:
        if finding.slug in self.asked:
            return self._handed_over(finding)
        case = self.diagnosis.case
        shown = case.probe.tls.chain if case.probe and case.probe.tls else ()
        authority = next((c.subject for c in shown[1:] if c.is_ca), "the authority")
        commands = reissue.commands(finding.slug, self.route, self.leaf, authority)
        reason = reissue.reason(finding.slug)
        if reason is None and self.reason and finding.slug in TRUST_SLUGS | NAME_SLUGS:
            reason = self.reason
        if reason is None:
            remedies = [r for r in finding.remedies if r.where != "config"] or finding.remedies
            reason = remedies[0].text if remedies else "the configuration cannot repair this"
            commands = _commands(remedies)
        elif self.reason and finding.slug in NAME_SLUGS and finding.slug in reissue.LEAF:
            reason = f"{self.reason}: {reason}"
        open_question = self.leaf is not None and reason == self.trust.error
        return Unresolved(label(self.route), finding, reason, commands, open_question)

    def _handed_over(self, finding: Finding) -> Unresolved:
        """A finding that the operator leaves to the backend's side, with what is to be done there.

        What a new certificate repairs is asked for with every name that httpd may compare.
        """
        if finding.slug in reissue.ALSO:
            told = reissue.ALSO[finding.slug]
            commands = reissue.leaf_commands(reissue.needed_names(self.route, self.leaf))
        else:
            remedies = [r for r in finding.remedies if r.where != "config"]
            told = " ".join(r.text for r in remedies) or "The backend's owner has to repair it."
            commands = _commands(remedies)
        reason = f"left to the backend's side, as asked for: {told}"
        return Unresolved(label(self.route), finding, reason, commands)


def _commands(remedies: Iterable[Remedy]) -> tuple[str, ...]:
    return tuple(line for r in remedies if r.command for line in r.command.split("\n"))


def _asked_for(slugs: frozenset[str]) -> str:
    return (
        f"{', '.join(sorted(slugs))} is left to the backend's side, and the TLS settings of this "
        "route with it: plan again when that is done"
    )


def leaf_of(case: Case) -> Certificate | None:
    """The certificate that the backend of a case showed."""
    tls = case.probe.tls if case.probe else None
    return tls.leaf if tls and tls.leaf and not tls.leaf.error else None
