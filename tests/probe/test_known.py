"""What is known of a backend from earlier in the same command, and when it is asked again."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.probe.asking import NAME, RESOLVER, codes, http, stored, tls
from tests.support import servers
from wizard import probe
from wizard.demo import pki
from wizard.demo.backends import Identity
from wizard.model.probe import ProbeReport, ProbeRequest
from wizard.probe.known import Known

TRUST = {"ca_file", "ca_path", "crl_file", "crl_path", "crl_check"}
"""What a handshake alone depends on, and only where a certificate was shown."""


class Backend:
    """Counts its connections and requests; ``context`` can be changed."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.connections = self.requests = 0

    def __call__(self, connection: socket.socket) -> None:
        self.connections += 1
        servers.answering(self.context, self._answer)(connection)

    def _answer(self, connection: ssl.SSLSocket) -> None:
        self.requests += 1
        connection.sendall(servers.ok(b""))

    @property
    def counted(self) -> tuple[int, int]:
        return self.connections, self.requests


@contextmanager
def asked(backend: Backend, **more: object) -> Iterator[tuple[Known, ProbeRequest, ProbeReport]]:
    """A backend, asked once with no trust, and what is known then."""
    known = Known()
    with servers.serving(backend) as port:
        request = ProbeRequest(NAME, port, tls=True, sni=NAME, host_header=NAME, timeout=5)
        request = replace(request, **more)  # type: ignore[arg-type] # of fields of any type
        yield known, request, ask(request, known)


def ask(request: ProbeRequest, known: Known) -> ProbeReport:
    return probe.probe_all([request], resolver=RESOLVER, known=known)[request]


@pytest.fixture
def backend(identity: Identity) -> Backend:
    return Backend(servers.context(identity.leaf))


def test_an_equal_request_is_not_probed_again(backend: Backend) -> None:
    with asked(backend) as (known, request, report):
        assert ask(replace(request), known) is report
    assert backend.counted == (2, 1)  # one of them without SNI


def test_other_trust_needs_a_handshake_and_no_request(backend: Backend, ca_file: str) -> None:
    with asked(backend) as (known, request, before):
        report = ask(replace(request, ca_file=ca_file), known)
    assert backend.counted == (3, 1)
    assert codes(before)
    assert not codes(report)
    assert len(tls(report).verified_chain) == 2
    assert tls(report).without_sni == tls(before).without_sni
    assert (report.request.ca_file, http(report)) == (ca_file, http(before))
    assert (report.dns, report.tcp) == (before.dns, before.tcp)


def test_what_is_sent_differently_is_probed_whole(backend: Backend) -> None:
    with asked(backend) as (known, request, _):
        ask(replace(request, path="/other"), known)
    assert backend.counted == (4, 2)


@pytest.mark.parametrize("name", [each.name for each in fields(ProbeRequest)])
def test_what_is_known_holds_for_the_same_route_to_the_backend(name: str) -> None:
    """Whatever a request may differ in but trust: SNI, client certificate, protocols, user …"""
    known = Known()
    request = ProbeRequest(NAME, 443, tls=True)
    known.add({request: ProbeReport(request, datetime.now(UTC))})
    other = replace(request, **{name: "another"})  # type: ignore[arg-type] # of any type
    found = (known.report(other) is not None, known.alike(other) is not None)
    assert found == ((True, True) if name in TRUST else (False, False))


def test_another_certificate_than_before_is_another_backend(
    backend: Backend, root: pki.Issued, ca_file: str
) -> None:
    with asked(backend) as (known, request, _):
        backend.context = servers.context(pki.issue("other", root, dns=[NAME]))
        report = ask(replace(request, ca_file=ca_file), known)
    leaf = tls(report).leaf
    assert leaf is not None
    assert leaf.subject == "CN=other"
    assert backend.requests == 2


def test_a_backend_that_wants_a_certificate_may_see_what_is_trusted(
    backend: Backend, root: pki.Issued, ca_file: str, tmp_path: Path
) -> None:
    """OpenSSL builds the chain of httpd's certificate from what is trusted."""
    backend.context.load_verify_locations(ca_file)
    backend.context.verify_mode = ssl.CERT_OPTIONAL
    own = stored(tmp_path, pki.issue("proxy", root, purposes=("clientAuth",)))
    with asked(backend, own_certificates=(own,)) as (known, request, _):
        ask(replace(request, ca_file=ca_file), known)
    assert backend.requests == 2


def test_a_backend_that_shows_no_certificate_is_the_same_with_any_trust(ca_file: str) -> None:
    with servers.serving(lambda connection: connection.sendall(servers.alert(40))) as port:
        known = Known()
        request = ProbeRequest(NAME, port, tls=True, sni=NAME, host_header=NAME, timeout=5)
        before = ask(request, known)
    trusting = replace(request, ca_file=ca_file)
    assert ask(trusting, known) == replace(before, request=trusting)  # nobody listens any more
    assert (tls(before).alert, tls(before).chain) == (40, ())
