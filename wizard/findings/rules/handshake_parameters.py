"""httpd's OpenSSL ends the handshake over what the backend sends in it."""

from __future__ import annotations

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Signs
from wizard.findings.rules.handshake import HandshakeRule
from wizard.model.diagnosis import Finding, Remedy
from wizard.reference import tls_settings

_BETTER_EXCHANGE = Remedy(
    "backend",
    "Have the backend use ECDHE, or Diffie-Hellman parameters of 2048 bits (Java: "
    "-Djdk.tls.ephemeralDHKeySize=2048).",
    "openssl dhparam 2048",
)
_UPDATE = Remedy(
    "backend",
    "Update the TLS library of the backend, or of the middlebox before it, to one with RFC 5746 "
    "(OpenSSL 0.9.8m of 2010 has it).",
)


def _refused(facts: Facts, reason: str) -> bool:
    """Whether OpenSSL on this side ended the handshake for a reason."""
    tls = facts.tls
    return tls is not None and tls.failure == "protocol" and reason in (tls.error or "")


class DhParametersTooSmall(HandshakeRule):
    """tls_process_ske_dhe of OpenSSL's statem_clnt.c: less than the security level asks for."""

    slug = "dh-parameters-too-small"
    order = 22
    title = "The backend's Diffie-Hellman parameters are too small"
    signs = Signs(stages={"tls": 32})
    repair = Repairability(leavable=True, there=_BETTER_EXCHANGE)

    def _check(self, facts: Facts) -> Finding | None:
        if not _refused(facts, "dh key too small"):
            return None
        listed = facts.policy.cipher_suite.value
        written = listed is not None and tls_settings.names_profile(listed)
        return self.found(
            facts,
            "The backend chooses a cipher with DHE, and its parameters for that are shorter than "
            "OpenSSL's security level asks for (level 2: 2048 bits). httpd ends the handshake. The "
            "key in the backend's certificate is not meant.",
            [*self.shown_handshake(facts), *evidence.policy(facts, "cipher_suite")],
            [
                _BETTER_EXCHANGE,
                Remedy(
                    "config",
                    "Or offer the backend no DHE: it then takes another cipher, if it has one. No "
                    "check is weakened. fix tries it, and writes it where it helps.",
                    None if written else f"SSLProxyCipherSuite {tls_settings.without_dhe(listed)}",
                ),
                Remedy(
                    "backend",
                    "See what it chooses without DHE.",
                    shell.s_client(facts, "-tls1_2", "-cipher", tls_settings.without_dhe(None)),
                ),
            ],
        )


class LegacyRenegotiation(HandshakeRule):
    """final_renegotiate of OpenSSL's extensions.c: the ServerHello lacks renegotiation_info."""

    slug = "legacy-renegotiation"
    order = 24
    title = "The backend does not know secure renegotiation"
    signs = Signs(stages={"tls": 34})
    repair = Repairability(actor="backend")

    def _check(self, facts: Facts) -> Finding | None:
        if not _refused(facts, "unsafe legacy renegotiation disabled"):
            return None
        return self.found(
            facts,
            "The backend's answer lacks the extension renegotiation_info (RFC 5746), without which "
            "somebody on the path can put a request of his own before httpd's. OpenSSL insists on "
            "it since 3.0. Versions and ciphers are not the cause.",
            self.shown_handshake(facts),
            [
                _UPDATE,
                Remedy(
                    "backend",
                    "See whether the answer has it: Secure Renegotiation IS supported.",
                    shell.s_client(facts, "-tls1_2", "-legacy_server_connect"),
                ),
                Remedy(
                    "config",
                    "No SSLProxy directive accepts it. Until the update, a file that OPENSSL_CONF "
                    "of httpd's service names can say Options = UnsafeLegacyServerConnect (see "
                    "this finding's page). All TLS connections of that service are then open to "
                    "the attack of CVE-2009-3555.",
                ),
            ],
        )
