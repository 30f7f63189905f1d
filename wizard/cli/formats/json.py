"""``--format json``: the document of docs/reference/check.schema.json, schema version 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from json import JSONEncoder, loads
from json.encoder import encode_basestring_ascii as quoted
from operator import attrgetter
from typing import Any

from wizard.cli import output
from wizard.cli.formats import plain
from wizard.cli.formats.summary import summarize
from wizard.masking.free_text import may_hold_secret
from wizard.model.balancer import BalancerVerdict
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, Route, Setting, TlsPolicy
from wizard.model.diagnosis import Diagnosis, Finding, Report, Verdict
from wizard.model.httpd_info import HttpdInfo
from wizard.model.probe import HttpResult, ProbeReport, TcpResult, TlsResult
from wizard.reference.backports import uncertain
from wizard.reference.release import dotted

SCHEMA_VERSION = 1
_POLICY_NAMES = tuple(field.name for field in fields(TlsPolicy))
_settings = attrgetter(*_POLICY_NAMES)
_json = JSONEncoder(ensure_ascii=True).encode


_ROUTE = (
    '{"vhost": {"server_name": %s, "aliases": [%s], "addresses": [%s], "file": %s, "line": %d}, '
    '"path": %s, "kind": %s, "file": %s, "line": %d, "balancer": %s, "backend": {"url": %s, '
    '"scheme": %s, "host": %s, "port": %d, "sni": %s, "check_name": %s, "host_header": %s}'
)
"""How a route begins. A large site is nearly all routes, and mappings would cost three times."""


def write(report: Report, *, verbose: bool) -> None:  # noqa: ARG001 - JSON always holds everything
    """Write the document to stdout."""
    encode = _RouteEncoder()
    routes = [output.Encoded(encode(diagnosis)) for diagnosis in report.diagnoses]
    output.write_json(_clean(_document(report)) | {"routes": routes})


def document(report: Report) -> dict[str, Any]:
    """The document as plain values."""
    encode = _RouteEncoder()
    found: dict[str, Any] = _clean(_document(report))
    return found | {"routes": [loads(encode(diagnosis)) for diagnosis in report.diagnoses]}


def _document(report: Report) -> dict[str, Any]:
    """Everything but the routes."""
    counts = summarize(report)
    return {
        "schema_version": SCHEMA_VERSION,
        "config": _configuration(report.configuration),
        "assumed": [asdict(one) for one in report.scope.resolve],
        "routes": [],
        "balancers": [_balancer(one) for one in report.balancers],
        "summary": {**asdict(counts), "seconds": round(report.seconds, 3)},
    }


def _balancer(verdict: BalancerVerdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "route": verdict.vhost,
        "outcome": verdict.outcome,
        "status": verdict.status,
        "members": len(verdict.members),
        "faulty": [
            {"url": one.url, "status": one.status, "share": one.share, "retry": one.seconds}
            for one in verdict.faulty
        ],
    }


def _configuration(configuration: Configuration) -> dict[str, Any]:
    return {
        "root": configuration.root,
        "server_root": configuration.server_root,
        "layout": configuration.layout,
        "partial": configuration.partial,
        "httpd": _httpd(configuration.httpd),
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "message": problem.message,
                "stage": problem.phase,
                "code": problem.code,
                "slug": problem.slug,
            }
            for problem in configuration.problems
        ],
    }


def _httpd(httpd: HttpdInfo) -> dict[str, Any]:
    release = httpd.release
    return {
        "version": httpd.version,
        "path": httpd.path,
        "modules": httpd.modules,
        "openssl": httpd.openssl,
        "module_directory": httpd.module_directory,
        "found": httpd.found,
        "assumed": httpd.assumed,
        "rules": {"httpd": dotted(release.httpd), "openssl": dotted(release.openssl)},
        "backports": httpd.backports,
        "uncertain": uncertain(release),
    }


class _RouteEncoder:
    """Gives the JSON of routes; what many of them share is encoded once."""

    def __init__(self) -> None:
        self._policy = _PolicyEncoder()
        self._verdicts: dict[Verdict, str] = {}

    def __call__(self, diagnosis: Diagnosis) -> str:
        verdict = diagnosis.verdict
        known = self._verdicts.get(verdict)
        if known is None:
            known = self._verdicts[verdict] = _encode(_verdict(verdict))
        route, probe, findings = diagnosis.case.route, diagnosis.case.probe, diagnosis.findings
        text = _ROUTE % _fields(route, quoted)
        if not _is_clean(text):
            text = _ROUTE % _fields(route, _quoted_clean)
        observed = "null" if probe is None else _encode(_probe(probe))
        found = _encode([_finding(finding) for finding in findings]) if findings else "[]"
        return (
            f'{text}, "probe": {observed}, "verdict": {known}, "findings": {found}, '
            f'"tls": {self._policy(route.tls)}}}'
        )


def _fields(route: Route, quote: Callable[[str], str]) -> tuple[str | int, ...]:
    """What ``_ROUTE`` begins with."""
    vhost, backend, balancer = route.vhost, route.backend, route.balancer
    name, sni = vhost.server_name, backend.sni
    return (
        quote(name) if name is not None else "null",
        ", ".join([quote(alias) for alias in vhost.aliases]),
        ", ".join([quote(address) for address in vhost.addresses]),
        quote(vhost.source.file),
        vhost.source.line,
        quote(route.path),
        quote(route.kind),
        quote(route.source.file),
        route.source.line,
        quote(balancer) if balancer is not None else "null",
        quote(backend.url),
        quote(backend.scheme),
        quote(backend.host),
        backend.port,
        quote(sni) if sni is not None else "null",
        quote(backend.check_name),
        quote(backend.host_header),
    )


def _setting(setting: Setting[Any]) -> dict[str, Any]:
    return {"value": setting.value, "source": setting.origin}


class _PolicyEncoder:
    """Encodes policies, a third of a route's text.

    On a large site most settings differ from others in nothing but their line.
    """

    def __init__(self) -> None:
        self._starts: dict[tuple[str, object, str | None], str] = {}

    def __call__(self, policy: TlsPolicy) -> str:
        return "{" + ", ".join(map(self._field, _POLICY_NAMES, _settings(policy))) + "}"

    def _field(self, name: str, setting: Setting[Any]) -> str:
        source = setting.source
        key = (name, setting.value, None if source is None else source.file)
        start = self._starts.get(key)
        if start is not None:
            return start if source is None else f'{start}{source.line}"}}'
        text = f'"{name}": {_encode(_setting(setting))}'
        end = "" if source is None else f'{source.line}"}}'
        if text.endswith(end):  # not if it went with a password that was masked
            self._starts[key] = text.removesuffix(end)
        return text


def _probe(probe: ProbeReport) -> dict[str, Any]:
    dns = probe.dns
    return {
        "dns": None
        if dns is None
        else {
            "addresses": dns.addresses,
            "seconds": round(dns.seconds, 4),
            "failure": dns.failure,
            "error": dns.error,
        },
        "tcp": None if probe.tcp is None else _tcp(probe.tcp),
        "tls": None if probe.tls is None else _tls(probe.tls),
        "http": None if probe.http is None else _http(probe.http),
        "error": probe.error,
        "notes": probe.notes,
    }


def _tcp(tcp: TcpResult) -> dict[str, Any]:
    return {
        "address": tcp.address,
        "port": tcp.port,
        "seconds": round(tcp.seconds, 4),
        "failure": tcp.failure,
        "error": tcp.error,
    }


def _tls(tls: TlsResult) -> dict[str, Any]:
    return {
        "version": tls.version,
        "cipher": tls.cipher,
        "alpn": tls.alpn,
        "seconds": round(tls.seconds, 4),
        "chain": [certificate(item) for item in tls.chain],
        "client_certificate_requested": tls.client_certificate_requested,
        "client_ca_names": tls.client_ca_names,
        "without_sni_sha256": tls.without_sni.sha256 if tls.without_sni else None,
        "failure": tls.failure,
        "alert": tls.alert,
        "error": tls.error,
    }


def _http(http: HttpResult) -> dict[str, Any]:
    return {
        "method": http.method,
        "status": http.status,
        "server": http.server,
        "seconds": round(http.seconds, 4),
        "failure": http.failure,
        "error": http.error,
        "location": http.location,
        "cookies": [text.partition("=")[0].strip() for text in http.cookies if "=" in text],
    }


def certificate(item: Certificate) -> dict[str, Any]:
    """A certificate as plain values."""
    return {
        "subject": item.subject,
        "issuer": item.issuer,
        "serial": item.serial,
        "sha256": item.sha256,
        "not_before": _moment(item.not_before),
        "not_after": _moment(item.not_after),
        "dns_names": item.dns_names,
        "ip_addresses": item.ip_addresses,
        "is_ca": item.is_ca,
        "key": item.key,
        "signature": item.signature,
        "error": item.error,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome,
        "stage": verdict.stage,
        "status": verdict.status,
        "ah_codes": verdict.ah_codes,
        "ah_codes_at_log_level": verdict.ah_codes_at_log_level,
        "openssl": None
        if verdict.openssl is None
        else {"code": verdict.openssl.code, "text": verdict.openssl.text},
        "reason": verdict.reason,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "slug": finding.slug,
        "severity": finding.severity,
        "title": finding.title,
        "evidence": finding.evidence,
        "explanation": finding.explanation,
        "best_practice": finding.best_practice,
        "remedies": plain.remedies(finding.remedies),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encode(values: Any) -> str:
    """JSON of values from outside."""
    text = _json(values)
    return text if _is_clean(text) else _json(_clean(values))


def _quoted_clean(text: str) -> str:
    return quoted(plain.unicode(text))


def _is_clean(text: str) -> bool:
    """Whether nothing in some JSON has to be looked at: no escape (a quote, a control character,
    a byte that was not UTF-8), and no password."""
    return "\\" not in text and not may_hold_secret(text)


def _clean(value: Any) -> Any:
    """Values whose texts are clean (``plain.unicode``)."""
    if isinstance(value, str):
        return plain.unicode(value)
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value
