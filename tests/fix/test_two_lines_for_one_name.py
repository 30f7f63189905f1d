"""SSLProxyCheckPeerName and SSLProxyCheckPeerCN beside each other: which one httpd goes by.

What a plan takes away rests on it: the older directive counts only where the newer one is not set
(mod_ssl, ssl_engine_io.c: ssl_io_filter_handshake), and a section's gaps are filled before that.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

from tests.support import httpd
from tests.support.site import Backend
from wizard import config
from wizard.demo.pki import issue

VALUES = ("", "on", "off")
LETS_IN = {("", "off"), ("off", ""), ("off", "off")}
"""Values of CheckPeerName and CheckPeerCN with which a wrong name passes."""


def test_which_line_counts(tmp_path: Path) -> None:
    root = issue("Example Root", ca=True)
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "hosts").write_text("127.0.0.1 good.test\n")
    backend = Backend(issue("other.test", root, dns=["other.test"]))
    url, port = f"https://good.test:{backend.port}/", httpd.free_port()
    strict = "SSLProxyEngine on\nSSLProxyVerify require\n"
    strict += f"SSLProxyCACertificateFile {tmp_path}/root.pem\n"
    cases = {
        f"{number}.test": (name, cn, section)
        for number, (name, cn, section) in enumerate(product(VALUES, VALUES, (False, True)))
    }
    text = httpd.main_config(tmp_path, [f"{httpd.LISTEN}:{port}"])
    for host, (name, cn, section) in cases.items():
        newer = f"SSLProxyCheckPeerName {name}\n" if name else ""
        older = f"SSLProxyCheckPeerCN {cn}\n" if cn else ""
        inner = f"<Proxy {url}>\nSSLProxyVerifyDepth 2\n{older}</Proxy>\n" if section else older
        text += f"<VirtualHost *:{port}>\nServerName {host}\n{strict}{newer}{inner}"
        text += f"ProxyPass / {url}\n</VirtualHost>\n"
    (tmp_path / "httpd.conf").write_text(text)
    try:
        with httpd.running(tmp_path / "httpd.conf", tmp_path / "hosts"):
            passed = {host for host in cases if httpd.get(port, host).status == 200}
    finally:
        backend.stop()
    assert {cases[host][:2] for host in passed} == LETS_IN
    assert passed == {host for host, case in cases.items() if case[:2] in LETS_IN}
    for route in config.load(str(tmp_path / "httpd.conf")).routes:
        checked = route.tls.checks_name or route.tls.checks_cn_only
        assert checked == (route.vhost.server_name not in passed), route.id.label
