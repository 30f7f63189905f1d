"""OpenSSL's errors, and trust files of every state."""

from __future__ import annotations

from tests.oracle.parts import DEEP, PASS, REQUIRE, STRICT, under
from tests.oracle.scenario import Leaf, Scenario, Server

ERRORS = (
    Scenario(
        "error-2",
        "ca-file-without-root",
        REQUIRE + "SSLProxyVerifyDepth 3\nSSLProxyCACertificateFile {file:int1}\n" + PASS,
        (Server(under(1), ("int1",)),),
        fixable=True,
    ),
    Scenario(
        "error-3",
        "crl-missing",
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:wrong}\n" + PASS,
        fixable=False,
    ),
    Scenario(
        "error-8",
        "crl-missing",
        STRICT
        + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:root.namesake}\n"
        + PASS,
        fixable=False,
    ),
    Scenario("error-9", "certificate-not-yet-valid", STRICT + PASS, (Server(Leaf(days=(2, 90))),)),
    Scenario("error-10", "certificate-expired", STRICT + PASS, (Server(Leaf(days=(-90, -2))),)),
    Scenario(
        "error-10-root",
        "ca-expired",
        REQUIRE + "SSLProxyCACertificateFile {file:expired-root}\n" + PASS,
        (Server(Leaf("expired-root")),),
        ca="renewed-root",
        fixable=True,
    ),
    Scenario(
        "error-12",
        "crl-expired",
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:!root}\n" + PASS,
        fixable=False,
    ),
    Scenario(
        "error-18",
        "self-signed-certificate",
        STRICT + PASS,
        (Server(Leaf(None)),),
        ca="leaf",
        fixable=True,
    ),
    Scenario(
        "error-19",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n" + PASS,
        (Server(sent=("root",)),),
        fixable=True,
    ),
    Scenario(
        "error-20-wrong",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "error-20-rekeyed",
        "ca-rekeyed",
        REQUIRE + "SSLProxyCACertificateFile {file:rekeyed}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "error-7-rekeyed",
        "ca-rekeyed",
        REQUIRE + "SSLProxyCACertificateFile {file:plain-rekeyed}\n" + PASS,
        (Server(Leaf("plain", key_ids=False)),),
        ca="plain",
        fixable=True,
    ),
    Scenario(
        "error-20-leaf",
        "ca-file-holds-server-certificate",
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "error-20-not-sent",
        "missing-intermediate",
        DEEP + PASS,
        (Server(under(1)),),
        ca="root+int1",
        fixable=True,
    ),
    Scenario(
        "error-20-names-apart",
        "ca-not-trusted",
        REQUIRE + "SSLProxyVerifyDepth 3\nSSLProxyCACertificateFile {file:far-root}\n" + PASS,
        (Server(Leaf("far-int")),),
        ca="far-root+far-int",
        fixable=True,
    ),
    Scenario(
        "error-23",
        "certificate-revoked",
        STRICT
        + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:root/leaf}\n"
        + PASS,
    ),
    Scenario(
        "error-25",
        "path-length-exceeded",
        REQUIRE + "SSLProxyVerifyDepth 3\nSSLProxyCACertificateFile {file:pathlen-root}\n" + PASS,
        (Server(Leaf("pathlen-int"), ("pathlen-int",)),),
    ),
    Scenario("error-26", "wrong-purpose", STRICT + PASS, (Server(Leaf(purposes=("clientAuth",))),)),
    Scenario(
        "error-26-ca",
        "wrong-purpose",
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        (Server(Leaf(None, ca=True, usage=("keyCertSign", "cRLSign"))),),
    ),
    Scenario(
        "error-35",
        "issuer-not-a-ca",
        REQUIRE
        + "SSLProxyCACertificateFile {file:no-list-sign}\nSSLProxyCARevocationCheck leaf\n"
        + "SSLProxyCARevocationFile {crl:no-list-sign}\n"
        + PASS,
        (Server(Leaf("no-list-sign")),),
        fixable=False,
    ),
    Scenario(
        "error-47",
        "name-constraint-violated",
        DEEP + PASS,
        (Server(Leaf("constrained"), ("constrained",)),),
    ),
    Scenario(
        "error-48-excluded",
        "name-constraint-violated",
        DEEP + PASS,
        (Server(Leaf("excluded"), ("excluded",)),),
    ),
    Scenario("error-66", "weak-key", STRICT + PASS, (Server(Leaf(key="rsa-1024")),)),
    Scenario(
        "error-68",
        "weak-signature",
        REQUIRE + "SSLProxyCACertificateFile {file:rsa-root}\n" + PASS,
        (Server(Leaf("rsa-root", sha1=True)),),
    ),
    Scenario("error-79", "issuer-not-a-ca", DEEP + PASS, (Server(Leaf("not-ca"), ("not-ca",)),)),
    Scenario(
        "no-error-crl",
        None,
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:root}\n" + PASS,
    ),
)


FILES = (
    Scenario(
        "forgotten-in-ca-file",
        None,
        REQUIRE + "SSLProxyVerifyDepth 2\nSSLProxyCACertificateFile {file:root+int1}\n" + PASS,
        (Server(under(1)),),
    ),
    Scenario(
        "forgotten-machine-chain",
        "missing-intermediate",
        DEEP + "SSLProxyMachineCertificateChainFile {file:int1}\n" + PASS,
        (Server(under(1)),),
        ca="root+int1",
        fixable=True,
    ),
    Scenario(
        "ca-path-unhashed",
        "ca-path-not-hashed",
        REQUIRE + "SSLProxyCACertificatePath {dir:root}\n" + PASS,
        fixable=True,
    ),
    Scenario("ca-path-hashed", None, REQUIRE + "SSLProxyCACertificatePath {hashed:root}\n" + PASS),
    Scenario(
        "ca-missing",
        "ca-file-missing",
        REQUIRE + "SSLProxyCACertificateFile {missing:x}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario(
        "ca-empty",
        "ca-file-missing",
        REQUIRE + "SSLProxyCACertificateFile {raw:empty}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario(
        "ca-der",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {der:root}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario(
        "ca-garbage",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {raw:garbage}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario(
        "ca-key",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {client:root+keyonly}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario(
        "crl-without-check",
        "crl-not-checked",
        STRICT + "SSLProxyCARevocationFile {crl:root/leaf}\n" + PASS,
    ),
    Scenario(
        "check-without-crl",
        "crl-check-without-crl",
        STRICT + "SSLProxyCARevocationCheck chain\n" + PASS,
        starts=False,
    ),
    Scenario(
        "client-without-key",
        "client-certificate-without-key",
        STRICT + "SSLProxyMachineCertificateFile {client:client-ca+nokey}\n" + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
)
