"""Commands are made from the line: no example value where the line gives the real one."""

from __future__ import annotations

import pytest

from wizard.findings import forward_proxy
from wizard.findings.table import TABLE
from wizard.logs import explain, filling, remedies
from wizard.model.explanation import Cause
from wizard.model.remedy import Remedy

_REFUSED = "[proxy:error] [pid 4646] (111)Connection refused: AH00957: {} failed"
_FORBIDDEN = "[proxy:error] [pid 4646] (13)Permission denied: AH00957: {} failed"
_NO_HANDLER = "[proxy:warn] [pid 986] [client 192.0.2.158:11400] AH01144: No protocol handler was \
valid for the URL /x (scheme '{}')."


def first(*lines: str) -> Cause:
    return explain(lines).causes[0]


def commands(found: tuple[Remedy, ...]) -> str:
    return "\n".join(remedy.command or "" for remedy in found)


@pytest.mark.parametrize(
    ("line", "wanted", "unwanted"),
    [
        (
            _REFUSED.format("HTTP: attempt to connect to 127.0.0.1:1337 (localhost)"),
            ["grep 1337", "curl -s http://localhost:1337/"],
            ["8443", "backend.internal", "https", "-sk"],
        ),
        (
            _REFUSED.format("ws: attempt to connect to 127.0.0.1:1337 (a.example:1337)"),
            ["curl -s http://a.example:1337/"],
            ["ws://", "https"],
        ),
        (
            _REFUSED.format("https: attempt to connect to 192.0.2.7:9443 (192.0.2.7:9443)"),
            ["curl -sk https://192.0.2.7:9443/"],
            ["8443", "backend.internal"],
        ),
        (
            _REFUSED.format("https: attempt to connect to [::1]:9443 (::1:9443)"),
            ["grep 9443", "https://[::1]:9443/"],
            ["8443"],
        ),
        (
            _REFUSED.format("FCGI: attempt to connect to 127.0.0.1:9000 (127.0.0.1:9000)"),
            ["grep 9000"],
            ["8443", "curl", "openssl"],
        ),
        (
            _FORBIDDEN.format("AJP: attempt to connect to 127.0.0.1:8019 (localhost)"),
            ["-p tcp 8019"],
            ["8443", "curl"],
        ),
        (
            "(70007)The timeout specified has expired: AH00957: HTTP: attempt "
            "to connect to 192.0.2.9:8080 (app.corp.example) failed",
            [
                "tcp port 8080",
                "ProxyPass / http://app.corp.example:8080/",
                "http://app.corp.example",
            ],
            ["8443", "backend.internal", "https"],
        ),
        (
            "(EAI 2)Name or service not known: AH00898: DNS lookup failure for: "
            "app.corp.example:36927login returned by /login",
            ["http://app.corp.example:36927/", "/login"],
            ["8443", "backend.internal", "/foo"],
        ),
        (
            "SSLCACertificateFile: file '/etc/pki/x.pem' does not exist or is empty",
            ["SSLCACertificateFile /etc/pki/x.pem"],
            ["SSLProxy", "backend-ca.pem -noout", "/etc/ssl/backend-ca.pem"],
        ),
    ],
)
def test_commands_have_what_the_line_names(
    line: str, wanted: list[str], unwanted: list[str]
) -> None:
    shown = commands(first(line).remedies)
    assert [word for word in wanted if word not in shown] == []
    assert [word for word in unwanted if word in shown] == []


