"""From logical lines to the parser's tokens: expand, include, decide, replay.

One fast loop handles plain directives; those that take effect while httpd reads
(`wizard.config.preprocess.exec_on_read`) leave it.

Source: httpd 2.4, server/config.c (ap_build_config_sub, execute_now).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from wizard.config.installation.filesystem import CORRECT, RealPaths, read_file
from wizard.config.installation.layout import Layout
from wizard.config.preprocess.defines import Variables
from wizard.config.preprocess.exec_on_read import HANDLERS, DirectiveHandler
from wizard.config.preprocess.loaded_modules import Modules
from wizard.config.preprocess.state import Files, Line, LineSource, State
from wizard.config.syntax.logical_lines import MAX_LINE, split
from wizard.config.syntax.section_parser import Position, Token
from wizard.config.syntax.tree import Include, Node, Tree
from wizard.config.syntax.words import BLANKS, ascii_lower, first_word
from wizard.errors import ConfigError
from wizard.model.config import SourceFile
from wizard.reference.config_releases import lack

MAX_PLACES = 1000
"""How many places that include one file are kept: more say nothing new."""


class Preprocessor:
    """The source of the parser's tokens.

    Args:
        layout: what to read.
        defines: more names for ``-D``.
        position: where the parser stands.
        check_modules: whether a missing module file is an error.
        overlay: contents that replace those on disk, by the file's real path.
    """

    def __init__(
        self,
        layout: Layout,
        defines: Iterable[str],
        position: Position,
        *,
        check_modules: bool,
        overlay: Mapping[str, bytes] | None = None,
    ) -> None:
        self.state = State(
            layout,
            check_modules,
            Variables(layout.environment, (*layout.defines, *defines)),
            Modules(layout.modules, layout.release),
            layout.server_root,
        )
        self._files: dict[str, SourceFile] = {}
        self._real_paths = RealPaths()
        self._overlay = overlay or {}
        self._includes: list[Include] = []
        self._deferred: ConfigError | None = None
        self._position = position
        # Beginnings of lines that need no closer look, collected while reading: see _special.
        self._plain: dict[str, str] = {}
        self._sections: dict[str, tuple[str, str]] = {}
        self._closings: set[str] = set()

    def tree(self, root: list[Node]) -> Tree:
        """Everything that was read.

        Args:
            root: the parser's result.

        Raises:
            ConfigError: a line cannot be a directive; httpd refuses it after reading.
        """
        if self._deferred is not None:
            raise self._deferred
        state = self.state
        return Tree(
            root=root,
            files=self._files,
            modules=state.modules.identifiers(),
            variables=state.variables.as_mapping(),
            problems=tuple(state.problems),
            server_root=state.server_root,
            includes=tuple(self._includes),
            runtime_dir=state.runtime_dir,
            loads=tuple(state.loads),
            listed=tuple(state.listed),
        )

    def tokens(self) -> Iterator[Token]:
        """The tokens, produced as the parser asks for them.

        Raises:
            ConfigError: what httpd refuses while reading.
        """
        state = self.state
        stack = state.stack
        stack.append(Files(((path, True) for path in state.layout.files), None, 0, (), 0))
        while stack:
            top = stack[-1]
            if isinstance(top, Files):
                source = self._next_file(top)
                if source is None:
                    stack.pop()
                    continue
                stack.append(source)
                yield Token("INCLUDE", source.name, source.file, 0)
                continue
            yield from self._lines(top)
            if top is not stack[-1]:
                continue  # an Include or a Use is read first
            if top.macro is not None:
                state.leave_macro()
                continue
            if top.lines.too_long:
                raise ConfigError(
                    f"Line too long (httpd reads up to {MAX_LINE} bytes)",
                    file=top.file,
                    line=top.lines.too_long,
                    hint="Cut the line.",
                )
            del state.conditions[top.conditions :]
            last = top.lines.last[-1] if top.lines.last else 0
            position = self._position
            files = position.open_files
            while position.open_files == files:  # one for each thing that is still open
                yield Token("END", "", top.file, last)
            stack.pop()

    def _next_file(self, files: Files) -> LineSource | None:
        """Open the next file of an Include; None when there is none left."""
        by = files.source
        try:
            found = next(files.paths, None)
            if found is None:
                return None
            path = found[0]
            real_path = self._real_paths.of(path, link=found[1])
            data = self._overlay.get(real_path) if self._overlay else None
            if data is None:
                data = read_file(path)
        except ConfigError as error:
            if by is not None and not error.file:
                error.file, error.line = by.file, files.number
                if error.hint == CORRECT:
                    error.hint = (
                        "Correct the path, or use IncludeOptional if the file may be missing."
                    )
            raise
        lines = split(data)
        self.state.account(len(lines.texts), len(data), files=1)
        known = self._files.get(path)
        if known is None:
            place = (files.place,) if files.place else ()
            self._files[path] = SourceFile(path, real_path, data, place)
        elif len(known.included_by) < MAX_PLACES and files.place not in known.included_by:
            self._files[path] = replace(known, included_by=(*known.included_by, files.place))
        self._includes.append(Include(path, files.number if by else None, files.depth))
        return LineSource(path, path, lines, files.via, conditions=len(self.state.conditions))

    def _lines(self, source: LineSource) -> Iterator[Token]:
        """The tokens of a source up to its end, or up to a line that enters another."""
        stack = self.state.stack
        texts = source.lines.texts
        first = source.lines.first
        last = source.lines.last
        file = source.file
        via = source.via
        macro = source.macro
        plain = self._plain.get
        section = self._sections.get
        closings = self._closings
        position = self._position
        nodes = position.nodes
        index = source.position
        count = len(texts)
        while index < count:
            text = texts[index]
            index += 1
            if not text or text[0] == "#":
                continue
            if "${" not in text:
                head, _, tail = text.partition(" ")
                key = plain(head)
                if key is not None:
                    line = last[index - 1]
                    args = tail.lstrip(BLANKS)
                    # by place: sites have 100,000 of them
                    nodes.append(Node(head, key, args, file, line, first[index - 1], 0, via, macro))
                    continue
                token = None
                if text in closings:
                    token = Token("CLOSE_TAG", text, file, last[index - 1])
                elif text[-1] == ">" and (names := section(head)) is not None:
                    line = last[index - 1]
                    args = tail[:-1].lstrip(BLANKS)  # a quote may be open
                    node = Node(*names, args, file=file, line=line, first_line=first[index - 1])
                    node.via, node.macro, node.children = via, macro, []
                    token = Token("OPEN_TAG", node, file, line)
                if token is not None:
                    source.position = index
                    yield token
                    nodes = position.nodes
                    continue
            source.position = index
            found = self._special(Line(source, text, first[index - 1], last[index - 1]))
            if found is not None:
                yield found
                nodes = position.nodes
            if stack[-1] is not source:
                break
            index = source.position
        else:
            source.position = count

    def _special(self, line: Line) -> Token | None:
        """A line whose beginning is not among the collected ones.

        Returns:
            A token; None for a plain directive and where reading goes on without one.
        """
        try:
            return self._ended_condition(line) or self._closer_look(line)
        except ConfigError as error:
            if not error.file:
                error.file, error.line = line.source.file, line.last
            raise

    def _ended_condition(self, line: Line) -> Token | None:
        conditions, text = self.state.conditions, line.text
        if (
            text.startswith("</")
            and len(conditions) > line.source.conditions
            and ascii_lower(text[2:]) == conditions[-1]
        ):
            conditions.pop()
            return Token("END_CONDITION", text, line.source.file, line.last)
        return None

    def _closer_look(self, line: Line) -> Token | None:
        state = self.state
        source = line.source
        text = self._expand(line) if "${" in line.text else line.text
        name, args = first_word(text)
        if not name:
            return None
        if name.endswith(">") and name[1:2] != "/":
            name = name[:-1]
            args = args or ">"
        key = ascii_lower(name)
        handler = HANDLERS.get(key)
        if handler is not None and self._knows(key, handler):
            line.name, line.args = name, args
            if handler.changes_language:
                self._forget()
            return handler.run(state, line)
        if name.startswith("</"):
            if text == name and "<" + key[2:-1] not in HANDLERS:
                self._closings.add(text)
            return Token("CLOSE_TAG", name, source.file, line.last)
        self._check_name(name, line)
        node = Node(
            name,
            key,
            args,
            file=source.file,
            line=line.last,
            first_line=line.first,
            via=source.via,
            macro=source.macro,
        )
        known = text is line.text and text.partition(" ")[0] == name
        if name.startswith("<"):
            return self._opened(node, line, known=known)
        if known:
            self._plain[name] = key
        self._position.nodes.append(node)
        return None

    def _opened(self, node: Node, line: Line, *, known: bool) -> Token:
        """The opening tag of a section; its name still has the ``<``, its arguments the ``>``."""
        name, args = node.name, node.args
        end = args.rfind(">")
        if end < 0:
            end = len(args)
            self._defer(f"{name}> directive missing closing '>'", line, "Add the '>'.")
        node.name, node.key, node.args = name[1:], node.key[1:], args[:end]
        node.children = []
        if known:
            self._sections[name] = (node.name, node.key)
        return Token("OPEN_TAG", node, node.file, line.last)

    def _knows(self, key: str, handler: DirectiveHandler) -> bool:
        """Whether this httpd has the module of the directive."""
        state = self.state
        if handler.module is not None and handler.module not in state.modules:
            return False
        release = state.layout.release
        return release.backports or lack("directive", key, release) is None

    def _forget(self) -> None:
        """A directive that was plain may now be one that takes effect while reading."""
        self._plain.clear()
        self._sections.clear()
        self._closings.clear()

    def _expand(self, line: Line) -> str:
        def undefined(name: str) -> None:
            self.state.warn("AH00111", f"Config variable ${{{name}}} is not defined", line)

        text = self.state.variables.expand(line.text, undefined)
        self.state.account(0, len(text))
        return text

    def _check_name(self, name: str, line: Line) -> None:
        """Refuse a name that no module can have registered; httpd does so after reading."""
        if name.isascii() and name.isprintable():
            return
        self._defer(
            f"Invalid command '{name}', perhaps misspelled or defined by a module not included "
            "in the server configuration",
            line,
            "The file begins with a byte order mark: save it as UTF-8 without BOM."
            if name.startswith("\ufeff")
            else "Directive names are plain ASCII: is this a configuration file?",
        )

    def _defer(self, message: str, line: Line, hint: str) -> None:
        if self._deferred is None:
            self._deferred = ConfigError(message, file=line.source.file, line=line.last, hint=hint)
