"""Whatever a file holds: a configuration or one ConfigError, in bounded time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import httpd
from tests.support.yardstick import bounded
from wizard import config
from wizard.errors import ConfigError


def _words(text: str) -> list[str]:
    return text.split()


NAMES = _words(
    """
    ProxyPass ProxyPassMatch ProxyPreserveHost ProxyTimeout ProxyRemote NoProxy Timeout
    SSLProxyEngine SSLProxyVerify SSLProxyVerifyDepth SSLProxyProtocol SSLProxyCipherSuite
    SSLProxyCACertificateFile SSLProxyCheckPeerName SSLProxyCARevocationCheck
    RewriteEngine RewriteRule RewriteCond RewriteOptions RewriteMap RequestHeader
    BalancerMember ProxySet SetHandler ServerName ServerAlias Listen LogLevel SSLEngine
    SSLCertificateFile DocumentRoot ProxyPassInherit Foo RewriteBase SetEnvIf ProxyBlock
    BalancerInherit Redirect Alias AddHandler ProxyErrorOverride
    """
)
SECTIONS = _words(
    "VirtualHost Location LocationMatch Proxy ProxyMatch Directory Files If Else Limit"
)
WORDS = st.sampled_from(
    [
        *_words(
            r"""
        on off ! / /a /a/ ^/(.*)$ (a+)+$ [ ( \ ~ * - +D none require TLSv1.3 balancer://c
        http://b.internal/ https://h:8443$1 http:// http://[::1 http://h:x/ unix:/s|http://h/
        *:443 [::1]:443 :443 *:99999 timeout=1 status=D [P] [P,L] [NC, %{HTTPS} expr=%{x
        no-proxy !no-proxy Request_URI Inherit InheritDown [H=proxy:http://h/] [E=no-proxy:1]
        set Host x proxy:http://h/ 0 -1 443 ssl:info 99999999999999999999 "" $ $9 % http://%41/
        https://h.internal:443443443/ http://h:${NO}/ %{REQUEST_URI} ${m:$1} ?x #
        """
        ),
        "'a b'",
        '"a b"',
        "\udcff",
        '"',
        "'",
    ]
)
LINES = st.builds(
    lambda n, a: f"{n} {' '.join(a)}", st.sampled_from(NAMES), st.lists(WORDS, max_size=4)
)
BODIES: st.SearchStrategy[str] = st.recursive(
    st.lists(LINES, max_size=5).map("\n".join),
    lambda inner: (
        st.builds(
            lambda name, words, body: f"<{name} {' '.join(words)}>\n{body}\n</{name}>",
            st.sampled_from(SECTIONS),
            st.lists(WORDS, max_size=2),
            inner,
        )
        | st.lists(inner, max_size=4).map("\n".join)
    ),
    max_leaves=8,
)
HEAD = f"ServerRoot /tmp\nListen 1\n{httpd.load_modules()}"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BODIES)
def test_nothing_but_a_configuration_or_one_error(body: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "main.conf")
        file.write_bytes((HEAD + body).encode("utf-8", "surrogateescape"))
        with bounded(5):
            try:
                configuration = config.load(str(file))
            except ConfigError:
                return
        for route in configuration.routes:
            assert route.request_path.startswith("/")
            assert route.unknown is not None or route.backend.scheme