@pytest.mark.parametrize(
    ("scheme", "modules"),
    [
        ("http", {"proxy_http"}),
        ("https", {"proxy_http", "ssl"}),
        ("h2", {"proxy_http2", "ssl"}),
        ("h2c", {"proxy_http2"}),
        ("ajp", {"proxy_ajp"}),
        ("fcgi", {"proxy_fcgi"}),
        ("uwsgi", {"proxy_uwsgi"}),
        ("balancer", {"proxy_balancer", "slotmem_shm", "lbmethod_byrequests"}),
        ("ws", {"proxy_http", "proxy_wstunnel"}),
        ("wss", {"proxy_http", "proxy_wstunnel", "ssl"}),
        ("gopher", set()),
    ],
)
def test_the_modules_are_those_of_the_scheme(scheme: str, modules: set[str]) -> None:
    cause = first(_NO_HANDLER.format(scheme))
    assert cause.slug == "module-missing"
    assert cause.certain is (scheme not in ("balancer", "ws", "wss"))
    shown = commands(cause.remedies).replace("LoadModule ", "\n").split()
    assert {word for word in shown if f"{word}_module" in shown} == modules
    said = " ".join(remedy.text for remedy in cause.remedies)
    assert ("before 2.4.47" in said) is scheme.startswith("ws")


def test_a_directive_names_its_module() -> None:
    causes = explain(["Invalid command 'Header', perhaps misspelled or defined by a module"]).causes
    shown = {cause.slug: commands(cause.remedies) for cause in causes}
    assert "a2enmod headers\n" in shown["module-missing"]
    assert "proxy_http" not in shown["module-missing"]


def test_a_cause_that_is_not_certain_ends_with_the_command_that_decides() -> None:
    lines = [
        "[ssl:info] [pid 7:tid 9] [remote 192.0.2.2:8443] AH01964: Connection to child 0 "
        "established (server www.corp.example:443)",
        "[proxy_http:error] [pid 7:tid 9] (104)Connection reset by peer: [client 192.0.2.1:4] "
        "AH01102: error reading status line from remote server app.corp.example:9443",
    ]
    causes = explain(lines).causes
    assert not any(cause.certain for cause in causes)
    decided = {cause.remedies[-1].command for cause in causes}
    assert decided == {"proxy-wizard check --vhost www.corp.example"}
    named = first(_REFUSED.format("HTTP: attempt to connect to 127.0.0.1:1337 (localhost)"))
    assert named.certain
    assert "proxy-wizard check" not in commands(named.remedies)


@pytest.mark.parametrize("name", ["$(reboot)", "a;b", "-x", "a`b`", "'"])
def test_nothing_from_a_line_but_names_gets_into_a_command(name: str) -> None:
    for line in (
        f"AH01964: Connection to child 0 established (server {name}:443)",
        f"AH00898: DNS lookup failure for: backend.internal:8443{name} returned by /{name}",
        f"SSLCACertificateFile: file '/etc/{name}/x' does not exist or is empty",
        _NO_HANDLER.format(name),
        f"AH00940: FCGI: disabled connection for ({name}:80)",
        f"AH01114: HTTP: failed to make connection to backend: {name}",
    ):
        for cause in explain([line, "AH01102: error reading status line"]).causes:
            words = commands(cause.remedies)
            assert name == "'" or f" {name}" not in words, line


_CONNECT = """\
[proxy:error] [pid 26386:tid 26489] AH00950: send_http_connect: the remote proxy returned code \
is '{}'
[proxy:error] [pid 26386:tid 26489] (70008)Partial results are valid but processing is incomplete: \
AH00958: https: attempt to connect to external.example:443 via http CONNECT through 192.0.2.8:8080 \
(192.0.2.8:8080) failed
[proxy_http:error] [pid 26386:tid 26489] [client 192.0.2.1:39882] AH01114: HTTP: failed to make \
connection to backend: 192.0.2.8"""


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (407, "wants a login (407)"),
        (403, "access rules do not allow it (403)"),
        (502, "cannot reach the backend itself (502)"),
        (418, "answers 418"),
    ],
)
def test_a_forward_proxys_refusal_is_told_as_check_tells_it(status: int, said: str) -> None:
    explanation = explain(_CONNECT.format(status).splitlines())
    (cause,) = explanation.causes
    assert cause.slug == "connection-reset"
    assert cause.explanation.startswith(forward_proxy.NO_TUNNEL)
    assert said in cause.explanation
    _, helps = forward_proxy.refusal(status, "external.example:443")
    assert list(cause.remedies[: len(helps)]) == helps
    assert commands(cause.remedies).endswith(
        "-x http://192.0.2.8:8080 -k https://external.example:443/"
    )
    told = " ".join(line.meaning for line in explanation.lines)
    assert "backend closed" not in told
    assert "own log" not in " ".join(r.text for r in cause.remedies if status in (403, 407))


