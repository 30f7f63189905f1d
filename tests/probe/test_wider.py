"""When a backend that ends a handshake is offered more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.probe.asking import NAME, observe, tls
from wizard.demo import pki
from wizard.demo.backends import Backends, Behaviour, Identity
from wizard.model.probe import ProbeRequest, TlsResult
from wizard.probe import wider

REQUEST = ProbeRequest(NAME, 443, tls=True)
REFUSED = TlsResult(False, 0.1, NAME, failure="alert", alert=40)


@pytest.mark.parametrize(
    ("seen", "asked"),
    [
        ({}, True),
        ({"alert": 71}, True),
        ({"alert": 48}, False),
        ({"alert": None, "failure": "closed"}, False),
        ({"client_certificate_requested": True}, False),
        ({"completed": True}, False),
    ],
)
def test_an_alert_for_many_causes_alone_is_looked_behind(seen: dict[str, Any], asked: bool) -> None:
    assert any(wider.attempts(REQUEST, replace(REFUSED, **seen))) is asked


@pytest.mark.parametrize("versions", [("TLSv1.2",), ("TLSv1.3",)])
def test_no_version_is_offered_that_httpd_does_not_offer(versions: tuple[str, ...]) -> None:
    tried = list(wider.attempts(replace(REQUEST, protocols=versions), REFUSED))
    assert {attempt.settings.protocols for attempt in tried} == {versions}
    assert {attempt.kind for attempt in tried} == {"group", "signature", "cipher"}


@pytest.mark.parametrize("curve", ["secp256k1", "secp224r1"])
def test_an_old_group_is_found_that_this_program_cannot_speak(
    curve: str, backends: Backends, root: pki.Issued
) -> None:
    leaf = pki.issue(NAME, root, dns=[NAME], key=pki.new_key("rsa", shared=0))
    behaviour = Behaviour(Identity(leaf), maximum="TLSv1.2", ciphers="ECDHE", curve=curve)
    seen = tls(observe(backends.start(behaviour).port, http=False))
    assert seen.lack is not None
    assert (seen.lack.kind, seen.lack.key) == ("group", "RSA 2048")
