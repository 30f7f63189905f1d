"""The name that httpd asks the backend for: an address is none, the client's may be another."""

from __future__ import annotations

from wizard.findings import evidence, reissue, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.findings.rules.chain import reissued
from wizard.model.diagnosis import Finding, Remedy, Severity
from wizard.model.host_names import bare_name, is_address
from wizard.x509 import peer_names

NAME_CHECK_OFF = Alternative(
    "A temporary exception: SSLProxyCheckPeerName off",
    "Works at once.",
    "Any certificate of the trusted CA is accepted: with a public CA, anybody's. "
    "Until a day that you name.",
    take="temporary",
)


_UNRECOGNIZED = 112
"""The alert unrecognized_name (RFC 6066, 3)."""


class IpAddressBackend(Rule):
    """An address in the URL: no SNI, and IP SANs do not count."""

    slug = "ip-address-backend"
    family = "configuration"
    order = 150
    best_practice = "production"
    title = "The backend's URL holds an IP address instead of a name"
    signs = Signs(
        stages={"name": 10}, verify_errors="64", log_codes="AH02005/3 AH02411/3", alerts="109/2"
    )
    repair = Repairability(traits=("name",))
    alternatives = (
        Alternative(
            "Write a name that the certificate covers into ProxyPass",
            "httpd then sends SNI and can compare the name.",
            "The name must resolve on this machine: DNS, or a line in /etc/hosts.",
            take="plan",
        ),
        NAME_CHECK_OFF,
    )
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        backend = facts.backend
        if backend.check_name != backend.host or not is_address(backend.host):
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
                    f"Write {url} in place of the address:"
                    if usable
                    else "Use a name that the backend's certificate covers in the URL:",
                    shell.fix(facts),
                ),
                resolved(facts, usable[0] if usable else ""),
            ],
            severity,
            at=facts.route.source,
            proof=[*evidence.names_in_short(facts), evidence.route(facts.route), *listed],
            why="httpd compares an address only with the certificate's DNS names. For an address "
            "it sends no SNI either.",
        )


class PreserveHostChangesName(Rule):
    """ProxyPreserveHost On: SNI and name check follow the client's Host."""

    slug = "preserve-host-changes-name"
    family = "configuration"
    order = 160
    best_practice = "production"
    title = "ProxyPreserveHost makes httpd check the certificate for the client's Host"
    signs = Signs(
        stages={"tls": 35, "name": 30, "http": 150},
        verify_errors="62/2",
        log_codes="AH01092 AH02005/2 AH02032 AH02411/2 AH10511",
        alerts="40/7 49/3 80/3 112/2",
    )
    repair = Repairability(
        traits=("name",),
        leavable=True,
        or_reissue="the backend's certificate must be reissued with the names that the clients "
        "use; each new public name needs it again.",
    )
    alternatives = (
        Alternative(
            "ProxyPreserveHost Off",
            "httpd asks for the backend's own name, which its certificate has.",
            "An application that builds links from the Host header has to read X-Forwarded-Host.",
            take="plan",
        ),
        Alternative(
            "Have the certificate reissued with every public name too",
            "The application goes on seeing the client's Host.",
            "Needs the backend's owner and the CA; again for each new public name.",
            take="leave",
        ),
        NAME_CHECK_OFF,
    )
    scope = "tls"

    def _check(self, facts: Facts) -> Finding | None:
        route, backend = facts.route, facts.backend
        if not route.preserve_host.value or not facts.policy.engine.value:
            return None
        line = evidence.directive("ProxyPreserveHost", route.preserve_host)
        renamed = backend.check_name.lower() != backend.host.lower()
        refused_sni = renamed and _refuses_sni(facts)
        if refused_sni or (renamed and not facts.name_fits and hidden_by_host(facts)):
            effect = (
                _refusal(facts) if refused_sni else "The backend's certificate does not cover it."
            )
            return self.found(
                facts,
                f"The URL says {backend.host}, but with ProxyPreserveHost On httpd sends the "
                f"client's Host {backend.check_name} as SNI and wants a certificate for it. "
                f"{effect} {_REDIRECTS}",
                [line, evidence.route(route), *evidence.leaf(facts), *_by_url_name(facts)],
                self._remedies(facts),
                "critical" if refused_sni or facts.name_is_checked else "warning",
                at=route.preserve_host.source,
                proof=[line, *evidence.names_in_short(facts), evidence.route(route)],
                why=f"httpd uses the client's Host instead of the name in the URL. {effect}",
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
            f"with 500: httpd checks the certificate for whatever Host the client sends. "
            f"{_REDIRECTS}",
            [line, *evidence.leaf(facts)],
            self._remedies(facts),
            "warning",
            at=route.preserve_host.source,
            proof=[
                line,
                f"certificate names: {evidence.covered_in_short(leaf)}; not: "
                f"{evidence.few(uncovered)}",
            ],
            why="httpd checks the certificate for whatever Host the client sends, so the others "
            "get 500.",
        )

    @staticmethod
    def _remedies(facts: Facts) -> list[Remedy]:
        name = (
            "Write a name that the certificate covers in place of the address, and have httpd send "
            "it:"
            if is_address(facts.backend.host)
            else "Have httpd send the backend's own name:"
        )
        return [
            Remedy("config", name, "ProxyPreserveHost Off"),
            *reissued(
                "certificate",
                facts,
                "If the application needs the client's Host: have the backend's certificate "
                "reissued with every public name too.",
            ),
        ]


