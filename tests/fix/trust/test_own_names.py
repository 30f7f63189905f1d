"""Which names the operator's own sources know: configuration, hosts file, internal domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard import config
from wizard.fix.trust.own_names import Files, OwnNames, read

HERE = frozenset({"10.0.0.5"})


def known(tmp_path: Path, *, node: str = "proxy", body: str = "", **texts: str) -> OwnNames:
    paths = {name: tmp_path / name for name in ("hosts", "resolver", "suffixes")}
    for name, text in texts.items():
        paths[name].write_text(text)
    file = tmp_path / "site.conf"
    file.write_text(
        "<VirtualHost *:80>\nServerName https://App.example:443\nServerAlias *.example b.example\n"
        f"ProxyPass /a https://10.0.0.5/\n{body}\n</VirtualHost>\n"
    )
    files = Files(**{name: str(path) for name, path in paths.items()}, node=node)
    return read(config.load(str(file)), files)


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        ("app.example", True),
        ("APP.example", True),
        ("b.example", True),
        ("evil.example", False),  # the alias is a pattern
        ("10.0.0.5", False),
        ("db.internal", True),
        ("member.internal", True),
    ],
)
def test_the_configuration_knows_what_stands_in_it(
    tmp_path: Path, name: str, is_known: bool
) -> None:
    body = (
        "ProxyPass /b http://db.internal/\nProxyPass /c balancer://pool/\n"
        "<Proxy balancer://pool>\nBalancerMember https://member.internal\n</Proxy>"
    )
    assert known(tmp_path, body=body).knows(name, HERE) is is_known


def test_the_hosts_file_knows_a_name_for_its_address_alone(tmp_path: Path) -> None:
    names = known(
        tmp_path,
        hosts="# 10.0.0.5 commented.corp\n10.0.0.5\tDB.corp db # evil.example\n"
        "10.0.0.6 other.corp\nnonsense evil.example\n0:0::1 six.corp\n",
    )
    assert names.knows("db.corp", HERE)
    assert names.knows("six.corp", frozenset({"::1"}))
    for name in ("other.corp", "evil.example", "commented.corp", "six.corp"):
        assert not names.knows(name, HERE)
    assert names.candidates(HERE)[:2] == ["db.corp", "db"]


@pytest.mark.parametrize(
    ("node", "texts", "name", "is_known"),
    [
        ("proxy.corp.example", {}, "db.corp.example", True),
        ("proxy.corp.example", {}, "corp.example", False),
        ("proxy.corp.example", {}, "db.corp.example.evil.net", False),
        ("proxy.corp.example", {}, "evilcorp.example", False),
        ("proxy", {"hosts": "127.0.1.1 proxy.corp.example proxy\n"}, "db.corp.example", True),
        ("proxy", {"hosts": "127.0.1.1 other.corp.example proxy\n"}, "db.corp.example", False),
        ("proxy", {"resolver": "search corp.example b.example\n"}, "db.b.example", True),
        ("proxy", {"resolver": "domain Corp.Example.\n"}, "db.corp.example", True),
        ("proxy", {"resolver": "# search corp.example\n"}, "db.corp.example", False),
        ("proxy", {"resolver": "search local\n"}, "db.local", False),
        ("proxy.lan", {}, "db.lan", False),
        ("proxy.co.uk", {}, "evil.co.uk", False),
        ("proxy.co.uk", {"suffixes": "uk\nco.uk\n"}, "evil.co.uk", False),
        ("proxy.firm.de", {}, "db.firm.de", False),  # who knows what de does
        ("proxy.firm.de", {"suffixes": "de\nco.uk\n"}, "db.firm.de", True),
        ("proxy.a.ck", {"suffixes": "// x\n*.ck\n!www.ck\n"}, "evil.a.ck", False),
        ("proxy.www.ck", {"suffixes": "*.ck\n!www.ck\n"}, "db.www.ck", True),
        ("proxy.github.io", {"suffixes": "io\ngithub.io\n"}, "evil.github.io", False),
    ],
)
def test_the_internal_domain_has_two_labels_and_is_nobody_elses(
    tmp_path: Path, node: str, texts: dict[str, str], name: str, is_known: bool
) -> None:
    assert known(tmp_path, node=node, **texts).knows(name, HERE) is is_known


def test_files_that_are_no_text_or_not_there_know_nothing(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_bytes(b"\xff\xfe\x00 10.0.0.5 evil\xff.example\n" * 9)
    (tmp_path / "resolver").mkdir()
    assert known(tmp_path).hosts == {}
    assert known(tmp_path).domains == frozenset()
