"""What a certificate's owner is called, by its name as RFC 4514 writes it."""

from __future__ import annotations

import time

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from wizard.model.certificate import common_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CN=a.test", "a.test"),
        ("CN=Example Root,O=Example,C=DE", "Example Root"),
        ("OU=x+CN=y+L=z,O=Example", "y"),
        ("O=Example", ""),
        ("", ""),
        (r"O=a\,CN=Bank Root\\", ""),
        (r"O=a\+CN=Bank Root,CN=mine", "mine"),
        (r"O=a\\,CN=mine", "mine"),
    ],
)
def test_the_common_name(name: str, expected: str) -> None:
    assert common_name(name) == expected


@pytest.mark.parametrize("text", ["a,CN=b", 'a+b, "c" \\', "#a\\,CN=b", "<a>;=", "a\nb"])
def test_what_is_escaped(text: str) -> None:
    attributes = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    name = x509.Name([x509.NameAttribute(oid, text) for oid in attributes])
    assert common_name(name.rfc4514_string()) == text


def test_a_long_one_takes_no_time() -> None:
    began = time.process_time()
    for name in ("O=a," * 50_000, "\\," * 100_000, "CN" * 100_000):
        assert common_name(name) == ""
    assert time.process_time() - began < 1
