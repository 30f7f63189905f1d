"""Failed handshakes whose cause is below LogLevel: how to see it, and what remains."""

from __future__ import annotations

from typing import Final

from wizard.logs.incidents import Incident
from wizard.logs.recognition import Recognition, Strength
from wizard.model.host_names import is_address
from wizard.reference import log_levels

#: What httpd 2.4 logs at info only, the most frequent first. A certificate that OpenSSL refuses
#: is not among it: AH02039 and AH02040 are errors.
_REMAINING: Final = (
    "name-mismatch",
    "preserve-host-changes-name",
    "certificate-expired",
    "protocol-mismatch",
    "cipher-mismatch",
    "sni-rejected",
    "backend-speaks-plain-http",
    "connection-timeout",
    "connection-reset",
    "client-certificate-required",  # below warn: AH02268 is a warning
)
_AFTER_HANDSHAKE: Final = frozenset({"name-mismatch", "certificate-expired"})


def candidates(incident: Incident) -> list[tuple[Recognition, str]]:
    """The lines of a request whose cause is hidden, with the causes that remain."""
    remaining: tuple[str, ...] = _REMAINING
    if "AH01102" in incident.codes:  # 2.4.37 or older, before the certificate was looked at
        remaining = tuple(slug for slug in remaining if slug not in _AFTER_HANDSHAKE)
    elif is_address(incident.named.host.strip("[]")):
        remaining = ("ip-address-backend", *remaining)
    return [
        (
            Recognition(
                recognition.meaning,
                recognition.code,
                slugs=remaining,
                strength=Strength.CONSEQUENCE,
            ),
            text,
        )
        for recognition, text in incident.recognitions
    ]


def text(*, modules: bool, shown: bool) -> str:
    """What is hidden, and how to see it.

    Args:
        modules: whether this httpd sets levels for single modules (2.4 does, 2.2 does not).
        shown: whether the level lets such lines through: then they are only missing in this
            input.
    """
    if shown:
        return (
            "The LogLevel lets the lines that say why through, as others of module ssl show: give "
            "the whole log around that time, or every line with the same pid and tid."
        )
    level = log_levels.telling() if modules else "LogLevel info"
    of = "of level info of the modules ssl and proxy" if modules else "of level info"
    return (
        f"The lines that name the cause are {of}, below the LogLevel. To see them write `{level}` "
        "into the virtual host of the proxy, apply it without a restart (`apachectl configtest && "
        "apachectl graceful`) and repeat the request. What remains: a certificate for another "
        "name, an expired one while it is not verified, no TLS version or cipher in common, a "
        "refused server name (SNI), or a port that does not speak TLS. (A certificate that fails "
        "verification would show even so, as AH02039 or AH02040.)"
    )
