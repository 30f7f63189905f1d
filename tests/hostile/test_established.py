"""What a backend may send in an established connection of TLS 1.3 beside its answer, and does."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.hostile import tls13
from tests.hostile.observing import LONG, observe
from tests.hostile.tls13 import DATA, HANDSHAKE, ticket
from tests.probe.asking import http, tls
from tests.support import servers
from wizard.demo import pki

OK = b"HTTP/1.1 200 OK\r\n\r\n"
ANSWER = (DATA, OK)


def without_end(kind: int, payload: bytes) -> tls13.Says:
    return lambda: itertools.repeat((kind, payload))


@pytest.mark.parametrize(
    ("says", "failure"),
    [
        (without_end(HANDSHAKE, ticket(1) * 800), "too-much"),
        (without_end(HANDSHAKE, ticket(16_000)), "too-much"),
        (without_end(HANDSHAKE, tls13.UPDATE), "too-much"),
        (without_end(HANDSHAKE, tls13.UPDATE_BOTH), "too-much"),
        (without_end(DATA, b""), "other"),  # OpenSSL takes 32 records without content
        (without_end(HANDSHAKE, b"\x00" * 4), "other"),  # HelloRequest: not in TLS 1.3
        (without_end(HANDSHAKE, b"\x0d\xff\xff\xff" + b"A" * 16_000), "other"),
        (without_end(21, b"\x01\x5a"), "other"),
    ],
    ids=["tickets", "large", "updates", "both", "empty", "hello", "request", "warnings"],
)
def test_without_end(tmp_path: Path, identity: pki.Issued, says: tls13.Says, failure: str) -> None:
    """The socket always has more: no deadline could strike between two reads."""
    with servers.serving(tls13.saying(tmp_path, identity, says)) as port:
        report = observe(port, LONG)
    assert tls(report).completed
    assert http(report).failure == failure


def in_single_bytes() -> Iterable[tuple[int, bytes]]:
    return ((DATA, bytes((byte,))) for byte in OK)


@pytest.mark.parametrize(
    "says",
    [
        lambda: [*[(HANDSHAKE, ticket(100))] * 1000, ANSWER],
        lambda: [*[(HANDSHAKE, tls13.UPDATE)] * 1000, ANSWER],
        lambda: [*[(HANDSHAKE, tls13.UPDATE_BOTH)] * 1000, ANSWER],
        in_single_bytes,
    ],
    ids=["tickets", "updates", "both", "bytes"],
)
def test_a_thousand(tmp_path: Path, identity: pki.Issued, says: tls13.Says) -> None:
    """What OpenSSL takes in silence, so does httpd: the answer counts."""
    with servers.serving(tls13.saying(tmp_path, identity, says)) as port:
        report = observe(port)
    assert http(report).status == 200
