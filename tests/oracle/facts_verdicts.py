"""How a request ends: connections, handshakes, answers; where directives count."""

from __future__ import annotations

from tests.oracle.parts import ON, PASS, REQUIRE, STRICT
from tests.oracle.scenario import Leaf, Scenario, Server

VERDICTS = (
    Scenario("dns", "dns-failure", STRICT + "ProxyPass / https://nowhere.internal:{port}/"),
    Scenario("refused", "connection-refused", STRICT + PASS, (Server(speaks="refuse"),)),
    Scenario(
        "refused-plain",
        "connection-refused",
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="refuse"),),
    ),
    Scenario(
        "http-to-tls",
        "backend-speaks-tls",
        "ProxyPass / http://backend.internal:{port}/",
        fixable=True,
    ),
    Scenario("tls-to-plain", "backend-speaks-plain-http", STRICT + PASS, (Server(speaks="plain"),)),
    Scenario(
        "tls-to-silence",
        "connection-timeout",
        STRICT + "ProxyTimeout 1\n" + PASS,
        (Server(speaks="silent"),),
    ),
    Scenario(
        "tls-to-patience",
        "backend-speaks-plain-http",
        STRICT + "ProxyTimeout 1\n" + PASS,
        (Server(speaks="patient"),),
    ),
    Scenario("tls-to-reset", "connection-reset", STRICT + PASS, (Server(speaks="reset"),)),
    Scenario("tls-to-close", "connection-reset", STRICT + PASS, (Server(speaks="close"),)),
    Scenario(
        "tls-to-garbage", "backend-speaks-plain-http", STRICT + PASS, (Server(speaks="garbage"),)
    ),
    Scenario(
        "unanswered",
        "connection-timeout",
        STRICT + PASS + " connectiontimeout=1",
        (Server(speaks="unanswered"),),
    ),
    Scenario(
        "no-proxy-http", "module-missing", STRICT + PASS, without=("proxy_http",), fixable=False
    ),
    Scenario("no-ssl", "module-missing", PASS, without=("ssl",), fixable=False),
    Scenario("h2-no-alpn", "alpn-missing", STRICT + "ProxyPass / h2://backend.internal:{port}/"),
    Scenario(
        "h2", None, STRICT + "ProxyPass / h2://backend.internal:{port}/", (Server(alpn=("h2",)),)
    ),
    Scenario(
        "no-slash",
        "missing-trailing-slash",
        STRICT + "ProxyPass / https://backend.internal:{port}",
        fixable=True,
    ),
    Scenario(
        "client-certificate-12",
        "client-certificate-required",
        STRICT + PASS,
        (Server(client_cas=("client-ca",), maximum="TLSv1.2"),),
    ),
    Scenario(
        "client-certificate-13",
        "client-certificate-required",
        STRICT + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
    Scenario(
        "client-certificate-sent",
        None,
        STRICT + "SSLProxyMachineCertificateFile {client:client-ca}\n" + PASS,
        (Server(client_cas=("client-ca",)),),
    ),
    Scenario(
        "client-certificate-optional",
        None,
        STRICT + PASS,
        (Server(client_cas=("client-ca",), client_required=False),),
    ),
    Scenario(
        "protocol-old",
        "protocol-mismatch",
        STRICT + PASS,
        (Server(minimum="TLSv1", maximum="TLSv1.1"),),
    ),
    Scenario(
        "protocol-asked-old",
        "protocol-mismatch",
        STRICT + "SSLProxyProtocol TLSv1.2\n" + PASS,
        (Server(minimum="TLSv1.3"),),
        fixable=True,
    ),
    Scenario("protocol-12", None, STRICT + PASS, (Server(maximum="TLSv1.2"),)),
    Scenario(
        "cipher",
        "cipher-mismatch",
        STRICT + "SSLProxyCipherSuite ECDHE-ECDSA-AES128-GCM-SHA256\n" + PASS,
        (Server(maximum="TLSv1.2", ciphers="ECDHE-ECDSA-AES256-GCM-SHA384"),),
        fixable=True,
    ),
    Scenario(
        "cipher-of-another-version",  # its list is for RSA keys, and it has none
        "cipher-mismatch",
        STRICT + "SSLProxyProtocol TLSv1.2\n" + PASS,
        (Server(ciphers="ECDHE-RSA-AES256-GCM-SHA384"),),
        fixable=True,
    ),
    Scenario(
        "sni-rejected", "sni-rejected", STRICT + PASS, (Server(strict_sni=("other.internal",)),)
    ),
    Scenario("status-404", None, STRICT + PASS, (Server(status=404),)),
    Scenario("status-503", "backend-error-status", STRICT + PASS, (Server(status=503),)),
    Scenario("status-405-head", None, STRICT + PASS, (Server(allows_head=False),)),
    Scenario("answer-closed", "connection-reset", STRICT + PASS, (Server(answers="close"),)),
    Scenario("answer-reset", "connection-reset", STRICT + PASS, (Server(answers="reset"),)),
    Scenario(
        "answer-never",
        "connection-timeout",
        STRICT + "ProxyTimeout 1\n" + PASS,
        (Server(answers="never"),),
    ),
    Scenario(
        "pooled", "stale-pooled-connection", STRICT + PASS, (Server(answers="once-per-connection"),)
    ),
    Scenario(
        "wrong-virtual-host",
        "ip-address-backend",
        STRICT + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(without_sni=Leaf(cn="default.internal", dns=("default.internal",))),),
    ),
)


