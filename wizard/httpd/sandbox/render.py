"""The throw-away configuration: one virtual host of a tree, and the server level around it.

What would reach beyond the temporary directory and loopback is left out or replaced: listeners,
logs, PID and lock files, caches (a stored answer proves nothing), session caches, pools sized for
production, and whatever would run a program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import split_words
from wizard.httpd.sandbox import logs, modules
from wizard.httpd.sandbox.access import Door

ADDRESS = "127.0.0.2"
"""Loopback, and no address that a resolver has several names for: httpd would listen once for
each of them."""
_REPLACED = frozenset({
    "listen", "listenbacklog", "listencoresbucketsratio", "remoteipproxyprotocol",
    "remoteipproxyprotocolexceptions",
    "pidfile", "defaultruntimedir", "serverroot", "scoreboardfile", "coredumpdirectory",
    "chrootdir", "mutex",
    "errorlog", "errorlogformat", "loglevel", "customlog", "transferlog", "globallog",
    "forensiclog", "cookielog", "bufferedlogs",
    "scriptsock", "scriptlog",
    "cacheroot", "cacheenable", "cachelock", "cachelockpath", "cachesocache", "ldapsharedcachefile",
    "davlockdb", "davgenericlockdb", "dbdpersist",
    "sslsessioncache", "sslstaplingcache", "sslusestapling", "sslrandomseed", "sslcryptodevice",
    "sslpassphrasedialog",
    "startservers", "serverlimit", "threadlimit", "threadsperchild", "minspareservers",
    "maxspareservers",
    "minsparethreads", "maxsparethreads", "maxrequestworkers", "maxclients",
    "maxconnectionsperchild",
    "maxrequestsperchild", "asyncrequestworkerfactor",
})  # fmt: skip
_FRONT = frozenset({
    "sslengine", "sslcertificatefile", "sslcertificatekeyfile", "sslcertificatechainfile",
    "sslverifyclient", "sslstrictsnivhostcheck", "sslrequiressl",
})  # fmt: skip
"""Directives of TLS towards the browser; left out where there is none."""
_SIZES = """\
<IfModule mpm_prefork_module>
StartServers 2
MinSpareServers 1
MaxSpareServers 2
MaxRequestWorkers 4
</IfModule>
<IfModule !mpm_prefork_module>
StartServers 1
ServerLimit 1
ThreadLimit 8
ThreadsPerChild 8
MinSpareThreads 1
MaxSpareThreads 8
MaxRequestWorkers 8
</IfModule>
"""
_INFORMATIVE = (
    "proxy_http", "proxy_http2", "proxy_wstunnel", "proxy_balancer",
    "proxy_ajp", "proxy_fcgi",
)  # fmt: skip
"""Modules that log at info, if they are loaded."""
_OF_WORKERS = frozenset({"proxypass", "balancermember", "proxyset", "proxy"})
_HEALTH_CHECK = re.compile(
    r"""(?:^|\s+)(?:"hc[a-z]+=[^"]*"|'hc[a-z]+=[^']*'|hc[a-z]+=\S*)""", re.IGNORECASE
)
"""A worker's parameter that only mod_proxy_hcheck knows (``hcmethod=GET``)."""


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """A throw-away configuration.

    Args:
        text: to be written with ``surrogateescape``.
        tls: whether the (first) virtual host speaks TLS to the client.
        notes: what is done otherwise than in reality, each one sentence.
        origins: by line of the text (from 1): where it stands in reality, ``line N of FILE``.
    """

    text: str
    tls: bool
    notes: tuple[str, ...]
    origins: Mapping[int, str]


def render(
    tree: Tree,
    layout: Layout,
    hosts: Sequence[Node],
    directory: Path,
    name: str,
    port: int,
    door: Door,
) -> SandboxConfig:
    """Write the configuration.

    Args:
        tree: of the real configuration.
        layout: that it was read with.
        hosts: its ``<VirtualHost>`` sections to keep; none: the main server answers.
        directory: for everything that httpd writes.
        name: of this run: the beginning of its files' names.
        port: on :data:`ADDRESS`.
        door: who gets in.
    """
    return _Writer(tree, layout, directory, name, port=port, door=door).config(hosts)


