"""``--format text -v``: all that is known, route by route."""

from __future__ import annotations

from datetime import datetime

from wizard.cli import heading, layout
from wizard.cli.formats.counted import STYLES, counts
from wizard.cli.formats.text import PROBLEMS
from wizard.cli.output import Palette
from wizard.model.config import Route, Setting
from wizard.model.diagnosis import Diagnosis, Finding, Report
from wizard.model.probe import ProbeReport, TlsResult
from wizard.reference.ssl_proxy_directives import DIRECTIVES, shown
from wizard.text import printable
from wizard.wording import diagnosis as wording
from wizard.wording.certificate import facts
from wizard.wording.entries import state
from wizard.wording.fold import wrap

_SEVERITY_STYLES = {"critical": "red", "warning": "yellow", "info": "cyan"}


def render(report: Report, palette: Palette) -> str:
    """The report as text, ready to print."""
    blocks = [_configuration(report, palette)]
    blocks += [_route(diagnosis, palette) for diagnosis in report.diagnoses]
    blocks.append(f"{counts(report, palette)}\n")
    return "\n".join(blocks)


def _configuration(report: Report, palette: Palette) -> str:
    configuration = report.configuration
    lines = list(heading.lines(configuration, report.scope.resolve, whole=True))
    if configuration.partial:
        lines.append(
            wrap(
                "This is a lone virtual host file: what the server level sets (LogLevel, "
                "SSLProxy*, modules) is unknown, and httpd's defaults are assumed for it.",
                "  ",
            )
        )
    for problem in configuration.problems:
        style, label = PROBLEMS.get(problem.phase, ("red", "error"))
        code = f"{problem.code}: " if problem.code else ""
        told = f"{printable(problem.place)}: {code}{printable(problem.message)}"
        lines.append(f"  {palette(label, style)}: {told}")
        if problem.hint:
            lines.append(wrap(printable(problem.hint), "         "))
    return "\n".join(lines) + "\n"


def _route(diagnosis: Diagnosis, palette: Palette) -> str:
    route = diagnosis.case.route
    label = state(diagnosis)
    name = printable(route.vhost.server_name or "main server")
    head = (
        f"{palette(f'{label:<4}', 'bold', STYLES[label])}  "
        f"{palette(f'{name} {printable(route.path)} -> {printable(route.backend.url)}', 'bold')}"
    )
    member = f" of balancer://{printable(route.balancer)}" if route.balancer else ""
    lines = [
        head,
        f"      {palette(f'{route.kind}{member}, {printable(str(route.source))}', 'dim')}",
        wrap(printable(diagnosis.sentence), "      "),
    ]
    lines += [_finding(finding, palette) for finding in diagnosis.findings]
    if diagnosis.case.probe is not None:
        lines.append(_probe(diagnosis.case.probe, diagnosis.case.now, palette))
    if diagnosis.verdict.log:
        lines += ["", *layout.lines(wording.log(diagnosis), palette, 6)]
    if route.backend.uses_tls:
        lines.append(_policy(route, palette))
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, palette: Palette) -> str:
    style = _SEVERITY_STYLES[finding.severity]
    head = (
        f"\n      {palette(finding.severity, style)}  {palette(finding.slug, 'bold')}: "
        f"{printable(finding.title)}"
    )
    return "\n".join((head, *layout.lines(wording.reasons(finding), palette, 8)))


def _probe(probe: ProbeReport, now: datetime, palette: Palette) -> str:
    request = probe.request
    lines = ["", "      probe:"]
    if probe.dns is not None:
        found = ", ".join(probe.dns.addresses) or printable(probe.dns.error or "nothing")
        lines.append(f"        DNS   {printable(request.host)}: {found}  {_ms(probe.dns.seconds)}")
    if probe.tcp is not None:
        reached = probe.tcp.address or printable(probe.tcp.error or "not reached")
        lines.append(f"        TCP   {reached} port {probe.tcp.port}  {_ms(probe.tcp.seconds)}")
    if probe.tls is not None:
        lines += _tls(probe.tls, now)
    if probe.http is not None:
        answer = probe.http.status or printable(probe.http.error or "no answer")
        lines.append(
            f"        HTTP  {probe.http.method} {printable(request.path)} "
            f"(Host: {printable(request.host_header)}): {answer}  {_ms(probe.http.seconds)}"
        )
    if probe.error:
        lines.append(f"        {printable(probe.error)}")
    lines += [f"        {printable(note)}" for note in probe.notes]
    return "\n".join(palette(line, "dim") for line in lines)


def _tls(tls: TlsResult, now: datetime) -> list[str]:
    spoken = f"{tls.version} {tls.cipher}" if tls.version else printable(tls.error or "failed")
    sni = printable(tls.sni) if tls.sni else "none"
    lines = [f"        TLS   SNI {sni}: {spoken}  {_ms(tls.seconds)}"]
    for depth, certificate in enumerate(tls.chain):
        lines.append(f"              {depth} subject {printable(certificate.subject)}")
        lines.append(f"                issuer  {printable(certificate.issuer)}")
        lines += [f"                {fact}" for fact in facts(certificate, now)]
    return lines


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _policy(route: Route, palette: Palette) -> str:
    lines = ["", "      TLS policy in force:"]
    for field, directive in DIRECTIVES.items():
        setting: Setting[object] = getattr(route.tls, field)
        origin = "httpd's default" if setting.is_default else printable(setting.origin)
        lines.append(f"        {directive:<36} {printable(shown(setting.value)):<10} {origin}")
    if route.backend.host or route.backend.socket:
        name = printable(route.backend.check_name)
        sni = printable(route.backend.sni) if route.backend.sni else "none"
        host = printable(route.backend.host_header)
        lines.append(f"        SNI sent: {sni}; certificate must be for: {name}; Host sent: {host}")
    return "\n".join(palette(line, "dim") for line in lines)
