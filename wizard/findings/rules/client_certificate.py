"""The backend asks for a client certificate, and gets none or refuses the one that httpd sends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Signs
from wizard.findings.rules.handshake import HandshakeRule
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.probe import TlsResult
from wizard.reference import behaviours
from wizard.reference.openssl import ALERTS_ABOUT_CERTIFICATE

_WITHOUT_ONE = (400, 495, 496)
"""Statuses with which nginx misses a client certificate; towards its client the last two are 400
(ngx_http_special_response.c), unless error_page shows them."""
_PERHAPS_TITLE = "The backend probably wants a client certificate"
_REFUSED_TITLE = "The backend refuses httpd's client certificate"
_BAD, _UNSUPPORTED, _REVOKED, _EXPIRED, _UNKNOWN = 42, 43, 44, 45, 46
_UNKNOWN_CA, _DENIED, _MISSING = 48, 49, 116
_WHY = {
    _BAD: "it does not decode or verify there",
    _UNSUPPORTED: "its key or its purpose is not one that the backend takes "
    "(extendedKeyUsage clientAuth)",
    _REVOKED: "its CA has revoked it",
    _UNKNOWN: "the backend does not say why",
    _UNKNOWN_CA: "the backend does not know its CA, or lacks an intermediate certificate",
    _DENIED: "it is valid, but its owner is not let in",
}
"""What the alerts of RFC 8446, 6.2 mean for a certificate that was sent."""
_TWO_FORMS = (
    " Its log lines are then AH01102 and AH00898, or, where httpd still sends when the backend "
    "has hung up, (104) AH01084 and AH01097: both mean this. Only the first form has the alert's "
    "line at LogLevel info: repeat the request until it is there."
)
"""Measured: of 20 equal requests about half have each."""
_MOST = 3
"""Certificates that are shown where httpd sends none of them."""
_DATE = "%Y-%m-%d %H:%M UTC"


class ClientCertificateRequired(HandshakeRule):
    """The backend wants to know who connects."""

    slug = "client-certificate-required"
    order = 30
    title = "The backend wants a client certificate"
    signs = Signs(
        stages={"tls": 80, "http": 40},
        log_codes="AH01102/4 AH02268 AH02269 AH02270",
        alerts="40/2 41 42 43 44 45 46 48 49 80/2 100 111 115 116",
    )

    def _check(self, facts: Facts) -> Finding | None:
        tls, http = facts.tls, facts.probe.http if facts.probe else None
        if tls is None:
            return None
        alert = tls.alert if tls.alert is not None else http.alert if http else None
        # the same alerts before any request for one are about something else
        refused = alert in ALERTS_ABOUT_CERTIFICATE and (
            tls.completed or tls.client_certificate_requested
        )
        broken = not tls.completed or (http is not None and http.failure is not None)
        asked = tls.client_certificate_requested or tls.client_certificate_requested_later
        if asked and not broken and not refused:
            return self._answered(facts, tls)
        if not refused and not (asked and broken):
            return None
        same = behaviours.holds("handshake-failure-is-502", facts.case.httpd.release)
        status = "" if same else ": the client gets 502 instead of 500"
        said = [f"the backend answers with TLS {evidence.alert_text(alert)}"] if refused else []
        wanted = _asked_from(tls)
        if asked and not wanted:
            wanted = ["asked from: the backend names no authority"]
        sent = _sent(facts)
        reason = _why_none(facts) if sent is None else _why_refused(facts, sent, alert)
        named = evidence.policy(facts, evidence.own_certificate_field(facts))
        own = _own_certificate(facts)
        found = self.found(
            facts,
            f"{reason} {_when(tls, status)}"
            + (_TWO_FORMS if tls.completed else "")
            + (" httpd logs AH02269." if sent is None and _withheld(facts) else ""),
            [*said, *named, *own, *_unread_chain(facts), *wanted],
            _lacking(facts) if sent is None else _remedies(facts, sent, alert),
            proof=[*said, *own[:1], *named[:1], *wanted[:1]][: evidence.MOST_PROOF],
            why=reason,
        )
        told = sent is not None and refused and alert != _MISSING
        return replace(found, title=_REFUSED_TITLE) if told else found

    def _answered(self, facts: Facts, tls: TlsResult) -> Finding | None:
        """A backend that says in HTTP that it misses the certificate which it asked for."""
        http = facts.probe.http if facts.probe else None
        if http is None or http.status not in _WITHOUT_ONE or _sent(facts) is not None:
            return None
        found = self.found(
            facts,
            f"It asks for a client certificate in the handshake, gets none, and answers "
            f'{http.status}: nginx says so "No required SSL certificate was sent". Its answer or '
            "its log tells whether that is the reason.",
            [
                f"answer: {http.status} {http.reason}".rstrip(),
                *evidence.policy(facts, evidence.own_certificate_field(facts)),
                *_asked_from(tls),
            ],
            [
                Remedy(
                    "backend",
                    "Read its answer: it says whether it wants a certificate.",
                    shell.curl(facts, page=True),
                ),
                *_lacking(facts),
            ],
            why=f"It asks for a client certificate, gets none, and answers {http.status}. Its "
            "answer or its log says whether that is the reason.",
        )
        return replace(found, title=_PERHAPS_TITLE)


def _asked_from(tls: TlsResult) -> list[str]:
    return [f"asked from: {name}" for name in tls.client_ca_names[:8]]


def _when(tls: TlsResult, status: str) -> str:
    """When it shows that the certificate is missing or refused."""
    if tls.client_certificate_requested_later:
        return "It asks only once it has the request, so not for every path: the client gets 502."
    return f"With TLS 1.3 this shows only after the handshake{status}."


def _sent(facts: Facts) -> Certificate | None:
    """The certificate that httpd sends."""
    shown = facts.presented
    if shown is None or (facts.tls is not None and facts.tls.client_certificate_refused):
        return None
    held = facts.trust.client_certificate.certificates
    return next((c for c in held if c.sha256 == shown.sha256), None)


def _withheld(facts: Facts) -> bool:
    """Whether httpd has a certificate, but of no CA that the backend names (AH02269)."""
    held = facts.probe is not None and facts.probe.request.own_certificates
    return bool(held) and facts.presented is None


def _own_certificate(facts: Facts) -> list[str]:
    own, sent = facts.trust.client_certificate, _sent(facts)
    return [
        f"httpd's certificate: {c.subject}, issuer {c.issuer}, valid until {c.not_after:{_DATE}}"
        for c in ([sent] if sent else own.certificates[:_MOST])
        if own.state == "ok"
    ]


def _why_none(facts: Facts) -> str:
    if _withheld(facts):
        return (
            "httpd sends no certificate: its own leads to none of the CAs that the backend asks "
            "for."
        )
    return "The backend ends the connection because httpd presents no certificate."


def _why_refused(facts: Facts, sent: Certificate, alert: int | None) -> str:
    when = _outside_its_dates(facts, sent)
    if alert not in ALERTS_ABOUT_CERTIFICATE and not when:
        return (
            f"The backend ends the connection after httpd's client certificate {sent.subject}, "
            "perhaps because it does not accept it: it may be of another CA."
        )
    if alert == _EXPIRED and not when:
        when = f"the backend holds it for expired, but it is valid until {sent.not_after:{_DATE}}"
    why = when or _WHY.get(alert or 0, "it is of another CA")
    return f"The backend refuses httpd's client certificate {sent.subject}: {why}."


def _outside_its_dates(facts: Facts, sent: Certificate) -> str:
    if facts.now > sent.not_after:
        return f"it expired on {sent.not_after:{_DATE}}"
    if facts.now < sent.not_before:
        return f"it is valid only from {sent.not_before:{_DATE}} on"
    return ""


def _lacking(facts: Facts) -> list[Remedy]:
    """Where httpd sends none."""
    held = facts.trust.client_certificate.certificates if _withheld(facts) else ()
    idle = shell.in_force(facts, "machine_certificate_file", "machine_certificate_path")
    known = (remedy for one in held[:1] for remedy in _lead_to_known(facts, one))
    return [*idle, *_readable_chain(facts), *known, *_another(facts)]


def _remedies(facts: Facts, sent: Certificate, alert: int | None) -> Sequence[Remedy]:
    """What fits the reason for which the backend refuses the certificate that was sent."""
    if facts.now > sent.not_after:
        return _renewed(facts, sent)
    if alert == _EXPIRED or facts.now < sent.not_before:
        return (
            Remedy(
                "backend",
                "Compare the clocks of the backend and of this machine: the certificate is valid "
                f"from {sent.not_before:%Y-%m-%d} to {sent.not_after:%Y-%m-%d}.",
                "date -u",
            ),
        )
    if alert == _DENIED:
        text = f"Have the backend's owner let {sent.subject} in: the certificate itself is valid."
        return (Remedy("backend", text),)
    if alert in (_REVOKED, _UNSUPPORTED):
        return _another(facts)
    return (*_readable_chain(facts), *_lead_to_known(facts, sent), *_another(facts))


def _unread_chain(facts: Facts) -> list[str]:
    """That httpd finds no certificate in SSLProxyMachineCertificateChainFile; it starts, silent."""
    chain = facts.trust.machine_chain
    if chain.path is None or chain.state in ("ok", "unset", "unreadable"):
        return []
    return [
        *evidence.policy(facts, "machine_certificate_chain_file"),
        f"{chain.path}: {chain.detail or chain.state}; httpd takes nothing from it",
    ]


def _readable_chain(facts: Facts) -> tuple[Remedy, ...]:
    chain = facts.trust.machine_chain
    if not _unread_chain(facts):
        return ()
    form, name = chain.detail, chain.path or ""
    return shell.converted_file("SSLProxyMachineCertificateChainFile", form, name, facts)


def _renewed(facts: Facts, sent: Certificate) -> Sequence[Remedy]:
    file = _file(facts)
    quoted = shlex.quote(file)
    joined, target = shell.into_new_file(
        f"cat renewed.pem && openssl pkey -in {quoted}", file, facts
    )
    return (
        Remedy(
            "ca",
            f"Have it renewed by {sent.issuer}: this request keeps its name and its key.",
            shell.keeping_files(
                f"openssl x509 -x509toreq -copy_extensions copy -in {quoted} "
                f"-signkey {quoted} > renewed.csr"
            ),
        ),
        Remedy(
            "config",
            "Put the new certificate and the key into a new file, then write "
            f"SSLProxyMachineCertificateFile {argument(target)}.",
            joined,
            then=True,
        ),
    )


def _lead_to_known(facts: Facts, own: Certificate) -> tuple[Remedy, ...]:
    """For a certificate whose way to a CA that the backend knows is not shown to it."""
    held = facts.probe.request.own_certificates if facts.probe is not None else ()
    issuer = next((one.issuers[-1] for one in held if one.sha256 == own.sha256), own.issuer)
    if own.self_issued:
        return (Remedy("backend", f"Have the backend trust {own.subject}: it is self-signed."),)
    return (
        Remedy(
            "ca",
            f"If {issuer} is an intermediate CA: get its certificate (PEM) from the CA's owner and "
            f"append it to {_file(facts)}.",
        ),
        Remedy(
            "config",
            "Since 2.4.59 httpd sends it then. For older releases, name its file in "
            "SSLProxyMachineCertificateChainFile.",
            then=True,
        ),
        Remedy(
            "backend",
            f"If {issuer} is a root, the backend must trust it, or httpd needs another "
            "certificate.",
        ),
    )


def _file(facts: Facts) -> str:
    """Path of the certificate that httpd sends, else of what is configured."""
    shown = facts.presented
    return shown.file if shown else facts.trust.client_certificate.path or ""


def _another(facts: Facts) -> tuple[Remedy, Remedy]:
    _, target = shell.into_new_file("", "/etc/ssl/private/proxy.pem", facts)
    return (
        Remedy(
            "ca",
            "Request a client certificate (clientAuth) from a CA that the backend accepts.",
            shell.client_request(),
        ),
        Remedy(
            "config",
            "Put certificate and unencrypted key into one PEM file that only root can read.",
            f"SSLProxyMachineCertificateFile {target}",
            then=True,
        ),
    )
