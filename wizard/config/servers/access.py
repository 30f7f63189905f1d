"""Whom httpd lets through to the backend, and which line decides.

Source: httpd 2.4, server/request.c (ap_process_request_internal), modules/aaa/mod_authz_core.c
(authorize_user_core), mod_access_compat.c (check_dir_access; it has no merger, so the innermost
section that says anything counts alone), mod_auth_basic.c (authenticate_basic_user).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, product
from typing import NamedTuple

from wizard.config.servers import authorization
from wizard.config.servers.authorization import (
    CONTAINERS,
    GRANTED,
    LIMITS,
    Client,
    Merging,
    Requirement,
    Result,
    Results,
    of_addresses,
    results,
)
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.request_directives import Counting, RequestDirectives, Said, shown
from wizard.config.servers.request_sections import Place
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.barrier import Barrier
from wizard.model.config import VirtualHost

_COMPAT = frozenset({"order", "allow", "deny", "satisfy"})
_REQUIRE = CONTAINERS | LIMITS | {"require"}
_KEYS = _COMPAT | _REQUIRE | {"authmerging", "authtype", "authname"}
_CHALLENGING = frozenset({"basic", "digest"})
"""Types of authentication that answer 401 to a client without credentials."""
_MERGED_FIRST = frozenset({"location", "directory", "files"})
"""Sections that httpd merges with each other before what is outside them (ap_location_walk and its
like); with AuthMerging that is not the same."""
_MOST_WORDS = 8


class _Outcome(NamedTuple):
    """What a client gets; status 0: it comes through to the backend."""

    status: int
    code: str | None = None


_PASSES = _Outcome(0)


class _Settings(NamedTuple):
    """What is in force for a request."""

    require: Requirement | None
    compat: tuple[Node, ...]
    auth_type: str | None
    auth_name: bool
    type_node: Node | None
    undecided: tuple[str, ...]


class Access:
    """The access control of one configuration.

    Args:
        main: the main server.
        client: IP address of the imagined client; None: any.
    """

    def __init__(self, main: ServerLevel, client: str | None) -> None:
        self._directives = RequestDirectives(main, _KEYS)
        self._client = client
        self._made: dict[tuple[int, bool], tuple[Counting, tuple[Barrier, ...]]] = {}

    def of(
        self, level: ServerLevel, url: str, path: str, place: Place | None, host: VirtualHost
    ) -> tuple[Barrier, ...]:
        """What keeps some or all clients from the backend; nothing where all come through.

        Args:
            level, url, path, place: as for ``RequestDirectives.of``.
            host: the virtual host.
        """
        counting = self._directives.of(level, url, path, place)
        if not counting.said and not counting.undecided:
            return ()
        key = id(counting), bool(host.front_tls.value)
        known = self._made.get(key)
        if known is None:
            client = Client(self._client, bool(host.front_tls.value))
            barrier = _barrier(_settings(counting), client)
            known = self._made[key] = counting, (barrier,) if barrier is not None else ()
        return known[1]


def _settings(counting: Counting) -> _Settings:
    required = Merging()
    compat: tuple[Node, ...] = ()
    auth_type: str | None = None
    auth_name, type_node = False, None
    for walk, said in groupby(counting.said, key=_walk):
        merged: Merging | None = None
        for _, beside in groupby(said, key=lambda one: id(one.section)):
            nodes = [one.node for one in beside]
            own = _merging(nodes)
            if own == Merging():  # nothing of mod_authz_core: httpd merges nothing for it
                pass
            elif walk in _MERGED_FIRST:
                merged = own if merged is None else own.within(merged)
            else:
                required = own.within(required)
            if any(_is_compat(node) for node in nodes):
                compat = tuple(_compat(nodes))
            for node in nodes:
                words = split_words(node.args)
                if node.key == "authtype" and words:
                    auth_type, type_node = words[0].lower(), node
                auth_name = auth_name or (node.key == "authname" and bool(words))
        required = merged.within(required) if merged is not None else required
    if auth_type == "none":
        auth_type = None
    return _Settings(required.require, compat, auth_type, auth_name, type_node, counting.undecided)


def _walk(said: Said) -> str:
    """Which of httpd's walks merges a section."""
    key = said.section.key if said.section is not None else ""
    return key.removesuffix("match")


def _merging(nodes: Sequence[Node]) -> Merging:
    modes = [node.args.strip().lower() for node in nodes if node.key == "authmerging"]
    require = authorization.read(node for node in nodes if node.key in _REQUIRE)
    return Merging(require, modes[-1] if modes else None)


def _is_compat(node: Node) -> bool:
    """Whether a line is mod_access_compat's, whatever method it is for."""
    return node.key in _COMPAT or (
        node.key in LIMITS and any(_is_compat(child) for child in node.children or ())
    )


def _compat(nodes: Iterable[Node]) -> Iterator[Node]:
    """The lines of mod_access_compat that are about the imagined request's method."""
    for node in nodes:
        if node.key in _COMPAT:
            yield node
        elif node.key in LIMITS and authorization.counts(node):
            yield from _compat(node.children or ())


