"""Would the server that runs survive a reload? What neither ``-t`` nor a start shows.

A reload keeps open sockets and the keys that are unlocked already, and cannot exchange the MPM: so
the same configuration may start, and end a server that runs. What ends a start ends a reload, too:
that the reader finds (`wizard.config.checks`). ``problems`` decides, ``facts`` looks.

Source: httpd 2.4, server/listen.c (alloc_listener, open_listeners), server/config.c
(ap_setup_prelinked_modules), modules/ssl/ssl_engine_pphrase.c; each case was run on httpd 2.4.71.
"""
# ruff: noqa: PTH116, PTH120
# Paths stay str, as everywhere in `wizard.config`: of thousands of files pathlib takes a second.

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache, partial
from pathlib import Path

from wizard.config import load
from wizard.config.checks.checker import problem_at
from wizard.config.installation import processes
from wizard.config.installation.filesystem import merge_path
from wizard.config.installation.layout import Layout
from wizard.config.servers.levels import ServerLevel, levels
from wizard.config.servers.listen_addresses import ANY_IPV4, ANY_IPV6, host_and_port
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import first_word
from wizard.httpd import front_keys, listeners
from wizard.httpd.listeners import Endpoint
from wizard.httpd.running import Running, number_in, pid_file, running
from wizard.model.config import Problem, Source
from wizard.model.host_names import is_address
from wizard.model.scope import Scope
from wizard.record import record

_MPM = re.compile(r"/(mod_mpm_\w+\.so)", re.MULTILINE)
_LOADS_MPM = re.compile(rb"^[ \t]*LoadModule[ \t]+\"?mpm_", re.MULTILINE | re.IGNORECASE)
_RUNS_A_PROGRAM = ("exec:", "|")
_OTHER = "Another program listens there (ss -ltnp shows which). End it, or name another port."
_OWN = (
    "The server that runs listens there for another Listen line, and a reload does not close that "
    "first. Write the line as it was, or restart httpd."
)
_UNSURE = (
    "If the line is as it was, reload httpd yourself, and run this again. If it was changed, a "
    "reload ends httpd: write it as it was, or restart httpd."
)
_NO_ADDRESS = "No interface of this machine has this address. Name one that is there."


@record
class Listen:
    """A ``Listen`` line.

    Args:
        line: it stands there.
        host: without brackets; None: every address.
        endpoints: what httpd opens for it; of every address that of IPv6 first.
        edited: its file was edited since httpd read it.
    """

    line: Node
    host: str | None
    endpoints: tuple[Endpoint, ...]
    edited: bool

    @property
    def in_order(self) -> tuple[Endpoint, ...]:
        """As getaddrinfo(3) gives them: of every address that of IPv4 first."""
        return self.endpoints[::-1] if self.host is None else self.endpoints

    @property
    def one_spelling(self) -> bool:
        """Whether another spelling of it is hardly possible: httpd keeps a socket only for a host
        that is spelled as it was."""
        return self.host is None or (self.host != ANY_IPV6 and is_address(self.host))


@record
class LockedKey:
    """A front key that needs a pass phrase, which nobody is there to type at a reload, and that
    httpd has not unlocked: it, or the configuration, was edited since httpd read it.

    Args:
        line: names it.
        path: of its file.
    """

    line: Node
    path: str


@record
class LoadMpm:
    """The ``LoadModule`` line of a multi-processing module.

    Args:
        source: it stands there; line 0: not known.
        path: of the module.
    """

    source: Source
    path: str


@record
class Facts:
    """What was seen of a server that runs, and of its machine.

    Args:
        listens: every ``Listen`` line, in order.
        held: where the server listens; None: it may not be seen.
        refused: errno of the other endpoints of ``listens`` that cannot be bound now.
        mpm: the file of the MPM that the server has loaded; ``""``: not known, or none.
        load_mpm: the ``LoadModule`` of an MPM; None: it is compiled in.
        locked: front keys that it would ask a pass phrase for.
    """

    listens: tuple[Listen, ...] = ()
    held: frozenset[Endpoint] | None = None
    refused: Mapping[Endpoint, int] = field(default_factory=dict)
    mpm: str = ""
    load_mpm: LoadMpm | None = None
    locked: tuple[LockedKey, ...] = ()


