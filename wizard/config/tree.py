"""The preprocessed configuration tree, as ``apache2 -t -D DUMP_CONFIG`` shows it.

Includes, defines, conditionals (IfModule, IfDefine …) and macros are already gone; ``<If>``,
``<Else>`` and ``<ElseIf>`` remain, because httpd decides them per request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wizard.model.config import Source


@dataclass(slots=True, eq=False)
class Node:
    """A directive, or a section with its children. Not frozen: sites have 100,000 of them.

    Args:
        name: as written; ``key`` is it in lower case.
        key: the name in lower case (``virtualhost``, without ``<``).
        args: the argument text after ``${}`` expansion, unsplit, as DUMP_CONFIG prints it
            (for a section: between the name and the last ``>``).
        file: path as httpd names it.
        line: last physical line of the (continued) directive or opening tag, from 1.
        first_line: first physical line of it.
        end_line: last physical line of the closing tag; 0 for a directive.
        via: the chain of Includes and Uses that led here, shared between nodes.
        macro: ``macro 'vh' (defined on line …`` where the line came out of a macro body: then
            ``file`` and ``line`` are where the body's line stands in the defining file.
        children: None for a directive.
    """

    name: str
    key: str
    args: str
    file: str
    line: int
    first_line: int
    end_line: int = 0
    via: tuple[str, ...] = ()
    macro: str | None = None
    children: list[Node] | None = field(default=None)

    @property
    def source(self) -> Source:
        """Where it stands."""
        return Source(self.file, self.line, self.via)

    def walk(self) -> Iterator[Node]:
        """Every node below, in order, depth first."""
        for child in self.children or ():
            yield child
            if child.children is not None:
                yield from child.walk()
