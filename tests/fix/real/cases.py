"""The configurations of ``data``: real ones of applications behind httpd, rebuilt small.

A case begins with ``## NAME: what it is``. Its lines up to the first ``>> FILE`` say what stands
behind it and what its repair must be like:

=============  =====================================================================================
backend        NAME KIND [NAME…]: a backend, the kind of its chain, more names of its certificate;
               with ``!`` before them they are its only ones
address        NAME: the configuration names this backend by its address
led            NAME that the plan wants to lead to its backend; it does before httpd is asked again
ask            HOST PATH of a request; the first is asked of every route
lines          how many lines a patch adds to the files that are there, and takes away, at most
said           FILE:LINE[-LINE] of each comment that the plan points out; no other one is
notes          points of remarks that the plan has besides
gone           directives that are not to be left
kept           lines that are to be left as they are
alike          httpd lets nobody in before either: only what is written is weak
own            it sets something at server level: it gets an httpd of its own
crlf           its lines end with CRLF
=============  =====================================================================================

A file whose name ends in `` -`` is read by nobody but an ``Include`` of the case. In the text stand
``{at}`` and ``{plain}`` for ports of httpd, ``{port:NAME}`` for a backend's, ``{dir}`` for the
directory of the case, ``{front}`` for a certificate with its key, ``{ca:NAME}`` for what signed a
backend's chain and ``{former-ca}`` for what signed nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parent / "data"
_HEAD = re.compile(r"^## ([\w-]+): .+$", re.MULTILINE)
_FILE = re.compile(r"^>> (\S+)( -)?$", re.MULTILINE)


@dataclass
class Case:
    """A configuration, see above."""

    name: str
    facts: dict[str, list[str]]
    files: dict[str, str] = field(default_factory=dict)
    included: frozenset[str] = frozenset()

    def each(self, fact: str) -> list[list[str]]:
        """The words of every line of a fact."""
        return [line.split() for line in self.facts.get(fact, [])]

    def listed(self, fact: str) -> list[str]:
        """The parts of a fact between its commas."""
        return [
            part.strip()
            for line in self.facts.get(fact, [])
            for part in line.split(", ")
            if part.strip()
        ]


def cases() -> list[Case]:
    """All, in the order of their files."""
    return [case for file in sorted(DATA.glob("*.txt")) for case in _read(file.read_text())]


def _read(text: str) -> list[Case]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        _case(head[1], text[head.end() + 1 : end]) for head, end in zip(heads, ends, strict=True)
    ]


def _case(name: str, body: str) -> Case:
    marks = list(_FILE.finditer(body))
    case = Case(name, {})
    for line in body[: marks[0].start()].splitlines():
        fact, _, words = line.partition(":")
        case.facts.setdefault(fact, []).append(words.strip())
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    for mark, end in zip(marks, ends, strict=True):
        case.files[mark[1]] = body[mark.end() + 1 : end].rstrip("\n") + "\n"
        case.included |= {mark[1]} if mark[2] else frozenset()
    return case
