"""The directives of mod_ssl that a TLS policy for backends is made of: one row each.

Source: httpd 2.4, modules/ssl/mod_ssl.c (its command table) and ssl_engine_config.c.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Kind = Literal["flag", "verify", "depth", "file", "directory", "revocation", "protocol", "ciphers"]
"""The kind of arguments decides how they are read and what httpd refuses."""


class SslProxyDirective(NamedTuple):
    """A directive and the setting that it makes.

    Args:
        name: as httpd spells it, with the word that distinguishes two of one name.
        field: of TlsPolicy.
        kind: of its arguments.
        server: the directive for clients that has the same arguments and checks; may be empty.
        since: the first release of httpd 2.4 that knows it; empty: every one.
    """

    name: str
    field: str
    kind: Kind
    server: str = ""
    since: str = ""

    @property
    def key(self) -> str:
        """The directive alone, in lower case: the key by which it is looked up."""
        return self.name.lower().partition(" ")[0]


SSL_PROXY_DIRECTIVES: Final = (
    SslProxyDirective("SSLProxyEngine", "engine", "flag"),
    SslProxyDirective("SSLProxyVerify", "verify", "verify", "SSLVerifyClient"),
    SslProxyDirective("SSLProxyVerifyDepth", "verify_depth", "depth", "SSLVerifyDepth"),
    SslProxyDirective(
        "SSLProxyCACertificateFile", "ca_certificate_file", "file", "SSLCACertificateFile"
    ),
    SslProxyDirective(
        "SSLProxyCACertificatePath", "ca_certificate_path", "directory", "SSLCACertificatePath"
    ),
    SslProxyDirective(
        "SSLProxyCARevocationFile", "ca_revocation_file", "file", "SSLCARevocationFile"
    ),
    SslProxyDirective(
        "SSLProxyCARevocationPath", "ca_revocation_path", "directory", "SSLCARevocationPath"
    ),
    SslProxyDirective(
        "SSLProxyCARevocationCheck", "ca_revocation_check", "revocation", "SSLCARevocationCheck"
    ),
    SslProxyDirective("SSLProxyCheckPeerName", "check_peer_name", "flag", since="2.4.5"),
    SslProxyDirective("SSLProxyCheckPeerCN", "check_peer_cn", "flag"),
    SslProxyDirective("SSLProxyCheckPeerExpire", "check_peer_expire", "flag"),
    SslProxyDirective("SSLProxyProtocol", "protocol", "protocol", "SSLProtocol"),
    SslProxyDirective("SSLProxyCipherSuite", "cipher_suite", "ciphers", "SSLCipherSuite"),
    SslProxyDirective("SSLProxyCipherSuite TLSv1.3", "cipher_suite_tls13", "ciphers"),
    SslProxyDirective("SSLProxyMachineCertificateFile", "machine_certificate_file", "file"),
    SslProxyDirective("SSLProxyMachineCertificatePath", "machine_certificate_path", "directory"),
    SslProxyDirective(
        "SSLProxyMachineCertificateChainFile", "machine_certificate_chain_file", "file"
    ),
)
"""In the order in which a policy is shown."""

DIRECTIVES: Final[Mapping[str, str]] = {row.field: row.name for row in SSL_PROXY_DIRECTIVES}
"""Field of TlsPolicy to the directive as httpd spells it."""

VERIFY_MODES: Final[Mapping[str, str]] = {
    "none": "none",
    "off": "none",
    "optional": "optional",
    "optional_no_ca": "optional_no_ca",
    "require": "require",
    "on": "require",
}
"""Values of SSLProxyVerify, in lower case, to the mode they mean."""


def shown(value: object) -> str:
    """A setting's value as one would write it (``on``, ``require``); ``-`` for none."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "-" if value is None else str(value)
