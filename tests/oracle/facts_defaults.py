"""What httpd does by default, and what its checks check."""

from __future__ import annotations

from tests.oracle.parts import DEEP, ON, PASS, REQUIRE, STRICT, under
from tests.oracle.scenario import Leaf, Scenario, Server

DEFAULTS = (
    Scenario("strict", None, STRICT + PASS),
    Scenario("engine-off", "engine-off", PASS, fixable=True),
    Scenario("defaults", "verification-off", ON + PASS, fixable=True),
    Scenario(
        "defaults-self-signed",
        "verification-off",
        ON + PASS,
        (Server(Leaf(None)),),
        ca="leaf",
        fixable=True,
    ),
    Scenario(
        "defaults-unknown-ca",
        "verification-off",
        ON + PASS,
        (Server(Leaf("wrong")),),
        ca="wrong",
        fixable=True,
    ),
    Scenario(
        "defaults-wrong-name",
        "name-mismatch",
        ON + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
    ),
    Scenario("defaults-expired", "certificate-expired", ON + PASS, (Server(Leaf(days=(-90, -2))),)),
    Scenario(
        "defaults-not-yet", "certificate-not-yet-valid", ON + PASS, (Server(Leaf(days=(2, 90))),)
    ),
    Scenario("no-ca", "ca-not-configured", REQUIRE + PASS, fixable=True),
    Scenario("no-ca-info", "ca-not-configured", REQUIRE + PASS, log_level="info", fixable=True),
    Scenario("no-ca-error", "ca-not-configured", REQUIRE + PASS, log_level="error", fixable=True),
    Scenario("no-ca-crit", "ca-not-configured", REQUIRE + PASS, log_level="crit", fixable=True),
    Scenario(
        "no-ca-ssl-info",
        "ca-not-configured",
        REQUIRE + PASS,
        log_level="warn ssl:info",
        fixable=True,
    ),
    Scenario(
        "depth-default-1",
        "chain-too-deep",
        STRICT + PASS,
        (Server(under(1), ("int1",)),),
        fixable=True,
    ),
    Scenario(
        "depth-1-of-2",
        None,
        STRICT + "SSLProxyVerifyDepth 2\n" + PASS,
        (Server(under(1), ("int1",)),),
    ),
    Scenario(
        "depth-2-of-3",
        "chain-too-deep",
        STRICT + "SSLProxyVerifyDepth 2\n" + PASS,
        (Server(under(2), ("int2", "int1")),),
        fixable=True,
    ),
    Scenario("depth-3-of-3", None, DEEP + PASS, (Server(under(2), ("int2", "int1")),)),
    Scenario(
        "depth-full-ca-file",
        "chain-too-deep",
        REQUIRE + "SSLProxyCACertificateFile {file:root+int1}\n" + PASS,
        (Server(under(1), ("int1",)),),
        fixable=True,
    ),
    Scenario(
        "depth-0-root", "chain-too-deep", STRICT + "SSLProxyVerifyDepth 0\n" + PASS, fixable=True
    ),
    Scenario(
        "depth-0-self",
        None,
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\nSSLProxyVerifyDepth 0\n" + PASS,
        (Server(Leaf(None)),),
    ),
    Scenario(
        "self-trusted",
        None,
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        (Server(Leaf(None)),),
    ),
    Scenario(
        "preserve-host",
        "preserve-host-changes-name",
        STRICT + "ProxyPreserveHost On\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "preserve-host-sni",
        "preserve-host-changes-name",
        STRICT + "ProxyPreserveHost On\n" + PASS,
        (Server(strict_sni=("backend.internal",)),),
        fixable=True,
    ),
    *(
        Scenario(
            f"preserve-host-sni-alert-{alert}",
            "preserve-host-changes-name",
            STRICT + "ProxyPreserveHost On\n" + PASS,
            (Server(strict_sni=("backend.internal",), sni_alert=alert),),
            fixable=True,
        )
        for alert in (40, 49, 80)
    ),
    Scenario(
        "preserve-host-sni-no-ca",
        "preserve-host-changes-name",
        REQUIRE + "ProxyPreserveHost On\n" + PASS,
        (Server(strict_sni=("backend.internal",)),),
        fixable=True,
    ),
    Scenario(
        "preserve-host-covered",
        None,
        STRICT + "ProxyPreserveHost On\n" + PASS,
        (Server(Leaf(cn="preserve-host-covered.test", dns=())),),
    ),
    Scenario(
        "preserve-host-covered-address",
        None,
        STRICT + "ProxyPreserveHost On\nProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(dns=("preserve-host-covered-address.test",))),),
    ),
    Scenario(
        "preserve-host-other-host",
        "preserve-host-changes-name",
        STRICT + "ServerAlias alias.preserve-host-other-host.test\nProxyPreserveHost On\n" + PASS,
        (Server(Leaf(dns=("preserve-host-other-host.test",))),),
        host="alias.preserve-host-other-host.test",
    ),
    Scenario(
        "address",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        fixable=True,
    ),
    Scenario(
        "address-ip-san",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(ip=("127.0.0.1",))),),
        fixable=True,
    ),
    Scenario(
        "address-cn",
        None,
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(cn="127.0.0.1", dns=())),),
    ),
    Scenario(
        "address-strict-sni",
        "sni-rejected",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(strict_sni=("backend.internal",)),),
    ),
    Scenario(
        "address-verify-none",
        "ip-address-backend",
        ON + "ProxyPass / https://127.0.0.1:{port}/",
        fixable=True,
    ),
    Scenario("name-cn-only", None, STRICT + PASS, (Server(Leaf(dns=())),)),
    Scenario("name-cn-with-san", None, STRICT + PASS, (Server(Leaf(dns=("other.internal",))),)),
    Scenario("name-san-only", None, STRICT + PASS, (Server(Leaf(cn="Something")),)),
    Scenario("name-case", None, STRICT + PASS, (Server(Leaf(cn="x", dns=("BackEnd.INTERNAL",))),)),
    Scenario("name-wildcard", None, STRICT + PASS, (Server(Leaf(cn="x", dns=("*.internal",))),)),
    Scenario(
        "name-wildcard-deep",
        "wildcard-too-deep",
        STRICT + "ProxyPass / https://deep.backend.internal:{port}/",
        (Server(Leaf(cn="x", dns=("*.internal",))),),
    ),
    Scenario(
        "name-wildcard-partial",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="x", dns=("back*.internal",))),),
    ),
    Scenario(
        "name-wrong",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
    ),
    Scenario(
        "name-wrong-info",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
        log_level="info",
    ),
    Scenario("name-none", "name-mismatch", STRICT + PASS, (Server(Leaf(cn=None, dns=())),)),
    Scenario(
        "name-off-cn-on",
        "name-mismatch",
        STRICT + "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n" + PASS,
        (Server(Leaf(cn="other.internal")),),
    ),
    Scenario(
        "name-off-cn-on-match",
        "name-check-off",
        STRICT + "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "name-off", "name-check-off", STRICT + "SSLProxyCheckPeerName off\n" + PASS, fixable=True
    ),
    Scenario(
        "name-off-wrong",
        "name-check-off",
        STRICT + "SSLProxyCheckPeerName off\n" + PASS,
        (Server(Leaf(cn="other.internal", dns=())),),
    ),
    Scenario("cn-off", "name-check-off", STRICT + "SSLProxyCheckPeerCN off\n" + PASS, fixable=True),
    Scenario(
        "name-on-cn-off",
        None,
        STRICT + "SSLProxyCheckPeerName on\nSSLProxyCheckPeerCN off\n" + PASS,
    ),
    Scenario(
        "expire-off-require",
        "certificate-expired",
        STRICT + "SSLProxyCheckPeerExpire off\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
    Scenario(
        "expire-off-none",
        "verification-off",
        ON + "SSLProxyCheckPeerExpire off\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
    Scenario(
        "expire-off",
        "expiry-check-off",
        STRICT + "SSLProxyCheckPeerExpire off\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "optional-untrusted",
        "ca-not-trusted",
        ON + "SSLProxyVerify optional\nSSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "optional-trusted",
        "verification-optional",
        ON + "SSLProxyVerify optional\nSSLProxyCACertificateFile {file:root}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "optional-no-ca-untrusted",
        "verification-optional",
        ON + "SSLProxyVerify optional_no_ca\nSSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    Scenario(
        "optional-no-ca-expired",
        "certificate-expired",
        ON + "SSLProxyVerify optional_no_ca\nSSLProxyCACertificateFile {file:root}\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
)
