"""Names of a backend's certificate that lead to the backend: what an address may be replaced by."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace

from wizard.fix.trust.own_names import OwnNames
from wizard.fix.trust.path_building import presented
from wizard.model.certificate import Certificate
from wizard.model.diagnosis import Case, Report
from wizard.model.host_names import bare_name, folded, is_address, is_this_machine
from wizard.model.plan import Condition, RouteTrust
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


class Claims:
    """Which names can be made to lead to an address, without harm to another backend.

    Args:
        report: whose backends are looked at.
    """

    def __init__(self, report: Report) -> None:
        shown: dict[Certificate, set[str]] = {}
        for diagnosis in report.diagnoses:
            address = _address(diagnosis.case)
            leaf = next(iter(presented(diagnosis.case)), None)
            if leaf is not None and address is not None:
                shown.setdefault(leaf, set()).add(address)
        several = (leaf for leaf, places in shown.items() if len(places) > 1)
        self._shared = {folded(n) for leaf in several for n in peer_names.host_names(leaf)}
        self._used = {folded(route.backend.host) for route in report.configuration.routes}
        self._taken: dict[str, str] = {}

    def allows(self, name: str, address: str, now: Collection[str]) -> bool:
        """Whether a name may lead to an address.

        Not one of a certificate that several addresses show: which of them is meant, it does not
        say. Not one that leads to another backend.

        Args:
            name: as ``folded``.
            address: of a backend.
            now: where the name leads now.
        """
        if name in self._shared or self._taken.get(name, address) != address:
            return False
        return not (now and (name in self._used or any(map(_is_loopback, now))))

    def take(self, condition: Condition) -> None:
        """Have a name lead to an address, and to no other."""
        self._taken[condition.name] = condition.address


def with_names(
    trust: RouteTrust, case: Case, resolve: Resolve, own: OwnNames, claims: Claims
) -> RouteTrust:
    """The trust with the names of the leaf that resolve to the address that was reached.

    Where none does, one is named that could.

    Args:
        trust: gets them.
        case: probed.
        resolve: how names are looked up.
        own: names that the operator's own sources know; a wildcard certificate may be for these.
        claims: which names may be made to lead there.
    """
    leaf = presented(case)[0]
    address = _address(case)
    if not address:
        return trust
    reached = frozenset({address})
    fitting = [n for n in own.candidates(reached) if peer_names.covers(leaf, n)]
    candidates = dict.fromkeys([*fitting, *_names(leaf)])
    answers = _resolved(list(candidates)[:MOST_NAMES], resolve)
    leading = [n for n, found in answers.items() if found & reached]
    if not leading:
        return replace(trust, condition=_condition(case, answers, claims))
    known = tuple(n for n in leading if own.knows(n, reached))
    return replace(
        trust, names=(*known, *(n for n in leading if n not in known)), known_names=known
    )


def _condition(
    case: Case, answers: Mapping[str, frozenset[str]], claims: Claims
) -> Condition | None:
    """The name of the certificate that could lead to the address in the URL, if there is one.

    So it is for ``localhost`` in the URL, which names no site any more than an address does.

    One that leads elsewhere is the last choice: it would lead others there, too. So is a name of
    the virtual host, which leads to httpd itself. What leads to this machine alone (``localhost``)
    is none.
    """
    route, leaf = case.route, presented(case)[0]
    host = route.backend.host
    address = _address(case) if is_this_machine(host) else host
    behind = case.probe is not None and case.probe.request.forward_proxy is not None
    if behind or address is None or not is_address(address):
        return None
    public = {bare_name(n) for n in (route.vhost.server_name, *route.vhost.aliases) if n}
    leads = {folded(name): answers.get(name.lower(), frozenset()) for name in _names(leaf)}
    free = [name for name, now in leads.items() if claims.allows(name, address, now)]
    free.sort(key=lambda name: (bool(leads[name]), name in public))
    if not free:
        return None
    name, *others = free
    made = Condition(name, address, (route.id,), tuple(sorted(leads[name])), tuple(others))
    claims.take(made)
    return made


def _names(leaf: Certificate) -> list[str]:
    """Its host names, as far as they are looked up, in lower case."""
    return [name.lower() for name in peer_names.host_names(leaf)][:MOST_NAMES]


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


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
