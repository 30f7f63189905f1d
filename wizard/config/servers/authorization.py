"""What Require and its containers make of a request, as far as a configuration decides it.

Source: httpd 2.4, modules/aaa/mod_authz_core.c (add_authz_provider, add_authz_section,
merge_authz_core_dir_config, apply_authz_sections), mod_authz_host.c, mod_authz_user.c.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.record import record

CONTAINERS = frozenset({"requireall", "requireany", "requirenone"})
LIMITS = frozenset({"limit", "limitexcept"})
_METHOD = "GET"
"""Of the imagined request; HEAD counts as it."""
_DEEPEST = 40
"""Containers within each other that are followed."""


class Result(Enum):
    """What a line or a container says of a request (authz_status)."""

    GRANTED = "granted"
    DENIED = "denied"
    NEUTRAL = "neutral"
    NO_USER = "no-user"
    """It depends on who logs in."""


Results = frozenset[Result]
GRANTED: Results = frozenset({Result.GRANTED})
DENIED: Results = frozenset({Result.DENIED})
NEUTRAL: Results = frozenset({Result.NEUTRAL})
NO_USER: Results = frozenset({Result.NO_USER})
EITHER: Results = GRANTED | DENIED
ANY: Results = frozenset(Result)
_OF_USERS = frozenset(
    {"user", "valid-user", "group", "file-owner", "file-group", "unix-user", "unix-group"}
)


@record
class Client:
    """The imagined client.

    Args:
        address: its IP address; None: any.
        over_tls: it speaks TLS to this virtual host.
    """

    address: str | None = None
    over_tls: bool = False


@record
class Requirement:
    """A Require line, or a container of such.

    Args:
        node: the line or section; None: httpd's own container round the lines of a section.
        every: of a container: all must hold; else one is enough.
        negated: ``not``, RequireNone.
        applies: ``<Limit>`` has it count for this request.
        children: of a container.
        provider: of a line, in lower case.
        argument: what follows it.
    """

    node: Node | None
    every: bool = False
    negated: bool = False
    applies: bool = True
    children: tuple[Requirement, ...] = ()
    provider: str = ""
    argument: str = ""

    @property
    def lines(self) -> Iterator[Requirement]:
        """Every line in it."""
        if self.provider:
            yield self
        for child in self.children:
            yield from child.lines


def read(nodes: Iterable[Node]) -> Requirement | None:
    """What the lines of one section, or of a server's own level, ask for; None: nothing.

    Args:
        nodes: Require lines, containers, and ``<Limit>`` with such.
    """
    children = tuple(_children(nodes, applies=True, depth=0))
    if not children:
        return None
    return Requirement(None, children=children, applies=any(c.applies for c in children))


def _children(nodes: Iterable[Node], *, applies: bool, depth: int) -> Iterator[Requirement]:
    if depth > _DEEPEST:
        return
    for node in nodes:
        if node.key == "require":
            yield _line(node, applies=applies)
        elif node.key in LIMITS:
            counting = applies and counts(node)
            yield from _children(node.children or (), applies=counting, depth=depth + 1)
        elif node.key in CONTAINERS:
            inner = tuple(_children(node.children or (), applies=applies, depth=depth + 1))
            if inner:  # httpd drops an empty one, with a warning
                yield Requirement(
                    node, every=node.key == "requireall", negated=node.key == "requirenone",
                    applies=any(one.applies for one in inner), children=inner,
                )  # fmt: skip


def _line(node: Node, *, applies: bool) -> Requirement:
    provider, _, argument = node.args.strip().partition(" ")
    negated = provider.lower() == "not"
    if negated:
        provider, _, argument = argument.strip().partition(" ")
    return Requirement(
        node, negated=negated, applies=applies, provider=provider.strip('"').lower(),
        argument=argument.strip(),
    )  # fmt: skip


def counts(limit: Node) -> bool:
    """Whether ``<Limit>`` or ``<LimitExcept>`` is about the imagined request."""
    named = _METHOD in {word.upper() for word in split_words(limit.args)}
    return named if limit.key == "limit" else not named


@record
class Merging:
    """What a section, or several, ask for, and how that goes with what is outside.

    Args:
        require: None: nothing.
        mode: AuthMerging in lower case; None: not written.
    """

    require: Requirement | None = None
    mode: str | None = None

    def within(self, outer: Merging) -> Merging:
        """What holds in this section within another (merge_authz_core_dir_config)."""
        own, base = self.require, outer.require
        if self.mode is None and own is None and base is not None:
            return outer
        if self.mode not in ("and", "or") or (own is None and base is None):
            return self
        if own is None or base is None:
            return Merging(own or base, self.mode)
        applies = own.applies or base.applies
        both = Requirement(None, every=self.mode == "and", applies=applies, children=(base, own))
        return Merging(both, self.mode)


def results(item: Requirement, client: Client, *, within_all: bool = True) -> Results:
    """Everything that an item may say of the client's request.

    Args:
        item: a line or a container.
        client: who asks.
        within_all: the container round it demands all.
    """
    if not item.applies:
        return GRANTED if within_all else NEUTRAL
    found = _of_line(item, client) if item.provider else _of_container(item, client)
    return frozenset(map(_negated, found)) if item.negated else found


def _of_container(item: Requirement, client: Client) -> Results:
    states = {(Result.NEUTRAL, False)}
    for child in item.children:
        said = results(child, client, within_all=item.every)
        states = {
            (state, True) if done else _step(state, one, every=item.every)
            for state, done in states
            for one in said
        }
    return frozenset(state for state, _ in states)


def _step(state: Result, child: Result, *, every: bool) -> tuple[Result, bool]:
    """The result so far with one more child, and whether the others are not asked."""
    if child is Result.NEUTRAL:
        return state, False
    ends, weaker = (Result.DENIED, Result.DENIED) if every else (Result.GRANTED, Result.DENIED)
    if child is ends:
        return child, True
    asks = child is Result.NO_USER and (state is not weaker if every else state is weaker)
    if asks or state is Result.NEUTRAL:
        return child, False
    return state, False


def _negated(result: Result) -> Result:
    return Result.DENIED if result is Result.GRANTED else Result.NEUTRAL


def _of_line(line: Requirement, client: Client) -> Results:
    words = split_words(line.argument)
    if line.provider == "all":
        granted = bool(words) and words[0].lower() == "granted"
        return GRANTED if granted else DENIED
    if line.provider == "ip":
        return of_addresses(words, client)
    if line.provider == "local":
        return _of_local(client)
    if line.provider == "method":
        return GRANTED if _METHOD in {word.upper() for word in words} else DENIED
    if line.provider == "ssl":
        return GRANTED if client.over_tls else DENIED
    if line.provider in _OF_USERS or line.provider.startswith(("ldap-", "dbd-", "dbm-")):
        return NO_USER
    if line.provider in ("host", "forward-dns", "env", "expr", "ssl-verify-client"):
        return EITHER
    return ANY


def of_addresses(words: Sequence[str], client: Client) -> Results:
    """Whether the client is in one of some networks, as APR reads them."""
    if client.address is None:
        return EITHER
    networks = [network(word) for word in words]
    if any(one is not None and ip_address(client.address) in one for one in networks):
        return GRANTED
    return EITHER if any(one is None for one in networks) else DENIED


def network(word: str) -> IPv4Network | IPv6Network | None:
    """The network that a word names (apr_ipsubnet_create); None: none.

    Args:
        word: an address, its beginning (``10.1``), with a length or a mask behind a slash.
    """
    base, slash, mask = word.partition("/")
    if ":" not in base and not slash:
        parts = base.rstrip(".").split(".")
        base, mask = ".".join([*parts, *["0"] * (4 - len(parts))]), str(8 * len(parts))
    try:
        return ip_network(f"{base}/{mask}" if mask else base, strict=False)
    except ValueError:
        return None


def _of_local(client: Client) -> Results:
    if client.address is not None and ip_address(client.address).is_loopback:
        return GRANTED
    return EITHER  # a client of this machine may have any of its addresses
