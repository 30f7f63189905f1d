"""The name that httpd compares: another one for the URL, or why none will do."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.model.certificate import Certificate
from wizard.model.config import Route
from wizard.model.host_names import bare_name, is_address, is_this_machine
from wizard.model.plan import RouteTrust
from wizard.model.remark import Point, Remark, remark

_OPERATORS_OWN = frozenset(
    {
        Point.TRUSTED_ALREADY,
        Point.ROOT_TRUSTED_ALREADY,
        Point.NAMED_BY_OPERATOR,
        Point.INTERMEDIATE_NAMED,
        Point.CONFIRMED_BY_OPERATOR,
    }
)
"""Why a CA may be trusted: the operator says so, in the configuration or now."""


def is_vouched_for(trust: RouteTrust) -> bool:
    """Whether the chain verifies with what the operator trusts, rather than with what was found."""
    choice = trust.choice
    return choice is not None and not trust.openssl and choice.basis.point in _OPERATORS_OWN


def fitting(route: Route, leading_there: Sequence[str]) -> list[str]:
    """Names that may stand in the URL of a route instead of an address, the best first.

    Args:
        route: whose virtual host's own names are taken last: they lead to httpd itself.
        leading_there: names of the certificate that resolve to the backend; at least one.
    """
    public = {bare_name(n) for n in (route.vhost.server_name, *route.vhost.aliases) if n}
    own = [n for n in leading_there if n.lower() not in public]
    return own or list(leading_there)


def uncovered(route: Route, leaf: Certificate, leading_there: Sequence[str]) -> Remark:
    """Why no name that httpd could compare is in the certificate.

    Args:
        route: with the name that httpd compares.
        leaf: the backend's certificate.
        leading_there: names of it that resolve to the backend.
    """
    own = list(dict.fromkeys((*leaf.dns_names, *leaf.common_names)))
    covered = tuple(own[:5]) or ("no name",)
    reason = remark(Point.NAME_NOT_COVERED, covered=covered, name=route.backend.check_name)
    if leading_there:
        names = tuple(leading_there[:3])
        return remark(Point.OTHER_NAME_LEADS_THERE, first=reason, names=names)
    host = route.backend.host
    if own and (is_address(host) or is_this_machine(host)) and not route.preserve_host.value:
        return remark(Point.NAME_FOR_ADDRESS, first=reason)
    return reason
