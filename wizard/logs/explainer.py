"""Explain what an operator pastes: error logs, codes, output of openssl and curl.

The input is read as a stream: memory is bounded whatever its length, and each line is looked at
once, with expressions that cannot backtrack without bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wizard.logs import below_log_level, filling, recognise, side
from wizard.logs.error_pages import untagged
from wizard.logs.failing import Failing
from wizard.logs.incidents import Incident, Tracker
from wizard.logs.log_line import LINE_LIMIT, LogEntry, body, is_access_log, parse, uncoloured
from wizard.logs.ranking import Ranking
from wizard.logs.recognition import Recognition, Strength
from wizard.logs.s_client_chain import PresentedChain
from wizard.logs.wrapping import continued, is_cut, retyped, unprefixed, unwrapped
from wizard.model.explanation import ExplainedLine, Explanation
from wizard.reference.log_levels import LEVELS

LINES_KEPT: Final = 500
"""Lines given back one by one; after that only the first of each kind."""
_KINDS_KEPT: Final = 500
_DETAILED: Final = frozenset(LEVELS[LEVELS.index("info") :])
_NOISE_KEPT: Final = 4096
_NOISE_LENGTH: Final = 500  # characters: longer lines are hardly repeated


def explain(lines: Iterable[str]) -> Explanation:
    """Say what lines mean, and which cause they point to together.

    Args:
        lines: of an error log of httpd 2.2 or 2.4 in any format, log codes, verify errors, output
            of ``openssl s_client``, curl, ``apachectl configtest`` …; hostile and of any number.
            A line longer than 4096 characters counts only that far.

    Returns:
        The causes, the most likely first; empty when nothing was recognised.
    """
    explainer = _Explainer()
    for line in lines:
        explainer.feed(line)
    return explainer.result()


class _Explainer:
    def __init__(self) -> None:
        self._tracker = Tracker()
        self._ranking = Ranking()
        self._chain = PresentedChain()
        self._kept: list[ExplainedLine] = []
        self._kinds: set[tuple[str | None, str]] = set()
        self._read = 0
        self._recognised = 0
        self._failing = Failing()
        self._hidden = {True: 0, False: 0}
        self._modules = True
        self._shown = False
        self._noise: set[str] = set()
        self._refused = False
        self._no_ca = False
        self._unverified = False
        self._held: tuple[str, LogEntry] | None = None
        """A line whose end is the next line, most likely, and the same, taken apart."""

    def feed(self, line: str) -> None:
        """Take the next line in."""
        self._read += 1
        text = retyped(untagged(unwrapped(uncoloured(line[:LINE_LIMIT]).rstrip())))
        if self._held:
            held, self._held = self._held, None
            whole = continued(held[0], text) if len(held[0]) < LINE_LIMIT else ""
            if not whole:
                self._take_text(*held)
            text = whole or text
        if not text or is_access_log(text):
            return
        entry = parse(text)
        if entry.code is not None and is_cut(text, entry):
            self._held = text, entry
        else:
            self._take_text(text, entry)

    def _take_text(self, text: str, entry: LogEntry) -> None:
        if entry.level and not entry.module and not entry.code:
            self._modules = False  # 2.2 writes [error]; 2.4 writes [proxy:error]
        elif entry.module == "ssl" and entry.level in _DETAILED:
            self._shown = True
        refused, self._refused = self._refused, _is_refusal(entry)
        if entry.code is not None:
            known = recognise.of_entry(entry)
            if known is not None or not entry.level:
                self._take_line(known, entry, text)
                return
        text = unprefixed(text)
        if not text:
            return
        chain = self._chain.feed(text)
        if chain is not None:
            self._take_line(chain, entry, text)
            return
        if refused:
            self._take_line(recognise.of_refusal(text), entry, text)
        elif (noise := body(entry.message)) not in self._noise and not self._without_code(
            entry, text
        ):
            self._remember_noise(noise)

    def _without_code(self, entry: LogEntry, text: str) -> bool:
        """Take a line without log code in, if it is recognised."""
        recognition = recognise.of_text(text, entry)
        if recognition is not None:
            if self._tracker.about_client(entry):
                recognition = side.of_front(recognition)
            elif entry.level.startswith(
                "trace"
            ):  # its consequence has a line of its own, with a code
                recognition = recognition._replace(
                    strength=min(recognition.strength, Strength.CONSEQUENCE)
                )
            self._take_line(recognition, entry, text)
            return True
        mentioned = list(recognise.codes_in(text))
        for recognition in mentioned:
            self._take(recognition, entry, text)
        self._recognised += bool(mentioned)
        return bool(mentioned)

    def _remember_noise(self, noise: str) -> None:
        """Remember a line without meaning here: most lines are such, and they are repeated."""
        if len(noise) > _NOISE_LENGTH:
            return
        if len(self._noise) >= _NOISE_KEPT:
            self._noise.clear()
        self._noise.add(noise)

    def _take_line(self, recognition: Recognition | None, entry: LogEntry, text: str) -> None:
        if recognition is not None:
            self._recognised += 1
            self._take(recognition, entry, text)

    def _take(self, recognition: Recognition, entry: LogEntry, text: str) -> None:
        if recognition.code == "AH01897":
            self._no_ca = True
        elif recognition.openssl == 20 and self._no_ca:
            others = (slug for slug in recognition.slugs if slug != "ca-not-configured")
            recognition = recognition._replace(slugs=("ca-not-configured", *others))
        said = recognition
        if self._tracker.is_front(recognition.code, entry):
            said = side.of_front(recognition)
        elif recognition.openssl in (20, 21):
            self._unverified = True
        self._keep(said, text)
        if said.slugs or said.strength >= Strength.CONSEQUENCE:
            self._failing.line(text)
        for incident in self._tracker.add(recognition, entry, text):
            self._count(incident)

    def _keep(self, recognition: Recognition, text: str) -> None:
        kind = (recognition.code, recognition.meaning)
        if len(self._kept) >= LINES_KEPT and (
            kind in self._kinds or len(self._kept) >= LINES_KEPT + _KINDS_KEPT
        ):
            return
        self._kinds.add(kind)
        meaning, slugs = recognition.told(), recognition.slugs
        self._kept.append(
            ExplainedLine(text, recognition.code, recognition.openssl, meaning, slugs)
        )

    def _count(self, incident: Incident) -> None:
        tls = incident.tls or incident.handshake_failed
        named = incident.named.settled(tls=tls)
        if incident.failed:
            self._failing.request(named, incident.status, hidden=incident.hidden)
        if incident.hidden:
            self._hidden[bool(incident.thread)] += 1
            self._ranking.add(below_log_level.candidates(incident), named)
        else:
            told = incident.conclude()
            if incident.hides_more:
                told += [
                    (s._replace(code=None), text)
                    for s, text in below_log_level.candidates(incident)
                ]
            self._ranking.add(told, named)

    def result(self) -> Explanation:
        """What all lines so far mean."""
        if self._held:
            self._take_text(*self._held)
        conclusion = self._chain.conclusion()
        if conclusion is not None and self._unverified:
            recognition, text = conclusion
            for incident in self._tracker.add(recognition, LogEntry(None, text), text):
                self._count(incident)
        for incident in self._tracker.rest():
            self._count(incident)
        # Without marks of threads the line that names a cause may stand among another's lines.
        unmarked = 0 if self._ranking.any_found else self._hidden[False]
        concealed = self._hidden[True] + unmarked
        causes = self._ranking.causes()
        return Explanation(
            causes,
            tuple(self._kept),
            below_log_level.text(modules=self._modules, shown=self._shown) if concealed else None,
            self._read,
            self._recognised,
            self._failing.result(self._ranking.vhost),
            filling.deciding(self._ranking.vhost) if causes or concealed else "",
        )


def _is_refusal(entry: LogEntry) -> bool:
    """Whether httpd says where its configuration is wrong, and why only in the next line."""
    return "Syntax error on line " in entry.message and entry.message.endswith(":")
