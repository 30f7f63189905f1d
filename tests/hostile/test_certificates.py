"""Certificates that cost, or that no library would make: what they cost is bounded."""

from __future__ import annotations

import socket
import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.hostile import der
from tests.hostile.observing import PATIENCE, observe
from tests.probe.asking import tls
from tests.support import servers
from tests.support.yardstick import bounded
from wizard.demo import pki
from wizard.fix.trust import path_building
from wizard.x509 import parse_der

SECONDS = 10
"""Of processor time, server and all; the worst of these takes one."""
_RSA = struct.pack(">H", 0xC030)  # ECDHE-RSA-AES256-GCM-SHA384
_DHE = struct.pack(">H", 0x009F)  # DHE-RSA-AES256-GCM-SHA384


def showing(ders: list[bytes], signature: bytes = b"\x7f" * 256) -> servers.Handler:
    """Sends a chain, and a signature for whose verification its first key is needed."""

    def handler(connection: socket.socket) -> None:
        connection.recv(65536)
        hello = servers.server_hello_tls12(cipher=_RSA)
        exchange = servers.key_exchange(servers.POINT, signature) + servers.DONE
        connection.sendall(hello + servers.certificates(ders) + exchange)
        while connection.recv(65536):
            pass

    return handler


DSA_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.3.2"))
GOST = der.public_key(
    "1.2.643.7.1.1.1.1", der.sequence(der.oid("1.2.643.2.2.35.1")), der.tlv(4, b"k" * 64)
)
UNKNOWN = der.sequence(der.oid("1.3.6.1.4.1.99999.2"))


def two_odd() -> bytes:
    return der.sequence(der.integer(der.odd(255)), der.integer(der.odd(255)))


@pytest.mark.parametrize(
    ("ders", "signature", "shown"),
    [
        ([der.certificate(der.rsa(der.odd(16_384)))], 2048, "RSA 16384"),
        ([der.certificate(der.rsa(der.odd(16_384), der.odd(16_383)))], 2048, "RSA 16384"),
        ([der.certificate(der.rsa(der.odd(3072), der.odd(3071)))], 384, "RSA 3072"),
        ([der.certificate(der.rsa(der.odd(100_000)))], 12_500, "RSA 100000"),
        ([der.certificate(der.rsa(der.odd(600_000)))], 12_500, "RSA 600000"),
        ([der.certificate(der.rsa(der.odd(2048), 0))], 256, "unknown"),
        ([der.certificate(der.rsa(-der.odd(2048)))], 256, "unknown"),
        ([der.certificate(der.dsa(10_000))], 256, "DSA 10000"),
        ([der.certificate(GOST, algorithm=UNKNOWN)], 256, "unknown"),
        (der.chain([der.rsa(der.odd(16_384)) for _ in range(22)], b"\x7f" * 2048), 2048, "RSA"),
        (
            der.chain([der.rsa(der.odd(3072), der.odd(3071)) for _ in range(75)], b"\x7f" * 384),
            384,
            "RSA",
        ),
        (der.chain([der.dsa(10_000) for _ in range(18)], two_odd(), DSA_SHA256), 256, "DSA"),
    ],
    ids=[
        *("modulus", "both", "exponent", "100000 bits", "600000 bits", "exponent 0", "negative"),
        *("dsa", "gost", "chain", "chain of exponents", "chain of dsa"),
    ],
)
def test_keys_that_cost(ders: list[bytes], signature: int, shown: str) -> None:
    with bounded(SECONDS), servers.serving(showing(ders, b"\x7f" * signature)) as port:
        report = observe(port)
    assert tls(report).failure == "protocol"
    leaf = tls(report).leaf
    assert leaf is not None
    assert leaf.key.startswith(shown)
    assert len(tls(report).chain) == len(ders)


@pytest.mark.parametrize(
    ("serial", "shown"),
    [(-5, "-5"), (0, "0"), (1 << 20_000, "1" + "0" * 5000), (1 << 600_000, "1" + "0" * 150_000)],
    ids=["negative", "zero", "20000 bits", "600000 bits"],
)
def test_serial_numbers(serial: int, shown: str) -> None:
    ders = [der.certificate(der.rsa(der.odd(2048)), serial=serial)]
    with servers.serving(showing(ders)) as port:
        report = observe(port)
    assert tls(report).leaf is not None
    assert tls(report).chain[0].serial == shown


def test_a_version_that_does_not_exist() -> None:
    with servers.serving(showing([der.certificate(der.rsa(der.odd(2048)), version=7)])) as port:
        report = observe(port)
    assert "7 is not a valid X509 version" in (tls(report).chain[0].error or "")


@pytest.mark.parametrize("tag", [0xA0, 0xA1], ids=["permitted", "excluded"])
@pytest.mark.parametrize("count", [1000, 3000])
def test_names_against_constraints(tag: int, count: int) -> None:
    """A million comparisons: OpenSSL makes no more (NAME_CHECK_MAX, v3_ncons.c)."""
    key = der.rsa(der.odd(2048))
    names = [f"n{number}.a" for number in range(count)]
    others = [f"x{number}.b" for number in range(count)]
    leaf = der.certificate(key, der.alternative_names(*names))
    above = der.certificate(key, der.CA, der.constraints(tag, *others), subject="CA", issuer="R")
    with bounded(SECONDS), servers.serving(showing([leaf, above])) as port:
        report = observe(port)
    assert len(tls(report).chain[0].dns_names) == count
    failures = {event.code for event in tls(report).events}
    violated, unspecified = 47, 1
    assert (unspecified in failures) is (count > 1024)
    assert (violated in failures) is (tag == 0xA0 and count <= 1024)


@pytest.mark.parametrize("size", [8192, 10_000, 16_384])
def test_key_exchange_in_a_large_group(size: int) -> None:
    """OpenSSL takes 10,000 bits, and needs half a second for them."""
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    own = der.certificate(der.rsa(numbers.n, numbers.e))
    group = (der.odd(size), 2, der.odd(size - 2))
    parts = [number.to_bytes((number.bit_length() + 7) // 8, "big") for number in group]
    parameters = b"".join(struct.pack(">H", len(part)) + part for part in parts)

    def handler(connection: socket.socket) -> None:
        client_random = connection.recv(65536)[11:43]
        salted = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        signed = client_random + b"R" * 32 + parameters
        signature = key.sign(signed, salted, hashes.SHA256())
        hello = servers.server_hello_tls12(cipher=_DHE)
        exchange = servers.key_exchange(parameters, signature) + servers.DONE
        connection.sendall(hello + servers.certificates([own]) + exchange)
        while connection.recv(65536):
            pass

    with bounded(SECONDS), servers.serving(handler) as port:
        report = observe(port, 2 * PATIENCE)
    assert tls(report).failure == ("timeout" if size <= 10_000 else "protocol")


def test_two_names_that_each_issue_the_other() -> None:
    """Every certificate may have been signed by half of the others: not all are tried."""
    keys = [ec.generate_private_key(ec.BrainpoolP512R1()) for _ in range(200)]
    names = [pki.issue(name) for name in ("A", "B")]
    issued = [
        pki.issue(
            "AB"[at % 2],
            replace(names[(at + 1) % 2], key=keys[(at + 1) % len(keys)]),
            key=key,
            key_ids=False,
        )
        for at, key in enumerate(keys)
    ]
    leaf, *others = [parse_der(one.der) for one in issued]
    shown = (leaf, *reversed(others))
    with bounded(2):
        assert path_building.missing_issuer(shown) is not None
        assert path_building.build(shown, (), datetime.now(UTC)) == ()
