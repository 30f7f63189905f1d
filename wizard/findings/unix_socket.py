"""What goes wrong at a unix domain socket: it has a path, an owner and a mode, and no port."""

from __future__ import annotations

import shlex
from dataclasses import replace

from wizard.findings import evidence
from wizard.findings.facts import Facts
from wizard.findings.rule import Rule
from wizard.model.diagnosis import Finding, Remedy

_PHP = "PHP-FPM: `listen =` of the pool (Debian: /etc/php/*/fpm/pool.d/www.conf) says where it is."
_PRIVATE = ("/tmp/", "/var/tmp/")  # noqa: S108 # nosec B108 # nothing is written there


def refused(rule: Rule, facts: Facts, socket: str, error: str | None) -> Finding:
    """There is no such socket, or nobody listens on it.

    Args:
        rule: whose slug and severity the finding has.
        facts: of the route.
        socket: its path.
        error: the system's words.
    """
    directory = socket.rpartition("/")[0] or "/"
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
        [
            Remedy(
                "backend",
                "See which sockets are listened on, and start the service.",
                f"ss -xlp; ls -l {shlex.quote(directory)}",
            ),
            Remedy(
                "config",
                "Correct the path before the | if the service has another."
                + (f" {_PHP}" if facts.backend.scheme == "fcgi" else ""),
            ),
        ],
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
    user, path = service.user or "httpd's user", shlex.quote(socket)
    group = service.group or "httpd's group"
    finding = rule.found(
        facts,
        f"httpd's children run as {user}, who may not connect to {socket}: that needs write "
        "permission on the socket and search permission (x) on each directory above it. httpd "
        f"logs (13)Permission denied. {evidence.unconnected(facts)} SELinux or AppArmor can forbid "
        "it as well.",
        [evidence.route(facts.route), f"{socket}: Permission denied for {user}"],
        [
            Remedy(
                "backend", "See the owner and mode of each part of the path.", f"namei -l {path}"
            ),
            Remedy(
                "backend",
                f"Have the service make its socket for the group {group}, mode 0660. "
                + (
                    f"PHP-FPM: listen.owner = {user}, listen.group = {group}, listen.mode = 0660."
                    if facts.backend.scheme == "fcgi"
                    else f"systemd: SocketGroup={group}, SocketMode=0660; gunicorn: --umask 007 "
                    "with that group."
                ),
            ),
            Remedy(
                "network",
                "If mode and owner are right, see whether SELinux said no.",
                "ausearch -m avc -ts recent",
            ),
        ],
    )
    return replace(finding, title="httpd's user may not connect to the backend's socket")
