"""The backends that the requests of a route may reach, and the workers that reach them.

Source: httpd 2.4, modules/proxy/proxy_util.c (ap_proxy_get_balancer, ap_proxy_get_worker),
modules/proxy/mod_proxy.c (merge_proxy_config, merge_balancers).
"""

from __future__ import annotations

from wizard.config.routing import balancers, workers
from wizard.config.routing.balancers import is_balancer
from wizard.config.routing.server import Server
from wizard.config.routing.targets import BackendCandidate, RouteTarget
from wizard.model.config import Worker


def candidates(server: Server, target: RouteTarget) -> list[BackendCandidate]:
    """Where the requests of a target may go: its backend, or each member of its balancer.

    Args:
        server: that serves them.
        target: what an entry of it, or of the main server, does with them.
    """
    main = server.shared
    own = server.proxied if server.main is not None else None
    shared = main.balancers if main is not None else None
    url, asked_url = target.url, target.request_url
    found, name, worker = None, None, Worker()
    if is_balancer(url):
        name = balancers.split(target.backend)[0]
        found = balancers.visible(name, shared, own.balancers if own else None)
    else:
        worker = workers.pick(
            asked_url, main.workers if main else None, own.workers if own else None
        )
    if found is None or not found.members:
        return [
            BackendCandidate(
                url,
                target.backend,
                asked_url,
                kind=target.kind,
                source=target.entry.node.source,
                worker=worker,
                balancer=name,
                meant_balancer=name
                and balancers.nearest(name, shared, own.balancers if own else None),
            )
        ]
    asked, rest = balancers.split(asked_url)
    statuses = tuple(
        member.parameters["status"].value if "status" in member.parameters else ""
        for member in found.members
    )
    return [
        BackendCandidate(
            member.url,
            member.url,
            # without a slash the request asks for a balancer of another name
            member.url + rest if asked == name else asked_url,
            kind="BalancerMember",
            source=member.source,
            worker=workers.model(
                member.url,
                member.parameters,
                of_main=shared is not None and shared.find(found.name) is not None,
            ),
            balancer=name,
            balancer_statuses=statuses,
            balancer_parameters=found.parameters,
        )
        for member in found.members
    ]
