"""Which route a request takes, and whether httpd has what it takes to serve it."""

from __future__ import annotations

import difflib
import ipaddress
from dataclasses import replace

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Rule, Signs
from wizard.model.config import Problem
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.host_names import is_address
from wizard.reference.schemes import HANDLERS, missing_modules
from wizard.reference.worker_status import disabled, status_flags

_SHARED_MEMORY = "slotmem_shm_module"
"""Where mod_proxy_balancer keeps the state of its members: httpd does not start without."""


class ModuleMissing(Rule):
    """AH01144."""

    slug = "module-missing"
    family = "configuration"
    order = 20
    title = "A module that this route needs is not loaded"
    signs = Signs(
        stages={"config": 90, "start": 90, "route": 20, "connect": 70},
        log_codes="AH00534 AH00669 AH00961/2 AH01112 AH01144 AH01177 AH01183 AH01749 AH01961/2 "
        "AH02230 AH02432 AH02433 AH02477 AH03252 AH03262 AH10160",
    )

    def _check(self, facts: Facts) -> Finding | None:
        httpd = facts.case.httpd
        if not httpd.modules or facts.case.partial:
            return None
        scheme = facts.backend.scheme
        missing = _missing(facts)
        if not missing:
            return None
        if scheme not in HANDLERS:
            # of a line that httpd refuses, what it says is the cause
            return self._unknown_scheme(facts) if facts.verdict.stage != "config" else None
        if facts.route.balancer is not None and missing[0] not in HANDLERS[scheme]:
            scheme = "balancer"
        return self.found(
            facts,
            f"Without {', '.join(missing)} httpd has no handler for {scheme}:// "
            "here and answers 500 (AH01144).",
            [evidence.route(facts.route), f"not loaded: {', '.join(missing)}"],
            shell.load_modules(httpd, missing),
            proof=[f"not loaded: {', '.join(missing)}", evidence.route(facts.route)],
            why=f"Without {'it' if len(missing) == 1 else 'them'} httpd has no handler for "
            f"{scheme}:// and answers every request with an error.",
        )

    def of_problem(self, facts: Facts, problem: Problem) -> Finding:
        """The finding for a problem, with the command that loads the module."""
        finding = super().of_problem(facts, problem)
        if not problem.modules:
            return finding
        load, *after = shell.load_modules(facts.case.httpd, problem.modules)
        why, *others = finding.remedies
        place, _, hint = why.text.partition(": ")
        said = f"{place}: " if hint.startswith("Load ") else f"{why.text} "
        text = f"{said}{load.text}"
        return replace(
            finding,
            remedies=(load._replace(text=text), *after, *others),
            why="httpd does not start or reload without the module.",
        )

    def _unknown_scheme(self, facts: Facts) -> Finding:
        scheme = facts.backend.scheme
        near = difflib.get_close_matches(scheme, HANDLERS, 1)
        return self.found(
            facts,
            f"No module of httpd speaks {scheme}://, so it answers 500 (AH01144).",
            [evidence.route(facts.route)],
            [
                Remedy(
                    "config",
                    "Correct the scheme of the URL"
                    + (f"; {near[0]}:// is most like it." if near else "."),
                )
            ],
            why=f"No module of httpd speaks {scheme}://.",
        )


def _missing(facts: Facts) -> tuple[str, ...]:
    httpd = facts.case.httpd
    if "proxy_module" not in httpd.modules:
        return ("proxy_module",)
    missing = missing_modules(facts.backend.scheme, httpd.modules, httpd.release)
    if facts.route.balancer is not None:
        missing += missing_modules("balancer", httpd.modules, httpd.release)
        missing += (_SHARED_MEMORY,) if _SHARED_MEMORY not in httpd.modules else ()
    return tuple(dict.fromkeys(missing))


_OF_LINES = (
    "httpd takes the first ProxyPass that fits, not the longest; the main server's come before the "
    "virtual host's, and a <Location> with ProxyPass before all.",
    "Put the line with the longer path before the other one.",
    "Before a <Location> it comes only in a <Location> of its own, behind that one.",
    "Of two lines for one path only the first counts: where the second is the same backend for "
    "ws://, delete it and add upgrade=websocket to the first (since 2.4.47).",
)
_OF_SECTIONS = (
    "Of the <Location> sections that fit a request, the last one with a ProxyPass counts; a "
    "RewriteRule comes before all.",
    "Put the <Location> of the longer path behind that of the shorter one.",
)
_SUPERFLUOUS = (
    "The other line leads to the same backend, so nothing is lost.",
    "Delete this line.",
)
"""Whose requests another directive takes: what counts there, and what to do."""


