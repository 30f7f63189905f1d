"""What ``httpd -t`` says of a configuration, beside what the reader found.

httpd is right: what it refuses is the first problem, and where it accepts the configuration, what
the reader would refuse is none. httpd names one error a run, the first.

Source: httpd 2.4, server/config.c (``ap_read_config``, ``ap_process_resource_config``) and
server/main.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from wizard.masking.free_text import masked
from wizard.masking.lines import about
from wizard.model.config import Problem, SourceFile
from wizard.reference.boot import OF_THE_BOOT

_REFUSED = re.compile(r"^(?:(AH\d{5})|[^\s:]+): (?=Syntax error on line \d)", re.MULTILINE)
_PLACE = re.compile(r"Syntax error on line (\d{1,9}) of ([^\n]{1,8192}?):(?: |$)", re.MULTILINE)
_NAMED = re.compile(r"^(AH0054[34]): [^\s:]+: (bad (user|group) name ([^\n]*))$", re.MULTILINE)
_LAST = re.compile(
    r"^(?:\[[^\n]*\] )?(?:\(\d+\)[^\n:]{1,100}: )?(?:(AH\d{5}): )?"
    r"(?:(?:apache2|httpd): )?([^\n]+)\Z",
    re.MULTILINE,
)
_DEFINED = re.compile(r" defined at ([^\n]{1,8192}):(\d{1,9})$")
_ONLY_FOLLOWS = re.compile(r"(?:\A|\n)(?:\[[^\n]*\] )?AH0001[4-8]: [^\n]*\Z")
"""That the check failed, after the line that says why."""
_NO_REFUSAL = re.compile(r"AH0055[78]:|AH00112:|[Ww]arning|:(?:warn|notice|info|debug|trace\d)\]")
"""Lines that httpd goes on after; some are written without their level at start."""
_NOT_SEEN = re.compile(
    r"permission denied|does not exist|no such file|not readable|directory|cannot (?:load|open)"
    r"|could(?: not|n't) (?:load|open|read)|can't (?:load|open|read)|unable to|failed to",
    re.IGNORECASE,
)
"""What httpd says of files that it cannot see; a user who is not root sees less than the server."""
_OF_THE_BOOT = re.compile(rf"(?:^|[\s\"':])(?:{'|'.join(map(re.escape, OF_THE_BOOT))})")
_LONGEST = 1000
"""Characters of a message that are kept."""


def refused(text: str, main: str, files: Mapping[str, SourceFile], *, root: bool) -> Problem | None:
    """What a failed ``httpd -t`` refuses, in its words.

    Args:
        text: what it said; hostile.
        main: the main file, for what httpd gives no place for.
        files: the configuration's, by path as httpd names them.
        root: whether it ran as root, as the server starts. Else what it says of files may hold for
            this user only, and counts for nothing.

    Returns:
        None: it does not say so.
    """
    found = _placed(text, files) or _of_user(text, main, files)
    if found is None and root:
        found = _unplaced(text, main, files)
    if found is not None and _NOT_SEEN.search(found.message):
        unmade = _OF_THE_BOOT.search(f"{found.directive} {found.message}") is not None
        return found if root and not unmade else None
    return found


def merged(problems: Sequence[Problem], first: Problem) -> tuple[Problem, ...]:
    """The problems where httpd refuses the configuration: what it refuses comes first.

    Args:
        problems: the reader's; its own problem of that line, which says more, stands for httpd's.
        first: as ``refused`` gives it.
    """
    same = next((one for one in problems if _same(one, first)), None)
    if same is None:
        return (first, *problems)
    shown = same
    if first.line and not same.line:
        shown = replace(same, file=first.file, line=first.line, directive=first.directive)
    return (shown, *(one for one in problems if one is not same))


def accepted(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems where httpd accepts the configuration: what the reader refused is a note."""
    return tuple(_overruled(one) if one.phase == "config" else one for one in problems)


def unheard(main: str, why: str) -> Problem:
    """The note that httpd's own test tells nothing.

    Args:
        main: the main file.
        why: one sentence; hostile.
    """
    message = f"httpd -t gave no answer that counts, so only the reader's holds: {_said(why)}"
    return Problem(main, 0, message, "warning", by_httpd=True)


