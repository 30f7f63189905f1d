"""Virtual hosts: names, addresses, and whether any request reaches them.

Source: httpd 2.4, server/vhost.c; https://httpd.apache.org/docs/2.4/vhosts/details.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from wizard.config.matching.patterns import Regex, compile_glob
from wizard.config.servers import listen_addresses, log_level, own_paths
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.listen_addresses import Address, Sets
from wizard.config.servers.vhost_name_lookup import Names
from wizard.config.syntax.words import split_words
from wizard.model.config import LogLevels, Problem, Setting, Source, VirtualHost
from wizard.model.host_names import bare_name
from wizard.record import record

_NONE: Setting[str | None] = Setting(None)
Parsed = tuple[tuple[Address, ...], tuple[str, ...]]
"""Addresses of a virtual host, and the words that httpd ignores."""
LookUp = Callable[[Iterable[str]], Names]
"""What the resolver says of some host names."""


@record
class Hosts:
    """The servers of a configuration.

    Args:
        main: the main server.
        virtual: in file order, one for each level.
        problems: addresses that httpd ignores.
        main_served: whether a request can reach the main server itself.
    """

    main: VirtualHost
    virtual: tuple[VirtualHost, ...]
    problems: tuple[Problem, ...]
    main_served: bool


def virtual_hosts(
    main: ServerLevel,
    levels: Sequence[ServerLevel],
    root: str,
    resolve: Callable[[str], str],
    *,
    partial: bool,
    look_up: LookUp = lambda _: Names(),
) -> Hosts:
    """Read every server.

    Args:
        main: the main server's level.
        levels: the virtual hosts' levels, in file order.
        root: the main file.
        resolve: makes a path of the configuration absolute.
        partial: Listen lines are elsewhere, so it is not known who is served.
        look_up: asks for the host names in their addresses.
    """
    parsed = [listen_addresses.of_virtual_host(level.node.args) for level in levels if level.node]
    names = {a.host for own, _ in parsed for a in own if listen_addresses.is_name(a)}
    known = look_up(names) if names else Names()
    parsed = _resolved(parsed, known.lost)
    problems = tuple(_warnings(levels, parsed, known.unanswered))
    listens = [a for node in main.all("listen") if (a := listen_addresses.of_listen(node.args))]
    sets = Sets(listens, [found for found, _ in parsed])
    taken = _Names()
    main_logs = log_level.levels_of(main)
    main_host = _server(main, (), Source(root, 0), 0, main_logs, None, resolve, None)
    found = []
    for level, (own, ignored) in zip(levels, parsed, strict=True):
        node = level.node
        if node is None:
            continue
        host = _server(
            level,
            own,
            node.source,
            node.end_line,
            log_level.levels_of(level, main_logs),
            main_host,
            resolve,
            _unserved(own, ignored, sets, partial=partial),
        )
        reason = taken.take(host, own, main_host) if host.never_served is None else None
        found.append(replace(host, never_served=reason) if reason else host)
    return Hosts(main_host, tuple(found), problems, partial or sets.main_served or not levels)


def _warnings(
    levels: Sequence[ServerLevel], parsed: list[Parsed], unanswered: frozenset[str]
) -> Iterator[Problem]:
    """Addresses that httpd ignores, and those of which it is not known whether it does."""
    for level, (own, ignored) in zip(levels, parsed, strict=True):
        node = level.node
        if node is None:
            continue
        tag = f"<VirtualHost {node.args}>"
        for word in ignored:
            message = f"Could not resolve host name {word} -- ignoring!"
            yield Problem(node.file, node.line, message, "warning", "AH00547", directive=tag)
        for name in dict.fromkeys(a.host for a in own if a.host in unanswered):
            yield Problem(
                node.file,
                node.line,
                f"The resolver did not say whether the host name {name} has an address; it is "
                "taken to have one. httpd waits for the answer when it starts, and ignores the "
                "name if it has none.",
                "warning",
                directive=tag,
                hint=f"Write an address, or make the name resolve here: getent ahosts {name}",
            )


def _resolved(parsed: list[Parsed], lost: frozenset[str]) -> list[Parsed]:
    """Addresses whose host name has no address are ignored, as httpd does."""
    if not lost:
        return parsed
    return [
        (
            tuple(a for a in own if a.host not in lost),
            ignored + tuple(str(a).removesuffix(":*") for a in own if a.host in lost),
        )
        for own, ignored in parsed
    ]


def _server(
    level: ServerLevel,
    own: tuple[Address, ...],
    source: Source,
    end_line: int,
    logs: LogLevels,
    main: VirtualHost | None,
    resolve: Callable[[str], str],
    never_served: str | None,
) -> VirtualHost:
    by_key = level.by_key
    name = None
    if "servername" in by_key:
        words = split_words(by_key["servername"][-1].args)
        name = words[0] if words else None
    aliases: tuple[str, ...] = ()
    if "serveralias" in by_key:
        aliases = tuple(
            word for node in by_key["serveralias"] for word in split_words(node.args) if word
        )
    certificate = None
    if "sslcertificatefile" in by_key:
        certificate = _path(level, "sslcertificatefile", resolve)
    front = None
    if "sslengine" in by_key:
        node = by_key["sslengine"][-1]
        words = split_words(node.args)
        front = Setting(bool(words) and words[0].lower() == "on", node.source)
    return VirtualHost(
        name,
        aliases,
        tuple(map(str, own)),
        source=source,
        end_line=end_line,
        log_levels=logs,
        certificate_file=certificate or (main.certificate_file if main else _NONE),
        front_tls=front or (main.front_tls if main else Setting(False)),
        never_served=never_served,
        error_log=_word(level, "errorlog") or _NONE,
        ocsp=_ocsp(level) or (main.ocsp if main else _NONE),
        own_paths=own_paths.of(level) + (main.own_paths if main else ()),
        document_root=_document_root(level, resolve) or (main.document_root if main else _NONE),
        encoded_slashes=_encoded_slashes(level) or Setting(False),
        encoded_slashes_meant=_meant(level, main),
    )


def _encoded_slashes(level: ServerLevel) -> Setting[bool] | None:
    word = _word(level, "allowencodedslashes")
    if word is None:
        return None
    return Setting(word.value is not None and word.value.lower() != "off", word.source)


def _meant(level: ServerLevel, main: VirtualHost | None) -> Source | None:
    """The main server's AllowEncodedSlashes, which a virtual host without one may count on."""
    if main is None or not main.encoded_slashes.value or "allowencodedslashes" in level.by_key:
        return None
    return main.encoded_slashes.source


