"""The TLS handshake fails before any certificate is judged."""

from __future__ import annotations

from wizard.findings import evidence, shell
from wizard.findings.facts import Facts
from wizard.findings.rule import Alternative, Repairability, Rule, Signs
from wizard.model.diagnosis import Finding, Remedy
from wizard.model.host_names import is_address
from wizard.model.probe import Lack, TlsResult
from wizard.reference import behaviours, tls_settings

_ENABLE_VERSIONS = Remedy("backend", "Enable TLS 1.2 and 1.3 on the backend.")
_ALLOW_CIPHERS = Remedy(
    "backend", "Allow ciphers of TLS 1.2 with ECDHE and AES-GCM on the backend."
)


_OTHER_KEY = Remedy(
    "backend",
    "Give the backend a certificate with an RSA key of 2048 bits or one on P-256: DSA is out of "
    "use.",
)


class HandshakeRule(Rule):
    """A rule that explains a handshake which fails, by what was observed of it."""

    family = "handshake"
    scope = "probe"
    explains = True

    @staticmethod
    def shown_handshake(facts: Facts) -> list[str]:
        """How the handshake ended: the backend's alert, and OpenSSL's reason."""
        lines = []
        if facts.tls is not None:
            if facts.tls.alert is not None:
                lines.append(f"the backend answers with TLS {evidence.alert_text(facts.tls.alert)}")
            if facts.tls.error:
                lines.append(f"handshake: {facts.tls.error}")
        return lines


_VERSIONS = ("protocol", "version", "legacy sigalg")
_CIPHERS = ("no cipher", "no shared cipher", "dh key", "key share", "no suitable groups")


def _about(tls: TlsResult, words: tuple[str, ...]) -> bool:
    """Whether OpenSSL's reason for ending a handshake on this side has one of some words."""
    first = (tls.error or "").partition(";")[0].lower()
    return tls.failure in ("protocol", "local") and any(word in first for word in words)


class ProtocolMismatch(HandshakeRule):
    """Alert 70, or no version left."""

    slug = "protocol-mismatch"
    order = 10
    title = "httpd and the backend have no TLS version in common"
    signs = Signs(
        stages={"start": 60, "tls": 40, "http": 140},
        log_codes="AH02231 AH02532 AH03378",
        alerts="40/4 47 50 70 86 110",
    )
    repair = Repairability(leavable=True, there=_ENABLE_VERSIONS)
    alternatives = (
        Alternative(
            "Let httpd offer the backend's version as well",
            "Can be done here and now.",
            "Helps only where the backend speaks TLS 1.2 or 1.3.",
            take="plan",
        ),
        Alternative(
            "Have the backend speak a current protocol",
            "Every client of the backend gains.",
            "Needs the backend's owner.",
            take="leave",
        ),
    )

    def _check(self, facts: Facts) -> Finding | None:
        tls = facts.tls
        if tls is None or tls.completed or tls.lack is not None:
            return None
        own = _about(tls, _VERSIONS)
        if tls.alert not in (70, 86) and not own:
            return None
        allowed = tls_settings.protocols(facts.policy.protocol.value or "all")
        limited = not {"TLSv1.2", "TLSv1.3"} <= set(allowed)
        return self.found(
            facts,
            "The backend wants another TLS version than httpd offers. "
            + (
                "SSLProxyProtocol limits httpd here. A word without + replaces what stands "
                "before it: TLSv1.2 TLSv1.3 means TLSv1.3 alone."
                if limited
                else "httpd offers whatever OpenSSL allows: the backend speaks only TLS 1.0 or "
                "1.1, or its certificate's key is of a kind that is not used in the version that "
                "it insists on."
            ),
            [*self.shown_handshake(facts), *evidence.policy(facts, "protocol")],
            [
                Remedy(
                    "config",
                    "Add the highest version that the backend speaks, and no other: fix finds it.",
                    shell.fix(facts, "production"),
                )
                if limited
                else _ENABLE_VERSIONS,
                Remedy(
                    "backend",
                    "See which version it speaks: repeat with -tls1_2 and -tls1_3.",
                    shell.s_client(facts, "-tls1_2"),
                    looks=True,
                ),
            ],
            proof=[*self.shown_handshake(facts)[:1], *evidence.policy(facts, "protocol")[:2]],
            why="SSLProxyProtocol allows no version that the backend speaks."
            if limited
            else "httpd offers what OpenSSL allows: the backend speaks only TLS 1.0 or 1.1, or "
            "its key does not fit the version that it insists on.",
        )


_HANDSHAKE_FAILURE = 40
_ENDS = {
    True: "The backend ends the handshake because nothing that httpd offers suits it.",
    False: "The backend ends the handshake without saying why: nothing that httpd offers suits it, "
    "or it does not serve the name that httpd asks for (Cloudflare and CloudFront end it so).",
}
"""Whether the alert can mean nothing else."""


