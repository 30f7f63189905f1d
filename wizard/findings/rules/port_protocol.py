"""TLS is spoken to a port that has none, or plain HTTP to one that has."""

from __future__ import annotations

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Signs
from wizard.findings.rules.handshake import HandshakeRule
from wizard.model.diagnosis import Finding, Remedy

_TLS_PORTS = frozenset({443, 4443, 5443, 6443, 7443, 8443, 9443, 10443})
"""Ports that mostly speak TLS: what counts where the probe could not find out."""


class BackendSpeaksPlainHttp(HandshakeRule):
    """https:// to a port without TLS."""

    slug = "backend-speaks-plain-http"
    order = 50
    title = "The backend's port does not speak TLS"
    signs = Signs(stages={"tls": 20, "http": 120}, log_codes="AH00134 AH01915 AH01916", alerts="22")

    def _check(self, facts: Facts) -> Finding | None:
        tls, waits = facts.tls, facts.probe is not None and bool(facts.probe.speaks_http)
        if tls is None or (tls.failure != "not-tls" and not waits):
            return None
        answer = (
            "it stays silent: it answers plain HTTP, and waits for the end of a request. httpd "
            f"gives up after {facts.route.patience:g} s (ProxyTimeout, or timeout= of the worker)"
            if waits
            else "what comes back is no TLS: most likely plain HTTP"
        )
        return self.found(
            facts,
            f"httpd begins a TLS handshake with port {facts.backend.port}, and {answer}.",
            [*self.shown_handshake(facts), evidence.route(facts.route)],
            [
                Remedy(
                    "backend",
                    "Best: enable TLS on that port of the backend, or use the port that has it.",
                ),
                Remedy(
                    "config",
                    "Else write http:// in the URL; the traffic is then readable on its way.",
                ),
                Remedy("backend", "See what answers.", shell.curl(facts, tls=False)),
            ],
        )


class BackendSpeaksTls(HandshakeRule):
    """http:// to a port with TLS."""

    slug = "backend-speaks-tls"
    order = 60
    title = "The backend's port speaks TLS, the URL says http"
    signs = Signs(
        stages={"http": 10, "answer": 10},
        log_codes="AH01098 AH01099 AH01100 AH01102/3 AH01106 AH01915/2 AH01916/2 AH10124",
        alerts="10",
    )

    def _check(self, facts: Facts) -> Finding | None:
        http = facts.probe.http if facts.probe else None
        if facts.backend.uses_tls or http is None:
            return None
        spoken = facts.probe.speaks_tls if facts.probe else None
        vain = http.failure in ("not-http", "closed", "reset", "alert") or http.status == 400
        if not vain or not (spoken or (spoken is None and facts.backend.port in _TLS_PORTS)):
            return None
        answer = (
            f"status {http.status}"
            if http.status is not None
            else f"{http.failure}: {http.error or 'no HTTP answer'}"
        )
        return self.found(
            facts,
            f"httpd sends plain HTTP to port {facts.backend.port}, which expects TLS. The client "
            "gets 502 (AH01102), or the backend's 400.",
            [
                evidence.route(facts.route),
                f"answer: {answer}",
                *(["the same port does a TLS handshake"] if spoken else []),
            ],
            [
                Remedy(
                    "config",
                    "Write https:// in ProxyPass and ProxyPassReverse, and switch TLS on with "
                    "verification.",
                    "SSLProxyEngine on\nSSLProxyVerify require",
                )
            ],
        )
