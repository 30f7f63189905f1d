"""An explained log in words: what happened in one paragraph, then the causes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from wizard.text import printable
from wizard.wording.diagnosis import reasons
from wizard.wording.pieces import Piece

if TYPE_CHECKING:
    from wizard.model.explanation import Cause, ExplainedLine, Explanation, Failures

_MOST_CAUSES = 8
"""Explained; the others are named."""
_MOST_LINES = 3
"""Lines of the input that are shown for a cause."""
_MOST_NAMED = 3
"""Causes that the paragraph names, and backends."""
_SHORT = 120
"""Characters of a meaning that the paragraph has room for."""
_TIME = len("10:00:00")
_PLACE = re.compile(r"Syntax error on line (\d{1,9}) of (\S{1,300}):$")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z`]|httpd )")
_BRACKETS = re.compile(r"^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [^\]]*\](?: \[[^\]]*\])* ")
"""Time, module, process and peer before httpd's own words."""


def lead(found: Explanation) -> Iterator[Piece]:
    """What happened, in one paragraph, and the next command.

    Args:
        found: in the log.
    """
    yield Piece("text", printable(summary(found)))
    if found.command:
        yield Piece("command", printable(found.command))


def causes(
    found: Explanation, here: Collection[str] = (), *, whole: bool = False
) -> Iterator[Piece]:
    """What the log hides, then the causes, the most likely first.

    Args:
        found: in the log.
        here: findings of the route that is looked at; a cause that is one of them is marked.
        whole: every line of evidence, and all that is known of each possible cause.
    """
    if found.hidden:
        yield Piece("heading", "The cause is hidden")
        yield Piece("caution", printable(found.hidden))
    for number, cause in enumerate(found.causes[:_MOST_CAUSES], 1):
        times = f" ({cause.explains} times)" if cause.explains > 1 else ""
        known = "  (also found here by probing)" if cause.slug in here else ""
        possible = "" if cause.certain or known else " (possible)"
        yield Piece("heading", f"{number}. {cause.slug}{known}{times}{possible}")
        if cause.explains > 0 or (number == 1 and not found.hidden):
            yield from reasons(cause if whole else _shorter(cause, found))
        else:
            yield Piece(
                "text", printable(cause.explanation if whole else _first(cause.explanation))
            )
    others = [cause.slug for cause in found.causes[_MOST_CAUSES:]]
    if others:
        yield Piece("text", f"Also possible: {', '.join(others)}.")


def _shorter(cause: Cause, found: Explanation) -> Cause:
    """Without what stands elsewhere: lines that point to another cause first, and the command that
    comes first."""
    first = {line.text: line.slugs[0] for line in found.lines if line.slugs}
    own = tuple(line for line in cause.evidence if first.get(line) == cause.slug)
    return cause._replace(
        explanation=unsaid(found, cause.explanation),
        evidence=(own or cause.evidence)[:_MOST_LINES],
        remedies=tuple(one for one in cause.remedies if one.command != found.command),
    )


def summary(found: Explanation) -> str:
    """What happened, why, and what to do next: a paragraph of two to four sentences.

    Args:
        found: in the input.

    Returns:
        Text that is not escaped yet. ``found.command`` belongs behind it.
    """
    if not found.lines_recognised:
        lines = f"{found.lines_read} line{'s' if found.lines_read != 1 else ''} read"
        return (
            f"Nothing was recognised ({lines}). Give lines of httpd's error log (not the access "
            "log), an AH code such as AH02276, or the output of `openssl s_client` or `curl -v`."
        )
    happened = _requests(found) if found.failures.requests else _said(found)
    return " ".join(filter(None, (happened, _why(found), _next(found))))


def unsaid(found: Explanation, text: str) -> str:
    """A text without its first sentence, where the paragraph says that already.

    Args:
        found: whose paragraph it is.
        text: ours.
    """
    first = _first(text)
    return text[len(first) :].lstrip() if first.rstrip(".") in summary(found) else text


