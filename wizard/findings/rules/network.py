"""DNS, the connection, and what the backend answers; a timeout: ``connection_timeout``."""

from __future__ import annotations

import shlex
from dataclasses import replace

from wizard.findings import evidence, forward_proxy, shell, unix_socket
from wizard.findings.evidence import alert_meaning, alert_text
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.host_names import variable_in


class _NetworkRule(Rule):
    family = "network and HTTP"
    scope = "probe"
    explains = True


class DnsFailure(_NetworkRule):
    """The name does not resolve."""

    slug = "dns-failure"
    order = 10
    title = "The backend's name does not resolve"
    signs = Signs(stages={"route": 60, "dns": 20}, log_codes="AH00547/2 AH02327")
    repair = Repairability(actor="network")

    def _check(self, facts: Facts) -> Finding | None:
        dns = facts.probe.dns if facts.probe else None
        if dns is None or dns.addresses:
            return None
        reason, at_a_glance = _REASONS.get(
            dns.failure or "", ("The resolver gave an error.", "the resolver gives an error")
        )
        variable = variable_in(facts.backend.url)
        if variable is not None and variable.lower() in facts.backend.host.lower():
            return self._undefined(facts, variable)
        said = dns.error or dns.failure or "no address"
        if facts.at_forward_proxy:
            return forward_proxy.unresolved(self, facts, reason, said)
        host = facts.backend.host
        ask = Remedy("network", "Ask the same resolver.", shell.lookup(facts), looks=True)
        add = Remedy(
            "network",
            "Add the name to DNS, or to /etc/hosts here; the backend's owner knows its ADDRESS.",
            f"echo {shlex.quote(f'ADDRESS {host}')} >> /etc/hosts",
        )
        return self.found(
            facts,
            f"{reason} httpd answers {facts.verdict.status or 500} (AH00898, DNS lookup failure). "
            "It asks the system's resolver: /etc/hosts, then /etc/resolv.conf.",
            [evidence.route(facts.route), f"resolver: {said}"],
            [
                *_likely(host),
                *(() if dns.failure == "not-found" else (ask,)),
                add,
                Remedy("config", "Correct the host in the URL if it is misspelt."),
                *((ask,) if dns.failure == "not-found" else ()),
            ],
            proof=[f"{host}: {at_a_glance} (DNS)", evidence.route(facts.route)],
            why="httpd asks this machine's resolver: /etc/hosts, then the name servers in "
            "/etc/resolv.conf. Without an address it connects to nothing.",
        )

    def _undefined(self, facts: Facts, variable: str) -> Finding:
        return self.found(
            facts,
            f"The configuration does not define {variable}, and httpd leaves it as it stands "
            "(AH00111 when it starts): it looks up a host of that name and answers "
            f"{facts.verdict.status or 500} (AH00898).",
            [evidence.route(facts.route), f"undefined: {variable}"],
            [
                Remedy(
                    "config",
                    "Define it above its first use (HOST: the backend's name), and restart httpd.",
                    f"Define {variable[2:-1]} HOST",
                ),
                Remedy(
                    "config",
                    "Or define it in httpd's environment (Debian: /etc/apache2/envvars; systemd: "
                    "Environment= of the unit), and restart httpd.",
                ),
            ],
            why=f"The configuration does not define {variable}, so httpd takes it as it stands for "
            "the name of a host.",
        )


_REASONS = {
    "not-found": ("There is no such name.", "no such name"),
    "temporary": ("The name server could not answer.", "the name server could not answer"),
    "timeout": (
        "The name server did not answer in time.",
        "the name server does not answer in time",
    ),
}
"""Why a name has no address: in a sentence, and at a glance."""


