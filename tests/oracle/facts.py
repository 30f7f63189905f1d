"""Scenarios for every row of what was measured of httpd, and for the findings around them."""

from __future__ import annotations

from tests.oracle.scenario import Leaf, Scenario, Server

S = Scenario
PASS = "ProxyPass / https://backend.internal:{port}/"
ON = "SSLProxyEngine on\n"
REQUIRE = ON + "SSLProxyVerify require\n"
STRICT = REQUIRE + "SSLProxyCACertificateFile {file:root}\n"
DEEP = STRICT + "SSLProxyVerifyDepth 3\n"
VIA1, VIA2, VIA3 = Leaf("int1"), Leaf("int2"), Leaf("int3")

DEFAULTS = (
    S("strict", None, STRICT + PASS),
    S("engine-off", "engine-off", PASS, fixable=True),
    S("defaults", "verification-off", ON + PASS, fixable=True),
    S(
        "defaults-self-signed",
        "verification-off",
        ON + PASS,
        (Server(Leaf(None)),),
        ca="leaf",
        fixable=True,
    ),
    S(
        "defaults-unknown-ca",
        "verification-off",
        ON + PASS,
        (Server(Leaf("wrong")),),
        ca="wrong",
        fixable=True,
    ),
    S(
        "defaults-wrong-name",
        "name-mismatch",
        ON + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
    ),
    S("defaults-expired", "certificate-expired", ON + PASS, (Server(Leaf(days=(-90, -2))),)),
    S("defaults-not-yet", "certificate-not-yet-valid", ON + PASS, (Server(Leaf(days=(2, 90))),)),
    S("no-ca", "ca-not-configured", REQUIRE + PASS, fixable=True),
    S("no-ca-info", "ca-not-configured", REQUIRE + PASS, log_level="info", fixable=True),
    S("no-ca-error", "ca-not-configured", REQUIRE + PASS, log_level="error", fixable=True),
    S("no-ca-crit", "ca-not-configured", REQUIRE + PASS, log_level="crit", fixable=True),
    S(
        "no-ca-ssl-info",
        "ca-not-configured",
        REQUIRE + PASS,
        log_level="warn ssl:info",
        fixable=True,
    ),
    S("depth-default-1", "chain-too-deep", STRICT + PASS, (Server(VIA1, ("int1",)),), fixable=True),
    S("depth-1-of-2", None, STRICT + "SSLProxyVerifyDepth 2\n" + PASS, (Server(VIA1, ("int1",)),)),
    S(
        "depth-2-of-3",
        "chain-too-deep",
        STRICT + "SSLProxyVerifyDepth 2\n" + PASS,
        (Server(VIA2, ("int2", "int1")),),
        fixable=True,
    ),
    S("depth-3-of-3", None, DEEP + PASS, (Server(VIA2, ("int2", "int1")),)),
    S(
        "depth-full-ca-file",
        "chain-too-deep",
        REQUIRE + "SSLProxyCACertificateFile {file:root+int1}\n" + PASS,
        (Server(VIA1, ("int1",)),),
        fixable=True,
    ),
    S("depth-0-root", "chain-too-deep", STRICT + "SSLProxyVerifyDepth 0\n" + PASS, fixable=True),
    S(
        "depth-0-self",
        None,
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\nSSLProxyVerifyDepth 0\n" + PASS,
        (Server(Leaf(None)),),
    ),
    S(
        "self-trusted",
        None,
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        (Server(Leaf(None)),),
    ),
    S(
        "preserve-host",
        "preserve-host-changes-name",
        STRICT + "ProxyPreserveHost On\n" + PASS,
        fixable=True,
    ),
    S(
        "preserve-host-sni",
        "preserve-host-changes-name",
        STRICT + "ProxyPreserveHost On\n" + PASS,
        (Server(strict_sni=("backend.internal",)),),
        fixable=True,
    ),
    S(
        "preserve-host-sni-no-ca",
        "preserve-host-changes-name",
        REQUIRE + "ProxyPreserveHost On\n" + PASS,
        (Server(strict_sni=("backend.internal",)),),
        fixable=True,
    ),
    S(
        "preserve-host-covered",
        None,
        STRICT + "ProxyPreserveHost On\n" + PASS,
        (Server(Leaf(cn="preserve-host-covered.test", dns=())),),
    ),
    S(
        "preserve-host-covered-address",
        None,
        STRICT + "ProxyPreserveHost On\nProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(dns=("preserve-host-covered-address.test",))),),
    ),
    S(
        "preserve-host-other-host",
        "preserve-host-changes-name",
        STRICT + "ServerAlias alias.preserve-host-other-host.test\nProxyPreserveHost On\n" + PASS,
        (Server(Leaf(dns=("preserve-host-other-host.test",))),),
        host="alias.preserve-host-other-host.test",
    ),
    S(
        "address",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        fixable=True,
    ),
    S(
        "address-ip-san",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(ip=("127.0.0.1",))),),
        fixable=True,
    ),
    S(
        "address-cn",
        None,
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(Leaf(cn="127.0.0.1", dns=())),),
    ),
    S(
        "address-strict-sni",
        "sni-rejected",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(strict_sni=("backend.internal",)),),
    ),
    S(
        "address-verify-none",
        "ip-address-backend",
        ON + "ProxyPass / https://127.0.0.1:{port}/",
        fixable=True,
    ),
    S("name-cn-only", None, STRICT + PASS, (Server(Leaf(dns=())),)),
    S("name-cn-with-san", None, STRICT + PASS, (Server(Leaf(dns=("other.internal",))),)),
    S("name-san-only", None, STRICT + PASS, (Server(Leaf(cn="Something")),)),
    S("name-case", None, STRICT + PASS, (Server(Leaf(cn="x", dns=("BackEnd.INTERNAL",))),)),
    S("name-wildcard", None, STRICT + PASS, (Server(Leaf(cn="x", dns=("*.internal",))),)),
    S(
        "name-wildcard-deep",
        "wildcard-too-deep",
        STRICT + "ProxyPass / https://deep.backend.internal:{port}/",
        (Server(Leaf(cn="x", dns=("*.internal",))),),
    ),
    S(
        "name-wildcard-partial",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="x", dns=("back*.internal",))),),
    ),
    S(
        "name-wrong",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
    ),
    S(
        "name-wrong-info",
        "name-mismatch",
        STRICT + PASS,
        (Server(Leaf(cn="other.internal", dns=("other.internal",))),),
        log_level="info",
    ),
    S("name-none", "name-mismatch", STRICT + PASS, (Server(Leaf(cn=None, dns=())),)),
    S(
        "name-off-cn-on",
        "name-mismatch",
        STRICT + "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n" + PASS,
        (Server(Leaf(cn="other.internal")),),
    ),
    S(
        "name-off-cn-on-match",
        "name-check-off",
        STRICT + "SSLProxyCheckPeerName off\nSSLProxyCheckPeerCN on\n" + PASS,
        fixable=True,
    ),
    S("name-off", "name-check-off", STRICT + "SSLProxyCheckPeerName off\n" + PASS, fixable=True),
    S(
        "name-off-wrong",
        "name-check-off",
        STRICT + "SSLProxyCheckPeerName off\n" + PASS,
        (Server(Leaf(cn="other.internal", dns=())),),
    ),
    S("cn-off", "name-check-off", STRICT + "SSLProxyCheckPeerCN off\n" + PASS, fixable=True),
    S(
        "name-on-cn-off",
        None,
        STRICT + "SSLProxyCheckPeerName on\nSSLProxyCheckPeerCN off\n" + PASS,
    ),
    S(
        "expire-off-require",
        "certificate-expired",
        STRICT + "SSLProxyCheckPeerExpire off\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
    S(
        "expire-off-none",
        "verification-off",
        ON + "SSLProxyCheckPeerExpire off\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
    S(
        "expire-off",
        "expiry-check-off",
        STRICT + "SSLProxyCheckPeerExpire off\n" + PASS,
        fixable=True,
    ),
    S(
        "optional-untrusted",
        "ca-not-trusted",
        ON + "SSLProxyVerify optional\nSSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    S(
        "optional-trusted",
        "verification-optional",
        ON + "SSLProxyVerify optional\nSSLProxyCACertificateFile {file:root}\n" + PASS,
        fixable=True,
    ),
    S(
        "optional-no-ca-untrusted",
        "verification-optional",
        ON + "SSLProxyVerify optional_no_ca\nSSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    S(
        "optional-no-ca-expired",
        "certificate-expired",
        ON + "SSLProxyVerify optional_no_ca\nSSLProxyCACertificateFile {file:root}\n" + PASS,
        (Server(Leaf(days=(-90, -2))),),
    ),
)

VERDICTS = (
    S("dns", "dns-failure", STRICT + "ProxyPass / https://nowhere.internal:{port}/"),
    S("refused", "connection-refused", STRICT + PASS, (Server(speaks="refuse"),)),
    S(
        "refused-plain",
        "connection-refused",
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="refuse"),),
    ),
    S(
        "http-to-tls",
        "backend-speaks-tls",
        "ProxyPass / http://backend.internal:{port}/",
    ),
    S("tls-to-plain", "backend-speaks-plain-http", STRICT + PASS, (Server(speaks="plain"),)),
    S(
        "tls-to-silence",
        "connection-timeout",
        STRICT + "ProxyTimeout 1\n" + PASS,
        (Server(speaks="silent"),),
    ),
    S("tls-to-reset", "connection-reset", STRICT + PASS, (Server(speaks="reset"),)),
    S("tls-to-close", "connection-reset", STRICT + PASS, (Server(speaks="close"),)),
    S("tls-to-garbage", "backend-speaks-plain-http", STRICT + PASS, (Server(speaks="garbage"),)),
    S(
        "unanswered",
        "connection-timeout",
        STRICT + PASS + " connectiontimeout=1",
        (Server(speaks="unanswered"),),
    ),
    S("no-proxy-http", "module-missing", STRICT + PASS, without=("proxy_http",), fixable=False),
    S("no-ssl", "module-missing", PASS, without=("ssl",), fixable=False),
    S("h2-no-alpn", "alpn-missing", STRICT + "ProxyPass / h2://backend.internal:{port}/"),
    S("h2", None, STRICT + "ProxyPass / h2://backend.internal:{port}/", (Server(alpn=("h2",)),)),
    S(
        "no-slash",
        "missing-trailing-slash",
        STRICT + "ProxyPass / https://backend.internal:{port}",
        fixable=True,
    ),
    S(
        "client-certificate-12",
        "client-certificate-required",
        STRICT + PASS,
        (Server(client_cas=("client-ca",), maximum="TLSv1.2"),),
    ),
    S(
        "client-certificate-13",
        "client-certificate-required",
        STRICT + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
    S(
        "client-certificate-sent",
        None,
        STRICT + "SSLProxyMachineCertificateFile {client:client-ca}\n" + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
    S(
        "client-certificate-optional",
        None,
        STRICT + PASS,
        (Server(client_cas=("client-ca",), client_required=False),),
    ),
    S(
        "protocol-old",
        "protocol-mismatch",
        STRICT + PASS,
        (Server(minimum="TLSv1", maximum="TLSv1.1"),),
    ),
    S(
        "protocol-asked-old",
        "protocol-mismatch",
        STRICT + "SSLProxyProtocol TLSv1.2\n" + PASS,
        (Server(minimum="TLSv1.3"),),
        fixable=True,
    ),
    S("protocol-12", None, STRICT + PASS, (Server(maximum="TLSv1.2"),)),
    S(
        "cipher",
        "cipher-mismatch",
        STRICT + "SSLProxyCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256\n" + PASS,
        (Server(maximum="TLSv1.2", ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"),),
        fixable=True,
    ),
    S("sni-rejected", "sni-rejected", STRICT + PASS, (Server(strict_sni=("other.internal",)),)),
    S("status-404", None, STRICT + PASS, (Server(status=404),)),
    S("status-503", "backend-error-status", STRICT + PASS, (Server(status=503),)),
    S("status-405-head", None, STRICT + PASS, (Server(allows_head=False),)),
    S("answer-closed", "connection-reset", STRICT + PASS, (Server(answers="close"),)),
    S("answer-reset", "connection-reset", STRICT + PASS, (Server(answers="reset"),)),
    S(
        "answer-never",
        "connection-timeout",
        STRICT + "ProxyTimeout 1\n" + PASS,
        (Server(answers="never"),),
    ),
    S("pooled", "stale-pooled-connection", STRICT + PASS, (Server(answers="once-per-connection"),)),
    S(
        "wrong-virtual-host",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(without_sni=Leaf(cn="default.internal", dns=("default.internal",))),),
    ),
)

ERRORS = (
    S(
        "error-2",
        "ca-file-without-root",
        REQUIRE + "SSLProxyVerifyDepth 3\nSSLProxyCACertificateFile {file:int1}\n" + PASS,
        (Server(VIA1, ("int1",)),),
        fixable=True,
    ),
    S(
        "error-3",
        "crl-missing",
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:wrong}\n" + PASS,
        fixable=False,
    ),
    S("error-9", "certificate-not-yet-valid", STRICT + PASS, (Server(Leaf(days=(2, 90))),)),
    S("error-10", "certificate-expired", STRICT + PASS, (Server(Leaf(days=(-90, -2))),)),
    S(
        "error-10-root",
        "ca-expired",
        REQUIRE + "SSLProxyCACertificateFile {file:expired-root}\n" + PASS,
        (Server(Leaf("expired-root")),),
        ca="renewed-root",
        fixable=True,
    ),
    S(
        "error-12",
        "crl-expired",
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:!root}\n" + PASS,
        fixable=False,
    ),
    S(
        "error-18",
        "self-signed-certificate",
        STRICT + PASS,
        (Server(Leaf(None)),),
        ca="leaf",
        fixable=True,
    ),
    S(
        "error-19",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n" + PASS,
        (Server(sent=("root",)),),
        fixable=True,
    ),
    S(
        "error-20-wrong",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n" + PASS,
        fixable=True,
    ),
    S(
        "error-20-rekeyed",
        "ca-rekeyed",
        REQUIRE + "SSLProxyCACertificateFile {file:rekeyed}\n" + PASS,
        fixable=True,
    ),
    S(
        "error-7-rekeyed",
        "ca-rekeyed",
        REQUIRE + "SSLProxyCACertificateFile {file:plain-rekeyed}\n" + PASS,
        (Server(Leaf("plain", key_ids=False)),),
        ca="plain",
        fixable=True,
    ),
    S(
        "error-20-leaf",
        "ca-file-holds-server-certificate",
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        fixable=True,
    ),
    S(
        "error-20-not-sent",
        "missing-intermediate",
        DEEP + PASS,
        (Server(VIA1),),
        ca="root+int1",
        fixable=True,
    ),
    S(
        "error-23",
        "certificate-revoked",
        STRICT
        + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:root/leaf}\n"
        + PASS,
    ),
    S(
        "error-25",
        "path-length-exceeded",
        REQUIRE + "SSLProxyVerifyDepth 3\nSSLProxyCACertificateFile {file:pathlen-root}\n" + PASS,
        (Server(Leaf("pathlen-int"), ("pathlen-int",)),),
    ),
    S("error-26", "wrong-purpose", STRICT + PASS, (Server(Leaf(purposes=("clientAuth",))),)),
    S(
        "error-26-ca",
        "wrong-purpose",
        REQUIRE + "SSLProxyCACertificateFile {file:leaf}\n" + PASS,
        (Server(Leaf(None, ca=True, usage=("keyCertSign", "cRLSign"))),),
    ),
    S(
        "error-47",
        "name-constraint-violated",
        DEEP + PASS,
        (Server(Leaf("constrained"), ("constrained",)),),
    ),
    S(
        "error-48-excluded",
        "name-constraint-violated",
        DEEP + PASS,
        (Server(Leaf("excluded"), ("excluded",)),),
    ),
    S("error-66", "weak-key", STRICT + PASS, (Server(Leaf(key="rsa-1024")),)),
    S(
        "error-68",
        "weak-signature",
        REQUIRE + "SSLProxyCACertificateFile {file:rsa-root}\n" + PASS,
        (Server(Leaf("rsa-root", sha1=True)),),
    ),
    S("error-79", "issuer-not-a-ca", DEEP + PASS, (Server(Leaf("not-ca"), ("not-ca",)),)),
    S(
        "no-error-crl",
        None,
        STRICT + "SSLProxyCARevocationCheck chain\nSSLProxyCARevocationFile {crl:root}\n" + PASS,
    ),
)

