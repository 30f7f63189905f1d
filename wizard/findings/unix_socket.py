"""What goes wrong at a unix domain socket: it has a path, an owner and a mode, and no port."""

from __future__ import annotations

import shlex
from dataclasses import replace

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.model.diagnosis import Finding, Remedy

_PHP = "PHP-FPM: `listen =` of the pool (Debian: /etc/php/*/fpm/pool.d/www.conf) says where it is."
_PRIVATE = ("/tmp/", "/var/tmp/")  # noqa: S108 # nosec B108 # nothing is written there


def where_nobody_listens(socket: str, scheme: str) -> list[Remedy]:
    """What helps where there is no such socket, or nobody listens on it.

    Args:
        socket: its path.
        scheme: of the URL; empty: not known.
    """
    path, directory = shlex.quote(socket), shlex.quote(socket.rpartition("/")[0] or "/")
    return [
        Remedy(
            "backend",
            "Start the service, and see on which socket it listens.",
            f"ss -xlp; ls -l {path} {directory}",
        ),
        Remedy(
            "config",
            "Correct the path before the | if the service has another."
            + (f" {_PHP}" if scheme in ("", "fcgi") else ""),
        ),
    ]


def where_forbidden(
    socket: str, scheme: str, user: str | None = None, group: str | None = None
) -> list[Remedy]:
    """What helps where httpd's children may not connect to the socket.

    Args:
        socket: its path.
        scheme: of the URL; empty: not known.
        user: whose name the children have; None: not known.
        group: their group.
    """
    known = group is not None
    user, group = user or "USER", group or "GROUP"
    php = f"PHP-FPM: listen.owner = {user}, listen.group = {group}, listen.mode = 0660."
    others = (
        f"systemd: SocketGroup={group}, SocketMode=0660; gunicorn: --umask 007 with that group."
    )
    ways = {"fcgi": php, "": f"{php} {others}"}.get(scheme, others)
    path = shlex.quote(socket)
    which = "" if known else " (the directive Group of httpd)"
    return [
        Remedy(
            "backend",
            f"Have the service make its socket for httpd's group {group}{which}, mode 0660.",
        ),
        Remedy("backend", ways, then=True),
        Remedy(
            "backend",
            "See the owner and mode of each part of the path.",
            f"namei -l {path}",
            looks=True,
        ),
        Remedy(
            "backend", "If they are right, see the socket's label.", f"ls -Z {path}", looks=True
        ),
        shell.DENIED,
    ]


def refused(rule: Rule, facts: Facts, socket: str, error: str | None) -> Finding:
    """There is no such socket, or nobody listens on it.

    Args:
        rule: whose slug and severity the finding has.
        facts: of the route.
        socket: its path.
        error: the system's words.
    """
    private = (
        " httpd's unit may have a /tmp of its own (PrivateTmp=): a socket belongs into /run."
        if socket.startswith(_PRIVATE)
        else ""
    )
    finding = rule.found(
        facts,
        f"httpd connects to the socket {socket}, and gets: {error or 'no connection'}. Where there "
        "is no such file, the service is down or makes its socket elsewhere; where there is one, "
        f"nobody listens on it any more. {evidence.unconnected(facts)}{private}",
        [evidence.route(facts.route), f"{socket}: {error or 'not connected'}"],
        where_nobody_listens(socket, facts.backend.scheme),
        proof=[f"{socket}: {error or 'not connected'}", evidence.route(facts.route)],
        why="Without this file the service is down, or makes its socket elsewhere; with it, nobody "
        f"listens on it any more.{private}",
    )
    return replace(finding, title="Nothing listens on the backend's socket")


def not_permitted(rule: Rule, facts: Facts, socket: str) -> Finding:
    """httpd's children may not connect to the socket.

    Args:
        rule: whose slug and severity the finding has.
        facts: of the route.
        socket: its path.
    """
    service = facts.case.httpd.service
    user = service.user or "httpd's user"
    finding = rule.found(
        facts,
        f"httpd's children run as {user}, who may not connect to {socket}: that needs write "
        "permission on the socket and search permission (x) on each directory above it. httpd "
        f"logs (13)Permission denied. {evidence.unconnected(facts)} SELinux or AppArmor can forbid "
        "it as well.",
        [evidence.route(facts.route), f"{socket}: Permission denied for {user}"],
        where_forbidden(socket, facts.backend.scheme, service.user, service.group),
        proof=[f"{socket}: Permission denied for {user}", evidence.route(facts.route)],
        why=f"httpd's children run as {user}, who needs write permission on the socket and search "
        "permission (x) on each directory above it.",
    )
    return replace(finding, title="httpd's user may not connect to the backend's socket")
