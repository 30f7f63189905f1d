"""The throw-away configuration: one virtual host of a tree, and the server level around it.

What would reach beyond the temporary directory and loopback is left out or replaced
(`wizard.httpd.sandbox.leave_out`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import split_words
from wizard.httpd import front_keys
from wizard.httpd.sandbox import logs, modules
from wizard.httpd.sandbox.access import Door as Entrance
from wizard.httpd.sandbox.doors import Door
from wizard.httpd.sandbox.leave_out import LeaveOut
from wizard.httpd.sandbox.sockets import confine
from wizard.record import record

ADDRESS = "127.0.0.2"
"""Loopback, and no address that a resolver has several names for: httpd would listen once for
each of them."""
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


@record
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
    door: Entrance,
    forward_proxy: int = 0,
    sockets: frozenset[str] = frozenset(),
    doors: Sequence[Door] = (),
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
        forward_proxy: port on 127.0.0.1 of one through which everything goes; 0: there is none but
            those of the configuration.
        sockets: absolute paths of those that may be connected to.
        doors: through which some backends are reached, unless there is such a proxy.
    """
    remotes = [one.directive() for one in doors]
    if forward_proxy:
        remotes = [f"ProxyRemote * http://127.0.0.1:{forward_proxy}"]
    writer = _Writer(tree, layout, directory, name, port, door, remotes, sockets)
    return writer.config(hosts)


@dataclass(slots=True)
class _Writer:
    tree: Tree
    layout: Layout
    directory: Path
    name: str
    port: int
    door: Entrance
    remotes: list[str]
    sockets: frozenset[str]
    lines: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    origins: dict[int, str] = field(default_factory=dict)
    leave_out: LeaveOut = field(init=False)

    def __post_init__(self) -> None:
        self.leave_out = LeaveOut(self.tree, self.layout)

    def config(self, hosts: Sequence[Node]) -> SandboxConfig:
        main = [node for node in self.tree.root if node.key != "virtualhost"]
        self._preamble()
        speaking = [self._speaks_tls(main, host.children or []) for host in hosts]
        self._nodes(main, plain=not any(speaking))
        if not hosts:
            self.lines += self.door.lines()
        for host, tls in zip(hosts, speaking, strict=True):
            self.lines.append(f"<VirtualHost {ADDRESS}:{self.port}>")
            self.lines += self.remotes  # of the main server nothing counts at ProxyPassInherit Off
            self._nodes(host.children or [], plain=not tls)
            if any(speaking) and not tls:
                self.lines.append("SSLEngine off")  # the main server's would count
            self.lines += self.door.lines()
            self.lines.append("</VirtualHost>")
        text = "\n".join(self.lines) + "\n"
        notes = (*self.notes, *self.leave_out.notes)
        return SandboxConfig(text, any(speaking[:1]), notes, self.origins)

    def _preamble(self) -> None:
        run = f"{self.directory}/{self.name}.run"
        loads, missing = modules.loads(self.tree, self.layout)
        if missing:
            self._note(f"Left out, because their files are not here: {', '.join(missing)}.")
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
        ]
        self.lines += self.remotes  # the first that matches counts, the main server's before others

    def _nodes(self, nodes: Iterable[Node], *, plain: bool) -> None:
        for node in nodes:
            if (plain and node.key in _FRONT) or self.door.leaves_out(node):
                continue
            if self.remotes and node.key == "noproxy":
                continue
            if node.key == "sslverifyclient":
                self._note(
                    "The rehearsal's client has no certificate: SSLVerifyClient is left out."
                )
                continue
            args = self.leave_out.arguments(node)
            if args is None:
                continue
            relative_to = self.tree.runtime_dir or self.tree.server_root
            args = confine(args, relative_to, self.sockets)
            self.origins[len(self.lines) + 1] = f"line {node.line} of {node.file}"
            if node.children is None:
                self.lines.append(_line(f"{node.name} {args}"))
                continue
            self.lines.append(_line(f"<{node.name} {args}>" if args else f"<{node.name}>"))
            self._nodes(node.children, plain=plain)
            self.lines.append(f"</{node.name}>")

    def _log_level(self, loads: Iterable[tuple[str, str]]) -> str:
        loaded = {identifier for identifier, _ in loads} | set(self.layout.static_modules)
        levels = [f"{name}:info" for name in _INFORMATIVE if f"{name}_module" in loaded]
        if "proxy_module" in loaded:
            levels.append("proxy:debug")  # names the client before anything of its request
        if "proxy_http2_module" in loaded:
            levels.append("proxy_http2:debug")  # says how the stream ended (AH03364)
        if "ssl_module" in loaded:
            levels.append("ssl:debug")  # names the certificates (AH02275)
        return " ".join(["LogLevel warn", *levels])

    def _speaks_tls(self, main: Sequence[Node], own: Sequence[Node]) -> bool:
        """Whether a virtual host speaks TLS to its clients, with a key that can be used here."""
        engines = list(_values((*main, *own), "sslengine"))
        if not engines or engines[-1].lower() != "on":
            return False
        files = tuple(_values((*main, *own), "sslcertificatefile", "sslcertificatekeyfile"))
        managed = not files and "md_module" in self.tree.modules
        if managed or any(
            path.startswith("pkcs11:")
            or front_keys.is_locked(merge_path(self.tree.server_root, path)) is not False
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


def _line(text: str) -> str:
    """A directive on one line; a backslash at its end would join the next one."""
    return f"{text} " if text.endswith("\\") else text


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