def _barrier(settings: _Settings, client: Client) -> Barrier | None:
    found = _outcomes(settings, client)
    kept = sorted((one for one in found if one is not _PASSES and one.status), key=_severity)
    unsure = settings.undecided[0] if settings.undecided else ""
    if not kept and not unsure:
        return None
    outcome = kept[0] if kept else _Outcome(403)
    node = _deciding(settings, client, outcome)
    statuses = {one.status for one in kept}
    everyone = _PASSES not in found and not unsure
    if everyone and len(statuses) > 1:
        unsure = f"It is {' or '.join(str(one) for one in sorted(statuses))}, as the client is."
    return Barrier(
        "access",
        outcome.status,
        node.source if node is not None else None,
        shown(node) if node is not None else "",
        everyone=everyone,
        passes=tuple(dict.fromkeys(_passing(settings)))[:_MOST_WORDS],
        asks_login=401 in statuses,
        code=outcome.code,
        unsure=unsure,
    )


def _severity(outcome: _Outcome) -> tuple[int, str]:
    order = (403, 401, 500)
    place = order.index(outcome.status) if outcome.status in order else len(order)
    return place, outcome.code or ""


def _outcomes(settings: _Settings, client: Client) -> frozenset[_Outcome]:
    """Everything that clients like this one may get."""
    allowed = _allowed(settings.compat, client)
    if settings.require is None:
        granted = settings.auth_type is None
        said: Results = GRANTED if granted else frozenset()
        unrequired = frozenset({_Outcome(500, "AH01627")}) if not granted else frozenset()
    else:
        said, unrequired = results(settings.require, client), frozenset[_Outcome]()
    later = unrequired | frozenset(one for each in said for one in _required(each, settings))
    any_of = _satisfy(settings.compat) == "any"
    found = set()
    for passes, outcome in product(allowed, later):
        if any_of:
            found.add(_PASSES if passes else outcome)
        else:
            found.add(outcome if passes else _Outcome(403, "AH01797"))
    return frozenset(found)


def _required(result: Result, settings: _Settings) -> Iterator[_Outcome]:
    if result is Result.GRANTED:
        yield _PASSES
    elif result is not Result.NO_USER:
        yield _Outcome(403, "AH01630")
    elif settings.auth_type is None:
        yield _Outcome(500, "AH00025")
    elif settings.auth_type in _CHALLENGING:
        yield _Outcome(401) if settings.auth_name else _Outcome(500)
    else:  # a module of others: a challenge, a form, a redirect
        yield _Outcome(401)
        yield _Outcome(302)


def _satisfy(compat: Sequence[Node]) -> str:
    found = [node.args.strip().lower() for node in compat if node.key == "satisfy"]
    return found[-1] if found else "all"


def _allowed(compat: Sequence[Node], client: Client) -> frozenset[bool]:
    """Whether Order, Allow and Deny let the client in."""
    orders = [node.args.strip().lower() for node in compat if node.key == "order"]
    order = orders[-1] if orders else "deny,allow"
    allows = _named(compat, "allow", client)
    denies = _named(compat, "deny", client)
    found = set()
    for allowed, denied in product(allows, denies):
        if order in ("allow,deny", "mutual-failure"):
            found.add(allowed and not denied)
        else:
            found.add(allowed or not denied)
    return frozenset(found)


def _named(compat: Sequence[Node], key: str, client: Client) -> frozenset[bool]:
    words = [w for node in compat if node.key == key for w in split_words(node.args)[1:]]
    found: frozenset[bool] = frozenset({False})
    for word in words:
        said = _fits(word, client)
        if said == {True}:
            return said
        found |= said
    return found


def _fits(word: str, client: Client) -> frozenset[bool]:
    if word.lower() == "all":
        return frozenset({True})
    if word.lower().startswith("env=") or authorization.network(word) is None:
        return frozenset({True, False})
    return frozenset(one is Result.GRANTED for one in of_addresses([word], client))


def _deciding(settings: _Settings, client: Client, outcome: _Outcome) -> Node | None:
    """The line that an administrator has to look at."""
    if outcome.code == "AH01797":
        denies = [node for node in settings.compat if node.key == "deny"]
        fitting = [one for one in denies if True in _named((one,), "deny", client)]
        orders = [node for node in settings.compat if node.key == "order"]
        return next(iter(fitting or orders or settings.compat), None)
    if settings.require is None:
        return settings.type_node
    lines = [one for one in settings.require.lines if one.node is not None]
    wanted = Result.NO_USER if outcome.status != 403 else Result.DENIED
    told = (one.node for one in lines if wanted in results(one, client))
    first = next(told, None)
    return first or next((one.node for one in lines), None)


def _passing(settings: _Settings) -> Iterator[str]:
    """Who comes through, in words."""
    for line in settings.require.lines if settings.require is not None else ():
        if not line.negated and line.provider != "all":
            argument = _argument(line)
            yield _WORDS.get(line.provider, "{0} {1}").format(line.provider, argument).strip()
    for node in settings.compat:
        words = split_words(node.args)[1:] if node.key == "allow" else []
        yield from (word for word in words if word.lower() != "all")


def _argument(line: Requirement) -> str:
    """What follows the provider, without secrets."""
    text = shown(line.node) if line.node is not None else ""
    return text.split(line.provider, 1)[-1].strip() if line.provider in text else ""


_WORDS = {
    "ip": "{1}",
    "host": "hosts {1}",
    "forward-dns": "the host {1}",
    "local": "this machine",
    "user": "the users {1}",
    "group": "the groups {1}",
    "valid-user": "who logs in",
    "ssl": "clients over TLS",
    "env": "requests with {1} set",
    "expr": "requests for which {1}",
}