@dataclass(slots=True)
class _Writer:
    tree: Tree
    layout: Layout
    directory: Path
    name: str
    port: int
    door: Door
    lines: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)
    foreign: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.foreign = modules.left_out(self.tree.modules)

    def config(self, hosts: Sequence[Node]) -> SandboxConfig:
        main = [node for node in self.tree.root if node.key != "virtualhost"]
        self._preamble()
        speaking = [self._speaks_tls(main, host.children or []) for host in hosts]
        self._nodes(main, plain=not any(speaking))
        if not hosts:
            self.lines += self.door.lines()
        for host, tls in zip(hosts, speaking, strict=True):
            self.lines.append(f"<VirtualHost {ADDRESS}:{self.port}>")
            self._nodes(host.children or [], plain=not tls)
            if any(speaking) and not tls:
                self.lines.append("SSLEngine off")  # the main server's would count
            self.lines += self.door.lines()
            self.lines.append("</VirtualHost>")
        text = "\n".join(self.lines) + "\n"
        return SandboxConfig(text, any(speaking[:1]), tuple(self.notes), self.origins)

    def _preamble(self) -> None:
        run = f"{self.directory}/{self.name}.run"
        loads, notes = modules.loads(self.tree, self.layout)
        for note in notes:
            self._note(note)
        self.lines += [
            f"ServerRoot {_quoted(self.tree.server_root)}",
            *(f"LoadModule {i} {_quoted(p)}" if i else f"LoadFile {_quoted(p)}" for i, p in loads),
            f"DefaultRuntimeDir {_quoted(run)}",
            f"PidFile {_quoted(f'{run}/httpd.pid')}",
            f"Mutex {_quoted(f'fcntl:{run}')} default",
            f"Listen {ADDRESS}:{self.port}",
            "ServerName localhost",
            # Without a User of its own it would go on as root, with an AH02155 for each child.
            "<IfModule unixd_module>",
            "User #65534",
            "Group #65534",
            "</IfModule>",
            f"ErrorLog {_quoted(f'{self.directory}/{self.name}.error')}",
            self._log_level(loads),
            *_SIZES.splitlines(),
            "<IfModule log_config_module>",
            f'LogFormat "{logs.ACCESS_FORMAT}" proxy-wizard-rehearsal',
            f"CustomLog {_quoted(f'{self.directory}/{self.name}.access')} proxy-wizard-rehearsal",
            "</IfModule>",
            "<IfModule ssl_module>",
            "SSLSessionCache none",
            "</IfModule>",
            "<IfModule dbd_module>",
            "DBDPersist Off",  # else every child connects to the database before it is needed
            "</IfModule>",
        ]

    def _nodes(self, nodes: Iterable[Node], *, plain: bool) -> None:
        for node in nodes:
            if node.key in _REPLACED or node.key.startswith(self.foreign):
                continue
            if (plain and node.key in _FRONT) or self.door.leaves_out(node):
                continue
            if node.key == "sslverifyclient":
                self._note(
                    "The rehearsal's client has no certificate: SSLVerifyClient is left out."
                )
                continue
            if _runs_program(node):
                self._note(f"Left out, because it runs a program: {node.name}.")
                continue
            self.origins[len(self.lines) + 1] = f"line {node.line} of {node.file}"
            args = self._arguments(node)
            if node.children is None:
                self.lines.append(_line(f"{node.name} {args}"))
                continue
            self.lines.append(_line(f"<{node.name} {args}>" if args else f"<{node.name}>"))
            self._nodes(node.children, plain=plain)
            self.lines.append(f"</{node.name}>")

    def _arguments(self, node: Node) -> str:
        """A directive's arguments, without those of a module that is left out."""
        if node.key in _OF_WORKERS and modules.HEALTH_CHECKS in self.tree.modules:
            return _HEALTH_CHECK.sub("", node.args)
        return _own_cache(node)

    def _log_level(self, loads: Iterable[tuple[str, str]]) -> str:
        loaded = {identifier for identifier, _ in loads} | set(self.layout.static_modules)
        levels = [f"{name}:info" for name in _INFORMATIVE if f"{name}_module" in loaded]
        if "proxy_module" in loaded:
            levels.append("proxy:debug")  # names the client before anything of its request
        if "ssl_module" in loaded:
            levels.append("ssl:debug")  # names the certificates (AH02275)
        return " ".join(["LogLevel warn", *levels])

    def _speaks_tls(self, main: Sequence[Node], own: Sequence[Node]) -> bool:
        """Whether a virtual host speaks TLS to its clients, with a key that can be used here."""
        engines = list(_values((*main, *own), "sslengine"))
        if not engines or engines[-1].lower() != "on":
            return False
        files = _values((*main, *own), "sslcertificatefile", "sslcertificatekeyfile")
        if any(
            path.lower().startswith("pkcs11:") or _locked(merge_path(self.tree.server_root, path))
            for path in files
        ):
            self._note(
                "The client speaks plain HTTP to the rehearsal: the virtual host's own "
                "certificate and key cannot be used here."
            )
            return False
        return True

    def _note(self, text: str) -> None:
        self.notes[text] = None


def _values(nodes: Iterable[Node], *keys: str) -> Iterator[str]:
    for node in nodes:
        if node.key in keys:
            yield next(iter(split_words(node.args)), "")


def _runs_program(node: Node) -> bool:
    """Whether httpd would start a program because of a directive: a map that answers
    (mod_rewrite), a pass phrase that is printed (``exec:``), a log that is piped."""
    if node.key == "rewritemap":
        return any(word.lower().startswith("prg:") for word in split_words(node.args)[1:2])
    if "pass" in node.key and "exec:" in node.args.lower():
        return any(word.lower().startswith("exec:") for word in split_words(node.args))
    if "log" in node.key and "|" in node.args:
        return split_words(node.args)[0].startswith("|")
    return False


def _own_cache(node: Node) -> str:
    """A directive's arguments; of a cache of credentials without the path of the real one's file,
    which httpd would remove at its start and end."""
    provider, _, _ = node.args.partition(":")
    if node.key == "authncachesocache" and provider.strip('"').lower() in ("dbm", "shmcb"):
        return provider.strip('"')
    return node.args


def _locked(path: str) -> bool:
    """Whether a certificate or key file cannot be read by this user, or needs a pass phrase."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # the rehearsal shows httpd's own error
    except (OSError, ValueError):
        return True
    with os.fdopen(descriptor, "rb") as file:
        return b"ENCRYPTED" in file.read(65536)


def _line(text: str) -> str:
    """A directive on one line; a backslash at its end would join the next one."""
    return f"{text} " if text.endswith("\\") else text


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
