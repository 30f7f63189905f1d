"""What an expert would call the cause, where it depends on the release of httpd or OpenSSL."""

from __future__ import annotations

import re

from tests.oracle.scenario import UNJUDGED, Scenario
from tests.oracle.truth import Truth
from wizard.reference.behaviours import holds
from wizard.reference.release import Release

_WITH_KEY = re.compile(r"\{client:[\w-]+\}")
_TOO_OLD = {"protocol-mismatch", "weak-key", "weak-signature"}


def cause(scenario: Scenario, truth: Truth, release: Release) -> str | None:
    """The cause that should be named first; ``UNJUDGED``: nobody said which.

    Args:
        scenario: names the cause on the newest releases.
        truth: what this httpd did.
        release: of it.
    """
    if any("no protocols available" in words for words in truth.library):
        return "protocol-mismatch"  # OpenSSL 3.5 offers no TLS 1.0 at its security level
    if truth.stage == "config" and scenario.starts:  # it knows a directive or a word not yet
        return UNJUDGED
    if holds("httpd-without-tls-1.3", release):
        backend = scenario.backends[0]
        if backend.minimum == "TLSv1.3":
            return "protocol-mismatch"
        own = "{client:" in scenario.directives
        if "AH02268" in truth.codes and not own and not truth.proxied:
            return "client-certificate-required"
        if backend.leaf.usage and "digitalSignature" not in backend.leaf.usage:
            return UNJUDGED  # the backend itself finds no cipher for its certificate
    if "+chain}" in scenario.directives and holds("machine-file-needs-keys", release):
        return "client-certificate-without-key"
    if holds("pkcs8-key-unread", release) and _WITH_KEY.search(scenario.directives):
        return "client-certificate-without-key"
    if "AH02038" in truth.codes:
        return "ocsp-for-backend"
    if "wss://" in scenario.directives and holds("wss-without-name", release):
        if scenario.backends[0].strict_sni:
            return "sni-rejected"
        if scenario.cause == "name-mismatch":  # nobody compares it
            return UNJUDGED
    if scenario.cause == "crl-missing" and truth.proxied:
        return None  # from OpenSSL 3.6 on a self-signed certificate needs none
    weak = scenario.cause in _TOO_OLD or "+weak}" in scenario.directives
    if weak and truth.proxied:  # its OpenSSL has a lower security level
        return UNJUDGED
    return scenario.cause
