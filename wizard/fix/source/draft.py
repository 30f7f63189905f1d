"""A plan in the making: changes of words, deletions and insertions, collected into edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wizard.config.syntax.logical_lines import encode
from wizard.fix.source.statements import SourceText, Statement, with_words
from wizard.model.config import SourceFile
from wizard.model.plan import Because, Edit
from wizard.record import record


@dataclass(slots=True)
class _Change:
    statement: Statement
    words: dict[int, str] = field(default_factory=dict)
    instead: list[bytes] | None = None
    added: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    affects: list[str] = field(default_factory=list)
    moved: tuple[int, int] | None = None
    """Before which line, and the rank among those that go to the same place."""


@record
class _Insertion:
    file: str
    before: int
    lines: tuple[bytes, ...]
    parts: tuple[Because, ...]
    affects: tuple[str, ...]


class Draft:
    """Collects changes; a change requested twice is made once.

    Args:
        files: ``Configuration.files``.
    """

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        self._files = files
        self._texts: dict[str, SourceText] = {}
        self._changes: dict[tuple[str, int], _Change] = {}
        self._insertions: dict[_Insertion, None] = {}
        first: dict[str, str] = {}
        for name, file in files.items():
            first.setdefault(file.real_path, name)
        self._canonical = {name: first[file.real_path] for name, file in files.items()}

    def canonical(self, file: str) -> str:
        """One name for each real file, whichever links lead to it."""
        return self._canonical.get(file, file)

    def text(self, file: str) -> SourceText | None:
        """The statements of a file of the configuration; None if it is not among its files."""
        name = self.canonical(file)
        if name not in self._files:
            return None
        if name not in self._texts:
            self._texts[name] = SourceText(self._files[name].data)
        return self._texts[name]

    def statement(self, file: str, line: int) -> Statement | None:
        """The statement that covers a line of a file."""
        text = self.text(file)
        return text.at(line) if text else None

    def name_of(self, file: str, line: int) -> str:
        """The directive's name at a line, in lower case, as it will be; empty if there is none."""
        statement = self.statement(file, line)
        if statement is None:
            return ""
        change = self._changes.get((self.canonical(file), statement.first))
        return change.words.get(-1, statement.name).lower() if change else statement.name

    def is_changed(self, file: str, line: int) -> bool:
        """Whether the statement at a line is to become another one, or to go."""
        statement = self.statement(file, line)
        key = self.canonical(file), statement.first if statement is not None else 0
        change = self._changes.get(key)
        return change is not None and bool(change.words or change.instead is not None)

    def is_replaced(self, file: str, line: int) -> bool:
        """Whether other lines take the place of the statement at a line, or none."""
        statement = self.statement(file, line)
        key = self.canonical(file), statement.first if statement is not None else 0
        change = self._changes.get(key)
        return change is not None and change.instead is not None

    def set_words(
        self,
        file: str,
        line: int,
        words: Mapping[int, str],
        reason: str,
        affects: Sequence[str] = (),
    ) -> bool:
        """Change arguments (index from 0; -1 the directive's name) of a statement.

        Returns:
            False when the statement does not exist, has no such argument, or is already changed
            in another way: then nothing is recorded.
        """
        change = self._change(file, line)
        if change is None or change.instead is not None:
            return False
        count = len(change.statement.words)
        if any(index >= count or change.words.get(index, w) != w for index, w in words.items()):
            return False
        change.words.update(words)
        _note(change, reason, affects)
        return True

    def replace(
        self, file: str, line: int, bodies: Sequence[str], reason: str, affects: Sequence[str] = ()
    ) -> bool:
        """Put other directives in a statement's place, with its indentation; none: delete it.

        Returns:
            As :meth:`set_words`.
        """
        change = self._change(file, line)
        if change is None or change.words:
            return False
        lines = [change.statement.indent + encode(body) for body in bodies]
        if change.instead is not None and change.instead != lines:
            return False
        change.instead = lines
        _note(change, reason, affects)
        return True

    def append(
        self, file: str, line: int, word: str, reason: str, affects: Sequence[str] = ()
    ) -> None:
        """Put another argument behind those of a statement."""
        change = self._change(file, line)
        if change is not None and word not in change.added:
            change.added.append(word)
            _note(change, reason, affects)

    def move(self, file: str, line: int, before: int, rank: int, reason: str) -> None:
        """Put a statement before another one of its file, each with the comments directly above.

        Args:
            file: that has both.
            line: of the statement.
            before: line of the other one, further up.
            rank: the lowest comes first of those that are moved to one place.
            reason: as for the other changes.
        """
        change, text = self._change(file, line), self.text(file)
        target = self.statement(file, before)
        if change is not None and text is not None and target is not None:
            change.moved = text.with_comments(target.first), rank
            _note(change, reason, ())

    def insert(
        self,
        file: str,
        before: int,
        indent: bytes,
        bodies: Sequence[str],
        parts: Sequence[Because],
        affects: Sequence[str] = (),
    ) -> None:
        """Add lines before a physical line (from 1), each with its reason among the parts."""
        lines = tuple(indent + encode(body) for body in bodies)
        new = _Insertion(self.canonical(file), before, lines, tuple(parts), tuple(affects))
        self._insertions.setdefault(new)

    def replace_comment(self, file: str, line: int, bodies: Sequence[str], reason: str) -> None:
        """Put other lines in the place of a line that is no statement; none: take it away."""
        text = self.text(file)
        if text is not None and 1 <= line <= len(text.lines):
            old = text.lines[line - 1]
            indent = old[: len(old) - len(old.lstrip(b" \t"))]
            comment = Statement(line, line, indent.decode(), "", "")
            instead = [indent + encode(body) for body in bodies]
            key = self.canonical(file), line
            self._changes.setdefault(key, _Change(comment, instead=instead, reasons=[reason]))

    def edits(self) -> tuple[Edit, ...]:
        """Every change as an edit, by file and line; insertions at one place are one edit."""
        changes = [(file, change) for (file, _), change in self._changes.items()]
        edits = [
            self._edit(f, c)
            for f, c in changes
            if not c.moved and (c.words or c.added or c.instead is not None)
        ]
        for file, change in sorted(changes, key=_rank):
            edits += self._moves(file, change, change.moved[0]) if change.moved else ()
        for insertion in self._insertions:
            end = self._end(insertion.file)
            edits.append(
                Edit(
                    file=insertion.file,
                    first_line=insertion.before,
                    last_line=insertion.before - 1,
                    new_lines=tuple(line + end for line in insertion.lines),
                    reason="; ".join(map(_told, insertion.parts)),
                    affects=insertion.affects,
                    parts=insertion.parts,
                )
            )
        return tuple(sorted(edits, key=lambda e: (e.file, e.first_line, e.last_line)))

    def _change(self, file: str, line: int) -> _Change | None:
        statement = self.statement(file, line)
        if statement is None:
            return None
        return self._changes.setdefault((self.canonical(file), statement.first), _Change(statement))

    def _edit(self, file: str, change: _Change) -> Edit:
        statement, text = change.statement, self._texts[file]
        bodies = change.instead
        if bodies is None:
            added = b"".join(b" " + encode(word) for word in change.added)
            body = with_words(statement, change.words)
            bodies = [body.rstrip(b" \t") + added if added else body]
        last = text.line_end_of(statement)
        ends = [text.end] * (len(bodies) - 1) + [last]
        lines = tuple(body + end for body, end in zip(bodies, ends, strict=False))
        return Edit(
            file=file,
            first_line=statement.first,
            last_line=statement.last,
            new_lines=lines,
            reason="; ".join(change.reasons),
            affects=tuple(change.affects),
        )

    def _moves(self, file: str, change: _Change, before: int) -> tuple[Edit, Edit]:
        """Takes the statement and its comments away, and writes them elsewhere."""
        text, edit = self._texts[file], self._edit(file, change)
        first = text.with_comments(edit.first_line)
        if any((file, line) in self._changes for line in range(first, edit.first_line)):
            first = edit.first_line  # a comment that is changed itself
        lines = (*text.lines[first - 1 : edit.first_line - 1], *edit.new_lines)
        lines = tuple(line if line.endswith(b"\n") else line + text.end for line in lines)
        away = replace(edit, first_line=first, new_lines=())
        return away, replace(edit, first_line=before, last_line=before - 1, new_lines=lines)

    def _end(self, file: str) -> bytes:
        text = self.text(file)
        return text.end if text else b"\n"


def _told(part: Because) -> str:
    return ": ".join(filter(None, (", ".join(part.directives), part.reason)))


def _rank(item: tuple[str, _Change]) -> int:
    return item[1].moved[1] if item[1].moved else 0


def _note(change: _Change, reason: str, affects: Sequence[str]) -> None:
    if reason not in change.reasons:
        change.reasons.append(reason)
    change.affects += [label for label in affects if label not in change.affects]
