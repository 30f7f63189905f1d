"""Names of a backend's certificate that lead to the backend: what an address may be replaced by."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace

from wizard.fix.trust.own_names import OwnNames
from wizard.fix.trust.path_building import presented
from wizard.model.diagnosis import Case
from wizard.model.host_names import is_address
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


def with_names(trust: RouteTrust, case: Case, resolve: Resolve, own: OwnNames) -> RouteTrust:
    """The trust with the names of the leaf that resolve to the address that was reached.

    Args:
        trust: gets them.
        case: probed.
        resolve: how names are looked up.
        own: names that the operator's own sources know; a wildcard certificate may be for these.
    """
    leaf = presented(case)[0]
    address = _address(case)
    if not address:
        return trust
    reached = frozenset({address})
    fitting = [n for n in own.candidates(reached) if peer_names.covers(leaf, n)]
    candidates = dict.fromkeys([*fitting, *(n.lower() for n in peer_names.host_names(leaf))])
    answers = _resolved(list(candidates)[:MOST_NAMES], resolve)
    leading = [n for n, found in answers.items() if found & reached]
    known = tuple(n for n in leading if own.knows(n, reached))
    return replace(
        trust, names=(*known, *(n for n in leading if n not in known)), known_names=known
    )


def _address(case: Case) -> str | None:
    """The backend's address; None if only a forward proxy (ProxyRemote), or a socket, is known."""
    probe, host = case.probe, case.route.backend.host
    if probe is None or probe.tcp is None:
        return None
    if probe.request.forward_proxy is not None:
        return host if is_address(host) else None
    return probe.tcp.address


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
