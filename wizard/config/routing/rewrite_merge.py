"""Which rewrite rules run for a request: RewriteEngine, RewriteOptions and the rules, merged.

The engine is inherited: from the main server by virtual hosts, from either by their sections, from
a section by those merged after it. The rules are not, but for RewriteOptions: the last section with
any directive of mod_rewrite has the say, even where it holds no rule. The rules at server level
look at the engine of the request too: that of ``<Location>`` and ``<If>`` counts for them.

Source: httpd 2.4, modules/mappers/mod_rewrite.c (config_server_merge, config_perdir_merge,
hook_uri2file, hook_fixup), server/config.c (ap_set_config_vectors); each rule was run on
httpd 2.4.71 (tests/config/routing/data/merging.txt).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Literal

from wizard.config.matching.patterns import location_covers
from wizard.config.routing.proxy_directives import Proxied
from wizard.config.routing.rewrite_rules import Rewrite, RewriteRule, location_path, matched
from wizard.config.servers.levels import ServerLevel
from wizard.config.servers.request_sections import Part, Place, RequestSections, SectionParts
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import first_word
from wizard.record import record

_NONE: frozenset[str] = frozenset()
Inherited = Literal["before", "after"]


@record
class Fate:
    """What becomes of a rule for a request that it matches.

    Args:
        runs: whether it is tried.
        replaced_by: the section whose directives of mod_rewrite replace its own.
        conditional: which requests it is tried for, if not all.
    """

    runs: bool
    replaced_by: Node | None = None
    conditional: str | None = None


_MOST_LOCATIONS = 20
"""Sections that turn the engine on, for each of which a rule is looked at."""
_ANYTHING = frozenset(
    {"", ".", "^", ".*", "^.*", ".*$", "^.*$", "(.*)", "^(.*)", "(.*)$", "^(.*)$", "(.+)", "^(.+)$"}
)
"""Patterns that match whatever a rule in a section is tried on."""
_RUNS, _OFF = Fate(True), Fate(False)


@record
class _Merged:
    """The state of mod_rewrite after some sections."""

    engine: bool | None = None
    options: frozenset[str] | None = None
    blocks: tuple[Rewrite, ...] = ()
    """Whose rules are tried, in this order."""


class Rewriting:
    """What mod_rewrite does in one server.

    Args:
        level: of the server.
        proxied: what it says.
        main: of the main server; None: this is it.
    """

    def __init__(self, level: ServerLevel, proxied: Proxied, main: Rewriting | None) -> None:
        self._level = level
        self._proxied = proxied
        self._main = main
        own = proxied.rules
        inherited: Sequence[Rewrite] = ()
        if main is None:
            self._base = _Merged(own.engine, own.options)
        else:
            inherited = main._rewrites
            self._base = main._base
            if own.engine is not None or own.options is not None:
                self._base = _merge(main._base, _Merged(own.engine, own.options))
        self._rewrites: Sequence[Rewrite] = proxied.rewrites
        """Of the main server and its own."""
        if inherited:
            self._rewrites = (*inherited, *proxied.rewrites)
        self._fates: dict[tuple[Rewrite, Place], Fate] | None = None

    @cached_property
    def sections(self) -> SectionParts[Rewrite]:
        """What its sections say."""
        return SectionParts((one.scope.sections, one) for one in self._proxied.rewrites)

    @cached_property
    def _passing(self) -> RequestSections[Rewrite]:
        main = self._main.sections if self._main is not None else None
        return RequestSections(main, self.sections)

    @property
    def kind(self) -> object:
        """Equal for servers in which the same becomes of the main server's rules in sections."""
        return self if self._proxied.rewrites else self._base

    @property
    def engine(self) -> bool:
        """RewriteEngine at server level."""
        return bool(self._base.engine)

    @property
    def takes_all(self) -> bool:
        """Whether the rules at server level are tried for every request."""
        return self.engine and all(one.engine is not False for one in self._rewrites)

    @property
    def inherited(self) -> Inherited | None:
        """Whether the main server's rules run before or after its own; None: neither."""
        if self._main is None or self._base.options is None:
            return None
        found = _inherits(self._main._base.options, self._base.options)
        # without any directive of the module a virtual host has no rules at all (hook_uri2file)
        return found if found and self._has_directive else None

    @property
    def _has_directive(self) -> bool:
        if self._proxied.rules.seen or self._proxied.rewrites:
            return True
        every = (one for node in self._level.nodes for one in (node, *node.walk()))
        return any(one.key.startswith("rewrite") for one in every)

    def of_level(self, path: str) -> Fate:
        """What becomes of a rule at server level for a request to a path."""
        if not self._rewrites:
            return _RUNS if self.engine else _OFF
        passed = self._passing.passed(Place(path))
        locations = passed.stages[2]

        def runs(ifs: Sequence[Part[Rewrite]]) -> bool:
            return bool(_through(self._base, (locations, ifs)).engine)

        fate = Fate(runs(()))
        for part in passed.perhaps:
            if runs((part,)) != fate.runs:
                return Fate(True, conditional=_where(part, holds=not fate.runs))
        return fate

    @cached_property
    def _turning_on(self) -> tuple[tuple[Node, ...], ...]:
        on = (block.scope.sections for block in self._rewrites if block.engine)
        return tuple(islice(on, _MOST_LOCATIONS))

    def turned_on(self, rule: RewriteRule) -> tuple[str, Fate] | None:
        """A request for which a ``<Location>`` turns the rules at server level on.

        Args:
            rule: at server level, which matches it.
        """
        for sections in self._turning_on:
            path = location_path(sections)
            if path is None or matched(rule, path) is None:
                continue
            fate = self.of_level(path)
            if fate.runs:
                node = sections[0]
                only = f"only in <{node.name} {node.args}> ({node.source}): RewriteEngine is on"
                return path, Fate(True, conditional=fate.conditional or only)
        return None

    def overriding(self, path: str) -> Node | None:
        """The rule in a ``<Location>`` that takes every request below a path from a ProxyPass.

        Such a rule runs when mod_proxy has mapped the request already (hook_fixup).
        """
        if not self._rewrites or len(self._rewrites) > _MOST_LOCATIONS:
            return None
        within = path.rstrip("/") + "/"
        outer = [block.scope.sections[0] for block in self._rewrites]
        if any(node.key != "location" or within in node.args for node in outer):
            return None  # another section may count for some of the requests
        if not any(location_covers(first_word(node.args)[0], path) for node in outer):
            return None
        passed = self._passing.passed(Place(path))
        merged = _through(self._base, (passed.stages[2],))
        rules = merged.blocks[0].rules if merged.engine and merged.blocks else []
        if not rules or passed.perhaps:
            return None
        rule = rules[0]
        certain = not (rule.negated or rule.conditions or rule.depends)
        takes = rule.proxies or not {"F", "G", "R"}.isdisjoint(rule.flags)
        return rule.node if certain and takes and rule.pattern in _ANYTHING else None

    def in_section(self, rule: RewriteRule, place: Place) -> Fate:
        """What becomes of a rule in a section for a request."""
        if len(self._rewrites) == 1:  # as in most virtual hosts
            own = rule.engine.engine
            return _RUNS if (self.engine if own is None else own) else _OFF
        key = rule.engine, place
        if self._fates is None:
            self._fates = {}
        found = self._fates.get(key)
        if found is None:
            found = self._fates[key] = self._in_section(rule.engine, place)
        return found

    def _in_section(self, block: Rewrite, place: Place) -> Fate:
        passed = self._passing.passed(place)

        def fate(*more: Part[Rewrite]) -> Fate:
            ifs = sorted((*passed.stages[3], *more), key=lambda part: part.number)
            merged = _through(self._base, (*passed.stages[:3], ifs))
            if not merged.engine:
                return _OFF
            if block in merged.blocks:
                return _RUNS
            return Fate(False, replaced_by=merged.blocks[0].scope.sections[-1])

        first = fate()
        for part in passed.perhaps:
            if fate(part).runs != first.runs:
                return Fate(True, conditional=_where(part, holds=not first.runs))
        return first


