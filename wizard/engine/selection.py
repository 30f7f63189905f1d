"""Which routes a scope is about: ``--vhost``, ``--route``, or the one chosen in the wizard."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wizard.config.matching.patterns import compile_glob
from wizard.config.routing import rewrite_rules
from wizard.config.syntax import logical_lines
from wizard.config.syntax.words import ascii_lower, first_word
from wizard.engine.requested import for_paths
from wizard.errors import Advice, UsageError
from wizard.masking.free_text import masked
from wizard.model.config import Configuration, Route, VirtualHost
from wizard.model.host_names import bare_name
from wizard.model.scope import Scope
from wizard.verdict.refused_configuration import first

_BACKEND = re.compile(r"(?:https?|wss?|balancer|fcgi|ajp)://[^%]", re.IGNORECASE)
"""A URL that no variable of the request begins, as redirects to the site itself have it."""


def select(configuration: Configuration, scope: Scope) -> tuple[Route, ...]:
    """The routes that a scope is about.

    Raises:
        UsageError: there is no such virtual host or route, or nothing is proxied at all.
    """
    if scope.target is not None:
        return _beside(configuration, scope.target, planned=scope.overlay is not None)
    routes, vhost, route = configuration.routes, scope.vhost, scope.route
    if vhost is not None:
        hosts = configuration.virtual_hosts
        by_pattern = not any(serves(host, vhost) for host in hosts)
        if by_pattern and not any(serves(host, vhost, by_pattern=True) for host in hosts):
            raise _missing(
                configuration,
                f"there is no virtual host {vhost!r} in this configuration.",
                _known("Virtual hosts", _names(hosts)),
            )
        routes = tuple(r for r in routes if serves(r.vhost, vhost, by_pattern=by_pattern))
    if not routes:
        where = f"virtual host {vhost!r}" if vhost is not None else "this configuration"
        raise _missing(
            configuration,
            f"nothing in {where} is proxied: no ProxyPass, ProxyPassMatch, RewriteRule [P] "
            "or proxy handler was found.",
            (_rule_that_would(configuration) if vhost is None else "")
            or _per_request(configuration)
            or "Name the file or directory that holds the proxy's virtual host.",
        )
    if route is not None:
        chosen = tuple(r for r in routes if r.path == route)
        if not chosen:
            raise _missing(
                configuration,
                f"there is no proxied route {route!r} here.",
                _known("Routes", [r.path for r in routes]),
            )
        routes = chosen
    return for_paths(routes, scope.paths, configuration.asked)


def _per_request(configuration: Configuration) -> str:
    """Where a file that httpd reads per request proxies; empty: none is known."""
    first = next((one for one in configuration.problems if one.per_request), None)
    return f"{first.place}: {masked(first.message)}" if first is not None else ""


def _missing(configuration: Configuration, message: str, hint: str) -> UsageError:
    """That something is not there: what httpd refuses comes first, for it may be why."""
    problem = first(configuration.problems)
    if problem is None:
        return UsageError(message, file=configuration.root, hint=hint)
    verb = "refuses this" if problem.phase == "config" else "does not start with this"
    told = [f"{masked(problem.hint).rstrip('.')}."] if problem.hint else []
    return UsageError(
        f"httpd {verb}: {masked(problem.message).rstrip('.')}.",
        file=problem.file or configuration.root,
        line=problem.line,
        hint=" ".join([*told, f"As it stands, {message}"]),
    )


def _rule_that_would(configuration: Configuration) -> str:
    """What keeps the first RewriteRule that names a backend from proxying; empty: there is none.

    It is looked for in the files: what a section leaves out is not in the tree.
    """
    for file in configuration.files.values():
        lines = logical_lines.split(file.data)
        for text, number in zip(lines.texts, lines.last, strict=True):
            name, args = first_word(text)
            words = rewrite_rules.arguments(args) if ascii_lower(name) == "rewriterule" else []
            if not words or not _BACKEND.match(words[1]):
                continue
            place = f"{file.path}:{number}"
            if words[2:] and "P" in rewrite_rules.flags(words[2]):
                return (
                    f"The RewriteRule at {place} does nothing: RewriteEngine is not on for its "
                    "requests (in its section, its virtual host or the main server), or a section "
                    "(IfModule, IfDefine) leaves it out."
                )
            return f"The RewriteRule at {place} redirects: it proxies with the flag [P]."
    return ""


def _beside(configuration: Configuration, target: Route, *, planned: bool) -> tuple[Route, ...]:
    """The routes of a target's virtual host and path.

    Its identity counts places in the order of reading, which a file that was edited meanwhile may
    have given to another route; a plan, though, may change the backend's URL.
    """
    routes = configuration.routes
    found = next((route for route in routes if route.id == target.id), None)
    if (
        found is None
        or found.vhost.addresses != target.vhost.addresses
        or not (planned or found.backend.url == target.backend.url)
    ):
        raise UsageError(
            f"there is no proxied route {target.id.label!r} any more: the file was edited "
            "meanwhile.",
            file=configuration.root,
            hint=Advice("plan"),
        )
    place = target.id.vhost, target.id.path
    return tuple(route for route in routes if (route.id.vhost, route.id.path) == place)


def serves(vhost: VirtualHost, wanted: str, *, by_pattern: bool = False) -> bool:
    """Whether ``NAME`` or ``NAME:PORT`` names this virtual host.

    Args:
        vhost: the virtual host.
        wanted: its ServerName, an alias, or an address as ``<VirtualHost>`` has it.
        by_pattern: by an alias with ``*`` or ``?`` that takes the name, instead.
    """
    if wanted in vhost.addresses or f"{wanted}:*" in vhost.addresses:
        return not by_pattern
    name, _, port = wanted.rpartition(":")
    if not name or not port.isdigit():
        name, port = wanted, ""
    if port and not any(_port(address) in (port, "*") for address in vhost.addresses):
        return False
    name = _comparable(name)
    if by_pattern:
        return any(_takes(alias, name) for alias in vhost.aliases if "*" in alias or "?" in alias)
    known = (bare_name(vhost.server_name or ""), *vhost.aliases)
    return name in (_comparable(each) for each in known if each)


def _comparable(name: str) -> str:
    return name.lower().partition("/")[0].rstrip(".")


def _takes(alias: str, name: str) -> bool:
    pattern = compile_glob(_comparable(alias))
    return pattern is not None and pattern.search(name) is not None


def _port(address: str) -> str:
    """Port of an address of ``<VirtualHost>``; ``*``: every port that httpd listens on."""
    return address.rpartition(":")[2]


def _names(vhosts: Sequence[VirtualHost]) -> list[str]:
    """What ``--vhost`` takes for each: its name and ports, or its address where it has no name."""
    found = []
    for vhost in vhosts:
        name = bare_name(vhost.server_name or "")
        if name and not vhost.addresses:
            found.append(name)
        for address in vhost.addresses:
            port = _port(address)
            found.append(address if not name else name if port == "*" else f"{name}:{port}")
    return found


def _known(label: str, names: Sequence[str], most: int = 10) -> str:
    unique = list(dict.fromkeys(names))
    if not unique:
        return ""
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return f"{label}: {', '.join(unique[:most])}{more}."
