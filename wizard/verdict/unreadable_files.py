"""Files that httpd can read and this user cannot: what follows from them is not known.

httpd reads its trust files as root when it starts; the user of this engine may not be root.
"""

from __future__ import annotations

from wizard.model.diagnosis import Verdict
from wizard.verdict.exchange import Exchange


def decide(exchange: Exchange) -> Verdict | None:
    """Unknown, where the handshake depends on a file that could not be read."""
    tls = exchange.probe.tls if exchange.probe is not None else None
    if tls is None:
        return None
    trust, policy = exchange.case.trust, exchange.route.tls
    unread = [
        file.path
        for file in (trust.ca_file, trust.ca_path, trust.crl_file, trust.crl_path)
        if file.state == "unreadable" and tls.chain and policy.verify.value != "none"
    ]
    own = trust.client_certificate
    if own.state == "unreadable" and tls.client_certificate_requested:
        unread.append(own.path)
    if not unread:
        return None
    return Verdict(
        "unknown", reason=f"httpd reads {unread[0]} when it starts, but this user may not read it."
    )
