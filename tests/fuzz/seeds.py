"""What fuzzing starts from: the corpora of other tests, and what was found."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.config.oracle.corpus import CASES
from tests.config.routing.cases import cases
from wizard.demo import pki
from wizard.reference.ah_codes import AH_CODES

CORPUS = Path(__file__).parent / "corpus"
"""A directory for each target: inputs that once were too much for it."""
LOGS = Path(__file__).parents[1] / "logs" / "data"
_WORDS = r"""
    on off none require optional expr= ${ } $1 $0 \ \\ " ' < > </ * ~ ! [ ( (a+)+$ ^/(.*)$
    balancer:// https:// http:// h2:// unix:/s|http://h/ proxy:balancer:// :443 *:443 [::1] [P]
    [P,L] %{HTTPS} %{ENV:x} timeout=1 status=D enablereuse=on balancer://c/ +D none -all TLSv1.3
    b.internal:8443/ /a /a/ / <VirtualHost <Location <LocationMatch <Proxy <Macro <If <IfModule
    <IfDefine <IfVersion <Directory </VirtualHost> </Location> </Macro>
    -----BEGIN -----END CERTIFICATE----- TRUSTED Proc-Type: 4,ENCRYPTED
"""
_DIRECTIVES = """
    ProxyPass ProxyPassMatch ProxyPassReverse ProxyPreserveHost ProxyTimeout ProxyRemote NoProxy
    SSLProxyEngine SSLProxyVerify SSLProxyVerifyDepth SSLProxyProtocol SSLProxyCipherSuite
    SSLProxyCACertificateFile SSLProxyCheckPeerName SSLProxyCheckPeerCN SSLProxyCheckPeerExpire
    SSLProxyCARevocationCheck SSLProxyMachineCertificateFile RewriteEngine RewriteRule
    RewriteCond RewriteMap RequestHeader BalancerMember ProxySet SetHandler ServerName
    ServerAlias Listen LogLevel SSLEngine Use Define UnDefine Include IncludeOptional
    Error UseCanonicalName ServerRoot LoadModule Header ProxyPassInherit
"""
_SITE = b"""<VirtualHost *:443>
    ServerName a.example.com
    SSLProxyEngine on
    SSLProxyVerify none
    <Location /b>
        ProxyPass https://b.internal:8443/
        SSLProxyCheckPeerName off
    </Location>
    ProxyPass /c https://c.internal \\
        timeout=5
    SSLProxyVerfy require
</VirtualHost>
<Proxy balancer://d>
    BalancerMember https://d.internal
</Proxy>
<VirtualHost b.example.com:80>
    ProxyPassMatch ^/x(.*)$ https://x.internal:1$1
    RewriteEngine on
    RewriteRule ^/y https://y.internal/ [P]
    ProxyPass / balancer://d/
</VirtualHost>
"""


@functools.cache
def of(target: str) -> tuple[bytes, ...]:
    """Inputs for a target, what was found before first."""
    found = [path.read_bytes() for path in sorted((CORPUS / target).glob("*"))]
    if target == "log":
        logs = [path.read_bytes() for path in sorted(LOGS.iterdir())]
        return (*found, *logs, gzip.compress(logs[0], mtime=0))
    if target == "certificates":
        return (*found, *_certificates())
    return (*found, _SITE, _SITE.replace(b"\n", b"\r\n"), b"\0" + _SITE, *_configurations())


def _configurations() -> list[bytes]:
    """Those of the reader's corpus, and virtual hosts with the ports of their backends made up."""
    known = [case.text for _, case in CASES]
    hosts = [
        f"<VirtualHost *:443>\n{re.sub('{[a-z0-9_]+}', '8443', case.body)}\n</VirtualHost>\n"
        for group in ("mapping", "names", "policy", "workers")
        for case in cases(group)
    ]
    return [t if isinstance(t, bytes) else t.encode() for t in [*known, *hosts]]


def _certificates() -> list[bytes]:
    root = pki.issue("Fuzz Root", ca=True)
    leaf = pki.issue("fuzz.internal", root, dns=["fuzz.internal", "*.fuzz.internal"])
    return [
        root.pem,
        leaf.pem + root.pem,
        leaf.key_pem + leaf.pem,
        leaf.certificate.public_bytes(Encoding.DER),
    ]


def dictionary(target: str) -> list[bytes]:
    """Words that inputs of a target are made of."""
    more = list(AH_CODES)[::20] if target == "log" else _DIRECTIVES.split()
    return [word.encode() for word in (*_WORDS.split(), *more)]
