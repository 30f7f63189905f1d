"""The header fields that a backend gets because of RequestHeader, for the imagined client.

Source: httpd 2.4, modules/metadata/mod_headers.c (do_headers_fixup, header_request_tag: they change
the client's own fields, before mod_proxy adds X-Forwarded-*), modules/proxy/proxy_util.c
(ap_proxy_create_hdrbrgd).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.request_directives import RequestDirectives
from wizard.config.servers.request_sections import Place
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.config import VirtualHost
from wizard.model.way_back import RequestHeader

_KEYS = frozenset({"requestheader", "proxyaddheaders"})
_NOT_HERE = frozenset({"host", "proxy-authorization"})
"""Read with ProxyPreserveHost; see ``host_header``."""
_VARIABLE = re.compile(r"%\{([A-Z_]+)\}(s?)")
_COMPARED = re.compile(r"""%\{([A-Z_]+)\}\s*(==|!=|-eq)\s*(['"]?)([\w.:-]*)\3""")
_WRITING = frozenset({"set", "add", "append", "merge", "setifempty"})


class SentHeaders(NamedTuple):
    """What a request gets: fields, and whether mod_proxy adds X-Forwarded-*."""

    fields: tuple[RequestHeader, ...]
    adds_forwarded: bool


_NOTHING = SentHeaders((), adds_forwarded=True)


class RequestHeaders:
    """The RequestHeader lines of one configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: ServerLevel) -> None:
        self._directives = RequestDirectives(main, _KEYS)

    def of(
        self,
        level: ServerLevel,
        url: str,
        path: str,
        place: Place | None,
        host: VirtualHost,
        client_host: str,
    ) -> SentHeaders:
        """What a request's backend gets.

        Args:
            level, url, path, place: as for ``RequestDirectives.of``.
            host: the virtual host.
            client_host: Host header of the imagined client.
        """
        counting = self._directives.of(level, url, path, place)
        if not counting.said:
            return _NOTHING
        https = bool(host.front_tls.value)
        known = {
            "REQUEST_SCHEME": "https" if https else "http",
            "HTTPS": "on" if https else "off",
            "HTTP_HOST": client_host,
            "SERVER_PORT": "443" if https else "80",
            "SERVER_NAME": client_host,
        }
        adds = True
        found: dict[str, RequestHeader] = {}
        for node, _ in counting.said:
            if node.key == "proxyaddheaders":
                adds = node.args.strip().lower() == "on"
                continue
            changed = _changed(node, known)
            if changed is not None and not (changed.early and changed.name.lower() in found):
                before = found.pop(changed.name.lower(), None)
                found[changed.name.lower()] = _merged(node, before, changed)
        return SentHeaders(tuple(found.values()), adds)


def _changed(node: Node, known: dict[str, str]) -> RequestHeader | None:
    """What a line makes of its header; None: nothing, or it is not about one of these."""
    words = split_words(node.args)
    early = bool(words) and words[-1].lower() == "early"
    if early:
        words.pop()
    if len(words) < 2 or words[1].rstrip(":").lower() in _NOT_HERE:
        return None
    action, name, *rest = words
    action, name = action.lower(), name.rstrip(":")
    value: str | None = None
    if action != "unset" and rest:
        value = rest.pop(0)
    if action in ("edit", "edit*") and rest:
        rest.pop(0)
        return RequestHeader(name, None, node.source, certain=False, early=early)
    applies = _holds(rest[0], known) if rest else True
    if applies is False:
        return None
    if action == "unset":
        return RequestHeader(name, None, node.source, certain=applies is True, early=early)
    text = _value(value or "", known) if action in _WRITING else None
    certain = applies is True and text is not None
    return RequestHeader(name, text, node.source, certain=certain, early=early)


def _merged(node: Node, before: RequestHeader | None, now: RequestHeader) -> RequestHeader:
    """Several lines of one header: ``append`` and ``add`` go behind what there is."""
    action = split_words(node.args)[0].lower()
    if before is None or before.value is None or action not in ("add", "append", "merge"):
        if before is not None and before.value is not None and action == "setifempty":
            return before
        return now
    if now.value is None:
        return before
    certain = before.certain and now.certain
    return RequestHeader(now.name, f"{before.value}, {now.value}", now.source, certain=certain)


def _value(text: str, known: dict[str, str]) -> str | None:
    """The value that is sent; None: the request decides."""
    expression = text.startswith("expr=")
    body = text.removeprefix("expr=")

    def named(found: re.Match[str]) -> str:
        if not found[2] and not expression:
            return found[0]
        return known.get(found[1], found[0])

    made = _VARIABLE.sub(named, body)
    return None if "%" in made.replace("%%", "") else made.replace("%%", "%")


def _holds(condition: str, known: dict[str, str]) -> bool | None:
    """Whether ``expr=…`` holds; None: it is not known here."""
    if not condition.lower().startswith("expr="):
        return None
    found = _COMPARED.fullmatch(condition[5:].strip())
    if found is None or found[1] not in known:
        return None
    same = known[found[1]].lower() == found[4].lower()
    return same if found[2] != "!=" else not same
