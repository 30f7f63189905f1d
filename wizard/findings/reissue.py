"""What only the backend's or the authority's side can do, as openssl commands.

Manual pages: openssl-req(1), openssl-x509(1), openssl-ca(1) of OpenSSL 3.0.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Literal

from wizard.findings.shell import keeping_files, request
from wizard.model.certificate import Certificate
from wizard.model.config import Route
from wizard.model.host_names import bare_name
from wizard.x509.peer_names import host_names, is_host_name

DAYS = 365
"""Longest lifetime that the commands ask for; authorities have their own rules."""

MOST_NAMES = 50
"""Names of the present certificate that a new one is asked to keep; a hostile one has thousands."""

Kind = Literal["certificate", "authority", "path length", "list", ""]
"""What has to be issued anew: the backend's ``certificate``; the certificate of an ``authority``,
or one with room for more authorities below it (``path length``); a revocation ``list``."""


def commands(kind: Kind, route: Route, leaf: Certificate | None, ca_name: str) -> tuple[str, ...]:
    """The commands with which something is issued anew.

    Args:
        kind: what it is.
        route: whose names the new certificate must cover.
        leaf: the backend's present certificate; its names are kept.
        ca_name: the authority's subject, for its own certificate.
    """
    if kind == "certificate":
        return leaf_commands(needed_names(route, leaf), _days(leaf))
    if kind == "list":
        target = f"{route.tls.ca_revocation_file.value or 'ca.crl'}.new"
        return (keeping_files(f"openssl ca -gencrl -crldays 30 > {shlex.quote(target)}"),)
    return _authority_commands(ca_name, pathlen=kind == "path length") if kind else ()


def _days(leaf: Certificate | None) -> int:
    """A lifetime like the present certificate's, so that one for hours stays short."""
    life = DAYS if leaf is None or leaf.error else (leaf.not_after - leaf.not_before).days
    return min(max(life, 1), DAYS)


def needed_names(route: Route, leaf: Certificate | None) -> tuple[str, ...]:
    """The DNS names that the backend's certificate must hold for this route.

    The name httpd compares, the name in the URL, the virtual host's names where ProxyPreserveHost
    makes httpd compare those, and what the present certificate covers.
    """
    wanted = [route.backend.check_name, route.backend.host]
    if route.preserve_host.value:
        wanted += [bare_name(route.vhost.server_name or ""), *route.vhost.aliases]
    wanted += leaf.dns_names[:MOST_NAMES] if leaf else ()
    wanted += leaf.common_names if leaf and not leaf.dns_names else ()
    lowered = dict.fromkeys(name.lower() for name in wanted)
    return tuple(n for n in lowered if is_host_name(n.removeprefix("*.")))


def usable_names(leaf: Certificate) -> tuple[str, ...]:
    """The names of a certificate that can stand in a URL, in lower case."""
    return tuple(name.lower() for name in host_names(leaf))


def leaf_commands(names: Sequence[str], days: int = DAYS) -> tuple[str, ...]:
    """Key and request on the backend, and the signature at the authority.

    Args:
        names: DNS names, the first one is the subject's; wildcards allowed.
        days: that the certificate is valid.
    """
    first = names[0] if names else "backend.example.internal"
    stem = re.sub(r"[^A-Za-z0-9.-]", "_", first)
    san = ",".join(f"DNS:{name}" for name in names or (first,))
    return (
        request(
            stem,
            *("-subj", f"/CN={first}", "-addext", f"subjectAltName={san}"),
            *("-addext", "keyUsage=critical,digitalSignature"),
            *("-addext", "extendedKeyUsage=serverAuth"),
        ),
        keeping_files(
            f"openssl x509 -req -in {stem}.csr -CA ca.pem -CAkey ca.key -sha256 -days {days} "
            f"-copy_extensions copy > {stem}.pem"
        ),
    )


def _authority_commands(ca_name: str, *, pathlen: bool) -> tuple[str, ...]:
    allowed = "critical,CA:TRUE,pathlen:2" if pathlen else "critical,CA:TRUE"
    extensions = f"basicConstraints={allowed}\\nkeyUsage=critical,keyCertSign,cRLSign\\n"
    comment = shlex.quote(f"new certificate for {ca_name}"[:200])
    return (
        f": {comment}; "
        + keeping_files(
            f"printf {shlex.quote(extensions)} > new-ca.ext",
            "openssl x509 -in ca.pem -x509toreq -signkey ca.key > new-ca.csr",
            "openssl x509 -req -in new-ca.csr -CA root.pem -CAkey root.key -sha256 "
            f"-days {5 * DAYS} -extfile new-ca.ext > new-ca.pem",
        ),
    )