class CipherMismatch(HandshakeRule):
    """Alert 40 or 71."""

    slug = "cipher-mismatch"
    order = 20
    title = "httpd and the backend have no cipher in common"
    signs = Signs(
        stages={"config": 70, "start": 70, "tls": 90, "http": 190},
        log_codes="AH01898 AH10127",
        alerts="40 60 71",
    )
    repair = Repairability(leavable=True, there=_ALLOW_CIPHERS)

    def _check(self, facts: Facts) -> Finding | None:
        tls = facts.tls
        if tls is None or tls.completed:
            return None
        own = _about(tls, _CIPHERS)
        if tls.alert not in (40, 71) and not own and tls.lack is None:
            return None
        limited = not (
            facts.policy.cipher_suite.is_default and facts.policy.cipher_suite_tls13.is_default
        )
        if tls.lack is not None and (tls.lack.kind == "level" or not limited):
            return self._known(facts, tls.lack)
        return self.found(
            facts,
            f"{_ENDS[own or limited or tls.alert != _HANDSHAKE_FAILURE]} "
            + (
                "SSLProxyCipherSuite limits httpd here."
                if limited
                else "httpd's list is the default, so the backend's own list, its key type or "
                "its OpenSSL is the likely reason."
            )
            + _besides(tls.lack),
            [
                *self.shown_handshake(facts),
                *evidence.policy(facts, "cipher_suite", "cipher_suite_tls13"),
                *([goes_on(tls.lack)] if tls.lack is not None else ()),
            ],
            [
                Remedy(
                    "config",
                    "Add one cipher that the backend accepts, the best one: fix finds it.",
                    shell.fix(facts, "production"),
                )
                if limited
                else _ALLOW_CIPHERS,
                Remedy(
                    "backend",
                    "See what it accepts: repeat with -cipher and one name at a time.",
                    shell.s_client(facts, "-tls1_2", "-cipher", "ALL"),
                    looks=True,
                ),
            ],
            proof=self._proof(facts),
            why="SSLProxyCipherSuite leaves no cipher that the backend accepts."
            if limited
            else _ENDS[own or tls.alert != _HANDSHAKE_FAILURE],
        )

    def _known(self, facts: Facts, lack: Lack) -> Finding:
        """With what the backend takes, as the probe found it."""
        text, remedies = _of_level(facts) if lack.kind == "level" else _of_cipher(lack.cipher)
        return self.found(
            facts,
            text + _besides(lack),
            [
                *self.shown_handshake(facts),
                *evidence.policy(facts, "cipher_suite", "cipher_suite_tls13"),
                goes_on(lack),
            ],
            remedies,
            proof=self._proof(facts),
            why=text,
        )

    def _proof(self, facts: Facts) -> list[str]:
        """The lists that are set, how the handshake ended, and with what it goes on."""
        policy, lack = facts.policy, facts.tls.lack if facts.tls is not None else None
        lists = ("cipher_suite", "cipher_suite_tls13")
        written = [name for name in lists if not getattr(policy, name).is_default]
        return [
            *self.shown_handshake(facts)[:1],
            *evidence.policy(facts, *(written or lists[:1]))[: 1 if lack else 2],
            *([goes_on(lack)] if lack is not None else ()),
        ]


def _of_level(facts: Facts) -> tuple[str, list[Remedy]]:
    text = (
        "httpd's list of ciphers or OpenSSL's configuration sets a security level (SECLEVEL) that "
        "the backend does not reach. At level 2 the handshake goes on."
    )
    return text, [shell.level_2(facts), _ALLOW_CIPHERS]


def _of_cipher(cipher: str) -> tuple[str, list[Remedy]]:
    there = _OTHER_KEY if "DSS" in cipher else _ALLOW_CIPHERS
    here = Remedy(
        "config",
        "Or offer it here as well, for this backend alone (its <Proxy> section). OpenSSL "
        "counts it among the strong ones, but few use it.",
        tls_settings.with_cipher(cipher),
    )
    text = (
        f"The backend takes {cipher}, which is not among the ciphers that httpd offers by default."
    )
    return text, [there, here] if tls_settings.is_strong(cipher) else [there]


def _besides(lack: Lack | None) -> str:
    if lack is None or not lack.groups:
        return ""
    return (
        f" Besides, it insists on {' and '.join(lack.groups)}, which httpd's OpenSSL does not "
        "offer (see group-mismatch)."
    )


def goes_on(lack: Lack) -> str:
    """What the backend agrees to once it is offered, for the evidence."""
    agreed = (lack.version, lack.cipher, *lack.groups, lack.key and f"key {lack.key}")
    return f"the backend goes on with {', '.join(filter(None, agreed))}"


