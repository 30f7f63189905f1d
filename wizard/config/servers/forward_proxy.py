"""ProxyRemote: the forward proxy that a reverse proxy goes through.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_handler, add_proxy, merge_proxy_config).
"""

from __future__ import annotations

import ipaddress

from wizard.config.matching.patterns import Regex, compile_regex
from wizard.config.matching.prefix_index import PrefixIndex
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.proxy_inheritance import inheritance
from wizard.config.syntax.backend_url import host_name, without_socket
from wizard.config.syntax.words import split_words
from wizard.model.config import Setting
from wizard.model.host_names import is_address

_KEYS = frozenset({"proxyremote", "proxyremotematch"})
_NONE: Setting[str | None] = Setting(None)


class Remotes:
    """The ProxyRemote lines of a configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: ServerLevel) -> None:
        self._main = main
        self._lines: dict[ServerLevel, _RemoteLines] = {main: _RemoteLines(main)}
        self._main_has = not _KEYS.isdisjoint(main.by_key)
        self._exempted: dict[tuple[ServerLevel, str], bool] = {}

    def of(self, level: ServerLevel, url: str, client_host: str) -> Setting[str | None]:
        """The forward proxy of a request: the first line that matches, the main server's first.

        Args:
            level: the server.
            url: of the backend.
            client_host: Host header of the client: NoProxy looks at it, not at the URL
                (mod_proxy.c, proxy_match_hostname on r->hostname).
        """
        url = without_socket(url)
        found = None
        if self._main_has and inheritance(level, self._main).remotes:
            found = self._lines[self._main].first(url)
        if found is None and level is not self._main and not _KEYS.isdisjoint(level.by_key.keys()):
            if level not in self._lines:
                self._lines[level] = _RemoteLines(level)
            found = self._lines[level].first(url)
        if found is None or self._exempt(level, host_name(client_host)):
            return _NONE
        return found

    def _exempt(self, level: ServerLevel, host: str) -> bool:
        key = level, host
        if key not in self._exempted:
            nodes = self._main.all("noproxy")
            if level is not self._main:
                nodes = nodes + level.all("noproxy")
            self._exempted[key] = any(
                _names(word, host) for node in nodes for word in split_words(node.args)
            )
        return self._exempted[key]


class _RemoteLines:
    """The ProxyRemote and ProxyRemoteMatch lines of one server."""

    def __init__(self, level: ServerLevel) -> None:
        self._prefixes: PrefixIndex[Setting[str | None]] = PrefixIndex()
        self._patterns: list[tuple[int, Regex, Setting[str | None]]] = []
        if _KEYS.isdisjoint(level.by_key.keys()):
            return
        for order, node in enumerate(node for node in level.nodes if node.key in _KEYS):
            words = split_words(node.args)
            if len(words) < 2:
                continue
            pattern, setting = words[0].lower(), Setting[str | None](words[1], node.source)
            if node.key == "proxyremotematch":
                regex = compile_regex(words[0])
                if regex is not None:
                    self._patterns.append((order, regex, setting))
            elif pattern == "*":
                self._prefixes.add("", setting, order)
            else:  # a scheme alone, or how URLs begin
                prefix = pattern if ":" in pattern else f"{pattern}:"
                self._prefixes.add(prefix, setting, order)

    def first(self, url: str) -> Setting[str | None] | None:
        """The first line that matches a URL."""
        best = min(self._prefixes.of(url.lower()), key=lambda entry: entry[0], default=None)
        for order, regex, setting in self._patterns:
            if best is not None and best[0] < order:
                break
            if regex.search(url):
                return setting
        return best[1] if best is not None else None


def _names(word: str, host: str) -> bool:
    """Whether a NoProxy word matches a host: name, ``.domain``, address or subnet."""
    word = word.lower()
    if word.startswith("."):
        return host.endswith(word)
    if word == host:
        return True
    if not is_address(host):
        return False
    try:
        if "/" not in word and word.replace(".", "").isdigit() and word.count(".") < 3:
            parts = word.rstrip(".").split(".")
            word = ".".join(parts + ["0"] * (4 - len(parts))) + f"/{8 * len(parts)}"
        return ipaddress.ip_address(host) in ipaddress.ip_network(word, strict=False)
    except ValueError:
        return False
