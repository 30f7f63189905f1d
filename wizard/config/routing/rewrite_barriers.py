"""What mod_rewrite and mod_alias answer before a route's backend is asked.

Rules at server level run before ProxyPass; a Redirect at server level after it. A Redirect or a
rule in ``<Location>`` runs when mod_proxy has mapped the request, and still wins.

Source: httpd 2.4, modules/mappers/mod_rewrite.c (hook_uri2file, hook_fixup), mod_alias.c
(fixup_redir, try_redirect).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wizard.config.matching.patterns import compile_regex, path_covers
from wizard.config.matching.url_templates import groups_of, substitute
from wizard.config.routing.redirects import REDIRECTS
from wizard.config.routing.rewrite_conditions import Request, hold
from wizard.config.routing.rewrite_rules import RewriteRule
from wizard.config.routing.server import Server
from wizard.config.routing.targets import RouteTarget
from wizard.config.servers.levels import LOCATION_SECTIONS, ServerLevel
from wizard.config.servers.request_directives import RequestDirectives, shown
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import split_words
from wizard.model.barrier import Barrier
from wizard.record import record
from wizard.text import is_number

_FORBIDDEN, _GONE, _FOUND = 403, 410, 302
_STATUSES = {"permanent": 301, "temp": _FOUND, "seeother": 303, "gone": _GONE}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_REDIRECTS = range(300, 400)
_MOST_RULES = 500
_ANSWERING = frozenset({"F", "G", "R"})
_LAST = frozenset({"L", "LAST", "END", "PT"})
_JUMPING = frozenset({"N", "NEXT", "S", "C"})


class RewriteBarriers:
    """Of one configuration.

    Args:
        main: the main server.
        client: IP address of the imagined client; None: any.
    """

    def __init__(self, main: ServerLevel, client: str | None) -> None:
        self._redirects = RequestDirectives(main, REDIRECTS)
        self._client = client

    def early(self, server: Server, target: RouteTarget) -> tuple[Barrier, ...]:
        """What rules at server level answer, before authorisation.

        Args:
            server: of the route.
            target: what becomes of its imagined request.
        """
        if not server.rewrites:
            return ()
        path = target.request_path
        fate = server.rewriting.of_level(path)
        if not fate.runs:
            return ()
        request = Request.of(server, path, self._client)
        doubt = fate.conditional or ""
        return tuple(_of_rules(_rules(server), target, request, path, doubt))

    def late(self, server: Server, target: RouteTarget, url: str) -> tuple[Barrier, ...]:
        """What a Redirect in a section answers, after authorisation.

        Args:
            server, target: as for ``early``.
            url: what the request is mapped to.
        """
        path = target.request_path
        counting = self._redirects.of(server.level, url, path, target.place)
        for said in reversed(counting.said):
            if said.section is None or said.section.key not in LOCATION_SECTIONS:
                continue
            found = _redirect(said.node, path, Request.of(server, path, self._client))
            if found is not None:
                return (found,)
        return ()


def _rules(server: Server) -> Sequence[RewriteRule]:
    """The rules at server level that run in a server, in their order."""
    own = server.proxied.rules.rules
    main = server.main.proxied.rules.rules if server.main is not None else []
    inherited = server.rewriting.inherited
    if inherited == "before":
        return (*main, *own)
    return (*own, *main) if inherited == "after" else own


def _of_rules(
    rules: Sequence[RewriteRule], target: RouteTarget, request: Request, path: str, doubt: str
) -> Iterator[Barrier]:
    """What the rules answer for certain, or that one of them may (apply_rewrite_list)."""
    uri, pending = path, None
    for rule in rules[:_MOST_RULES]:
        if rule is target.entry:
            break
        groups = _groups(rule, uri)
        holds = hold(rule.conditions, request) if groups is not None else False
        if groups is None or holds is False or not _matters(rule):
            continue
        unsure = doubt or _why(rule, certain=holds is True)
        if pending is not None and "PT" in rule.flags:
            unsure = unsure or "What an earlier rule makes of the request is mapped once more."
        step = _apply(rule, groups, request, unsure)
        if step.passes:
            break
        if step.ends:
            yield step.barrier
            return
        pending, uri = step.barrier, step.barrier.location or ""
        if not _LAST.isdisjoint(rule.flags):
            break
    if pending is not None:
        yield pending


@record
class _Step:
    """What a rule does.

    Args:
        barrier: what it answers, or may answer.
        ends: no rule after it is tried; else a redirect waits for the end of the rules.
        passes: the request goes on to ProxyPass.
    """

    barrier: Barrier
    ends: bool = True
    passes: bool = False


def _matters(rule: RewriteRule) -> bool:
    """Whether a rule does more than to set variables."""
    return rule.target != "-" or not (_ANSWERING | _LAST | _JUMPING).isdisjoint(rule.flags)


def _apply(rule: RewriteRule, groups: tuple[str, ...], request: Request, unsure: str) -> _Step:
    """See apply_rewrite_rule."""
    flags = rule.flags
    status = _FOUND
    if "F" in flags or "G" in flags:
        return _Step(_barrier(rule, _FORBIDDEN if "F" in flags else _GONE, unsure))
    if "R" in flags:
        status = _status(flags["R"])
        if status not in _REDIRECTS:
            return _Step(_barrier(rule, status, unsure))
    if not unsure and not _JUMPING.isdisjoint(flags):
        unsure = "Its flags make httpd try rules again, or leave some out."
    if rule.target == "-":
        kept = not unsure and "R" not in flags
        unsure = unsure or "It redirects to what the request is."
        return _Step(_barrier(rule, status, unsure), passes=kept)
    text = substitute(rule.target, groups)
    filled = request.filled(text)
    absolute = _ABSOLUTE.match(text) is not None
    if {"P", "PT"} & flags.keys() or not (absolute or "R" in flags):
        unsure = unsure or "It takes the request elsewhere."
    elif "R" not in flags and filled is not None and _is_own(filled, request):
        unsure = unsure or "It leads to this server, within it or by a redirect."
    elif filled is None:
        unsure = unsure or "Where it leads depends on the request."
    location = _location(filled, request)
    return _Step(_barrier(rule, status, unsure, location), ends=bool(unsure))


def _is_own(url: str, request: Request) -> bool:
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return host.lower() == request.values["SERVER_NAME"].lower()


def _groups(rule: RewriteRule, path: str) -> tuple[str, ...] | None:
    regex = compile_regex(rule.pattern, rule.ignores_case)
    if regex is None:
        return None
    match = regex.search(path)
    if rule.negated:
        return () if match is None else None
    return groups_of(match) if match is not None else None


def _why(rule: RewriteRule, *, certain: bool) -> str:
    """What decides per request; empty: nothing does."""
    if rule.depends:
        return "An earlier rule with [C] or [S] decides whether it runs."
    if certain:
        return ""
    first = rule.conditions[0]
    return f"{shown(first.node)} at {first.node.source} depends on the request."


def _barrier(rule: RewriteRule, status: int, unsure: str, location: str | None = None) -> Barrier:
    return Barrier(
        "rewrite", status, rule.node.source, shown(rule.node),
        everyone=not unsure, location=location, unsure=unsure,
    )  # fmt: skip


def _status(word: str) -> int:
    if is_number(word):
        return int(word[:4])
    return _STATUSES.get(word.lower(), _FOUND)


def _location(text: str | None, request: Request) -> str | None:
    """Where a client is sent: a path becomes a URL of this server."""
    if text is None or _ABSOLUTE.match(text):
        return text
    values = request.values
    default = "443" if values["REQUEST_SCHEME"] == "https" else "80"
    port = "" if values["SERVER_PORT"] == default else f":{values['SERVER_PORT']}"
    slash = "" if text.startswith("/") else "/"
    return f"{values['REQUEST_SCHEME']}://{values['SERVER_NAME']}{port}{slash}{text}"


def _redirect(node: Node, path: str, request: Request) -> Barrier | None:
    """What a Redirect in a section answers; None: it is for other paths."""
    words = split_words(node.args)
    status = 301 if node.key == "redirectpermanent" else _FOUND
    if len(words) > 1 and (words[0].lower() in _STATUSES or is_number(words[0])):
        status = _status(words.pop(0))
    prefix, to = (words[0], words[1]) if len(words) > 1 else ("", words[0] if words else "")
    if status not in _REDIRECTS and len(words) == 1:
        prefix, to = (words[0], "") if words[0].startswith("/") else ("", "")
    if prefix and not path_covers(prefix, path):
        return None
    location = None
    if status in _REDIRECTS:
        location = _location(request.filled(to), request)
        if prefix and location is not None:
            location += path[len(prefix) :]
    return Barrier("rewrite", status, node.source, shown(node), everyone=True, location=location)
