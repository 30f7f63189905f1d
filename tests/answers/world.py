"""Backends, certificates and httpd's configuration for all cases together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.answers.backend import RuleBackend
from tests.answers.cases import Case
from tests.answers.client import OWN, Judge
from tests.support import httpd, servers
from wizard.demo.pki import Issued, issue
from wizard.engine.engine import Engine
from wizard.fix.source.unified_diff import apply_to
from wizard.model.plan import FixChoice, Repair
from wizard.model.scope import Assumed, HttpdChoice, Scope

NAMES = ("backend.internal", "app.internal")
MODULES = (
    *("authn_core", "authz_host", "authz_user", "authn_file", "auth_basic", "access_compat"),
    *("dir", "mime", "filter", "env", "substitute", "deflate"),
)


@dataclass(frozen=True)
class Stand:
    """One case with its backend and files.

    Args:
        case: it.
        port: httpd's for it.
        backend: that answers.
        site: the file of its virtual host.
        main: a main file that reads it alone.
        values: what stands for ``@PORT@`` and the like.
    """

    case: Case
    port: int
    backend: RuleBackend
    site: Path
    main: Path
    values: Mapping[str, str]

    @property
    def judge(self) -> Judge:
        """Asks httpd, once it runs."""
        return Judge(self.port, dict(self.values), tls=self.case.tls)

    @property
    def scope(self) -> Scope:
        """What the product is told."""
        path = self.case.request["path"]
        own = () if path == "/" else (path,)
        return Scope(
            str(self.main),
            timeout=5.0,
            resolve=tuple(Assumed(name, "127.0.0.1") for name in NAMES),
            httpd=HttpdChoice(program=httpd.HTTPD),
            paths=() if self.case.upgrades else own,
            websocket=own if self.case.upgrades else (),
        )

    @cached_property
    def repair(self) -> Repair:
        """What the product finds and plans."""
        return Engine(self.scope).repair(FixChoice(minimal=True))

    @cached_property
    def patched(self) -> str:
        """The file of its virtual host after the plan."""
        files = self.repair.report.configuration.files
        changed = apply_to(self.repair.plan, files)
        return changed.get(str(self.site), self.site.read_bytes()).decode()


@dataclass(frozen=True)
class World:
    """Where httpd and the cases are."""

    directory: Path
    hosts: Path
    stands: Sequence[Stand]

    @contextlib.contextmanager
    def running(self, name: str, texts: Mapping[str, str]) -> Iterator[None]:
        """httpd with the virtual hosts of all cases.

        Args:
            name: of the run.
            texts: name of a case to its virtual host.
        """
        root = self.directory / name
        root.mkdir()
        ports = [stand.port for stand in self.stands if stand.case.name in texts]
        text = _main(root, ports)
        for case, body in texts.items():
            (root / f"{case}.conf").write_text(body)
            text += f"Include {root / f'{case}.conf'}\n"
        main = root / "httpd.conf"
        main.write_text(text)
        with httpd.running(main, self.hosts):
            yield


def _main(root: Path, ports: Sequence[int]) -> str:
    text = httpd.main_config(root, [f"{httpd.LISTEN}:{port}" for port in ports])
    (root / "mime.types").touch()
    known = [module for module in MODULES if httpd.INSTALLED.has(module)]
    return text + httpd.INSTALLED.load(*known)


@contextlib.contextmanager
def world(directory: Path, cases: Sequence[Case]) -> Iterator[World]:
    """Backends of all cases."""
    authority = issue("Lab CA", ca=True)
    inner = issue(NAMES[0], authority, dns=(*NAMES, OWN))
    front: Issued = issue(OWN, authority, dns=(OWN,))
    (directory / "ca.pem").write_bytes(authority.pem)
    (directory / "front.pem").write_bytes(front.pem + front.key_pem)
    hosts = directory / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in NAMES))
    stands = []
    try:
        for case, port in zip(cases, httpd.free_ports(len(cases)), strict=True):
            stands.append(_stand(directory, case, port, inner))
        yield World(directory, hosts, stands)
    finally:
        for stand in stands:
            stand.backend.stop()


def _stand(directory: Path, case: Case, port: int, inner: Issued) -> Stand:
    root = directory / case.name
    (root / "files").mkdir(parents=True)
    for name, text in case.values.get("files", {}).items():
        file = root / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    told = case.values["backend"]
    backend = RuleBackend(told["rules"], servers.context(inner) if told.get("tls") else None)
    values = {
        "PORT": str(port),
        "B": str(backend.port),
        "CERT": str(directory / "front.pem"),
        "CA": str(directory / "ca.pem"),
        "ROOT": str(root / "files"),
    }
    site, main = root / "site.conf", root / "httpd.conf"
    site.write_text(case.fill(values))
    main.write_text(_main(root, [port]) + f"Include {site}\n")
    return Stand(case, port, backend, site, main, values)
