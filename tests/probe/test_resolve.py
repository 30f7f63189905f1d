from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wizard.model.probe import DnsResult
from wizard.model.scope import Assumed
from wizard.probe import resolve
from wizard.probe.resolve import AssumingResolver, FixedResolver, Resolver, SystemResolver


def ask(resolver: Resolver, host: str, timeout: float = 5) -> DnsResult:
    return asyncio.run(resolver.resolve(host, 443, timeout))


@pytest.mark.parametrize("resolver", [SystemResolver(), FixedResolver({})])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1%lo"])
def test_addresses_are_not_looked_up(resolver: Resolver, address: str) -> None:
    assert ask(resolver, address) == DnsResult((address,), 0.0)


def test_fixed_names() -> None:
    resolver = FixedResolver({"B.internal": ["10.0.0.1", "10.0.0.2"]})
    assert ask(resolver, "b.INTERNAL").addresses == ("10.0.0.1", "10.0.0.2")
    assert ask(resolver, "b.internal.").addresses == ("10.0.0.1", "10.0.0.2")
    assert ask(resolver, "c.internal").failure == "not-found"


def test_a_name_that_is_taken_to_lead_somewhere() -> None:
    """Whatever the system says of it, in every spelling; all others are asked for."""
    other = FixedResolver({"b.internal": ["10.0.0.1"], "c.internal": ["10.0.0.2"]})
    resolver = AssumingResolver([Assumed("b.internal", "::1")], other)
    assert ask(resolver, "B.internal.") == DnsResult(("::1",), 0.0, assumed=True)
    assert ask(resolver, "c.internal").addresses == ("10.0.0.2",)
    assert ask(resolver, "x.b.internal").failure == "not-found"
    assert ask(resolver, "10.0.0.3").addresses == ("10.0.0.3",)


def test_names_come_from_the_system(tmp_path: Path) -> None:
    """In the order of getaddrinfo, IPv4 and IPv6, each once."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.3 b.internal\n127.0.0.2 b.internal\n")
    program = (
        "import asyncio\n"
        "from wizard.probe.resolve import SystemResolver\n"
        "ask = lambda n: asyncio.run(SystemResolver().resolve(n, 443, 5))\n"
        "print(ask('b.internal').addresses, ask('c.internal').failure)\n"
    )
    environment = {
        **os.environ,
        "LD_PRELOAD": "libnss_wrapper.so",
        "NSS_WRAPPER_HOSTS": str(hosts),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment,
    )
    addresses, failure = done.stdout.strip().rsplit(" ", 1)
    assert set(eval(addresses)) == {"127.0.0.3", "127.0.0.2"}
    assert failure in ("not-found", "temporary", "other")


@pytest.mark.parametrize(
    "host", ["", "x\0y", "x" * 300, "-", "a..b", "exa mple", "ü" * 80, "\udc80"]
)
def test_what_is_no_name_fails_without_harm(host: str) -> None:
    result = ask(SystemResolver(), host)
    assert result.addresses == ()
    assert result.failure is not None


def test_a_name_is_looked_up_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def look_up(host: str) -> DnsResult:
        asked.append(host)
        return DnsResult(("127.0.0.1",), 0.0)

    monkeypatch.setattr(resolve, "look_up", look_up)
    resolver = SystemResolver()

    async def many() -> list[DnsResult]:
        return await asyncio.gather(*(resolver.resolve("b.internal", n, 5) for n in range(50)))

    assert len(asyncio.run(many())) == 50
    assert asked == ["b.internal"]
    assert len(asyncio.run(many())) == 50  # a new run asks anew
    assert asked == ["b.internal"] * 2


HANGING = """
import asyncio, sys, time
from wizard import probe
from wizard.model.probe import ProbeRequest
from wizard.probe import resolve
resolve.look_up = lambda host: time.sleep(3600)
request = ProbeRequest("b.internal", 443, tls=True, timeout=0.3)
print(probe.probe_all([request])[request].dns.failure)
"""


def test_a_lookup_that_hangs_ends_with_the_timeout_and_lets_the_process_end() -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "timeout"
    assert done.stderr == ""
    assert time.monotonic() - began < 10


def test_errors_of_getaddrinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, kind in (
        (socket.EAI_NONAME, "not-found"),
        (socket.EAI_AGAIN, "temporary"),
        (socket.EAI_FAIL, "other"),
    ):

        def fail(*_: object, number: int = number) -> None:
            raise socket.gaierror(number, "why")

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        result = resolve.look_up("b.internal")
        assert (result.failure, result.error) == (kind, "why")
