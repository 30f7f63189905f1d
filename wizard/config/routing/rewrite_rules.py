"""RewriteRule with [P]: which requests it proxies, as far as the configuration shows.

Source: httpd 2.4, modules/mappers/mod_rewrite.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from wizard.config.matching.patterns import compile_regex, is_glob
from wizard.config.matching.sample_paths import sample
from wizard.config.matching.url_templates import (
    authority_of,
    begins_with_variable,
    groups_of,
    imagine,
    imagine_filled,
    static_url,
    substitute,
    without_variables,
)
from wizard.config.servers.levels import FILE_SECTIONS, LOCATION_SECTIONS
from wizard.config.syntax.backend_url import with_host
from wizard.config.syntax.tree import Node
from wizard.config.syntax.words import BLANKS, split_words
from wizard.record import record

_URI_VARIABLE = re.compile(r"%\{REQUEST_URI\}")
_DECLINING = re.compile(r"no-proxy(?::|\Z)")
_MOST_DECLINING = 200
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|unix:)", re.IGNORECASE)


@record
class RewriteScope:
    """The sections that rules stand in, outermost first; none: the server level."""

    sections: tuple[Node, ...] = ()


_SERVER_LEVEL = RewriteScope()


@dataclass(slots=True, eq=False)
class RewriteCondition:
    """A RewriteCond.

    Args:
        node: the directive.
        test: the text that is tested, as written.
        pattern: as written.
        flags: in upper case.
    """

    node: Node
    test: str
    pattern: str
    flags: frozenset[str]


@dataclass(slots=True, eq=False)
class RewriteRule:
    """A RewriteRule.

    Args:
        node: the directive.
        pattern: without a leading ``!``.
        negated: whether there was one.
        target: the substitution.
        flags: names in upper case to their values.
        conditions: the RewriteCond lines before it.
        scope: where it stands.
        engine: the rewrite directives of its level or section.
        depends: whether it runs only as an earlier rule decides ([C], [S]).
    """

    node: Node
    pattern: str
    negated: bool
    target: str
    flags: dict[str, str]
    conditions: tuple[RewriteCondition, ...]
    scope: RewriteScope
    engine: Rewrite
    depends: bool = False

    @property
    def proxies(self) -> bool:
        """Whether mod_proxy gets its requests."""
        return self.target != "-" if "P" in self.flags else self.handler is not None

    @property
    def handler(self) -> str | None:
        """The URL of ``[H=proxy:URL]``, which acts where the request stays in this server."""
        value = self.flags.get("H", "")
        return value[len("proxy:") :] if value.lower().startswith("proxy:") else None

    @property
    def ends(self) -> bool:
        """Whether a request that it matched reaches no ProxyPass."""
        if self.target == "-":
            return bool({"F", "G", "R"} & self.flags.keys())
        return "PT" not in self.flags

    @property
    def ignores_case(self) -> bool:
        """Flag NC."""
        return "NC" in self.flags

    @property
    def unconditional(self) -> bool:
        """Whether it applies to every request that its pattern matches."""
        return not (self.conditions or self.depends or self.negated or self.scope.sections)


@dataclass(eq=False)
class Rewrite:
    """The rewrite directives of one server level or section, in file order."""

    scope: RewriteScope = _SERVER_LEVEL
    engine: bool | None = None
    """RewriteEngine; None: it is not set here."""
    options: frozenset[str] | None = None
    """Of RewriteOptions, all lines together; None: there is none."""
    seen: bool = False
    """Whether any directive of the module stands here."""
    rules: list[RewriteRule] = field(default_factory=list)
    declining: tuple[RewriteRule, ...] = ()
    """Those of them that set the variable ``no-proxy``."""
    _pending: list[RewriteCondition] = field(default_factory=list)
    _depends: bool = False

    def add(self, node: Node) -> RewriteRule | None:
        """Read a directive of mod_rewrite.

        Returns:
            The rule, if it is a RewriteRule that httpd accepts.
        """
        words = arguments(node.args) or split_words(node.args)
        self.seen = True
        if node.key == "rewriteengine":
            self.engine = bool(words) and words[0].lower() == "on"
        elif node.key == "rewriteoptions":
            named = frozenset(word.lower() for word in split_words(node.args))
            self.options = named | (self.options or frozenset())
        elif node.key == "rewritecond" and len(words) >= 2:
            names = flags(words[2]) if len(words) > 2 else {}
            self._pending.append(RewriteCondition(node, words[0], words[1], frozenset(names)))
        elif node.key == "rewriterule" and len(words) >= 2:
            return self._rule(node, words)
        return None

    def _rule(self, node: Node, words: list[str]) -> RewriteRule:
        names = flags(words[2]) if len(words) > 2 else {}
        negated = words[0].startswith("!")
        rule = RewriteRule(
            node,
            words[0][negated:],
            negated,
            target=words[1],
            flags=names,
            conditions=tuple(self._pending),
            scope=self.scope,
            engine=self,
            depends=self._depends,
        )
        self._pending.clear()
        # A rule that skips others, or is chained to the next, decides about all after it.
        self._depends = self._depends or bool({"C", "S"} & names.keys())
        self.rules.append(rule)
        if _DECLINING.match(names.get("E", names.get("ENV", ""))):
            self.declining = (*self.declining, rule)[:_MOST_DECLINING]
        return rule


def arguments(args: str) -> list[str]:
    """The two or three arguments of RewriteRule and RewriteCond; [] if there are fewer.

    mod_rewrite splits them itself: a backslash escapes a blank and stays (parseargline).
    """
    found: list[str] = []
    rest = args.strip(BLANKS)
    while rest and len(found) < 3:
        match = _ARGUMENT.match(rest)
        if match is None:
            break
        quote = match["quote"] or ""
        found.append(match["double"] or match["single"] or match["bare"] or "")
        complete = match.end() < len(rest) or (quote and match[0].rstrip(BLANKS).endswith(quote))
        rest = rest[match.end() :]
        if len(found) == 1 and not rest and not complete:
            return []
    return found if len(found) >= 2 else []


_ARGUMENT = re.compile(
    r"""(?P<quote>["'])?(?(quote)
        (?:(?<=")(?P<double>(?:\\\s|[^"])*+)"?|(?<=')(?P<single>(?:\\\s|[^'])*+)'?)
        |(?P<bare>(?:\\\s|\S)++))\s*""",
    re.VERBOSE,
)
"""It never backtracks, so a long line costs no memory."""

_LONG_FLAGS = {
    "PROXY": "P",
    "PASSTHROUGH": "PT",
    "LAST": "L",
    "NOCASE": "NC",
    "FORBIDDEN": "F",
    "GONE": "G",
    "REDIRECT": "R",
    "CHAIN": "C",
    "SKIP": "S",
    "HANDLER": "H",
}


def flags(text: str) -> dict[str, str]:
    """``[NC,P]`` as names in upper case (short ones) to their values."""
    found = {}
    for piece in _pieces(text):
        name, _, value = piece.partition("=")
        name = name.upper()
        found[_LONG_FLAGS.get(name, name)] = value
    return found


def written_flags(text: str) -> list[tuple[str, str]]:
    """The flags as written: names, and what follows ``=``."""
    return [piece.partition("=")[::2] for piece in _pieces(text)]


def _pieces(text: str) -> list[str]:
    return [p.strip() for p in text.strip().removeprefix("[").removesuffix("]").split(",")]


@record
class Proxying:
    """What a rule does with an imagined request.

    Args:
        path: of the request.
        url: of the backend's request.
        target: of the rule, with a scheme.
        backend: the same without those placeholders that do not decide which backend it is.
        unknown: why the backend is not known; None if it is.
        conditional: which further conditions a request must meet; None if there are none.
    """

    path: str
    url: str
    target: str
    backend: str
    unknown: str | None = None
    conditional: str | None = None


def proxying(
    rule: RewriteRule, own_url: Callable[[], str], front_tls: bool, path: str | None = None
) -> Proxying:
    """Imagine a request to a rule with [P].

    Args:
        rule: the rule.
        own_url: gives the URL of the server, to which a target without scheme leads.
        front_tls: whether that server speaks TLS to its clients.
        path: of the request, which the rule matches; None: one is looked for.
    """
    path, groups, reason = _request(rule, path)
    conditional = reason
    unknown = None
    for condition in rule.conditions:
        verdict = _holds(condition, path, front_tls)
        if verdict is False:
            unknown = (
                f"RewriteCond {condition.test} {condition.pattern} at {condition.node.source} "
                "never holds here, so the rule proxies nothing."
            )
        elif verdict is None:
            conditional = conditional or (
                f"only where RewriteCond {condition.test} {condition.pattern} "
                f"at {condition.node.source} holds"
            )
    if rule.depends:
        conditional = conditional or "only where an earlier rule with [C] or [S] lets it run"
    target = with_host(rule.target, path=True)
    if not _ABSOLUTE.match(target) and not target.lower().startswith("balancer:"):
        if begins_with_variable(target) or target.startswith("$"):
            unknown = unknown or (f"the target {target} is known only when a request is there.")
        target = f"{own_url()}{'' if target.startswith('/') else '/'}{target}"
    in_files = rule.scope.sections and rule.scope.sections[0].key in FILE_SECTIONS
    backend = static_url(target, "" if in_files else rule.pattern)
    if backend is None:
        unknown = unknown or (
            f"the backend's name {authority_of(target)} is known only when a request is there."
        )
    url = _URI_VARIABLE.sub(lambda _: path, target)
    url = substitute(without_variables(url) if not unknown else url, groups)
    return Proxying(
        path, url, target, backend=backend or target, unknown=unknown, conditional=conditional
    )


def _request(rule: RewriteRule, path: str | None = None) -> tuple[str, tuple[str, ...], str | None]:
    """Path, groups, and why no path is known, if so."""
    if path is not None and (groups := matched(rule, path)) is not None:
        return path, groups, None
    if not rule.negated:
        for condition in rule.conditions:
            wanted = _wanted_path(condition)
            regex = compile_regex(rule.pattern, rule.ignores_case) if wanted else None
            if wanted and regex and (match := regex.search(wanted)):
                return wanted, groups_of(match), None
        inside = location_path(rule.scope.sections)
        regex = compile_regex(rule.pattern, rule.ignores_case)
        if inside is not None and regex and (match := regex.search(inside)):
            return inside, groups_of(match), None
        found = imagine_filled(rule.pattern, rule.target, rule.ignores_case)
        if found is not None:
            return *found, None
        found = imagine("^/" + rule.pattern.removeprefix("^"), rule.ignores_case)
        if (
            found is not None and rule.scope.sections
        ):  # in a section the pattern gets no leading slash
            path, groups = found
            return path, (groups[0].removeprefix("/"), *groups[1:]), None
    return "/", ("/",), f"only for paths that RewriteRule {rule.node.args} matches"


def matched(rule: RewriteRule, path: str) -> tuple[str, ...] | None:
    """The groups of a rule's pattern in a path; None if it does not match."""
    regex = compile_regex(rule.pattern, rule.ignores_case)
    match = regex.search(path) if regex is not None and not rule.negated else None
    return groups_of(match) if match is not None else None


