"""What the backend answers where it is reached: an error, or nothing that httpd can pass on."""

from __future__ import annotations

from dataclasses import replace

from wizard.findings import evidence, forward_proxy, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Rule, Signs
from wizard.findings.rules.port_protocol import OTHER_SERVICE, service_of
from wizard.findings.rules.redirect_faults import lines
from wizard.model.cure import Cure
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.probe import AnswerFault

_UPGRADE_REQUIRED = 426
"""RFC 9110, 15.5.22."""
_OF_A_HOST = frozenset({400, 403, 404, 421})
"""What servers answer to a Host that is none of their names: Django 400, Vite 403, web servers
with several sites 404 or 421."""
_NO_STATUS = ("no-status-line", "status-line")
_SHOWN = 80
_LONGER = 65_536
"""Bytes of a header line that ``responsefieldsize=`` is to take: far above what servers send."""
"""Characters of an answer that are shown."""


class BackendErrorStatus(Rule):
    """4xx or 5xx of the backend's own."""

    slug = "backend-error-status"
    family = "network and HTTP"
    order = 80
    severity = "warning"
    title = "The backend itself answers with an error"
    signs = Signs(
        stages={"http": 60, "answer": 30},
        log_codes="AH01071 AH01098/2 AH01099/2 AH01100/2 AH01106/2 AH01109 AH01110/3 "
        "AH01174 AH02428 AH02429 AH02430 AH03303/2 AH10124/3",
    )
    repair = Repairability(actor="backend")
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        http = facts.probe.http if facts.probe else None
        if http is not None and http.fault is not None:
            return self._invalid(facts, http.fault)
        if http is not None and http.first and facts.verdict.outcome == "ok":
            return self._no_http(facts, http.first)
        if http is None or http.status is None or http.status < 400:
            return None
        if facts.at_forward_proxy:
            return (
                forward_proxy.error_status(self, facts, http) if http.method != "CONNECT" else None
            )
        request = facts.probe.request if facts.probe else None
        path = request.path if request else "/"
        fault = http.status >= 500
        return self.found(
            facts,
            f"The connection is fine: {http.status} comes from the backend "
            f"({http.server or 'no Server header'}), and httpd passes it on. "
            + (
                "The cause is there."
                if fault
                else "For this path, without login and cookies, that may be intended."
            ),
            [
                evidence.route(facts.route),
                f"{http.method} {path} with Host {facts.backend.host_header}: "
                f"{http.status} {http.reason}".rstrip(),
            ],
            [
                *_by_status(facts, http.status),
                Remedy(
                    "backend",
                    "Read the backend's own log, and ask it the same again.",
                    shell.curl(facts),
                ),
            ],
            None if fault else "info",
            proof=[
                f"{http.method} {path} with Host {facts.backend.host_header}: "
                f"{http.status} {http.reason}".rstrip(),
                evidence.route(facts.route),
            ],
            why="The connection works, and httpd passes the backend's answer on. "
            + (
                "The cause is in the backend."
                if fault
                else "For this path, without login and cookies, that may be intended."
            ),
        )

    def _invalid(self, facts: Facts, fault: AnswerFault) -> Finding:
        """The answer came, but httpd does not pass it on."""
        shown = f"the answer has the line: {fault.line!r}" if fault.line else "no line is to blame"
        mend = [
            Remedy(
                "backend",
                "Look at its answer, and have the program corrected that gives it.",
                shell.curl(facts),
            )
        ]
        service = service_of(fault.line) if fault.kind in _NO_STATUS else None
        return self.found(
            facts,
            f"The connection is fine. {facts.verdict.reason} "
            + (
                f"By what it says it is {service}."
                if service
                else "The cause is in the program that answers."
            ),
            [evidence.route(facts.route), shown],
            OTHER_SERVICE if service else mend,
            "critical",
            proof=[
                *([f"the answer has the line: {fault.line[:_SHOWN]!r}"] if fault.line else ()),
                evidence.route(facts.route),
            ],
            why=f"By what it says it is {service}: httpd finds no HTTP in its answer."
            if service
            else f"{facts.verdict.reason.partition('. ')[0].rstrip('.')}.",
        )

    def _no_http(self, facts: Facts, first: str) -> Finding:
        """httpd takes for HTTP/0.9 what has no status line, and answers 200."""
        service = service_of(first) or "another service, or a program that breaks HTTP"
        found = self.found(
            facts,
            "The first line of its answer is no status line. httpd takes all of it for a page in "
            f"HTTP/0.9, and the client gets 200 with it. By what it says it is {service}.",
            [evidence.route(facts.route), f"the answer begins: {first[:_SHOWN]!r}"],
            OTHER_SERVICE,
            proof=[f"the answer begins: {first[:_SHOWN]!r}", evidence.route(facts.route)],
            why=f"It is {service}. httpd takes what it says for a page in HTTP/0.9, and the "
            "client gets 200 with it.",
        )
        return replace(found, title="What answers on the backend's port does not speak HTTP")


class HeaderLineTooLong(Rule):
    """A header line longer than httpd's buffer for it."""

    slug = "header-line-too-long"
    family = "answers"
    order = 130
    title = "The backend sends a header line that is longer than httpd reads"
    signs = Signs(stages={"http": 8}, log_codes="AH10124/2")
    scope = "probe"
    explains = True

    def _check(self, facts: Facts) -> Finding | None:
        http = facts.probe.http if facts.probe else None
        if http is None or http.fault is None or http.fault.kind != "line-too-long":
            return None
        size = facts.route.answers.line_size
        by_line = facts.route.kind.startswith("ProxyPass") or facts.route.kind == "BalancerMember"
        cures: tuple[Cure, ...] = ()
        if by_line and size < _LONGER:
            reason = "httpd reads the backend's long header lines"
            cures = (Cure("parameter", f"responsefieldsize={_LONGER}", reason),)
        name = http.fault.line.partition(":")[0][:_SHOWN]
        proof = [
            f"the line begins: {name!r}, and httpd reads {size} bytes",
            evidence.route(facts.route),
        ]
        return self.found(
            facts,
            f"httpd reads header lines of {size} bytes at most from a backend, and answers 502 "
            "where one is longer. Often it is a cookie, or a policy that names many hosts.",
            proof,
            (
                *lines(cures),
                Remedy("backend", "Have the application send less: proxies before it stumble too."),
            ),
            proof=proof,
            cures=cures,
        )


def _by_status(facts: Facts, status: int) -> list[Remedy]:
    """What often leads to a status behind a reverse proxy."""
    if status == _UPGRADE_REQUIRED:
        text = "It wants a WebSocket: add this at the end of the ProxyPass line (httpd 2.4.47)."
        return [Remedy("config", text, "upgrade=websocket")]
    sent, public = facts.backend.host_header, facts.route.client_host
    if status not in _OF_A_HOST or not facts.backend.host or not public:
        return []
    kept = facts.route.preserve_host.value
    other = facts.backend.host if kept else public
    if other == sent:
        return []
    return [
        Remedy(
            "config",
            "Ask it with the other name (Host); if it answers then, write ProxyPreserveHost "
            f"{'Off' if kept else 'On'}.",
            shell.curl(facts, host=other),
        ),
        Remedy("backend", f"Or have it accept the name {sent} (Host)."),
    ]
