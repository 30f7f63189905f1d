"""Lines as collectors of logs give them, and lines of the kernel beside them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from wizard.logs import explain
from wizard.model.explanation import Explanation

_STAMP = "[Sun Nov 29 10:53:44.123456 2026] "
PASTES = {
    "refused": [
        f"{_STAMP}[proxy:error] [pid 7:tid 1401] (111)Connection refused: AH00957: HTTP: attempt "
        "to connect to 10.0.0.5:8080 (backend.internal:8080) failed"
    ],
    "slash": [
        f"{_STAMP}[proxy:error] [pid 7:tid 1401] [client 10.0.0.9:3] AH00898: DNS lookup failure "
        "for: host.corpapp returned by /app"
    ],
    "start": [
        "AH00526: Syntax error on line 3 of /etc/apache2/a.conf:",
        "Invalid command 'SSLProxyEngine', perhaps misspelled or defined by a module not included "
        "in the server configuration",
    ],
    "s_client": [
        "depth=1 CN = Old Root",
        "verify error:num=10:certificate has expired",
        " 0 s:CN = a",
        "   i:CN = a",
    ],
    "status": ["HTTP/1.1 503 Service Unavailable"],
}
WRAPPINGS: dict[str, Callable[[str], str]] = {
    "journalctl": "Nov 29 10:53:44 host apache2[123]: {}".format,
    "journalctl -o short-iso": "2026-11-29T10:53:44+0000 host httpd[123]: {}".format,
    "rsyslog": "2026-11-29T10:53:44.123456+00:00 host apache2: {}".format,
    "RFC 3164": "<131>Nov  9 10:53:44 host httpd[123]: {}".format,
    "RFC 5424": "<131>1 2026-11-29T10:53:44.123Z host httpd 123 - - {}".format,
    "RFC 5424 with data": '<131>1 2026-11-29T10:53:44.123Z host httpd 123 ID [e@1 a="b"] {}'.format,
    "docker compose": "web-1  | {}".format,
    "docker-compose": "\x1b[36mproxy_web_1   |\x1b[0m {}".format,
    "kubectl --prefix": "[pod/proxy-5d8/httpd] {}".format,
    "kubectl --timestamps": "2026-11-29T10:53:44.123456789Z {}".format,
    "CRI": "2026-11-29T10:53:44.123456789Z stderr F {}".format,
    "docker json-file": lambda line: json.dumps({"log": line + "\n", "stream": "stderr"}),
    "journalctl -o json": lambda line: json.dumps({"_PID": "123", "MESSAGE": line}),
    "collector": lambda line: json.dumps({"@timestamp": "2026-11-29", "message": line}),
}


def told(explanation: Explanation) -> tuple[object, ...]:
    lines = [(line.code, line.openssl, line.meaning, line.slugs) for line in explanation.lines]
    return [(cause.slug, cause.certain) for cause in explanation.causes], lines, explanation.hidden


@pytest.mark.parametrize("paste", PASTES)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_wrapped_line_means_what_it_means_alone(wrapping: str, paste: str) -> None:
    alone = explain(PASTES[paste])
    assert alone.causes
    assert told(explain(map(WRAPPINGS[wrapping], PASTES[paste]))) == told(alone)


@pytest.mark.parametrize(
    "line",
    ['{"log":' + "[" * 4000, '{"log": 1}', '{"log": null, "message": {}}', '{"log":"AH00957', "{",
     '{"MESSAGE": [1, 2, 3]}', '{"log": "' + "9" * 5000 + '"}', '{"log": ' + "9" * 4050 + "}"],
)  # fmt: skip
def test_what_only_looks_like_json_does_no_harm(line: str) -> None:
    assert explain([line]).lines_read == 1


def test_oracle_http_server() -> None:
    """Its own format (ODL); the lines of one request belong together by pid and tid."""
    front = (
        "[2026-11-29T10:53:44.1234+00:00] [OHS] [ERROR:32] [OH99999] [{}] [client_id: 10.0.0.9] "
        "[host_id: web1] [host_addr: 10.0.0.5] [pid: {}] [tid: 1401] [user: oracle] [ecid: 1] "
        "[rid: 0] [VirtualHost: main]  {}"
    )
    refused = front.format(
        "proxy", 7, "(111)Connection refused: AH00957: HTTP: attempt to connect to 10.0.0.5:8080 "
        "(backend.internal:8080) failed"
    )  # fmt: skip
    given_up = front.format("proxy_http", 7, "AH01114: HTTP: failed to make connection to backend")
    said = explain([refused, given_up, refused.replace("[pid: 7]", "[pid: 8]")])
    assert [(cause.slug, cause.explains) for cause in said.causes] == [("connection-refused", 2)]
    wallet = front.format("ossl", 7, "nzos proxy handshake error, nzos_Handshake returned 29024")
    assert explain([wallet]).causes[0].slug == "ca-not-trusted"
    client = front.format("ossl", 7, "nzos handshake error, nzos_Handshake returned 28862")
    assert not explain([client]).causes
    assert explain([client]).lines


def test_ibm_http_server() -> None:
    of_22 = (
        "[Sun Nov 29 10:53:44 2026] [7f] [pid] [error] (111)Connection refused: proxy: HTTP: "
        "attempt to connect to 10.0.0.5:8080 (backend.internal) failed"
    )
    assert explain([of_22]).causes[0].slug == "connection-refused"
    plugin = (
        "[29/Nov/2026:10:53:44.12345] 00000b1c 7f0d - ERROR: lib_stream: openStream: Failed in "
        "r_gsk_secure_soc_init: GSK_ERROR_BAD_CERT(gsk rc = 414) PARTNER CERTIFICATE DN=CN=a"
    )
    assert explain([plugin]).causes[0].slug == "ca-not-trusted"


_AVC = (
    'avc:  denied  { name_connect } for  pid=12 comm="httpd" dest=7003 '
    "scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:http_cache_port_t:s0 "
    "tclass=tcp_socket permissive=0"
)


@pytest.mark.parametrize(
    "line",
    [
        f"type=AVC msg=audit(1695093000.123:12345): {_AVC}",
        f"Nov 29 10:53:44 host kernel: audit: type=1400 audit(1695093000.123:45): {_AVC}",
        f"Nov 29 10:53:44 host audit[12]: AVC {_AVC}",
        f"type=AVC msg=audit(11/29/2026 10:53:44.123:45) : {_AVC}".replace('"', ""),
        "SELinux is preventing /usr/sbin/httpd from name_connect access on the "
        "tcp_socket port 7003.",
        "Nov 29 10:53:44 host setroubleshoot[9]: SELinux is preventing httpd from name_connect "
        "access on the tcp_socket port 7003. For complete SELinux messages run: sealert -l 1",
    ],
)
def test_selinux_forbids_the_connection(line: str) -> None:
    said = explain([line])
    assert [cause.slug for cause in said.causes] == ["connection-not-permitted"]
    assert "port 7003" in said.lines[0].meaning
    commands = [remedy.command for remedy in said.causes[0].remedies if remedy.command]
    for text in (said.lines[0].meaning, *commands):
        assert "8443" not in text
    assert any("-p tcp 7003" in command for command in commands)


def test_apparmor_forbids_the_connection() -> None:
    line = (
        'audit: type=1400 audit(1695093000.123:45): apparmor="DENIED" operation="connect" '
        'profile="/usr/sbin/apache2" pid=3 comm="apache2" family="inet" sock_type="stream"'
    )
    assert [cause.slug for cause in explain([line]).causes] == ["connection-not-permitted"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (_AVC.replace('"httpd"', '"php-fpm"'), "another program"),
        (_AVC.replace("permissive=0", "permissive=1"), "did not stop httpd"),
        (
            'avc:  denied  { open } for  pid=12 comm="httpd" path="/srv/www/a.html" tclass=file '
            "scontext=system_u:system_r:httpd_t:s0",
            "/srv/www/a.html",
        ),
        ("SELinux is preventing /usr/sbin/nginx from name_connect access on the tcp_socket port 1.",
         "another program"),
    ],
)  # fmt: skip
def test_other_denials_are_no_cause(line: str, words: str) -> None:
    said = explain([line])
    assert words in said.lines[0].meaning
    assert not said.causes
