"""The causes that requests point to, the most likely first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wizard.logs import filling
from wizard.logs.named import NOTHING, Named
from wizard.logs.recognition import Recognition, Strength
from wizard.model.explanation import Cause

MOST_EVIDENCE = 5  # lines of a cause
_MOST_BACKENDS = 4
_MOST_CAUSES = 10  # with those that no request points to first

#: With these httpd says that it does not try a backend again yet: a line before has the cause.
_AFTER_A_FAILURE: Final = frozenset(("AH00940", "AH00959"))

_WEIGHTS = {
    Strength.CONTEXT: 0.0,
    Strength.CONSEQUENCE: 0.05,
    Strength.CLUE: 0.5,
    Strength.DECISIVE: 1.0,
}


class _Tally:
    """The evidence for one cause."""

    def __init__(self) -> None:
        self.score = 0.0
        self.count = 0
        self.certain = False
        self.named = NOTHING
        self.backends: dict[str, None] = {}
        """Of the requests that it explains."""
        self.evidence: list[tuple[int, tuple[str | None, str], str]] = []
        """Rank (the smaller, the more telling), kind and text of a line."""

    def explain(self, named: Named) -> None:
        """Take in a request that it explains, with what its lines name."""
        self.count += 1
        if named.host and not self.backends:
            self.named = named  # before, one for which it was only possible
        where = filling.place(named.host, named.port) or named.host
        if where and len(self.backends) < _MOST_BACKENDS:
            self.backends[where] = None


class Ranking:
    """Adds requests up. Its size is bounded by the number of causes there are."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._disabled: dict[str, tuple[list[tuple[Recognition, str]], Named]] = {}
        """To each host that httpd does not try for a while, what one request told."""
        self._vhosts: set[str] = set()
        """The virtual hosts that lines name, at most two: then it is not known which is meant."""

    def add(self, recognitions: Iterable[tuple[Recognition, str]], named: Named = NOTHING) -> None:
        """Count one request.

        Args:
            recognitions: the lines that say most about its cause.
            named: what its lines name.
        """
        if named.vhost and len(self._vhosts) < 2:
            self._vhosts.add(named.vhost)
        told = list(recognitions)
        if told and all(recognition.code in _AFTER_A_FAILURE for recognition, _ in told):
            if len(self._disabled) < _MOST_CAUSES:
                self._disabled.setdefault(named.host, (told, named))
            return
        self._count(told, named)

    def _count(self, recognitions: list[tuple[Recognition, str]], named: Named) -> None:
        scores: dict[str, float] = {}
        strength = Strength.CONTEXT
        seen: set[tuple[str | None, str]] = set()
        for recognition, text in recognitions:
            kind = (recognition.code, recognition.meaning)
            if kind in seen:  # said twice, it is no more likely
                continue
            seen.add(kind)
            strength = max(strength, recognition.strength)
            for place, slug in enumerate(recognition.slugs):
                weight = _WEIGHTS[recognition.strength] / (place + 1)
                scores[slug] = scores.get(slug, 0.0) + weight
                self._witness(slug, place, recognition, text)
        if not scores:
            return
        for slug, score in scores.items():
            tally = self._tallies[slug]
            tally.score += score
            if tally.named.host == named.host and named.port and not tally.named.port:
                tally.named = named
            elif not tally.named.host:  # never one request's host with another's port
                tally.named = named if named.host or not any(tally.named) else tally.named
        first = self._tallies[max(scores, key=lambda slug: scores[slug])]
        if strength > Strength.CONSEQUENCE:
            first.explain(named)
            sole = strength is Strength.DECISIVE and len(scores) == 1
            first.certain = first.certain or (
                sole and any(one.slugs and not one.other_cause for one, _ in recognitions)
            )

    @property
    def any_found(self) -> bool:
        """Whether a line pointed to the cause of at least one request."""
        return any(tally.count for tally in self._tallies.values())

    @property
    def vhost(self) -> str:
        """The virtual host that the lines are of, where they name only one; else empty."""
        return next(iter(self._vhosts)) if len(self._vhosts) == 1 else ""

    def _witness(self, slug: str, place: int, recognition: Recognition, text: str) -> None:
        tally = self._tallies.setdefault(slug, _Tally())
        rank = place - 10 * recognition.strength
        if len(tally.evidence) == MOST_EVIDENCE and rank >= tally.evidence[-1][0]:
            return
        kind = (recognition.code, recognition.meaning)
        if any(kind == known or text == line for _, known, line in tally.evidence):
            return
        tally.evidence.append((rank, kind, text))
        tally.evidence.sort(key=lambda line: line[0])
        del tally.evidence[MOST_EVIDENCE:]

    def causes(self) -> tuple[Cause, ...]:
        """The causes, those that a request points to first; then by their evidence."""
        explained = {tally.named.host for tally in self._tallies.values() if tally.count}
        for host, (told, named) in self._disabled.items():
            if not (host in explained or (self.any_found and not host)):
                self._count(told, named)
        self._disabled.clear()
        ranked = sorted(
            self._tallies.items(), key=lambda item: (item[1].count > 0, item[1].score), reverse=True
        )
        return tuple(
            _cause(slug, tally, self.vhost)
            for place, (slug, tally) in enumerate(ranked)
            if tally.count or place < _MOST_CAUSES
        )


def _cause(slug: str, tally: _Tally, vhost: str) -> Cause:
    from wizard.logs import remedies  # the catalogue is needed only when there is a cause

    named = tally.named._replace(vhost=tally.named.vhost or vhost)
    return Cause(
        slug,
        remedies.explanation(slug, named),
        tuple(text for _, _, text in tally.evidence),
        remedies=remedies.of(slug, named, certain=tally.certain),
        explains=tally.count,
        certain=tally.certain,
        backends=tuple(tally.backends),
    )
