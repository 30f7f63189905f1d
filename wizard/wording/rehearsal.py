"""A rehearsal in words: before, after, and where the verdict said otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from wizard.model.diagnosis import Diagnosis, Verdict
from wizard.model.rehearsal import (
    FirstTry,
    Pretence,
    Reception,
    Rehearsal,
    Run,
    SentCookie,
    Untried,
)
from wizard.model.route_id import RouteId
from wizard.text import printable
from wizard.wording.pieces import Piece, Role
from wizard.wording.route import several

_TIME_AND_PROCESS = re.compile(r"^\[[^]]*\d{4}\] |\[pid [^]]*\] ")
"""Of a log line: half a narrow pane."""
_OCTETS = re.compile(r"(?:\\{1,2}[0-9A-F]{2})+")
"""Letters beyond ASCII as OpenSSL writes them in a name (RFC 4514, 2.4) and httpd into its log."""
_OF_READING = frozenset({"AH01992", "AH10404"})
"""Codes of lines that only say that reading ended; a later one says what was wrong with it."""
_CERTIFICATE = re.compile(r" \[subject: .*")
"""The end of a log line about a certificate, which is shown by itself."""
_RECEPTIONS = {
    Reception.LET_IN: "let in",
    Reception.REFUSED: "refused",
    Reception.PLAIN: "no TLS, so whoever answers is believed",
    Reception.NOT_ASKED: "not asked",
    Reception.UNCLEAR: "unclear",
}
_SHOWING = {
    Pretence.MADE_UP_CA: "an impostor with a made-up CA",
    Pretence.SELF_SIGNED: "a self-signed impostor",
}
_ENDS = {"backend": "the backend", "httpd": "the throw-away httpd"}
_MOST_COOKIES = 5
_LONGEST = 200
"""Characters of a Location, or of what is told of a cookie."""
_UNTRIED = {
    Untried.SOCKET: "the backend listens on a unix domain socket",
    Untried.NO_NETWORK: "the system gives the throw-away httpd no network of its own",
}


def pieces(
    rehearsal: Rehearsal, before: Diagnosis | None = None, after: Diagnosis | None = None
) -> Iterator[Piece]:
    """One rehearsal.

    Args:
        rehearsal: of a route.
        before: what was predicted for it; None: nothing was.
        after: what was predicted for the patched configuration.
    """
    request = f"GET {printable(rehearsal.path)}, Host {printable(rehearsal.host)}"
    yield Piece("heading", f"{printable(rehearsal.route.label)}: {request}")
    yield from run("before" if rehearsal.after else "now", rehearsal.before)
    yield from _contradiction(rehearsal.before, before)
    if rehearsal.after is not None:
        yield from run("after", rehearsal.after)
        yield from _contradiction(rehearsal.after, after)
    yield from impostors(rehearsal)
    for note in rehearsal.notes:
        yield Piece("note", printable(note), "note")


def rows(
    played: Sequence[Rehearsal],
    before: Mapping[RouteId, Diagnosis],
    after: Mapping[RouteId, Diagnosis],
    meaning: Callable[[str], str],
) -> Iterator[Piece]:
    """Rehearsals in a few rows each; routes of one virtual host with the same outcome together.

    Args:
        played: the rehearsals.
        before: what was predicted, by route; empty: nothing was.
        after: what was predicted for the patched configuration.
        meaning: what a log line of httpd's means; empty: not known.
    """

    def outcome(one: Rehearsal) -> Iterator[Piece]:
        yield Piece("heading", course(one))
        last = one.last
        if not last.proxied:
            yield from decisive(last, meaning)
        elif last.certificates:
            yield Piece("text", _chain(last.certificates), _looked(last))
        yield from answers(one)
        yield from impostors(one)
        for each, predicted in ((one.before, before), (one.after, after)):
            if each is not None:
                yield from _contradiction(each, predicted.get(one.route))
        if last.first_try is not None:
            yield Piece("caution", first_try(last.first_try))

    for labels, told in _grouped(played, outcome):
        first, *others = told
        yield first._replace(text=f"{labels}   {first.text}")
        yield from others
    yield from _notes(played)


def brief(played: Sequence[Rehearsal]) -> Iterator[Piece]:
    """The answers before and after, and what becomes of an impostor; as ``rows``, without proof.

    Args:
        played: before and after a plan.
    """

    def outcome(one: Rehearsal) -> Iterator[Piece]:
        yield Piece(_role(one.last), course(one))
        yield from (answers(one) if one.after is not None and one.changes_answer else ())

    for labels, (first, *others) in _grouped(played, outcome):
        yield first._replace(text=f"{labels}   {first.text}")
        yield from others
    met = list(_grouped(played, impostors))
    for labels, told in met:
        for piece in told:
            whose = f" at {labels}" if len(met) > 1 and piece.label else ""
            yield piece._replace(label=f"{piece.label}{whose}")
    yield from _notes(played)


def course(rehearsal: Rehearsal) -> str:
    """The answers before and after, printable."""
    before = summary(rehearsal.before)
    if rehearsal.after is None:
        return before
    after = summary(rehearsal.after)
    return f"{before}, before and after" if after == before else f"{before}  ->  {after}"


def answers(rehearsal: Rehearsal) -> Iterator[Piece]:
    """Where the answers lead a client, and which cookies it gets: before and after."""
    runs = [run for run in (rehearsal.before, rehearsal.after) if run is not None]
    for label, texts in (
        ("Location", [_location(run) for run in runs]),
        ("Set-Cookie", [_cookies(run.cookies) for run in runs]),
    ):
        if any(texts):
            told = dict.fromkeys(text or "none" for text in texts)
            yield Piece("text", "  ->  ".join(told), label)


def _location(one: Run) -> str:
    return printable(one.location, _LONGEST) if one.location is not None else ""


def _cookies(cookies: Sequence[SentCookie]) -> str:
    """Names, Path and Domain of cookies."""
    shown = [printable(_cookie(one), _LONGEST) for one in cookies[:_MOST_COOKIES]]
    more = len(cookies) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more else shown)


def _cookie(one: SentCookie) -> str:
    path = f" Path={one.path}" if one.path is not None else ""
    domain = f" Domain={one.domain}" if one.domain is not None else ""
    return f"{one.name}{path}{domain}"


def _role(last: Run) -> Role:
    return "text" if last.proxied else "caution"


def _grouped(
    played: Sequence[Rehearsal], told: Callable[[Rehearsal], Iterable[Piece]]
) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """The routes of each virtual host of which the same is told, and that."""
    groups: dict[tuple[str | None, tuple[Piece, ...]], list[str]] = {}
    for one in played:
        key = (one.route.server_name, tuple(told(one)))
        groups.setdefault(key, []).append(one.route.label)
    for (_, pieces), labels in groups.items():
        yield several(labels), pieces


def _notes(played: Sequence[Rehearsal]) -> Iterator[Piece]:
    """In what the rehearsals are not the real thing, each once."""
    for note in dict.fromkeys(note for one in played for note in one.notes):
        yield Piece("note", printable(note), "note")


def _looked(one: Run) -> str:
    """What httpd did with the certificates of a run: verified is only what keeps others out."""
    return "httpd verified" if one.proxied and one.keeps_out else "httpd looked at"


def decisive(last: Run, meaning: Callable[[str], str]) -> Iterator[Piece]:
    """The line that says why no backend's answer came, and what it means.

    Args:
        last: a run without one.
        meaning: what a log line of httpd's means; empty: not known.
    """
    telling = [one for one in last.codes if one not in _OF_READING] or last.codes
    code = telling[0] if telling else ""
    lines = [line for line in last.log if code and code in line] or last.errors
    for line in lines[:1]:
        said = _CERTIFICATE.sub("", line[max(0, line.find(code)) :])
        yield Piece("text", printable(_TIME_AND_PROCESS.sub("", said)), "httpd's log")
        told = meaning(line)
        if told:
            yield Piece("text", printable(told), "that means")


def _chain(subjects: Sequence[str]) -> str:
    """The backend's certificate first, and up to which one it was verified."""
    named = [printable(_OCTETS.sub(_letters, subject)) for subject in subjects]
    return f"{named[-1]}, up to {named[0]}" if len(named) > 1 else named[0]


