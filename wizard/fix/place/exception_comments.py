"""Where the comments of temporary exceptions are written: above what they excuse, once each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wizard.fix.decide import temporary_exceptions
from wizard.fix.place.groups import Group
from wizard.fix.source.draft import Draft
from wizard.model.plan import Because

REASON = "temporary exception"
_NEAR = 3
"""Lines below the first one that share its comment: with what is inserted between them they stay
within its reach (``exceptions``)."""


@dataclass(slots=True)
class ExceptionComments:
    """The lines of one group that an exception excuses, until their comments are written.

    Args:
        draft: takes the comments.
        group: its exception, if it has one.
    """

    draft: Draft
    group: Group
    _lines: list[tuple[str, int, int, bytes, str]] = field(default_factory=list)

    def changed(self, file: str, line: int, directive: str) -> None:
        """A directive was changed where it stands."""
        statement = self.draft.statement(file, line)
        if self.group.excuses(directive) and statement is not None:
            setting = self._setting(directive, self.group.settings)
            place = self.draft.canonical(file), statement.first, statement.last
            self._lines.append((*place, statement.indent, setting))

    def above(self, file: str, before: int, settings: Mapping[str, str]) -> list[str]:
        """The comment that new lines begin with; empty if one above does, or none is due.

        Args:
            file: where they are inserted.
            before: before which line.
            settings: directive to value.
        """
        excused = [self._setting(name, settings) for name in settings if self.group.excuses(name)]
        name = self.draft.canonical(file)
        for other, first, _, indent, _ in self._lines:
            if other == name and 0 < before - first <= _NEAR:
                self._lines += [(name, before, before, indent, setting) for setting in excused]
                return []
        return self._comment(excused)

    def write(self) -> None:
        """Write the comments above what was changed where it stands."""
        waiting = sorted(self._lines)
        while waiting:
            file, first, _, indent, _ = waiting[0]
            under = [w for w in waiting if w[0] == file and w[2] - first <= _NEAR] or waiting[:1]
            body = self._comment([setting for *_, setting in under])
            self.draft.insert(file, first, indent, body, (Because((), REASON),))
            waiting = [w for w in waiting if w not in under]

    def _comment(self, settings: Sequence[str]) -> list[str]:
        new = self.group.new_exception
        if new is None or not settings:
            return []
        return [temporary_exceptions.comment(new.until, new.slug, list(dict.fromkeys(settings)))]

    @staticmethod
    def _setting(directive: str, settings: Mapping[str, str]) -> str:
        return f"{directive} {settings[directive]}"
