"""httpd's OpenSSL ends the handshake over what the backend sends in it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from wizard.config.syntax.words import argument
from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Repairability, Signs
from wizard.findings.rules.handshake import HandshakeRule, goes_on
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.probe import Lack, LackKind
from wizard.reference import behaviours, tls_settings
from wizard.reference.release import Release

_BETTER_EXCHANGE = Remedy(
    "backend",
    "Have the backend use ECDHE, or Diffie-Hellman parameters of 2048 bits (Java: "
    "-Djdk.tls.ephemeralDHKeySize=2048).",
    "openssl dhparam 2048",
)
_USUAL_KEY = Remedy(
    "backend", "Give the backend a certificate with an RSA key of 2048 bits or one on P-256."
)
_FAULTY = (
    "TLS forbids that: its TLS library is faulty or old, or something on the way changes "
    "handshakes."
)
_UPDATE = Remedy(
    "backend",
    "Update the TLS library of the backend, or of the load balancer before it (OpenSSL: 0.9.8m or "
    "later).",
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
        without = argument(tls_settings.without_dhe(listed))
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
                    None if written else f"SSLProxyCipherSuite {without}",
                ),
                Remedy(
                    "backend",
                    "See what it chooses without DHE.",
                    shell.s_client(facts, "-tls1_2", "-cipher", tls_settings.without_dhe(None)),
                    looks=True,
                ),
            ],
            why="The backend chooses a cipher with DHE, whose parameters are shorter than OpenSSL "
            "allows here (level 2: 2048 bits).",
        )


class _LackRule(HandshakeRule):
    """Another handshake, which offers more, gets further; or the backend uses what was not
    offered."""

    repair = Repairability(actor="backend")
    lacks: ClassVar[LackKind]
    """What the other handshake offers."""
    reason: ClassVar[str]
    """OpenSSL's, where the backend uses what was not offered."""
    uses: ClassVar[str]
    """That, in a sentence."""
    usual: ClassVar[tuple[Remedy, ...]]
    """Has the backend use what is offered."""

    def _check(self, facts: Facts) -> Finding | None:
        if _refused(facts, self.reason):
            return self.found(
                facts, f"{self.uses} {_FAULTY}", self.shown_handshake(facts), self.usual
            )
        lack = facts.tls.lack if facts.tls is not None else None
        return self._lacking(facts, lack) if lack is not None and lack.kind == self.lacks else None

    def _lacking(self, facts: Facts, lack: Lack) -> Finding:
        """The finding, with what the other handshake got further with."""
        raise NotImplementedError


class GroupMismatch(_LackRule):
    """Another handshake, which offers more groups, gets further."""

    slug = "group-mismatch"
    order = 26
    title = "httpd and the backend have no elliptic curve in common"
    signs = Signs(stages={"tls": 36}, alerts="40/5 47/2 71/2")
    lacks = "group"
    reason = "wrong curve"
    uses = "The backend uses an elliptic curve that httpd did not offer."
    usual = (
        Remedy(
            "backend",
            "Have the backend offer P-256 or X25519, and give its certificate an RSA key or one on "
            "P-256.",
        ),
        Remedy(
            "backend",
            "The setting is SSLOpenSSLConfCmd Curves in httpd, ssl_ecdh_curve in nginx, "
            "-Djdk.tls.namedGroups in Java.",
            then=True,
        ),
    )

    def _lacking(self, facts: Facts, lack: Lack) -> Finding:
        named = " and ".join(lack.groups)
        return self.found(
            facts,
            f"The backend insists on {named or 'an elliptic curve that is out of use'} for key "
            "exchange or in its certificate's key, which httpd's OpenSSL does not offer. The "
            "handshake goes on once it is offered: versions and ciphers are not the cause.",
            [
                *self.shown_handshake(facts),
                goes_on(replace(lack, groups=lack.groups or ("an old curve",), cipher="")),
            ],
            [
                *self.usual,
                Remedy(
                    "backend",
                    "See it: with this list the handshake goes on. The curve is Server Temp Key's, "
                    "or that of the certificate's key.",
                    _with_groups(facts, lack),
                    looks=True,
                ),
                Remedy("config", _until(lack, facts.case.httpd.release)),
            ],
            why=f"The backend insists on {named or 'a curve that is out of use'}, in its settings "
            "or in its certificate's key. httpd's OpenSSL does not offer it.",
        )


