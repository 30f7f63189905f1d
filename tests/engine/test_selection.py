"""``--vhost``: names, aliases with httpd's wildcards, ports, addresses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import httpd
from tests.support.yardstick import bounded
from wizard import config
from wizard.engine.selection import select
from wizard.errors import UsageError
from wizard.model.config import Configuration
from wizard.model.scope import Scope

SITES = """\
<VirtualHost *:443>
ServerName app.example.com:443
ServerAlias *.example.com w?w.example.org
ProxyPass / http://first.internal/
</VirtualHost>
<VirtualHost *:80 [::1]:8080>
ServerName www.example.com
ProxyPass / http://second.internal/
</VirtualHost>
<VirtualHost 127.0.0.1>
ServerName https://any.test/
ProxyPass / http://third.internal/
</VirtualHost>
<VirtualHost *:9000>
ProxyPass / http://fourth.internal/
</VirtualHost>
"""


@pytest.fixture
def sites(tmp_path: Path) -> Configuration:
    file = tmp_path / "sites.conf"
    file.write_text(SITES)
    return config.load(str(file))


@pytest.mark.parametrize(
    ("wanted", "host"),
    [
        ("app.example.com", "first"),
        ("APP.example.com.", "first"),
        ("shop.example.com", "first"),
        ("a.b.example.com:443", "first"),
        ("wiw.example.org", "first"),
        ("*.example.com", "first"),
        ("www.example.com", "second"),  # the name itself, though the alias fits too
        ("www.example.com:80", "second"),
        ("www.example.com:8080", "second"),
        ("www.example.com:443", "first"),
        ("any.test:81", "third"),
        ("127.0.0.1", "third"),
        ("127.0.0.1:*", "third"),
        ("*:9000", "fourth"),
        ("[::1]:8080", "second"),
    ],
)
def test_named(sites: Configuration, wanted: str, host: str) -> None:
    assert [r.backend.host for r in select(sites, Scope(vhost=wanted))] == [f"{host}.internal"]


@pytest.mark.parametrize(
    "wanted",
    [
        "example.com",
        "app.example.com:80",
        "shop.example.com:80",
        "w.example.org",
        "*:1",
        "",
        ":443",
    ],
)
def test_not_named(sites: Configuration, wanted: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(sites, Scope(vhost=wanted))
    for known in ("app.example.com:443", "www.example.com:8080", "any.test", "*:9000"):
        assert known in caught.value.hint


def test_a_main_server_is_named_without_a_port(tmp_path: Path) -> None:
    file = tmp_path / "main.conf"
    file.write_text(
        "Listen 80\nServerName https://main.test:8443\nProxyPass / http://main.internal/\n"
    )
    assert len(select(config.load(str(file)), Scope(vhost="main.test"))) == 1
    with pytest.raises(UsageError) as caught:
        select(config.load(str(file)), Scope(vhost="other.test"))
    assert caught.value.hint == "Virtual hosts: main.test."


def test_no_alias_takes_long(tmp_path: Path) -> None:
    """A backtracking match of it would take years."""
    file = tmp_path / "bomb.conf"
    file.write_text(
        f"<VirtualHost *:80>\nServerName a.test\nServerAlias {'*a' * 60}b\n"
        "ProxyPass / http://b.internal/\n</VirtualHost>\n"
    )
    with bounded(2), pytest.raises(UsageError):
        select(config.load(str(file)), Scope(vhost="a" * 200))


def test_a_route_and_those_that_share_its_settings(tmp_path: Path) -> None:
    """One name at two addresses: the other virtual host is not meant; a balancer's members are."""
    pool = "<Proxy balancer://p>\nBalancerMember https://a\nBalancerMember https://b\n</Proxy>\n"
    host = "ServerName a.test\nProxyPass /x https://c/\nProxyPass / balancer://p/\n</VirtualHost>\n"
    file = tmp_path / "httpd.conf"
    file.write_text(f"{pool}<VirtualHost *:80>\n{host}<VirtualHost *:443>\n{host}")
    configuration = config.load(str(file))
    wanted = configuration.routes[-1]
    found = select(configuration, Scope(target=wanted))
    assert [(r.id.vhost, r.backend.host) for r in found] == [(2, "a"), (2, "b")]
    with pytest.raises(UsageError, match="any more"):
        select(replace(configuration, routes=found[:1]), Scope(target=wanted))