PLACES = (
    Scenario(
        "in-location",
        "directive-not-allowed-here",
        ON + "<Location />\n  SSLProxyVerify none\n</Location>\n" + PASS,
        starts=False,
        fixable=True,
    ),
    Scenario("typo", "unknown-directive", ON + "SSLProxyVerfy require\n" + PASS, starts=False),
    Scenario(
        "section-strict",
        None,
        ON + 'SSLProxyVerify none\n<Proxy "https://backend.internal:{port}/">\n'
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:root}\n</Proxy>\n" + PASS,
    ),
    Scenario(
        "section-loose",
        "verification-off",
        STRICT
        + '<Proxy "https://backend.internal:{port}/">\n  SSLProxyVerify none\n</Proxy>\n'
        + PASS,
        fixable=True,
    ),
    Scenario(
        "section-engine",
        "verification-off",
        '<Proxy "https://backend.internal:{port}/">\n  SSLProxyEngine on\n</Proxy>\n' + PASS,
        fixable=True,
    ),
    Scenario(
        "section-balancer",
        None,
        ON + "SSLProxyVerify none\n<Proxy balancer://{name}>\n"
        "  BalancerMember https://backend.internal:{port}\n"
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:root}\n</Proxy>\n"
        "ProxyPass / balancer://{name}/",
    ),
    Scenario(
        "section-balancer-fails",
        "ca-not-trusted",
        ON + "<Proxy balancer://{name}>\n  BalancerMember https://backend.internal:{port}\n"
        "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:wrong}\n</Proxy>\n"
        "ProxyPass / balancer://{name}/",
        fixable=True,
    ),
    Scenario("match", None, STRICT + "ProxyPassMatch ^/(.*)$ https://backend.internal:{port}/$1"),
    Scenario(
        "match-wrong-ca",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n"
        "ProxyPassMatch ^/(.*)$ https://backend.internal:{port}/$1",
        fixable=True,
    ),
    Scenario(
        "location",
        None,
        STRICT + '<Location "/">\n  ProxyPass https://backend.internal:{port}/\n</Location>',
    ),
    Scenario(
        "rewrite",
        None,
        STRICT + "RewriteEngine on\nRewriteRule ^/(.*)$ https://backend.internal:{port}/$1 [P]",
    ),
    Scenario(
        "rewrite-no-ca",
        "ca-not-configured",
        REQUIRE + "RewriteEngine on\nRewriteRule ^/(.*)$ https://backend.internal:{port}/$1 [P]",
        fixable=True,
    ),
    Scenario("main-policy", None, PASS, before=STRICT),
    Scenario(
        "main-section",
        "verification-off",
        STRICT + PASS,
        before='<Proxy "https://backend.internal:{port}/">\n  SSLProxyEngine on\n</Proxy>',
    ),
    Scenario(
        "plain",
        None,
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="plain"),),
    ),
    Scenario(
        "six",
        None,
        STRICT + "ProxyPass / https://six.internal:{port}/",
        (Server(Leaf(dns=("six.internal",)), address="::1"),),
    ),
    Scenario(
        "six-address",
        "ip-address-backend",
        STRICT + "ProxyPass / https://[::1]:{port}/",
        (Server(address="::1"),),
    ),
    Scenario(
        "both-families",
        "stale-backend-address",
        STRICT + "ProxyPass / https://both.internal:{port}/",
        (Server(Leaf(dns=("both.internal",))),),
    ),
    Scenario(
        "shadowed",
        "route-shadowed",
        STRICT + "ProxyPass / https://backend.internal:{port}/\n"
        "ProxyPass /x https://backend.internal:{port}/",
        route=1,
    ),
)
