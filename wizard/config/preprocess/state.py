"""The state of reading: what earlier lines changed for later ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wizard.config.installation.layout import Layout
from wizard.config.preprocess.defines import Variables
from wizard.config.preprocess.includes import Found
from wizard.config.preprocess.loaded_modules import Modules
from wizard.config.preprocess.macros import BodyLine, Macro
from wizard.config.syntax.logical_lines import Lines
from wizard.errors import ConfigError
from wizard.model.config import Problem

MAX_LINES = 3_000_000
"""Logical lines of a whole configuration, repeated files and macros counted each time. Far above
any real site (100,000 virtual hosts have about 1,500,000); ends Include and macro bombs."""
MAX_TEXT = 256 * 1024 * 1024
"""Characters of a configuration after expansion, counted the same way; ends variable bombs."""
MAX_FILES = 100_000
"""Files of a whole configuration, repeated ones counted each time; ends Include bombs early."""
MAX_LISTED = 1_000_000
"""Entries of all directories that Includes look into, each directory itself counted as a hundred;
ends trees of links that lead back into themselves, which httpd would follow for years."""
MAX_PROBLEMS = 1000
"""Problems of one kind that are kept: more say nothing new."""


@dataclass(slots=True)
class LineSource:
    """Lines that are being read: of a file, or of a macro's body.

    Args:
        name: how httpd names it: a path, or ``macro 'vh' (defined on …``.
        file: the file that the lines stand in.
        lines: its logical lines.
        via: the chain of Includes and Uses that led here.
        macro: ``name`` if it is a macro's body.
        conditions: how many conditionals were open when it was entered.
        position: index of the next line.
    """

    name: str
    file: str
    lines: Lines
    via: tuple[str, ...]
    macro: str | None = None
    conditions: int = 0
    position: int = 0


@dataclass(slots=True)
class Files:
    """Files that an Include still has to read.

    Args:
        paths: each with whether it may be a link.
        source: the lines with the Include; None for the main file.
        number: line of the Include.
        via: the chain of Includes and Uses, this one the last.
        depth: number of Includes that led here.
        place: ``FILE:LINE`` of the Include; ``""`` for the main file.
    """

    paths: Iterator[Found]
    source: LineSource | None
    number: int
    via: tuple[str, ...]
    depth: int
    place: str = ""


@dataclass(slots=True)
class Line:
    """A logical line that is more than a plain directive.

    Args:
        source: where it is being read from.
        text: as it stands, before ``${}``.
        first: first physical line.
        last: last physical line.
        name: the directive's name, expanded; set once it is known.
        args: the rest, expanded.
    """

    source: LineSource
    text: str
    first: int
    last: int
    name: str = ""
    args: str = ""


@dataclass(slots=True)
class State:
    """What earlier lines changed for later ones."""

    layout: Layout
    check_modules: bool
    variables: Variables
    modules: Modules
    server_root: str
    runtime_dir: str | None = None
    loads: list[tuple[str, str]] = field(default_factory=list)
    macros: dict[str, Macro] = field(default_factory=dict)
    macro_seen: bool = False
    problems: dict[Problem, None] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    """``ifmodule>`` of each taken conditional that is open, outermost first."""
    stack: list[LineSource | Files] = field(default_factory=list)
    lines_left: int = MAX_LINES
    text_left: int = MAX_TEXT
    files_left: int = MAX_FILES
    listed_left: int = MAX_LISTED
    listed: dict[tuple[str, str], None] = field(default_factory=dict)

    @property
    def source(self) -> LineSource:
        """The lines being read now."""
        top = self.stack[-1]
        assert isinstance(top, LineSource)  # noqa: S101 # nosec B101 # Files on the stack are entered before they are asked for lines
        return top

    def warn(self, code: str | None, message: str, line: Line) -> None:
        """Record a warning of httpd's; reading goes on."""
        if len(self.problems) < MAX_PROBLEMS:
            problem = Problem(line.source.file, line.last, message, phase="warning", code=code)
            self.problems[problem] = None

    def account(self, lines: int, characters: int, files: int = 0) -> None:
        """Count what is about to be read.

        Raises:
            ConfigError: that is more than any real configuration has.
        """
        self.lines_left -= lines
        self.text_left -= characters
        self.files_left -= files
        if self.lines_left < 0 or self.text_left < 0 or self.files_left < 0:
            raise ConfigError(
                f"The configuration grows beyond {MAX_FILES} files, {MAX_LINES} lines or "
                f"{MAX_TEXT // 1024 // 1024} MiB while it is read",
                hint="Look for Include, Use or Define lines that multiply each other.",
            )

    def account_directory(self, path: str, pattern: str, entries: int) -> None:
        """Note and count a directory that an Include looks into.

        Args:
            path: of it.
            pattern: for what is read there, as ``includes.reads`` takes it.
            entries: how many there are.

        Raises:
            ConfigError: those are more than any real configuration has.
        """
        self.listed[path, pattern] = None
        self.listed_left -= entries + 100
        if self.listed_left < 0:
            raise ConfigError(
                "An Include looks into more directories than any real configuration has",
                hint="Look for symbolic links that lead back into the included directory.",
            )

    def next_line(self) -> BodyLine | None:
        """The next logical line of this file, as it stands; None at the file's end.

        After the end of a macro's body come the lines after its Use.
        """
        while isinstance(source := self.stack[-1], LineSource):
            if source.position < len(source.lines.texts):
                index = source.position
                source.position += 1
                lines = source.lines
                return BodyLine(
                    lines.texts[index], lines.first[index], lines.last[index], source.file
                )
            if source.macro is None:
                return None
            self.leave_macro()
        return None

    def leave_macro(self) -> None:
        """Go on with the lines after the Use."""
        source = self.source
        self.stack.pop()
        if not isinstance(below := self.stack[-1], LineSource):
            return
        lines = below.lines
        if lines.without_end is not None and below.position == len(lines.texts) - 1:
            # httpd loses a last line without newline when it comes straight after a macro.
            lost = lines.texts[below.position]
            lines.texts[below.position] = lines.without_end
            if lost and not lost.startswith("#"):
                number = lines.last[below.position]
                line = Line(below, lost, number, number)
                self.warn(
                    None,
                    "httpd passes over the last line of this file: it follows the end of a macro "
                    "and has no newline at its end",
                    line,
                )
        carry = source.lines.carry
        if carry and below.macro is not None and below.position == len(lines.texts):
            lines.carry = carry + lines.carry
        elif carry:
            lines.prepend(carry, below.position)