FILES = (
    S(
        "forgotten-in-ca-file",
        None,
        REQUIRE + "SSLProxyVerifyDepth 2\nSSLProxyCACertificateFile {file:root+int1}\n" + PASS,
        (Server(VIA1),),
    ),
    S(
        "forgotten-machine-chain",
        "missing-intermediate",
        DEEP + "SSLProxyMachineCertificateChainFile {file:int1}\n" + PASS,
        (Server(VIA1),),
        ca="root+int1",
        fixable=True,
    ),
    S(
        "ca-path-unhashed",
        "ca-path-not-hashed",
        REQUIRE + "SSLProxyCACertificatePath {dir:root}\n" + PASS,
        fixable=True,
    ),
    S("ca-path-hashed", None, REQUIRE + "SSLProxyCACertificatePath {hashed:root}\n" + PASS),
    S(
        "ca-missing",
        "ca-file-missing",
        REQUIRE + "SSLProxyCACertificateFile {missing:x}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "ca-empty",
        "ca-file-missing",
        REQUIRE + "SSLProxyCACertificateFile {raw:empty}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "ca-der",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {der:root}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "ca-garbage",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {raw:garbage}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "ca-key",
        "ca-file-invalid",
        REQUIRE + "SSLProxyCACertificateFile {client:root+keyonly}\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "crl-without-check",
        "crl-not-checked",
        STRICT + "SSLProxyCARevocationFile {crl:root/leaf}\n" + PASS,
    ),
    S(
        "check-without-crl",
        "crl-check-without-crl",
        STRICT + "SSLProxyCARevocationCheck chain\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S(
        "client-without-key",
        "client-certificate-without-key",
        STRICT + "SSLProxyMachineCertificateFile {client:client-ca+nokey}\n" + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
)

PLACES = (
    S(
        "in-location",
        "directive-not-allowed-here",
        ON + "<Location />\n  SSLProxyVerify none\n</Location>\n" + PASS,
        starts=False,
        fixable=True,
    ),
    S("typo", "unknown-directive", ON + "SSLProxyVerfy require\n" + PASS, starts=False),
    S(
        "section-strict",
        None,
        ON + 'SSLProxyVerify none\n<Proxy "https://backend.internal:{port}/">\n'
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:root}\n</Proxy>\n" + PASS,
    ),
    S(
        "section-loose",
        "verification-off",
        STRICT
        + '<Proxy "https://backend.internal:{port}/">\n  SSLProxyVerify none\n</Proxy>\n'
        + PASS,
        fixable=True,
    ),
    S(
        "section-engine",
        "verification-off",
        '<Proxy "https://backend.internal:{port}/">\n  SSLProxyEngine on\n</Proxy>\n' + PASS,
        fixable=True,
    ),
    S(
        "section-balancer",
        None,
        ON + "SSLProxyVerify none\n<Proxy balancer://{name}>\n"
        "  BalancerMember https://backend.internal:{port}\n"
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:root}\n</Proxy>\n"
        "ProxyPass / balancer://{name}/",
    ),
    S(
        "section-balancer-fails",
        "ca-not-trusted",
        ON + "<Proxy balancer://{name}>\n  BalancerMember https://backend.internal:{port}\n"
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:wrong}\n</Proxy>\n"
        "ProxyPass / balancer://{name}/",
        fixable=True,
    ),
    S("match", None, STRICT + "ProxyPassMatch ^/(.*)$ https://backend.internal:{port}/$1"),
    S(
        "match-wrong-ca",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n"
        "ProxyPassMatch ^/(.*)$ https://backend.internal:{port}/$1",
        fixable=True,
    ),
    S(
        "location",
        None,
        STRICT + '<Location "/">\n  ProxyPass https://backend.internal:{port}/\n</Location>',
    ),
    S(
        "rewrite",
        None,
        STRICT + "RewriteEngine on\nRewriteRule ^/(.*)$ https://backend.internal:{port}/$1 [P]",
    ),
    S(
        "rewrite-no-ca",
        "ca-not-configured",
        REQUIRE + "RewriteEngine on\nRewriteRule ^/(.*)$ https://backend.internal:{port}/$1 [P]",
        fixable=True,
    ),
    S("main-policy", None, PASS, before=STRICT),
    S(
        "main-section",
        "verification-off",
        STRICT + PASS,
        before='<Proxy "https://backend.internal:{port}/">\n  SSLProxyEngine on\n</Proxy>',
    ),
    S(
        "plain",
        None,
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="plain"),),
    ),
    S(
        "six",
        None,
        STRICT + "ProxyPass / https://six.internal:{port}/",
        (Server(Leaf(dns=("six.internal",)), address="::1"),),
    ),
    S(
        "six-address",
        "ip-address-backend",
        STRICT + "ProxyPass / https://[::1]:{port}/",
        (Server(address="::1"),),
    ),
    S(
        "both-families",
        "stale-backend-address",
        STRICT + "ProxyPass / https://both.internal:{port}/",
        (Server(Leaf(dns=("both.internal",))),),
    ),
    S(
        "shadowed",
        "route-shadowed",
        STRICT + "ProxyPass / https://backend.internal:{port}/\n"
        "ProxyPass /x https://backend.internal:{port}/",
        route=1,
    ),
)

FACTS = DEFAULTS + VERDICTS + ERRORS + FILES + PLACES
