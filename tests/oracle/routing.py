"""Scenarios of routes: kinds, balancers, sections, virtual hosts of backends, HTTP/2, IPv6."""

from __future__ import annotations

from tests.oracle.parts import ON, PASS, REQUIRE, STRICT, WRONG
from tests.oracle.scenario import UNJUDGED, Leaf, Scenario, Server

S = Scenario
REFUSED = Server(speaks="refuse")
NONE = "SSLProxyVerify none\n"
STRICT_LINES = "  SSLProxyVerify require\n  SSLProxyCACertificateFile {file:root}\n"
URL = "https://backend.internal:{port}"


def _balancer(members: str, policy: str = "", after: str = "") -> str:
    return (
        f"<Proxy balancer://{{name}}>\n{members}{policy}</Proxy>\n"
        f"ProxyPass / balancer://{{name}}/{after}"
    )


BALANCERS = (
    S("balancer-strict", None, STRICT + _balancer(f"  BalancerMember {URL}\n")),
    S("balancer-off", "verification-off", ON + _balancer(f"  BalancerMember {URL}\n")),
    S("balancer-no-engine", "engine-off", _balancer(f"  BalancerMember {URL}\n")),
    S(
        "balancer-wrong-name",
        "name-mismatch",
        STRICT + _balancer(f"  BalancerMember {URL}\n"),
        (Server(WRONG),),
    ),
    S(
        "balancer-address",
        "ip-address-backend",
        STRICT + _balancer("  BalancerMember https://127.0.0.1:{port}\n"),
    ),
    S(
        "balancer-overridden",
        "verification-off",
        STRICT + _balancer(f"  BalancerMember {URL}\n", "  SSLProxyVerify none\n"),
    ),
    S(
        "balancer-own-strict",
        None,
        ON + NONE + _balancer(f"  BalancerMember {URL}\n", STRICT_LINES),
    ),
    S(
        "balancer-member-section",
        None,
        STRICT
        + f'<Proxy "{URL}">\n  SSLProxyVerify none\n</Proxy>\n'
        + _balancer(f"  BalancerMember {URL}\n"),
    ),
    S(
        "balancer-disabled",
        "balancer-member-disabled",
        STRICT + _balancer(f"  BalancerMember {URL} status=+D\n"),
    ),
    S(
        "balancer-stopped",
        "balancer-member-disabled",
        STRICT + _balancer(f"  BalancerMember {URL} status=+S\n"),
    ),
    S("balancer-spare", None, STRICT + _balancer(f"  BalancerMember {URL} status=+H\n")),
    S(
        "balancer-refused",
        "connection-refused",
        STRICT + _balancer(f"  BalancerMember {URL}\n"),
        (REFUSED,),
    ),
)

SECTIONS = (
    S(
        "section-none-strict",
        None,
        f'<Proxy "{URL}/">\n  SSLProxyEngine on\n{STRICT_LINES}</Proxy>\n{PASS}',
    ),
    S(
        "section-star",
        "verification-off",
        STRICT + "<Proxy *>\n  SSLProxyVerify none\n</Proxy>\n" + PASS,
    ),
    S(
        "section-match",
        "verification-off",
        STRICT + '<ProxyMatch "^https://backend">\n  SSLProxyVerify none\n</ProxyMatch>\n' + PASS,
    ),
    S(
        "section-elsewhere",
        None,
        STRICT + '<Proxy "https://other.internal/">\n  SSLProxyVerify none\n</Proxy>\n' + PASS,
    ),
    S(
        "section-depth",
        "chain-too-deep",
        STRICT
        + f'SSLProxyVerifyDepth 3\n<Proxy "{URL}/">\n  SSLProxyVerifyDepth 1\n</Proxy>\n'
        + PASS,
        (Server(Leaf("int1"), ("int1",)),),
        fixable=True,
    ),
    S(
        "section-depth-more",
        None,
        STRICT
        + f'SSLProxyVerifyDepth 0\n<Proxy "{URL}/">\n  SSLProxyVerifyDepth 2\n</Proxy>\n'
        + PASS,
        (Server(Leaf("int1"), ("int1",)),),
    ),
    S(
        "section-ca",
        None,
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n"
        f'<Proxy "{URL}/">\n  SSLProxyCACertificateFile {{file:root}}\n</Proxy>\n{PASS}',
    ),
    S(
        "section-ca-wrong",
        "ca-not-trusted",
        STRICT + f'<Proxy "{URL}/">\n  SSLProxyCACertificateFile {{file:wrong}}\n</Proxy>\n' + PASS,
        fixable=True,
    ),
    S(
        "section-name-off",
        "name-check-off",
        STRICT + f'<Proxy "{URL}/">\n  SSLProxyCheckPeerName off\n</Proxy>\n' + PASS,
        (Server(WRONG),),
    ),
    S(
        "main-engine",
        None,
        REQUIRE.replace(ON, "") + "SSLProxyCACertificateFile {file:root}\n" + PASS,
        before=ON,
    ),
    S("main-off-vhost-on", None, STRICT + PASS, before="SSLProxyEngine off"),
    S("main-on-vhost-off", "engine-off", "SSLProxyEngine off\n" + PASS, before=STRICT),
    S("main-ca", None, REQUIRE + PASS, before="SSLProxyCACertificateFile {file:root}"),
    S("main-ca-wrong", None, STRICT + PASS, before="SSLProxyCACertificateFile {file:wrong}"),
    S(
        "main-depth",
        None,
        STRICT + PASS,
        (Server(Leaf("int1"), ("int1",)),),
        before="SSLProxyVerifyDepth 2",
    ),
    S("main-preserve", "preserve-host-changes-name", STRICT + PASS, before="ProxyPreserveHost On"),
    S("last-wins", "verification-off", STRICT + NONE + PASS),
    S(
        "last-wins-strict",
        None,
        ON + NONE + "SSLProxyVerify require\n"
        "SSLProxyCACertificateFile {file:wrong}\nSSLProxyCACertificateFile {file:root}\n" + PASS,
    ),
    S(
        "defined",
        None,
        "Define {name}-backend backend.internal\n"
        + STRICT
        + "ProxyPass / https://${{name}-backend}:{port}/",
    ),
    S("if-module", None, "<IfModule ssl_module>\n" + STRICT + "</IfModule>\n" + PASS),
    S(
        "if-not-module",
        "verification-off",
        ON + "<IfModule !ssl_module>\nSSLProxyVerify require\n</IfModule>\n" + PASS,
    ),
)

