"""What of each finding is read at a glance: the observed fact, the reason and the first remedy."""

from __future__ import annotations

import pytest

from tests.findings.pairs import CHECKS
from wizard.findings import diagnose


@pytest.mark.parametrize(
    ("slug", "proof", "why", "first"),
    [
        ("dns-failure", "backend.internal: no such name (DNS)", "/etc/hosts", "Add the name to"),
        ("connection-refused", "192.0.2.1 port 8443: refused", "is down", "Start the service"),
        (
            "connection-timeout",
            "192.0.2.1 port 8443: timeout",
            "httpd waits 60 s",
            "Allow the port",
        ),
        ("connection-reset", "observed: ", "ends the connection", "Read the backend's own log"),
        ("connection-not-permitted", "not-permitted", "The kernel forbids", "With SELinux"),
        ("stale-pooled-connection", "closes idle connections after 5 s", "502", "Give idle"),
        ("stale-backend-address", "timed out", "in this order", "Take the old address out"),
        ("backend-error-status", ": 503", "passes the backend's answer on", "Read the backend's"),
        ("backend-speaks-tls", "does a TLS handshake", "expects TLS", "Write https://"),
        ("backend-speaks-plain-http", "ProxyPass / https://", "begin a TLS", "Enable TLS"),
        ("http-version-mismatch", "the port answers HTTP/2", "HTTP/2 without TLS", "Write h2c://"),
        ("protocol-mismatch", "SSLProxyProtocol TLSv1.3", "allows no version", "fix finds it"),
        ("cipher-mismatch", "alert 40", "does not serve the name", "Allow ciphers of TLS 1.2"),
        ("sni-rejected", "alert 112", "in the handshake (SNI)", "Use the backend's own name"),
        ("alpn-missing", "the backend chooses nothing", "HTTP/2", "Write https://"),
        (
            "group-mismatch",
            "goes on with TLSv1.2, brainpool",
            "insists on",
            "offer P-256 or X25519",
        ),
        ("signature-mismatch", "goes on with TLSv1.2", "with SHA-1", "sign with SHA-256"),
        ("dh-parameters-too-small", "dh key too small", "2048 bits", "ECDHE"),
        ("legacy-renegotiation", "unsafe legacy", "renegotiation_info", "Update the TLS library"),
        (
            "client-certificate-required",
            "asked from: CN=Clients",
            "presents no",
            "Request a client",
        ),
        ("missing-trailing-slash", "ProxyPass / ", "becomes https://backend.inter", "with a slash"),
        ("backend-url-invalid", "ProxyPass / ", "Ports end at 65535", "Correct the port"),
        ("route-shadowed", "takes its requests", "the first ProxyPass that fits", "Put the line"),
        ("module-missing", "not loaded: ", "has no handler", "Load it"),
        ("balancer-member-disabled", "status=", "by its status", "Take the flag away"),
        ("unencrypted-backend", "ProxyPass / http://", "passwords readable", "Enable TLS"),
        ("log-level-hides-cause", "hidden: AH02", "does not tell why", "Raise it for TLS"),
        ("reload-would-fail", ":7  ", "until somebody reloads it", "Install the program"),
        ("unknown-directive", "SSLProxyVerfy", "does not start or reload", "what is meant"),
    ],
)
def test_the_fact_the_reason_and_the_best_remedy(
    slug: str, proof: str, why: str, first: str
) -> None:
    finding = next(f for f in diagnose(*CHECKS[slug].fires) if f.slug == slug)
    assert any(proof in line for line in finding.proof), finding.proof
    assert why in finding.why
    assert first in finding.remedies[0].text
    assert not any(line.startswith("connection: ") for line in finding.proof)
    assert not finding.remedies[0].looks
    assert finding.place.startswith("/etc/apache2/sites-enabled/app.conf:")
