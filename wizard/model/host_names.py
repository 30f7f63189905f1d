"""Names of hosts, as configurations, URLs and log lines write them."""

from __future__ import annotations

import re

HIGHEST_PORT = 65_535
"""Of TCP (RFC 9293, 3.1: 16 bits)."""
_REFERENCE = re.compile(r"\$\{(?P<name>[^}:]*+)(?P<end>\}?)")


def is_address(host: str) -> bool:
    """Whether a host is an IP address (IPv6 without brackets), for which httpd sends no SNI."""
    if not host[:1].isdigit() and ":" not in host:
        return False  # most are names, and to find that out by parsing is slow
    import ipaddress  # `explain` starts without it

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_this_machine(host: str) -> bool:
    """Whether a name means this machine, whichever it is, as an address does (RFC 6761, 6.3)."""
    return folded(host) == "localhost" or folded(host).endswith(".localhost")


def bracketed(host: str) -> str:
    """A host as it stands before a port, and in a URL: an IPv6 address in brackets (RFC 3986)."""
    return f"[{host}]" if ":" in host else host


def folded(name: str) -> str:
    """A name as every spelling of it is: in lower case, without the dot at its end."""
    return name.lower().removesuffix(".")


def bare_name(server_name: str) -> str:
    """Host of a ServerName, which may hold scheme and port, as httpd compares it."""
    name = server_name.rpartition("://")[2].lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]


def variable_in(url: str) -> str | None:
    """The first ``${NAME}`` that nothing defines; with a colon it belongs to RewriteMap."""
    # A reference is left with its end: else each of many unclosed ones is searched to the end.
    found = (m for m in _REFERENCE.finditer(url) if m["name"] and m["end"])
    return next((match[0] for match in found), None)


def asks_other_balancer(url: str, balancer: str | None) -> bool:
    """Whether a path ran into a balancer's name, so that the URL asks for another one.

    Args:
        url: that httpd makes of a request.
        balancer: name of the balancer that the configuration sends it to; None: to none.
    """
    scheme, _, rest = url.lower().partition("://")
    return balancer is not None and scheme == "balancer" and rest.partition("/")[0] != balancer
