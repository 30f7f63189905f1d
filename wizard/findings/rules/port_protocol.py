"""TLS is spoken to a port that has none, plain HTTP to one that has, or the other HTTP version."""

from __future__ import annotations

import re

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule, Signs
from wizard.findings.rules.handshake import HandshakeRule
from wizard.findings.rules.routing import stays_here
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.probe import HttpResult
from wizard.reference.schemes import WITH_TLS, missing_modules

_TLS_PORTS = frozenset({443, 4443, 5443, 6443, 7443, 8443, 9443, 10443})
"""Ports that mostly speak TLS: what counts where the probe could not find out."""


_ONLY_HTTP1 = ("HTTP/2", "HTTP/1", "http")
_ONLY_HTTP2 = ("HTTP/1", "HTTP/2 without TLS, and no HTTP/1", "h2c")
_SERVICES = {
    "'SSH-": "SSH",
    "'220": "a mail or FTP server",
    "'+OK": "a mail server (POP3)",
    "'* OK": "a mail server (IMAP)",
    "'-ERR": "Redis",
    "'RFB ": "VNC",
    "'AMQP": "a message broker (AMQP)",
    r"\x00\x00\x00\n": "MySQL or MariaDB",
}
"""What a greeting begins with, as Python writes it, and whose it is."""
_GREETING = re.compile("|".join(map(re.escape, _SERVICES)))
_GREETED = 40
"""Characters of an answer in which a greeting is looked for."""
OTHER_SERVICE = (
    Remedy("config", "Correct the port in the URL: this one belongs to another service."),
    Remedy(
        "backend", "See on the backend which service listens on which port.", "ss -ltnp", looks=True
    ),
)
_OR_HTTPS = {"https": "", "wss": "", "h2": " (https:// where the port has no HTTP/2)"}


class BackendSpeaksPlainHttp(HandshakeRule):
    """https:// to a port without TLS."""

    slug = "backend-speaks-plain-http"
    order = 50
    title = "The backend's port does not speak TLS"
    signs = Signs(stages={"tls": 20, "http": 120}, log_codes="AH00134 AH01915 AH01916")

    def _check(self, facts: Facts) -> Finding | None:
        if not is_without_tls(facts):
            return None
        scheme, reply = cleartext_scheme(facts), _reply(facts)
        return self.found(
            facts,
            f"httpd begins a TLS handshake with port {facts.backend.port}, and {reply}.",
            [*self.shown_handshake(facts), *_spoken(facts), evidence.route(facts.route)],
            OTHER_SERVICE
            if scheme is None
            else [
                Remedy(
                    "backend",
                    "Enable TLS on that port of the backend, or use the port that has it.",
                ),
                *_to(facts, scheme, f"Or {_cleartext(facts, scheme)}"),
                Remedy(
                    "backend",
                    "See what answers.",
                    shell.curl(facts, tls=False, http2=scheme == "h2c"),
                    looks=True,
                ),
            ],
            proof=[
                *(
                    [line for line in _spoken(facts) if "the port answers" in line]
                    or self.shown_handshake(facts)
                )[:2],
                evidence.route(facts.route),
            ],
            why=f"{facts.backend.scheme}:// has httpd begin a TLS handshake, and "
            f"{reply.partition(' (')[0]}.",
        )


def is_without_tls(facts: Facts) -> bool:
    """Whether what was observed says that the port which httpd speaks TLS to has none."""
    tls, probe = facts.tls, facts.probe
    if tls is None or probe is None or tls.completed:
        return False
    return tls.failure == "not-tls" or bool(probe.speaks_http or probe.speaks_h2c)


def _reply(facts: Facts) -> str:
    """What the port does instead of a handshake."""
    probe, tls = facts.probe, facts.tls
    if probe is None or tls is None:
        return ""
    if probe.speaks_h2c:
        return "the port answers HTTP/2 without TLS"
    if probe.speaks_http and tls.failure == "timeout":
        return (
            "the port answers plain HTTP, and waits for the end of a request. httpd gives up after "
            f"{facts.route.patience:g} s (ProxyTimeout, or timeout= of the worker)"
        )
    if probe.speaks_http is False:
        known = _greeter(tls.error or "")
        service = f"it looks like {known}" if known else "another service"
        return f"what comes back is neither TLS nor plain HTTP: {service}"
    if probe.speaks_http:
        return "the port answers plain HTTP"
    return "what comes back is no TLS, most likely plain HTTP"


def service_of(said: str) -> str | None:
    """Which service begins its answer so; None: it is not known."""
    first = said[:_GREETED].partition("\n")[0].replace("'", "")
    return _greeter(repr(f"{first}\n"))


def _greeter(quoted: str) -> str | None:
    known = _GREETING.search(quoted)
    return _SERVICES[known[0]] if known is not None else None


