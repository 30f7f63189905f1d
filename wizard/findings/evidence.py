"""The lines that show a finding: directives as they stand, and fields of certificates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.findings.facts import Facts
from wizard.masking import lines as masking
from wizard.model.certificate import Certificate, common_name
from wizard.model.config import Route, Setting, Source
from wizard.model.probe import TcpAttempt, TlsResult
from wizard.reference.openssl import ALERTS, ALERTS_ABOUT_CERTIFICATE
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.reference.worker_status import disabled
from wizard.x509.issuer_urls import issuer_urls

MOST_PROOF = 3
"""Lines that prove a finding at a glance."""
LONGEST_PROOF = 150
"""Characters of such a line: two rows of a terminal."""
PLACE = re.compile(r"(\S.*?:\d+)  ")
"""How a line of evidence begins that stands in a file."""
_ABOUT_ALL = ("connection: ", "backend's certificate: ", "OpenSSL error ")
"""How lines begin that stand under every finding of a route."""
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
"""Where a sentence ends and another begins."""
_CODES = re.compile(r" \((?:error \d+|AH\d+[^()]*)\)")
MOST_NAMES = 12
"""Names of a certificate that are shown; a hostile one has thousands."""
_AT_A_GLANCE = 3
"""Of these, those that a short line shows."""
_LONGEST_NAME = 50
"""Characters of a name that a short line shows."""
CA_FIELDS = ("ca_certificate_file", "ca_certificate_path")
"""The fields of the policy that name the CAs for backends."""


def line(source: Source, text: str) -> str:
    """``FILE:LINE  text`` of a directive as it is written, without the secrets that it may hold."""
    (shown_text,) = masking.configuration([text])
    return f"{source}  {shown_text}"


def directive(name: str, setting: Setting[object]) -> str:
    """``FILE:LINE  SSLProxyVerify none``; without a source, that it is the default."""
    if setting.source is not None:
        return f"{setting.source}  {name} {shown(setting.value)}"
    if setting.value is None:
        return f"default  {name} is not set"
    return f"default  {name} {shown(setting.value)} (no directive sets it)"


def brief(lines: Sequence[str]) -> tuple[str, ...]:
    """Of the evidence those lines that belong to this finding alone, three at most."""
    own = [line for line in lines if not line.startswith(_ABOUT_ALL)]
    return tuple((own or lines)[:MOST_PROOF])


def place(lines: Sequence[str]) -> str:
    """The first ``FILE:LINE`` that begins a line of evidence; empty: none does."""
    return next((found[1] for line in lines if (found := PLACE.match(line))), "")


def first_sentences(text: str) -> str:
    """The first two sentences of an explanation, without codes in brackets."""
    return _CODES.sub("", sentences(text, 2))


def sentences(text: str, most: int) -> str:
    """The first sentences of a text, at most so many."""
    return " ".join(SENTENCE.split(text)[:most])


def directives(facts: Facts, *fields: str) -> list[str]:
    """The directives of some fields of the policy."""
    return [directive(DIRECTIVES[name], getattr(facts.policy, name)) for name in fields]


def ca_directives(facts: Facts) -> list[str]:
    """The directives that name the CAs for backends; where none does, the one that asks for a CA
    and that none is named."""
    fields = [name for name in CA_FIELDS if getattr(facts.policy, name).value is not None]
    return directives(facts, *fields or ("verify", "ca_certificate_file"))


def line_of(facts: Facts, *fields: str) -> Source:
    """The line to edit: of the first directive that sets one of some fields of the policy; where
    none does, the one after which it belongs (SSLProxyVerify, SSLProxyEngine, the route's own)."""
    settings = (getattr(facts.policy, name) for name in (*fields, "verify", "engine"))
    return next((one.source for one in settings if one.source), facts.route.source)


def policy(facts: Facts, *fields: str) -> list[str]:
    """The directives of some fields of the policy, and the section that they come from."""
    lines = directives(facts, *fields)
    if facts.route.policy_in_main_section and facts.route.policy_section is not None:
        lines.append(
            f"{facts.route.policy_section}  this <Proxy> section of the main server decides; "
            "httpd ignores SSLProxy* of the virtual host"
        )
    lines += [
        f"{one.place}  {one.text}: {one.why}" for one in facts.route.idle if one.field in fields
    ]
    return lines


def own_certificate_field(facts: Facts) -> str:
    """The field of the policy that names httpd's certificate for backends; the one for a file where
    neither does."""
    by_path = facts.policy.machine_certificate_path.value is not None
    by_path = by_path and facts.policy.machine_certificate_file.value is None
    return "machine_certificate_path" if by_path else "machine_certificate_file"


def route(found: Route) -> str:
    """The line that proxies: ``FILE:LINE  ProxyPass / https://backend/``."""
    url = found.backend.url
    if found.kind == "BalancerMember":
        text = f"BalancerMember {url}"
    elif found.kind == "RewriteRule":
        text = f"RewriteRule {found.path} {url} [P]"
    elif found.kind.endswith(" in Location"):
        text = f"<Location {found.path}> {found.kind.removesuffix(' in Location')} {url}"
    else:
        text = f"{found.kind} {found.path} {url}"
    return f"{found.source}  {text}"


def peer(facts: Facts) -> str:
    """``HOST:PORT`` that httpd connects to: the forward proxy's, where it goes through one."""
    if facts.probe is not None:
        host, port = facts.probe.request.peer
        return f"{host}:{port}"
    return f"{facts.backend.host}:{facts.backend.port}"


def forward_proxy(facts: Facts) -> str:
    """The line that sends the request through a forward proxy."""
    setting = facts.route.proxy_remote
    return f"{setting.origin}  ProxyRemote … {setting.value}"


def connection(facts: Facts) -> str:
    """Where httpd connects to, and the names that it uses there."""
    backend, tcp = facts.backend, facts.probe.tcp if facts.probe else None
    if not backend.host and not backend.socket:
        return f"connection: not known from {backend.url}"
    where = f"{backend.host} port {backend.port}"
    if backend.socket:
        where = f"socket {backend.socket}"
    elif facts.forward_proxy:
        where += f" through the forward proxy {peer(facts)}"
    elif tcp is not None and tcp.address and tcp.address != backend.host:
        where += f" ({tcp.address})"
    if not backend.uses_tls:
        return f"connection: {where}, Host sent {backend.host_header}"
    return (
        f"connection: {where}, SNI sent {backend.sni or 'none'}, "
        f"name checked {backend.check_name}, Host sent {backend.host_header}"
    )


def certificate(found: Certificate, label: str = "certificate") -> list[str]:
    """What identifies a certificate: subject, issuer, dates, names and fingerprint."""
    return [
        f"{label}: subject {found.subject or '(empty)'}, issuer {found.issuer or '(empty)'}",
        f"{label}: valid {day(found.not_before)} to {day(found.not_after)}, {found.key}, "
        f"signed with {found.signature}",
        f"{label}: names {covered(found)}",
        f"{label}: SHA-256 {found.sha256}",
    ]


def short(name: str) -> str:
    """Of a certificate's subject or issuer the common name; all of it, where it has none. At most
    ``_LONGEST_NAME`` characters."""
    return clipped(common_name(name) or name or "(empty)")


def clipped(text: str, most: int = _LONGEST_NAME) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def owner(found: Certificate) -> str:
    """Whose a certificate is, in short: its common name, else its first DNS name."""
    name = found.dns_names[0] if found.dns_names and "CN=" not in found.subject else ""
    return clipped(name) if name else short(found.subject)


def in_short(found: Certificate, label: str = "certificate") -> str:
    """A certificate on one line: whose it is, who issued it, and its last day (UTC)."""
    issuer = "self-signed" if found.self_issued else f"issued by {short(found.issuer)}"
    return f"{label}: {owner(found)}, {issuer}, until {found.not_after:%Y-%m-%d}"


def leaf_in_short(facts: Facts) -> list[str]:
    """The backend's certificate on one line; nothing if it was not seen."""
    return [in_short(facts.leaf)] if facts.leaf else []


def names_in_short(facts: Facts) -> list[str]:
    """The names of the backend's certificate beside the one that httpd asks for; nothing if it was
    not seen."""
    if facts.leaf is None:
        return []
    asked = clipped(facts.backend.check_name)
    return [f"certificate names: {covered_in_short(facts.leaf)}; httpd asks for: {asked}"]


def covered_in_short(found: Certificate) -> str:
    """The names for which httpd would accept a certificate, the first of them."""
    return few(_names(found))


def few(names: Sequence[str]) -> str:
    """The first names of a list, each in short, and how many more there are."""
    more = f" and {len(names) - _AT_A_GLANCE} more" if len(names) > _AT_A_GLANCE else ""
    return ", ".join(map(clipped, names[:_AT_A_GLANCE])) + more or "none"


def leaf(facts: Facts) -> list[str]:
    """The backend's certificate; nothing if it was not seen."""
    return certificate(facts.leaf, "backend's certificate") if facts.leaf else []


def issuer_lies_at(found: Certificate) -> list[str]:
    """Where a certificate says that its issuer's lies; that is shown, and never fetched."""
    return [f"its issuer's certificate lies at {url} (caIssuers)" for url in issuer_urls(found)[:3]]


def covered(found: Certificate) -> str:
    """The names for which httpd would accept a certificate."""
    all_names = _names(found)
    if not all_names:
        return "none"
    more = f" and {len(all_names) - MOST_NAMES} more" if len(all_names) > MOST_NAMES else ""
    return ", ".join(all_names[:MOST_NAMES]) + more


def _names(found: Certificate) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*found.dns_names, *found.common_names)))