def impostors(rehearsal: Rehearsal) -> Iterator[Piece]:
    """What happens to somebody else in the backend's place, before and after."""
    untried = rehearsal.last.untried
    if untried is not None:
        yield Piece("text", f"not tried: {_UNTRIED[untried]}", "an impostor")
        return
    runs = [run for run in (rehearsal.before, rehearsal.after) if run is not None]
    courses = {
        label: " -> ".join(dict.fromkeys(_reception(run, pretence) for run in runs))
        for pretence, label in _SHOWING.items()
    }
    if len(set(courses.values())) == 1:
        courses = dict.fromkeys(("an impostor",), courses.popitem()[1])
    for label, course in courses.items():
        yield Piece("text", course, label)
    if rehearsal.last.lets_in:
        yield Piece(
            "alarm",
            "An impostor is let in: whoever answers at the backend's address gets the requests.",
        )


def met(one: Run) -> str:
    """What one run did with impostors; empty: none was tried."""
    words = {label: _reception(one, pretence) for pretence, label in _SHOWING.items()}
    if not one.impostors:
        return ""
    if len(set(words.values())) == 1:
        return next(iter(words.values()))
    return ", ".join(
        f"{word} ({label.removeprefix('an impostor with ')})" for label, word in words.items()
    )


def _reception(one: Run, pretence: Pretence) -> str:
    """What one run did with one impostor, in a word or two."""
    found = [each.reception for each in one.impostors if each.pretence is pretence]
    return _RECEPTIONS[found[0] if found else Reception.NOT_ASKED]


