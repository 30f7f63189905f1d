"""Names of a backend's certificate that lead to the backend: what an address may be replaced by."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace

from wizard.fix.trust.path_building import presented
from wizard.model.diagnosis import Case
from wizard.model.plan import RouteTrust
from wizard.x509 import peer_names

Resolve = Callable[[str], frozenset[str]]
"""A host name to its addresses; empty when it does not resolve."""

MOST_NAMES = 20
"""Names of one certificate that are looked up."""
SECONDS = 5.0
"""For the look-ups of one route together."""


def is_needed(case: Case) -> bool:
    """Whether httpd would compare the certificate with a name that it does not hold."""
    shown = presented(case)
    backend = case.route.backend
    return bool(shown) and not peer_names.covers(shown[0], backend.check_name)


def with_names(trust: RouteTrust, case: Case, resolve: Resolve) -> RouteTrust:
    """The trust with the names of the leaf that resolve to the address that was reached."""
    leaf = presented(case)[0]
    probe = case.probe
    reached = {probe.tcp.address} if probe and probe.tcp and probe.tcp.address else set()
    candidates = peer_names.host_names(leaf)[:MOST_NAMES]
    if not reached or not candidates:
        return trust
    answers = _resolved(candidates, resolve)
    fitting = tuple(n for n in candidates if answers.get(n, frozenset()) & reached)
    return replace(trust, names=fitting)


def _resolved(candidates: Iterable[str], resolve: Resolve) -> dict[str, frozenset[str]]:
    pool = ThreadPoolExecutor(max_workers=8)
    pending = {name: pool.submit(resolve, name) for name in candidates}
    answers = {}
    try:
        for name, future in pending.items():
            answers[name] = future.result(timeout=SECONDS)
    except FutureTimeout:
        pass  # a slow resolver costs the names it did not answer, nothing more
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return answers


def system_resolver(name: str) -> frozenset[str]:
    """The addresses of a name, from the system's resolver, as httpd asks it."""
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(str(address[4][0]).partition("%")[0] for address in answers)
