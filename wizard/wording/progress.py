"""What a run is at, in words that fit before ``(Ctrl-C ends)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model.host_names import bracketed
from wizard.text import printable

if TYPE_CHECKING:
    from wizard.model.probe import ProbeReport
    from wizard.model.progress import Progress


def sentence(progress: Progress) -> str:
    """What is waited for: ``waiting for erp.corp.test:8443 (TLS), 3 of 12 backends asked``."""
    now = progress.now
    if now is None:
        return ""
    if isinstance(now, str):
        told, done = f"rehearsing {printable(now)}", "virtual hosts done"
    else:
        told, done = f"waiting for {_backend(now)} ({_stage(now)})", "backends asked"
    if progress.total == 1:
        return told
    return f"{told}, {progress.done} of {progress.total} {done}"


def _backend(report: ProbeReport) -> str:
    request = report.request
    if request.socket is not None:
        return printable(request.socket)
    return f"{printable(bracketed(request.host))}:{request.port}"


def _stage(report: ProbeReport) -> str:
    """The stage that has not ended."""
    if report.dns is None and report.request.socket is None:
        return "name"
    if report.tcp is None:
        return "connection"
    asks = report.request.http and report.http is None
    return "TLS" if report.request.tls and (report.tls is None or not asks) else "HTTP"
