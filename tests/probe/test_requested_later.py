"""A client certificate that a backend asks for once it has the request (RFC 8446, 4.6.2).

httpd's side of it was seen with an httpd as backend, SSLVerifyClient in <Location>: 200 with a
certificate of the right authority, else 502 and AH02268 (none) or AH02269 (of another authority).
"""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest

from tests.probe.asking import http, observe, stored, tls
from tests.support import servers
from wizard.demo import pki
from wizard.demo.backends import Identity


@pytest.mark.parametrize(
    ("right", "answers"), [(True, (200, None)), (False, (None, 48)), (None, (None, 116))]
)
def test_it_is_seen_and_answered_as_httpd_does(
    tmp_path: Path,
    identity: Identity,
    root: pki.Issued,
    ca_file: str,
    right: bool | None,
    answers: tuple[int | None, int | None],
) -> None:
    context = servers.context(identity.leaf)
    context.load_verify_locations(ca_file)
    context.verify_mode, context.post_handshake_auth = ssl.CERT_REQUIRED, True

    def answer(secure: ssl.SSLSocket) -> None:
        secure.verify_client_post_handshake()
        secure.sendall(b"HTTP/1.1 200 OK\r\n")
        secure.settimeout(0.1)
        while secure.getpeercert() is None:
            with contextlib.suppress(TimeoutError):  # no data comes, but the certificate does
                if not secure.recv(1):
                    return
        secure.sendall(b"Content-Length: 0\r\n\r\n")

    other = pki.issue("Other", ca=True)
    own = pki.issue("proxy", root if right else other, purposes=("clientAuth",))
    held = () if right is None else (stored(tmp_path, own),)
    with servers.serving(servers.answering(context, answer)) as port:
        report = observe(port, own_certificates=held, timeout=2)
    assert tls(report).completed
    assert not tls(report).client_certificate_requested
    assert tls(report).client_certificate_requested_later
    assert (http(report).status, http(report).alert) == answers