def faults(
    scope: Scope, after: Mapping[str, bytes] | None = None, own: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """What would end the server that runs with a configuration at its next reload.

    Args:
        scope: ``path``, ``defines`` and ``httpd`` name the configuration.
        after: contents of the files that a change writes, by path; None: it is read as it is.
        own: real paths of files that a change has written already: that they were edited since
            httpd read them says nothing.

    Returns:
        Empty as well if none is known to run.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    found = load(
        scope.path, defines=scope.defines, overlay=after, httpd=scope.httpd,
        at_reload=partial(at_reload, own=own),
    )  # fmt: skip
    ending = ("start", "reload") if found.running else ()
    return tuple(problem for problem in found.problems if problem.phase in ending)


def at_reload(
    layout: Layout, tree: Tree, *, own: frozenset[str] = frozenset()
) -> tuple[Problem, ...] | None:
    """See `wizard.config.configuration.AtReload`."""
    server = running(layout, tree)
    if not isinstance(server, Running):
        return None
    return tuple(problems(facts(layout, tree, server.pid, own)))


def problems(facts: Facts) -> Iterator[Problem]:
    """What would end the server."""
    load = facts.load_mpm
    if load is not None and facts.mpm and Path(load.path).name != facts.mpm:
        yield Problem(
            load.source.file,
            load.source.line,
            f"Configuration error: The MPM cannot be changed during restart (from {facts.mpm} to "
            f"{Path(load.path).name}).",
            "reload",
            "AH00534",
            hint="End httpd and start it instead of reloading it.",
        )
    if facts.held is not None:
        yield from _unopened(facts.listens, facts.held, facts.refused)
    for key in facts.locked:
        message = (
            f"Failed to configure encrypted (?) private key: {key.path} needs a pass phrase, and "
            "nobody is asked for it at a reload"
        )
        hint = (
            "End httpd and start it where it can ask, or have SSLPassPhraseDialog name a program "
            "(exec:)."
        )
        yield problem_at(key.line, message, "AH02564", hint, "reload")


def _unopened(
    listens: Sequence[Listen], held: frozenset[Endpoint], refused: Mapping[Endpoint, int]
) -> Iterator[Problem]:
    """Sockets that httpd cannot open beside those that it keeps, in its own order.

    Source: httpd 2.4, server/listen.c (``open_listeners``): the one of every IPv4 address is left
    out where that of IPv6 is open, which receives for it, or comes next; and that of IPv6, if it
    cannot be opened, where that of IPv4 comes next.
    """
    kept = [listen for listen in listens if _is_kept(listen, held, refused)]
    both = {e.port for one in kept for e in one.endpoints if e in held and e.address == ANY_IPV6}
    order = [(one.line, e) for one in listens if one not in kept for e in one.in_order]
    for at in range(len(order) - 1):
        one, other = order[at : at + 2]
        if one[1].address == ANY_IPV4 and other[1] == (ANY_IPV6, one[1].port):
            order[at : at + 2] = other, one
    opened: list[Endpoint] = []
    for at, (line, endpoint) in enumerate(order):
        if endpoint.address == ANY_IPV4 and endpoint.port in both:
            continue
        number = errno.EADDRINUSE if endpoint in held else refused.get(endpoint, 0)
        number = number or errno.EADDRINUSE * any(_overlap(endpoint, e) for e in opened)
        following = order[at + 1][1] if at + 1 < len(order) else None
        if not number:
            opened.append(endpoint)
            both |= {endpoint.port} if endpoint.address == ANY_IPV6 else set()
        elif endpoint.address != ANY_IPV6 or following != (ANY_IPV4, endpoint.port):
            yield _bind(line, endpoint, number, held)


def _is_kept(listen: Listen, held: frozenset[Endpoint], refused: Mapping[Endpoint, int]) -> bool:
    known = [endpoint for endpoint in listen.endpoints if endpoint in held]
    if not known or (listen.edited and not listen.one_spelling):
        return False
    if listen.host is not None or not listen.edited or known[0].address == ANY_IPV6:
        return True
    # it has IPv4's alone: either there is no IPv6, or the line was another
    return refused.get(listen.endpoints[0]) != errno.EADDRINUSE


def _overlap(one: Endpoint, other: Endpoint) -> bool:
    """Whether two sockets of a server cannot be opened one after the other."""
    if one.port != other.port:
        return False
    if ANY_IPV6 in (one.address, other.address) or one.address == other.address:
        return True
    alike = (":" in one.address) == (":" in other.address)
    return alike and ANY_IPV4 in (one.address, other.address)


def _bind(line: Node, endpoint: Endpoint, number: int, held: frozenset[Endpoint]) -> Problem:
    message = f"could not bind to address {endpoint}: {os.strerror(number)}"
    if number != errno.EADDRINUSE:
        hint = _NO_ADDRESS
    elif endpoint in held:
        message += ", unless this line is as httpd read it, before somebody edited the file"
        hint = _UNSURE
    else:
        hint = _OWN if any(_overlap(endpoint, other) for other in held) else _OTHER
    return problem_at(line, message, "AH00072", hint, "reload")


# What is looked at


def facts(layout: Layout, tree: Tree, pid: int, own: frozenset[str] = frozenset()) -> Facts:
    """Look at a server that runs, and at what its configuration needs.

    Args:
        layout: of the configuration.
        tree: as it is, or will be.
        pid: of the server's parent process.
        own: see ``faults``.
    """
    main, hosts = levels(tree.root)
    newer = _newer(_last_read(layout, tree, pid))

    def edited(name: str) -> bool:
        file = tree.files.get(name)
        return file is not None and file.real_path not in own and newer(file.path)

    held = listeners.held(pid)
    listens = tuple(_listens(main, edited)) if held is not None else ()
    keys = dict(_asked_for(tree, main, hosts))
    since = bool(keys) and any(map(edited, tree.files))
    wanted = {endpoint for listen in listens for endpoint in listen.endpoints} - (held or set())
    return Facts(
        listens=listens,
        held=held,
        refused={each: number for each in wanted if (number := listeners.refusal(each))},
        mpm=_mpm(pid),
        load_mpm=_load_mpm(layout, tree),
        locked=tuple(
            LockedKey(node, path)
            for path, node in keys.items()
            if (since or newer(path)) and front_keys.is_locked(path)
        ),
    )


def _last_read(layout: Layout, tree: Tree, pid: int) -> float:
    """When httpd read its configuration, in seconds of the epoch: it writes its PID file right
    after that, at a reload too (ap_log_pid). Not known: when it was started."""
    path = pid_file(layout, tree)
    with contextlib.suppress(OSError, ValueError):
        if number_in(path) == pid:
            return Path(path).stat().st_mtime
    return processes.started(pid)


def _newer(moment: float) -> Callable[[str], bool]:
    """Whether a file, or a link that leads to it, was changed or put there since: a file that is
    moved or unpacked keeps the time of its contents, not that of its inode."""

    @cache
    def relinked(directory: str) -> bool:
        above = os.path.dirname(directory)
        status = os.lstat(directory)
        new = stat.S_ISLNK(status.st_mode) and status.st_ctime > moment
        return new or (above != directory and relinked(above))

    def newer(path: str) -> bool:
        try:
            last = max(os.stat(path).st_ctime, os.lstat(path).st_ctime)
            return last > moment or relinked(os.path.dirname(path))
        except (OSError, ValueError):
            return False

    return newer


def _listens(main: ServerLevel, edited: Callable[[str], bool]) -> Iterator[Listen]:
    for node in main.all("listen"):
        named = host_and_port(first_word(node.args)[0])
        if named is not None:
            found = listeners.endpoints(*named)
            yield Listen(node, named[0], found, edited(node.file))


def _mpm(pid: int) -> str:
    try:
        found = _MPM.search(Path(f"/proc/{pid}/maps").read_text("utf-8", "surrogateescape"))
    except OSError:
        return ""
    return found[1] if found is not None else ""


def _load_mpm(layout: Layout, tree: Tree) -> LoadMpm | None:
    path = next((path for name, path in tree.loads if name.startswith("mpm_")), None)
    if path is None:
        return None
    for file in tree.files.values():
        found = _LOADS_MPM.search(file.data)
        if found is not None:
            return LoadMpm(Source(file.path, file.data.count(b"\n", 0, found.start()) + 1), path)
    return LoadMpm(Source(layout.main_file, 0), path)


def _asked_for(
    tree: Tree, main: ServerLevel, hosts: Sequence[ServerLevel]
) -> Iterator[tuple[str, Node]]:
    """Files of front keys, and the lines that name them, which httpd would ask for at the terminal
    of its start if they are locked."""
    dialog = main.last("sslpassphrasedialog")
    if dialog is not None and first_word(dialog.args)[0].startswith(_RUNS_A_PROGRAM):
        return
    for level in (main, *hosts):
        engine = level.last("sslengine") or main.last("sslengine")
        if engine is None or first_word(engine.args)[0].lower() not in ("on", "optional"):
            continue
        for server in (main, level):
            for key in ("sslcertificatefile", "sslcertificatekeyfile"):
                for node in server.all(key):
                    yield merge_path(tree.server_root, first_word(node.args)[0]), node
