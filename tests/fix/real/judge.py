"""What is wrong with the repair of a case, in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.fix.real.cases import Case
from tests.fix.real.world import HONEST, IMPOSTORS, Site
from wizard import config
from wizard.wording import remarks

Answers = Mapping[str, Mapping[str, list[str]]]
"""Face to case to the answers of its requests."""


def faults(site: Site, before: Answers, after: Answers) -> list[str]:
    """What is wrong with a case; empty where all is as it should be."""
    return [
        *_served(site.case, before, after),
        *_policies(site),
        *_counted(site),
        *_places(site),
        *_comments(site),
        *_rest(site),
    ]


def _served(case: Case, before: Answers, after: Answers) -> Iterator[str]:
    """httpd's own word: right answers, none of an impostor, and it was not so before."""
    right = {f"answer of {name}" for name, *_ in case.each("backend")}
    name = case.name
    if not set(after[HONEST][name]) <= right:
        yield f"answers {after[HONEST][name]}"
    yield from (f"{face} is let in" for face in IMPOSTORS if set(after[face][name]) & right)
    worked = set(before[HONEST][name]) <= right
    if (
        worked
        and "alike" not in case.facts
        and not any(set(before[face][name]) & right for face in IMPOSTORS)
    ):
        yield "nothing was wrong with it"


def _policies(site: Site) -> Iterator[str]:
    for route in config.load(str(site.main)).routes:
        tls, who = route.tls, route.id.label
        if route.backend.uses_tls:
            strict = tls.engine.value and tls.verify.value == "require"
            if not (strict and tls.checks_name and tls.check_peer_expire.value):
                yield f"{who} is not strict"


def _counted(site: Site) -> Iterator[str]:
    counts = [0, 0]
    for line in changes(site):
        counts[line[0] == "-"] += 1
    told = f"+{counts[0]} -{counts[1]}"
    if told != site.case.facts["lines"][0]:
        yield f"the patch is {told}"


def changes(site: Site) -> Iterator[str]:
    """The lines that a patch adds to the files that are there, and takes away."""
    for file, old in site.before.items():
        new = (site.directory / file).read_bytes().decode().split("\n")
        for line in difflib.ndiff(old.decode().split("\n"), new):
            if line.startswith(("+ ", "- ")):
                yield line


def _places(site: Site) -> Iterator[str]:
    for file, old in site.before.items():
        new = (site.directory / file).read_bytes().decode().split("\n")
        was = old.decode().split("\n")
        codes = difflib.SequenceMatcher(None, was, new, autojunk=False).get_opcodes()
        for tag, _, _, begin, end in codes:
            for at in range(begin, end) if tag != "equal" else ():
                yield from (f"{file}: {new[at]!r} {why}" for why in _misplaced(new, at))


def _misplaced(lines: list[str], at: int) -> Iterator[str]:
    """A new line is indented as a neighbour, and follows its host's SSLProxyEngine."""
    text = lines[at]
    near = [one for one in (lines[at - 1], lines[at + 1]) if one.strip()]
    low = [line.strip().lower() for line in lines]
    if low[at].startswith("</"):
        begins = low[at].replace("</", "<").rstrip(">")
        near = [lines[max(n for n in range(at) if low[n].startswith(begins))]]
    if _depth(text) not in {_depth(one) for one in near}:
        yield "is indented otherwise"
    if text.endswith("\r") != lines[0].endswith("\r"):
        yield "ends otherwise"
    host = max((n for n in range(at) if low[n].startswith("<virtualhost")), default=0)
    end = next((n for n in range(at, len(low)) if low[n].startswith("</virtualhost")), at)
    engine = [n for n in range(host, end) if low[n].startswith("sslproxyengine")]
    if low[at].startswith("sslproxy") and engine and engine[0] > at:
        yield "stands above SSLProxyEngine"


def _depth(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _comments(site: Site) -> Iterator[str]:
    assert site.repair is not None
    plan, said = site.repair.plan, []
    told = " ".join(remarks.sentence(note) for note in plan.notes)
    for one in plan.comments:
        lines = f"{one.line}-{one.last_line}" if one.last_line > one.line else f"{one.line}"
        said.append(f"{Path(one.file).relative_to(site.directory)}:{lines}")
        if f"{one.file}:{one.line}" not in told or one.text not in told:
            yield f"{said[-1]} is not told"
    if said != site.case.listed("said"):
        yield f"points out {said}"
    for file, old in site.before.items():
        if _written(old.decode()) != _written((site.directory / file).read_text()):
            yield f"{file}: rewrites a comment"


def _written(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def _rest(site: Site) -> Iterator[str]:
    assert site.repair is not None
    yield from (f"leaves {one.finding.slug}" for one in site.repair.plan.unresolved)
    led = [one.name for one in site.repair.plan.conditions]
    if led != site.case.listed("led"):
        yield f"waits for {led}"
    points = {note.point.value for note in site.repair.plan.notes}
    if ("host-changes" in points) != ("host-changes" in site.case.listed("notes")):
        yield f"has the notes {sorted(points)}"
    new = "".join((site.directory / file).read_text() for file in site.case.files)
    yield from (f"{name} is left" for name in site.case.listed("gone") if name in new)
    yield from (f"{line} is gone" for line in site.case.listed("kept") if line not in new)
