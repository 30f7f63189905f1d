"""A rehearsal in words: before, after, and where the verdict said otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wizard.model.diagnosis import Diagnosis
from wizard.model.rehearsal import FirstTry, Pretence, Reception, Rehearsal, Run, Untried
from wizard.text import printable
from wizard.wording.pieces import Piece

_TIME_AND_PROCESS = re.compile(r"^\[[^]]*\d{4}\] |\[pid [^]]*\] ")
"""Of a log line: half a narrow pane."""
_OCTETS = re.compile(r"(?:\\{1,2}[0-9A-F]{2})+")
"""Letters beyond ASCII as OpenSSL writes them in a name (RFC 4514, 2.4) and httpd into its log."""
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


def impostors(rehearsal: Rehearsal) -> Iterator[Piece]:
    """What happens to somebody else in the backend's place, before and after."""
    untried = rehearsal.last.untried
    if untried is not None:
        yield Piece("text", f"not tried: {_UNTRIED[untried]}", "an impostor")
        return
    runs = [run for run in (rehearsal.before, rehearsal.after) if run is not None]
    courses = {
        label: " → ".join(_reception(run, pretence) for run in runs)
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
    if one.first_try is not None:
        yield Piece("caution", _first_try(one.first_try))
    for line in one.errors:
        yield Piece("quote", printable(line))
    if one.certificates:
        yield Piece("text", "", "httpd verified")
    for subject in one.certificates:
        yield Piece("quote", printable(_OCTETS.sub(_letters, subject)))
    if one.log:
        yield Piece("text", "", "httpd's log at LogLevel info")
    for line in one.log:
        yield Piece("quote", printable(line if whole else _TIME_AND_PROCESS.sub("", line)))


def _first_try(one: FirstTry) -> str:
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
    decisive = f", {one.codes[0]}" if one.codes else ""
    who = "another server than the route's backend" if one.foreign else "httpd itself"
    return f"{gate}{one.status} from {who}{decisive}"


def _contradiction(one: Run, predicted: Diagnosis | None) -> Iterator[Piece]:
    if predicted is None or not _differs(one, predicted):
        return
    verdict = predicted.verdict
    yield Piece(
        "caution",
        f"the verdict was {verdict.outcome}, {verdict.status or 'no status'}: "
        f"{printable(verdict.reason or 'no reason')} The rehearsal counts.",
    )


def _differs(one: Run, predicted: Diagnosis) -> bool:
    verdict = predicted.verdict
    if verdict.outcome == "unknown" or predicted.case.route.shadowed_by is not None:
        return False  # nothing was predicted, or not for the route that answers
    if not one.started:
        return verdict.outcome == "ok"
    return one.proxied != (verdict.outcome == "ok")
