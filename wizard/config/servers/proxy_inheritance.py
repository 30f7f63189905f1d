"""ProxyPassInherit and BalancerInherit: what a virtual host sees of the main server's mod_proxy.

Each of the two is inherited itself. ProxyPassInherit Off alone drops the forward proxies
(ProxyRemote), both Off drop the workers and balancers as well; the main server's ProxyPass lines
stay in any case.

Source: httpd 2.4, modules/proxy/mod_proxy.c (create_proxy_config, merge_proxy_config).
"""

from __future__ import annotations

from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.words import split_words
from wizard.record import record

_KEYS = frozenset({"proxypassinherit", "balancerinherit"})
_OF_OTHERS = ("proxyhtml", "proxyfcgi", "proxyhc", "proxyexpress", "proxyscgi", "proxyftp")
"""Directives whose names begin alike, of other modules."""
_OURS = ("proxy", "balancer", "noproxy")


@record
class ProxyInheritance:
    """What of the main server counts in a virtual host.

    Args:
        remotes: its ProxyRemote lines.
        workers: its workers and balancers.
    """

    remotes: bool = True
    workers: bool = True


_ALL = ProxyInheritance()


def inheritance(level: ServerLevel, main: ServerLevel) -> ProxyInheritance:
    """What of the main server counts in a server."""
    if level is main or (_KEYS.isdisjoint(level.by_key) and _KEYS.isdisjoint(main.by_key)):
        return _ALL
    if not _has_directive(level):  # then nothing is merged: it has the main server's settings
        return _ALL
    remotes = _is_on("proxypassinherit", level, main)
    return ProxyInheritance(remotes, remotes or _is_on("balancerinherit", level, main))


def _is_on(key: str, level: ServerLevel, main: ServerLevel) -> bool:
    node = level.last(key) or main.last(key)
    words = split_words(node.args) if node is not None else []
    return not words or words[0].lower() != "off"


def _has_directive(level: ServerLevel) -> bool:
    every = (one for node in level.nodes for one in (node, *node.walk()))
    return any(one.key.startswith(_OURS) and not one.key.startswith(_OF_OTHERS) for one in every)
