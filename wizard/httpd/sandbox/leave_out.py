"""Which directives a throw-away configuration leaves out, or gives other arguments.

Pure: what each module would do beyond the route stands in `wizard.httpd.sandbox.acting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import argument, split_words
from wizard.httpd.sandbox.acting import (
    FILTERS,
    KEPT,
    LEFT_OUT,
    PROVIDERS,
    REPLACED,
    UNKNOWN,
    LeftOut,
    is_foreign,
)
from wizard.masking import lines as masking
from wizard.reference import directives, misspelt

_LIBRARY = "is no library of a module that stays"
HEALTH_CHECKS = "proxy_hcheck_module"
_OF_WORKERS = frozenset({"proxypass", "balancermember", "proxyset", "proxy"})
_HEALTH_CHECK = re.compile(
    r"""(?:^|\s+)(?:"hc[a-z]+=[^"]*"|'hc[a-z]+=[^']*'|hc[a-z]+=\S*)""", re.IGNORECASE
)
"""A worker's parameter that only mod_proxy_hcheck knows (``hcmethod=GET``)."""
_METHOD = re.compile(r"""(^|\s)["']?lbmethod=(\w+)""", re.IGNORECASE)
_METHODS = ("byrequests", "bytraffic", "bybusyness")
_MAP_USED = re.compile(r"\$\{([^:{}]+):")
_EMPTY_MAP = "txt:/dev/null"
_ASKS = {"prg": "runs programs", "dbd": "asks a database", "fastdbd": "asks a database"}
"""Types of RewriteMap that act (modules/mappers/mod_rewrite.c)."""
_NOBODY = 'expr "-n %{REMOTE_USER}"'
"""Refuses as a provider does that knows no user: 401 where one may log in (mod_authz_core)."""
_ALIASES = frozenset({"authnprovideralias", "authzprovideralias"})
_AUTHENTICATION = frozenset({"authbasicprovider", "authdigestprovider", "authformprovider"})
_FILTERED = {
    "setoutputfilter": 0, "setinputfilter": 0, "filterprovider": 1, "addoutputfilterbytype": 0,
}  # fmt: skip
"""Directives that name filters joined by semicolons, and which of their words does so."""
_HANDLED = frozenset({"sethandler", "addhandler"})
_RUN = frozenset({"scriptalias", "scriptaliasmatch", "virtualscriptalias", "virtualscriptaliasip"})
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_MOST_NAMES = 100
"""Unknown directives that are compared with httpd's own, which is slow."""


@dataclass(slots=True)
class _Notes:
    """What was left out, by what it would do."""

    by_deed: dict[str, dict[str, None]] = field(default_factory=dict)
    sentences: dict[str, None] = field(default_factory=dict)

    def add(self, deed: str, name: str) -> None:
        if deed:
            self.by_deed.setdefault(deed, {})[name] = None

    def all(self) -> tuple[str, ...]:
        kinds = (
            f"Left out, because it {deed}: {', '.join(names)}."
            for deed, names in self.by_deed.items()
        )
        return (*kinds, *self.sentences)


def _shown(node: Node) -> str:
    """A directive's name, unless it may be what was left of a line that held a secret."""
    (line,) = masking.configuration([f"{node.name} {node.args}".rstrip()])
    return line.partition(" ")[0]


