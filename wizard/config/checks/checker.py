"""What the checks of single directives need and return.

Each message of the checks was read from httpd 2.4.71 (tests/config/routing).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import cached_property
from itertools import dropwhile

from wizard.config.installation.filesystem import exists, merge_path
from wizard.config.installation.layout import Layout
from wizard.config.routing.proxy_directives import Proxied, collect
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax import backend_url
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import first_word
from wizard.model.config import Problem, ProblemPhase, Source
from wizard.record import record
from wizard.reference import config_releases, directives
from wizard.reference.boot import OF_THE_BOOT
from wizard.reference.config_releases import Kind
from wizard.reference.release import Release


@record
class Refusal:
    """Why ``-t`` refuses a line.

    Args:
        message: httpd's own words.
        slug: the finding that it amounts to.
        hint: what to do.
        modules: identifiers of the modules to load, if that is the cure.
    """

    message: str
    slug: str | None = None
    hint: str = ""
    modules: tuple[str, ...] = ()


def problem_at(
    node: Node, message: str, code: str | None, hint: str, phase: ProblemPhase = "start"
) -> Problem:
    """What httpd dies of at a directive, outside of ``-t``.

    Args:
        node: the directive.
        message: httpd's own words.
        code: httpd's AH code, if it logs one.
        hint: what to do.
        phase: see ``Problem``.
    """
    written = f"{node.name} {node.args}"
    return Problem(node.file, node.line, message, phase, code, directive=written, hint=hint)


class _Before:
    """What the lines before another say about proxying, which is asked of one line after the other.

    Args:
        nodes: the directives and sections of a server.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes
        self._places = {node: place for place, node in enumerate(nodes)}
        self._found = Proxied()
        self._next = 0

    def of(self, node: Node, section: Node | None, *, whole: bool) -> Proxied:
        """What was said before a line; the lines that it is asked of come in their order.

        Args:
            node: the line.
            section: the outermost one that it stands in; None: in none.
            whole: whether that section counts, with all that it says.
        """
        end = self._places[node] if section is None else self._places[section] + whole
        if end > self._next:
            collect(ServerLevel(None, self._nodes[self._next : end]), self._found)
            self._next = end
        return self._found


