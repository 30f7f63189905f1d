"""The lab: a throw-away PKI, the backends, and one Apache configuration for each lesson.

Everything is in one temporary directory and on loopback. Names of backends resolve by a table
here; for a real httpd by libnss_wrapper, where that library is installed.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from wizard import scratch
from wizard.demo import pki
from wizard.demo.applications import Application
from wizard.demo.backends import Backend, Backends, Behaviour, Identity
from wizard.demo.lessons import LESSONS, Lesson
from wizard.model.scope import Scope
from wizard.probe.resolve import FixedResolver
from wizard.record import record

if TYPE_CHECKING:
    from types import TracebackType

HOST = "erp.backend.test"
"""The backends' name; all of them are on loopback."""
PUBLIC = "app.example.com"
"""The name that clients ask for."""
_LOOPBACK = "127.0.0.1"
_ROOT = "Acme Root CA"
"""The company's own CA."""
_PORTS = {"http": 8080, "https": 8443}
"""httpd's, by what it speaks to clients."""
_NSS_WRAPPER = "nss_wrapper"
_MODULES = (
    "mpm_event", "authz_core", "socache_shmcb", "ssl", "proxy", "proxy_http", "headers", "rewrite",
)  # fmt: skip
_MODULE_DIRECTORIES = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules",
                       "/usr/local/apache2/modules")  # fmt: skip


@record
class Given:
    """A file that the operator has from the CA's owner.

    Args:
        file: its path.
        root: what the root certificate in it is called.
        sha256: of that certificate, as its owner reads it out on the telephone.
    """

    file: str
    root: str
    sha256: str


class Lab:
    """Backends that run, and a directory of broken configurations; a context manager.

    Args:
        directory: to keep; None: a temporary one that goes with the lab.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._kept = directory
        self._stack = ExitStack()
        self.resolver = FixedResolver({HOST: (_LOOPBACK,)})
        self._backends = Backends()
        self._running: dict[str, Backend] = {}

    def __enter__(self) -> Self:
        """Start the backends and write the configurations."""
        with ExitStack() as stack:
            directory = self._kept or stack.enter_context(scratch.directory("demo"))
            self.directory = directory.resolve()
            stack.enter_context(self._backends)
            self._authorities = _Authorities()
            for name, behaviour in self._authorities.behaviours().items():
                self._running[name] = self._backends.start(behaviour)
            self._front = self._backends.directory / "front.pem"
            self._front.write_bytes(self._authorities.front())
            for lesson in LESSONS:
                self._write(lesson, self._authorities.files())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the backends; remove a temporary directory."""
        self._stack.__exit__(kind, error, trace)

    @property
    def is_kept(self) -> bool:
        """Whether its directory stays."""
        return self._kept is not None

    @property
    def state(self) -> Path:
        """Where changes to the lab are remembered: not among those to this machine."""
        return self.directory / "state"

    def scope(self, lesson: Lesson) -> Scope:
        """The configuration of a lesson."""
        return Scope(path=str(self.directory / lesson.name / "httpd.conf"), timeout=5.0)

    def given(self, lesson: str) -> tuple[Given, ...]:
        """What the CA's owner gave.

        Args:
            lesson: its name.

        Returns:
            Nothing if nothing is needed, or there is no such lesson.
        """
        needed = next((each.ca for each in LESSONS if each.name == lesson), "")
        if not needed:
            return ()
        digest = hashlib.sha256(self._authorities.root.der).hexdigest()
        return (Given(str(self.directory / lesson / needed), _ROOT, digest),)

    def ca_files(self, lesson: Lesson) -> tuple[str, ...]:
        """The CA file that the operator would be given; none if none is needed."""
        return tuple(one.file for one in self.given(lesson.name))

    @property
    def has_modules(self) -> bool:
        """Whether everything that the configurations load is installed; not where mod_ssl is a
        package of its own (RHEL, Fedora) and only httpd's is there.
        """
        return all(_module(name).is_file() for name in _MODULES)

    @property
    def has_names(self) -> bool:
        """Whether libnss_wrapper is installed."""
        return ctypes.util.find_library(_NSS_WRAPPER) is not None

    @contextmanager
    def names(self) -> Iterator[bool]:
        """Let a real httpd that is started here resolve the backends' name.

        Yields:
            Whether it can: libnss_wrapper is installed.
        """
        library = ctypes.util.find_library(_NSS_WRAPPER)
        if library is None:
            yield False
            return
        hosts = self.directory / "hosts"
        hosts.write_text(f"{_LOOPBACK} {HOST}\n")
        variables = {"LD_PRELOAD": library, "NSS_WRAPPER_HOSTS": str(hosts)}
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)  # for programs started from here; this process has its table
        try:
            yield True
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def _write(self, lesson: Lesson, files: dict[str, bytes]) -> None:
        directory = self.directory / lesson.name
        (directory / "sites").mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (directory / name).write_bytes(data)
        port = str(self._running[lesson.backend].port)
        body = lesson.site.replace("{url}", f"https://{HOST}:{port}")
        body = body.replace("{port}", port).replace("{dir}", str(directory))
        if lesson.front == "https":
            body = f"SSLEngine on\nSSLCertificateFile {self._front}\n{body}"
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        listen = _PORTS[lesson.front]
        (directory / "sites" / "app.conf").write_text(
            f"# {lesson.title}\n<VirtualHost *:{listen}>\n    ServerName {PUBLIC}\n{lines}"
            "</VirtualHost>\n"
        )
        (directory / "httpd.conf").write_text(
            f"ServerRoot {directory}\nServerName lab.example.com\nListen {_LOOPBACK}:{listen}\n"
            f"{_modules()}PidFile {directory}/httpd.pid\nErrorLog {directory}/error.log\n"
            f"LogLevel {lesson.loglevel}\n{lesson.server}Include sites/*.conf\n"
        )


