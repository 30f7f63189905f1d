"""Virtual hosts that are broken or weak, each in its own way that the configuration can repair."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """One virtual host, as an operator might have written it.

    Args:
        name: ``NAME.test`` is its ServerName.
        backend: name in the lab; ``{port}`` in the text is its port.
        body: the virtual host's lines; ``{dir}`` is the configuration's directory.
        slugs: findings of its routes.
        starts: whether httpd starts with it.
        works: whether httpd answers 200 before the repair (weak, not broken).
        expect: lines that the repaired file must hold.
        before: lines at server level, before the virtual host.
        after: what follows it.
        line_end: of every line.
        path: to ask for.
    """

    name: str
    backend: str
    body: str
    slugs: tuple[str, ...]
    starts: bool = True
    works: bool = False
    expect: tuple[str, ...] = ()
    before: str = ""
    after: str = "\n"
    line_end: str = "\n"
    path: str = "/x"


REQUIRE = "SSLProxyEngine on\n    SSLProxyVerify require\n"
PASS = "ProxyPass / https://{backend}.test:{port}/"

SCENARIOS = (
    Scenario("engine-off", "direct", PASS, ("engine-off",)),
    Scenario(
        "nothing", "direct", f"SSLProxyEngine on\n    {PASS}", ("verification-off",), works=True
    ),
    Scenario(
        "verify-none",
        "direct",
        "SSLProxyEngine on\n    SSLProxyVerify   none\n    SSLProxyCheckPeerName off\n"
        f'    SSLProxyCheckPeerExpire "Off"\n    {PASS}',
        ("verification-off", "name-check-off", "expiry-check-off"),
        works=True,
        expect=(
            "SSLProxyVerify   require",
            "SSLProxyCheckPeerName on",
            'SSLProxyCheckPeerExpire "on"',
        ),
    ),
    Scenario(
        "cn-off",
        "direct",
        "SSLProxyEngine on\n    SSLProxyVerify optional_no_ca\n    SSLProxyCheckPeerCN off\n"
        f"    {PASS}",
        ("verification-optional", "name-check-off"),
        works=True,
    ),
    Scenario("no-ca", "direct", f"{REQUIRE}    {PASS}", ("ca-not-configured",)),
    Scenario(
        "wrong-ca",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/wrong.pem\n    {PASS}",
        ("ca-not-trusted",),
    ),
    Scenario(
        "rekeyed",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/rekeyed.pem\n    {PASS}",
        ("ca-rekeyed",),
    ),
    Scenario(
        "leaf-as-ca",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/leaf.pem\n    {PASS}",
        ("ca-file-holds-server-certificate",),
    ),
    Scenario(
        "no-root",
        "via1",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/intermediate.pem\n    {PASS}",
        ("ca-file-without-root",),
        expect=("SSLProxyVerifyDepth 2",),
    ),
    Scenario(
        "depth",
        "via1",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.pem\n    {PASS}",
        ("chain-too-deep",),
        expect=("SSLProxyVerifyDepth 2", "other/root.pem"),
    ),
    Scenario(
        "depth-set",
        "deep",
        f"{REQUIRE}    SSLProxyVerifyDepth 1\n"
        f"    SSLProxyCACertificateFile {{dir}}/other/root.pem\n    {PASS}",
        ("chain-too-deep",),
        expect=("SSLProxyVerifyDepth 3",),
    ),
    Scenario(
        "forgets",
        "forgets",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.pem\n    {PASS}",
        ("missing-intermediate",),
        expect=("SSLProxyVerifyDepth 2",),
    ),
    Scenario("self-signed", "self", f"{REQUIRE}    {PASS}", ("self-signed-certificate",)),
    Scenario(
        "ca-path",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificatePath {{dir}}/unhashed\n    {PASS}",
        ("ca-path-not-hashed",),
    ),
    Scenario(
        "preserve-host",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.pem\n"
        f"    ProxyPreserveHost On\n    {PASS}",
        ("preserve-host-changes-name",),
        expect=("ProxyPreserveHost Off",),
    ),
    Scenario(
        "address",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.pem\n"
        "    ProxyPass / https://127.0.0.1:{port}/\n"
        "    ProxyPassReverse / https://127.0.0.1:{port}/",
        ("ip-address-backend",),
        expect=("ProxyPass / https://direct.test:", "ProxyPassReverse / https://direct.test:"),
    ),
    Scenario(
        "slash",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.pem\n"
        "    ProxyPass / https://direct.test:{port}\n"
        "    ProxyPassReverse / https://direct.test:{port}",
        ("missing-trailing-slash",),
    ),
    Scenario(
        "in-section",
        "direct",
        'SSLProxyEngine on\n    <Proxy "https://direct.test:{port}/">\n'
        f"        SSLProxyVerify none\n    </Proxy>\n    {PASS}",
        ("verification-off",),
        works=True,
        expect=(
            "        SSLProxyVerify require\n        SSLProxyVerifyDepth 1\n"
            "        SSLProxyCACertificateFile",
            "        SSLProxyCheckPeerName on\n        SSLProxyCheckPeerExpire on\n    </Proxy>",
        ),
    ),
    Scenario(
        "neighbour",
        "via1",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/wrong.pem\n"
        "    ProxyPass /local https://good.test:{good}/\n"
        f"    {PASS}",
        ("ca-not-trusted",),
        expect=("other/wrong.pem", '<Proxy "https://via1.test:'),
    ),
    Scenario(
        "balancer",
        "direct",
        'SSLProxyEngine on\n    <Proxy "balancer://app">\n'
        "        BalancerMember https://direct.test:{port}\n    </Proxy>\n"
        "    ProxyPass / balancer://app/",
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "tabs",
        "direct",
        "\tSSLProxyEngine on\n\tSSLProxyVerify \\\n\t\tnone\n\tProxyPass / https://direct.test:{port}/",
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "ca-missing",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/nowhere.pem\n    {PASS}",
        ("ca-file-missing",),
        starts=False,
    ),
    Scenario(
        "ca-der",
        "direct",
        f"{REQUIRE}    SSLProxyCACertificateFile {{dir}}/other/root.der\n    {PASS}",
        ("ca-file-invalid",),
        starts=False,
        expect=("/proxy-trust/proxy-trust-",),
    ),
    Scenario(
        "in-location",
        "direct",
        "<Location /x>\n        SSLProxyEngine on\n        SSLProxyVerify none\n"
        "        ProxyPass https://direct.test:{port}/\n    </Location>",
        ("directive-not-allowed-here", "engine-off"),
        starts=False,
    ),
    Scenario(
        "typo",
        "direct",
        "SSLProxyEngine on\n    SSLProxyVerfy require\n"
        f"    SSLProxyCACertificateFile {{dir}}/other/root.pem\n    {PASS}",
        ("unknown-directive",),
        starts=False,
        expect=("SSLProxyVerify require",),
    ),
    # Where directives stand, and how routes are written
    Scenario(
        "crlf",
        "direct",
        f"SSLProxyEngine on\n    SSLProxyVerify none\n    {PASS}",
        ("verification-off",),
        works=True,
        line_end="\r\n",
        expect=("SSLProxyVerify require\r\n", "SSLProxyCACertificateFile"),
    ),
    Scenario(
        "no-newline",
        "direct",
        f"{REQUIRE}    {PASS}",
        ("ca-not-configured",),
        after="",
    ),
    Scenario(
        "in-ifmodule",
        "direct",
        "<IfModule mod_ssl.c>\n        SSLProxyEngine on\n        SSLProxyVerify none\n"
        f"    </IfModule>\n    {PASS}",
        ("verification-off",),
        works=True,
        expect=("        SSLProxyVerify require\n",),
    ),
    Scenario(
        "rewrite",
        "direct",
        "SSLProxyEngine on\n    RewriteEngine on\n"
        "    RewriteRule ^/(.*)$ https://direct.test:{port}/$1 [P,L]",
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "match",
        "direct",
        'SSLProxyEngine on\n    ProxyPassMatch "^/(.*)$" "https://direct.test:{port}/$1"',
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "location",
        "direct",
        "SSLProxyEngine on\n    <Location />\n        ProxyPass https://direct.test:{port}/\n"
        "    </Location>",
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "websocket",
        "direct",
        "SSLProxyEngine on\n    ProxyPass / wss://direct.test:{port}/",
        ("verification-off",),
        works=True,
    ),
    Scenario(
        "balancer-section",
        "via1",
        'SSLProxyEngine on\n    <Proxy "balancer://b2">\n        SSLProxyVerify none\n'
        "        BalancerMember https://via1.test:{port}\n    </Proxy>\n"
        "    ProxyPass / balancer://b2/",
        ("verification-off",),
        works=True,
        expect=("        SSLProxyVerify require\n", "        SSLProxyVerifyDepth 2\n"),
    ),
    Scenario(
        "two-authorities",
        "direct",
        f"{REQUIRE}    ProxyPass /other https://good.test:{{good}}/\n    {PASS}",
        ("ca-not-configured",),
    ),
    Scenario(
        "macro",
        "direct",
        "Use backend direct.test {port}",
        ("verification-off",),
        works=True,
        before="<Macro backend $name $port>\n    SSLProxyEngine on\n"
        "    ProxyPass / https://$name:$port/\n</Macro>\n",
    ),
    Scenario(
        "continued",
        "direct",
        "SSLProxyEngine \\\n      on\n    SSLProxyVerify require\n"
        "    ProxyPass \\\n        / \\\n        https://direct.test:{port}\n",
        ("ca-not-configured", "missing-trailing-slash"),
    ),
    Scenario(
        "defined",
        "direct",
        "SSLProxyEngine on\n    SSLProxyVerify ${MODE}\n    ProxyPass / ${URL}",
        ("verification-off",),
        works=True,
        before="Define MODE none\nDefine URL https://direct.test:{port}/\n",
    ),
    Scenario(
        "everything",
        "via1",
        "SSLProxyVerify optional_no_ca\n    SSLProxyVerifyDepth 0\n"
        "    SSLProxyCheckPeerCN off\n    SSLProxyCheckPeerExpire off\n"
        "    SSLProxyCACertificateFile {dir}/other/wrong.pem\n    ProxyPreserveHost On\n"
        "    ProxyPass / https://127.0.0.1:{port}\n"
        "    ProxyPassReverse / https://127.0.0.1:{port}",
        ("engine-off", "missing-trailing-slash"),
        expect=("ProxyPass / https://via1.test:", "ProxyPreserveHost Off", "SSLProxyVerifyDepth 2"),
    ),
)