_REDIRECTS = (
    "With it off, the backend finds the client's Host in X-Forwarded-Host, and ProxyPassReverse "
    "corrects its redirects."
)


def resolved(facts: Facts, name: str, provided: str = "") -> Remedy:
    """How a name is made to lead to the backend's address.

    Args:
        facts: of the route.
        name: to write into the URL; empty: none is known.
        provided: on what condition, as the beginning of a sentence.
    """
    tcp = facts.probe.tcp if facts.probe is not None else None
    host = facts.backend.host
    address = host if is_address(host) else tcp.address if tcp is not None else None
    known = name and address and is_address(address)
    called = evidence.clipped(name) or "the name"
    text = f"let {called} lead to the backend: by DNS, or by a line in /etc/hosts here"
    text = f"{provided}{text}" if provided else f"L{text[1:]}"
    command = f"echo '{address} {name}' >> /etc/hosts" if known else None
    return Remedy("network", f"{text}{':' if command else '.'}", command, then=True)


def _refuses_sni(facts: Facts) -> bool:
    """Whether the backend ends the handshake because of the name that httpd sends: it says so, or
    it goes on for a client that asks for the name in the URL."""
    tls = facts.tls
    return tls is not None and (tls.alert == _UNRECOGNIZED or tls.by_url_name is not None)


def _refusal(facts: Facts) -> str:
    tls = facts.tls
    if tls is None or tls.alert == _UNRECOGNIZED:
        return f"The backend refuses that SNI (alert {_UNRECOGNIZED})."
    end = f"with {evidence.alert_text(tls.alert)}" if tls.alert else "by hanging up"
    return f"The backend ends the handshake {end}; asked for {facts.backend.host} it goes on."


def _by_url_name(facts: Facts) -> list[str]:
    shown = facts.tls.by_url_name if facts.tls is not None else None
    return evidence.certificate(shown, f"asked for {facts.backend.host}") if shown else []


def hidden_by_host(facts: Facts) -> bool:
    """Whether the certificate covers another name that httpd could ask for: the one in the URL,
    or another one of the virtual host. An address in the URL leaves that open."""
    leaf, host = facts.leaf, facts.backend.host
    if leaf is None:
        return False
    known = (host, *_public_names(facts))
    return is_address(host) or any(peer_names.covers(leaf, name) for name in known)


def _public_names(facts: Facts) -> list[str]:
    """The virtual host's names, without wildcards."""
    vhost = facts.route.vhost
    bare = (bare_name(name) for name in (vhost.server_name or "", *vhost.aliases))
    return [name for name in bare if peer_names.is_host_name(name)]
