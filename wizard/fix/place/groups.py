"""Routes of one virtual host that can share one set of settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wizard.fix.decide import best_practice
from wizard.fix.decide.route_repair import RouteRepair
from wizard.fix.decide.temporary_exceptions import NewException
from wizard.model.config import Route


@dataclass(slots=True)
class Group:
    """Routes that are repaired by the same lines.

    Args:
        repairs: at least one.
        settings: what each of them needs.
    """

    repairs: list[RouteRepair]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def remove(self) -> frozenset[str]:
        """Directives that must not stay."""
        return frozenset().union(*(w.remove for w in self.repairs))

    @property
    def broken(self) -> frozenset[str]:
        """Directives that keep httpd from starting as they are."""
        return frozenset().union(*(w.broken for w in self.repairs))

    @property
    def routes(self) -> list[Route]:
        """Its routes."""
        return [w.route for w in self.repairs]

    @property
    def new_exception(self) -> NewException | None:
        """The exception that these routes get, if they do."""
        return next((w.new_exception for w in self.repairs if w.new_exception), None)

    def excuses(self, directive: str) -> bool:
        """Whether a setting is part of a temporary exception."""
        new = (repair.new_exception for repair in self.repairs)
        return any(one is not None and directive in one.directives for one in new)

    def takes(self, repair: RouteRepair) -> bool:
        """Whether a further route can share the settings."""
        if (repair.new_exception is None) != (self.new_exception is None):
            return False
        first = self.repairs[0]
        for name in {*self.settings, *repair.settings}:
            if not best_practice.counts(repair.route, name) or not best_practice.counts(
                first.route, name
            ):
                continue
            here = self.settings.get(name, best_practice.value(first.route, name))
            there = repair.settings.get(name, best_practice.value(repair.route, name))
            if here != there:
                return False
        return all(_share_trust(other, repair) for other in self.repairs)

    def add(self, repair: RouteRepair) -> None:
        """Takes a further route in."""
        self.repairs.append(repair)
        self.settings.update(repair.settings)

    def suits(self, route: Route, desired: str | None, directive: str, text: str) -> bool:
        """Whether one of the settings also suits a route outside the group.

        Args:
            route: the other route.
            desired: the value that it is to have, None: the one it has.
            directive: the setting.
            text: its new value.
        """
        if not best_practice.counts(route, directive):
            return True
        own = best_practice.value(route, directive) if desired is None else desired
        if desired is None and directive == "SSLProxyCheckPeerName" and not route.tls.checks_name:
            own = "off"  # it may be SSLProxyCheckPeerCN that says so
        fold = str if directive == best_practice.CA_FILE else str.lower
        return fold(own) == fold(text)


def gather(repairs: Sequence[RouteRepair]) -> list[Group]:
    """Routes of one level, put together as far as their needs allow."""
    found: list[Group] = []
    for repair in repairs:
        for group in found:
            if group.takes(repair):
                group.add(repair)
                break
        else:
            found.append(Group([repair], dict(repair.settings)))
    return found


def _share_trust(one: RouteRepair, other: RouteRepair) -> bool:
    """Whether one CA file can serve both: httpd is to trust the very same for them."""
    both = (one, other)
    if not all(best_practice.counts(repair.route, best_practice.CA_FILE) for repair in both):
        return True
    return len({ca_file(repair) for repair in both}) == 1


def ca_file(repair: RouteRepair) -> str | frozenset[str]:
    """What the CA file of a route is to be: a file that is there, or SHA-256 of what to write."""
    if repair.anchors:
        return repair.anchors
    return best_practice.value(repair.route, best_practice.CA_FILE)
