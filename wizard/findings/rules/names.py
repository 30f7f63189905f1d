"""The name that httpd compares, the names that the certificate covers, and why they differ."""

from __future__ import annotations

from wizard.findings import commands, evidence, reissue
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.findings.rules.chain import reissued
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy, Severity
from wizard.x509 import peer_names


class _NameRule(Rule):
    scope = "leaf"

    @staticmethod
    def _severity(facts: Facts) -> Severity:
        return "critical" if facts.name_is_checked else "warning"

    @staticmethod
    def _shown(facts: Facts) -> list[str]:
        return [*evidence.policy(facts, "check_peer_name"), *evidence.leaf(facts)]


class IpAddressBackend(Rule):
    """An address in the URL: no SNI, and IP SANs do not count."""

    slug = "ip-address-backend"
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        backend = facts.backend
        if backend.check_name != backend.host or not peer_names.is_address(backend.host):
            return None
        leaf = facts.leaf
        if leaf is not None and facts.name_fits and facts.name_is_checked:
            text = "It works because the certificate's common name is the address itself. "
            severity: Severity | None = "info"
        else:
            text = ""
            critical = leaf is not None and facts.name_is_checked and not facts.name_fits
            severity = "critical" if critical else "warning"
        usable = reissue.usable_names(leaf) if leaf else ()
        url = f"{backend.scheme}://{usable[0] if usable else 'NAME'}:{backend.port}"
        listed = (
            [
                f"IP addresses in subjectAltName: {', '.join(leaf.ip_addresses[:8])} "
                "(httpd ignores them)"
            ]
            if leaf and leaf.ip_addresses
            else []
        )
        return self.found(
            facts,
            f"{text}For an address httpd sends no SNI, so a backend with several sites shows its "
            "default certificate; and it compares the address with DNS names and the common name "
            "only, never with IP addresses of subjectAltName.",
            [evidence.route(facts.route), *evidence.leaf(facts), *listed],
            [
                Remedy(
                    "config",
                    "Use a name that the certificate covers, in ProxyPass and ProxyPassReverse. "
                    f"The URL begins {url}; the name must resolve on this machine.",
                ),
                Remedy(
                    "network",
                    "If there is no DNS for it, a line in /etc/hosts will do.",
                    f"echo '{backend.host} {usable[0]}' >> /etc/hosts" if usable else None,
                ),
            ],
            severity,
        )


class PreserveHostChangesName(Rule):
    """ProxyPreserveHost On: SNI and name check follow the client's Host."""

    slug = "preserve-host-changes-name"
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        route, backend = facts.route, facts.backend
        if not route.preserve_host.value or not facts.policy.engine.value:
            return None
        line = evidence.directive("ProxyPreserveHost", route.preserve_host)
        renamed = backend.check_name.lower() != backend.host.lower()
        refused_sni = renamed and facts.tls is not None and facts.tls.alert == 112
        if refused_sni or (renamed and not facts.name_fits and _hidden_by_host(facts)):
            return self.found(
                facts,
                f"The URL says {backend.host}, but with ProxyPreserveHost On httpd sends the "
                f"client's Host {backend.check_name} as SNI and wants a certificate for it. "
                + (
                    "The backend refuses that SNI (alert 112)."
                    if refused_sni
                    else "The backend's certificate does not cover it."
                ),
                [line, evidence.route(route), *evidence.leaf(facts)],
                self._remedies(facts),
                "critical" if refused_sni or facts.name_is_checked else "warning",
            )
        leaf = facts.leaf
        if leaf is None or not facts.name_is_checked or not facts.name_fits:
            return None
        uncovered = [n for n in _public_names(facts) if not peer_names.covers(leaf, n)]
        if not uncovered:
            return None
        return self.found(
            facts,
            f"Requests for {backend.check_name} work. Those for {', '.join(uncovered[:5])} fail "
            "with 500: httpd checks the certificate for whatever Host the client sends.",
            [line, *evidence.leaf(facts)],
            self._remedies(facts),
            "warning",
        )

    @staticmethod
    def _remedies(facts: Facts) -> list[Remedy]:
        name = (
            "Write a name that the certificate covers in place of the address, and let httpd send "
            "it. The backend"
            if peer_names.is_address(facts.backend.host)
            else "Send the backend's own name. It"
        )
        return [
            Remedy(
                "config",
                f"{name} finds the client's Host in X-Forwarded-Host; ProxyPassReverse mends its "
                "redirects.",
                "ProxyPreserveHost Off",
            ),
            *reissued(
                "name-mismatch",
                facts,
                "If the application needs the client's Host: have the backend's certificate "
                "reissued with every public name too.",
            ),
        ]


def _hidden_by_host(facts: Facts) -> bool:
    """Whether the certificate would do with another name: the backend's own (which an address
    in the URL does not tell), or another one of the virtual host."""
    leaf, host = facts.leaf, facts.backend.host
    if leaf is None:
        return False
    known = (host, *_public_names(facts))
    return peer_names.is_address(host) or any(peer_names.covers(leaf, name) for name in known)


