"""The preprocessed configuration tree, as ``apache2 -t -D DUMP_CONFIG`` shows it.

Includes, defines, conditionals (IfModule, IfDefine …) and macros are already gone; ``<If>``,
``<Else>`` and ``<ElseIf>`` remain, because httpd decides them per request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wizard.model.config import Problem, Source, SourceFile
from wizard.record import record


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
        macro: ``macro 'vh' (defined on line …`` if the line is of a macro's body: then ``file`` and
            ``line`` are those of the body's line in the defining file.
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
        pending = [iter(self.children or ())]
        while pending:
            for child in pending[-1]:
                yield child
                if child.children:
                    pending.append(iter(child.children))
                    break
            else:
                pending.pop()


@record
class Include:
    """A file that was read, as ``-D DUMP_INCLUDES`` lists it.

    Args:
        path: as httpd names it.
        line: of the Include directive in the including file; None for the main file.
        depth: number of Includes that led to it; 0 for the main file.
    """

    path: str
    line: int | None
    depth: int


@record
class Tree:
    """A configuration that was read; its directives have not taken effect yet.

    Args:
        root: the nodes at server level, in order.
        files: path as httpd names it to the file's bytes, in the order of reading.
        modules: identifiers (``ssl_module``), built-in ones first, then in the order of loading.
        variables: every Define in force at the end (name as written) to its value, None if it
            has none.
        problems: what httpd warned of while reading.
        server_root: in force at the end, without a trailing slash.
        includes: every file read, in order; one read twice is listed twice.
        runtime_dir: DefaultRuntimeDir, absolute; None when it was not set.
        loads: what LoadModule and LoadFile load, in order: the module's identifier (``""`` for
            LoadFile) and the file's absolute path.
        listed: the directories in which Includes look, as httpd names them, and the pattern for
            what is read there (``includes.reads``); ``""``: all, what is hidden too.
    """

    root: list[Node]
    files: Mapping[str, SourceFile]
    modules: tuple[str, ...]
    variables: Mapping[str, str | None]
    problems: tuple[Problem, ...]
    server_root: str
    includes: tuple[Include, ...] = ()
    runtime_dir: str | None = None
    loads: tuple[tuple[str, str], ...] = ()
    listed: tuple[tuple[str, str], ...] = ()

    def walk(self) -> Iterator[Node]:
        """Every node, in order, depth first."""
        for node in self.root:
            yield node
            yield from node.walk()
