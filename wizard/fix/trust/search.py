"""The certificates of this machine, in the order in which a CA is looked for among them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from wizard.fix.source.draft import Draft
from wizard.fix.trust import guarded, stores
from wizard.fix.trust.directories import Walk
from wizard.fix.trust.guarded import NotGuardedError
from wizard.fix.trust.stores import Places, Store
from wizard.model.certificate import Certificate
from wizard.model.config import Configuration, TlsPolicy
from wizard.model.plan import Lies
from wizard.model.remark import Point, Remark, remark
from wizard.record import record
from wizard.reference import misspelt
from wizard.reference.ssl_proxy_directives import DIRECTIVES

_NAMES_CAS = (DIRECTIVES["ca_certificate_file"], DIRECTIVES["ca_certificate_path"])
_REFUSED = ("unknown-directive", "directive-not-allowed-here")
_DEPTH = 3
"""Levels below a directory for CAs that are looked through."""
_MOST_PLACES = 12
"""Directories that are named as searched."""
MOST_PASSED_OVER = 10
"""Files and directories that are named as passed over."""


@record
class Source:
    """Certificates of one kind of place.

    Args:
        where: the words for it.
        stores: its files.
        lies: which kind.
        vouched: it is what the route names as its CAs, the system's trust store, or what its
            administrator added to that: a CA in it may be trusted unasked.
        of_interest: all its authorities are, not only one that signed the chain in question.
    """

    where: str
    stores: Sequence[Store]
    lies: Lies = "machine"
    vouched: bool = False
    of_interest: bool = True


class Search:
    """The certificates of this machine, each source read when it is first asked for.

    Args:
        configuration: files that it names, and those beside them, are looked at too.
        places: directories and bundles of this machine.
    """

    def __init__(self, configuration: Configuration, places: Places) -> None:
        self._configuration = configuration
        self._places = places
        self._passed_over: dict[str, Remark] = {}

    def sources(self, policy: TlsPolicy) -> Iterator[Source]:
        """Sources in order of preference: first those that may be trusted unasked.

        Args:
            policy: of the route. httpd may not see the CAs in what it names: a file in DER, a
                directory without hashed names.
        """
        own = [
            store
            for path in (policy.ca_certificate_file.value, policy.ca_certificate_path.value)
            if path and not self.is_system_bundle(path)
            for store in self._at(path)
            if store.path == path or Path(store.path).parent == Path(path)  # not below it
        ]
        added = "among the CAs added to this system's trust store"
        system = "in this system's trust store"
        yield Source("in what this route names as its CAs", own, "trusted", vouched=True)
        yield Source(added, self._local, "added", vouched=True)
        yield Source(system, self._system, "system", vouched=True, of_interest=False)
        yield Source("in a file that this configuration names", self._named, "named")
        yield Source("beside the site's other certificates", self._beside, "site")
        yield Source("beside the configuration", self._own, "beside")
        yield Source("on this machine", self._loose, of_interest=False)

    def near(self, path: str) -> str:
        """The configuration's file that a file lies beside, or below whose directory it lies.

        Args:
            path: of a store of the source ``beside``.

        Returns:
            The main file where it lies beside several; ServerRoot's directory where no file of the
            configuration lies there; empty if it lies elsewhere.
        """
        below = [home for home in self._homes if _is_below(path, home)]
        return self._homes[max(below, key=len)] if below else ""

    @property
    def passed_over(self) -> tuple[Remark, ...]:
        """What was not considered so far, since others could have changed it; at most
        ``MOST_PASSED_OVER``, and how many there were besides."""
        told = list(self._passed_over.values())
        left = len(told) - MOST_PASSED_OVER
        more = [remark(Point.NOT_CONSIDERED_EITHER, count=left)] if left > 0 else []
        return (*told[:MOST_PASSED_OVER], *more)

    @cached_property
    def public(self) -> frozenset[str]:
        """SHA-256 of the system's authorities that its administrator did not add."""
        added = {c.sha256 for store in self._local for c in store.certificates}
        there = {c.sha256 for store in self._system for c in store.certificates}
        return frozenset(there - added)

    def is_system_bundle(self, path: str) -> bool:
        """Whether a path is that of a system's trust store, on this machine or another."""
        own = {os.path.realpath(bundle) for bundle in self._places.bundles}
        return path in self._places.bundles or os.path.realpath(path) in own

    @cached_property
    def refused(self) -> tuple[str, ...]:
        """What lines that httpd refuses (misspelt, or in the wrong place) name as CAs of backends.

        For which routes they were meant is not known: such a line may stand in a macro, say.
        """
        draft = Draft(self._configuration.files)
        found: dict[str, None] = {}
        for problem in self._configuration.problems:
            line = draft.statement(problem.file, problem.line)
            if line is None or problem.slug not in _REFUSED or "proxy" not in line.name:
                continue
            if misspelt.nearest(line.name) in _NAMES_CAS:
                found |= dict.fromkeys(word.value for word in line.words[:1])
        return tuple(path for path in found if not self.is_system_bundle(path))

    @cached_property
    def intermediates(self) -> tuple[Certificate, ...]:
        """CAs found near the site that are not self-signed: they may fill gaps."""
        return _intermediates((*self._named, *self._beside, *self._local))

    @cached_property
    def all_intermediates(self) -> tuple[Certificate, ...]:
        """These, and those that lie elsewhere on this machine."""
        return (*self.intermediates, *_intermediates((*self._own, *self._loose)))

    @property
    def looked_in(self) -> tuple[str, ...]:
        """The places of this machine that are searched, as far as they exist; at most
        ``_MOST_PLACES``, and how many there are besides."""
        system = ["the system's trust store"] if self._system else []
        directories = (*self._places.local, *self._parents, *self._places.loose, *self._homes)
        there = [path for path in dict.fromkeys(directories) if _is_searched(path)]
        within = [path for path in there if not any(_is_below(path, other) for other in there)]
        more = len(within) - _MOST_PLACES
        told = [f"{more} more directories"] if more > 0 else []
        return (*system, *within[:_MOST_PLACES], *told)

    @property
    def files(self) -> int:
        """How many files with certificates are there."""
        near = (*self._named, *self._beside, *self._own)
        every = (*self._local, *self._system, *near, *self._loose)
        return len({os.path.realpath(store.path) for store in every})

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return stores.named_by(self._configuration)

    @cached_property
    def _named(self) -> list[Store]:
        found: list[Store] = []
        for path in self._paths:
            if self.is_system_bundle(path):
                continue  # comes as the system's bundle
            found += self._at(path)
        return found

    @cached_property
    def _beside(self) -> list[Store]:
        return [s for parent in self._parents for s in self._directory(parent)]

    @cached_property
    def _parents(self) -> tuple[str, ...]:
        """The directories of what the configuration names."""
        parents = dict.fromkeys(str(Path(path).parent) for path in self._paths)
        skipped = {"/", *self._places.local, *self._places.loose}
        return tuple(parent for parent in parents if parent not in skipped)

    @cached_property
    def _homes(self) -> dict[str, str]:
        """The directories of the configuration itself, each with its file there."""
        made = self._configuration
        files = [path for file, one in made.files.items() for path in (file, one.real_path)]
        homes: dict[str, str] = {}
        for path in (made.root, *files):
            homes.setdefault(str(Path(path).parent), path)
        homes = {made.server_root: homes.get(made.server_root, made.server_root), **homes}
        return {home: path for home, path in homes.items() if home != "/"}

    @cached_property
    def _local(self) -> list[Store]:
        places = self._places.local
        return [s for path in places for s in Walk(self._pass_over).stores(path, depth=_DEPTH)]

    @cached_property
    def _system(self) -> list[Store]:
        return [store for path in self._places.bundles for store in self._file(path)]

    @property
    def _own(self) -> list[Store]:
        """In the configuration's own directories, and those below them."""
        return self._walked[0]

    @property
    def _loose(self) -> list[Store]:
        return self._walked[1]

    @cached_property
    def _walked(self) -> tuple[list[Store], list[Store]]:
        """Bounded in all: what is in the configuration's own directories comes first."""
        walk = Walk(self._pass_over, self._places.packaged if self._system else ())
        own = [store for path in self._homes for store in walk.stores(path)]
        own = [store for store in own if not self._is_of_system(store.path)]
        places = self._places.loose
        return own, [s for path in places for s in walk.stores(path, depth=_DEPTH)]

    def _is_of_system(self, path: str) -> bool:
        """Whether a file comes as one of the system's."""
        added = any(_is_below(path, directory) for directory in self._places.local)
        return added or self.is_system_bundle(path)

    def _at(self, path: str) -> Sequence[Store]:
        return list(self._directory(path)) if Path(path).is_dir() else self._file(path)

    def _directory(self, path: str) -> Iterator[Store]:
        return Walk(self._pass_over).stores(path)

    def _file(self, path: str) -> list[Store]:
        try:
            store = stores.read(path)
        except NotGuardedError as error:
            self._pass_over(error, path)
            return []
        return [store] if store.certificates else []

    def _pass_over(self, error: NotGuardedError, path: str) -> None:
        """Remembers what others could have changed: once for each such place."""
        place = error.place
        if place not in self._passed_over and os.path.lexists(path):
            way = f"{path}/".startswith(f"{place.rstrip('/')}/")
            told = {} if way else {"file": path}
            point = Point.NOT_CONSIDERED if way else Point.NOT_CONSIDERED_BY_LINK
            self._passed_over[place] = remark(point, place=place, who=error.who, **told)


def _intermediates(found: Sequence[Store]) -> tuple[Certificate, ...]:
    return tuple(c for store in found for c in store.certificates if c.is_ca and not c.self_issued)


def _is_searched(directory: str) -> bool:
    try:
        with guarded.opened(directory) as descriptor:
            return stat.S_ISDIR(os.fstat(descriptor).st_mode)
    except (NotGuardedError, OSError, ValueError):
        return False


def _is_below(path: str, other: str) -> bool:
    return path.startswith(f"{other.rstrip('/')}/")
