"""Many candidates to one ``httpd -t``, the reader's answer beside httpd's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.config.accepted.generate import Candidate
from tests.config.oracle.compare import differences
from tests.config.oracle.oracle import Answer, ask_httpd, ask_reader, layout, logged
from tests.support.httpd import INSTALLED
from wizard.config.configuration import configuration
from wizard.config.preprocess.reader import read
from wizard.errors import ConfigError

MODULES = (
    *("mpm_event", "authz_core", "authz_host", "proxy", "proxy_http", "proxy_balancer"),
    *("proxy_hcheck", "slotmem_shm", "lbmethod_byrequests", "ssl", "socache_shmcb", "http2"),
    *("proxy_wstunnel", "rewrite", "alias"),
)
_NAMED = re.compile(r'Listen "?[A-Za-z][A-Za-z0-9.-]*:')
BATCH = 400
"""Candidates of one file: fewer than the reader names refusals."""


@dataclass(frozen=True)
class Disagreement:
    """What the two say differently of one candidate."""

    candidate: Candidate
    kind: str
    said: str


class Oracle:
    """Writes files of candidates into a directory and asks both.

    Args:
        root: an empty directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = 0
        head = f'ServerRoot "{root}"\nDefaultRuntimeDir "{root}"\nErrorLog /dev/null\n'
        self._head = head + INSTALLED.load(*MODULES) + "ServerName x\n"

    def disagreements(self, candidates: Sequence[Candidate]) -> Iterator[Disagreement]:
        """All that the two see differently; httpd is asked about each candidate."""
        for start in range(0, len(candidates), BATCH):
            yield from self._of_batch(list(candidates[start : start + BATCH]))

    def _of_batch(self, batch: list[Candidate]) -> Iterator[Disagreement]:
        alone = list(self._without_structure(batch))
        main, lines = self._write(batch)
        refused: dict[int, tuple[int, str]] = {}
        for line, message in _refusals(main):
            place = _place(lines, line)
            refused.setdefault(place, (line - lines[place], message))
        fine = [each for place, each in enumerate(batch) if place not in refused]
        yield from self._together(fine)
        told = [None] * len(alone) + [refused[place] for place in sorted(refused)]
        alone += [batch[place] for place in sorted(refused)]
        with ThreadPoolExecutor(2) as workers:
            answers = workers.map(self._theirs, alone)
            for each, said, found in zip(alone, told, answers, strict=True):
                if said != found[:2]:  # then the reader is asked of it alone, too
                    yield from self._compared(each, *found[2:])

    def _without_structure(self, batch: list[Candidate]) -> Iterator[Candidate]:
        """Those at which reading ends, taken out of the batch."""
        while True:
            main, lines = self._write(batch)
            try:
                read(layout(main), check_modules=True)
            except ConfigError as error:
                yield batch.pop(_place(lines, error.line))
            else:
                return

    def _together(self, fine: list[Candidate]) -> Iterator[Disagreement]:
        """Those that the reader accepts, in one file, until httpd accepts it too."""
        while fine:
            main, lines = self._write(fine)
            theirs = ask_httpd(main)
            if not theirs.message:
                return
            place = _place(lines, theirs.line)
            each = fine.pop(place)
            said = f"{theirs.line}: {theirs.message}"
            if theirs.message == "Listen setup failed" and _NAMED.match(each.text):
                continue  # a name that the resolver did not find
            # another candidate may be the cause: two Listen lines of one port
            if not ask_reader(main).message:
                yield Disagreement(each, "missed", said)

    def _theirs(self, each: Candidate) -> tuple[int, str, Path, Answer]:
        """What httpd says of one alone: the line in it and the words first."""
        main, lines = self._write([each])
        theirs = ask_httpd(main)
        return theirs.line - lines[0], theirs.message, main, theirs

    def _compared(self, each: Candidate, main: Path, theirs: Answer) -> Iterator[Disagreement]:
        ours = ask_reader(main)
        ours = replace(ours, message=ours.message.rstrip())
        if ours.message and not theirs.message:
            yield Disagreement(each, "false", ours.message)
        elif theirs.message:
            for said in differences(theirs, ours, in_macros=False):
                if not _is_masked(theirs.message, ours.message) or said.startswith("httpd refuses"):
                    yield Disagreement(each, "words" if ours.message else "missed", said)

    def _write(self, candidates: Sequence[Candidate]) -> tuple[Path, list[int]]:
        """A file of them, and the line at which each begins."""
        self._files += 1
        text = self._head
        if not any(each.text.startswith("Listen") for each in candidates):
            text += "Listen 127.0.0.9:1\n"
        lines = []
        for each in candidates:
            lines.append(text.count("\n") + 1)
            body = each.text + "\n"
            text += body if each.alone else f"<VirtualHost *:1>\n{body}</VirtualHost>\n"
        main = self._root / f"{self._files}.conf"
        main.write_text(text)
        return main, lines


def _is_masked(theirs: str, ours: str) -> bool:
    """Whether the reader says the same but for what may be a secret."""
    parts = ours.split("***")
    return len(parts) > 1 and theirs.startswith(parts[0]) and theirs.endswith(parts[-1])


def _refusals(main: Path) -> list[tuple[int, str]]:
    where = layout(main)
    problems = configuration(read(where, check_modules=True), where).problems
    return [(p.line, logged(p.message).rstrip()) for p in problems if p.phase == "config"]


def _place(lines: Sequence[int], line: int) -> int:
    """The candidate that a line belongs to."""
    return max((n for n, first in enumerate(lines) if first <= line), default=0)
