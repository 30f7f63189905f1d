"""The commands by hand: a shell takes them as they are shown."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from screens.texts import by_hand
from tests.cli.samples import CERTIFICATE, PROBE, ROUTE
from wizard.demo.lab import Lab
from wizard.demo.lessons import LESSONS
from wizard.engine.engine import Engine
from wizard.model.config import Route, Setting
from wizard.model.probe import DnsResult, ProbeReport

FILE = "/etc/apache2/proxy-trust/a-directory-with-a-long-name/and-another-one/corp-root.pem"
TRUSTING = replace(
    ROUTE,
    tls=replace(ROUTE.tls, ca_certificate_file=Setting(FILE), ca_certificate_path=Setting(None)),
)
_SAY = 'openssl() { printf "%s\\n" openssl "$@"; }; curl() { printf "%s\\n" curl "$@"; }\n'


def run(text: str) -> list[str]:
    """The words that a shell makes of commands, one after the other."""
    done = subprocess.run(
        ["/bin/sh", "-c", _SAY + text], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize("width", [20, 38, 55, 75, 100, 400])
def test_a_shell_reads_the_same_words_however_they_are_folded(width: int) -> None:
    words = run(by_hand.commands(TRUSTING, PROBE, width))
    host = "backend.internal"
    assert words == [
        "openssl", "s_client", "-connect", f"{host}:8443", "-servername", host, "-CAfile", FILE,
        "-verify_hostname", host, "curl", "-sS", "-I", "-k", "-H", f"Host: {host}:8443",
        f"https://{host}:8443/",
    ]  # fmt: skip


def test_no_line_is_wider_than_there_is_room() -> None:
    lines = by_hand.commands(TRUSTING, PROBE, 55).splitlines()
    assert max(map(len, lines)) <= 55


def shown(route: Route, probe: ProbeReport | None = PROBE) -> str:
    return " ".join(run(by_hand.commands(route, probe, 75)))


def test_a_backend_that_no_ca_is_trusted_for_is_asked_without_any() -> None:
    assert "-no-CAfile -no-CApath -no-CAstore" in shown(ROUTE)
    path = replace(ROUTE, tls=replace(ROUTE.tls, ca_certificate_path=Setting("/etc/ssl/certs")))
    assert "-CApath /etc/ssl/certs" in shown(path)
    assert "-no-CA" not in shown(path)


def test_the_name_is_checked_where_httpd_checks_it() -> None:
    off = Setting(False, ROUTE.source)
    assert "-verify_hostname" not in shown(
        replace(ROUTE, tls=replace(ROUTE.tls, check_peer_name=off))
    )


def test_the_name_that_the_browser_sent_goes_to_the_backend() -> None:
    backend = replace(ROUTE.backend, sni="app.example.com", check_name="app.example.com",
                      host_header="app.example.com")  # fmt: skip
    words = shown(replace(ROUTE, backend=backend))
    assert "-servername app.example.com" in words
    assert "--connect-to app.example.com:8443:backend.internal:8443" in words
    assert words.endswith("https://app.example.com:8443/")


def test_an_address_gets_no_server_name() -> None:
    backend = replace(ROUTE.backend, host="::1", sni=None, check_name="::1")
    words = shown(replace(ROUTE, backend=backend))
    assert "-connect [::1]:8443 -noservername" in words
    assert words.endswith("https://[::1]:8443/")


def test_an_address_that_was_assumed_is_known_to_nobody_else() -> None:
    probe = replace(PROBE, dns=DnsResult(("192.0.2.7",), 0.0, assumed=True))
    words = shown(ROUTE, probe)
    assert "-connect 192.0.2.7:8443 -servername backend.internal" in words
    assert "--connect-to backend.internal:8443:192.0.2.7:8443" in words


def test_the_way_is_the_one_that_httpd_takes() -> None:
    through = replace(PROBE, request=replace(PROBE.request, forward_proxy="http://proxy.test:3128"))
    assert "-proxy proxy.test:3128" in shown(ROUTE, through)
    assert "-x http://proxy.test:3128" in shown(ROUTE, through)
    socket = replace(ROUTE, backend=replace(ROUTE.backend, socket="/run/app.sock"))
    assert "-unix /run/app.sock" in shown(socket)
    assert "--unix-socket /run/app.sock" in shown(socket)
    http2 = replace(ROUTE, backend=replace(ROUTE.backend, scheme="h2"))
    assert "-alpn h2" in shown(http2)


def test_a_body_is_asked_for_where_the_probe_did() -> None:
    assert PROBE.http is not None
    got = replace(PROBE, http=replace(PROBE.http, method="GET"))
    assert "-o /dev/null -D -" in shown(ROUTE, got)


def test_plain_http_has_no_handshake() -> None:
    plain = replace(ROUTE, backend=replace(ROUTE.backend, scheme="http", sni=None))
    assert run(by_hand.commands(plain, PROBE, 75))[0] == "curl"
    assert "-k" not in shown(plain).split()
    assert "openssl" not in by_hand.commands(plain, PROBE, 75)


def test_no_command_holds_digits_of_a_fingerprint() -> None:
    assert CERTIFICATE.sha256 not in by_hand.commands(ROUTE, PROBE, 400).lower()
    assert "ab:ab" not in by_hand.commands(ROUTE, PROBE, 400).lower()


def test_without_a_backend_there_is_no_command() -> None:
    nowhere = replace(ROUTE, backend=replace(ROUTE.backend, host=""))
    assert by_hand.commands(nowhere, None, 75) == "There is no backend to connect to."


def test_what_a_shell_would_act_on_is_quoted() -> None:
    path = "/a $(touch x) 'b"
    route = replace(ROUTE, tls=replace(ROUTE.tls, ca_certificate_file=Setting(path)))
    assert path in run(by_hand.commands(route, PROBE, 75))


def test_openssl_says_by_hand_what_httpd_says() -> None:
    """Of an address: openssl must not take the address that the certificate has."""
    lesson = next(each for each in LESSONS if each.name == "ip-address")
    with Lab() as lab:
        engine = Engine(lab.scope(lesson), resolver=lab.resolver, state=lab.state)
        (found,) = engine.diagnose(engine.load(), engine.load().routes).diagnoses
        text = by_hand.commands(found.case.route, found.case.probe, 40)
        done = subprocess.run(["/bin/sh", "-c", text], capture_output=True, text=True, check=False)
    assert "Verify return code: 62 (hostname mismatch)" in done.stdout
    assert "200 OK" in done.stdout  # of curl