def _likely(host: str) -> list[Remedy]:
    """What is most likely wrong with a host that does not resolve, where its form tells."""
    if host == "unix:":
        texts: tuple[str, ...] = ("Write a socket as unix:/PATH|http://localhost/.",)
    elif host.endswith(":"):
        texts = (f"Take the colon away behind {host[:-1]}, or write a port behind it.",)
    elif host == "host.docker.internal":
        texts = (
            "Write 127.0.0.1 in the URL, where httpd runs on the host itself.",
            "In a container on Linux, Docker knows the name only with "
            "--add-host=host.docker.internal:host-gateway.",
        )
    elif "." not in host:
        texts = (
            f"If {host} is a container: publish its port, and write 127.0.0.1 in the URL.",
            "Or run httpd in the same Docker network: only there the name resolves.",
        )
    else:
        texts = ()
    return [Remedy("config", text) for text in texts]


class ConnectionRefused(_NetworkRule):
    """ECONNREFUSED, or an error of the system that no other rule knows."""

    slug = "connection-refused"
    order = 20
    title = "Nothing listens on the backend's port"
    signs = Signs(
        stages={"connect": 30, "tls": 110, "http": 80},
        log_codes="AH00866 AH00896 AH00939 AH00940 AH00957 AH00959 AH01079 AH01114 AH01167 AH01170 "
        "AH02452 AH02454 AH03352 AH10101",
    )
    repair = Repairability(actor="backend")

    def _check(self, facts: Facts) -> Finding | None:
        tcp = facts.probe.tcp if facts.probe else None
        if tcp is None or tcp.failure not in ("refused", "other"):
            return None
        if facts.backend.socket is not None:
            return unix_socket.refused(self, facts, facts.backend.socket, tcp.error)
        attempts = evidence.attempts(tcp.attempts, tcp.port)
        reason = f"The connection fails: {tcp.error or 'the system does not say why'}."
        glance = "This machine's system ends the attempt before the backend says anything."
        if tcp.failure == "refused":
            glance = reason = (
                f"The host answers, but refuses port {tcp.port}: the service is down, listens on "
                "another port or address, or a firewall rejects the connection."
            )
        if facts.at_forward_proxy:
            return forward_proxy.refused(self, facts, reason, attempts)
        return self.found(
            facts,
            f"{reason} {evidence.unconnected(facts)}",
            [evidence.route(facts.route), *attempts],
            [
                Remedy(
                    "backend",
                    "Start the service on the backend; ss shows there on which address and port it "
                    "listens.",
                    "ss -ltnp",
                ),
                Remedy("config", "Correct the port in the URL if the service has another."),
                Remedy(
                    "config",
                    "Reload, to have it asked again at once: httpd keeps a failed backend out for "
                    "60 s (retry).",
                    facts.case.httpd.service.reload,
                    then=True,
                ),
            ],
            proof=[*attempts[:2], evidence.route(facts.route)],
            why=glance,
        )


class ConnectionReset(_NetworkRule):
    """The backend hangs up, at whichever stage."""

    slug = "connection-reset"
    order = 40
    title = "The backend closes the connection without an answer"
    signs = Signs(
        stages={"connect": 50, "tls": 130, "http": 100},
        log_codes="AH00858 AH00860 AH00868 AH00876 AH00877 AH00878 AH00893 AH00897/2 AH00950 "
        "AH00957/5 AH00958 AH00960 AH00992 AH01012/2 AH01021 AH01029 AH01030 AH01032 AH01067 "
        "AH01073 AH01074 AH01102/5 AH01106/3 AH01110 AH01991 AH01993 AH01995 AH02447 AH10098 "
        "AH10221 AH10404",
        alerts="10 20 21 22 90",
    )
    repair = Repairability(actor="backend")

    def _check(self, facts: Facts) -> Finding | None:
        ended = _hung_up(facts)
        if ended is None:
            return None
        when, shown = ended
        if facts.at_forward_proxy:
            return forward_proxy.hung_up(self, facts, shown)
        found = self.found(
            facts,
            f"{when}. {alert_meaning(facts.tls)}{_MAY_BE}.",
            [evidence.route(facts.route), f"observed: {shown or 'connection closed'}"],
            [
                Remedy(
                    "backend",
                    "Read the backend's own log of this moment, and repeat it.",
                    shell.show_chain(facts) if facts.backend.uses_tls else shell.curl(facts),
                ),
                Remedy("network", "Ask whether a firewall or balancer stands between.", looks=True),
            ],
            proof=[f"observed: {shown or 'connection closed'}", evidence.route(facts.route)],
            why=f"{when}. {alert_meaning(facts.tls).partition('. ')[0].rstrip('. ') or _MAY_BE}.",
        )
        failed = facts.tls is not None and facts.tls.failure in ("alert", "protocol")
        return replace(found, title=_FAILED_TITLE) if failed else found


