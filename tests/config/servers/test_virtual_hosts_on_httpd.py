"""Virtual hosts: names and addresses beside DUMP_VHOSTS, who is served beside real answers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.config.routing import lab
from tests.support import httpd
from wizard import config
from wizard.model.config import VirtualHost
from wizard.model.host_names import bare_name

DUMPED = {
    "several-addresses": (
        "<VirtualHost *:443 10.0.0.1:9000>\nServerName a.test\nServerAlias b.test *.c.test\n"
        "</VirtualHost>\n<VirtualHost *:443>\nServerName d.test\n</VirtualHost>"
    ),
    "default": "<VirtualHost _default_:443>\nServerName d.test\n</VirtualHost>",
    "default-upper": "<VirtualHost _DEFAULT_:443>\nServerName d.test\n</VirtualHost>",
    "address-without-port": "<VirtualHost 10.0.0.1>\nServerName e.test\n</VirtualHost>",
    "address-star-port": "<VirtualHost 10.0.0.1:*>\nServerName e.test\n</VirtualHost>",
    "ipv6": "<VirtualHost [::1]:443>\nServerName f.test\n</VirtualHost>",
    "ipv6-long": "<VirtualHost [0:0:0:0:0:0:0:1]:447>\nServerName H.test\n</VirtualHost>",
    "ipv6-bare": "<VirtualHost [::1]>\nServerName f.test\n</VirtualHost>",
    "ipv6-any": "<VirtualHost [::]:443>\nServerName f.test\n</VirtualHost>",
    "star": "<VirtualHost *>\nServerName f.test\n</VirtualHost>",
    "star-star": "<VirtualHost *:*>\nServerName f.test\n</VirtualHost>",
    "zero": "<VirtualHost 0.0.0.0:444>\nServerName f.test\n</VirtualHost>",
    "leading-zero": "<VirtualHost *:0443>\nServerName f.test\n</VirtualHost>",
    "service-name": "<VirtualHost *:https>\nServerName g.test\n</VirtualHost>",
    "letters-behind-port": "<VirtualHost *:443x>\nServerName g.test\n</VirtualHost>",
    "no-port-number": "<VirtualHost *:>\nServerName g.test\n</VirtualHost>",
    "negative-port": "<VirtualHost *:-1>\nServerName g.test\n</VirtualHost>",
    "wildcard-name": "<VirtualHost *.example.com:80>\nServerName g.test\n</VirtualHost>",
    "subnet": "<VirtualHost 10.0.0.0/8:80>\nServerName g.test\n</VirtualHost>",
    "url": "<VirtualHost https://a:443>\nServerName g.test\n</VirtualHost>",
    "ipv6-without-brackets": "<VirtualHost ::1>\nServerName g.test\n</VirtualHost>",
    "comma": "<VirtualHost *:80,*:81>\nServerName g.test\n</VirtualHost>",
    "comment-in-tag": "<VirtualHost *:443 # c>\nServerName g.test\n</VirtualHost>",
    "comment-behind-tag": "<VirtualHost *:443> # c\nServerName g.test\n</VirtualHost>",
    "arrow-in-comment": "<VirtualHost *:443> # a -> b\nServerName g.test\n</VirtualHost>",
    "one-good-one-bad": "<VirtualHost *:443 *:x>\nServerName g.test\n</VirtualHost>",
    "name-with-scheme": "<VirtualHost *:443>\nServerName https://h.test:8443\n</VirtualHost>",
    "name-twice": "<VirtualHost *:443>\nServerName a.test\nServerName b.test\n</VirtualHost>",
    "quoted": "<VirtualHost \"*:443\" '10.0.0.2:1'>\nServerName a.test\n</VirtualHost>",
    "same-address-twice": "<VirtualHost *:443 *:443>\nServerName a.test\n</VirtualHost>",
    "aliases-twice": (
        "<VirtualHost *:443>\nServerName a.test\nServerAlias b.test\nServerAlias c.test\n"
        "</VirtualHost>\n<VirtualHost *:443>\nServerName d.test\n</VirtualHost>"
    ),
    "continued-tag": "<VirtualHost *:443 \\\n*:444>\nServerName a.test\n</VirtualHost>",
}
_NAMED = re.compile(r"^ +port \S+ namevhost (\S+) \((.+):(\d+)\)$")
_SINGLE = re.compile(r"^(\S+) +(\S+) \((.+):(\d+)\)$")
_SET = re.compile(r"^(\S+) +is a NameVirtualHost$")


def _dumped(text: str) -> tuple[set[tuple[str, str, int]], dict[int, str], dict[int, set[str]]]:
    """(address, file, line) of each virtual host, its name and aliases by line."""
    places: set[tuple[str, str, int]] = set()
    names: dict[int, str] = {}
    aliases: dict[int, set[str]] = {}
    address, number = "", 0
    for line in text.splitlines():
        if found := _SET.match(line):
            address = found[1]
        elif found := _SINGLE.match(line):
            places.add((found[1], found[3], int(found[4])))
            names[int(found[4])] = found[2]
        elif found := _NAMED.match(line):
            number = int(found[3])
            places.add((address, found[2], number))
            names[number] = found[1]
        elif "alias " in line:
            aliases.setdefault(number, set()).add(line.split()[-1])
    return places, names, aliases


@pytest.mark.parametrize("name", DUMPED)
def test_names_and_addresses_are_those_of_the_dump(name: str, tmp_path: Path) -> None:
    file = tmp_path / "main.conf"
    file.write_text(httpd.main_config(tmp_path, ["127.0.0.1:1"]) + DUMPED[name] + "\n")
    done = subprocess.run(
        [httpd.HTTPD, "-t", "-D", "DUMP_VHOSTS", "-f", str(file)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    places, names, aliases = _dumped(done.stdout)
    configuration = config.load(str(file))
    hosts = [host for host in configuration.virtual_hosts if not host.is_main]
    assert places == {
        (address, host.source.file, host.source.line)
        for host in hosts
        for address in host.addresses
    }
    ignored = [p for p in configuration.problems if p.code == "AH00547"]
    assert len(ignored) == done.stderr.count("AH00547")
    for host in hosts:
        if host.addresses:
            assert bare_name(host.server_name or "") == names[host.source.line].lower()
            assert aliases.get(host.source.line, set()) <= set(host.aliases)
        else:
            assert host.never_served is not None


SERVED = {
    "first-of-two-same-names": ("*:{0} a.test", "*:{0} a.test"),
    "alias-before-name": ("*:{0} x.test a.test", "*:{0} a.test"),
    "wildcard-before-name": ("*:{0} x.test *.w.test", "*:{0} b.w.test"),
    "wildcard-behind-name": ("*:{0} x.test", "*:{0} b.w.test", "*:{0} y.test *.w.test"),
    "wildcard-deep": ("*:{0} x.test *.test", "*:{0} a.b.test"),
    "question-mark": ("*:{0} x.test a?.test", "*:{0} ab.test", "*:{0} abc.test"),
    "name-free-alias-taken": ("*:{0} a.test", "*:{0} b.test a.test"),
    "same-name-other-port": ("*:{0} a.test", "*:{1} a.test"),
    "same-name-both-ports": ("*:{0} *:{1} a.test", "*:{1} a.test"),
    "case": ("*:{0} A.test", "*:{0} a.TEST"),
    "trailing-dot": ("*:{0} a.test.", "*:{0} a.test"),
    "name-with-path": ("*:{0} a.test", "*:{0} https://b.test/", "*:{0} c.test/app d.test"),
    "name-with-path-first": ("*:{0} https://a.test/", "*:{0} b.test"),
    "address-hides-star": ("127.0.0.2:{0} a.test", "*:{0} b.test"),
    "star-port-hides-star": ("*:{0} a.test", "* b.test"),
    "star-on-other-port": ("*:{0} a.test", "* b.test", "*:{2} c.test"),
    "address-without-port": ("127.0.0.2 a.test", "*:{0} b.test"),
    "address-port-beats-address": (
        "127.0.0.2 a.test",
        "127.0.0.2:{0} b.test",
        "127.0.0.2:{1} c.test",
    ),
    "no-listen": ("*:{2} a.test", "*:{0} b.test"),
    "other-address": ("127.0.0.3:{0} a.test", "*:{0} b.test"),
    "default-word": ("_default_:{0} a.test", "*:{0} b.test", "_default_:{0} a.test"),
    "unnamed-first": ("*:{0} -", "*:{0} a.test"),
    "unnamed-second": ("*:{0} a.test", "*:{0} -"),
    "unnamed-twice": ("*:{0} a.test", "*:{0} -", "*:{0} -"),
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab.directory(tmp_path_factory)


@pytest.mark.parametrize("name", SERVED)
def test_who_is_never_served(name: str, directory: Path) -> None:
    ports = httpd.free_ports(3)
    root = directory / name
    root.mkdir()
    hosts = root / "hosts"
    hosts.write_text("127.0.0.1 none.internal\n")
    text = httpd.main_config(root, [f"{httpd.LISTEN}:{ports[0]}", f"{httpd.LISTEN}:{ports[1]}"])
    text += "RewriteEngine on\n"
    asked: set[str] = {"nobody.test", "main.test"}
    for number, host in enumerate(SERVED[name]):
        words = host.format(*ports).split()
        names = [w for w in words if not w.startswith(("*", "_", "127.")) or w.startswith("*.")]
        addresses = [w for w in words if w not in names]
        text += f"<VirtualHost {' '.join(addresses)}>\n"
        if names != ["-"]:
            text += f"ServerName {names[0]}\n" + "".join(f"ServerAlias {n}\n" for n in names[1:])
        text += f"Redirect 302 / http://found.test/{number}/\n</VirtualHost>\n"
        asked |= {n.replace("*", "q").replace("?", "q") for n in names if n != "-"}
        asked |= {bare_name(n).partition("/")[0] for n in names if "/" in n}
    file = root / "httpd.conf"
    file.write_text(text)
    answered = set()
    with httpd.running(file, hosts):
        for port in ports[:2]:
            for client in asked:
                answer = httpd.get(port, client, "/")
                found = re.search(r"found\.test/(\d+)/", answer.head)
                if found:
                    answered.add(int(found[1]))
    hosts_read: list[VirtualHost] = [
        h for h in config.load(str(file)).virtual_hosts if not h.is_main
    ]
    assert {n for n, h in enumerate(hosts_read) if h.never_served is None} == answered


def test_levels_of_the_log(tmp_path: Path) -> None:
    file = tmp_path / "main.conf"
    file.write_text(
        httpd.main_config(tmp_path, ["127.0.0.1:1"])
        + "LogLevel error ssl:trace1 proxy_module:debug\n"
        "<VirtualHost *:1>\nLogLevel mod_ssl.c:info\n</VirtualHost>\n"
        "<VirtualHost *:1>\nLogLevel notice\n</VirtualHost>\n"
        "<VirtualHost *:1>\nLogLevel proxy:info warn\n</VirtualHost>\n"
        "<VirtualHost *:1>\n</VirtualHost>\n"
    )
    hosts = [h for h in config.load(str(file)).virtual_hosts if not h.is_main]
    levels = [
        tuple(h.log_levels.of(m).value for m in ("ssl", "proxy", "core", "proxy_http"))
        for h in hosts
    ]
    assert levels == [
        ("info", "debug", "error", "error"),
        ("notice", "notice", "notice", "notice"),
        ("warn", "warn", "warn", "warn"),
        ("trace1", "debug", "error", "error"),
    ]
    assert hosts[0].log_levels.of("ssl").source is not None
