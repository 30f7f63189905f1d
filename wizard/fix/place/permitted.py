"""Which directives the httpd of a plan accepts.

The reader's own checks for that release decide on each directive, its value and its place: a plan
writes nothing that the reader refuses. Where a distribution may have backported later changes, a
plan writes only what is accepted with and without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from wizard.config.checks.walk import problems
from wizard.config.installation.layout import Layout
from wizard.config.syntax.tree import Node, Tree
from wizard.fix.source.statements import TRANSPARENT, Statement
from wizard.model.config import Problem
from wizard.model.remark import Point, Remark, as_told, remark
from wizard.reference import directives
from wizard.reference.release import Release, dotted

_OF_PLACE = ("unknown-directive", "directive-not-allowed-here")


def refused(settings: Mapping[str, str], release: Release) -> Remark | None:
    """Why a release takes one of these settings nowhere.

    Args:
        settings: directive, with the first word of its value where that makes it another, to value.
        release: that reads them.

    Returns:
        A remark on the first such setting; None if it takes them all.
    """
    for name, text in settings.items():
        reason = _refusal(name, text, release, section=False)
        if reason:
            return remark(
                Point.RELEASE_REFUSES,
                release=dotted(release.httpd),
                directive=f"{name} {text}",
                why=as_told(reason),
            )
    return None


def refused_in_section(names: Iterable[str], release: Release) -> Remark | None:
    """Why a release does not let one of these directives stand in a ``<Proxy>`` section.

    Args:
        names: directives, as in ``refused``.
        release: that reads them.

    Returns:
        As ``refused``.
    """
    for name in names:
        info = directives.lookup(name.partition(" ")[0])
        probe = "on" if info is not None and info.kind == "FLAG" else "/"
        if _refusal(name, probe, release, section=True, value=False):
            number = dotted(release.httpd)
            return remark(Point.RELEASE_REFUSES_IN_SECTION, release=number, directive=name)
    return None


def refused_at(line: str, sections: Iterable[Statement], release: Release) -> Remark | None:
    """Why a release does not take a line in sections of a file.

    Args:
        line: the directive with its arguments.
        sections: that the line is to stand in, the outermost first.
        release: that reads them.

    Returns:
        A remark with the reader's words; None if it takes the line.
    """
    name, _, args = line.strip().partition(" ")
    node = Node(name, name.lower(), args.strip(), file="", line=1, first_line=1)
    for section in reversed([s for s in sections if s.name not in TRANSPARENT]):
        start, stop = section.written_name.stop, section.flat.rfind(">")
        node = _node(section.name, section.flat[start:stop].strip(), [node])
    for problem in _problems(node, release):
        if problem.phase == "config" and problem.line == 1:
            why = (problem.hint or problem.message).rstrip(".")
            number = dotted(release.httpd)
            return remark(Point.RELEASE_REFUSES, release=number, directive=line, why=as_told(why))
    return None


@lru_cache(maxsize=256)
def _refusal(name: str, text: str, release: Release, *, section: bool, value: bool = True) -> str:
    """The reader's words for a line of a virtual host, or of a ``<Proxy>`` section in it."""
    directive, _, first = name.partition(" ")
    names_a_file = directive.endswith(("File", "Path"))
    args = "/" if names_a_file else f"{first} {text}".strip()
    node = _node(directive, args)
    if section:
        node = _node("Proxy", "*", [node])
    for problem in _problems(_node("VirtualHost", "*", [node]), release):
        if problem.phase == "config" and (
            problem.slug in _OF_PLACE or (value and not names_a_file)
        ):
            return (problem.hint or problem.message).rstrip(".")
    return ""


def _problems(node: Node, release: Release) -> Iterable[Problem]:
    """What the reader of a release says of a directive of the server."""
    httpd, openssl = dotted(release.httpd), dotted(release.openssl)
    layout = Layout("file", "", "/", version=httpd, openssl=openssl, partial=True)
    tree = Tree([node], {}, directives.known_modules(), {}, problems=(), server_root="/")
    return problems(tree, layout)


def _node(name: str, args: str, children: list[Node] | None = None) -> Node:
    return Node(name, name.lower(), args, file="", line=0, first_line=0, children=children)