ROUTES = (
    S("kind-match", None, STRICT + "ProxyPassMatch ^/x https://backend.internal:{port}"),
    S(
        "kind-location",
        "ca-not-trusted",
        REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n"
        f'<Location "/x">\n  ProxyPass {URL}/\n</Location>',
        fixable=True,
    ),
    S(
        "kind-location-match",
        None,
        STRICT + f'<LocationMatch "^/x">\n  ProxyPassMatch {URL}\n</LocationMatch>',
    ),
    S(
        "kind-rewrite",
        "name-mismatch",
        STRICT + f"RewriteEngine on\nRewriteRule ^/(.*)$ {URL}/$1 [P]",
        (Server(WRONG),),
    ),
    S(
        "kind-rewrite-preserve",
        "preserve-host-changes-name",
        STRICT + f"ProxyPreserveHost On\nRewriteEngine on\nRewriteRule ^/(.*)$ {URL}/$1 [P,L]",
    ),
    S(
        "kind-rewrite-off",
        "verification-off",
        ON + f"RewriteEngine on\nRewriteRule ^/x {URL}/y [P]",
    ),
    S("excluded-path", None, STRICT + f"ProxyPass /private !\nProxyPass / {URL}/"),
    S("path-kept", None, STRICT + f"ProxyPass /x {URL}/deep/er", path="/x/y"),
    S("with-parameters", None, STRICT + f"ProxyPass / {URL}/ retry=0 keepalive=On timeout=5"),
    S("host-header", None, STRICT + "ProxyPreserveHost Off\n" + PASS),
    S(
        "h2-status",
        None,
        STRICT + "ProxyPass / h2://backend.internal:{port}/",
        (Server(alpn=("h2",), status=404),),
    ),
    S(
        "h2-off",
        "verification-off",
        ON + "ProxyPass / h2://backend.internal:{port}/",
        (Server(alpn=("h2",)),),
    ),
    S(
        "h2-untrusted",
        "ca-not-trusted",
        REQUIRE
        + "SSLProxyCACertificateFile {file:wrong}\nProxyPass / h2://backend.internal:{port}/",
        (Server(alpn=("h2",)),),
        fixable=True,
    ),
    S(
        "h2-engine-off",
        "engine-off",
        "ProxyPass / h2://backend.internal:{port}/",
        (Server(alpn=("h2",)),),
    ),
    S("alpn-http11", None, STRICT + PASS, (Server(alpn=("http/1.1",)),)),
    S("alpn-both", None, STRICT + PASS, (Server(alpn=("h2", "http/1.1")),)),
    S(
        "alpn-h2-of-both",
        None,
        STRICT + "ProxyPass / h2://backend.internal:{port}/",
        (Server(alpn=("h2", "http/1.1")),),
    ),
    S(
        "six-strict",
        None,
        STRICT + "ProxyPass / https://six.internal:{port}/",
        (Server(Leaf(cn="six.internal", dns=()), address="::1"),),
    ),
    S(
        "six-literal-cn",
        None,
        STRICT + "ProxyPass / https://[::1]:{port}/",
        (Server(Leaf(cn="::1", dns=()), address="::1"),),
    ),
    S(
        "six-literal-brackets",
        "ip-address-backend",
        STRICT + "ProxyPass / https://[::1]:{port}/",
        (Server(Leaf(cn="[::1]", dns=()), address="::1"),),
    ),
    S(
        "six-only-both",
        None,
        STRICT + "ProxyPass / https://both.internal:{port}/",
        (Server(Leaf(cn="both.internal", dns=()), address="::1"),),
    ),
    S(
        "both-refused",
        "connection-refused",
        STRICT + "ProxyPass / https://both.internal:{port}/",
        (REFUSED,),
    ),
    S(
        "six-refused",
        "connection-refused",
        STRICT + "ProxyPass / https://six.internal:{port}/",
        (Server(speaks="refuse", address="::1"),),
    ),
    S("no-such-name-none", "dns-failure", ON + "ProxyPass / https://nowhere.internal:{port}/"),
    S("plain-dns", "dns-failure", "ProxyPass / http://nowhere.internal:{port}/"),
    S(
        "plain-reset",
        "connection-reset",
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="reset"),),
    ),
    S(
        "plain-silent",
        "connection-timeout",
        "ProxyTimeout 1\nProxyPass / http://backend.internal:{port}/",
        (Server(speaks="silent"),),
    ),
    S(
        "plain-garbage",
        UNJUDGED,
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="garbage"),),
    ),
    S(
        "plain-404",
        None,
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="plain", status=404),),
    ),
    S("tls-405", None, STRICT + PASS, (Server(allows_head=False),)),
    S("status-500", "backend-error-status", STRICT + PASS, (Server(status=500),)),
    S("status-502", "backend-error-status", STRICT + PASS, (Server(status=502),)),
    S("status-401", None, STRICT + PASS, (Server(status=401),)),
    S("status-404-off", "verification-off", ON + PASS, (Server(status=404),)),
    S(
        "no-sni-other",
        "ip-address-backend",
        ON + "ProxyPass / https://127.0.0.1:{port}/",
        (Server(without_sni=Leaf(cn="default.internal", dns=("default.internal",))),),
    ),
    S(
        "by-sni",
        None,
        STRICT + PASS,
        (
            Server(
                Leaf(cn="default.internal", dns=("default.internal",)),
                names=(("backend.internal", Leaf()),),
            ),
        ),
    ),
    S(
        "by-sni-swapped",
        "wrong-virtual-host-certificate",
        STRICT + PASS,
        (Server(WRONG, without_sni=Leaf()),),
    ),
    S(
        "by-sni-other",
        "name-mismatch",
        STRICT + PASS,
        (
            Server(
                Leaf(cn="default.internal", dns=("default.internal",)),
                names=(("other.internal", WRONG),),
            ),
        ),
    ),
    S(
        "unanswered-plain",
        "connection-timeout",
        "ProxyPass / http://backend.internal:{port}/ connectiontimeout=1",
        (Server(speaks="unanswered"),),
    ),
    S("no-slash-path", "missing-trailing-slash", STRICT + f"ProxyPass /x/ {URL}", path="/x/y"),
    S(
        "no-slash-balancer",
        "missing-trailing-slash",
        STRICT + f"<Proxy balancer://{{name}}>\nBalancerMember {URL}\n</Proxy>\n"
        "ProxyPass / balancer://{name}\nProxyPassReverse / balancer://{name}",
        path="/foo",
    ),
    S("no-slash-none", "missing-trailing-slash", ON + f"ProxyPass / {URL}"),
    S(
        "no-slash-no-port",
        "missing-trailing-slash",
        STRICT + "ProxyPass / https://backend.internal",
        path="/foo",
    ),
)

