"""Random virtual hosts: any mix of policies and routes, as nobody would write them on purpose.

``python -m tests.fix.random_sites FIRST LAST`` repairs the sites of many seeds on real httpd and
prints what each gave.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.fix.test_command_on_httpd import wizard
from tests.fix.test_repairs_on_httpd import main_file, standing
from tests.support import command, httpd
from tests.support.site import Backend
from wizard import config
from wizard.fix import policy_order
from wizard.model.route_id import RouteId
from wizard.x509 import trust_material

LONGEST = policy_order.Need(depth=3)
"""The longest chain of ``standing``."""
Ask = tuple[str, str]
"""Host and path of a route."""


CHAIN = {"CN=Example Root", "CN=Example Issuing 1", "CN=Example Issuing 2"}
SIGNERS = {
    **dict.fromkeys(["direct", "via1", "deep", "forgets"], CHAIN),
    "self": {"CN=self.test"},
    "good": {"CN=Other Root"},
}
"""Who signed the chain of each backend."""


@dataclass(frozen=True)
class Demand:
    """What httpd demands of the backend of a route.

    Args:
        port: where it is.
        settings: of mod_ssl, with the names that are compared; no file of CAs.
        trusted: subjects of the certificates in its CA file and CA path.
    """

    port: int
    settings: tuple[object, ...]
    trusted: frozenset[str]


def demands(main: Path) -> dict[RouteId, Demand]:
    """What httpd demands, by route."""
    found = {}
    for route in config.load(str(main)).routes:
        policy = route.tls
        values = [
            getattr(policy, one.name).value for one in fields(policy) if "ca_cert" not in one.name
        ]
        names = policy.checks_name, policy.checks_cn_only, route.backend.check_name
        trusted = frozenset(c.subject for c in trust_material.read(policy).anchors)
        found[route.id] = Demand(route.backend.port, (*values, *names), trusted)
    return found


@dataclass
class Outcome:
    """What httpd answered to each route, and what the command said of it.

    Args:
        before: status before the patch; empty if httpd does not start.
        after: status after it.
        false: status when every backend shows another certificate of the same name.
        left: routes of which something is left, with the reason.
        weaker: routes whose policy lets more in afterwards, with its settings.
        repaired: labels of the routes of which something is repaired.
        demanded: of each route what httpd demands of its backend, before and after the patch.
        signers: who signed the chain of the backend at each port.
    """

    before: dict[Ask, int] = field(default_factory=dict)
    after: dict[Ask, int] = field(default_factory=dict)
    false: dict[Ask, int] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    weaker: dict[str, tuple[str, ...]] = field(default_factory=dict)
    repaired: set[str] = field(default_factory=set)
    demanded: list[dict[RouteId, Demand]] = field(default_factory=list)
    signers: dict[int, set[str]] = field(default_factory=dict)

    def faults(self) -> Iterator[str]:
        """What must not be."""
        for who, settings in self.weaker.items():
            yield f"{who} lets more in: {', '.join(settings)}"
        for (host, path), status in self.after.items():
            told = any(who.startswith(f"{host} ") and path in who for who in self.left)
            if self.before.get((host, path)) == 200 != status:
                yield f"{host} {path} worked and was broken: {status}"
            if status != 200 and not told:
                yield f"{host} {path} is not repaired: {status}"
            if self.false[host, path] == 200 and not told:
                yield f"{host} {path} takes an impostor"
        yield from self._touched()

    def _touched(self) -> Iterator[str]:
        before, after = self.demanded
        for route, new in after.items():
            old = before[route]
            if route.label not in self.repaired and new != old:
                yield f"{route.label} is not repaired, and httpd demands something else of it"
            added = new.trusted - old.trusted
            if not added <= self.signers[new.port]:
                yield f"{route.label} trusts {added}, which signed nothing there"


class Sites:
    """The configuration of one seed.

    Args:
        directory: of the backends' files and the configuration.
        made: the backends.
        seed: decides everything.
    """

    def __init__(self, directory: Path, made: dict[str, Backend], seed: int) -> None:
        self._random = random.Random(seed)
        self._directory = directory
        self._made = made
        self._policies = [
            *("SSLProxyEngine on", "SSLProxyEngine off", "SSLProxyVerify require"),
            *("SSLProxyVerify none", "SSLProxyVerify optional"),
            *(f"SSLProxyVerifyDepth {depth}" for depth in (0, 1, 5)),
            *(f"SSLProxyCheckPeer{what} off" for what in ("Name", "CN", "Expire")),
            *("SSLProxyCheckPeerName on", "ProxyPreserveHost On", "ProxyPreserveHost Off"),
            *(
                f"SSLProxyCACertificateFile {directory}/other/{name}.pem"
                for name in ("root", "wrong", "intermediate")
            ),
            f"SSLProxyCACertificatePath {directory}/unhashed",
        ]
        self.port = httpd.free_port()
        self.asks: list[Ask] = []

    def write(self, count: int) -> Path:
        """The main file of so many virtual hosts."""
        shared = self._directory / "shared.inc"
        shared.write_text("".join(f"{line}\n" for line in self._some(3)))
        for number in range(count):
            text = self._vhost(number, shared)
            # some comments are not UTF-8
            (self._directory / "sites" / f"{number:03}.conf").write_bytes(text.encode("latin-1"))
        level = "".join(f"{line}\n" for line in self._some(2) if "Path" not in line)
        return main_file(self._directory, "httpd.conf", self.port, f"{level}Include sites/*.conf")

    def _some(self, most: int) -> list[str]:
        return [self._random.choice(self._policies) for _ in range(self._random.randint(0, most))]

    def _vhost(self, number: int, shared: Path) -> str:
        name = f"h{number}.test"
        policy = [self._written(line) for line in self._some(5)]
        if self._random.random() < 0.2:
            policy.insert(0, f"Include {shared}")
        routes = [
            self._route(name, number, position) for position in range(self._random.randint(1, 3))
        ]
        lines = policy + routes if self._random.random() < 0.7 else routes + policy
        body = "\n".join(lines)
        return f"<VirtualHost *:{self.port}>\nServerName {name}\n{body}\n</VirtualHost>\n"

    def _written(self, line: str) -> str:
        """A directive in one of many ways."""
        other = self._random.choice(self._policies)
        return self._random.choice(
            [f"    {line}"] * 6
            + [
                f"<IfModule mod_ssl.c>\n  {line}\n</IfModule>",
                f"<IfDefine NOPE>\n  {other}\n</IfDefine>\n{line}",
                line.replace(" ", " \\\n   ", 1),
                f"# \xe9 {other}\n\t{line}  ",
            ]
        )

    def _route(self, name: str, number: int, position: int) -> str:
        kind, backend = self._random.choice(list(self._made.items()))
        host = f"{kind}.test" if self._random.random() < 0.85 else "127.0.0.1"
        url, path = f"https://{host}:{backend.port}", f"/p{position}"
        self.asks.append((name, path))
        balancer = f"balancer://c{number}x{position}"
        inner = "".join(f" {line}\n" for line in self._some(2) if "Preserve" not in line)
        text = self._random.choice(
            [
                f"ProxyPass {path} {url}{path}",
                f"ProxyPass {path} {url}{path}",
                f"ProxyPass {path}/ {url}",
                f"<Location {path}>\n ProxyPass {url}{path}\n</Location>",
                f"RewriteEngine on\nRewriteRule ^{path}(.*)$ {url}{path}$1 [P]",
                f"ProxyPassMatch ^({path}.*)$ {url}$1",
                f"<Proxy {balancer}>\n BalancerMember {url}\n{inner}</Proxy>\n"
                f"ProxyPass {path} {balancer}{path}",
            ]
        )
        if self._random.random() < 0.2:
            text += f'\n<Proxy "{url}">\n{inner}</Proxy>'
        return text


def repair(directory: Path, seed: int, count: int = 8) -> Outcome:
    """Write, ask, fix, patch and ask again."""
    with standing(directory) as made:
        return _repair(directory, made, seed, count)


def _repair(directory: Path, made: dict[str, Backend], seed: int, count: int) -> Outcome:
    hosts = directory / "hosts"
    sites = Sites(directory, made, seed)
    main = sites.write(count)
    outcome = Outcome(signers={made[name].port: SIGNERS[name] for name in made})

    def asked() -> dict[Ask, int]:
        with httpd.running(main, hosts):
            return {(h, p): httpd.get(sites.port, h, f"{p}/x").status for h, p in sites.asks}

    if not httpd.refused(main, hosts):
        outcome.before = asked()
    outcome.demanded.append(demands(main))
    done = wizard(hosts, "fix", "-v", str(main))
    old = config.load(str(main)).routes
    told = done.stderr.decode()
    assert done.returncode in (0, 1), told
    for entry in told.split("left: ")[1:]:
        who, _, reason = entry.partition(": ")
        outcome.left[who] = " ".join(reason.split())[:300]
    outcome.repaired = {
        line.removeprefix("repairs: ").rpartition(": ")[0]
        for line in told.splitlines()
        if line.startswith("repairs: ")
    }
    command.patch(done.stdout)
    new = {route.id: route for route in config.load(str(main)).routes}
    for route in old:
        lax = policy_order.weaker(route.tls, new[route.id].tls, LONGEST) if route.id in new else ()
        if lax:
            outcome.weaker[route.id.label] = lax
    outcome.demanded.append(demands(main))
    outcome.after = asked()
    for backend in made.values():
        backend.impostor = True
    outcome.false = asked()
    return outcome


def main() -> None:
    for seed in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
        with tempfile.TemporaryDirectory() as place:
            outcome = repair(Path(place).resolve(), seed)
        works = [sum(s == 200 for s in d.values()) for d in (outcome.before, outcome.after)]
        print(f"seed {seed}: {len(outcome.after)} routes, {works[0]} worked, now {works[1]}")  # noqa: T201
        for line in (*outcome.faults(), *(f"left: {w}: {r}" for w, r in outcome.left.items())):
            print(f"    {line}")  # noqa: T201


if __name__ == "__main__":
    main()