class RouteShadowed(Rule):
    """Another directive takes every request of this one."""

    slug = "route-shadowed"
    family = "configuration"
    order = 120
    severity = "warning"
    title = "No request ever takes this route"
    signs = Signs(
        stages={"config": 80, "start": 80, "route": 10, "connect": 60},
        log_codes="AH00547 AH03462 AH03463",
    )

    def _check(self, facts: Facts) -> Finding | None:
        route = facts.route
        if facts.verdict.stage == "rewrite" and facts.verdict.outcome == "ok":
            return None  # httpd redirects every client, as the verdict says
        if route.shadowed_by is not None:
            sections = route.kind.endswith("in Location")
            why, *remedies = _OF_SECTIONS if sections else _OF_LINES
            if route.superfluous:
                why, *remedies = _SUPERFLUOUS
            text = f"{route.shadowed_by} takes every request for {route.path}. {why}"
        elif route.vhost.never_served is not None:
            why = text = (
                f"No request reaches its virtual host: {route.vhost.never_served.rstrip('.')}."
            )
            remedies = [
                "Give each virtual host of one address a name of its own.",
                "See that each address of <VirtualHost> has its Listen.",
            ]
        else:
            return None
        shown = [evidence.route(route)]
        if route.shadowed_by is not None:
            shown.append(f"{route.shadowed_by}  takes its requests")
        else:
            addresses = " ".join(route.vhost.addresses)
            shown.append(f"{route.vhost.source}  <VirtualHost {addresses}>")
        does = [Remedy("config", remedy) for remedy in remedies]
        return self.found(facts, text, shown, does, at=route.source, why=why)


_SWITCHED_OFF = "The route's backend is switched off"


class BalancerMemberDisabled(Rule):
    """status=D or S, with or without a balancer, or a balancer without members."""

    slug = "balancer-member-disabled"
    family = "configuration"
    order = 140
    severity = "info"
    title = "The balancer does not use this member"
    signs = Signs(
        stages={"config": 110, "start": 110, "route": 40, "connect": 90},
        log_codes="AH00940/3 AH01167/3 AH01170/3 AH01171 AH03303",
    )

    def _check(self, facts: Facts) -> Finding | None:
        route = facts.route
        if facts.backend.scheme == "balancer":
            return self._without_members(facts)
        status = route.worker.parameters.get("status")
        if status is None or not disabled(status.value):
            return None
        how = "disabled (D)" if "D" in status_flags(status.value) else "stopped (S)"
        member = (
            f"The member is {how}: httpd sends it nothing. With every member out, each request "
            "gets 503 (AH01170)."
        )
        alone = f"The route's backend is {how}: each request gets 503 (AH00940)."
        found = self.found(
            facts,
            alone if route.balancer is None else member,
            [evidence.route(route), f"{status.origin}  status={status.value}"],
            [Remedy("config", "Take the flag away to use it again.", "status=-D-S")],
            "critical" if facts.failing and facts.verdict.stage == "route" else None,
            at=status.source,
            why=f"It is {how} by its status, so httpd sends it nothing.",
        )
        return replace(found, title=_SWITCHED_OFF) if route.balancer is None else found

    def _without_members(self, facts: Facts) -> Finding:
        route, name = facts.route, f"balancer://{facts.route.balancer}"
        near = route.meant_balancer and f"balancer://{route.meant_balancer}"
        meant = [Remedy("config", f"Write {near}/ here, if that is meant: it has members.")]
        finding = self.found(
            facts,
            f"{facts.backend.url} names a balancer that has no member here. httpd starts, and "
            "answers 503 to each request (AH01171). The name must be the same in "
            "<Proxy balancer://…>, in this virtual host or the main server.",
            [evidence.route(route)],
            [
                *(meant if near else []),
                Remedy(
                    "config",
                    "Or give it members, with the URLs of your backends."
                    if near
                    else "Give it members, with the URLs of your backends.",
                    f"<Proxy {name}>\n"
                    "    BalancerMember https://backend.example.internal:8443\n</Proxy>",
                ),
            ],
            "critical",
            why="No BalancerMember of that name counts here. It must be the name of "
            "<Proxy balancer://…>, in this virtual host or the main server.",
        )
        return replace(finding, title="The balancer has no members")


class UnencryptedBackend(Rule):
    """http:// to another machine."""

    slug = "unencrypted-backend"
    family = "configuration"
    order = 230
    severity = "warning"
    best_practice = "production"
    title = "The traffic to the backend is not encrypted"
    alternatives = (
        Alternative(
            "Let the backend offer TLS, and write https:// here",
            "Nobody on the way can read or change anything.",
            "Needs the backend's owner.",
        ),
        Alternative(
            "Leave it, where the way is private (the same machine, a tunnel)",
            "Nothing is to be done.",
            "It holds only as long as the way is private.",
        ),
    )

    def _check(self, facts: Facts) -> Finding | None:
        backend = facts.backend
        if backend.uses_tls or backend.socket is not None or not backend.host:
            return None
        if backend.scheme == "balancer":
            return None
        here = stays_here(facts)
        return self.found(
            facts,
            f"{backend.scheme}:// without TLS, but it does not leave this machine."
            if here
            else f"{backend.scheme}:// sends requests, cookies and passwords readable to the "
            "other machine, and nothing proves which machine that is.",
            [evidence.route(facts.route), evidence.connection(facts)],
            [
                Remedy(
                    "backend",
                    "Enable TLS on the backend, with a certificate for the name in the URL.",
                ),
                Remedy(
                    "config",
                    "Write https:// with its port in the URL, and in the virtual host:",
                    "SSLProxyEngine on\nSSLProxyVerify require",
                    then=True,
                ),
            ],
            "info" if here else None,
        )


def stays_here(facts: Facts) -> bool:
    """Whether the traffic does not leave this machine, as far as it is known."""
    host = facts.backend.host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    dns = facts.probe.dns if facts.probe else None
    addresses = dns.addresses if dns is not None and dns.addresses else (host,)
    return all(_is_loopback(a) for a in addresses)


def _is_loopback(text: str) -> bool:
    if not is_address(text):
        return False
    address = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified  # Linux takes 0.0.0.0 for itself
