"""From logical lines to the parser's tokens: expand, include, decide, replay.

Plain directives take a short way through one loop; whatever httpd acts on while it reads
(`wizard.config.onread`) leaves it.

Source: httpd 2.4, server/config.c (ap_build_config_sub, execute_now).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from wizard.config.grammar import Token
from wizard.config.layout import Layout
from wizard.config.lines import MAX_LINE, split
from wizard.config.modules import Modules
from wizard.config.onread import HANDLERS
from wizard.config.paths import RealPaths, read_file
from wizard.config.state import Files, Line, Source, State
from wizard.config.tree import Include, Node, Tree
from wizard.config.variables import Variables
from wizard.config.words import BLANKS, ascii_lower, first_word
from wizard.errors import ConfigError
from wizard.model.config import SourceFile


class Preprocessor:
    """The source of the parser's tokens.

    Args:
        layout: what to read.
        defines: more names for ``-D``.
        check_modules: whether a missing module file is an error.
        overlay: real path to the contents that stand for the file's own.
    """

    def __init__(
        self,
        layout: Layout,
        defines: Iterable[str],
        *,
        check_modules: bool,
        overlay: Mapping[str, bytes] | None = None,
    ) -> None:
        self.state = State(
            layout,
            check_modules,
            Variables(layout.environment, (*layout.defines, *defines)),
            Modules(layout.modules),
            layout.server_root,
        )
        self._files: dict[str, SourceFile] = {}
        self._real_paths = RealPaths()
        self._overlay = overlay or {}
        self._includes: list[Include] = []
        self._open_files = 0
        self._deferred: ConfigError | None = None
        self._plain: dict[str, str] = {}

    def file_closed(self) -> None:
        """The parser has accepted the end of a file."""
        self._open_files -= 1

    def tree(self, root: list[Node]) -> Tree:
        """Everything that was read.

        Args:
            root: the parser's result.

        Raises:
            ConfigError: httpd would refuse a line later on that cannot even be a directive.
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
            macro_names=tuple(state.macros),
            loads=tuple(state.loads),
        )

    def tokens(self) -> Iterator[Token]:
        """The tokens, produced as the parser asks for them.

        Raises:
            ConfigError: what httpd refuses while reading.
        """
        state = self.state
        stack = state.stack
        stack.append(Files(iter(state.layout.files), None, 0, (), 0))
        while stack:
            top = stack[-1]
            if isinstance(top, Files):
                source = self._next_file(top)
                if source is None:
                    stack.pop()
                    continue
                stack.append(source)
                self._open_files += 1
                yield Token("INCLUDE", source.name, source.file, 0)
                continue
            yield from self._lines(top)
            if top is not stack[-1]:
                continue  # an Include or a Use comes first
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
            files = self._open_files
            while self._open_files == files:  # each thing that is still open takes one
                yield Token("END", "", top.file, last)
            stack.pop()

    def _next_file(self, files: Files) -> Source | None:
        """Open the next file of an Include; None when there is none left."""
        by = files.source
        try:
            path = next(files.paths, None)
            if path is None:
                return None
            data = self._read(path)
        except ConfigError as error:
            if by is not None and not error.file:
                error.file, error.line = by.file, files.number
            raise
        lines = split(data)
        self.state.account(len(lines.texts) + 1, len(data))
        included_by = (f"{by.file}:{files.number}",) if by else ()
        known = self._files.get(path)
        if known is None:
            self._files[path] = SourceFile(path, self._real_paths.of(path), data, included_by)
        elif included_by and included_by[0] not in known.included_by:
            self._files[path] = replace(known, included_by=known.included_by + included_by)
        self._includes.append(Include(path, files.number if by else None, files.depth))
        return Source(path, path, lines, files.via, conditions=len(self.state.conditions))

    def _read(self, path: str) -> bytes:
        if self._overlay:
            planned = self._overlay.get(self._real_paths.of(path))
            if planned is not None:
                return planned
        return read_file(path)

    def _lines(self, source: Source) -> Iterator[Token]:
        """The tokens of a source up to its end, or up to a line that enters another."""
        stack = self.state.stack
        texts = source.lines.texts
        first = source.lines.first
        last = source.lines.last
        file = source.file
        via = source.via
        macro = source.macro
        plain = self._plain.get
        run: list[Node] = []
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
                    last_line = last[index - 1]
                    run.append(
                        Node(
                            head,
                            key,
                            tail.lstrip(BLANKS),
                            file,
                            last_line,
                            first[index - 1],
                            0,
                            via,
                            macro,
                        )
                    )
                    continue
            source.position = index
            line = Line(source, text, first[index - 1], last[index - 1])
            try:
                found = self._special(line)
            except ConfigError as error:
                if not error.file:
                    error.file, error.line = file, line.last
                raise
            if isinstance(found, Node):
                run.append(found)
                continue
            if found is not None:
                if run:
                    yield Token("OPTION_AND_VALUE", run, file, 0)
                    run = []
                yield found
            if stack[-1] is not source:
                break
            index = source.position
        else:
            source.position = count
        if run:
            yield Token("OPTION_AND_VALUE", run, file, 0)

    def _special(self, line: Line) -> Token | Node | None:
        """A line that is not a plain directive already known.

        Returns:
            A token, the node of a plain directive, or None where reading goes on by itself.
        """
        state = self.state
        source = line.source
        text = line.text
        if (
            text.startswith("</")
            and len(state.conditions) > source.conditions
            and ascii_lower(text[2:]) == state.conditions[-1]
        ):
            state.conditions.pop()
            return Token("END_CONDITION", text, source.file, line.last)
        if "${" in text:
            text = self._expand(line)
        name, args = first_word(text)
        if not name:
            return None
        if name.endswith(">") and name[1:2] != "/":
            name = name[:-1]
            args = args or ">"
        key = ascii_lower(name)
        handler = HANDLERS.get(key)
        if handler is not None and (handler.module is None or handler.module in state.modules):
            line.name, line.args = name, args
            if handler.changes_language:
                self._plain.clear()
            return handler.run(state, line)
        if name.startswith("</"):
            return Token("CLOSE_TAG", name, source.file, line.last)
        self._check_name(name, line)
        node = Node(
            name, key, args, source.file, line.last, line.first, 0, source.via, source.macro
        )
        if name.startswith("<"):
            end = args.rfind(">")
            if end < 0:
                end = len(args)
                self._defer(f"{name}> directive missing closing '>'", line, "Add the '>'.")
            node.name, node.key = name[1:], key[1:]
            node.args = args[:end].rstrip(BLANKS)
            node.children = []
            return Token("OPEN_TAG", node, source.file, line.last)
        if text is line.text and text.partition(" ")[0] == name:
            self._plain[name] = key
        return node

    def _expand(self, line: Line) -> str:
        def undefined(name: str) -> None:
            self.state.warn("AH00111", f"Config variable ${{{name}}} is not defined", line)

        text = self.state.variables.expand(line.text, undefined)
        self.state.account(0, len(text))
        return text

    def _check_name(self, name: str, line: Line) -> None:
        """Refuse what no module can have registered: httpd does so after reading all."""
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