def _requests(found: Explanation) -> str:
    """How many requests failed, to which backends, when, and what their clients got."""
    failures = found.failures
    several = failures.requests > 1
    named = len(_named(found)) > 1  # with their backends
    to = f" to {_listed(failures.backends)}" if failures.backends and not named else ""
    site = f" of virtual host {failures.vhost}" if failures.vhost else ""
    got = _statuses(failures.statuses)
    client = "their clients" if several else "its client"
    answer = f"; {client} got {got}" if got else ""
    return f"{_upper(_many(failures.requests))}{to}{site} failed{_when(failures)}{answer}."


def _statuses(said: Sequence[str]) -> str:
    """What clients got; where that differs, the numbers alone."""
    if len(said) < 2:
        return "".join(said)
    *most, last = sorted({one[:3] for one in said})
    return f"{', '.join(most)} or {last}" if most else last


def _many(requests: int) -> str:
    return f"{requests} requests" if requests > 1 else "one request"


def _when(failures: Failures) -> str:
    first, last = failures.first, failures.last
    if not first or first == last:
        return f" ({first})" if first else ""
    same_day = first[:-_TIME] == last[:-_TIME]
    return f" ({first} to {last[-_TIME:] if same_day else last})"


def _said(found: Explanation) -> str:
    """What the line says that tells most, in its first sentence."""
    if not found.causes and len({(line.code, line.meaning) for line in found.lines}) > 1:
        return ""
    telling = found.causes[0].evidence[0] if found.causes else ""
    line = next((one for one in found.lines if one.text == telling), found.lines[0])
    meaning = _first(line.meaning).rstrip(".")
    if len(meaning) > _SHORT and (end := meaning.find(": ", _SHORT // 3)) > 0:
        meaning = meaning[:end]
    count = found.causes[0].explains if found.causes else 0
    times = f", {count} times{_when(found.failures)}" if count > 1 else _where(found)
    return f"{label(line)}: {meaning}{times}." if line.code else f"{_upper(meaning)}{times}."


def _where(found: Explanation) -> str:
    """The line of the configuration that httpd complains of."""
    place = next(filter(None, (_PLACE.search(line.text) for line in found.lines)), None)
    return f" ({place[2]}:{place[1]})" if place else ""


def _named(found: Explanation) -> list[Cause]:
    """The causes that a request or a start points to."""
    return [cause for cause in found.causes if cause.explains]


def _why(found: Explanation) -> str:
    named, hidden = _named(found), found.failures.hidden
    if not found.causes and not found.hidden:
        return "No line points to a fault between httpd and a backend; below is what each says."
    if not named and found.hidden:
        return "These lines do not say why; how to make the log say it stands below."
    if len(named) > 1:
        why = f"The lines point to {len(named)} causes: {_counted(named)}."
    else:
        why = _one((named or found.causes)[0], found.failures, len(found.causes) - 1)
    if found.hidden and hidden:
        why += f" For {_many(hidden)} no line names the cause."
    return why


def _one(cause: Cause, failures: Failures, others: int) -> str:
    title = f"{cause.slug}: {_first(cause.explanation)}"
    if cause.certain:
        part = 0 < cause.explains < failures.requests
        return f"The cause{f' of {cause.explains} of them' if part else ''} is {title}"
    if not others:
        return f"The likely cause is {title}"
    possible = f"{others} others are possible." if others > 1 else "One other is possible."
    return f"The likeliest cause is {title} {possible}"


def _counted(named: Sequence[Cause]) -> str:
    each = (
        f"{cause.slug} ({cause.explains}"
        f"{''.join(f', {one}' for one in cause.backends[:1])}"
        f"{' and others' if len(cause.backends) > 1 else ''})"
        for cause in named
    )
    return _listed(tuple(each))


def _next(found: Explanation) -> str:
    if not found.command:
        return ""
    named = _named(found)
    if named and all(cause.certain for cause in named) and not found.hidden:
        return "The next command checks how it is now, and says what to do:"
    return "The next command connects as httpd does, and decides it:"


def label(line: ExplainedLine) -> str:
    """What stands for a line where its meaning is told."""
    number = f"error {line.openssl}" if line.openssl is not None else ""
    return line.code or number or printable(_BRACKETS.sub("", line.text.strip()), 100)


def _first(text: str) -> str:
    """The first sentence."""
    return _SENTENCE.split(text)[0]


def _listed(words: Sequence[str]) -> str:
    if len(words) > _MOST_NAMED:
        return f"{', '.join(words[:_MOST_NAMED])} and others"
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
