"""Evidence as it stands in the configuration's files, without what is secret in it."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from wizard.config.syntax import logical_lines
from wizard.findings.evidence import PLACE
from wizard.masking import lines as masking
from wizard.model.config import SourceFile
from wizard.model.diagnosis import Finding
from wizard.text import escaped, printable

_LINE = re.compile(rb"[^\n]*(?:\n|[^\n]\Z)")
_CONTINUED = (b"\\\n", b"\\\r\n")
_LONGEST = 240
"""Characters of a line that proves something."""


class Written:
    """The lines of a configuration, by file and number.

    Args:
        files: of the configuration, as they were read.
    """

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        self._files = files
        self._ends: dict[str, array[int]] = {}

    def line(self, file: str, number: int) -> str:
        """The logical line that ends on a line of a file, masked; empty: there is none."""
        if file not in self._files:
            return ""
        data = self._files[file].data
        if file not in self._ends:  # no more is kept of a file, which may have a million lines
            self._ends[file] = array("q", [0])
            self._ends[file].extend(found.end() for found in _LINE.finditer(data))
        ends = self._ends[file]
        if not 0 < number < len(ends):
            return ""
        first = number - 1
        while first and data.endswith(_CONTINUED, 0, ends[first]):
            first -= 1
        lines = logical_lines.split(data[ends[first] : ends[number]])
        return masking.configuration([lines.texts[-1] if lines.texts else ""])[0].expandtabs()

    def proof(self, finding: Finding) -> Iterator[tuple[str, bool]]:
        """The lines that prove a finding at a glance, ready to print.

        Args:
            finding: whose place is shown above them, and is not repeated.

        Returns:
            Each line, and whether it is the one at that place.
        """
        for line in dict.fromkeys(finding.proof):
            found = PLACE.match(line)
            if found is None:
                yield printable(_default(line), _LONGEST), False
                continue
            text = self._as_written(found[1], line[found.end() :])
            there = found[1] == finding.place
            yield text if there else f"{escaped(short(found[1]))}  {text}", there

    def _as_written(self, place: str, told: str) -> str:
        """A line of a file as it stands there, unless what is told of it says more."""
        file, _, number = place.rpartition(":")
        line = self.line(file, int(number))
        name = line.partition(" ")[0].casefold()
        if name and name in told.casefold() and not told.startswith(f"{line}:"):
            return escaped(line, _LONGEST)
        return printable(told, _LONGEST)


def short(place: str) -> str:
    """``FILE:LINE`` without the directories."""
    return PurePath(place).name


def _default(line: str) -> str:
    """``SSLProxyVerify none (httpd's default)`` of a directive that nothing sets."""
    if not line.startswith("default  "):
        return line
    text = line.removeprefix("default  ").removesuffix(" (no directive sets it)")
    return f"{text} (httpd's default)"
