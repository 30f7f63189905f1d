"""The throw-away configuration: what it keeps, replaces and leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.httpd import MODULES
from wizard.config.installation.layout import Layout, locate
from wizard.config.preprocess import reader
from wizard.config.syntax.tree import Node, Tree
from wizard.httpd.sandbox import modules, render
from wizard.httpd.sandbox.access import Door
from wizard.httpd.sandbox.render import SandboxConfig

SERVER = """\
ServerRoot {dir}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
{more}
Listen 8080
"""


def read(tmp_path: Path, body: str, more: str = "") -> tuple[Tree, Layout]:
    file = tmp_path.resolve() / "httpd.conf"
    file.write_text(SERVER.format(dir=tmp_path.resolve(), more=more) + body)
    layout = locate(str(file))
    return reader.read(layout), layout


def hosts(tree: Tree) -> list[Node]:
    return [node for node in tree.root if node.key == "virtualhost"]


def rendered(tmp_path: Path, body: str, more: str = "") -> SandboxConfig:
    tree, layout = read(tmp_path, body, more)
    door = Door()
    return render.render(tree, layout, hosts(tree), Path("/stage"), "run", 20001, door)


def lines(script: SandboxConfig) -> list[str]:
    return [line.strip() for line in script.text.splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        "Listen 443",
        "PidFile /run/real.pid",
        "DefaultRuntimeDir /run/real",
        "Mutex file:/run/real default",
        "ErrorLog /var/log/real.log",
        "LogLevel trace8",
        'CustomLog "|/usr/bin/rotatelogs /var/log/real" combined',
        "ScoreBoardFile /run/real.board",
        "SSLSessionCache shmcb:/run/real.cache",
        "SSLStaplingCache shmcb:/run/real.stapling",
        "MaxRequestWorkers 4000",
        "ChrootDir /srv",
        "DBDPersist On",
        "CacheEnable disk /",
        "CacheLockPath /run/real.lock",
        "RewriteMap m prg:/usr/bin/real",
        "SessionCryptoPassphrase exec:/usr/bin/real",
        'JkLogFile "|/usr/bin/rotatelogs /var/log/real"',
        "RemoteIPProxyProtocol On",
        "CacheSocache shmcb:/run/real.socache",
        "AuthnCacheSOCache dbm:/run/real.dbm",
        'AuthnCacheSOCache "shmcb:/run/real.shm(512000)"',
    ],
)
def test_nothing_of_the_real_server_is_used(tmp_path: Path, line: str) -> None:
    name, _, value = line.partition(" ")
    modules = ("dbd", "cache", "cache_socache", "authn_socache")
    more = "\n".join(f"LoadModule {m}_module {MODULES}/mod_{m}.so" for m in modules)
    found = lines(rendered(tmp_path, f"{line}\n", more))
    assert line not in found
    assert not any(value in other for other in found if other.startswith(name))


def test_a_program_that_does_not_run_is_told(tmp_path: Path) -> None:
    script = rendered(tmp_path, "RewriteMap m prg:/usr/bin/real\nRewriteMap n txt:/prg:x\n")
    assert script.notes == ("Left out, because it runs programs: RewriteMap.",)
    assert "RewriteMap m txt:/dev/null" in lines(script)
    assert "RewriteMap n txt:/prg:x" in lines(script)


def test_words_that_look_like_programs_are_kept(tmp_path: Path) -> None:
    body = 'ProxyPassMatch "^/(a|b)" "http://h.test/$1"\nServerAdmin "%h | %u"\n'
    script = rendered(tmp_path, body)
    assert not script.notes
    assert set(body.splitlines()) <= set(lines(script))


def test_a_key_in_a_token_is_not_asked_for(tmp_path: Path) -> None:
    key = "SSLCertificateFile pkcs11:object=a\n"
    script = rendered(tmp_path, f"<VirtualHost *:1>\nSSLEngine on\n{key}</VirtualHost>\n")
    assert not script.tls
    assert "pkcs11" not in script.text
    assert any("cannot be used here" in note for note in script.notes)


def test_one_listener_on_loopback(tmp_path: Path) -> None:
    body = "<VirtualHost *:443 10.0.0.1:8443>\nServerName a.test\n</VirtualHost>\n"
    found = lines(rendered(tmp_path, body))
    assert [line for line in found if line.startswith("Listen ")] == ["Listen 127.0.0.2:20001"]
    assert "<VirtualHost 127.0.0.2:20001>" in found
    assert "ServerName a.test" in found


def test_what_proxying_needs_is_kept_as_it_is(tmp_path: Path) -> None:
    body = (
        "ProxyTimeout 7\nSSLProxyVerify require\n"
        '<VirtualHost *:80>\n<Location "/a b">\nProxyPass "https://h.test/x y/" timeout=3\n'
        "</Location>\n<Proxy *>\nSSLProxyVerifyDepth 4\n</Proxy>\n</VirtualHost>\n"
    )
    found = lines(rendered(tmp_path, body))
    for line in body.splitlines():
        assert line in found or line.startswith("<VirtualHost")


def test_an_argument_that_ends_with_a_backslash_stays_one_line(tmp_path: Path) -> None:
    script = rendered(tmp_path, "ServerAdmin a\\ \nTimeout 5\n")
    again = tmp_path / "again.conf"
    again.write_text(script.text)
    tree = reader.read(locate(str(again)))
    assert [node.args for node in tree.root if node.key == "timeout"] == ["5"]


def test_modules_that_act_by_themselves_go_with_their_directives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "LoadModule md_module /usr/lib/apache2/modules/mod_md.so"
    script = rendered(tmp_path, "MDomain a.test\nMDCertificateAgreement accepted\n", more)
    assert "md_module" not in script.text
    assert "MDomain" not in script.text
    told = "Left out, because it fetches certificates: MDomain, MDCertificateAgreement."
    assert script.notes == (told,)


HEALTH = "LoadModule proxy_hcheck_module modules/mod_proxy_hcheck.so"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("BalancerMember http://b hcmethod=GET route=a", "BalancerMember http://b route=a"),
        ('BalancerMember http://b "hcuri=/a b" HCinterval=1', "BalancerMember http://b"),
        ("ProxyPass /x http://b/ hcmethod=TCP ping=1", "ProxyPass /x http://b/ ping=1"),
        ("ProxyPass /hcx=1 http://b/hcy=2", "ProxyPass /hcx=1 http://b/hcy=2"),
        ("ProxySet hctemplate=t", "ProxySet"),
        ("Header set A hcmethod=GET", "Header set A hcmethod=GET"),
    ],
)
def test_health_checks_are_left_out(tmp_path: Path, line: str, left: str) -> None:
    """They go to every member of every balancer."""
    assert left in lines(rendered(tmp_path, line, HEALTH))
    assert line in lines(rendered(tmp_path, line))  # httpd's complaint is to be seen
    told = "asks backends whether they are well" in " ".join(rendered(tmp_path, line, HEALTH).notes)
    assert told == (line != left)


def test_a_module_that_is_not_here_is_told(tmp_path: Path) -> None:
    script = rendered(tmp_path, "", "LoadModule foreign_module /nowhere/mod_foreign.so")
    assert "foreign_module" not in script.text
    assert any("foreign_module" in note for note in script.notes)


def test_what_is_left_of_a_broken_line_is_not_told(tmp_path: Path) -> None:
    """Here the line before lost its backslash."""
    body = "RequestHeader set X-Token\n    swordfish\njoe:swordfish x\nForeignKey swordfish\n"
    more = "LoadModule foreign_module /nowhere/mod_foreign.so"
    notes = " ".join(rendered(tmp_path, body, more).notes)
    assert "swordfish" not in notes
    assert "***, ForeignKey" in notes


def test_a_lone_file_gets_what_its_directives_and_urls_need(tmp_path: Path) -> None:
    file = tmp_path.resolve() / "site.conf"
    file.write_text(
        "<VirtualHost *:80>\nRewriteEngine on\nRequestHeader set A b\nSSLProxyEngine on\n"
        "<Proxy balancer://c>\nBalancerMember wss://h.test\n</Proxy>\n"
        "ProxyPass / balancer://c/\n</VirtualHost>\n"
    )
    layout = locate(str(file))
    names = [identifier for identifier, _ in modules.loads(reader.read(layout), layout)[0]]
    for name in ("mpm_event", "proxy", "proxy_http", "proxy_wstunnel", "proxy_balancer", "ssl",
                 "slotmem_shm", "lbmethod_byrequests", "rewrite", "headers"):  # fmt: skip
        assert f"{name}_module" in names
    assert names.index("proxy_module") < names.index("proxy_http_module")
    assert len(names) == len(set(names))


def test_origins_lead_back_to_the_real_lines(tmp_path: Path) -> None:
    script = rendered(
        tmp_path, "<VirtualHost *:80>\n\nProxyPass / http://h.test/\n</VirtualHost>\n"
    )
    number = lines(script).index("ProxyPass / http://h.test/") + 1
    assert script.origins[number] == f"line 9 of {tmp_path.resolve()}/httpd.conf"
