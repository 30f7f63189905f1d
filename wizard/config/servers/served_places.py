"""Places of the file system that URLs lead to.

Sources: httpd's core (DocumentRoot), mod_alias, mod_vhost_alias, mod_userdir, mod_rewrite. That a
``<Directory>`` may refuse them does not count: the next edit may open it. Not seen are links in
these places, and what other modules map.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from wizard.config.installation.filesystem import merge_path
from wizard.config.syntax.tree import Node, Tree
from wizard.config.syntax.words import split_words

_FIRST = frozenset(
    {
        "documentroot",
        "virtualdocumentroot",
        "virtualdocumentrootip",
        "virtualscriptalias",
        "virtualscriptaliasip",
    }
)
_LAST = frozenset({"alias", "aliasmatch", "scriptalias", "scriptaliasmatch"})
_MAPPING = _FIRST | _LAST | {"userdir", "rewriterule"}
_UNKNOWN = re.compile(r"[$%*].*", re.DOTALL)
"""From here on a path depends on the request."""


def served_places(tree: Tree) -> tuple[str, ...]:
    """Each file or directory that a URL leads to, absolute, once.

    Where part of a path depends on the request, the directory above that part stands for it.
    """
    found: dict[str, None] = {}
    for node in tree.walk():
        for path in _named(node):
            known = _UNKNOWN.sub("", path)
            place = known if known == path else known.rpartition("/")[0]
            if path:
                found.setdefault(merge_path(tree.server_root, place or "/").rstrip("/") or "/")
    return tuple(found)


def _named(node: Node) -> Iterator[str]:
    """The paths that a directive names."""
    if node.key not in _MAPPING:
        return
    words = split_words(node.args)
    if node.key in _FIRST:
        yield from words[:1]
    elif node.key in _LAST:
        yield from words[-1:]
    elif node.key == "userdir":  # relative: below the homes, which are their owners'
        yield from (word for word in words if word.startswith("/"))
    elif len(words) > 1 and _is_file(words[1]):
        yield words[1]


def _is_file(substitution: str) -> bool:
    """Whether mod_rewrite takes a substitution for a file: its first part is there on disk."""
    first = re.match(r"/[^/$%?]+", substitution)
    return first is not None and os.path.exists(first[0])  # noqa: PTH110  # as elsewhere here
