"""What one server level says about proxying: mappings, workers, balancers, handlers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wizard.config.routing.balancers import Balancers, is_balancer, key_values, split
from wizard.config.routing.proxy_pass import PathMapping, mapping
from wizard.config.routing.rewrite_rules import Rewrite, RewriteRule, RewriteScope
from wizard.config.routing.workers import Workers
from wizard.config.servers.levels import (
    FILE_SECTIONS,
    LOCATION_SECTIONS,
    PER_REQUEST_SECTIONS,
    PROXY_SECTIONS,
    Section,
    ServerLevel,
)
from wizard.config.syntax.backend_url import with_host, worker_name
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import Setting

T = TypeVar("T")
_SIMPLE = frozenset({"proxypass", "proxypassmatch"})
_LIMITS = frozenset({"limit", "limitexcept"})
_INNER = FILE_SECTIONS | PER_REQUEST_SECTIONS | _LIMITS
_HANDLERS = frozenset({"sethandler", "addhandler"})
_INTERESTING = (
    _SIMPLE
    | LOCATION_SECTIONS
    | PROXY_SECTIONS
    | _INNER
    | _HANDLERS
    | frozenset({"balancermember", "proxyset", "rewriterule", "rewritecond"})
    | frozenset({"rewriteengine", "rewriteoptions", "rewritebase"})
)


@dataclass(slots=True, eq=False)
class ProxyHandler:
    """``SetHandler "proxy:URL"`` or ``AddHandler "proxy:URL" EXTENSION``.

    Args:
        node: the directive.
        url: after ``proxy:``.
        sections: what it stands in, outermost first; empty at server level.
        extension: of the files that it is for, with a dot; empty: of all.
    """

    node: Node
    url: str
    sections: tuple[Node, ...]
    extension: str = ""


@dataclass(eq=False)
class Proxied:
    """Everything that proxies at one level.

    Args:
        entries: mappings, rewrite rules and handlers, in file order.
        rules: the server-level rewrite rules, and what is set for them there.
        rewrites: the same of each section with a directive of mod_rewrite.
        handlers: each SetHandler in sections, whatever it names, and these.
    """

    workers: Workers = field(default_factory=Workers)
    balancers: Balancers = field(default_factory=Balancers)
    entries: list[PathMapping | RewriteRule | ProxyHandler] = field(default_factory=list)
    rules: Rewrite = field(default_factory=Rewrite)
    rewrites: Sequence[Rewrite] = ()
    handlers: Sequence[tuple[tuple[Node, ...], Node]] = ()

    @property
    def listed(self) -> Iterator[PathMapping]:
        """The ProxyPass list: the lines outside sections, ``!`` included."""
        return (e for e in self.entries if isinstance(e, PathMapping) and e.section is None)

    @property
    def located(self) -> Iterator[PathMapping]:
        """The ProxyPass lines in ``<Location>``, ``!`` included."""
        return (e for e in self.entries if isinstance(e, PathMapping) and e.section is not None)

    def knows(self, url: str) -> bool:
        """Whether there is a worker or balancer for a URL."""
        if is_balancer(url):
            return self.balancers.find(split(url)[0]) is not None
        return self.workers.find(worker_name(url)) is not None


def collect(level: ServerLevel, found: Proxied | None = None) -> Proxied:
    """Collect what a level says, in file order.

    Args:
        level: of a server.
        found: what lines before it said, to which it is added; None: there are none.
    """
    found = Proxied() if found is None else found
    locations, proxies = iter(level.locations), iter(level.proxies)
    for node in level.nodes:
        key = node.key
        if key not in _INTERESTING:
            continue
        if key in _SIMPLE:
            _pass(found, mapping(node))
        elif key in LOCATION_SECTIONS and node.children is not None:
            _location(found, next(locations))
        elif key in PROXY_SECTIONS and node.children is not None:
            _proxy(found, next(proxies))
        elif key in _INNER:
            _inner(found, node, (node,))
        else:
            _directive(found, node)
    return found


def _directive(found: Proxied, node: Node) -> None:
    """A directive at the server's own level that is no ProxyPass."""
    if node.key == "balancermember":
        found.balancers.add_member(node, None)
    elif node.key == "proxyset":
        words = split_words(node.args)
        if words:
            _set(found, words[0], node, words[1:])
    elif node.key in _HANDLERS:
        _handler(found, node, ())
    else:
        rule = found.rules.add(node)
        if rule is not None:
            found.entries.append(rule)


def _pass(found: Proxied, entry: PathMapping | None) -> None:
    if entry is None:
        return
    found.entries.append(entry)
    if entry.url is None:
        return
    if is_balancer(entry.url):
        balancer = found.balancers.get(entry.url)
        if entry.parameters:
            source = entry.node.source
            balancer.parameters.update({k: Setting(v, source) for k, v in entry.parameters.items()})
        return
    parameters = {}
    if entry.parameters:
        source = entry.node.source
        parameters = {key: Setting(value, source) for key, value in entry.parameters.items()}
    found.workers.use(entry.url, parameters, regex=entry.regex)


def _location(found: Proxied, section: Section) -> None:
    last: PathMapping | None = None
    for node in section.node.children or ():
        if node.key in _SIMPLE:
            entry = mapping(node, section)
            if entry is not None:
                if last is not None:  # the last one in a section counts
                    found.entries.pop()
                last = entry
                _pass(found, entry)
    _inner(found, section.node, (section.node,))


def _inner(
    found: Proxied, parent: Node, sections: tuple[Node, ...], rules: Rewrite | None = None
) -> Rewrite | None:
    """Handlers and per-directory rewrite rules within a section."""
    for node in parent.children or ():
        key = node.key
        if key in _HANDLERS:
            _handler(found, node, sections)
        elif key.startswith("rewrite"):
            if rules is None:
                rules = Rewrite(RewriteScope(sections))
                found.rewrites = _with(found.rewrites, rules)
            rule = rules.add(node)
            if rule is not None:
                found.entries.append(rule)
        elif key in _LIMITS and node.children is not None:
            rules = _inner(found, node, sections, rules)
        elif key in _INNER and node.children is not None:
            _inner(found, node, (*sections, node))
    return rules


def _with(known: Sequence[T], value: T) -> list[T]:
    """A list with one more value: most servers have none, and need no list."""
    made = known if isinstance(known, list) else [*known]
    made.append(value)
    return made


def _handler(found: Proxied, node: Node, sections: tuple[Node, ...]) -> None:
    added = node.key == "addhandler"
    if sections and not added:
        found.handlers = _with(found.handlers, (sections, node))
    words = split_words(node.args)
    if words and words[0].lower().startswith("proxy:"):
        url = with_host(words[0][len("proxy:") :], path=True)
        extension = "." + words[1].lstrip(".") if added and len(words) > 1 else ""
        found.entries.append(ProxyHandler(node, url, sections, extension))


def _proxy(found: Proxied, section: Section) -> None:
    url = section.pattern
    if section.words and section.matching == "prefix" and url:
        _set(found, url, section.node, list(section.words))
    for node in section.node.children or ():
        if node.key == "balancermember":
            found.balancers.add_member(node, url if is_balancer(url) else None)
        elif node.key == "proxyset" and url:
            _set(found, url, node, split_words(node.args))
    if is_balancer(url):
        found.balancers.get(url)


def _set(found: Proxied, url: str, node: Node, words: list[str]) -> None:
    parameters = key_values(words, node.source)
    if is_balancer(url):
        found.balancers.get(url).parameters.update(parameters)
    else:
        found.workers.set(url, parameters)