class Checker:
    """What a check needs besides the line itself.

    Args:
        tree: the configuration.
        layout: that it was read with.
        created: real paths that count as existing, besides those on disk.
        release: whose rules are followed.
        running: whether a server runs with it: then nobody makes what it needs of the boot, but
            Debian's apache2ctl, by which it is reloaded, two directories.
    """

    def __init__(
        self,
        tree: Tree,
        layout: Layout,
        created: frozenset[str],
        release: Release,
        *,
        running: bool = False,
    ) -> None:
        self.release = release
        self.modules = frozenset(tree.modules)
        self.partial = layout.partial
        self.elsewhere = layout.partial or layout.copy_of is not None
        """Whether the files that it names may be on another machine."""
        self.main_file = layout.main_file
        self.runtime_dir = tree.runtime_dir
        self.loads = tree.loads
        self.listens: dict[tuple[str, str], Source] = {}
        self._tree = tree
        self._layout = layout
        self._created = created
        self.running = running
        variables = layout.environment if layout.kind == "debian" else {}
        self._made = {variables.get(name, "") for name in ("APACHE_RUN_DIR", "APACHE_LOCK_DIR")}
        self._sources = frozenset(map(directives.source_name, tree.modules))
        self._states: dict[str, str] = {}
        self._names: dict[tuple[str, Node | None], set[str]] = {}
        self._defined: dict[Node | None, _Before] = {}
        self._behind_if: dict[Node | None, frozenset[Node]] = {}

    def lack(self, kind: Kind, word: str) -> str | None:
        """Why this release does not know a word (`config_releases.lack`)."""
        return config_releases.lack(kind, word, self.release)

    def knows(self, kind: Kind, word: str) -> bool:
        """Whether this release knows a word that some release does."""
        return config_releases.knows(kind, word, self.release)

    def names(self, kind: str, sections: tuple[Node, ...]) -> set[str]:
        """Names, in lower case, that directives of a kind defined earlier in a line's server."""
        server = next((s for s in sections if s.key == "virtualhost"), None)
        return self._names.setdefault((kind, server), set())

    def knows_module(self, name: str) -> bool:
        """Whether LogLevel finds a module: ``ssl``, ``ssl_module`` or ``mod_ssl.c``."""
        return (
            self.partial
            or f"{name}_module" in self.modules
            or name in self.modules
            or name in self._sources
        )

    @cached_property
    def has_modules_of_others(self) -> bool:
        """Whether a module is loaded that is not httpd's own: it may add to any vocabulary."""
        return not self.partial and not self.modules <= frozenset(directives.known_modules())

    def modules_named(self, prefix: str) -> list[str]:
        """Names of the loaded modules that begin with a text, in the order of loading."""
        names = (name.removesuffix("_module") for name in self._tree.modules)
        return [name for name in names if name.startswith(prefix)]

    def has_worker(
        self, url: str, node: Node, sections: tuple[Node, ...], *, before: bool = False
    ) -> bool:
        """Whether a worker or balancer of that URL was defined before this line in its server.

        Args:
            url: of it.
            node: the line.
            sections: that it stands in.
            before: nothing of the section that it stands in counts, else all of it.
        """
        server = next((s for s in sections if s.key == "virtualhost"), None)
        if server not in self._defined:
            nodes = server.children or [] if server is not None else self._tree.root
            self._defined[server] = _Before(nodes)
        inside = sections[sections.index(server) + 1 :] if server is not None else sections
        section = inside[0] if inside else None
        found = self._defined[server].of(node, section, whole=not before)
        return any(found.knows(name) for name in backend_url.worker_names(url))

    def follows_if(self, node: Node, sections: tuple[Node, ...]) -> bool:
        """Whether an ``<If>`` stands before an ``<Else>`` in the same section."""
        section = sections[-1] if sections else None
        if section not in self._behind_if:
            nodes = section.children or [] if section is not None else self._tree.root
            self._behind_if[section] = frozenset(dropwhile(lambda other: other.key != "if", nodes))
        return node in self._behind_if[section]

    def resolve(self, path: str) -> str:
        """An absolute path, as httpd names it in its messages."""
        return merge_path(self._tree.server_root, path)

    def state(self, path: str) -> str:
        """``file``, ``directory``, ``missing`` (or empty, or no regular file), ``unknown``."""
        found = self._states.get(path)
        if found is None:
            found = self._states[path] = self._look(self._layout.relocate(path))
        return found

    def is_there(self, path: str) -> bool:
        """Whether there is anything of that name, also an empty file; True if it is not known."""
        return self.state(path) != "missing" or exists(self._layout.relocate(path))

    def is_of_the_boot(self, path: str) -> bool:
        """Whether it lies where nothing outlives a boot: whoever starts httpd makes it there."""
        of_boot = path.startswith(OF_THE_BOOT)
        if self.running:
            return of_boot and not self._made.isdisjoint((path, os.path.dirname(path)))  # noqa: PTH120
        return of_boot

    def _look(self, path: str) -> str:
        if self._created and os.path.realpath(path) in self._created:
            return "file"
        try:
            status = os.stat(path)  # noqa: PTH116 # str paths, see wizard.config.installation.filesystem
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        except (OSError, ValueError):  # this user may not look
            return "unknown"
        if stat.S_ISDIR(status.st_mode):
            return "directory"
        return "file" if stat.S_ISREG(status.st_mode) and status.st_size else "missing"


Check = Callable[[Checker, Node, tuple[Node, ...]], Refusal | None]
"""A directive's own function: what it says to a line in its sections; None: it accepts it."""


def word_set(text: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(text.split())


def one_of(message: str, *words: str, hint: str = "") -> Check:
    """A check of a first argument that must be one of a few words, in any case.

    ``{word}`` in the message is replaced by the argument.
    """

    def check(_: Checker, node: Node, __: tuple[Node, ...]) -> Refusal | None:
        word = first_word(node.args)[0]
        if word.lower() in words:
            return None
        return Refusal(message.replace("{word}", word), hint=hint)

    return check