def _with_groups(facts: Facts, lack: Lack) -> str:
    version = "-tls1_3" if lack.version == "TLSv1.3" else "-tls1_2"
    names = lack.groups or tuple(tls_settings.OLD_GROUPS.values())
    return shell.s_client(facts, version, "-groups", ":".join(("P-256", *names)))


def _until(lack: Lack, release: Release) -> str:
    """What can be done here, measured on httpd 2.4.71 with OpenSSL 3.0."""
    none = (
        "No SSLProxyOpenSSLConfCmd exists in httpd 2.4, and SSLOpenSSLConfCmd has no effect here."
    )
    if lack.version == "TLSv1.3":
        if not behaviours.holds("brainpool-signatures", release):
            return f"{none} Its OpenSSL knows no such curve for TLS 1.3 (3.2 does)."
        line = ""
    else:
        line = "SSLProxyProtocol TLSv1.2 for this backend, and "
    more = ("ffdhe2048",) if behaviours.holds("finite-field-groups", release) else ()
    # without OpenSSL's own list other backends could fail
    groups = ":".join((tls_settings.USUAL_GROUPS, *more, *(lack.groups or ("CURVE",))))
    return (
        f"{none} Until the backend is changed, {line}Groups = {groups} in a file that "
        "OPENSSL_CONF of httpd's service names (see this finding's page), then a restart."
    )


class SignatureMismatch(_LackRule):
    """Another handshake, which offers more signature algorithms, gets further."""

    slug = "signature-mismatch"
    order = 28
    title = "httpd and the backend have no signature algorithm in common"
    signs = Signs(stages={"tls": 38}, alerts="40/6 71/3")
    lacks = "signature"
    reason = "wrong signature type"
    uses = (
        "The backend signs the handshake with an algorithm that httpd did not offer, mostly SHA-1."
    )
    usual = (
        Remedy(
            "backend",
            "Have the backend sign with SHA-256 (OpenSSL: SignatureAlgorithms), or update its TLS "
            "library.",
        ),
    )

    def _lacking(self, facts: Facts, lack: Lack) -> Finding:
        known = lack.key.startswith(("RSA", "ECDSA"))
        return self.found(
            facts,
            "The backend signs the key exchange only in a way that httpd's OpenSSL does not offer: "
            + (
                "with SHA-1, which its security level excludes."
                if known
                else f"with its key ({lack.key or 'not seen'})."
            )
            + " The handshake goes on once that is offered: versions, ciphers and curves are not "
            "the cause.",
            [*self.shown_handshake(facts), goes_on(lack)],
            [
                *(self.usual if known else (_USUAL_KEY,)),
                Remedy(
                    "backend",
                    "See it: with SHA-1 allowed the handshake goes on.",
                    shell.s_client(facts, "-tls1_2", "-cipher", "DEFAULT:@SECLEVEL=0"),
                    looks=True,
                )
                if known
                else Remedy("backend", "See its key.", shell.show_chain(facts), looks=True),
            ],
            why="The backend signs the handshake only in a way that httpd's OpenSSL does not "
            + (
                "allow: with SHA-1."
                if known
                else f"offer: with its key ({lack.key or 'not seen'})."
            ),
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
                    looks=True,
                ),
                Remedy(
                    "config",
                    "No SSLProxy directive accepts it. Until the update, a file that OPENSSL_CONF "
                    "of httpd's service names can say Options = UnsafeLegacyServerConnect (see "
                    "this finding's page). All TLS connections of that service are then open to "
                    "the attack of CVE-2009-3555.",
                ),
            ],
            why="Its answer lacks renegotiation_info (RFC 5746). OpenSSL refuses that since 3.0: "
            "others could put a request of theirs before httpd's.",
        )
