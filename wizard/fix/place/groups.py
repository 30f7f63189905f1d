"""Routes of one virtual host that can share one set of settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wizard.fix.decide import best_practice
from wizard.fix.decide.route_repair import Want
from wizard.fix.decide.temporary_exceptions import Mark
from wizard.model.config import Route


@dataclass(slots=True)
class Cluster:
    """Routes that are repaired by the same lines.

    Args:
        wants: at least one.
        settings: what they need together; the depth is the greatest of them.
    """

    wants: list[Want]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def remove(self) -> frozenset[str]:
        """Directives that must not stay."""
        return frozenset().union(*(w.remove for w in self.wants))

    @property
    def broken(self) -> frozenset[str]:
        """Directives that keep httpd from starting as they are."""
        return frozenset().union(*(w.broken for w in self.wants))

    @property
    def routes(self) -> list[Route]:
        """Its routes."""
        return [w.route for w in self.wants]

    @property
    def mark(self) -> Mark | None:
        """The exception that these routes get, if they do."""
        return next((w.mark for w in self.wants if w.mark), None)

    def excuses(self, directive: str) -> bool:
        """Whether a setting is part of a temporary exception."""
        return any(w.mark is not None and directive in w.mark.directives for w in self.wants)

    def takes(self, want: Want) -> bool:
        """Whether a further route can share the settings."""
        if (want.mark is None) != (self.mark is None):
            return False
        first = self.wants[0]
        for name in {*self.settings, *want.settings}:
            if not _counts(name, want.route) or not _counts(name, first.route):
                continue
            here = self.settings.get(name, best_practice.value(first.route, name))
            there = want.settings.get(name, best_practice.value(want.route, name))
            if here != there and name != best_practice.DEPTH:
                return False
        return all(_share_trust(other, want) for other in self.wants)

    def add(self, want: Want) -> None:
        """Takes a further route in."""
        self.wants.append(want)
        for name, text in want.settings.items():
            if name == best_practice.DEPTH:
                text = str(max(int(text), int(self.settings.get(name, "0"))))
            self.settings[name] = text

    def suits(self, route: Route, desired: str | None, directive: str, text: str) -> bool:
        """Whether a route that is not of the cluster can live with one of its settings.

        Args:
            route: the other route.
            desired: the value that it is to have, None: the one it has.
            directive: the setting.
            text: its new value.
        """
        if not _counts(directive, route):
            return True
        own = best_practice.value(route, directive) if desired is None else desired
        if directive == best_practice.DEPTH:
            return int(text) >= int(own or "0")
        return own.lower() == text.lower() or directive == "SSLProxyEngine"


def gather(wants: Sequence[Want]) -> list[Cluster]:
    """Routes of one level, put together as far as their needs allow."""
    found: list[Cluster] = []
    for want in wants:
        for cluster in found:
            if cluster.takes(want):
                cluster.add(want)
                break
        else:
            found.append(Cluster([want], dict(want.settings)))
    return found


def _counts(directive: str, route: Route) -> bool:
    """Whether a directive means anything to a route."""
    return directive == best_practice.PRESERVE_HOST or route.backend.uses_tls


def _share_trust(one: Want, other: Want) -> bool:
    """Whether one CA file can serve both: the same file, or one bundle of both anchors."""
    if one.trust is None or other.trust is None:
        return True
    if one.keep and other.keep:
        return one.trust.path == other.trust.path
    as_is = {w.trust.path for w in (one, other) if w.trust and w.trust.path and not w.keep}
    return not as_is or one.trust.path == other.trust.path
