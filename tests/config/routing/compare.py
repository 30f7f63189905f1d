"""A route beside what a real httpd does with the request that it imagines."""

from __future__ import annotations

from pathlib import Path

from tests.config.routing import lab
from tests.config.routing.cases import Case
from wizard.model.config import Route, TlsPolicy


def compare(route: Route, case: Case, world: lab.World, port: int, log: Path) -> None:
    """Send the request that a route imagines, and see whether it comes out as the route says."""
    if not route.vhost.is_main:
        assert route.client_host == route.vhost.server_name
    seen = lab.ask(port, route.client_host, route.request_path.replace(" ", "%20"))
    took = seen.report or {}
    if route.path in case.dead:
        assert route.unknown is not None
        assert seen.report is None
        return
    assert route.unknown is None
    state = route.worker.parameters.get("status")
    path = route.request_url.split("://", 1)[1].partition("/")[2]
    expected = {
        "port": route.backend.port if route.backend.socket is None else 0,
        "path": f"/{path}".replace(" ", "%20"),
        "host": route.backend.host_header,
        "sni": route.backend.sni,
    }
    if world.kind(route.backend.port) == "good2" and route.backend.uses_tls:
        own = route.tls.machine_certificate_file.value or route.tls.machine_certificate_path.value
        expected["client"] = lab.CLIENT if own is not None else None
    if route.proxy_remote.value is not None:  # it is asked for the whole URL
        expected |= {"port": world.kinds["remote"], "path": route.request_url}
    if route.shadowed_by or state is not None:
        assert {key: took.get(key) for key in expected} != expected
    elif (status := without_backend(route, world)) is not None:
        assert (seen.status, seen.report) == (status, None)
    elif works(route, world):
        assert seen.status == (lab.asked_status(path) or 200), log.read_text()[-3000:]
        assert {key: took.get(key) for key in expected} == expected
        cipher = route.tls.cipher_suite.value
        if cipher is not None and ":" not in cipher and took["version"] == "TLSv1.2":
            assert took["cipher"][0] == cipher
    else:
        assert seen.status == 500
        assert seen.report is None


def without_backend(route: Route, world: lab.World) -> int | None:
    """The status of an answer that is not the backend's, for what a lab's backend is asked to do;
    None: it is the backend's."""
    path = route.request_url
    if route.balancer is not None and route.kind != "BalancerMember":
        return 503  # it has no members
    if world.kind(route.backend.port) == "slow" and route.patience < lab.SLOW:
        return 502
    if lab.BAD_HEADER in path and route.answers.bad_header == "iserror":
        return 502
    status = lab.asked_status(path)
    return status if status in route.answers.replaced else None


def works(route: Route, world: lab.World) -> bool:
    """Whether a policy lets httpd talk to one of the lab's backends."""
    if not route.backend.uses_tls:
        return True
    policy = route.tls
    kind = world.kind(route.backend.port)
    if not policy.engine.value:
        return False
    if kind == "old" and "TLSv1.2" not in protocols(policy):
        return False
    if policy.verify.value in ("require", "optional"):
        anchored = str(policy.ca_certificate_file.value).endswith("/ca.pem") or (
            policy.ca_certificate_path.value is not None
        )
        needed = 2 if kind == "deep" else 1
        if kind in ("unknown", "expired") or not anchored or policy.verify_depth.value < needed:
            return False
    if kind == "revoked" and policy.checks_revocation:
        return False
    if policy.check_peer_expire.value and kind == "expired":
        return False
    if policy.checks_name and route.backend.check_name not in lab.NAMES:
        return False
    return not policy.checks_cn_only or route.backend.check_name == lab.NAMES[0]


def protocols(policy: TlsPolicy) -> set[str]:
    every = {"TLSv1.2", "TLSv1.3"}
    found: set[str] = set()
    for word in (policy.protocol.value or "all").split():
        name = word.lstrip("+-")
        names = every if name == "all" else {name}
        if word.startswith("-"):
            found -= names
        elif word.startswith("+"):
            found |= names
        else:
            found = set(names)
    return found