def cleartext_scheme(facts: Facts) -> str | None:
    """The scheme of the URL for what the port speaks; None: it speaks no HTTP."""
    probe, websocket = facts.probe, facts.backend.scheme == "wss"
    over_http2 = probe is not None and bool(probe.speaks_h2c) and not websocket
    if probe is not None and probe.speaks_http is False:
        return "h2c" if over_http2 else None
    if websocket:
        return "ws"
    return "h2c" if over_http2 else "http"


def _spoken(facts: Facts) -> list[str]:
    """The versions of HTTP that the port answers without TLS, as far as it was asked."""
    probe = facts.probe
    asked = (("HTTP/1", probe.speaks_http), ("HTTP/2", probe.speaks_h2c)) if probe else ()
    return [
        f"asked without TLS: the port {'answers' if answers else 'does not answer'} {version}"
        for version, answers in asked
        if answers is not None
    ]


def _cleartext(facts: Facts, scheme: str) -> str:
    what = f"write {scheme}:// in ProxyPass and ProxyPassReverse"
    if stays_here(facts):
        return f"{what}: the traffic does not leave this machine."
    return f"{what}; the traffic is then readable on its way (unencrypted-backend)."


def _to(facts: Facts, scheme: str, text: str) -> list[Remedy]:
    """What makes httpd speak another scheme: the URL, and the modules that are not loaded."""
    httpd = facts.case.httpd
    missing = missing_modules(scheme, httpd.modules, httpd.release)
    written = [Remedy("config", text)]
    return [*written, *shell.load_modules(httpd, missing)] if missing else written


class HttpVersionMismatch(Rule):
    """http:// to a port of HTTP/2 alone, or h2c:// to one of HTTP/1 alone."""

    slug = "http-version-mismatch"
    family = "network and HTTP"
    order = 45
    title = "The backend's port speaks another version of HTTP than the URL says"
    signs = Signs(stages={"http": 15, "answer": 15}, log_codes="AH01106/4 AH10404/3")
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        probe = facts.probe
        http = probe.http if probe is not None else None
        if probe is None or http is None or facts.backend.scheme not in ("http", "h2c"):
            return None
        http2 = facts.backend.scheme == "h2c"
        if not http.of_other_protocol or not (probe.speaks_http if http2 else probe.speaks_h2c):
            return None
        said, spoken, scheme = _ONLY_HTTP1 if http2 else _ONLY_HTTP2
        return self.found(
            facts,
            f"httpd sends {said} to port {facts.backend.port}, as {facts.backend.scheme}:// says; "
            f"the port speaks {spoken}. The client gets {facts.verdict.status or 502}.",
            [
                evidence.route(facts.route),
                _answer(http),
                *_spoken(facts),
            ],
            [
                *_to(facts, scheme, f"W{_cleartext(facts, scheme)[1:]}"),
                Remedy(
                    "backend",
                    "See what answers.",
                    shell.curl(facts, tls=False, http2=not http2),
                    looks=True,
                ),
            ],
            proof=[*_spoken(facts)[:2], evidence.route(facts.route)],
            why=f"The URL says {facts.backend.scheme}://, so httpd sends {said}; the port speaks "
            f"{spoken}.",
        )


class BackendSpeaksTls(HandshakeRule):
    """http:// to a port with TLS."""

    slug = "backend-speaks-tls"
    order = 60
    title = "The backend's port speaks TLS, the URL says http"
    signs = Signs(
        stages={"http": 10, "answer": 10},
        log_codes="AH01098 AH01099 AH01100 AH01102/3 AH01106 AH01915/2 AH01916/2 AH10124",
    )

    def _check(self, facts: Facts) -> Finding | None:
        http = facts.probe.http if facts.probe else None
        if facts.backend.uses_tls or http is None:
            return None
        spoken = facts.probe.speaks_tls if facts.probe else None
        if not http.of_other_protocol or not (
            spoken or (spoken is None and facts.backend.port in _TLS_PORTS)
        ):
            return None
        scheme = WITH_TLS.get(facts.backend.scheme, "https")
        said = f"it answers {http.status}" if http.status else http.error or "no answer"
        return self.found(
            facts,
            f"httpd sends plain HTTP to port {facts.backend.port}, which expects TLS. The client "
            f"gets {'503' if scheme == 'h2' else '502 (AH01102)'}, or the backend's 400.",
            [
                evidence.route(facts.route),
                _answer(http),
                *(["the same port does a TLS handshake"] if spoken else []),
            ],
            [
                Remedy(
                    "config",
                    f"Write {scheme}:// in ProxyPass and ProxyPassReverse{_OR_HTTPS[scheme]}, and "
                    "these lines in the virtual host.",
                    "SSLProxyEngine on\nSSLProxyVerify require",
                )
            ],
            proof=[
                f"asked in plain HTTP: {said}",
                *(["the same port does a TLS handshake"] if spoken else []),
                evidence.route(facts.route),
            ],
            why="The URL asks for no TLS, so httpd sends plain HTTP; the port expects TLS.",
        )


def _answer(http: HttpResult) -> str:
    """A line of evidence."""
    if http.status is not None:
        return f"answer: status {http.status}"
    return f"answer: {http.failure}: {http.error or 'no HTTP answer'}"
