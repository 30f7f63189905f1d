"""Random sections with RewriteEngine, RewriteOptions and rules, asked of a real httpd.

``python -m tests.config.routing.random_merges [ROUNDS] [SEED]`` makes that many configurations of
40 virtual hosts each, and says in how many another rule answered than the reader expects.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from tests.config.routing import lab
from tests.support import httpd
from wizard import config
from wizard.config.routing import routes
from wizard.config.routing.rewrite_merge import _through
from wizard.config.routing.server import Server
from wizard.config.servers.request_sections import Place

HOSTS = 40
_PATH = "/x/y/z"
_FILE = "/usr/x"
"""What httpd maps it to: as far as there are directories, the rest is path information."""
_OPTIONS = (
    *("Inherit", "InheritBefore", "InheritDown", "InheritDownBefore", "IgnoreInherit"),
    *("AllowNoSlash", "InheritDown IgnoreInherit"),
)
_SECTIONS = (
    *("Location /", "Location /x", "Location /x/y", "Location /q", "LocationMatch ^/x"),
    *("Directory /", "Directory /usr", "Directory /usr/", "Directory /srv", "DirectoryMatch ^/"),
    *("Files *", "Files z"),
)


def _lines(chance: random.Random, tag: str, rule: str) -> list[str]:
    found = []
    if chance.random() < 0.5:
        found.append("RewriteEngine " + chance.choice(["On", "On", "Off"]))
    if chance.random() < 0.35:
        found.append("RewriteOptions " + chance.choice(_OPTIONS))
    if chance.random() < 0.5:
        found.append(f"RewriteRule {rule} http://b.internal:{{plain}}/{tag} [P]")
    if chance.random() < 0.1:
        found.append("RewriteBase /" if rule == "." else "RewriteMap lower int:tolower")
    chance.shuffle(found)
    return found


def level(chance: random.Random, tag: str) -> str:
    """The lines of a server at random; each rule's target names it."""
    found = _lines(chance, f"{tag}L", "^/")
    for number in range(chance.randint(0, 4)):
        section = chance.choice(_SECTIONS)
        inner = _lines(chance, f"{tag}{number}", ".")
        found += [f"<{section}>", *inner, f"</{section.split()[0]}>"]
    return "\n".join(found)


def expected(server: Server) -> str | None:
    """The target of the rule that takes the request; None: none does."""
    rewriting, found = server.rewriting, None
    passed = rewriting._passing.passed(Place(_PATH, _FILE))
    own = server.proxied.rules.rules
    main = server.main.proxied.rules.rules if server.main is not None else []
    rules = {"after": [*own, *main], "before": [*main, *own], None: own}[rewriting.inherited]
    locations = passed.stages[2]
    if rules and _through(rewriting._base, (locations,)).engine:
        found = rules[0].target
    merged = _through(rewriting._base, (locations,) if found else passed.stages)
    late = [rule.target for block in merged.blocks for rule in block.rules]
    return late[0] if late and merged.engine else found


def differences(world: lab.World, chance: random.Random, name: str) -> list[str]:
    """Ask httpd about one configuration; each virtual host in which another rule answered."""
    main = level(chance, "m")
    hosts = [(f"h{number}.test", level(chance, "v")) for number in range(HOSTS)]
    (port,) = httpd.free_ports(1)
    file = lab.configuration(world, name, f"DocumentRoot /usr\n{main}", hosts, port)
    servers: list[Server] = []

    class Kept(Server):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            servers.append(self)

    with mock.patch.object(routes, "Server", Kept), httpd.running(file, world.hosts):
        assert config.load(str(file)).problems == ()
        by_name = {server.host.server_name: server for server in servers}
        wrong = []
        for host, lines in hosts:
            wanted = expected(by_name[host])
            report = lab.ask(port, host, _PATH).report
            got = report["path"] if report is not None else None
            if got != (wanted and "/" + wanted.rpartition("/")[2]):
                wrong.append(f"httpd: {got}, reader: {wanted}\n{main}\n--\n{lines}\n")
    return wrong


def main(arguments: Sequence[str]) -> int:
    rounds, seed = (*map(int, arguments), *(10, 1)[len(arguments) :])
    chance, wrong = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name, lab.world(Path(name)) as world:
        for number in range(rounds):
            wrong += differences(world, chance, f"random{number}")
    sys.stdout.write("\n".join(wrong[:3]))
    sys.stdout.write(f"{len(wrong)} of {rounds * HOSTS} differ (seed {seed}).\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
