"""Probes on loopback, in a line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wizard import probe
from wizard.model.probe import HttpResult, ProbeReport, ProbeRequest, TlsResult
from wizard.probe.resolve import FixedResolver

NAME = "backend.internal"
RESOLVER = FixedResolver({NAME: ["127.0.0.1"]})


def observe(port: int, **more: Any) -> ProbeReport:
    """The report of a backend on 127.0.0.1 that is asked for by name, in TLS unless told."""
    request = ProbeRequest(NAME, port, tls=True, sni=NAME, host_header=NAME, timeout=5)
    request = replace(request, **more)
    return probe.probe_all([request], resolver=RESOLVER)[request]


def tls(report: ProbeReport) -> TlsResult:
    assert report.tls is not None, report
    return report.tls


def http(report: ProbeReport) -> HttpResult:
    assert report.http is not None, report
    return report.http


def codes(report: ProbeReport) -> list[int]:
    """The errors of the verification, in order."""
    return [event.code for event in tls(report).events if not event.ok]
