"""Which names a certificate covers, as httpd compares them.

httpd compares the DNS names of subjectAltName and the common name, without case; a wildcard
matches one whole leftmost label; IP addresses of subjectAltName do not count (modules/ssl/
ssl_util_ssl.c, modssl_X509_match_name).
"""

from __future__ import annotations

import re
import string

from wizard.model.certificate import Certificate
from wizard.model.host_names import is_address

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""As strcasecmp compares; str.lower() would make a k of the Kelvin sign."""
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})*\Z")


def covers(certificate: Certificate, name: str) -> bool:
    """Whether httpd accepts the certificate for a name."""
    return any(_matches(pattern, name) for pattern in _patterns(certificate))


def covers_by_common_name(certificate: Certificate, name: str) -> bool:
    """Whether httpd accepts the certificate where it compares the CN alone: the first one."""
    return any(_matches(first, name) for first in certificate.common_names[:1])


def _patterns(certificate: Certificate) -> tuple[str, ...]:
    return (*certificate.dns_names, *certificate.common_names)


def _matches(pattern: str, name: str) -> bool:
    pattern, name = pattern.translate(_LOWER), name.translate(_LOWER)
    if pattern == name:
        return True
    _, dot, rest = name.partition(".")
    return pattern.startswith("*.") and bool(dot) and pattern[2:] == rest


def is_host_name(name: str) -> bool:
    """Whether a text can be the host of a URL: letters, digits, hyphens, dots."""
    return len(name) <= 253 and _HOST.match(name) is not None and not is_address(name)


def host_names(certificate: Certificate) -> list[str]:
    """The host names that the certificate covers and that can be looked up (no wildcards)."""
    return [n for n in dict.fromkeys(_patterns(certificate)) if is_host_name(n)]
