"""What only the backend's or the authority's side can do, as openssl commands.

Manual pages: openssl-req(1), openssl-x509(1), openssl-ca(1) of OpenSSL 3.0.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from wizard.model.certificate import Certificate
from wizard.model.config import Route
from wizard.model.remedy import Remedy
from wizard.x509.peer_names import host_names, is_host_name

DAYS = 365
"""Lifetime that the commands ask for; authorities have their own rules."""

MOST_NAMES = 50
"""Names of the present certificate that a new one is asked to keep; a hostile one has thousands."""

LEAF: Mapping[str, str] = {
    "certificate-expired": "the backend's certificate has expired and must be renewed there",
    "certificate-not-yet-valid": "the backend's certificate is not valid yet: check both clocks, "
    "else it must be reissued",
    "certificate-expires-soon": "the backend's certificate must be renewed before it expires",
    "name-mismatch": "the backend's certificate does not cover the name and must be reissued",
    "wrong-virtual-host-certificate": "the backend shows another site's certificate: it must "
    "serve one for this name",
    "wildcard-too-deep": "a wildcard stands for one label only: the backend's certificate must "
    "be reissued with this name",
    "wrong-purpose": "the backend's certificate is not meant for servers and must be reissued",
    "weak-key": "a key of the backend's chain is too short: the certificate must be reissued "
    "with a new key",
    "weak-signature": "a certificate of the chain is signed with a broken hash and must be "
    "reissued",
    "certificate-revoked": "the backend's certificate has been revoked: it needs a new key and "
    "certificate",
}
"""Faults of the backend's own certificate: it has to be issued anew."""

ALSO: Mapping[str, str] = {
    "preserve-host-changes-name": "the backend's certificate must be reissued with the names that "
    "the clients use; each new public name needs it again.",
    "self-signed-certificate": "a CA that httpd trusts, or will trust, must sign a certificate for "
    "the backend.",
}
"""Faults that configuration can repair, and a new certificate as well."""

AUTHORITY: Mapping[str, str] = {
    "ca-expired": "an authority of the chain has expired: it must be renewed, and then trusted "
    "with --ca",
    "path-length-exceeded": "the authority above allows fewer levels (pathlen) and must be "
    "reissued",
    "name-constraint-violated": "the authority may not sign this name: another authority must, "
    "or its constraints must be changed",
    "issuer-not-a-ca": "a certificate that signed another one is no CA: it must be reissued with "
    "CA:TRUE",
}
"""Faults of an authority's certificate."""

LISTS: Mapping[str, str] = {
    "crl-expired": "the revocation list has expired: the authority must publish a new one",
    "crl-missing": "the authority's revocation list is missing: put it into the CRL file",
}
"""Faults of a revocation list."""


THERE: Mapping[str, Remedy] = {
    "missing-intermediate": Remedy(
        "backend",
        "Append the intermediate to the backend's certificate file (nginx: ssl_certificate; "
        "httpd: SSLCertificateFile; HAProxy: crt) and reload it.",
        "cat server.pem intermediate.pem > fullchain.pem",
    ),
    "protocol-mismatch": Remedy("backend", "Enable TLS 1.2 and 1.3 on the backend."),
    "cipher-mismatch": Remedy(
        "backend", "Allow ciphers of TLS 1.2 with ECDHE and AES-GCM on the backend."
    ),
}
"""What the backend's settings repair, no new certificate."""


def reason(slug: str) -> str | None:
    """Why a finding cannot be repaired in the configuration; None for other findings."""
    return LEAF.get(slug) or AUTHORITY.get(slug) or LISTS.get(slug)


def commands(slug: str, route: Route, leaf: Certificate | None, ca_name: str) -> tuple[str, ...]:
    """The commands for a finding of the backend's side; empty if none helps.

    Args:
        slug: the finding.
        route: whose names the new certificate must cover.
        leaf: the backend's present certificate; its names are kept.
        ca_name: the authority's subject, for its own certificate.
    """
    if slug in LEAF:
        return leaf_commands(needed_names(route, leaf))
    if slug in AUTHORITY:
        return _authority_commands(ca_name, pathlen=slug == "path-length-exceeded")
    if slug in LISTS:
        target = route.tls.ca_revocation_file.value or "ca.crl"
        return (f"openssl ca -gencrl -crldays 30 -out {shlex.quote(target)}",)
    return ()


def needed_names(route: Route, leaf: Certificate | None) -> tuple[str, ...]:
    """The DNS names that the backend's certificate must hold for this route.

    The name httpd compares, the name in the URL, the virtual host's names where ProxyPreserveHost
    makes httpd compare those, and what the present certificate covers.
    """
    wanted = [route.backend.check_name, route.backend.host]
    if route.preserve_host.value:
        wanted += [bare(route.vhost.server_name or ""), *route.vhost.aliases]
    wanted += leaf.dns_names[:MOST_NAMES] if leaf else ()
    wanted += leaf.common_names if leaf and not leaf.dns_names else ()
    lowered = dict.fromkeys(name.lower() for name in wanted)
    return tuple(n for n in lowered if is_host_name(n.removeprefix("*.")))


def usable_names(leaf: Certificate) -> tuple[str, ...]:
    """The names of a certificate that can stand in a URL, in lower case."""
    return tuple(name.lower() for name in host_names(leaf))


def leaf_commands(names: Sequence[str]) -> tuple[str, ...]:
    """Key and request on the backend, and the signature at the authority.

    Args:
        names: DNS names, the first one is the subject's; wildcards allowed.
    """
    first = names[0] if names else "backend.example.internal"
    stem = re.sub(r"[^A-Za-z0-9.-]", "_", first)
    san = ",".join(f"DNS:{name}" for name in names or (first,))
    return (
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        f"-keyout {stem}.key -out {stem}.csr -subj {shlex.quote(f'/CN={first}')} "
        f"-addext {shlex.quote(f'subjectAltName={san}')} "
        "-addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth",
        f"openssl x509 -req -in {stem}.csr -CA ca.pem -CAkey ca.key -sha256 -days {DAYS} "
        f"-copy_extensions copy -out {stem}.pem",
    )


def _authority_commands(ca_name: str, *, pathlen: bool) -> tuple[str, ...]:
    allowed = "critical,CA:TRUE,pathlen:2" if pathlen else "critical,CA:TRUE"
    extensions = f"basicConstraints={allowed}\\nkeyUsage=critical,keyCertSign,cRLSign\\n"
    comment = shlex.quote(f"new certificate for {ca_name}"[:200])
    return (
        f"printf {shlex.quote(extensions)} > ca.ext",
        f": {comment}; openssl x509 -in old-ca.pem -x509toreq -signkey ca.key -out ca.csr",
        "openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -sha256 "
        f"-days {5 * DAYS} -extfile ca.ext -out ca.pem",
    )


def bare(server_name: str) -> str:
    """A ServerName without scheme and port."""
    return server_name.rpartition("://")[2].partition(":")[0]
