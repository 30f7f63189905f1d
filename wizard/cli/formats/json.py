"""``--format json``: the document of docs/reference/check.schema.json, schema version 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from json import JSONEncoder
from operator import attrgetter
from typing import Any

from wizard.cli import output
from wizard.cli.formats.summary import summarize
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, Route, Setting, TlsPolicy
from wizard.model.diagnosis import Diagnosis, Finding, Report, Verdict
from wizard.model.probe import HttpResult, ProbeReport, TcpResult, TlsResult
from wizard.text import masked

SCHEMA_VERSION = 1
_POLICY_NAMES = tuple(field.name for field in fields(TlsPolicy))
_settings = attrgetter(*_POLICY_NAMES)


def write(report: Report, *, verbose: bool) -> None:  # noqa: ARG001 - JSON always holds everything
    """Write the document to stdout."""
    encode = JSONEncoder(ensure_ascii=True).encode
    policy = _PolicyEncoder(encode)
    routes = []
    for diagnosis in report.diagnoses:
        tls = policy(diagnosis.case.route.tls)
        routes.append(output.Encoded(f'{encode(_route(diagnosis))[:-1]}, "tls": {tls}}}'))
    output.write_json(_document(report, routes))


def document(report: Report) -> dict[str, Any]:
    """The document as plain values."""
    routes = [{**_route(d), "tls": _policy(d.case.route.tls)} for d in report.diagnoses]
    return _document(report, routes)


def _document(report: Report, routes: list[Any]) -> dict[str, Any]:
    counts = summarize(report)
    return {
        "schema_version": SCHEMA_VERSION,
        "config": _configuration(report.configuration),
        "routes": routes,
        "summary": {**asdict(counts), "seconds": round(report.seconds, 3)},
    }


def _configuration(configuration: Configuration) -> dict[str, Any]:
    return {
        "root": _text(configuration.root),
        "server_root": _text(configuration.server_root),
        "layout": configuration.layout,
        "partial": configuration.partial,
        "httpd": {
            "version": configuration.httpd.version,
            "path": configuration.httpd.path,
            "modules": [_text(name) for name in configuration.httpd.modules],
        },
        "problems": [
            {
                "file": _text(problem.file),
                "line": problem.line,
                "message": _text(problem.message),
                "stage": problem.stage,
                "code": problem.code,
                "slug": problem.slug,
            }
            for problem in configuration.problems
        ],
    }


def _route(diagnosis: Diagnosis) -> dict[str, Any]:
    """Everything but the policy."""
    route = diagnosis.case.route
    return {
        "vhost": _vhost(route),
        "path": _text(route.path),
        "kind": route.kind,
        "file": _text(route.source.file),
        "line": route.source.line,
        "balancer": _text(route.balancer),
        "backend": {
            "url": _text(route.backend.url),
            "scheme": route.backend.scheme,
            "host": _text(route.backend.host),
            "port": route.backend.port,
            "sni": _text(route.backend.sni),
            "check_name": _text(route.backend.check_name),
            "host_header": _text(route.backend.host_header),
        },
        "probe": None if diagnosis.case.probe is None else _probe(diagnosis.case.probe),
        "verdict": _verdict(diagnosis.verdict),
        "findings": [_finding(finding) for finding in diagnosis.findings],
    }


def _vhost(route: Route) -> dict[str, Any]:
    vhost = route.vhost
    return {
        "server_name": _text(vhost.server_name),
        "aliases": [_text(alias) for alias in vhost.aliases],
        "addresses": [_text(address) for address in vhost.addresses],
        "file": _text(vhost.source.file),
        "line": vhost.source.line,
    }


def _policy(policy: TlsPolicy) -> dict[str, Any]:
    return dict(zip(_POLICY_NAMES, map(_setting, _settings(policy)), strict=True))


def _setting(setting: Setting[Any]) -> dict[str, Any]:
    value = setting.value
    return {
        "value": _text(value) if isinstance(value, str) else value,
        "source": _text(setting.origin),
    }


class _PolicyEncoder:
    """Encodes policies; a setting that many share (a default, the main server's) once.

    A policy is a third of a route's text, and on a large site most of its settings are the same.

    Args:
        encode: gives JSON.
    """

    def __init__(self, encode: Callable[[Any], str]) -> None:
        self._encode = encode
        self._texts: list[tuple[str, dict[int, str]]] = [(name, {}) for name in _POLICY_NAMES]

    def __call__(self, policy: TlsPolicy) -> str:
        fields = []
        for (name, texts), setting in zip(self._texts, _settings(policy), strict=True):
            text = texts.get(id(setting))
            if text is None:
                text = texts[id(setting)] = f'"{name}": {self._encode(_setting(setting))}'
            fields.append(text)
        return "{" + ", ".join(fields) + "}"


def _probe(probe: ProbeReport) -> dict[str, Any]:
    dns = probe.dns
    return {
        "dns": None
        if dns is None
        else {
            "addresses": list(dns.addresses),
            "seconds": round(dns.seconds, 4),
            "failure": dns.failure,
            "error": _text(dns.error),
        },
        "tcp": None if probe.tcp is None else _tcp(probe.tcp),
        "tls": None if probe.tls is None else _tls(probe.tls),
        "http": None if probe.http is None else _http(probe.http),
        "error": _text(probe.error),
    }


def _tcp(tcp: TcpResult) -> dict[str, Any]:
    return {
        "address": tcp.address,
        "port": tcp.port,
        "seconds": round(tcp.seconds, 4),
        "failure": tcp.failure,
        "error": _text(tcp.error),
    }


def _tls(tls: TlsResult) -> dict[str, Any]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": _text(tls.alpn),
        "seconds": round(tls.seconds, 4),
        "chain": [certificate(item) for item in tls.chain],
        "client_certificate_requested": tls.client_certificate_requested,
        "client_ca_names": [_text(name) for name in tls.client_ca_names],
        "without_sni_sha256": tls.without_sni.sha256 if tls.without_sni else None,
        "failure": tls.failure,
        "alert": tls.alert,
        "error": _text(tls.error),
    }


def _http(http: HttpResult) -> dict[str, Any]:
    return {
        "method": http.method,
        "status": http.status,
        "server": _text(http.server),
        "seconds": round(http.seconds, 4),
        "failure": http.failure,
        "error": _text(http.error),
    }


def certificate(item: Certificate) -> dict[str, Any]:
    """A certificate as plain values."""
    return {
        "subject": _text(item.subject),
        "issuer": _text(item.issuer),
        "serial": item.serial,
        "sha256": item.sha256,
        "not_before": _moment(item.not_before),
        "not_after": _moment(item.not_after),
        "dns_names": [_text(name) for name in item.dns_names],
        "ip_addresses": list(item.ip_addresses),
        "is_ca": item.is_ca,
        "key": item.key,
        "signature": item.signature,
        "error": _text(item.error),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "stage": verdict.stage,
        "status": verdict.status,
        "ah_codes": list(verdict.ah_codes),
        "ah_codes_at_log_level": list(verdict.ah_codes_at_log_level),
        "openssl": None
        if verdict.openssl is None
        else {"code": verdict.openssl.code, "text": verdict.openssl.text},
        "reason": _text(verdict.reason),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "slug": finding.slug,
        "severity": finding.severity,
        "title": _text(finding.title),
        "evidence": [_text(item) for item in finding.evidence],
        "explanation": _text(finding.explanation),
        "best_practice": finding.best_practice,
        "remedies": [
            {
                "where": remedy.where,
                "text": _text(remedy.text),
                "command": _text(remedy.command),
            }
            for remedy in finding.remedies
        ],
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(text: str | None) -> str | None:
    r"""Text that is valid Unicode: a byte that was not UTF-8 becomes ``\xNN``.

    Passwords are masked. Lone surrogates would be legal JSON escapes that many parsers refuse
    (RFC 8259, 8.2).
    """
    if text is None:
        return None
    text = masked(text)
    return (
        text
        if text.isascii()
        else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    )
