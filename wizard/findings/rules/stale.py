"""What has grown old on the way to a backend: an address of its name, a connection in the pool."""

from __future__ import annotations

import re

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.model.diagnosis import Finding, Remedy

_TTL = re.compile(r"[0-9]{1,9}")
"""Seconds; httpd's atoi() overlooks whatever follows: ``ttl=1min`` is one second (proxy_util.c)."""


class StaleBackendAddress(Rule):
    """One of the name's addresses is dead."""

    slug = "stale-backend-address"
    family = "network and HTTP"
    order = 70
    severity = "warning"
    title = "The backend's name leads to an address where nothing answers"
    signs = Signs(log_codes="AH00957/4")
    repair = Repairability(actor="network")
    scope = "probe"

    def _check(self, facts: Facts) -> Finding | None:
        tcp = facts.probe.tcp if facts.probe else None
        if tcp is None or tcp.address is None:
            return None
        dead = [a for a in tcp.attempts if a.failure is not None and a.address != tcp.address]
        if not dead:
            return None
        slow = any(a.failure in ("timeout", "unreachable") for a in dead)
        return self.found(
            facts,
            f"{facts.backend.host} has several addresses; httpd tries them in this order for each "
            f"new connection and reaches only {tcp.address}."
            + (" Each attempt at a dead one takes its whole timeout." if slow else ""),
            evidence.attempts(tcp.attempts, tcp.port),
            [
                Remedy(
                    "network",
                    "Take the old address out of DNS or /etc/hosts, and look what is left.",
                    shell.lookup(facts),
                ),
                Remedy(
                    "config",
                    "After a change in DNS, reload: httpd keeps an address that it has looked up.",
                    facts.case.httpd.service.reload,
                    then=True,
                ),
            ],
            None if slow else "info",
            why="httpd tries the addresses of the name in this order, for each new connection"
            + ("; a dead one takes its whole timeout." if slow else "."),
        )


class StalePooledConnection(Rule):
    """The backend closes idle connections before httpd gives them up."""

    slug = "stale-pooled-connection"
    family = "network and HTTP"
    order = 60
    severity = "info"
    title = "httpd may reuse a connection that the backend has just closed"
    signs = Signs(log_codes="AH00951 AH01102 AH01104 AH01105 AH01115/2 AH03408")
    scope = "probe"

    def _check(self, facts: Facts) -> Finding | None:
        http = facts.probe.http if facts.probe else None
        if http is None or http.keep_alive is None:
            return None
        parameters = facts.route.worker.parameters
        if _value(facts, "disablereuse") == "on" or _value(facts, "enablereuse") == "off":
            return None
        written = _TTL.match(_value(facts, "ttl"))
        ttl = int(written[0]) if written is not None else None
        if ttl is not None and ttl < http.keep_alive:
            return None
        shown = [
            f"{setting.origin}  {key}={setting.value}"
            for key, setting in parameters.items()
            if key in ("ttl", "disablereuse", "enablereuse", "keepalive")
        ]
        lasting = f"{ttl} s (ttl)" if ttl is not None else "without limit (no ttl=)"
        return self.found(
            facts,
            f"The backend closes an idle connection after {http.keep_alive:g} s; httpd keeps it "
            f"for reuse {lasting}. If both happen at once, a request now and then ends with 502 "
            "(AH01102). This alone is no fault: only the log shows whether it happens.",
            [evidence.route(facts.route), *shown],
            [
                Remedy(
                    "config",
                    "Give idle connections up earlier than the backend does, at the end of the "
                    "ProxyPass line.",
                    f"ttl={max(1, int(http.keep_alive) - 1)}",
                )
            ],
            proof=[
                f"the backend closes idle connections after {http.keep_alive:g} s (Keep-Alive)",
                *[line for line in shown if "ttl=" in line],
                evidence.route(facts.route),
            ],
            why="httpd keeps idle connections longer than the backend. If it uses one that the "
            "backend is closing, the client gets 502.",
        )


def _value(facts: Facts, key: str) -> str:
    setting = facts.route.worker.parameters.get(key)
    return setting.value.lower() if setting is not None else ""
