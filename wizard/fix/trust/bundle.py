"""The trust bundle that a plan creates: what it holds, what it is called and where it goes."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, Route
from wizard.model.plan import TrustChoice
from wizard.text import fingerprint, printable
from wizard.wording import remarks

PREFIX = "proxy-trust-"
NEW_DIRECTORY = "proxy-trust"
"""Where no directory of the site can be used: below ServerRoot, or beside a file from elsewhere."""

_COMMENT_BYTES = 200
"""OpenSSL's PEM reader takes lines in pieces of 254 bytes (crypto/pem/pem_lib.c): a longer
comment could smuggle a BEGIN line to the start of a piece."""

_TEMPORARY = "/tmp"  # noqa: S108 # nosec B108 # named to be refused
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 # nosec B108 # likewise
_UNFIT = (
    "/etc/ssl/certs",  # update-ca-certificates hashes all it finds there: trusted system-wide
    "/usr/lib/ssl",  # OpenSSL's own directory: its certs is a link to the system's
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/etc/pki/ca-trust",
    "/etc/pki/trust",
    "/usr/share/pki",
    "/var/lib/ca-certificates",
    _TEMPORARY,
    f"/var{_TEMPORARY}",
    "/dev",
    "/proc",
    "/run",
    "/var/run",
    "/sys",
)
_SHARED = ("/", _TEMPORARY, f"/var{_TEMPORARY}", _SHARED_MEMORY)
"""Anybody may have made a ``proxy-trust`` there before."""


def text(choices: Iterable[TrustChoice], hosts: Sequence[str]) -> bytes:
    """The bundle: every certificate once, each under comments that say what it is.

    Args:
        choices: whose certificates to write; order is kept.
        hosts: backends it is for.

    Returns:
        PEM that OpenSSL's SSL_CTX_load_verify_locations and mod_ssl's list of CA names take.
    """
    lines = [
        f"Trust for HTTPS backends: {', '.join(dict.fromkeys(hosts))}. Written by proxy-wizard."
    ]
    blocks: list[bytes] = []
    seen: set[str] = set()
    for choice in choices:
        new = [c for c in choice.certificates if c.sha256 not in seen]
        if new:
            lines_of_choice = [f"Trusted because: {remarks.sentence(choice.basis)}"]
        for certificate in new:
            seen.add(certificate.sha256)
            about = [*lines_of_choice, *_about(certificate)]
            lines_of_choice = []
            blocks.append(_comments(about) + pem(certificate))
    return _comments(lines) + b"".join(b"\n" + block for block in blocks)


def pem(certificate: Certificate) -> bytes:
    """One certificate as a PEM block (RFC 7468)."""
    return ssl.DER_cert_to_PEM_cert(certificate.der).encode("ascii")


def file_name(host: str, number: int = 1) -> str:
    """The name of the bundle for a backend host: always the same for the same host.

    Args:
        host: as in the URL; characters that are unfit for a file name become ``_``.
        number: from 2 where an older file of that name has other contents.
    """
    safe = re.sub(r"[^a-z0-9.-]", "_", host.lower())[:100].strip(".-") or "backend"
    return f"{PREFIX}{safe}{f'-{number}' if number > 1 else ''}.pem"


def home(configuration: Configuration) -> str:
    """The directory that ``proxy-trust`` goes into.

    That is ServerRoot. A lone virtual host file that does not lie there may be meant for any
    server or be a draft: what belongs to it stays beside it. (The bundle is named by its whole
    path; a relative one httpd would look for below the ServerRoot of whoever includes the file.)

    Args:
        configuration: as it was read.
    """
    beside = PurePosixPath(configuration.root).parent
    own = beside.is_relative_to(configuration.server_root) or str(beside) in _SHARED
    return configuration.server_root if own or not configuration.partial else str(beside)


def directory(route: Route, home: str, *, ca_file_exists: bool) -> str:
    """Where the bundle of a route goes: beside the site's other certificates.

    Args:
        route: its virtual host's certificate and its CA file are looked at.
        home: from :func:`home`.
        ca_file_exists: whether the CA file that the policy names is there (a name with a
            typing error leads to no directory).

    Returns:
        An absolute directory; ``HOME/proxy-trust`` when none of the site's is fit.
    """
    key_file = route.vhost.certificate_key_file.value
    key_directory = str(PurePosixPath(key_file).parent) if key_file else None
    named = [route.tls.ca_certificate_file.value] if ca_file_exists else []
    named.append(route.vhost.certificate_file.value)
    for path in named:
        if path and path.startswith("/"):
            parent = str(PurePosixPath(path).parent)
            if parent != key_directory and _fit(parent):
                return parent
    return str(PurePosixPath(home) / NEW_DIRECTORY)


def _fit(parent: str) -> bool:
    """Whether a directory may take the bundle: no key store, no system store, not temporary."""
    path = PurePosixPath(parent)
    if str(path) == "/" or ".." in path.parts:
        return False
    if any(part in ("private", "keys", "key", "letsencrypt", "live") for part in path.parts):
        return False
    return not any(path.is_relative_to(unfit) for unfit in _UNFIT)


def _about(certificate: Certificate) -> list[str]:
    return [
        f"Subject: {certificate.subject}",
        f"Issuer: {certificate.issuer}",
        f"SHA-256: {fingerprint(certificate.sha256)}",
        f"Expires: {certificate.not_after:%Y-%m-%d %H:%M:%S} UTC",
    ]


def _comments(lines: Iterable[str]) -> bytes:
    return b"".join(b"# " + _cut(printable(line)) + b"\n" for line in lines)


def _cut(line: str) -> bytes:
    raw = line.encode("utf-8")
    if len(raw) <= _COMMENT_BYTES:
        return raw
    return raw[: _COMMENT_BYTES - 3].decode("utf-8", "ignore").encode("utf-8") + "…".encode()
