"""Which request is imagined: ``--path``, ``--websocket``, ``--client``, on a real backend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.answers.backend import RuleBackend
from wizard.cli.main import main

RULES: list[dict[str, Any]] = [
    {
        "when": {"path": "/login"},
        "status": 302,
        "headers": [["Location", "http://{host}/in"], ["Set-Cookie", "sid=sEcr3t; Path=/"]],
    },
    {"when": {"path": "/live", "header": {"Upgrade": "websocket"}}, "status": 101,
     "headers": [["Upgrade", "websocket"], ["Connection", "Upgrade"]]},
    {"when": {}, "status": 200, "body": "page\n"},
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    backend = RuleBackend(RULES, None)
    file = tmp_path / "site.conf"
    file.write_text(
        "<VirtualHost *:80>\nServerName www.example.com\n<Location />\n"
        "Require ip 10.0.0.0/8\n</Location>\n"
        "<Location /admin>\nRequire all denied\n</Location>\n"
        f"ProxyPassMatch ^/(m[0-9].*)$ http://127.0.0.1:{backend.port}/x/$1\n"
        f"ProxyPass / http://127.0.0.1:{backend.port}/\n</VirtualHost>\n"
    )
    try:
        yield file
    finally:
        backend.stop()


def routes(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    main(["check", "--no-httpd", "--format", "json", *words])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["routes"]
    return [one for one in found if one["path"] == "/"]


def slugs(route: dict[str, Any]) -> set[str]:
    return {finding["slug"] for finding in route["findings"]}


def test_a_path_is_asked_for(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (plain,) = routes(capsys, str(site))
    assert plain["probe"]["http"]["location"] is None
    assert plain["probe"]["http"]["cookies"] == []
    (login,) = routes(capsys, "--path", "/login", str(site))
    assert login["probe"]["http"]["status"] == 302
    assert login["probe"]["http"]["location"].endswith("/in")
    assert login["probe"]["http"]["cookies"] == ["sid"]
    assert "redirect-leaks-backend" in slugs(login)
    assert "sEcr3t" not in json.dumps(login)
    both = routes(capsys, "--path", "/", "--path", "/login", str(site))
    assert [one["probe"]["http"]["status"] for one in both] == [200, 302]


def test_what_a_section_says_of_the_path_counts(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (inside,) = routes(capsys, "--path", "/admin/x", "--client", "10.1.2.3", str(site))
    assert (inside["verdict"]["stage"], inside["verdict"]["status"]) == ("access", 403)
    assert inside["findings"][0]["evidence"][0].endswith("Require all denied")


def test_an_expression_takes_a_path(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--no-httpd", "--format", "json", "--path", "/m7/y", str(site)])
    by_path = {one["path"]: one for one in json.loads(capsys.readouterr().out)["routes"]}
    assert by_path["^/(m[0-9].*)$"]["probe"]["http"]["status"] == 200


def test_a_client_is_let_in_or_not(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (anybody,) = routes(capsys, str(site))
    assert (anybody["verdict"]["stage"], anybody["verdict"]["status"]) == (None, 200)
    assert "access-denied" in slugs(anybody)
    (inside,) = routes(capsys, "--client", "10.1.2.3", str(site))
    assert "access-denied" not in slugs(inside)
    (outside,) = routes(capsys, "--client", "192.0.2.7", str(site))
    assert (outside["verdict"]["stage"], outside["verdict"]["status"]) == ("access", 403)
    assert outside["findings"][0]["slug"] == "access-denied"


def test_what_is_behind_a_barrier_is_asked_further(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules: list[dict[str, Any]] = [
        {"when": {"host": "www\\.example\\.com"}, "status": 200, "body": "page\n"},
        {"when": {}, "status": 400},
    ]
    backend = RuleBackend(rules, None)
    try:
        file = tmp_path / "site.conf"
        file.write_text(
            "<VirtualHost *:80>\nServerName www.example.com\n<Location />\n"
            "Require all denied\n</Location>\n"
            f"ProxyPass / http://127.0.0.1:{backend.port}/\n</VirtualHost>\n"
        )
        (route,) = routes(capsys, "--timeout", "2", str(file))
    finally:
        backend.stop()
    assert [one["slug"] for one in route["findings"]][:2] == ["access-denied", "host-refused"]


def test_a_websocket_is_asked_for(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (route,) = routes(capsys, "--websocket", "/live", str(site))
    assert "websocket-not-passed" in slugs(route)
    (route,) = routes(capsys, "--websocket", "/other", str(site))
    assert "websocket-not-passed" not in slugs(route)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--client", "example.com"], "is no IP address"),
        (["--client", "fe80::1%eth0"], "is no IP address"),
        (["--path", "login"], "begins with a slash"),
        (["--path", "/a b"], "percent-encoded"),
        (["--path", "/a\r\nX: y"], "percent-encoded"),
        (["--websocket", "/" + "x" * 3000], "is no path"),
    ],
)
def test_what_is_no_request(
    words: list[str], said: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", *words, str(site)])
    assert ended.value.code == 3
    assert said in " ".join(capsys.readouterr().err.split())