def run(label: str, one: Run, *, whole: bool = True) -> Iterator[Piece]:
    """One run: status, certificates, log lines.

    Args:
        label: which run.
        one: of a rehearsal.
        whole: log lines with their time and process.
    """
    yield Piece("text", summary(one), label)
    if one.location is not None:
        yield Piece("text", _location(one), "Location")
    if one.cookies:
        yield Piece("text", _cookies(one.cookies), "Set-Cookie")
    if one.first_try is not None:
        yield Piece("caution", first_try(one.first_try))
    for line in one.errors:
        yield Piece("quote", printable(line))
    if one.certificates:
        yield Piece("text", "", _looked(one))
    for subject in one.certificates:
        yield Piece("quote", printable(_OCTETS.sub(_letters, subject)))
    if one.log:
        yield Piece("text", "", "httpd's log at LogLevel info")
    for line in one.log:
        yield Piece("quote", printable(line if whole else _TIME_AND_PROCESS.sub("", line)))


def lines(one: Run) -> Iterator[str]:
    """What httpd logged in one run, printable, without times and processes."""
    for line in (*one.errors, *one.log):
        yield printable(_TIME_AND_PROCESS.sub("", line))


def first_try(one: FirstTry) -> str:
    """That a request was made twice, and what to do about it."""
    who = f": {_ENDS[one.hung_up]} hung up first" if one.hung_up is not None else ""
    decisive = f", {one.codes[0]}" if one.codes else ""
    return (
        f"asked twice: the first request got {one.status}{decisive}{who}. If that happens in "
        "operation, too, read the backend's log at that moment."
    )


def _letters(octets: re.Match[str]) -> str:
    """The letters that escaped octets stand for, or the octets if they stand for none."""
    try:
        return bytes.fromhex(octets[0].replace("\\", "")).decode()
    except UnicodeDecodeError:
        return octets[0]


def summary(one: Run) -> str:
    """One run in a few words, printable."""
    if not one.started:
        return "httpd does not start"
    if one.status is None:
        return printable(one.error or "no answer")
    gate = (
        f"{one.kept_out} from httpd's access control; with that set aside "
        if one.kept_out is not None
        else ""
    )
    if one.proxied:
        return f"{gate}{one.status} from the backend"
    who = "another server than the route's backend" if one.foreign else "httpd"
    return f"{gate}{one.status} from {who}"


def _contradiction(one: Run, predicted: Diagnosis | None) -> Iterator[Piece]:
    if predicted is None or not _differs(one, predicted):
        return
    verdict = _compared(one, predicted)
    what = "works" if verdict.outcome == "ok" else "fails"
    yield Piece(
        "caution",
        f"check predicts that it {what} ({verdict.status or 'no status'}): "
        f"{printable(verdict.reason or 'no reason')} The rehearsal counts.",
    )


def _compared(one: Run, predicted: Diagnosis) -> Verdict:
    """What was predicted of the request: access control is set aside once it has answered."""
    return predicted.verdict if one.kept_out is None else predicted.reached


def _differs(one: Run, predicted: Diagnosis) -> bool:
    verdict = _compared(one, predicted)
    if verdict.outcome == "unknown" or predicted.case.route.shadowed_by is not None:
        return False  # nothing was predicted, or not for the route that answers
    if not one.started:
        return verdict.outcome == "ok"
    if verdict.answers_itself:
        return one.proxied or one.status != verdict.status
    return one.proxied != (verdict.outcome == "ok")
