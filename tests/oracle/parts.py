"""Lines that many scenarios are put together from."""

from __future__ import annotations

from tests.oracle.scenario import Leaf

PASS = "ProxyPass / https://backend.internal:{port}/"
ON = "SSLProxyEngine on\n"
REQUIRE = ON + "SSLProxyVerify require\n"
STRICT = REQUIRE + "SSLProxyCACertificateFile {file:root}\n"
DEEP = STRICT + "SSLProxyVerifyDepth 5\n"
WRONG = Leaf(cn="other.internal", dns=("other.internal",))
EXPIRED = Leaf(days=(-90, -2))
ABOVE = {0: (), 1: ("int1",), 2: ("int2", "int1"), 3: ("int3", "int2", "int1")}
"""The intermediates of a leaf that is so many steps below the root, in the order to send them."""


def under(count: int) -> Leaf:
    """A leaf with so many intermediates above it."""
    return Leaf(ABOVE[count][0] if count else "root")