def _document_root(level: ServerLevel, resolve: Callable[[str], str]) -> Setting[str | None] | None:
    return _path(level, "documentroot", resolve) if "documentroot" in level.by_key else None


def _ocsp(level: ServerLevel) -> Setting[str | None] | None:
    node = level.last("sslocspenable")
    words = split_words(node.args) if node is not None else []
    return Setting(" ".join(words).lower(), node.source) if node is not None and words else None


def _word(level: ServerLevel, key: str) -> Setting[str | None] | None:
    node = level.last(key)
    words = split_words(node.args) if node is not None else []
    return Setting(words[0], node.source) if node is not None and words else None


def _path(
    level: ServerLevel, key: str, resolve: Callable[[str], str]
) -> Setting[str | None] | None:
    node = level.by_key[key][-1]
    words = split_words(node.args)
    return Setting(resolve(words[0]), node.source) if words else None


def _unserved(
    own: tuple[Address, ...], ignored: tuple[str, ...], sets: Sets, *, partial: bool
) -> str | None:
    if not own:
        return (
            f"httpd ignores its address {' '.join(ignored)} (AH00547), so no request reaches "
            "this virtual host."
        )
    if partial or any(address in sets.served for address in own):
        return None
    return (
        f"no request reaches {' '.join(map(str, own))}: httpd listens on no such port "
        "(Listen), or another virtual host with a more specific address takes it."
    )


def _is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


@dataclass(slots=True)
class _Taken:
    """Names of the virtual hosts of one address so far."""

    first: Source | None = None
    exact: dict[str, Source] = field(default_factory=dict)
    suffixes: dict[str, Source] = field(default_factory=dict)
    """Of aliases ``*.example.com``, the text behind the star."""
    patterns: list[tuple[Regex, Source]] = field(default_factory=list)

    def by(self, name: str) -> Source | None:
        """The virtual host that has a name; only the same pattern matches a pattern."""
        found = self.exact.get(name)
        if found is not None or _is_pattern(name):
            return found
        if self.suffixes:
            position = name.find(".")
            while position >= 0:
                if name[position:] in self.suffixes:
                    return self.suffixes[name[position:]]
                position = name.find(".", position + 1)
        return next((source for regex, source in self.patterns if regex.search(name)), None)

    def add(self, names: Sequence[str], source: Source) -> None:
        if self.first is None:
            self.first = source
        for name in names:
            self.exact.setdefault(name, source)
            if name.startswith("*.") and not _is_pattern(name[1:]):
                self.suffixes.setdefault(name[1:], source)
            elif _is_pattern(name) and len(self.patterns) < _MOST_PATTERNS:
                pattern = compile_glob(name)
                if pattern is not None:
                    self.patterns.append((pattern, source))


_MOST_PATTERNS = 200
"""Unusual wildcard aliases of one address that are compared with later names."""


class _Names:
    """Which virtual host answers to which name, for each address."""

    def __init__(self) -> None:
        self._by_address: dict[Address, _Taken] = {}

    def take(self, host: VirtualHost, own: Sequence[Address], main: VirtualHost) -> str | None:
        """Enter a virtual host; returns why it is never chosen, if earlier ones hide it."""
        named = host.server_name or main.server_name
        names = [bare_name(named) if named else ""]
        names += [alias.lower() for alias in host.aliases]
        # httpd removes the trailing dot of a client's name, but not of these; and it answers 400
        # to a client's name with a slash, which stays in these (ServerName https://a.test/)
        names = [name for name in names if not name.endswith(".") and "/" not in name]
        hidden: Source | None = None
        reachable = False
        for address in own:
            taken = self._by_address.get(address)
            if taken is None:
                taken = self._by_address[address] = _Taken()
                reachable = True
            else:
                owners = [taken.by(name) for name in names]
                if None in owners:
                    reachable = True
                else:
                    hidden = owners[0] if owners else taken.first
            taken.add(names, host.source)
        if reachable or hidden is None:
            return None
        if not names:
            return (
                f"no client can send its name {named}, for it ends in a dot or is a URL with a "
                f"path: what it was meant for is served by the virtual host at {hidden}, the "
                "first on the same address."
            )
        return (
            f"every request for its names is served by the virtual host at {hidden}, which "
            "stands before it and has the same name on the same address."
        )
