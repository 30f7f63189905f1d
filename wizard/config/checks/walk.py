"""What httpd refuses when it acts on the tree (``-t``), as far as it concerns a proxy.

Each directive is compared with the table of directives (known? its module loaded? allowed here? how
many arguments?), and, where it decides about a proxied route, checked as its own function checks
it. httpd stops at the first error; here every one is named, in httpd's order.

Source: httpd 2.4, server/config.c (ap_walk_config, invoke_cmd).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from wizard.config.checks import arguments_fit
from wizard.config.checks.addresses import ADDRESS_CHECKS
from wizard.config.checks.allowed_places import canonical, depends_on_place, refused
from wizard.config.checks.argument_counts import wrong_count
from wizard.config.checks.checker import Check, Checker, Refusal, word_set
from wizard.config.checks.core import CORE_CHECKS
from wizard.config.checks.expressions.directives import EXPRESSION_CHECKS
from wizard.config.checks.kinds.table import VALUE_CHECKS
from wizard.config.checks.mod_alias import ALIAS_CHECKS
from wizard.config.checks.mod_headers import HEADER_CHECKS
from wizard.config.checks.mod_proxy import LATE_PROXY_CHECKS, PROXY_CHECKS
from wizard.config.checks.mod_proxy_hcheck import HEALTH_CHECKS
from wizard.config.checks.mod_rewrite import REWRITE_CHECKS
from wizard.config.checks.mod_setenvif import SETENVIF_CHECKS
from wizard.config.checks.mod_ssl import SSL_CHECKS
from wizard.config.checks.named_files import NAMED_FILE_CHECKS
from wizard.config.checks.sections import LATE_SECTION_CHECKS, SECTION_CHECKS
from wizard.config.installation.distributions import OFTEN_COMPILED_IN
from wizard.config.installation.layout import Layout
from wizard.config.preprocess.state import MAX_PROBLEMS
from wizard.config.syntax.tree import Node, Tree
from wizard.masking.lines import about
from wizard.model.config import Problem
from wizard.record import record
from wizard.reference import directives, misspelt
from wizard.reference.config_releases import form, knows
from wizard.reference.directives import DirectiveInfo
from wizard.reference.release import NEWEST, Release, dotted

# Bits of req_override (http_config.h). What is allowed where: server/config.c, core.c.
_OR_ALL = 31
_ACCESS_CONF = 64
_RSRC_CONF = 128
_PROXY_CONF = 2048
_AT_SERVER = _RSRC_CONF | (_OR_ALL & ~(8 | 1))  # not AuthConfig, not Limit
_IN_DIRECTORY = _OR_ALL | _ACCESS_CONF
_OPENS = {
    "directory": _IN_DIRECTORY,
    "directorymatch": _IN_DIRECTORY,
    "files": _IN_DIRECTORY,
    "filesmatch": _IN_DIRECTORY,
    "location": _IN_DIRECTORY,
    "locationmatch": _IN_DIRECTORY,
    "if": _IN_DIRECTORY,
    "elseif": _IN_DIRECTORY,
    "else": _IN_DIRECTORY,
    "proxy": _IN_DIRECTORY | _PROXY_CONF,
    "proxymatch": _IN_DIRECTORY | _PROXY_CONF,
    "authnprovideralias": _IN_DIRECTORY,
    "authzprovideralias": _IN_DIRECTORY,
}
UNLIKE_EACH_TIME = word_set(
    """
    listen proxyset proxypass proxypassmatch balancermember proxyhctemplate proxyhcexpr
    sslfips
    """
)
"""Directives whose line may pass once and be refused the next time: another directive, or the
section around it, decides too."""


_CHECKS = {
    **VALUE_CHECKS,
    **CORE_CHECKS,
    **SSL_CHECKS,
    **PROXY_CHECKS,
    **HEALTH_CHECKS,
    **REWRITE_CHECKS,
    **HEADER_CHECKS,
    **ALIAS_CHECKS,
    **SETENVIF_CHECKS,
    **NAMED_FILE_CHECKS,
    **SECTION_CHECKS,
    **ADDRESS_CHECKS,
    **EXPRESSION_CHECKS,
}
_LATE_CHECKS = {**LATE_SECTION_CHECKS, **LATE_PROXY_CHECKS}


@record
class _Known:
    """The checks of all directives of one name."""

    info: DirectiveInfo
    loaded: bool
    check: Check | None
    lacking: str | None = None
    """Why this release does not know it."""


def problems(
    tree: Tree, layout: Layout, created: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Compare every directive with what httpd accepts.

    Args:
        tree: the preprocessed configuration.
        layout: that it was read with.
        created: real paths that count as existing, besides those on disk.

    Returns:
        The faults in the order of the tree; the first of phase ``config`` is what ``-t`` says.
        What a distribution may have backported from a later release is a warning.
    """
    release = layout.release
    found = _refused(tree, layout, created, release)
    if not release.backports or not found:
        return found
    later = Release(max(release.httpd, NEWEST.httpd), release.openssl, backports=True)
    certain = {(p.file, p.line) for p in _refused(tree, layout, created, later)}
    return tuple(p if (p.file, p.line) in certain else _uncertain(p, release) for p in found)