class LeaveOut:
    """What of a configuration the throw-away httpd does not get.

    Args:
        tree: of the real configuration.
        layout: that it was read with; its program's own modules cannot be left out.
    """

    def __init__(self, tree: Tree, layout: Layout) -> None:
        self._tree = tree
        self._loaded = frozenset(tree.modules)
        self._acting = {name: _decision(name) for name in tree.modules if name not in KEPT}
        foreign = {name: one for name, one in self._acting.items() if not _known(name)}
        if layout.partial:
            foreign[""] = UNKNOWN
        self._foreign = foreign
        self._notes = _Notes()
        self._owners: dict[str, LeftOut | None] = {}
        for name, module in self._acting.items():
            if name in layout.static_modules and name in foreign:
                self._notes.sentences[f"{name} is compiled into this httpd, and stays."] = None
            elif module.unseen and not layout.partial:
                self._notes.add(module.does, name)
        for identifier, path in tree.loads:
            if not identifier and is_foreign(path):
                self._notes.add(_LIBRARY, f"LoadFile {path}")

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out so far, each kind one sentence."""
        return self._notes.all()

    def arguments(self, node: Node) -> str | None:
        """The arguments that a directive or section has in the rehearsal; None: it is left out."""
        if node.key in REPLACED:
            if _piped(node):
                self._notes.add("runs programs", node.name)
            return None
        owner = self._owner(node)
        if owner is not None:
            if owner.uses is None or node.key in owner.uses:
                self._notes.add(owner.does, _shown(node))
            return None
        if deed := _deed(node):
            self._notes.add(deed, node.name)
            return None
        return self._without_names(node)

    def _owner(self, node: Node) -> LeftOut | None:
        """The left-out module that a directive is of; None: httpd knows it, or refuses it."""
        name = node.key if node.children is None else f"<{node.key}"
        if name not in self._owners:
            known = directives.lookup(name)
            if known is None:
                self._owners[name] = self._stranger(node.name if name == node.key else name)
            elif any(module in KEPT and module in self._loaded for module in known.modules):
                self._owners[name] = None
            else:
                owners = (self._acting.get(module) for module in known.modules)
                self._owners[name] = next((one for one in owners if one is not None), None)
        return self._owners[name]

    def _stranger(self, written: str) -> LeftOut | None:
        """Whose a directive is that no httpd has, unless it is one of httpd's own, misspelt."""
        if not self._foreign:
            return None
        key = written.strip("<>").lower()
        for module in self._foreign.values():
            if module.begins and key.startswith(module.begins):
                return module
        near = misspelt.nearest(written) if len(self._owners) < _MOST_NAMES else None
        if near is not None and misspelt.is_slip(written, near):
            return None
        return UNKNOWN if UNKNOWN in self._foreign.values() else next(iter(self._foreign.values()))

    def _without_names(self, node: Node) -> str | None:
        """A kept directive, without what it names of left-out modules."""
        if node.key == "rewritemap":
            return self._map(node)
        if node.key == "require":
            return self._require(node)
        if node.key in _AUTHENTICATION:
            return self._providers(node)
        if node.key in _ALIASES and self._left_out_provider(_word(node, 0)):
            self._notes.add(self._does(_word(node, 0)), node.name)
            return None
        if node.key in _FILTERED:
            return self._filters(node, _FILTERED[node.key])
        if node.key in _RUN:
            return self._handler(node, "cgi-script")
        if node.key in _HANDLED:
            return self._handler(node, _word(node, 0))
        if node.key in _OF_WORKERS:
            return self._spread(node, self._unasked(node))
        return node.args

    def _map(self, node: Node) -> str:
        """A RewriteMap; in place of one that acts there is an empty one."""
        words = split_words(node.args)
        kind = words[1].partition(":")[0].lower() if len(words) > 1 else ""
        if kind not in _ASKS:
            return node.args
        self._notes.add(_ASKS[kind], node.name)
        if words[0] in self._maps_used:
            self._notes.sentences[
                f"The RewriteMap {words[0]} is empty here: a rule that uses it may lead elsewhere "
                "in reality."
            ] = None
        return f"{argument(words[0])} {_EMPTY_MAP}"

    @cached_property
    def _maps_used(self) -> frozenset[str]:
        rules = (n for n in self._tree.walk() if n.key in ("rewriterule", "rewritecond"))
        return frozenset(name for rule in rules for name in _MAP_USED.findall(rule.args))

    def _require(self, node: Node) -> str:
        words = split_words(node.args)
        negated = bool(words) and words[0].lower() == "not"
        provider = words[negated] if len(words) > negated else ""
        if not self._left_out_provider(provider):
            return node.args
        self._undecided(provider, f"{node.name} {provider}")
        return f"not {_NOBODY}" if negated else _NOBODY

    def _providers(self, node: Node) -> str | None:
        """A list of providers; without any, mod_auth_basic and the like take ``file``."""
        words = split_words(node.args)
        kept = [word for word in words if not self._left_out_provider(word)]
        for word in words:
            if word not in kept:
                self._undecided(word, f"{node.name} {word}")
        if len(kept) == len(words):
            return node.args
        return " ".join(map(argument, kept)) or None

    def _undecided(self, provider: str, written: str) -> None:
        self._notes.add(self._does(provider), written)
        self._notes.sentences[
            "Whom the left-out access control lets in is not rehearsed: it counts as a refusal."
        ] = None

    def _filters(self, node: Node, position: int) -> str | None:
        """None where a filter is named that is not there: mod_filter refuses it, and for others
        it would do nothing."""
        for name in _word(node, position).split(";"):
            module = self._naming(name.lower(), FILTERS)
            if module is not None:
                self._notes.add(module.does, f"{node.name} {name}")
                return None
        return node.args

    def _unasked(self, node: Node) -> str:
        if HEALTH_CHECKS not in self._acting:
            return node.args
        args = _HEALTH_CHECK.sub("", node.args)
        if args != node.args:
            self._notes.add(LEFT_OUT[HEALTH_CHECKS].does, node.name)
        return args

    def _spread(self, node: Node, args: str) -> str:
        """A balancer spreads requests by one of httpd's own methods where nobody tells its own
        which members are well: it would find none."""
        method = _METHOD.search(args)
        if method is None:
            return args
        name = method[2].lower()
        source = "heartmonitor_module" if name == "heartbeat" else f"lbmethod_{name}_module"
        own = next((one for one in _METHODS if f"lbmethod_{one}_module" in self._loaded), None)
        if source not in self._acting or own is None:
            return args
        self._notes.add(self._acting[source].does, f"{node.name} {method[0].strip()}")
        return f"{args[: method.start(2)]}{own}{args[method.end(2) :]}"

    def _handler(self, node: Node, name: str) -> str | None:
        """A module that is compiled in would run the program all the same."""
        module = self._given.get(name.lower())
        if module is None:
            return node.args
        self._notes.add(module.does, f"{node.name} {name}" if node.key in _HANDLED else node.name)
        return "default-handler" if node.key == "sethandler" else None

    def _left_out_provider(self, name: str) -> bool:
        return self._provider(name.lower()) is not None

    def _does(self, provider: str) -> str:
        module = self._provider(provider.lower())
        return module.does if module is not None else ""

    def _provider(self, name: str) -> LeftOut | None:
        return self._naming(self._bases.get(name, name), PROVIDERS)

    def _naming(self, name: str, own: frozenset[str]) -> LeftOut | None:
        """The left-out module that gives a name; None: a kept one does, or none."""
        if name in own:
            return None
        if name in self._given:
            return self._given[name]
        strangers = (one for one in self._acting.values() if one.any_name)
        return next(strangers, None)

    @cached_property
    def _given(self) -> dict[str, LeftOut]:
        """The names by which left-out modules are used, in lower case."""
        found = {name: module for module in self._acting.values() for name in module.names}
        defining = {key: (at, one) for one in self._acting.values() for key, at in one.defines}
        for node in self._tree.walk():
            if node.key in defining:
                position, module = defining[node.key]
                found[_word(node, position).lower()] = module
        return found

    @cached_property
    def _bases(self) -> dict[str, str]:
        """By the name of an alias: the provider that it stands for."""
        found = {}
        for node in self._tree.walk():
            if node.key in _ALIASES:
                found[_word(node, 1).lower()] = _word(node, 0).lower()
        return found


def _decision(identifier: str) -> LeftOut:
    return LEFT_OUT.get(identifier, UNKNOWN)


def _known(identifier: str) -> bool:
    return identifier in directives.known_modules()


def _word(node: Node, position: int) -> str:
    words = split_words(node.args)
    return words[position] if position < len(words) else ""


def _piped(node: Node) -> bool:
    return "log" in node.key and "|" in node.args and _word(node, 0).startswith("|")


def _deed(node: Node) -> str:
    """What a directive of a kept module would do beyond the route; ``""``: nothing."""
    if _piped(node) or ("pass" in node.key and any(_executed(word) for word in _words(node))):
        return "runs programs"
    if node.key == "errordocument":
        page = _word(node, 1)
        if page.startswith("/") or _URL.match(page):
            return "leads to another page"
    return ""


def _words(node: Node) -> list[str]:
    return split_words(node.args) if "exec:" in node.args.lower() else []


def _executed(word: str) -> bool:
    return word.lower().startswith("exec:")
