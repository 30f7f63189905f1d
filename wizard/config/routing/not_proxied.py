"""What keeps a request from its backend although a line maps it there: ``no-proxy``, ProxyBlock.

Where SetEnvIf (of the server, not of a section) or a rewrite rule at server level sets the variable
``no-proxy``, ProxyPass declines (since 2.4.26). ProxyBlock refuses backends of a reverse proxy too
by their names; httpd also compares the addresses that it found for its own names at its start.
Both lists of the main server come before the virtual host's own.

Source: httpd 2.4, modules/proxy/mod_proxy.c (proxy_trans, set_proxy_exclude, merge_proxy_config),
modules/proxy/proxy_util.c (ap_proxy_checkproxyblock2), modules/metadata/mod_setenvif.c
(match_headers, merge_setenvif_config); each rule was run on httpd 2.4.71.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.config.matching.patterns import compile_regex
from wizard.config.routing.rewrite_rules import RewriteRule, matched
from wizard.config.servers.levels import ServerLevel
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.record import record

_VARIABLE = "no-proxy"
_SETTERS = frozenset(
    {"setenvif", "setenvifnocase", "setenvifexpr", "browsermatch", "browsermatchnocase"}
)
_MOST = 200
"""Lines that set the variable, and names of ProxyBlock, that are looked at for a route."""


@record
class Declined:
    """That requests of a route are not proxied.

    Args:
        unknown: why none is, as a sentence; None: some are.
        conditional: which are, if that depends on more than their path.
    """

    unknown: str | None = None
    conditional: str | None = None


NOT_DECLINED = Declined()


class NotProxied:
    """Of one configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: ServerLevel) -> None:
        self._main = main
        self._main_lines = tuple(_in_order(main))[:_MOST]
        self._main_blocks = "proxyblock" in main.by_key
        self._setters: dict[ServerLevel, tuple[Node, ...]] = {}
        self._blocked: dict[ServerLevel, tuple[tuple[str, Node], ...]] = {}

    def by_variable(self, level: ServerLevel, path: str) -> Declined:
        """Whether SetEnvIf keeps a request to a path from ProxyPass."""
        declined = NOT_DECLINED
        for node in self._lines(level):
            counts = _holds(node, path)
            if counts is False:
                continue
            sets = f"!{_VARIABLE}" not in split_words(node.args)
            if counts is None:
                way = "not where" if sets else "only where"
                known = declined.unknown is None and declined.conditional is None
                if known == sets:
                    where = f"{way} {node.name} {node.args.strip()} at {node.source} holds"
                    declined = Declined(conditional=declined.conditional or where)
            elif sets:
                declined = Declined(
                    f"{node.name} at {node.source} sets {_VARIABLE} for these requests: httpd "
                    "does not proxy them."
                )
            else:
                declined = NOT_DECLINED
        return declined

    def by_rules(self, rules: Sequence[RewriteRule], path: str) -> Declined:
        """Whether a rule at server level keeps a request to a path from ProxyPass.

        Args:
            rules: that set the variable, in the order in which they are tried.
            path: of the request.
        """
        declined = NOT_DECLINED
        for rule in rules:
            if not rule.negated and matched(rule, path) is None:
                continue
            if rule.conditions or rule.depends or rule.negated:
                declined = Declined(
                    conditional=f"not where RewriteRule {rule.node.args.strip()} at "
                    f"{rule.node.source} sets {_VARIABLE}"
                )
                continue
            return Declined(
                f"RewriteRule at {rule.node.source} sets {_VARIABLE} for these requests: httpd "
                "does not proxy them."
            )
        return declined

    def by_name(self, level: ServerLevel, host: str) -> str | None:
        """Why ProxyBlock refuses a backend; None if it does not."""
        if not self._main_blocks and "proxyblock" not in level.by_key:
            return None
        for name, node in self._names(level):
            if name.startswith("*") or name in host:
                return (
                    f"{node.name} {name} at {node.source} refuses this backend: httpd answers 403."
                )
        return None

    def _lines(self, level: ServerLevel) -> tuple[Node, ...]:
        if level is self._main or _SETTERS.isdisjoint(level.by_key):
            return self._main_lines
        found = self._setters.get(level)
        if found is None:
            own = tuple(_in_order(level))
            found = self._setters[level] = (*self._main_lines, *own)[:_MOST]
        return found

    def _names(self, level: ServerLevel) -> tuple[tuple[str, Node], ...]:
        found = self._blocked.get(level)
        if found is None:
            nodes = self._main.all("proxyblock")
            if level is not self._main:
                nodes = nodes + level.all("proxyblock")
            names = [(word, node) for node in nodes for word in split_words(node.args)]
            found = self._blocked[level] = tuple(names[:_MOST])
        return found


def _in_order(level: ServerLevel) -> Iterator[Node]:
    """The lines of a server that set or unset the variable."""
    if _SETTERS.isdisjoint(level.by_key):
        return
    for node in level.nodes:
        if node.key in _SETTERS and _VARIABLE in node.args:
            words = (word.partition("=")[0] for word in split_words(node.args))
            if any(word in (_VARIABLE, f"!{_VARIABLE}") for word in words):
                yield node


def _holds(node: Node, path: str) -> bool | None:
    """Whether a SetEnvIf line holds for a request; None if that depends on more than its path."""
    words = split_words(node.args)
    by_text = node.key in ("setenvif", "setenvifnocase") and len(words) > 1
    if not by_text or words[0].lower() != "request_uri":
        return None
    regex = compile_regex(words[1], ignore_case=node.key == "setenvifnocase")
    return None if regex is None else regex.search(path) is not None