_MAY_BE = "A crash, an access list, a firewall between, or another protocol on that port does this"
_FAILED_TITLE = "The TLS handshake with the backend ends with an error"
_NO_ANSWER = "The backend ends the connection with something that is no HTTP answer"
_INSTEAD = {
    "closed": "The backend ends the connection after the request",
    "reset": "The backend ends the connection after the request",
    "stream": "The backend ends the request's stream, or its answer is none of HTTP/2",
    "not-http": _NO_ANSWER,
    "too-much": _NO_ANSWER,
    "other": _NO_ANSWER,
}
"""What a backend does instead of answering, by how the exchange failed."""


def _hung_up(facts: Facts) -> tuple[str, str | None] | None:
    """At which stage the connection ends, in words, and what was observed."""
    probe = facts.probe
    if probe is None:
        return None
    tcp, tls, http = probe.tcp, probe.tls, probe.http
    if tcp is not None and tcp.failure == "reset":
        return "The backend ends the connection while connecting", tcp.error
    if tls is not None and tls.failure in ("closed", "reset"):
        return "The backend ends the connection during the TLS handshake", tls.error
    if tls is not None and tls.failure == "protocol":
        return "httpd's OpenSSL ends the TLS handshake over what the backend sends", tls.error
    if tls is not None and tls.failure == "alert":
        return f"The backend ends the TLS handshake with {alert_text(tls.alert)}", tls.error
    if http is None:
        return None
    if http.method == "CONNECT":
        return "The forward proxy does not connect httpd to the backend", http.error
    if http.failure == "alert":
        what = "The backend ends the connection after the request with"
        return f"{what} {alert_text(http.alert)}", http.error
    words = _INSTEAD.get(http.failure) if http.failure is not None else None
    return None if words is None else (words, http.error)


class ConnectionNotPermitted(_NetworkRule):
    """EACCES or EPERM: this machine forbids it."""

    slug = "connection-not-permitted"
    order = 50
    title = "This machine does not let httpd connect to the backend"
    signs = Signs(
        stages={"connect": 20, "tls": 100, "http": 70},
        log_codes="AH00866/3 AH00916 AH00917 AH00939/3 AH00957/3 AH01114/3 AH02452/3 "
        "AH02454/2 AH03352/3 AH10101/3",
    )
    repair = Repairability(actor="network")

    def _check(self, facts: Facts) -> Finding | None:
        tcp = facts.probe.tcp if facts.probe else None
        if tcp is None or tcp.failure != "not-permitted":
            return None
        if facts.backend.socket is not None:
            return unix_socket.not_permitted(self, facts, facts.backend.socket)
        return self.found(
            facts,
            "The kernel forbids the connection (Permission denied) before a packet is sent. With "
            "SELinux httpd may connect only after the boolean httpd_can_network_connect is on; "
            "a systemd unit or a container can forbid it as well.",
            [evidence.route(facts.route), *evidence.attempts(tcp.attempts, tcp.port)],
            [
                Remedy(
                    "network",
                    "With SELinux (RHEL, Fedora): allow httpd to connect, for good.",
                    "setsebool -P httpd_can_network_connect 1",
                ),
                shell.DENIED,
                Remedy(
                    "network",
                    "Else look for IPAddressDeny or RestrictAddressFamilies in the unit.",
                    "systemctl show httpd apache2 -p IPAddressDeny,RestrictAddressFamilies",
                    looks=True,
                ),
            ],
            proof=[
                *evidence.attempts(tcp.attempts, tcp.port)[:2],
                evidence.route(facts.route),
            ],
            why="The kernel forbids httpd the connection before a packet is sent: by SELinux, by "
            "the systemd unit or by the container.",
        )
