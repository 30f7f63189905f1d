"""The directive that sets each field of TlsPolicy, in the order in which a policy is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DIRECTIVES: Final[Mapping[str, str]] = {
    "engine": "SSLProxyEngine",
    "verify": "SSLProxyVerify",
    "verify_depth": "SSLProxyVerifyDepth",
    "ca_certificate_file": "SSLProxyCACertificateFile",
    "ca_certificate_path": "SSLProxyCACertificatePath",
    "ca_revocation_file": "SSLProxyCARevocationFile",
    "ca_revocation_path": "SSLProxyCARevocationPath",
    "ca_revocation_check": "SSLProxyCARevocationCheck",
    "check_peer_name": "SSLProxyCheckPeerName",
    "check_peer_cn": "SSLProxyCheckPeerCN",
    "check_peer_expire": "SSLProxyCheckPeerExpire",
    "protocol": "SSLProxyProtocol",
    "cipher_suite": "SSLProxyCipherSuite",
    "cipher_suite_tls13": "SSLProxyCipherSuite TLSv1.3",
    "machine_certificate_file": "SSLProxyMachineCertificateFile",
    "machine_certificate_path": "SSLProxyMachineCertificatePath",
    "machine_certificate_chain_file": "SSLProxyMachineCertificateChainFile",
}
"""Field of TlsPolicy to the directive as httpd spells it."""


def shown(value: object) -> str:
    """A setting's value as one would write it (``on``, ``require``); ``-`` for none."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "-" if value is None else str(value)