EXCEPTION = "# proxy-wizard: temporary exception until {} (ca-not-trusted): SSLProxyVerify none\n"

OTHERS = (
    S(
        "exception-in-force",
        "temporary-exception",
        ON + EXCEPTION.format("2099-12-31") + "SSLProxyVerify none\n" + PASS,
    ),
    S(
        "exception-over",
        "temporary-exception-expired",
        ON + EXCEPTION.format("2020-12-31") + "SSLProxyVerify none\n" + PASS,
    ),
    S(
        "expires-soon",
        "certificate-expires-soon",
        STRICT + PASS,
        (Server(Leaf(days=(-80, 4))),),
    ),
    *(
        S(
            f"log-level-{level.replace(' ', '-').replace(':', '-')}",
            "ca-not-trusted",
            REQUIRE + "SSLProxyCACertificateFile {file:wrong}\n" + PASS,
            log_level=level,
        )
        for level in ("crit", "crit ssl:info", "info ssl:crit")
    ),
    S(
        "name-behind-client-certificate",  # the log shows AH02268, and hides AH02411
        "name-mismatch",
        STRICT + PASS,
        (Server(WRONG, client_cas=("client-ca",)),),
    ),
    S(
        "unencrypted-here",
        "unencrypted-backend",
        "ProxyPass / http://backend.internal:{port}/",
        (Server(speaks="plain"),),
    ),
    S(
        "unencrypted-mapped",
        None,  # it does not leave the machine either
        "ProxyPass / http://[::ffff:127.0.0.1]:{port}/",
        (Server(speaks="plain"),),
    ),
    S(
        "unencrypted-unspecified",
        None,
        "ProxyPass / http://0.0.0.0:{port}/",
        (Server(speaks="plain"),),
    ),
    S(
        "unknown-parameter",
        "configuration-refused",
        STRICT + f"ProxyPass / {URL}/ nonsense=1",
        starts=False,
    ),
)

ROUTING = OTHERS + BALANCERS + SECTIONS + ROUTES
