"""Balancers: who their members are.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_member), proxy_util.c (ap_proxy_get_balancer).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.syntax.backend_url import authority_length, with_host, worker_name
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import Setting, Source

SCHEME = "balancer://"
_LONGEST = 84
"""Characters of a name that httpd takes (PROXY_BALANCER_MAX_NAME_SIZE); longer ones are slow to
compare."""
_MOST_COMPARED = 50
"""Names that one is compared with: it is slow, and a site has a handful."""


def is_balancer(url: str) -> bool:
    """Whether a URL names a balancer."""
    return url[: len(SCHEME)].lower() == SCHEME


def split(url: str) -> tuple[str, str]:
    """Name in lower case, and the path behind it."""
    name, slash, path = url[len(SCHEME) :].partition("/")
    return name.lower(), slash + path


@dataclass(slots=True, eq=False)
class Member:
    """A BalancerMember.

    Args:
        node: the directive.
        source: its place, one for all routes to it.
        url: of the backend.
        parameters: key=value, keys in lower case.
    """

    node: Node
    source: Source
    url: str
    parameters: dict[str, Setting[str]]


@dataclass(slots=True, eq=False)
class Balancer:
    """A balancer of one server; blocks of the same name add up."""

    name: str
    members: list[Member] = field(default_factory=list)
    parameters: dict[str, Setting[str]] = field(default_factory=dict)
    _workers: PrefixIndex[str] = field(default_factory=PrefixIndex)

    def add(self, node: Node, url: str, words: list[str]) -> None:
        """A member, unless an earlier one has its worker (AH01149).

        So it is where the URL begins with that one's and the host is the same. What stands before
        the ``|`` of a socket does not count: two sockets with one URL are one member.

        Args:
            node: the directive.
            url: of the backend.
            words: its parameters.
        """
        name = worker_name(url)
        known = self._workers.longest(name)
        if known is None or len(known) < authority_length(name):
            self._workers.add(name, name)
            source = node.source
            self.members.append(Member(node, source, url, key_values(words, source)))


class Balancers:
    """The balancers of one server."""

    def __init__(self) -> None:
        self._by_name: dict[str, Balancer] = {}

    def get(self, url: str) -> Balancer:
        """The balancer of that name; made if there was none."""
        name = split(url)[0]
        found = self._by_name.get(name)
        if found is None:
            found = self._by_name[name] = Balancer(name)
        return found

    def find(self, name: str) -> Balancer | None:
        """The balancer of that name, if there is one."""
        return self._by_name.get(name)

    def __iter__(self) -> Iterator[Balancer]:
        return iter(self._by_name.values())

    def add_member(self, node: Node, url: str | None) -> None:
        """A BalancerMember line.

        Args:
            node: the directive.
            url: of the balancer whose ``<Proxy>`` it stands in; None: the line names it.
        """
        words = split_words(node.args)
        if url is None:
            if not words or not is_balancer(words[0]):
                return
            url = words.pop(0)
        if not words:
            return
        self.get(url).add(node, with_host(words[0], path=True), words[1:])


def key_values(words: list[str], source: Source) -> dict[str, Setting[str]]:
    """``key=value`` words, keys in lower case; others are skipped."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            found[key.lower()] = Setting(value, source)
    return found


def nearest(name: str, *levels: Balancers | None) -> str | None:
    """The balancer with members whose name is most like another; None if none is."""
    if len(name) > _LONGEST:
        return None
    every = (one.name for level in levels for one in level or () if one.members)
    return next(iter(difflib.get_close_matches(name, islice(every, _MOST_COMPARED), 1)), None)


def visible(name: str, main: Balancers | None, own: Balancers | None) -> Balancer | None:
    """The balancer that a request uses.

    The main server's members hide those of one of the same name; of their parameters the virtual
    host's count before the main server's (merge_balancers).

    Args:
        name: of the balancer.
        main: of the main server; None: it hands nothing down.
        own: of the virtual host; None: the main server serves the request.
    """
    shared = main.find(name) if main is not None else None
    mine = own.find(name) if own is not None else None
    if shared is None or mine is None or not mine.parameters:
        return shared or mine
    return Balancer(name, shared.members, {**shared.parameters, **mine.parameters})
