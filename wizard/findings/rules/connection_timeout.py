"""Nothing comes back in time: from the port, in the handshake, or to the request."""

from __future__ import annotations

from typing import NamedTuple

from wizard.findings import evidence, forward_proxy, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.model.diagnosis import Finding, Remedy


class ConnectionTimeout(Rule):
    """No answer in time, at whichever stage."""

    slug = "connection-timeout"
    family = "network and HTTP"
    order = 30
    title = "The backend does not answer in time"
    signs = Signs(
        stages={"connect": 40, "tls": 120, "http": 90},
        log_codes="AH00161 AH00286 AH00484 AH00858/2 AH00860/2 AH00866/2 AH00868/2 AH00876/2 "
        "AH00877/2 AH00878/2 AH00893/2 AH00897 AH01012 AH01029/2 AH01032/2 AH01067/2 "
        "AH01073/2 AH01074/2 AH10098/2 AH10101/2 AH00896/2 AH00934 AH00939/2 AH00940/2 "
        "AH00941 AH00957/2 AH00958/2 AH00959/2 AH00992/2 AH01030/2 AH01079/2 "
        "AH01102/2 AH01103 AH01110/2 AH01114/2 AH01115 AH01167/2 AH01170/2 AH02452/2 "
        "AH02460 AH03352/2 AH03490 AH10159 AH10221/2 AH10224 AH10404/2",
    )
    repair = Repairability(actor="network")
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        found = _silence(facts)
        if found is None:
            return None
        reason = (
            f"{found.stage}{found.causes}. The probe waited {found.seconds:.1f} s; httpd waits "
            f"{found.limit:g} s ({found.setting}), and its client as long."
        )
        if facts.at_forward_proxy:
            return forward_proxy.silent(self, facts, reason, found.shown)
        return self.found(
            facts,
            reason,
            [evidence.route(facts.route), *found.shown],
            _helps(facts),
            proof=[*found.shown[:2], evidence.route(facts.route)],
            why=f"{found.stage}. httpd waits {found.limit:g} s, and its client as long.",
        )


_MORE_TIME = "connectiontimeout=3 timeout=300"


def _helps(facts: Facts) -> list[Remedy]:
    """What helps, by the stage at which the answer is missing."""
    by_hand = Remedy("network", "Try it by hand from this machine.", shell.curl(facts), looks=True)
    probe = facts.probe
    tcp = probe.tcp if probe is not None else None
    if probe is not None and probe.http is not None:
        return [
            Remedy(
                "config",
                "If the application is slow, have httpd wait longer, at the end of the ProxyPass "
                "line.",
                _MORE_TIME,
            ),
            by_hand,
            Remedy("backend", "Else look there what it waits for: its own log tells."),
        ]
    if probe is not None and probe.tls is not None:
        return [
            Remedy(
                "backend",
                "See there whether packets arrive: if none do, a firewall or balancer between "
                "answered for it.",
                f"tcpdump -ni any tcp port {facts.backend.port}",
            ),
            Remedy("backend", "If they arrive, the service hangs, or expects no TLS.", then=True),
            Remedy(
                "network",
                "See whether the handshake alone hangs: no line after CONNECTED.",
                shell.show_chain(facts),
                looks=True,
            ),
            by_hand,
        ]
    more = Remedy(
        "config", "Allow more for connecting, at the end of the ProxyPass line.", _MORE_TIME
    )
    if tcp is not None and tcp.failure is None:
        return [more, by_hand]
    way = "Allow the port in the firewalls between, or correct the address; then try it."
    if tcp is not None and tcp.failure == "unreachable":
        way = "Correct the address in the URL, or this machine's route to it; then try it."
    return [Remedy("network", way, shell.curl(facts)), more]


_NO_HANDSHAKE = (
    ": the service hangs or expects another protocol (not plain HTTP, it was asked), or a firewall "
    "or balancer took the connection and drops what follows"
)


class _Silence(NamedTuple):
    """A stage that takes too long: its name, seconds waited, seconds that httpd waits, and why;
    what was observed, and what may be the cause."""

    stage: str
    seconds: float
    limit: float
    setting: str
    shown: list[str]
    causes: str = ""


def _silence(facts: Facts) -> _Silence | None:
    """The stage whose answer is missing, or comes after httpd has given up."""
    probe, route = facts.probe, facts.route
    if probe is None:
        return None
    tcp, tls, http = probe.tcp, probe.tls, probe.http
    waits, setting = route.patience, "ProxyTimeout, or timeout= of the worker"
    own = route.worker.connection_timeout.value
    if tcp is not None and (
        tcp.failure in ("timeout", "unreachable")
        or (tcp.failure is None and own is not None and tcp.seconds > own)
    ):
        stage = {
            "unreachable": f"There is no route to the {_whom(facts)}",
            "timeout": "Nothing answers the TCP connection: a firewall drops it, the address is "
            "wrong, or the host is down",
        }.get(tcp.failure or "", "The TCP connection is answered later than httpd waits")
        if own is not None:
            waits, setting = own, "connectiontimeout= of the worker"
        return _Silence(
            stage, tcp.seconds, waits, setting, evidence.attempts(tcp.attempts, tcp.port)
        )
    if tls is not None and tls.failure == "timeout":
        stage = "The port accepts the connection, but the TLS handshake gets no answer"
        shown = [f"handshake: {tls.error or 'no answer'}"]
        causes = _NO_HANDSHAKE if probe.speaks_http is False else ""
        return _Silence(stage, tls.seconds, waits, setting, shown, causes)
    if http is None:
        return None
    if http.failure == "timeout":
        stage = f"The {_whom(facts)} takes the request, but does not answer it in time"
        shown = [f"request: {http.error or 'no answer'}"]
        return _Silence(stage, http.seconds, waits, setting, shown)
    if http.failure is None and http.longest_wait > waits:
        stage = f"The {_whom(facts)} answers, but later than httpd waits"
        shown = [f"request: {http.method} {http.status} after {http.seconds:.1f} s"]
        return _Silence(stage, http.seconds, waits, setting, shown)
    return None


def _whom(facts: Facts) -> str:
    return "forward proxy" if facts.at_forward_proxy else "backend"