class _Authorities:
    """The company's CA, its predecessor of the same name, and somebody else's."""

    def __init__(self) -> None:
        self.old = pki.issue(_ROOT, ca=True, organisation="Acme")
        self.root = pki.issue(_ROOT, ca=True, organisation="Acme")
        self.other = pki.issue("Other Root CA", ca=True, organisation="Other")
        self.issuing = pki.issue("Acme Issuing CA 1", self.root, ca=True, organisation="Acme")

    def files(self) -> dict[str, bytes]:
        """What lies beside each configuration."""
        return {
            "corp-root.pem": self.root.pem,
            "corp-root.der": self.root.der,
            "corp-chain.pem": self.root.pem + self.issuing.pem,
            "old-root.pem": self.old.pem,
            "other-root.pem": self.other.pem,
        }

    def front(self) -> bytes:
        """Certificate and key that httpd shows to clients."""
        own = pki.issue(PUBLIC, self.root, dns=[PUBLIC])
        return own.pem + own.key_pem

    def behaviours(self) -> dict[str, Behaviour]:
        """Each backend of the lab."""
        direct = pki.issue(HOST, self.root, dns=[HOST], ip=[_LOOPBACK])
        signed = pki.issue(HOST, self.issuing, dns=[HOST])
        other = pki.issue("crm.backend.test", self.root, dns=["crm.backend.test"])
        named = pki.issue(HOST, self.root, dns=[HOST, PUBLIC])
        expired = pki.issue(HOST, self.root, dns=[HOST], days=(-400, -3))
        return {
            "plain": Behaviour(Identity(direct)),
            "intermediate": Behaviour(Identity(signed, (self.issuing,))),
            "forgetful": Behaviour(Identity(signed)),
            "wrong-name": Behaviour(Identity(other)),
            "expired": Behaviour(Identity(expired)),
            "http": Behaviour(speaks="plain"),
            "login": Behaviour(Identity(direct), application=Application("login")),
            "https-only": Behaviour(
                Identity(direct), application=Application("https-only", PUBLIC)
            ),
            "one-name": Behaviour(Identity(named), application=Application("one-name", PUBLIC)),
        }


def _module(name: str) -> Path:
    """A module's file: of the httpd that is installed; of Debian's where none is."""
    directory = next((d for d in _MODULE_DIRECTORIES if Path(d).is_dir()), _MODULE_DIRECTORIES[0])
    return Path(directory, f"mod_{name}.so")


def _modules() -> str:
    """LoadModule lines."""
    # unixd is compiled in on Debian, a module elsewhere
    names = (*_MODULES, *(["unixd"] if _module("unixd").exists() else []))
    return "".join(f"LoadModule {name}_module {_module(name)}\n" for name in names)
