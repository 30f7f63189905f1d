"""What is said of lines that are meant to proxy: refused ones, balancers, their modules."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.findings.cases import backend, failed_connection, route
from tests.findings.test_forward_proxy import through
from tests.support import httpd
from wizard import config
from wizard.engine.engine import Engine
from wizard.findings import diagnose
from wizard.model.diagnosis import Case, Diagnosis
from wizard.model.scope import HttpdChoice, Scope
from wizard.probe.resolve import FixedResolver
from wizard.verdict import predict

MEMBERS = "<Proxy balancer://mycluster>\nBalancerMember http://127.0.0.1:1\n{}</Proxy>\n"
TO_BALANCER = "ProxyPass / balancer://mycluster/"


def diagnosed(
    root: Path,
    body: str,
    *without: str,
    probe: bool = False,
    names: Mapping[str, Sequence[str]] | None = None,
) -> Diagnosis:
    """The first route of a whole configuration; no httpd is asked."""
    file = root / "httpd.conf"
    file.write_text(
        f"ServerRoot {root}\nUser nobody\nServerName x\nListen 127.0.0.1:1\n"
        f"{httpd.load_modules(without)}\n"
        f"<VirtualHost *:1>\nServerName a.test\n{body}\n</VirtualHost>\n"
    )
    scope = Scope(path=str(file), probe=probe, httpd=HttpdChoice(ask=False))
    resolver = FixedResolver(names) if names is not None else None
    return Engine(scope, resolver=resolver).check().diagnoses[0]


def _advice(found: Diagnosis) -> str:
    return " ".join(f"{r.text} {r.command or ''}" for r in found.findings[0].remedies)


@pytest.mark.parametrize(
    ("body", "slug", "advice"),
    [
        ("ProxyPass / backend:8080/", "configuration-refused", "Write http://backend:8080/."),
        ("ProxyPass / https:/app:8443/", "configuration-refused", "Write https://app:8443/."),
        ("ProxyPass / http//app/", "configuration-refused", "Write http://app/."),
        ("ProxyPass / https:///app:8/", "configuration-refused", "or it is https://app:8/."),
        ("ProxyPass / http://app:80:81/", "configuration-refused", "one colon and a port"),
        (
            "ProxyPass / unix:/run/app.sock",
            "configuration-refused",
            "unix:/run/app.sock|http://localhost/",
        ),
        ("ProxyPass / http://app/ websocket=on", "configuration-refused", "upgrade=websocket"),
        ("ProxyPass / http://app/ timeot=5", "configuration-refused", "Probably timeout= is meant"),
        ("ProxyPass / http://app/a b/", "configuration-refused", "Test it"),
        ("ProxyPass ws://app:1/", "configuration-refused", "Write ProxyPass PATH URL"),
        ("<Location /a>\nProxyPass /a http://app/\n</Location>", "configuration-refused", "Write"),
        (
            "<Directory /x>\nProxyPass / http://app/\n</Directory>",
            "directive-not-allowed-here",
            "into the virtual host",
        ),
        (
            MEMBERS.format("BalancerMember 127.0.0.1:2\n") + TO_BALANCER,
            "configuration-refused",
            "Write http://127.0.0.1:2.",
        ),
        (
            MEMBERS.format("ProxySet lbmethod=roundrobin\n") + TO_BALANCER,
            "configuration-refused",
            "byrequests, bytraffic, bybusyness, heartbeat",
        ),
        (
            MEMBERS.format("ProxySet lbmethod=bytraffic\n") + TO_BALANCER,
            "module-missing",
            "LoadModule lbmethod_bytraffic_module",
        ),
        ("ProxyPass / balancer://mycluster/", "balancer-member-disabled", "Give it members"),
        (
            MEMBERS.format("") + "ProxyPass / balancer://myclutser/",
            "balancer-member-disabled",
            "Write balancer://mycluster/ here",
        ),
        (
            'ProxyPass "/my app/" http://app',
            "missing-trailing-slash",
            'ProxyPass "/my app/" http://app/\nProxyPassReverse "/my app/" http://app/',
        ),
        (
            MEMBERS.format("") + 'ProxyPass "/my app/" balancer://mycluster',
            "missing-trailing-slash",
            'ProxyPass "/my app/" balancer://mycluster/',
        ),
        ("ProxyPassMatch ^/(.*)$ http://app:1$1", "missing-trailing-slash", "http://app:1/$1"),
        ("ProxyPassMatch ^/a/(.*)$ http://app$1", "missing-trailing-slash", "http://app/$1"),
        (
            "RewriteEngine On\nRewriteRule ^/?(.*) http://app:1$1 [P]",
            "missing-trailing-slash",
            "http://app:1/$1",
        ),
        (
            MEMBERS.format("") + "ProxyPass / balancer://mycluster",
            "missing-trailing-slash",
            "balancer://mycluster/",
        ),
    ],
)
def test_the_first_cause_and_what_to_write(
    body: str, slug: str, advice: str, tmp_path: Path
) -> None:
    found = diagnosed(tmp_path, body)
    assert (found.verdict.outcome, found.findings[0].slug) == ("fail", slug)
    assert advice in _advice(found)


def test_the_scheme_that_lacks_a_module_is_the_balancers(tmp_path: Path) -> None:
    found = diagnosed(tmp_path, MEMBERS.format("") + TO_BALANCER, "proxy_balancer")
    assert "no handler for balancer://" in found.findings[0].explanation


def test_a_method_that_is_refused_is_told_once(tmp_path: Path) -> None:
    body = MEMBERS.format("ProxySet lbmethod=none\n") + TO_BALANCER
    assert len(diagnosed(tmp_path, body).case.problems) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone asks for another user")
@pytest.mark.parametrize(
    ("made", "slug", "words"),
    [(False, "connection-refused", "ss -xlp"), (True, "connection-not-permitted", "namei -l")],
)
def test_a_socket_is_a_file(made: bool, slug: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "s" if made else Path("/run/is-not/there.sock")
    with socket.socket(socket.AF_UNIX) as server:
        if made:
            server.bind(str(path))
            server.listen()
            path.chmod(0o600)
        body = f"ProxyPass / unix:{path}|http://localhost/"
        found = diagnosed(tmp_path, body, probe=True)
    assert found.findings[0].slug == slug
    assert words in _advice(found)
    assert "port" not in found.findings[0].explanation


@pytest.mark.parametrize(
    "line",
    ["ProxyPassMatch ^(/.*)$ http://app:1$1", r"ProxyPassMatch ^/([0-9]+)$ http://node$1"],
)
def test_a_group_with_its_own_slash_or_of_a_name_is_no_fault(line: str, tmp_path: Path) -> None:
    assert diagnosed(tmp_path, line).verdict.outcome == "unknown"


@pytest.mark.parametrize(
    ("host", "advice"),
    [
        ("127.0.0.1:", "Take the colon away behind 127.0.0.1"),
        ("unix:", "unix:/PATH|http://localhost/"),
        ("no-such-service", "Docker network"),
        ("host.docker.internal", "host-gateway"),
    ],
)
def test_a_host_that_is_none(host: str, advice: str, tmp_path: Path) -> None:
    found = diagnosed(tmp_path, f"ProxyPass / http://{host}/", probe=True, names={})
    assert (found.verdict.status, found.findings[0].slug) == (500, "dns-failure")
    assert advice in _advice(found)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("http://app/", "http://app/", True),
        ("ws://app/", "http://app/", True),
        ("http://app/", "ws://app/", False),
        ("http://app/", "http://app/ timeout=5", False),
        ("http://app/", "http://other/", False),
    ],
)
def test_a_line_that_repeats_another_loses_nothing(
    first: str, second: str, same: bool, tmp_path: Path
) -> None:
    diagnosed(tmp_path, f"ProxyPass / {first}\nProxyPass / {second}")
    scope = Scope(str(tmp_path / "httpd.conf"), probe=False, httpd=HttpdChoice(ask=False))
    found = Engine(scope).check().diagnoses[1]
    assert found.verdict.outcome == ("ok" if same else "fail")
    assert found.findings[0].severity == ("warning" if same else "critical")


def test_a_refused_line_has_the_policy_of_its_virtual_host(tmp_path: Path) -> None:
    strict = "SSLProxyEngine on\nSSLProxyVerify require\nSSLProxyCACertificateFile /dev/null"
    line = "<Location /a>\nProxyPass /a https://app/\n</Location>"
    found = diagnosed(tmp_path, f"{strict}\n{line}")
    assert {"engine-off", "verification-off"}.isdisjoint(f.slug for f in found.findings)


def test_refused_lines_say_where_they_stand_and_are_at_most_a_hundred(tmp_path: Path) -> None:
    lines = "".join(f"ProxyPass /{n} http://app/\n" for n in range(150))
    text = f"<Location /a>\nProxyPass /a http://app/\n</Location>\n<Directory /x>\n{lines}"
    diagnosed(tmp_path, f"{text}</Directory>")
    routes = config.load(str(tmp_path / "httpd.conf"), httpd=HttpdChoice(ask=False)).routes
    assert [route.kind for route in routes[:2]] == ["ProxyPass in Location", "ProxyPass"]
    assert len(routes) == 100


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("BalancerMember http://127.0.0.2:1\n", "goes on to another member"),
        ("BalancerMember http://127.0.0.2:1 status=+D\n", "The client gets 503 ("),
        ("", "The client gets 503 ("),
    ],
)
def test_a_dead_member_is_told_with_those_that_are_left(
    second: str, words: str, tmp_path: Path
) -> None:
    found = diagnosed(tmp_path, MEMBERS.format(second) + TO_BALANCER, probe=True)
    assert found.findings[0].slug == "connection-refused"
    assert words in found.findings[0].explanation


SOCKET = "/run/app.sock"


@pytest.mark.parametrize(
    "case",
    [
        backend(failed_connection("refused"), socket=SOCKET),
        backend(failed_connection("not-permitted"), socket=SOCKET),
        through(failed_connection("refused")),
    ],
    ids=["dead socket", "forbidden socket", "forward proxy"],
)
@pytest.mark.parametrize("others", [0, 1])
def test_so_is_one_behind_a_socket_or_a_forward_proxy(case: Case, others: int) -> None:
    case = route(case, balancer="app", balancer_statuses=("",) * (1 + others))
    case = replace(case, httpd=replace(case.httpd, modules=()))  # not known: none is missed
    told = diagnose(case, predict(case))[0].explanation
    assert ("goes on to another member" in told) is bool(others)
    assert ("The client gets 503 (" in told) is (others == 0)