def _where(part: Part[Rewrite], *, holds: bool) -> str:
    node = part.sections[-1]
    which = "only where" if holds else "not where"
    return f"{which} <{node.name} {node.args.rstrip()}> at {node.source} holds"


def _through(base: _Merged, stages: Sequence[Sequence[Part[Rewrite]]]) -> _Merged:
    """Merge the sections of each stage with each other, and then with what was before."""
    for stage in stages:
        if not stage:
            continue
        merged: _Merged | None = None
        for part in stage:
            one = _Merged(part.value.engine, part.value.options, (part.value,))
            merged = one if merged is None else _merge(merged, one)
        if merged is not None:
            base = _merge(base, merged)
    return base


def _merge(base: _Merged, over: _Merged) -> _Merged:
    engine = base.engine if over.engine is None else over.engine
    options = base.options if over.options is None else over.options
    blocks = over.blocks
    inherited = _inherits(base.options, options)
    if inherited == "after":
        blocks = over.blocks + base.blocks
    elif inherited == "before":
        blocks = base.blocks + over.blocks
    return _Merged(engine, options, blocks)


def _inherits(base: frozenset[str] | None, options: frozenset[str] | None) -> Inherited | None:
    """Whether the rules of what is merged into go before or after those of what is merged."""
    own = options or _NONE
    down = _NONE if "ignoreinherit" in own else base or _NONE
    if "inherit" in own or "inheritdown" in down:
        return "after"
    if "inheritbefore" in own or "inheritdownbefore" in down:
        return "before"
    return None
