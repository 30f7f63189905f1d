"""ProxyRemote: the forward proxy that a reverse proxy goes through.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_handler, add_proxy, merge_proxy_config).
"""

from __future__ import annotations

import ipaddress

from wizard.config.patterns import compile_regex
from wizard.config.sections import Level
from wizard.config.tree import Node
from wizard.config.urls import host_name, is_address, without_socket
from wizard.config.words import split_words
from wizard.model.config import Setting

_KEYS = frozenset({"proxyremote", "proxyremotematch"})
_NONE: Setting[str | None] = Setting(None)


class Remotes:
    """The ProxyRemote lines of a configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: Level) -> None:
        self._main = main
        self._main_lines = _lines(main)

    def of(self, level: Level, url: str, client_host: str) -> Setting[str | None]:
        """The forward proxy of a request: the first line that matches, the main server's first.

        Args:
            level: the server.
            url: that is proxied to.
            client_host: Host header of the client: NoProxy looks at it, not at the URL
                (mod_proxy.c, proxy_match_hostname on r->hostname).
        """
        lines = self._main_lines
        if level is not self._main:
            keys = level.by_key.keys()
            if not _KEYS.isdisjoint(keys) or (lines and "proxypassinherit" in keys):
                own = _lines(level)
                lines = own if _off(level.last("proxypassinherit")) else lines + own
        if not lines:
            return _NONE
        url = without_socket(url)
        for node, words in lines:
            if len(words) >= 2 and _matches(node, words[0], url):
                if self._exempt(level, host_name(client_host)):
                    return _NONE
                return Setting(words[1], node.source)
        return _NONE

    def _exempt(self, level: Level, host: str) -> bool:
        nodes = self._main.all("noproxy")
        if level is not self._main:
            nodes = nodes + level.all("noproxy")
        return any(_names(word, host) for node in nodes for word in split_words(node.args))


def _lines(level: Level) -> list[tuple[Node, list[str]]]:
    if _KEYS.isdisjoint(level.by_key.keys()):
        return []
    return [(node, split_words(node.args)) for node in level.nodes if node.key in _KEYS]


def _off(node: Node | None) -> bool:
    words = split_words(node.args) if node is not None else []
    return bool(words) and words[0].lower() == "off"


def _matches(node: Node, pattern: str, url: str) -> bool:
    if node.key == "proxyremotematch":
        regex = compile_regex(pattern)
        return regex is not None and regex.search(url) is not None
    if pattern == "*":
        return True
    if ":" not in pattern:
        return url.partition(":")[0].lower() == pattern.lower()
    return url[: len(pattern)].lower() == pattern.lower()


def _names(word: str, host: str) -> bool:
    """Whether a NoProxy word means a host: name, ``.domain``, address or subnet."""
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
