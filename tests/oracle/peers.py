"""Scenarios of keys, revocation, client certificates, protocols and ciphers, made from tables."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from tests.oracle.parts import DEEP, PASS, REQUIRE, STRICT, under
from tests.oracle.scenario import Leaf, Scenario, Server


def keys() -> Iterator[Scenario]:
    """Key types and signatures of leaf and CA."""
    table: tuple[tuple[str, str | None, str, Server], ...] = (
        ("ecdsa-p384", None, "root", Server(Leaf(key="ecdsa-p384"))),
        ("ed25519", None, "root", Server(Leaf(key="ed25519"))),
        ("rsa", None, "root", Server(Leaf(key="rsa"))),
        ("rsa-3072", None, "root", Server(Leaf(key="rsa-3072"))),
        ("rsa-1024", "weak-key", "root", Server(Leaf(key="rsa-1024"))),
        ("rsa-1024-12", "weak-key", "root", Server(Leaf(key="rsa-1024"), maximum="TLSv1.2")),
        ("rsa-12", None, "root", Server(Leaf(key="rsa"), maximum="TLSv1.2")),
        ("ed25519-12", None, "root", Server(Leaf(key="ed25519"), maximum="TLSv1.2")),
        ("ed-root", None, "ed-root", Server(Leaf("ed-root"))),
        ("p384-root", None, "p384-root", Server(Leaf("p384-root"))),
        ("rsa-root", None, "rsa-root", Server(Leaf("rsa-root", key="rsa"))),
        ("weak-root", "weak-key", "weak-root", Server(Leaf("weak-root"))),
        ("weak-int", "weak-key", "rsa-root", Server(Leaf("weak-int"), ("weak-int",))),
        ("sha1-leaf", "weak-signature", "rsa-root", Server(Leaf("rsa-root", sha1=True))),
        ("sha1-int", "weak-signature", "rsa-root", Server(Leaf("sha1-int"), ("sha1-int",))),
        ("sha1-root", None, "sha1-root", Server(Leaf("sha1-root"))),
        ("purpose-server", None, "root", Server(Leaf(purposes=("serverAuth",)))),
        ("purpose-both", None, "root", Server(Leaf(purposes=("clientAuth", "serverAuth")))),
        ("purpose-client", "wrong-purpose", "root", Server(Leaf(purposes=("clientAuth",)))),
        ("usage-signature", None, "root", Server(Leaf(usage=("digitalSignature",)))),
        ("usage-cert-sign", "wrong-purpose", "root", Server(Leaf(usage=("keyCertSign",)))),
        ("usage-encipher", None, "root", Server(Leaf(key="rsa", usage=("keyEncipherment",)))),
        ("leaf-is-ca", None, "root", Server(Leaf(ca=True))),
        ("client-only-int", "wrong-purpose", "root", Server(Leaf("client-only"), ("client-only",))),
        ("server-only-int", None, "root", Server(Leaf("server-only"), ("server-only",))),
        ("not-ca-int", "issuer-not-a-ca", "root", Server(Leaf("not-ca"), ("not-ca",))),
        (
            "no-constraints-int",
            "issuer-not-a-ca",
            "root",
            Server(Leaf("no-constraints"), ("no-constraints",)),
        ),
        ("no-sign-int", "issuer-not-a-ca", "root", Server(Leaf("no-sign"), ("no-sign",))),
        (
            "pathlen",
            "path-length-exceeded",
            "pathlen-root",
            Server(Leaf("pathlen-int"), ("pathlen-int",)),
        ),
        ("pathlen-enough", None, "pathlen-ok", Server(Leaf("pathlen-ok-int"), ("pathlen-ok-int",))),
        (
            "constrained",
            "name-constraint-violated",
            "root",
            Server(Leaf("constrained"), ("constrained",)),
        ),
        (
            "constrained-cn-only",
            "name-constraint-violated",
            "root",
            Server(Leaf("constrained", dns=()), ("constrained",)),
        ),
        (
            "constrained-root",
            "name-constraint-violated",
            "constrained-root",
            Server(Leaf("constrained-root")),
        ),
        ("constraint-kept", None, "root", Server(Leaf("permitted"), ("permitted",))),
        ("excluded", "name-constraint-violated", "root", Server(Leaf("excluded"), ("excluded",))),
    )
    for name, cause, ca, server in table:
        yield Scenario(
            f"key-{name}",
            cause,
            f"{REQUIRE}SSLProxyVerifyDepth 5\nSSLProxyCACertificateFile {{file:{ca}}}\n{PASS}",
            (server,),
        )
    weak = (("weak-none", Leaf(key="rsa-1024")), ("sha1-none", Leaf("rsa-root", sha1=True)))
    for name, leaf in weak:
        yield Scenario(
            f"key-{name}", "verification-off", f"SSLProxyEngine on\n{PASS}", (Server(leaf),)
        )


def revocation() -> Iterator[Scenario]:
    """SSLProxyCARevocationCheck x what the CRL file holds."""
    table: tuple[tuple[str, str | None, str, str, int], ...] = (
        ("chain-good", None, "chain", "File {crl:root}", 0),
        ("chain-revoked", "certificate-revoked", "chain", "File {crl:root/leaf}", 0),
        ("leaf-good", None, "leaf", "File {crl:root}", 0),
        ("leaf-revoked", "certificate-revoked", "leaf", "File {crl:root/leaf}", 0),
        ("chain-expired", "crl-expired", "chain", "File {crl:!root}", 0),
        ("chain-expired-revoked", "crl-expired", "chain", "File {crl:!root/leaf}", 0),
        ("chain-other", "crl-missing", "chain", "File {crl:wrong}", 0),
        ("leaf-other", "crl-missing", "leaf", "File {crl:wrong}", 0),
        ("chain-1-both", None, "chain", "File {crl:root+int1}", 1),
        ("chain-1-only-int", "crl-missing", "chain", "File {crl:int1}", 1),
        ("chain-1-only-root", "crl-missing", "chain", "File {crl:root}", 1),
        ("leaf-1-only-int", None, "leaf", "File {crl:int1}", 1),
        ("leaf-1-only-root", "crl-missing", "leaf", "File {crl:root}", 1),
        ("chain-1-int-revoked", "certificate-revoked", "chain", "File {crl:root/int1+int1}", 1),
        ("leaf-1-int-revoked", None, "leaf", "File {crl:root/int1+int1}", 1),
        ("chain-1-leaf-revoked", "certificate-revoked", "chain", "File {crl:root+int1/leaf}", 1),
        ("path-good", None, "chain", "Path {crldir:root}", 0),
        ("path-revoked", "certificate-revoked", "chain", "Path {crldir:root/leaf}", 0),
        ("path-other", "crl-missing", "chain", "Path {crldir:wrong}", 0),
        ("path-unhashed", "crl-path-not-hashed", "chain", "Path {crlfiles:root}", 0),
        ("path-unhashed-other", "crl-missing", "chain", "Path {crlfiles:wrong}", 0),
        ("path-unhashed-two", "crl-path-not-hashed", "chain", "Path {crlfiles:root+wrong}", 0),
        ("ok-without", None, '"chain no_crl_for_cert_ok"', "File {crl:wrong}", 0),
        (
            "ok-without-revoked",
            "certificate-revoked",
            '"chain no_crl_for_cert_ok"',
            "File {crl:root/leaf}",
            0,
        ),
        ("none-revoked", "crl-not-checked", "none", "File {crl:root/leaf}", 0),
        ("expired-and-new", None, "chain", "File {crl:!root+root}", 0),
    )
    for name, cause, check, value, count in table:
        yield Scenario(
            f"crl-{name}",
            cause,
            f"{DEEP}SSLProxyCARevocationCheck {check.strip(chr(34))}\n"
            f"SSLProxyCARevocation{value}\n{PASS}",
            (Server(under(count), ("int1",) if count else ()),),
        )


def self_signed_revocation() -> Iterator[Scenario]:
    """CRL checks of a certificate that is its own anchor."""
    for check, cause in (
        ("chain", "crl-missing"),
        ("leaf", "crl-missing"),
        ("chain no_crl_for_cert_ok", None),
    ):
        yield Scenario(
            f"crl-self-signed-{check.replace(' ', '-').replace('_', '-')}",
            cause,
            f"{REQUIRE}SSLProxyCACertificateFile {{file:leaf}}\n"
            f"SSLProxyCARevocationCheck {check}\n"
            f"SSLProxyCARevocationFile {{crl:wrong}}\n{PASS}",
            (Server(Leaf(None)),),
        )


def clients() -> Iterator[Scenario]:
    """Client certificates: what is sent, what is wanted."""
    required = "client-certificate-required"
    unusable = "client-certificate-without-key"
    for version in ("TLSv1.2", "TLSv1.3"):
        for name, cause, value in (
            ("none", required, None),
            ("good", None, "File {client:client-ca}"),
            ("other-ca", required, "File {client:client-ca2}"),
            ("no-key", unusable, "File {client:client-ca+nokey}"),
        ):
            line = f"SSLProxyMachineCertificate{value}\n" if value else ""
            backend = Server(client_cas=("client-ca",), maximum=version)
            yield Scenario(
                f"client-{name}-{version.lower()}", cause, STRICT + line + PASS, (backend,)
            )
    optional = Server(client_cas=("client-ca",), client_required=False)
    unasked = "SSLProxyMachineCertificateFile {client:client-ca}\n"
    yield Scenario("client-optional-sent", None, STRICT + unasked + PASS, (optional,))
    yield Scenario("client-unasked", None, STRICT + unasked + PASS)
    for form in ("traditional", "chain"):
        line = f"SSLProxyMachineCertificateFile {{client:client-ca+{form}}}\n"
        yield Scenario(
            f"client-{form}", None, STRICT + line + PASS, (Server(client_cas=("client-ca",)),)
        )
    for version in ("TLSv1.2", "TLSv1.3"):
        for name, cause, lines in (
            ("alone", required, "File {client:client-int}"),
            ("in-file", None, "File {client:client-int+chain}"),
            (
                "chain-file",
                None,
                "File {client:client-int}\nSSLProxyMachineCertificateChainFile {file:client-int}",
            ),
        ):
            yield Scenario(
                f"client-intermediate-{name}-{version.lower()}",
                cause,
                f"{STRICT}SSLProxyMachineCertificate{lines}\n{PASS}",
                (Server(client_cas=("client-ca",), maximum=version),),
            )
    for version in ("TLSv1.2", "TLSv1.3"):
        yield Scenario(
            f"client-weak-{version.lower()}",
            unusable,
            f"{STRICT}SSLProxyMachineCertificateFile {{client:client-ca+weak}}\n{PASS}",
            (Server(client_cas=("client-ca",), maximum=version),),
        )
        yield Scenario(
            f"client-second-of-two-{version.lower()}",  # no names are sent: httpd takes the first
            required,
            f"{STRICT}SSLProxyMachineCertificateFile {{client:client-ca+second}}\n{PASS}",
            (Server(client_cas=("client-ca",), maximum=version),),
        )
    for fault in ("wrongkey", "encrypted", "keyonly"):
        line = f"SSLProxyMachineCertificateFile {{client:client-ca+{fault}}}\n"
        yield Scenario(
            f"client-{fault}",
            unusable,
            STRICT + line + PASS,
            (Server(client_cas=("client-ca",)),),
            starts=False,
        )
    yield Scenario(
        "client-missing",
        unusable,
        f"{STRICT}SSLProxyMachineCertificateFile {{missing:client}}\n{PASS}",
        starts=False,
    )


def protocols() -> Iterator[Scenario]:
    """SSLProxyProtocol x the versions that the backend speaks."""
    spans = {
        "old": ("TLSv1", "TLSv1.1"),
        "12": ("TLSv1.2", "TLSv1.2"),
        "13": ("TLSv1.3", "TLSv1.3"),
        "all": ("TLSv1", "TLSv1.3"),
    }
    asked = {
        "default": ("", {"12", "13", "all"}),
        "12": ("TLSv1.2", {"12", "all"}),
        "13": ("TLSv1.3", {"13", "all"}),
        "minus-13": ("all -TLSv1.3", {"12", "all"}),
        "minus-12": ("all -TLSv1.2", {"13", "all"}),
        "12-13": ("-all +TLSv1.2 +TLSv1.3", {"12", "13", "all"}),
        "11": ("TLSv1.1", set()),
    }
    for name, (value, works) in asked.items():
        for span, (minimum, maximum) in spans.items():
            line = f"SSLProxyProtocol {value}\n" if value else ""
            yield Scenario(
                f"protocol-{name}-to-{span}",
                None if span in works else "protocol-mismatch",
                STRICT + line + PASS,
                (Server(minimum=minimum, maximum=maximum),),
            )
    for speaks in ("plain", "patient"):
        yield Scenario(
            f"protocol-10-to-{speaks}",
            "backend-speaks-plain-http",
            f"{STRICT}SSLProxyProtocol TLSv1\nProxyTimeout 1\n{PASS}",
            (Server(speaks=speaks),),
        )
    none = f"SSLProxyProtocol TLSv1\nSSLProxyCipherSuite AESGCM\n{PASS}"
    yield Scenario("protocol-10-no-cipher", "cipher-mismatch", STRICT + none)


def ciphers() -> Iterator[Scenario]:
    """SSLProxyCipherSuite x the ciphers that the backend takes."""
    a128, a256 = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
    table: tuple[tuple[str, bool, str, Server], ...] = (
        ("same", True, a256, Server(maximum="TLSv1.2", ciphers=a256)),
        ("other", False, a128, Server(maximum="TLSv1.2", ciphers=a256)),
        ("rsa-for-ecdsa", False, "ECDHE-RSA-AES128-GCM-SHA256", Server(maximum="TLSv1.2")),
        ("either", True, f"{a128}:{a256}", Server(maximum="TLSv1.2", ciphers=a256)),
        ("13-ignores", True, a128, Server(minimum="TLSv1.3")),
        (
            "cbc-rsa",
            True,
            "HIGH:!aNULL",
            Server(Leaf(key="rsa"), maximum="TLSv1.2", ciphers="AES256-SHA256"),
        ),
        ("weak-backend", False, "", Server(Leaf(key="rsa"), maximum="TLSv1.2", ciphers="NULL-SHA")),
        (
            "13-other",
            False,
            "TLSv1.3 TLS_AES_128_GCM_SHA256",
            Server(minimum="TLSv1.3", ciphers="DEFAULT"),
        ),
    )
    for name, others in (("dhe-only", ""), ("dhe-first", ":AES128-SHA")):
        server = Server(
            Leaf(key="rsa"),
            maximum="TLSv1.2",
            ciphers=f"DHE-RSA-AES128-GCM-SHA256{others}",
            small_dh=True,
        )
        yield Scenario(
            f"dh-small-{name}",
            "dh-parameters-too-small",
            STRICT + PASS,
            (server,),
            fixable=bool(others),
        )
    curves: tuple[tuple[str, str | None], ...] = (
        ("brainpoolP384r1", "group-mismatch"),
        ("secp256k1", "group-mismatch"),
        ("secp521r1", None),
        # Python cannot have a server insist on it before OpenSSL 3 (SSLContext.set_ecdh_curve)
        *([("X448", None)] if ssl.OPENSSL_VERSION_INFO >= (3,) else ()),
    )
    for curve, cause in curves:
        ecdhe = Server(Leaf(key="rsa"), maximum="TLSv1.2", ciphers="ECDHE", curve=curve)
        yield Scenario(f"curve-{curve.lower()}", cause, STRICT + PASS, (ecdhe,))
    for name, works, value, server in table:
        line = f"SSLProxyCipherSuite {value}\n" if value else ""
        yield Scenario(
            f"cipher-{name}",
            None if works or name == "13-other" else "cipher-mismatch",
            STRICT + line + PASS,
            (server,),
        )


PEERS = tuple(
    scenario
    for table in (keys, revocation, self_signed_revocation, clients, protocols, ciphers)
    for scenario in table()
)