def day(moment: object) -> str:
    """A date as ``2026-11-24 12:00 UTC``."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def openssl(facts: Facts) -> list[str]:
    """The verification error that httpd logs."""
    error = facts.verdict.openssl
    return [f"OpenSSL error {error.code}: {error.text}"] if error else []


def alert_text(number: int | None) -> str:
    """A TLS alert as ``alert 40 (handshake failure)``."""
    known = ALERTS.get(number) if number is not None else None
    return f"alert {number} ({known.text})" if known is not None else f"alert {number}"


def alert_meaning(tls: TlsResult | None) -> str:
    """What the alert that ended a handshake means, with a blank behind; empty without one."""
    known = ALERTS.get(tls.alert) if tls is not None and tls.alert is not None else None
    if tls is None or known is None:
        return ""
    if tls.alert in ALERTS_ABOUT_CERTIFICATE and not tls.client_certificate_requested:
        return "It asked for no client certificate, so the alert cannot be about one. "
    return f"{known.meaning} "


def unconnected(facts: Facts) -> str:
    """What becomes of a request whose backend cannot be connected to."""
    codes = ", ".join(dict.fromkeys(facts.verdict.ah_codes))
    others = sum(not disabled(status) for status in facts.route.balancer_statuses) > 1
    if not others:
        return f"The client gets 503 ({codes})."
    return (
        f"httpd logs {codes} and goes on to another member of the balancer; the client gets 503 "
        "only where none of them can be connected to."
    )


def attempts(tried: tuple[TcpAttempt, ...], port: int) -> list[str]:
    """How each address took the connection."""
    return [
        f"{a.address} port {port}: {a.error or a.failure or 'connected'} ({a.seconds:.2f} s)"
        for a in tried[:8]
    ]
