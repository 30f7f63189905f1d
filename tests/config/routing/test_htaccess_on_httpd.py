"""Which files like ``.htaccess`` proxy: what is warned of is what a real httpd does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.config.routing import lab
from tests.support import httpd
from wizard import config
from wizard.engine.selection import select
from wizard.errors import UsageError
from wizard.model.config import Configuration
from wizard.model.scope import Scope

RULE = "RewriteEngine on\nRewriteRule ^x$ http://b.internal:{plain}/rule [P]\n"
HANDLER = 'SetHandler "proxy:http://b.internal:{plain}"\n'

CASES = {
    # lines of the virtual host, of the main server's Directory, of .htaccess; whether it proxies
    "nothing-is-said": ("", "", RULE, False),
    "none": ("<Directory {www}>\nAllowOverride None\n</Directory>", "", RULE, False),
    "all": ("<Directory {www}>\nAllowOverride All\n</Directory>", "", RULE, True),
    "fileinfo": ("<Directory {www}>\nAllowOverride FileInfo\n</Directory>", "", RULE, True),
    "others": ("<Directory {www}>\nAllowOverride Indexes Limit\n</Directory>", "", HANDLER, False),
    "list": (
        "<Directory {www}>\nAllowOverride None\n"
        "AllowOverrideList RewriteEngine RewriteRule\n</Directory>", "", RULE, True,
    ),
    "list-of-one": (
        "<Directory {www}>\nAllowOverrideList SetHandler\n</Directory>", "", HANDLER, True,
    ),
    "from-above": ("<Directory />\nAllowOverride All\n</Directory>", "", RULE, True),
    "nearest-wins": (
        "<Directory {www}>\nAllowOverride None\n</Directory>\n"
        "<Directory />\nAllowOverride All\n</Directory>", "", RULE, False,
    ),
    "of-the-main-server": ("", "AllowOverride All", RULE, True),
    "host-after-main": (
        "<Directory {www}>\nAllowOverride None\n</Directory>", "AllowOverride All", RULE, False,
    ),
    "handler": ("<Directory {www}>\nAllowOverride FileInfo\n</Directory>", "", HANDLER, True),
    "another-name": (
        "AccessFileName .ht\n<Directory {www}>\nAllowOverride All\n</Directory>", "", RULE, False,
    ),
    "engine-off": (
        "<Directory {www}>\nAllowOverride All\n</Directory>", "",
        "RewriteRule ^x$ http://b.internal:{plain}/rule [P]\n", False,
    ),
    "rule-without-flag": (
        "<Directory {www}>\nAllowOverride All\n</Directory>", "",
        "RewriteEngine on\nRewriteRule ^x$ - [L]\n", False,
    ),
    "glob": ("<Directory {above}/*>\nAllowOverride All\n</Directory>", "", RULE, True),
}  # fmt: skip


@dataclass
class Running:
    port: int
    configuration: Configuration
    roots: dict[str, Path]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with TemporaryDirectory(prefix="htaccess-") as root, lab.world(Path(root)) as world:
        (port,) = httpd.free_ports(1)
        bodies, main, roots = [], "", {}
        for name, (body, above, inside, _) in CASES.items():
            www = Path(root, "sites", name, "www")
            www.mkdir(parents=True)
            (www / "x").write_text("a file")
            (www / ".htaccess").write_text(world.fill(inside))
            roots[name] = www
            if above:
                main += f"<Directory {www}>\n{above}\n</Directory>\n"
            body = body.replace("{www}", str(www)).replace("{above}", str(www.parent))
            bodies.append((f"{name}.test", f"DocumentRoot {www}\n{body}"))
        file = lab.configuration(world, "one", main, bodies, port)
        with httpd.running(file, world.hosts):
            yield Running(port, config.load(str(file)), roots)


@pytest.mark.parametrize("name", CASES)
def test_what_proxies_is_what_is_warned_of(name: str, running: Running) -> None:
    expected = CASES[name][3]
    seen = lab.ask(running.port, f"{name}.test", "/x")
    assert (seen.report is not None) == expected
    file = str(running.roots[name] / ".htaccess")
    told = [p for p in running.configuration.problems if p.file == file]
    assert len(told) == expected
    assert all(p.phase == "warning" and "not among the routes" in p.message for p in told)
    assert [p.line for p in told] == ([2 if "RewriteRule" in CASES[name][2] else 1] * expected)


def test_where_nothing_else_proxies_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".htaccess").write_text('SetHandler "proxy:http://a.test"\n')
    file = tmp_path / "httpd.conf"
    file.write_text(
        f"ServerRoot {tmp_path}\nListen 80\n{httpd.load_modules()}DocumentRoot {tmp_path}\n"
        "<Directory />\nAllowOverride All\n</Directory>\n"
    )
    with pytest.raises(UsageError, match=r"\.htaccess:1: What this file proxies is not among"):
        select(config.load(str(file)), Scope())


def test_a_pipe_or_a_long_file_is_no_obstacle(tmp_path: Path) -> None:
    www = tmp_path / "www"
    (www / "below").mkdir(parents=True)
    os.mkfifo(www / ".htaccess")
    (www / "below" / ".htaccess").write_text(
        'SetHandler "proxy:http://a.test"\n' + "# \x1b[2J\n" * 200_000
    )
    file = tmp_path / "httpd.conf"
    file.write_text(
        f"ServerRoot {tmp_path}\nListen 80\n{httpd.load_modules()}DocumentRoot {www}\n"
        "<Directory />\nAllowOverride All\n</Directory>\n"
    )
    found = [p for p in config.load(str(file)).problems if p.file.endswith(".htaccess")]
    assert [(p.file, p.line) for p in found] == [(f"{www}/below/.htaccess", 1)]
