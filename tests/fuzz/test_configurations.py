"""Configurations made to take long, to whole commands: processor time and memory stay bounded."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import measuring
from tests.support.httpd import MODULES

SECONDS = 12
"""Of processor time: five times what the slowest takes."""
MEMORY = 240 << 10
"""KiB; most of them take 30 MiB, a line of 60 MB takes 200."""
LONG = 2 << 20
"""Bytes of the long lines; httpd reads eight times as many."""
PASS = "ProxyPass / https://b.internal/\n"
MACROS = f"LoadModule macro_module {MODULES}/mod_macro.so\nListen 80\n"


def host(body: str) -> str:
    return f"<VirtualHost *:80>\nServerName a.test\nSSLProxyEngine on\n{body}\n</VirtualHost>\n"


def many(count: int, text: str) -> str:
    """A text so many times, ``@`` in it the number."""
    return "".join(text.replace("@", str(number)) for number in range(count))


def words(text: str) -> str:
    return text * (LONG // len(text))


READ: dict[str, Callable[[], str]] = {
    "conditions in conditions": lambda: (
        "<IfDefine !X>\n" * 10_000 + host(PASS) + "</IfDefine>\n" * 10_000
    ),
    "conditions that do not hold": lambda: (
        "<IfDefine X>\n" * 10_000 + "</IfDefine>\n" * 10_000 + host(PASS)
    ),
    "a million continued lines": lambda: "UnsetEnv a" + " \\\nb" * 1_000_000 + "\n" + host(PASS),
    "a million empty continued lines": lambda: (
        "UnsetEnv a" + "\\\n" * 1_000_000 + "\n" + host(PASS)
    ),
    "words": lambda: f"UnsetEnv {words('a ')}\n" + host(PASS),
    "quotes": lambda: f"UnsetEnv {words(chr(34) + 'a' + chr(92) + chr(34))}\n" + host(PASS),
    "undefined variables": lambda: f"UnsetEnv {words('${a}')}\n" + host(PASS),
    "open variables": lambda: f"UnsetEnv {words('${')}\n" + host(PASS),
    "a long URL": lambda: host(f"ProxyPass / https://b.internal/{words('a')}"),
    "a long path": lambda: host(f"ProxyPass /{words('a/')} https://b.internal/"),
    "many parameters": lambda: host(f"ProxyPass / https://b.internal/ {many(300_000, 'k@=v ')}"),
    "many aliases": lambda: host(f"ServerAlias {many(300_000, 'h@.test ')}\n{PASS}"),
    "many wildcard aliases": lambda: host(f"ServerAlias {many(300_000, '*h@*.test ')}\n{PASS}"),
    "many addresses": lambda: (
        "<VirtualHost "
        + many(100_000, "10.0.0.1:@ ")
        + f">\nServerName a.test\n{PASS}</VirtualHost>"
    ),
    "many protocols": lambda: host(f"SSLProxyProtocol {words('-TLSv1.2 ')}\n{PASS}"),
    "many ciphers": lambda: host(f"SSLProxyCipherSuite {words('AES128-SHA:')}x\n{PASS}"),
    "open groups": lambda: host(f"ProxyPassMatch ^/{words('(a|')} https://b.internal/"),
    "open brackets": lambda: host(
        f'<Location "/{words("[")}">\nProxyPass https://b.internal/\n</Location>'
    ),
    "a long rule": lambda: host(
        f"RewriteEngine on\nRewriteRule ^/{words('(a)')} https://b.internal/ [P]"
    ),
    "a long quoted rule": lambda: host(
        f'RewriteEngine on\nRewriteRule "^/{words("a ")}" "https://b.internal/" [P]'
    ),
    "many flags": lambda: host(
        f"RewriteEngine on\nRewriteRule ^/ https://b.internal/ [P{words(',E=a:b')}]"
    ),
    "a long expression": lambda: host(f'<If "{words("(")}">\nProxyPreserveHost on\n</If>\n{PASS}'),
    "a long name": lambda: f"{words('a')} x\n" + host(PASS),
    "100,000 misspelt names": lambda: host(PASS) + many(100_000, "SSLProxyVerif@ on\n"),
    "100,000 names of no directive": lambda: host(PASS) + many(100_000, "Zq@zq on\n"),
    "100,000 times one misspelt name": lambda: host(PASS) + "SSLProxyVerif on\n" * 100_000,
    "100,000 misplaced lines": lambda: host(
        f"<Location /a>\n{many(100_000, 'SSLProxyVerifyDepth @' + chr(10))}</Location>\n{PASS}"
    ),
    "patterns times routes": lambda: host(
        many(1000, "<ProxyMatch ^https://b@\\.(internal|test)/[ab]*c>\n</ProxyMatch>\n")
        + many(1000, "<LocationMatch ^/p@/[a-z]+/x$>\nProxyPreserveHost on\n</LocationMatch>\n")
        + many(1000, "<Location /p@/*/x*y>\nProxyPreserveHost on\n</Location>\n")
        + many(1000, "ProxyPass /p@/ https://b@.internal/\n")
    ),
    "conditions times rules": lambda: host(
        "RewriteEngine on\n"
        + "RewriteRule ^/(.*) /a/$1\n" * 3000
        + many(1000, "RewriteRule ^/(.*) https://b@.internal/$1 [P]\n")
    ),
    "ports times addresses": lambda: (
        many(10000, "Listen 1@\nListen 127.0.0.1:2@\n")
        + many(
            10000, f"<VirtualHost 127.0.0.1:1@ h@.invalid:*>\nServerName h@\n{PASS}</VirtualHost>\n"
        )
    ),
    "names times patterns": lambda: many(
        3000,
        f"<VirtualHost *:80>\nServerName h@.test\nServerAlias *a*@*b*c*\n{PASS}</VirtualHost>\n",
    ),
    "8,000 times the same path": lambda: host(PASS * 8000),
    "20,000 lines for one balancer": lambda: host(
        "<Proxy balancer://c>\nBalancerMember http://b.internal\n</Proxy>\n"
        + "ProxySet balancer://c timeout=5\n" * 20_000
        + PASS
    ),
    "20,000 <Else> behind as many lines": lambda: host(
        "UnsetEnv a\n" * 20_000 + '<If "true">\n</If>\n' + "<Else>\n</Else>\n" * 20_000 + PASS
    ),
    "forward proxies times routes": lambda: host(
        many(8000, "ProxyRemote https://b@.internal/ http://r:1\nNoProxy n@.internal\n")
        + many(8000, "ProxyPass /p@/ https://b@.internal/\n")
    ),
}
"""What httpd reads, or refuses for its first fault alone."""

REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "10,000 sections in sections": (lambda: "<Location /a>\n" * 10_000, "more than 200 deep"),
    "10,000 <If> in <If>": (lambda: host("<If true>\n" * 10_000), "more than 200 deep"),
    "a file that includes itself": (lambda: "Include {dir}/main.conf\n", "recursion"),
    "a directory that includes itself": (lambda: "IncludeOptional {dir}/m*\n" * 3, "recursion"),
    "a FIFO": (lambda: "Include {dir}/fifo\n", "Could not open"),
    "a pattern for a FIFO": (lambda: "IncludeOptional {dir}/f*o\n", "Could not open"),
    "a device": (lambda: "Include /dev/zero\n", "Could not open"),
    "links that lead back": (lambda: "IncludeOptional {dir}/links\n", "symbolic links"),
    "a pattern for links that lead back": (
        lambda: "IncludeOptional {dir}/links" + "/*" * 30 + "/*.conf\n",
        "symbolic links",
    ),
    "macros in macros": (
        lambda: (
            MACROS
            + "".join(f"<Macro m{n}>\n{f'Use m{n + 1}{chr(10)}' * 2}</Macro>\n" for n in range(60))
            + "<Macro m60>\nUnsetEnv a\n</Macro>\nUse m0\n"
        ),
        "multiply",
    ),
    "values that grow": (
        lambda: (
            MACROS
            + "".join(f"<Macro m{n} $a>\nUse m{n + 1} $a$a$a$a\n</Macro>\n" for n in range(30))
            + "Use m0 xxxxxxxx\n"
        ),
        "buffer size too small",
    ),
    "variables in variables": (
        lambda: (
            "Define v0 xxxxxxxxxx\n"
            + "".join(f"Define v{n + 1} {f'${{v{n}}}' * 20}\n" for n in range(20))
            + "UnsetEnv ${v20}\n"
        ),
        "too long",
    ),
    "a line of 60 MB": (lambda: f"UnsetEnv {'a' * (60 << 20)}\n", "Line too long"),
    "a line of 100 MB": (lambda: f"#{'a' * (100 << 20)}\n", "larger than 64 MiB"),
    "members times lines": (
        lambda: (
            "<Proxy balancer://c>\n"
            + many(5000, "BalancerMember https://b@.internal\n")
            + "</Proxy>\n"
            + host(many(5000, "ProxyPass /p@/ balancer://c/\n"))
        ),
        "more than 200000 proxied routes",
    ),
}
"""What ends with one error, and words of it."""


def directory(path: Path) -> Path:
    """With what some of the attacks name."""
    os.mkfifo(path / "fifo")
    (path / "links").mkdir()
    for name in ("a", "b", "c"):
        (path / "links" / name).symlink_to(".")
    return path


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "main.conf").write_text(READ[name]())
    done, seconds, memory = measuring.run(["check", "--no-probe", str(tmp_path / "main.conf")])
    assert done.returncode in (0, 1, 2), done.stderr
    assert any(name in done.stdout for name in (b"a.test", b" h0", b" h1"))
    assert seconds < SECONDS
    assert memory < MEMORY


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str, tmp_path: Path) -> None:
    make, why = REFUSED[name]
    main = directory(tmp_path) / "main.conf"
    main.write_text(make().replace("{dir}", str(tmp_path)))
    done, seconds, memory = measuring.run(["check", "--no-probe", str(main)])
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (3, b"")
    assert said.startswith("proxy-wizard: error: ")
    assert said.count("\n") == 1
    assert why in said
    assert seconds < SECONDS
    assert memory < MEMORY
