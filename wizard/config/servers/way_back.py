"""What the configuration changes of a backend's answer: ProxyPassReverse, cookies, headers, pages.

Source: httpd 2.4, modules/proxy/mod_proxy.c (add_pass_reverse, cookie_path, cookie_domain,
merge_proxy_dir_config: lists are appended, the outer level's first), modules/metadata/mod_headers.c
(header_inout_cmd, merge_headers_config), server/core.c (set_error_document).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.request_directives import Counting, RequestDirectives, Said
from wizard.config.servers.request_sections import Place
from wizard.config.syntax.words import split_words
from wizard.model.way_back import (
    NOTHING,
    CookieMapping,
    HeaderEdit,
    HeaderTable,
    ReverseMapping,
    WayBack,
)
from wizard.text import is_number

_KEYS = frozenset(
    {"proxypassreverse", "proxypassreversecookiepath", "proxypassreversecookiedomain"}
    | {"header", "errordocument", "proxypassinterpolateenv"}
)
_EDITS = frozenset({"edit", "edit*"})
_WITHOUT_VALUE = frozenset({"unset", "echo"})


class End(Protocol):
    """Where a request may go: a backend, or a member of a balancer."""

    @property
    def static(self) -> str:
        """URL of it."""

    @property
    def balancer(self) -> str | None:
        """Name of its balancer."""


class WaysBack:
    """The ways back of one configuration.

    Args:
        main: the main server.
    """

    def __init__(self, main: ServerLevel) -> None:
        self._directives = RequestDirectives(main, _KEYS)
        self._made: dict[tuple[int, tuple[str, ...]], tuple[Counting, WayBack]] = {}

    def of(
        self,
        level: ServerLevel,
        url: str,
        path: str,
        place: Place | None,
        ends: Sequence[End] = (),
    ) -> WayBack:
        """The way back of a request's answer.

        Args:
            level, url, path, place: as for ``RequestDirectives.of``.
            ends: where its requests may go.
        """
        counting = self._directives.of(level, url, path, place)
        if not counting.said and not counting.undecided:
            return NOTHING
        balancers = {
            end.balancer.lower(): tuple(one.static for one in ends)
            for end in ends[:1]
            if end.balancer is not None
        }
        key = id(counting), tuple(balancers)
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = counting, _way_back(counting, balancers)
        return known[1]


def _way_back(counting: Counting, balancers: Mapping[str, tuple[str, ...]]) -> WayBack:
    by_key: dict[str, list[Said]] = {}
    for one in counting.said:
        by_key.setdefault(one.node.key, []).append(one)
    interpolates = False
    for one in by_key.get("proxypassinterpolateenv", ()):
        interpolates = one.node.args.strip().lower() == "on"
    mappings = [_mapping(one, balancers) for one in by_key.get("proxypassreverse", ())]
    pages: dict[int, str] = {}
    for one in by_key.get("errordocument", ()):
        status, _, text = one.node.args.strip().partition(" ")
        if is_number(status):
            pages[int(status[:9])] = text.strip()
    return WayBack(
        reverse=tuple(_counted(one, interpolates) for one in mappings if one is not None),
        cookie_paths=_cookies(by_key.get("proxypassreversecookiepath", ())),
        cookie_domains=_cookies(by_key.get("proxypassreversecookiedomain", ())),
        headers=tuple(edit for one in by_key.get("header", ()) if (edit := _edit(one)) is not None),
        error_documents=tuple(pages.items()),
        undecided=counting.undecided,
    )


def _counted(mapping: ReverseMapping, interpolates: bool) -> ReverseMapping:
    if interpolates or not mapping.interpolated:
        return mapping
    return replace(mapping, interpolated=False)


def _written(said: Said) -> str:
    return f"{said.node.name} {said.node.args}".strip()


def _mapping(said: Said, balancers: Mapping[str, tuple[str, ...]]) -> ReverseMapping | None:
    words = split_words(said.node.args)
    section, by_expression = None, False
    if said.section is not None and said.section.key in ("location", "locationmatch"):
        opened = split_words(said.section.args)
        by_expression = said.section.key == "locationmatch" or opened[:1] == ["~"]
        opened = opened[1:] if opened[:1] == ["~"] else opened
        section = opened[0] if opened else ""
        path, rest = section, words
    elif words:
        path, rest = words[0], words[1:]
    else:
        return None
    if not rest:
        return None
    name = rest[0].lower().removeprefix("balancer://").partition("/")[0]
    members = balancers.get(name, ()) if rest[0].lower().startswith("balancer://") else ()
    return ReverseMapping(
        path, rest[0], said.node.source, _written(said), section,
        interpolated=len(rest) > 1, members=members, by_expression=by_expression,
    )  # fmt: skip


def _cookies(said: Sequence[Said]) -> tuple[CookieMapping, ...]:
    found = []
    for one in said:
        words = split_words(one.node.args)
        if len(words) > 1:
            found.append(CookieMapping(words[0], words[1], one.node.source, _written(one)))
    return tuple(found)


def _edit(said: Said) -> HeaderEdit | None:
    words = split_words(said.node.args)
    table: HeaderTable = "onsuccess"
    if words and words[0].lower() in ("always", "onsuccess"):
        table = "always" if words.pop(0).lower() == "always" else "onsuccess"
    if len(words) < 2:
        return None
    action, name, *rest = words
    action = action.lower()
    condition = ""
    if rest and rest[-1].lower() == "early":  # of another run, before anything is known
        return None
    wanted = 0 if action in _WITHOUT_VALUE else 2 if action in _EDITS else 1
    if len(rest) > wanted and (rest[-1].lower().startswith(("env=", "expr="))):
        condition = rest.pop()
    value = rest[0] if rest and wanted else ""
    replacement = rest[1] if wanted == 2 and len(rest) > 1 else ""
    return HeaderEdit(
        table, action, name.rstrip(":").lower(), value, replacement, condition,
        said.node.source, _written(said),
    )  # fmt: skip
