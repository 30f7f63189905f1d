"""Makes a broken site, starts its backends and its server, and ends all of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from screens.app import WizardApp
from tests.screens.sites.kinds import KINDS, WWW, Authorities, Parts
from tests.support import guarded, httpd
from wizard.demo.backends import Backends
from wizard.engine.engine import Engine
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver

_BACKENDS = "127.0.0.1"
_OF_THE_SERVER = {"error.log", "stderr.txt", "httpd.pid"}
"""What the server writes into its directory."""


@dataclass
class Site:
    """A broken site whose server runs.

    Args:
        name: of its kind.
        directory: of its main configuration; a CA that lies there may be found.
        parts: what it is made of.
        port: of the server, at ``httpd.LISTEN``.
        outside: a directory elsewhere: the operator's files, and the journal.
    """

    name: str
    directory: Path
    parts: Parts
    port: int
    outside: Path

    @property
    def main(self) -> Path:
        """The main configuration."""
        return self.directory / "httpd.conf"

    @property
    def file(self) -> Path:
        """The virtual hosts, which the main configuration includes."""
        return self.directory / "sites-enabled" / "app.conf"

    @property
    def given(self) -> str:
        """Path of the file that the operator was given."""
        return str(self.outside / next(iter(self.parts.given)))

    @property
    def hosts(self) -> Path:
        """The names of backends, as in /etc/hosts."""
        return self.outside / "hosts"

    @property
    def environment(self) -> dict[str, str]:
        """Of a command, and of the server: names of backends, and a journal of its own."""
        return {**httpd.environment(self.hosts), "PROXY_WIZARD_STATE": str(self.outside / "state")}

    def contents(self) -> dict[str, bytes]:
        """Every file of the configuration, but what the server itself writes."""
        found = (path for path in self.directory.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.directory)): path.read_bytes()
            for path in found
            if path.name not in _OF_THE_SERVER
        }

    def answer(self, path: str = "/", host: str = WWW) -> int:
        """Status of what a browser gets from the server that runs."""
        return httpd.get(self.port, host, path).status

    def wizard(self) -> WizardApp:
        """The wizard on this site: with the real engine."""
        names = dict.fromkeys(self.parts.backends, (_BACKENDS,))
        engine = Engine(resolver=FixedResolver(names))
        app = WizardApp(Scope(path=str(self.main)), encoding="utf-8", engine=engine)
        app.animation_level = "none"
        return app


@contextlib.contextmanager
def standing(name: str, outside: Path) -> Iterator[Site]:
    """A site of a kind; it is gone, with all of its processes, when this is left.

    Args:
        name: of the kind.
        outside: an empty directory for what is no part of the configuration.
    """
    parts = KINDS[name](Authorities())
    with guarded.tree() as directory, Backends() as backends:
        ports = {
            host.partition(".")[0]: backends.start(behaviour).port
            for host, behaviour in parts.backends.items()
        }
        site = Site(name, directory, parts, httpd.free_port(), outside)
        _write(site, ports)
        with _variables(site.environment), httpd.running(site.main, site.hosts):
            with site.file.open("a") as file:
                file.write(parts.broken)
            yield site


def _write(site: Site, ports: dict[str, int]) -> None:
    for directory, files in ((site.directory, site.parts.beside), (site.outside, site.parts.given)):
        for name, data in files.items():
            (directory / name).write_bytes(data)
    # an address that has names is listed once for each, and httpd tries each
    site.hosts.write_text("".join(f"{_BACKENDS} {name}\n" for name in site.parts.backends))
    listens = [f"{httpd.LISTEN}:{site.port}"]
    main = httpd.main_config(site.directory, listens).replace("LogLevel info", "LogLevel warn")
    site.main.write_text(f"{main}IncludeOptional sites-enabled/*.conf\n")
    site.file.parent.mkdir()
    site.file.write_text(site.parts.body.format(front=site.port, dir=site.directory, **ports))


@contextlib.contextmanager
def _variables(wanted: dict[str, str]) -> Iterator[None]:
    """Variables of this process, for the programs that the wizard starts."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