def test_a_socket_that_may_not_be_made_is_no_refused_connection() -> None:
    lines = [
        "[proxy:error] [pid 1:tid 2] (13)Permission denied: AH00952: FCGI: error creating fam 2 "
        "socket for target 127.0.0.1",
        "[proxy:error] [pid 1:tid 2] AH00959: ap_proxy_connect_backend disabling worker for "
        "(127.0.0.1) for 60s",
        "[proxy:error] [pid 1:tid 3] AH00940: FCGI: disabled connection for (127.0.0.1)",
    ]
    explanation = explain(lines)
    assert [cause.slug for cause in explanation.causes] == ["connection-not-permitted"]
    assert "RestrictAddressFamilies" in explanation.lines[0].meaning
    other = "[proxy:error] [pid 1:tid 4] AH00940: HTTP: disabled connection for (a.example:80)"
    assert "connection-refused" in {cause.slug for cause in explain([*lines, other]).causes}
    assert "connection-refused" in {cause.slug for cause in explain([other]).causes}


def test_a_body_that_breaks_off_may_be_a_refused_client_certificate() -> None:
    line = (
        "[proxy:error] [pid 7:tid 1] (104)Connection reset by peer: [client 192.0.2.7:42370] "
        "AH01084: pass request body failed to 192.0.2.80:8443 (backend.internal)"
    )
    explanation = explain([line])
    assert "client-certificate-required" in [cause.slug for cause in explanation.causes[:2]]
    assert "until an alert is logged" in explanation.lines[0].meaning
    assert "LogLevel warn ssl:info" in explanation.lines[0].meaning


def test_a_remedy_names_its_side_and_what_only_looks_says_so() -> None:
    for slug in TABLE:
        for remedy in remedies.of(slug, certain=False):
            looks = remedy.text.startswith(("To verify it:", "These lines alone"))
            assert remedy.looks or not looks, remedy
            assert remedy.looks or not remedy.text.startswith("On the backend"), remedy
            written = (remedy.command or "").startswith(("proxy-wizard fix", "openssl_conf ="))
            if written or remedy.text.startswith("On this machine"):
                assert remedy.where == "config", remedy
    sides = [remedy.place for remedy in remedies.of("dh-parameters-too-small")]
    assert sides == ["on the backend", "on the backend", "in the configuration", "to find out"]
    sides = [remedy.place for remedy in remedies.of("legacy-renegotiation")]
    assert sides == ["on the backend", "in the configuration", "to find out"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("SSLProxyVerfy", "Write SSLProxyVerify, if that is meant"),
        ("SSLProxyMachineCertificate", "For a file SSLProxyMachineCertificateFile is meant"),
        ("proxy_pass", "ProxyPass PATH URL"),
        ("FooBarBaz", "Correct the spelling"),
    ],
)
def test_a_name_that_no_httpd_has_is_corrected_and_no_other_is_named(
    name: str, written: str
) -> None:
    text = f"Invalid command '{name}', perhaps misspelled or defined by a module not included"
    (cause,) = explain([text]).causes
    assert cause.slug == "unknown-directive"
    assert written in cause.remedies[0].text
    assert [r.command for r in cause.remedies] == [None, "apachectl configtest"]


@pytest.mark.parametrize(
    ("host", "port", "shown"),
    [
        ("app.corp", 8080, "app.corp:8080"),
        ("::1", 80, "[::1]:80"),
        ("app.corp", 0, ""),
        ("app.corp", 65536, ""),
        ("$(id)", 80, ""),
        ("a;id", 80, ""),
        ("", 80, ""),
    ],
)
def test_a_place_is_shown_only_where_it_can_be_pasted(host: str, port: int, shown: str) -> None:
    assert filling.place(host, port) == shown
