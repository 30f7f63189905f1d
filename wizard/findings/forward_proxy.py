"""What goes wrong at a forward proxy (ProxyRemote): it is repaired there, not at the backend."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.model.config import Setting
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.probe import HttpResult

NO_TUNNEL: Final = "The forward proxy does not connect httpd to the backend"
NO_LOGIN: Final[Setting[str | None]] = Setting(None)
_LOGIN_WANTED = 407
"""RFC 9110, 15.5.8."""
_FORBIDDEN = frozenset({403, 405})
"""What forward proxies answer to a CONNECT that their access rules do not allow."""
_BEHIND = frozenset({500, 502, 503, 504})
"""What they answer when they cannot reach the backend themselves."""


def found(
    rule: Rule,
    facts: Facts,
    title: str,
    explanation: str,
    shown: list[str],
    *remedies: Remedy,
    why: str = "",
) -> Finding:
    """A rule's finding, about the forward proxy instead of the backend.

    Args:
        rule: whose slug and severity it has.
        facts: of a route that goes through a forward proxy.
        title: one line, no full stop.
        explanation: what happens there.
        shown: evidence, beside the directives that proxy.
        remedies: what helps there; to leave the forward proxy out is added as the last.
        why: as for ``Rule.found``.
    """
    through = evidence.forward_proxy(facts)
    finding = rule.found(
        facts,
        explanation,
        [evidence.route(facts.route), through, *shown],
        [*remedies, _directly(facts)],
        proof=[*shown[:2], through],
        why=why,
    )
    return replace(finding, title=title)


def unresolved(rule: Rule, facts: Facts, reason: str, said: str) -> Finding:
    """The forward proxy's name has no address."""
    return found(
        rule,
        facts,
        "The forward proxy's name does not resolve",
        f"{reason} httpd goes through the forward proxy {evidence.peer(facts)} and looks up its "
        f"name, not the backend's; it answers {facts.verdict.status or 500} (AH00898, DNS lookup "
        "failure).",
        [f"resolver: {said}"],
        *_other_host(facts),
        Remedy("network", "Add the name to DNS; or to /etc/hosts, if this machine alone needs it."),
        Remedy("network", "Ask the same resolver.", shell.lookup(facts), looks=True),
        why=f"httpd goes through this forward proxy, so it looks up its name. {reason}",
    )


def refused(rule: Rule, facts: Facts, reason: str, shown: list[str]) -> Finding:
    """No connection to the forward proxy."""
    return found(
        rule,
        facts,
        "Nothing listens on the forward proxy's port",
        f"httpd reaches the backend through the forward proxy {evidence.peer(facts)}. {reason} "
        f"The backend itself was not asked. {evidence.unconnected(facts)}",
        shown,
        Remedy(
            "network",
            "See there whether the forward proxy runs, and on which address and port.",
            "ss -ltnp",
        ),
        Remedy("network", "Try it by hand from this machine.", shell.curl(facts), looks=True),
        Remedy("config", f"Correct host and port in ProxyRemote{_place(facts)}."),
        why="httpd reaches the backend only through this forward proxy, so the backend was not "
        "asked.",
    )


def silent(rule: Rule, facts: Facts, reason: str, shown: list[str]) -> Finding:
    """The forward proxy takes too long."""
    return found(
        rule,
        facts,
        "The forward proxy does not answer in time",
        f"httpd reaches the backend through the forward proxy {evidence.peer(facts)}. {reason}",
        shown,
        Remedy(
            "network",
            "Allow its port in the firewalls between, or ask its owner whether it reaches the "
            "backend; then try it.",
            shell.curl(facts),
        ),
        Remedy("config", f"Correct host and port in ProxyRemote{_place(facts)}."),
        why=f"{reason.partition('. ')[0]}.",
    )


def hung_up(rule: Rule, facts: Facts, observed: str | None) -> Finding:
    """The forward proxy gives no tunnel, or ends the connection."""
    answer = facts.probe.http if facts.probe is not None else None
    target = f"{facts.backend.host}:{facts.backend.port}"
    asked = f"asks the forward proxy {evidence.peer(facts)}"
    if answer is None or answer.method != "CONNECT":
        title = "The forward proxy closes the connection without an answer"
        what = f"httpd {asked} for the backend's page, and it ends the connection."
        remedies = [Remedy("network", "Read the forward proxy's own log at this moment.")]
    else:
        title = NO_TUNNEL
        why, remedies = refusal(answer.status, target, facts.route.proxy_login)
        what = f"httpd {asked} for a tunnel (CONNECT {target}). {why}"
    return found(
        rule,
        facts,
        title,
        f"{what} The client gets {facts.verdict.status or 503}.",
        [f"observed: {observed or 'connection closed'}"],
        *remedies,
        Remedy("network", "Repeat it by hand.", shell.curl(facts), looks=True),
    )