def carried(
    problems: Sequence[Problem], before: Sequence[Problem], files: Mapping[str, SourceFile]
) -> tuple[Problem, ...]:
    """The problems of a planned change, which httpd cannot be asked about before it is written.

    Args:
        problems: the reader's.
        before: those of the configuration on disk, with what httpd said of it.
        files: the planned ones. What httpd alone refused stays, unless its line is gone; what the
            reader refused as well, the reader judges again.
    """
    overruled = {replace(one, line=0) for one in before if one.by_httpd and one.phase == "warning"}
    found = tuple(
        note
        if one.phase == "config" and replace(note := _overruled(one), line=0) in overruled
        else one
        for one in problems
    )
    first = next((one for one in before if one.by_httpd and one.phase == "config"), None)
    if first is None:
        return found
    if not first.directive:
        return merged(found, first)
    line = next((n for n, text in _lines(files.get(first.file)) if text == first.directive), 0)
    return merged(found, replace(first, line=line)) if line else found


def _overruled(problem: Problem) -> Problem:
    said = problem.message.rstrip(".")
    return replace(
        problem,
        message=f"httpd -t accepts this line, which the reader would refuse: {said}.",
        phase="warning",
        code=None,
        slug=None,
        hint="",
        modules=(),
        by_httpd=True,
    )


def _same(one: Problem, other: Problem) -> bool:
    if one.phase == "warning":
        return False
    if other.line and (one.file, one.line) == (other.file, other.line):
        return True
    if one.message.rstrip(".") == other.message.rstrip("."):
        return True
    unplaced = not other.line or not one.line
    return unplaced and one.code is not None and one.code == other.code


def _placed(text: str, files: Mapping[str, SourceFile]) -> Problem | None:
    """What is said of a line; of nested Includes the innermost counts."""
    start = _REFUSED.search(text)
    if start is None:
        return None
    at, place = start.end(), None
    while (following := _PLACE.match(text, at)) is not None:
        at, place = following.end(), following
    if place is None:
        return None
    said = text[at:].lstrip("\n").partition("\n")[0]
    return _problem(place[2], int(place[1]), said, start[1], files)


def _unplaced(text: str, main: str, files: Mapping[str, SourceFile]) -> Problem | None:
    """The last thing that is said, for which httpd gives no line or gives it in the end."""
    last = _LAST.search(_ONLY_FOLLOWS.sub("", text.rstrip()).rstrip())
    if last is None or _NO_REFUSAL.search(last[0]):
        return None
    place = _DEFINED.search(last[2])
    file, line = (place[1], int(place[2])) if place is not None else (main, 0)
    return _problem(file, line, last[2], last[1], files)


def _of_user(text: str, main: str, files: Mapping[str, SourceFile]) -> Problem | None:
    """The name of a user or group that the system does not know, for which no line is given."""
    named = _NAMED.search(text)
    if named is None:
        return None
    wanted = [named[3], named[4]]
    for file in files.values():
        for number, line in _lines(file):
            words = line.split(None, 1)
            if len(words) == 2 and [words[0].lower(), words[1].strip("\"'")] == wanted:
                return _problem(file.path, number, named[2], named[1], files)
    return _problem(main, 0, named[2], named[1], files)


def _problem(
    file: str, line: int, said: str, code: str | None, files: Mapping[str, SourceFile]
) -> Problem:
    directive = next((text for n, text in _lines(files.get(file)) if n == line), "")
    slug = None
    if said.startswith("Invalid command '"):
        slug = "unknown-directive"
    elif " not allowed " in said and said.endswith(("here", "context")):
        slug = "directive-not-allowed-here"
    message = _said(about(said, directive) if directive else said)
    return Problem(
        file, line, message, "config", code, slug or "configuration-refused", directive,
        by_httpd=True,
    )  # fmt: skip


def _said(text: str) -> str:
    return masked(" ".join(text[:_LONGEST].split()))


def _lines(file: SourceFile | None) -> Iterator[tuple[int, str]]:
    """The logical lines of a file, each with the number of its last physical line."""
    if file is None:
        return
    begun = ""
    for number, line in enumerate(file.data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if line.endswith("\\"):
            begun += line[:-1]
        else:
            yield number, (begun + line).strip()
            begun = ""