def _refused(
    tree: Tree, layout: Layout, created: frozenset[str], release: Release
) -> tuple[Problem, ...]:
    walker = _Walker(tree, layout, created, release)
    walker.walk(tree.root, _AT_SERVER, ())
    return tuple(walker.found)


def _uncertain(problem: Problem, release: Release) -> Problem:
    """A refusal by a release that its distribution may have changed."""
    number = dotted(release.httpd)
    return replace(
        problem,
        phase="warning",
        code=None,
        slug=None,
        message=f"httpd {number} as it was released refuses this line: {problem.message}",
        hint=f"{problem.hint} The distribution that built this httpd may have backported it: "
        "configtest says.".strip(),
    )


_MOST_NAMES = 200
"""Of unknown names for which it is looked up what they may mean."""
_NOBODY_ELSES = ("sslproxy", "proxy_", "ssl_")
"""So begin no names of third-party modules."""


class _Walker:
    def __init__(
        self, tree: Tree, layout: Layout, created: frozenset[str], release: Release
    ) -> None:
        self.found: list[Problem] = []
        self._loaded = frozenset(tree.modules)
        known = frozenset(directives.known_modules())
        self._foreign = layout.partial or not self._loaded <= known
        self._there = self._loaded | (OFTEN_COMPILED_IN if layout.binary is None else frozenset())
        # By section, then by name: the checks, and the arguments that have passed.
        self._places: dict[str, dict[str, tuple[_Known | None, set[str]]]] = {}
        self._near: dict[str, tuple[str | None, str]] = {}
        self._release = release
        self._checker = Checker(tree, layout, created, release)

    def walk(self, nodes: Iterable[Node], allowed: int, sections: tuple[Node, ...]) -> None:
        """Check the directives of one section, in order, and go down."""
        place = sections[-1].key if sections else ""
        if place not in self._places:
            self._places[place] = {}
        known = self._places[place]
        for node in nodes:
            children = node.children
            key = node.key if children is None else "<" + node.key
            try:
                rule, accepted = known[key]
            except KeyError:
                rule, accepted = known[key] = (self._look_up(key), set())
            if node.args not in accepted:
                if not self._accepts(node, rule, allowed, sections):
                    continue
                if key not in UNLIKE_EACH_TIME:
                    accepted.add(node.args)
            if children:
                # <Files> and <If> inside <Proxy> leave what the section around them allows.
                inside = _OPENS.get(node.key, allowed) | (allowed & _PROXY_CONF)
                self.walk(children, inside, (*sections, node))
            if key in _LATE_CHECKS:
                refusal = _LATE_CHECKS[key](self._checker, node, sections)
                if refusal is not None:
                    self._refused(node, refusal)

    def _accepts(
        self, node: Node, rule: _Known | None, allowed: int, sections: tuple[Node, ...]
    ) -> bool:
        """Whether httpd takes the line here and all that can be checked of it was."""
        if rule is None or not rule.loaded or rule.lacking is not None:
            self._unknown(node, rule, sections)
            return False
        if not rule.info.kind:
            return False  # nothing more is known of it
        if not allowed & rule.info.override:
            self._misplaced(node, rule, sections)
            return False
        refusal = rule.check(self._checker, node, sections) if rule.check is not None else None
        if refusal is not None:
            self._refused(node, refusal)
        return refusal is None

    def _look_up(self, key: str) -> _Known | None:
        info = directives.lookup(key, self._release)
        if info is None or info.section != key.startswith("<"):
            return None
        modules = set(info.modules)
        if not info.kind:
            modules.discard("core_module")  # the core of other systems has it
        loaded = not self._there.isdisjoint(modules)
        lacking = directives.lacking(info, self._release)
        return _Known(info, loaded, _checks(key, info), lacking)

    def _add(self, problem: Problem) -> None:
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(problem)

    def _refused(self, node: Node, refusal: Refusal) -> None:
        written = _written(node)
        self._add(
            Problem(
                node.file,
                node.line,
                about(refusal.message, written),
                phase="config",
                code="AH00526",
                slug=refusal.slug,
                directive=written,
                hint=about(refusal.hint, written),
                modules=refusal.modules,
            )
        )

    def _unknown(self, node: Node, rule: _Known | None, sections: tuple[Node, ...]) -> None:
        written = node.name if node.children is None else "<" + node.name
        needed: tuple[str, ...]
        near = None
        if rule is not None and rule.lacking is not None:
            slug, needed, hint = "unknown-directive", (), f"{rule.lacking}."
        elif rule is not None and not rule.info.kind and rule.info.modules == ("core_module",):
            slug, needed = "unknown-directive", ()
            hint = f"Only httpd of another system, or of another build, has {rule.info.name}."
        elif rule is not None:
            modules = " or ".join(name.removesuffix("_module") for name in rule.info.modules)
            slug = "module-missing"
            hint = f"{rule.info.name} belongs to mod_{modules}, which is not loaded."
            needed = rule.info.modules[:1]
        else:
            if len(self.found) >= MAX_PROBLEMS:
                return  # what a name may mean takes time to find, and is not reported
            needed = ()
            near, other = self._meant(written)
            if near is not None and not self._takes(near, node, sections):
                near = None
            ours = bool(near and misspelt.is_slip(written, near)) or bool(
                other and written.lower().startswith(_NOBODY_ELSES)
            )
            if self._foreign and not ours:
                return  # it may belong to a module that is not httpd's own
            slug = "unknown-directive"
            guess = f"Probably {near} is meant." if near else "httpd 2.4 has no such directive."
            hint = other or guess
        self._add(
            Problem(
                node.file,
                node.line,
                f"Invalid command '{written}', perhaps misspelled or defined by a module not "
                "included in the server configuration",
                phase="config",
                code="AH00526",
                slug=slug,
                directive=_written(node),
                hint=hint,
                modules=needed,
                meant=near or "",
            )
        )

    def _takes(self, near: str, node: Node, sections: tuple[Node, ...]) -> bool:
        """Whether the directive that is nearest takes the arguments."""
        rule = self._look_up(near.lower())
        if rule is None or rule.check is None or near.lower() in UNLIKE_EACH_TIME:
            return True
        meant = replace(node, name=near, key=near.lower())
        return arguments_fit.fit(self._checker, meant, rule.check(self._checker, meant, sections))

    def _meant(self, written: str) -> tuple[str | None, str]:
        """As `misspelt.nearest` and ``name_of_others``, which are slow, for a number of names."""
        if written not in self._near:
            if len(self._near) >= _MOST_NAMES:
                return None, ""
            near = misspelt.nearest(written, self._release)
            self._near[written] = near, misspelt.name_of_others(written)
        return self._near[written]

    def _misplaced(self, node: Node, rule: _Known, sections: tuple[Node, ...]) -> None:
        name = rule.info.name if node.children is None else f"<{rule.info.name}"
        message = f"{name} not allowed here"
        if sections and knows("check", "section-is-named", self._release):
            message = f"{name} not allowed in <{canonical(sections[-1])}> context"
        places = ", ".join(rule.info.contexts)
        self._add(
            Problem(
                node.file,
                node.line,
                message,
                phase="config",
                code="AH00526",
                slug="directive-not-allowed-here",
                directive=_written(node),
                hint=f"It may stand in: {places}.{self._later(node, sections)}" if places else "",
            )
        )

    def _later(self, node: Node, sections: tuple[Node, ...]) -> str:
        """Since which release it may stand there, if a later one allows it."""
        name = f"<{node.key}" if node.children is not None else node.key
        today = directives.lookup(name)
        earlier = form(name, self._release)
        opened = _OPENS.get(sections[-1].key, _AT_SERVER) if sections else _AT_SERVER
        if today is None or earlier is None or not today.override & opened:
            return ""
        until = dotted(earlier.until)
        return f" Until httpd {until} that is all; later ones let it stand here."


def _written(node: Node) -> str:
    text = f"{node.name} {node.args}".rstrip()
    return text if node.children is None else f"<{text}>"


_OUTSIDE = "Move the line out of that section, into the virtual host."


def _checks(key: str, info: DirectiveInfo) -> Check | None:
    """In httpd's order: the number of arguments, the place, what the function itself says."""
    count = wrong_count(info)
    own = _CHECKS.get(key)
    name = key.removeprefix("<")
    placed = depends_on_place(name)
    if count is None and not placed:
        return own

    def check(checker: Checker, node: Node, sections: tuple[Node, ...]) -> Refusal | None:
        if count is not None and (message := count(node.args)) is not None:
            return Refusal(message)
        if placed and (message := refused(name, info, sections)) is not None:
            return Refusal(message, "directive-not-allowed-here", _OUTSIDE)
        return own(checker, node, sections) if own is not None else None

    return check
