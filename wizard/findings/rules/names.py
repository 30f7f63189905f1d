"""The names that the certificate covers, and why they are not the one that httpd compares."""

from __future__ import annotations

from wizard.findings import evidence, reissue, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.findings.rules.chain import reissued
from wizard.findings.rules.requested_name import NAME_CHECK_OFF, hidden_by_host, resolved
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy, Severity
from wizard.model.host_names import is_address
from wizard.x509 import peer_names

_HAVE_REISSUED = Alternative(
    "Have the backend's certificate reissued with the name that httpd checks",
    "Every client of the backend gains, and the proxy's configuration stays as it is.",
    "Needs the backend's owner and the CA, and time.",
)


class _NameRule(Rule):
    family = "names and dates"
    best_practice = "production"
    scope = "leaf"

    @staticmethod
    def _severity(facts: Facts) -> Severity:
        return "critical" if facts.name_is_checked else "warning"

    @staticmethod
    def _shown(facts: Facts) -> list[str]:
        return [*evidence.policy(facts, "check_peer_name"), *evidence.leaf(facts)]

    @staticmethod
    def _proof(facts: Facts, *others: str) -> list[str]:
        return [*evidence.names_in_short(facts), evidence.route(facts.route), *others]


class WildcardTooDeep(_NameRule):
    """*.example.com does not stand for a.b.example.com."""

    slug = "wildcard-too-deep"
    order = 30
    title = "The certificate's wildcard stands for one label only"
    signs = Signs(stages={"name": 20}, log_codes="AH02411/5")
    repair = Repairability(
        actor="backend",
        traits=("name",),
        reissue="certificate",
        reason="a wildcard stands for one label only: the backend's certificate must be "
        "reissued with this name",
    )
    alternatives = (
        _HAVE_REISSUED,
        NAME_CHECK_OFF,
    )

    def _check(self, facts: Facts) -> Finding | None:
        wild = _too_shallow(facts)
        if wild is None:
            return None
        return self.found(
            facts,
            f"{wild} covers one label in place of the star; {facts.backend.check_name} has more.",
            self._shown(facts),
            reissued(
                self.repair.reissue,
                facts,
                "Have the certificate reissued with the full name, or give the backend a name that "
                "the wildcard covers.",
            ),
            self._severity(facts),
            at=facts.route.source,
            proof=self._proof(facts),
            why=_if_checked(facts),
        )


def _if_checked(facts: Facts) -> str:
    """What becomes of a wrong name."""
    if facts.name_is_checked:
        return "httpd compares the names and refuses the backend."
    return "The name check is off; with it on httpd would refuse the backend."


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
    order = 20
    title = "The backend shows another site's certificate"
    signs = Signs(
        stages={"name": 40}, verify_errors="62/3", log_codes="AH02005/4 AH02044 AH02411/4 AH02645"
    )
    repair = Repairability(
        actor="backend",
        traits=("name",),
        reissue="certificate",
        reason="the backend shows another site's certificate: it must serve one for this name",
    )
    alternatives = (
        _HAVE_REISSUED,
        NAME_CHECK_OFF,
    )

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
                    f"Serve {evidence.clipped(wanted)} from the site with its certificate (nginx: "
                    "server_name; httpd: ServerName, ServerAlias), then look again:",
                    shell.s_client(facts, "-showcerts"),
                ),
                *reissued(
                    self.repair.reissue,
                    facts,
                    "If no site has one for this name yet, have one issued.",
                ),
            ],
            self._severity(facts),
            at=facts.route.source,
            proof=self._proof(
                facts, f"without SNI it shows another one: {evidence.covered_in_short(other)}"
            ),
            why="The backend chooses a certificate by the name that is asked for, and the site of "
            "this name has the wrong one.",
        )


def _other_site(facts: Facts) -> Certificate | None:
    """The different certificate that the backend shows without SNI, when the name is wrong."""
    leaf, other = facts.leaf, facts.tls.without_sni if facts.tls else None
    if leaf is None or other is None or facts.name_fits or other.sha256 == leaf.sha256:
        return None
    return None if facts.route.preserve_host.value and hidden_by_host(facts) else other


def dotless(name: str, leaf: Certificate) -> str | None:
    """A name without the dot at its end, if a certificate covers that alone."""
    bare = name.removesuffix(".")
    return bare if bare != name and peer_names.covers(leaf, bare) else None


class NameMismatch(_NameRule):
    """AH02411 or AH02005."""

    slug = "name-mismatch"
    order = 10
    title = "The backend's certificate is for another name"
    signs = Signs(stages={"name": 50}, verify_errors="62 63 64/2 87", log_codes="AH02005 AH02411")
    repair = Repairability(
        traits=("name",),
        reissue="certificate",
        reason="the backend's certificate does not cover the name and must be reissued",
    )
    alternatives = (
        Alternative(
            "Write a name that the certificate covers into ProxyPass",
            "Can be done here, if such a name resolves to this backend.",
            "The Host header changes with it, unless ProxyPreserveHost is on.",
            take="plan",
        ),
        _HAVE_REISSUED,
        NAME_CHECK_OFF,
    )

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
        hint, why = "", _if_checked(facts)
        if setting.value and facts.name_is_checked:
            why = "With ProxyPreserveHost on, httpd compares the Host header of the client."
        if facts.backend.check_name.endswith("."):
            why = "The name in the URL ends in a dot, and httpd compares the dot too."
            hint = " The name in the URL ends in a dot, which httpd compares too: take it away."
        return self.found(
            facts,
            f"httpd wants a certificate for {facts.backend.check_name}; this one covers "
            f"{evidence.covered(leaf)}. {effect}{hint}",
            [evidence.route(facts.route), *preserve, *self._shown(facts)],
            self._remedies(facts, leaf),
            self._severity(facts),
            at=(setting.source if setting.value else None) or facts.route.source,
            proof=self._proof(facts, *preserve),
            why=why,
        )

    @staticmethod
    def _better_explained(facts: Facts) -> bool:
        """Whether a narrower rule says the same."""
        backend = facts.backend
        if is_address(backend.host) and backend.check_name == backend.host:
            return True
        if facts.route.preserve_host.value and hidden_by_host(facts):
            return True
        return _too_shallow(facts) is not None or _other_site(facts) is not None

    def _remedies(self, facts: Facts, leaf: Certificate) -> list[Remedy]:
        if dotless(facts.backend.check_name, leaf):
            text = "Take the final dot away, in ProxyPass and ProxyPassReverse."
            return [Remedy("config", text)]
        usable = reissue.usable_names(leaf)
        name = evidence.clipped(facts.backend.check_name)
        remedies = reissued(
            self.repair.reissue,
            facts,
            f"Have the backend's certificate reissued with {name} in it.",
        )
        if usable and not facts.route.preserve_host.value:
            other = evidence.clipped(usable[0])
            text = f"Or, if {other} is the same server, use that name in the URL:"
            remedies.append(Remedy("config", text, shell.fix(facts)))
            remedies.append(resolved(facts, usable[0], "If it is the same server, "))
        if facts.route.preserve_host.value:
            remedies.append(
                Remedy(
                    "config",
                    "httpd compares the client's Host here because ProxyPreserveHost is on. Off, "
                    f"it would compare {facts.backend.host}:",
                    "ProxyPreserveHost Off",
                )
            )
        return remedies