def refusal(
    status: int | None, target: str, login: Setting[str | None] = NO_LOGIN
) -> tuple[str, list[Remedy]]:
    """Why a forward proxy gives no tunnel, and what helps.

    Args:
        status: that it answers; None: nothing that can be read.
        target: host and port of the backend.
        login: that httpd sends to it.
    """
    if status == _LOGIN_WANTED:
        return f"{_login(login)} ({status}).", _with_login(login, target)
    if status is None:
        why = "It ends the connection without an answer that can be read."
        text = "See whether that port belongs to a forward proxy that takes CONNECT."
    elif status in _FORBIDDEN:
        why = f"Its access rules do not allow it ({status})."
        text = f"Allow CONNECT to {target} in the forward proxy's rules."
    elif status in _BEHIND:
        why = f"It cannot reach the backend itself ({status})."
        text = (
            f"Look on the forward proxy whether it reaches {target}, and resolves the name; its "
            "own log says why."
        )
    else:
        why = f"It answers {status}."
        text = "Read the forward proxy's own log at this moment."
    return why, [Remedy("network", text)]


def error_status(rule: Rule, facts: Facts, answer: HttpResult) -> Finding:
    """An error status over plain HTTP: of the forward proxy or of the backend behind it."""
    login = answer.status == _LOGIN_WANTED
    whose = (
        f"{_login(facts.route.proxy_login)}."
        if login
        else "It is the forward proxy's own, or that of the backend behind it: the Server header "
        f"({answer.server or 'none'}) and their logs tell."
    )
    path = facts.probe.request.path if facts.probe is not None else "/"
    finding = found(
        rule,
        facts,
        "An error comes back through the forward proxy",
        f"The connection to the forward proxy {evidence.peer(facts)} is fine: it answers "
        f"{answer.status}, and httpd hands that on. {whose}",
        [
            f"{answer.method} {path} with Host {facts.backend.host_header}: "
            f"{answer.status} {answer.reason}".rstrip()
        ],
        *(
            _with_login(facts.route.proxy_login, f"{facts.backend.host}:{facts.backend.port}")
            if login
            else [Remedy("network", "Read the forward proxy's log, then the backend's.")]
        ),
        Remedy("network", "Repeat it by hand.", shell.curl(facts), looks=True),
        why=f"httpd passes this answer on. {whose}",
    )
    if answer.status is not None and answer.status < 500 and not login:
        return replace(finding, severity="info")
    return finding


def _login(sent: Setting[str | None]) -> str:
    if sent.value is None:
        return "It wants a login"
    return "It refuses the login that httpd sends"


def _with_login(sent: Setting[str | None], target: str) -> list[Remedy]:
    """What helps where a login is wanted; ProxyRemote itself has no place for one."""
    if sent.value is not None:
        text = f"Correct the login at {sent.origin}: Basic, and NAME:PASSWORD in base64."
        return [Remedy("config", text)]
    return [
        Remedy(
            "network",
            "Have the forward proxy let this machine through without a login: "
            f"{target} alone is enough.",
        ),
        Remedy(
            "config",
            "Else have httpd send one (mod_headers; *** is NAME:PASSWORD in base64). The backend "
            "gets it too, with each request: let it open nothing but the way there.",
            'RequestHeader set Proxy-Authorization "Basic ***"',  # what else stood there is masked
        ),
    ]


def _other_host(facts: Facts) -> list[Remedy]:
    place = f"ProxyRemote{_place(facts)}"
    if "@" in (facts.route.proxy_remote.value or ""):
        return [
            Remedy(
                "config",
                f"Take the login out of {place}: httpd takes what stands before the first colon "
                "for the host.",
            ),
            Remedy("config", "RequestHeader sends a login, as Proxy-Authorization.", then=True),
        ]
    return [Remedy("config", f"Correct the host in {place} if it is misspelt.")]


def _place(facts: Facts) -> str:
    source = facts.route.proxy_remote.source
    return f" ({source})" if source is not None else ""


def _directly(facts: Facts) -> Remedy:
    return Remedy(
        "config",
        "If the backend is to be reached directly: let ProxyRemote name only the URLs that need "
        "it, or exempt this site. httpd compares NoProxy with the Host that its client sends, "
        "not with the backend's name.",
        f"NoProxy {facts.route.client_host.partition(':')[0]}" if facts.route.client_host else None,
    )
