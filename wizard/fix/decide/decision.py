"""What one route needs, while that is being decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from wizard.findings.facts import Facts
from wizard.findings.rules.port_protocol import cleartext_scheme
from wizard.findings.rules.routing import stays_here
from wizard.findings.table import LIST_SLUGS, NAME_SLUGS, STRUCTURE_SLUGS, TRUST_SLUGS
from wizard.fix.decide import best_practice, handover
from wizard.fix.decide.route_repair import SHADOWED, RouteRepair, leaf_of
from wizard.fix.decide.temporary_exceptions import NewException
from wizard.model.certificate import Certificate, TrustMaterial
from wizard.model.config import Route, TemporaryException
from wizard.model.diagnosis import Diagnosis, Finding
from wizard.model.plan import Addition, Condition, Offer, RouteTrust, TrustChoice, Unresolved
from wizard.model.remark import Point, Remark, remark
from wizard.reference import tls_settings
from wizard.reference.schemes import OTHER_VERSION, WITH_TLS

_SPEAKS_TLS = "backend-speaks-tls"
_OTHER_VERSION = "http-version-mismatch"
_SPEAKS_PLAIN = "backend-speaks-plain-http"
_NO_DIRECTORY = ("missing", "empty", "not-a-directory", "no-certificate")


@dataclass(slots=True)
class RouteDecision:
    """The decision for one route while it is being made.

    Args:
        diagnosis: of the route.
        route: the same route, with what misspelt or misplaced directives were meant to set.
        trust: what may be trusted for it.
        findings: critical or weak.
        handed_over: slugs of those that the operator leaves to the backend's side.
        unsent: intermediates that the backend does not send.
        settings: directive to new value.
        addition: what the lists of versions and ciphers lack, if they were too narrow.
        may_ask: the plan may rest on offers.
        in_full: the strict set is written out, and no leftover stays.
        alone: the CA that signed is the only one to be trusted.
        unchanged: of ``settings``, those that are in force already.
        kept: why the TLS settings stay as they are; None: they are repaired.
        resolved: slugs of what is repaired.
        notes: consequences.
        reason: why it stops at trust or names; None: it does not.
        anchor: what the CA file must hold.
        condition: what has to be so before it works.
        offers: what the operator has to accept for it.
        excused: slugs that are neither repaired nor left: an exception covers them, or no TLS is
            spoken any more.
        exceptions_stay: what the exceptions in force excuse cannot be repaired yet.
    """

    diagnosis: Diagnosis
    route: Route
    trust: RouteTrust
    findings: tuple[Finding, ...]
    handed_over: frozenset[str]
    unsent: tuple[Certificate, ...]
    settings: dict[str, str]
    addition: Addition | None = None
    may_ask: bool = True
    in_full: bool = False
    alone: bool = False
    unchanged: frozenset[str] = frozenset()
    kept: Remark | None = None
    resolved: set[str] = field(default_factory=set)
    notes: list[Remark] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    reason: Remark | None = None
    anchor: TrustChoice | None = None
    remove: frozenset[str] = frozenset()
    host: str | None = None
    condition: Condition | None = None
    slash: bool = False
    scheme: str | None = None
    new_exception: NewException | None = None
    renewed: tuple[TemporaryException, ...] = ()
    excused: frozenset[str] = frozenset()
    exceptions_stay: bool = False

    @property
    def slugs(self) -> set[str]:
        """What is to be repaired here."""
        return {f.slug for f in self.findings} - self.handed_over

    @property
    def leaf(self) -> Certificate | None:
        """The backend's certificate, if it was seen."""
        return leaf_of(self.diagnosis.case)

    @property
    def material(self) -> TrustMaterial:
        """What the files hold that the policy names."""
        return self.diagnosis.case.trust

    def broken(self) -> frozenset[str]:
        """Trust directives that httpd refuses with what they name."""
        policy, found = self.route.tls, set()
        if policy.ca_certificate_file.value and self.material.ca_file.state not in ("ok", "unset"):
            found.add(best_practice.CA_FILE)
        if policy.ca_certificate_path.value and self.material.ca_path.state in _NO_DIRECTORY:
            found.add(best_practice.CA_PATH)
        return frozenset(found)

    def structure(self) -> None:
        """Repairs what is wrong regardless of the backend."""
        self.resolved |= self.slugs & STRUCTURE_SLUGS
        if self.settings.get("SSLProxyEngine") == "on":  # it stood where httpd refuses it
            self.resolved.add("engine-off")
        if "missing-trailing-slash" in self.slugs:
            self.slash = True
            self.resolved.add("missing-trailing-slash")
        if "alpn-missing" in self.slugs and self.route.backend.scheme == "h2":
            self.scheme = "https"
            self.resolved.add("alpn-missing")
            self.notes.append(remark(Point.NO_HTTP2, route=self.route.id.label))

    def reorder(self) -> None:
        """Has the line moved before the one that takes its requests."""
        if self.route.shadowed_by is not None:
            self.resolved |= self.slugs & {SHADOWED}

    def speak_tls(self) -> None:
        """Writes the scheme for TLS where the backend's port speaks TLS and the URL does not."""
        scheme = WITH_TLS.get(self.diagnosis.case.route.backend.scheme)
        if _SPEAKS_TLS not in self.slugs or scheme is None:
            return
        self.scheme = self.scheme or scheme
        self.resolved.add(_SPEAKS_TLS)
        if not self.route.tls.engine.value:
            self.settings["SSLProxyEngine"] = "on"

    def speak_version(self) -> None:
        """Writes the scheme of the version of HTTP that the port speaks; TLS is not concerned."""
        scheme = OTHER_VERSION.get(self.route.backend.scheme)
        if _OTHER_VERSION in self.slugs and scheme is not None:
            self.scheme = self.scheme or scheme
            self.resolved.add(_OTHER_VERSION)

    def speak_without_tls(self) -> None:
        """Writes the scheme for what a port of this machine speaks without TLS.

        To another machine all would be readable on its way: that is the operator's to choose; and
        so it is where the settings in force demand a proof of who the backend is.
        """
        facts = Facts(self.diagnosis.case, self.diagnosis.verdict)
        probe, scheme = facts.probe, cleartext_scheme(facts)
        answers = probe is not None and bool(probe.speaks_http or probe.speaks_h2c)
        if _SPEAKS_PLAIN not in self.slugs or not answers or facts.verifies:
            return
        if scheme is not None and stays_here(facts):
            self.scheme = self.scheme or scheme
            self.resolved |= self.slugs & {_SPEAKS_PLAIN, "engine-off"}
            self.excused |= TRUST_SLUGS | NAME_SLUGS  # no certificate is asked for any more

    def settle_url(self) -> None:
        """Takes the scheme for TLS back where the certificate was seen and cannot be verified.

        A temporary exception may stand in for what verification lacks.
        """
        decided = self.reason is None or self.handed_over or self.new_exception is not None
        if _SPEAKS_TLS in self.resolved and self.leaf is not None and not decided:
            self.scheme = None
            self.settings.pop("SSLProxyEngine", None)
            self.resolved.discard(_SPEAKS_TLS)

    def handshake(self) -> None:
        """Repairs what makes the handshake fail before the backend's certificate is seen."""
        if (
            "engine-off" in self.slugs - self.resolved and self.leaf is None
        ):  # it hides what the handshake lacks
            self.settings["SSLProxyEngine"] = "on"
            self.resolved.add("engine-off")
        if "preserve-host-changes-name" in self.slugs and self.leaf is None:
            self.settings |= self.own_host()
            self.resolved.add("preserve-host-changes-name")
        self._name_list()
        if self.slugs & LIST_SLUGS and self.addition is not None:
            widened = best_practice.widened(self.route.tls, self.addition)
            self.settings |= widened
            self.resolved |= self.slugs & LIST_SLUGS if widened else set()
            self.notes += self._added(self.addition)

    def own_host(self) -> dict[str, str]:
        """What has httpd compare the URL's name; says what the backend gets as Host then."""
        host = self.host or self.route.backend.host
        self.notes.append(remark(Point.HOST_CHANGES, route=self.route.id.label, host=host))
        return {best_practice.PRESERVE_HOST: "Off"}

    def _name_list(self) -> None:
        """Names the one list that the chain needs, where OpenSSL does not find it by its hash."""
        if "crl-path-not-hashed" not in self.slugs or self.route.tls.ca_revocation_file.value:
            return
        tls = self.diagnosis.case.probe.tls if self.diagnosis.case.probe is not None else None
        issuers = {c.issuer for c in tls.chain} if tls is not None else set()
        lists = {file for file, who in self.material.crl_path.unhashed_lists if who in issuers}
        if len(lists) == 1:
            self.settings[best_practice.CRL_FILE] = lists.pop()
            self.resolved.add("crl-path-not-hashed")

    def _added(self, addition: Addition) -> Iterator[Remark]:
        """What the lists allow in addition, by name."""
        label = self.route.id.label
        if addition.without_dhe:
            yield remark(Point.DHE_EXCLUDED, route=label)
        if addition.protocol:
            yield remark(Point.PROTOCOL_ADDED, route=label, version=addition.protocol)
        for directive, cipher in (
            (best_practice.CIPHERS, addition.cipher),
            (best_practice.CIPHERS_13, addition.cipher_tls13),
        ):
            if cipher:
                yield remark(
                    Point.CIPHER_ADDED,
                    route=label,
                    cipher=cipher,
                    directive=directive,
                    secret="yes" if tls_settings.forward_secret(cipher) else "no",
                    aead="yes" if tls_settings.authenticated(cipher) else "no",
                )

    def repair(self) -> RouteRepair:
        """The repair as decided so far."""
        return RouteRepair(
            route=self.route,
            settings=self.settings,
            trust=self.anchor,
            keep=self.trust.keep,
            in_full=self.in_full and best_practice.WRITTEN_OUT.keys() <= self.settings.keys(),
            unchanged=self.unchanged,
            alone=self.alone,
            remove=self.remove,
            broken=self.broken(),
            host=self.host,
            condition=self.condition,
            slash=self.slash,
            scheme=self.scheme,
            new_exception=self.new_exception,
            renewed=self.renewed,
            exceptions_stay=self.exceptions_stay,
            resolved=tuple(f for f in self.findings if f.slug in self.resolved),
            unresolved=tuple(
                self._left(f)
                for f in self.findings
                if f.slug not in self.resolved and f.slug not in self.excused - self.handed_over
            ),
            notes=tuple(self.notes),
            offers=tuple(self.offers),
        )

    def _left(self, finding: Finding) -> Unresolved:
        if finding.slug in self.handed_over:
            return handover.handed_over(finding, self.route, self.leaf, self.unsent)
        case = self.diagnosis.case
        told = handover.explained(finding, case, self.route, self.leaf, self.reason)
        if finding.slug in LIST_SLUGS and self.kept is not None:
            told = replace(told, reason=self.kept)
        elif finding.slug == SHADOWED and self.kept is not None:
            told = replace(told, reason=remark(Point.ORDER_IS_YOURS, why=self.kept))
        elif finding.slug == _SPEAKS_TLS:
            why, commands = (self.reason, ()) if self.reason else (told.reason, told.commands)
            told = replace(told, reason=remark(Point.URL_IS_YOURS, why=why), commands=commands)
        elif finding.slug in LIST_SLUGS and self.addition == Addition() and self._lists_are_written:
            told = replace(told, reason=remark(Point.NO_ADDITION, what=told.reason))
        open_question = self.leaf is not None and told.reason == self.trust.error
        condition = self.trust.condition if open_question else None
        return replace(told, needs_choice=open_question, condition=condition)

    @property
    def _lists_are_written(self) -> bool:
        policy = self.route.tls
        lists = (policy.protocol, policy.cipher_suite, policy.cipher_suite_tls13)
        return not all(setting.is_default for setting in lists)
