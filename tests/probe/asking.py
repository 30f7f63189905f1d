"""Probes on loopback, in a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes

from wizard import probe
from wizard.demo import pki
from wizard.model.probe import HttpResult, OwnCertificate, ProbeReport, ProbeRequest, TlsResult
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


def stored(place: Path, own: pki.Issued) -> OwnCertificate:
    """A client certificate, added with its key to a file of httpd's."""
    file = place / "own.pem"
    with file.open("ab") as more:
        more.write(own.pem + own.key_pem)
    shown = own.certificate
    issuer = shown.issuer.rfc4514_string()
    return OwnCertificate(str(file), shown.fingerprint(hashes.SHA256()).hex(), (issuer,))