def test_a_virtual_host_put_in_before_the_chosen_one_is_not_taken_for_it(tmp_path: Path) -> None:
    """As an editor may do while the wizard is open; what a plan itself changes is known."""
    host = "ServerName a.test\nProxyPass / https://a/\n</VirtualHost>\n"
    file = tmp_path / "httpd.conf"
    file.write_text(f"<VirtualHost *:80>\n{host}<VirtualHost *:443>\n{host}")
    wanted = config.load(str(file)).routes[1]
    file.write_text(
        f"<VirtualHost *:8080>\n{host}<VirtualHost *:80>\n{host}<VirtualHost *:443>\n{host}"
    )
    with pytest.raises(UsageError, match="edited meanwhile"):
        select(config.load(str(file)), Scope(target=wanted))
    file.write_text(
        f"<VirtualHost *:80>\n{host}<VirtualHost *:443>\n{host}".replace("https://a/", "https://b/")
    )
    changed = config.load(str(file))
    with pytest.raises(UsageError, match="edited meanwhile"):
        select(changed, Scope(target=wanted))
    assert select(changed, Scope(target=wanted, overlay={})) == (changed.routes[1],)


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        (
            "RewriteEngine on\nRewriteRule ^/(.*) http://app:1/$1 [L]",
            "it proxies with the flag [P]",
        ),
        ("RewriteRule ^/(.*) http://app:1/$1 [NC,P]", "RewriteEngine is not on for its requests"),
        (
            "RewriteEngine on\n<IfDefine NOPE>\nRewriteRule ^ http://app:1/ [P]\n</IfDefine>",
            "a section (IfModule, IfDefine) leaves it out",
        ),
        ("RewriteRule ^/(.*) http://app:1/$1 \\\n [P]", "site.conf:4 does nothing: RewriteEngine"),
        ("RewriteEngine on\nRewriteRule ^ https://%{HTTP_HOST}/ [R]", "Name the file"),
        ("# RewriteRule ^ http://app/ [P]", "Name the file"),
    ],
)
def test_a_rule_that_does_not_proxy_is_named(lines: str, hint: str, tmp_path: Path) -> None:
    file = tmp_path / "site.conf"
    file.write_text(f"<VirtualHost *:80>\nServerName a.test\n{lines}\n</VirtualHost>\n")
    with pytest.raises(UsageError) as caught:
        select(config.load(str(file)), Scope(path=str(file)))
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("lines", "scope", "wrong", "missing"),
    [
        ("ProxyPas / http://user:word@b.test/", Scope(), "2: httpd refuses this: Invalid command '"
         "ProxyPas', perhaps", "nothing in this configuration is proxied"),
        ("SSLProxyVerify maybe", Scope(), "2: httpd refuses this: SSLProxyVerify: Invalid argument "
         "'maybe'.", "nothing in this configuration is proxied"),
        ("<Proxy balancer://x>\nBalancerMember http://b.test/ retri=1\n</Proxy>", Scope(),
         "3: httpd refuses this: BalancerMember unknown Worker hcheck parameter.",
         "nothing in this configuration is proxied"),
        ("ServerName a.test\nProxyPreserveHost x", Scope(vhost="a.test"),
         "3: httpd refuses this: ProxyPreserveHost must be On or Off", "nothing in virtual host"),
        ("ServerName a.test\nSSLProxyVerify x", Scope(vhost="b.test"),
         "3: httpd refuses this: SSLProxyVerify: Invalid argument 'x'",
         "there is no virtual host 'b.test'"),
        ("ProxyPass /b http://b.test/\nProxyPas /a http://b.test/", Scope(route="/a"),
         "3: httpd refuses this: Invalid command 'ProxyPas'", "there is no proxied route '/a'"),
    ],
)  # fmt: skip
def test_what_httpd_refuses_comes_before_what_is_not_there(
    lines: str, scope: Scope, wrong: str, missing: str, tmp_path: Path
) -> None:
    file = tmp_path / "site.conf"
    file.write_text(f"<VirtualHost *:80>\n{lines}\n</VirtualHost>\n")
    with pytest.raises(UsageError) as raised:
        select(config.load(str(file)), scope)
    told = str(raised.value)
    assert told.startswith(f"{file}:{wrong}")
    assert f" As it stands, {missing}" in told
    assert "word" not in told


def test_what_httpd_dies_of_at_its_start_comes_first_too(tmp_path: Path) -> None:
    file = tmp_path / "httpd.conf"
    file.write_text(
        f"ServerRoot {tmp_path}\nListen 80\n{httpd.load_modules()}<VirtualHost *:80>\n"
        "ServerName a.test\nSSLEngine on\n</VirtualHost>\n"
    )
    with pytest.raises(UsageError, match=r"httpd does not start with this: .*certificate"):
        select(config.load(str(file)), Scope())