class SniRejected(HandshakeRule):
    """Alert 112, or a backend that needs an SNI and gets none."""

    slug = "sni-rejected"
    order = 40
    title = "The backend has no site for the name that httpd asks for"
    signs = Signs(
        stages={"tls": 60, "http": 20, "answer": 20},
        log_codes="AH02002 AH02031 AH02032/2 AH02033 AH02044/2 AH02645/2",
        alerts="40/3 49/2 80 109 112",
    )
    repair = Repairability(actor="backend", traits=("name",))

    def _check(self, facts: Facts) -> Finding | None:
        tls, http = facts.tls, facts.probe.http if facts.probe else None
        if tls is None:
            return None
        misdirected = http is not None and http.status == 421
        unlimited = facts.policy.cipher_suite.is_default and facts.policy.protocol.is_default
        silent = (
            tls.sni is None
            and not tls.completed
            and tls.alert in (40, 49, 80, 109)  # 109: missing extension (RFC 8446, 9.2)
            and unlimited
        )
        silent = silent and not tls.client_certificate_requested
        if tls.alert != 112 and not misdirected and not silent:
            return None
        sni, host = facts.backend.sni, facts.backend.host_header
        wanting = silent or (sni is None and not misdirected)
        kept = evidence.directive("ProxyPreserveHost", facts.route.preserve_host)
        if wanting and facts.backend.scheme == "wss" and not is_address(facts.backend.host):
            text = (
                "httpd sends no name (SNI) to wss:// backends until 2.4.39, and the backend needs "
                "one: update httpd, or have the backend answer without."
            )
        elif wanting:
            text = (
                "httpd sends no name (SNI) to an IP address, and the backend answers no handshake "
                "without one."
            )
        elif misdirected:
            text = (
                f"The backend answers 421: the name in the handshake (SNI) {sni or 'none'} and the "
                f"Host {host} belong to different sites of it."
            )
        else:
            text = (
                f"httpd asks for {sni} in the handshake (SNI), and the backend refuses that name."
            )
        return self.found(
            facts,
            text,
            [
                *self.shown_handshake(facts),
                evidence.route(facts.route),
                kept,
            ],
            [
                Remedy(
                    "config",
                    "Use the backend's own name in the URL (its owner knows it), and let httpd "
                    "send it.",
                    "ProxyPreserveHost Off" if facts.route.preserve_host.value else None,
                ),
                Remedy(
                    "backend",
                    "Or give it a default site, which answers without SNI; its certificate must "
                    f"then have the common name {facts.backend.check_name}."
                    if wanting
                    else f"Or make {facts.backend.check_name} known there (nginx: server_name; "
                    "httpd: ServerName or ServerAlias), with a certificate that covers it.",
                    shell.show_chain(facts),
                ),
            ],
            proof=[
                *(self.shown_handshake(facts)[:1] or ["the backend answers 421"]),
                *([kept] if facts.route.preserve_host.value else ()),
                evidence.route(facts.route),
            ],
        )


class AlpnMissing(HandshakeRule):
    """h2:// to a backend that does not offer it."""

    slug = "alpn-missing"
    order = 70
    title = "The backend does not offer HTTP/2"
    signs = Signs(stages={"tls": 30, "http": 50}, log_codes="AH10273 AH10274", alerts="120")
    repair = Repairability(actor="backend", leavable=True)

    def _check(self, facts: Facts) -> Finding | None:
        tls = facts.tls
        if facts.backend.scheme != "h2" or tls is None:
            return None
        refused = tls.alert == 120
        if not refused and (not tls.completed or tls.alpn == "h2"):
            return None
        unchecked = behaviours.holds("alpn-unchecked", facts.case.httpd.release)
        code = ", and no line says why" if unchecked else " (AH10273)"
        return self.found(
            facts,
            "The URL says h2://, but the backend does not choose h2 in the handshake (ALPN): "
            f"it chooses {tls.alpn or 'nothing'}. The client gets 503{code}.",
            [*self.shown_handshake(facts), evidence.route(facts.route)],
            [
                Remedy("config", "Write https:// in the URL: HTTP/1.1 serves as well."),
                Remedy(
                    "backend",
                    "Or enable HTTP/2 there (nginx: http2 on; httpd: Protocols h2 http/1.1).",
                    shell.s_client(facts, "-alpn", "h2"),
                ),
            ],
            proof=[
                f"ALPN: httpd offers h2, the backend chooses {tls.alpn or 'nothing'}",
                evidence.route(facts.route),
            ],
            why="h2:// in the URL needs a backend that agrees to HTTP/2 in the TLS handshake, and "
            "this one does not.",
        )
