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


def text(count: int, *, modules: bool, shown: bool, vhost: str = "") -> str:
    """What is hidden, and how to see it.

    Args:
        count: number of requests concerned.
        modules: whether this httpd sets levels for single modules (2.4 does, 2.2 does not).
        shown: whether the level lets such lines through: then they are only missing in this
            input.
        vhost: the virtual host that all lines are of, where they name only one.
    """
    from wizard.logs import remedies  # the catalogue is needed only when there is a cause

    check = f"`{remedies.deciding(vhost)}`"
    requests = "one request" if count == 1 else f"{count} requests"
    failed = f"The TLS handshake with the backend failed in {requests} and "
    if shown:
        return (
            f"{failed}these lines do not say why. The LogLevel lets the lines that do through, as "
            "others of module ssl show: give the whole log around that time, or every line with "
            f"the same pid and tid. Without them {check} decides: it connects as httpd does."
        )
    level = log_levels.telling() if modules else "LogLevel info"
    of = "of level info of the modules ssl and proxy" if modules else "of level info"
    return (
        f"{failed}the log does not say why: the cause is below the LogLevel, in lines {of}. To see "
        f"it write `{level}` into the virtual host of the proxy, apply it without a restart "
        "(`apachectl configtest && apachectl graceful`), repeat the request and read the new "
        "lines. What remains: a certificate for another name, an expired one while it is not "
        "verified, no TLS version or cipher in common, a refused server name (SNI), or a port "
        "that does not speak TLS. (A certificate that fails verification would show even so, as "
        f"AH02039 or AH02040.) {check} decides it at once: it connects as httpd does."
    )