def location_path(sections: tuple[Node, ...]) -> str | None:
    """A path that reaches a ``<Location>``, or else a ``<Files>``, among some sections."""
    name = None
    for node in sections:
        words = split_words(node.args)
        if node.key in LOCATION_SECTIONS and words:
            return words[-1] if node.key == "location" else sample(words[-1])
        if node.key == "files" and len(words) == 1 and not is_glob(words[0]):
            name = f"/{words[0]}"
    return name


def _wanted_path(condition: RewriteCondition) -> str | None:
    if condition.test == "%{REQUEST_URI}" and not condition.pattern.startswith(("!", "-", "=")):
        return sample(condition.pattern, "NC" in condition.flags)
    return None


def _holds(condition: RewriteCondition, path: str, front_tls: bool) -> bool | None:
    """Whether a condition holds for the imagined request; None if it depends on the client."""
    if {"OR", "ORNEXT"} & condition.flags:
        return None
    if condition.test == "%{HTTPS}":
        value = "on" if front_tls else "off"
    elif condition.test == "%{REQUEST_URI}":
        value = path
    elif condition.test == "%{REQUEST_SCHEME}":
        value = "https" if front_tls else "http"
    else:
        return None
    pattern = condition.pattern
    negated = pattern.startswith("!")
    pattern = pattern[negated:]
    if pattern.startswith(("-", "<", ">")):
        return None
    if pattern.startswith("="):
        holds = pattern[1:].strip('"') == value
    else:
        regex = compile_regex(pattern, bool({"NC", "NOCASE"} & condition.flags))
        if regex is None:
            return None
        holds = regex.search(value) is not None
    if condition.test == "%{REQUEST_URI}" and holds == negated:
        return None  # another path may fulfil it
    return holds != negated
