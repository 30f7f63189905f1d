"""``--format nagios``: a monitoring plugin's output.

First line ``PROXY-WIZARD STATUS - summary | perfdata``, then one line a route that is not well
(Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and
"Performance data").
"""

from __future__ import annotations

from wizard.cli import output
from wizard.cli.formats.summary import summarize
from wizard.model.diagnosis import Diagnosis, Report
from wizard.text import printable
from wizard.wording.installed import headline

_STATUS = {0: "OK", 1: "WARNING", 2: "CRITICAL", 3: "UNKNOWN"}


def write(report: Report, *, verbose: bool) -> None:
    """Write the plugin's output to stdout; ``verbose`` lists the routes that are well too, and says
    whose rules hold."""
    from wizard.cli.check import exit_code

    counts = summarize(report)
    head = (
        f"PROXY-WIZARD {_STATUS[exit_code(report)]} - {_summary(report)}"
        f" | routes={counts.routes};;;0 ok={counts.ok};;;0 warning={counts.warning};;;0"
        f" critical={counts.critical};;;0 unknown={counts.unknown};;;0"
        f" time={report.seconds:.3f}s;;;0"
    )
    lines = [_line(d) for d in report.diagnoses if verbose or d.severity != "ok"]
    if verbose:  # monitoring shows what it is given as it is: no more than has to be acted on
        lines.append(headline(report.configuration).replace("|", "/"))
    output.write("\n".join([head, *lines]) + "\n")


def _summary(report: Report) -> str:
    counts = summarize(report)
    total = f"{counts.routes} route{'s' if counts.routes != 1 else ''}"
    named = [
        f"{number} {name}"
        for number, name in (
            (counts.critical, "failing"),
            (counts.unknown, "unknown"),
            (counts.warning, "with warnings"),
        )
        if number
    ]
    if not named:
        return f"{total}, all well"
    worst = min(report.diagnoses, key=lambda d: _ORDER[d.severity])
    return f"{total}, {', '.join(named)}: {_line(worst)}"


_ORDER = {"critical": 0, "unknown": 1, "warning": 2, "ok": 3}


def _line(diagnosis: Diagnosis) -> str:
    route = diagnosis.case.route
    name = route.vhost.server_name or "main server"
    what = diagnosis.findings[0].title if diagnosis.findings else diagnosis.verdict.reason
    text = f"{diagnosis.severity}: {name} {route.path} -> {route.backend.url}: {what}"
    return printable(text, limit=300).replace("|", "/")  # a | would begin performance data