def _public_names(facts: Facts) -> list[str]:
    """The virtual host's names, without wildcards."""
    vhost = facts.route.vhost
    bare = (reissue.bare(name) for name in (vhost.server_name or "", *vhost.aliases))
    return [name for name in bare if peer_names.is_host_name(name)]


class WildcardTooDeep(_NameRule):
    """*.example.com does not stand for a.b.example.com."""

    slug = "wildcard-too-deep"

    def _check(self, facts: Facts) -> Finding | None:
        wild = _too_shallow(facts)
        if wild is None:
            return None
        return self.found(
            facts,
            f"{wild} covers one label in place of the star; {facts.backend.check_name} has more.",
            self._shown(facts),
            reissued(
                self.slug,
                facts,
                "Have the certificate reissued with the full name, or give "
                "the backend a name that the wildcard covers.",
            ),
            self._severity(facts),
        )


def _too_shallow(facts: Facts) -> str | None:
    """The wildcard that ends as the wanted name does, but does not stand for it."""
    leaf, wanted = facts.leaf, facts.backend.check_name.lower()
    if leaf is None or facts.name_fits:
        return None
    wild = (n for n in (*leaf.dns_names, *leaf.common_names) if n.startswith("*."))
    return next((n for n in wild if wanted.endswith(n[1:].lower())), None)


class WrongVirtualHostCertificate(_NameRule):
    """The backend has several certificates and shows the wrong one."""

    slug = "wrong-virtual-host-certificate"

    def _check(self, facts: Facts) -> Finding | None:
        leaf, other, tls = facts.leaf, _other_site(facts), facts.tls
        if leaf is None or other is None or tls is None:
            return None
        wanted = facts.backend.check_name
        known = peer_names.covers(other, wanted)
        text = (
            f"Asked for {tls.sni} it shows a certificate for {evidence.covered(leaf)}. "
            "Asked without SNI it shows a different one"
            + (f", which would cover {wanted}" if known else "")
            + ": it chooses by name, and the site of this name has the wrong certificate."
        )
        return self.found(
            facts,
            text,
            [*self._shown(facts), *evidence.certificate(other, "certificate without SNI")],
            [
                Remedy(
                    "backend",
                    f"Give the site that answers for {wanted} its own certificate, or add the "
                    "name to the right site (nginx: server_name; httpd: ServerName, ServerAlias).",
                    commands.s_client(facts, "-showcerts"),
                ),
                *reissued(self.slug, facts, "If it has none yet, have one issued."),
            ],
            self._severity(facts),
        )


def _other_site(facts: Facts) -> Certificate | None:
    """The different certificate that the backend shows without SNI, when the name is wrong."""
    leaf, other = facts.leaf, facts.tls.without_sni if facts.tls else None
    if leaf is None or other is None or facts.name_fits or other.sha256 == leaf.sha256:
        return None
    return None if facts.route.preserve_host.value and _hidden_by_host(facts) else other


class NameMismatch(_NameRule):
    """AH02411 or AH02005."""

    slug = "name-mismatch"

    def _check(self, facts: Facts) -> Finding | None:
        leaf = facts.leaf
        if leaf is None or facts.name_fits:
            return None
        if self._better_explained(facts):
            return None
        cn_only = facts.policy.checks_cn_only
        code = "AH02005: only the common name counts here" if cn_only else "AH02411"
        effect = (
            f"httpd refuses it ({code})."
            if facts.name_is_checked
            else "The name check is off; with it on httpd would refuse the backend."
        )
        setting = facts.route.preserve_host
        preserve = [evidence.directive("ProxyPreserveHost", setting)] if setting.value else []
        hint = ""
        if facts.backend.check_name.endswith("."):
            hint = " The name in the URL ends in a dot, which httpd compares too: take it away."
        return self.found(
            facts,
            f"httpd wants a certificate for {facts.backend.check_name}; this one covers "
            f"{evidence.covered(leaf)}. {effect}{hint}",
            [evidence.route(facts.route), *preserve, *self._shown(facts)],
            self._remedies(facts, leaf),
            self._severity(facts),
        )

    @staticmethod
    def _better_explained(facts: Facts) -> bool:
        """Whether a narrower rule says the same."""
        backend = facts.backend
        if peer_names.is_address(backend.host) and backend.check_name == backend.host:
            return True
        if facts.route.preserve_host.value and _hidden_by_host(facts):
            return True
        return _too_shallow(facts) is not None or _other_site(facts) is not None

    def _remedies(self, facts: Facts, leaf: Certificate) -> list[Remedy]:
        usable = reissue.usable_names(leaf)
        remedies = reissued(
            self.slug, facts, "Have the backend's certificate reissued with the name in it."
        )
        if usable and not facts.route.preserve_host.value:
            remedies.append(
                Remedy(
                    "config",
                    f"Or, if {usable[0]} is the same server and resolves on this machine, use "
                    "that name in ProxyPass and ProxyPassReverse.",
                )
            )
        if facts.route.preserve_host.value:
            remedies.append(
                Remedy(
                    "config",
                    "httpd compares the client's Host here because ProxyPreserveHost is on. Off, "
                    f"it would compare {facts.backend.host}.",
                    "ProxyPreserveHost Off",
                )
            )
        return remedies
